"""The commands, by their names: each has a module of its own."""

from headertls.cli.app import app
from headertls.cli.completion import completion
from headertls.cli.filter_help import HELP as FILTER_HELP
from headertls.cli.mailbox_help import CALIBRATE, FORMS, SCAN
from headertls.cli.milter_help import HELP as MILTER_HELP
from headertls.cli.redact import redact_message
from headertls.cli.schema import schema
from headertls.cli.trace import trace

__all__ = ["app"]

app.command(trace, usage="Usage: headertls trace [OPTIONS] [FILE|-]...")
# They need much more than the others, so each is loaded when it is called.
for name, text in (("scan", SCAN), ("calibrate", CALIBRATE), ("forms", FORMS)):
    app.command(
        f"headertls.cli.{name}:{name}",
        name=name,
        help=text,
        usage=f"Usage: headertls {name} [OPTIONS] PATH...",
    )
app.command(
    "headertls.cli.filter:filter_message",
    name="filter",
    help=FILTER_HELP,
    usage="Usage: headertls filter [OPTIONS] [-- COMMAND...]",
)
# It needs an extra.
app.command(
    "headertls.cli.milter:milter",
    name="milter",
    help=MILTER_HELP,
    usage="Usage: headertls milter --socket PLACE --authserv-id NAME [OPTIONS]",
)
app.command(redact_message, name="redact", usage="Usage: headertls redact [FILE|-]")
app.command(schema)
app.command(completion, usage="Usage: headertls completion SHELL")
