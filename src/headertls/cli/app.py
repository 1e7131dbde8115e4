"""The program, before it has any command."""

from importlib.metadata import version
from typing import Final

from cyclopts import App

app: Final = App(
    name="headertls",
    help="How was this e-mail transported, and how do we know?",
    version=lambda: version("headertls"),
    help_format="plaintext",
)
