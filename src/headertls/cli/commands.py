"""The commands, by their names: each has a module of its own."""

from headertls.cli.app import app
from headertls.cli.completion import completion
from headertls.cli.redact import redact_message
from headertls.cli.scan import scan
from headertls.cli.schema import schema
from headertls.cli.trace import trace

__all__ = ["app"]

app.command(trace, usage="Usage: headertls trace [OPTIONS] [FILE|-]...")
app.command(scan, usage="Usage: headertls scan [OPTIONS] PATH...")
app.command(redact_message, name="redact", usage="Usage: headertls redact [FILE|-]")
app.command(schema)
app.command(completion, usage="Usage: headertls completion SHELL")
