"""The commands, by their names: each has a module of its own, loaded when it is called.

A process that handles one message feels each module that it loads.
"""

from headertls.cli import help as texts
from headertls.cli.app import app

__all__ = ["app"]

for place, usage, text in (
    ("trace:trace", "[OPTIONS] [FILE|-]...", texts.TRACE),
    ("scan:scan", "[OPTIONS] PATH...", texts.SCAN),
    ("calibrate:calibrate", "[OPTIONS] PATH...", texts.CALIBRATE),
    ("forms:forms", "[OPTIONS] PATH...", texts.FORMS),
    ("filter:filter_message", "[OPTIONS] [-- COMMAND...]", texts.FILTER),
    ("milter:milter", "--socket PLACE --authserv-id NAME [OPTIONS]", texts.MILTER),
    ("redact:redact_message", "[FILE|-]", texts.REDACT),
    ("schema:schema", "", texts.SCHEMA),
    ("completion:completion", "SHELL", texts.COMPLETION),
):
    name = place.partition(":")[0]
    app.command(
        f"headertls.cli.{place}",
        name=name,
        help=text,
        usage=f"Usage: headertls {name} {usage}".rstrip(),
    )
