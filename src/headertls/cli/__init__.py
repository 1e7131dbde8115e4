"""The command line: arguments and exit codes, nothing else."""

import sys

from headertls.cli.statuses import Status, choose_failure

try:
    from headertls.cli.run import main
except ModuleNotFoundError as missing:
    if missing.name != "cyclopts":
        raise
    sys.stderr.write("headertls: the command line needs more: pip install 'headertls[cli]'\n")
    raise SystemExit(choose_failure(sys.argv[1:])) from None
# loading takes a moment, in which somebody may think again
except KeyboardInterrupt:
    raise SystemExit(Status.INTERRUPTED) from None

__all__ = ["main"]
