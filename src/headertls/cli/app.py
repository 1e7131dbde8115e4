"""The commands, by their names: each has a module of its own."""

from importlib.metadata import version
from typing import Final

from cyclopts import App

from headertls.cli.redact import redact_message
from headertls.cli.schema import schema
from headertls.cli.trace import trace

app: Final = App(
    name="headertls",
    help="How was this e-mail transported, and how do we know?",
    version=lambda: version("headertls"),
    help_format="plaintext",
)
app.command(trace, usage="Usage: headertls trace [OPTIONS] [FILE|-]...")
app.command(redact_message, name="redact", usage="Usage: headertls redact [FILE|-]")
app.command(schema)
