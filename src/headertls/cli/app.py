"""The program, before it has any command."""

from importlib.metadata import version
from typing import Final

from cyclopts import App, Parameter

from headertls.cli.values import read_value

_HELP: Final = """\
How was this e-mail transported, and how do we know?

For example:
    headertls trace message.eml
    headertls trace --explain message.eml
    headertls scan Maildir
    headertls calibrate --site site.toml Maildir > learned.toml
    headertls forms Maildir > forms.txt
    headertls redact message.eml > header.txt
    headertls trace --help
"""

app: Final = App(
    name="headertls",
    help=_HELP,
    version=lambda: version("headertls"),
    help_format="plaintext",
    default_parameter=Parameter(converter=read_value),
)
