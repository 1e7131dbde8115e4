"""The command line: arguments and exit codes, nothing else."""

import os
import sys
from collections.abc import Iterator, Sequence
from enum import IntEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

from headertls.analysis import analyze, attached
from headertls.models import Severity, Trace
from headertls.report.escape import escape
from headertls.report.ndjson import write_json_line
from headertls.report.text import explain, write_heading

try:
    from cyclopts import App, CycloptsError, Parameter
    from rich.console import Console

    from headertls.report.table import render
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in {"cyclopts", "rich"}:
        raise
    sys.stderr.write("headertls: the command line needs: pip install 'headertls[cli]'\n")
    raise SystemExit(2) from None


class Status(IntEnum):
    """What the command exits with."""

    DONE = 0
    FOUND = 1
    """A finding reached the level of `--fail-on`."""
    FAILED = 2
    """An input could not be read, an argument was wrong, or the output could not be written."""
    INTERRUPTED = 130
    """As a shell reports SIGINT."""
    PIPE_CLOSED = 141
    """As a shell reports SIGPIPE."""


STDIN: Final = "-"

# cyclopts takes a lone `-` for an option; no argument of a process can hold NUL.
_STDIN_TOKEN: Final = "\0"

app: Final = App(
    name="headertls",
    help="How was this e-mail transported, and how do we know?",
    version=lambda: version("headertls"),
    help_format="plaintext",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        arguments: Without the program's name; those of the process when left out.
    """
    tokens = sys.argv[1:] if arguments is None else arguments
    try:
        return _run([_STDIN_TOKEN if token == STDIN else token for token in tokens])
    except KeyboardInterrupt:
        return Status.INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return Status.PIPE_CLOSED
    except OSError as error:
        _discard_output()
        _complain(f"cannot write: {_describe(error)}")
        return Status.FAILED


@app.command(usage="Usage: headertls trace [OPTIONS] [FILE|-]...")
def trace(
    *files: Annotated[str, Parameter(name="FILE")],
    json: Annotated[bool, Parameter(negative="")] = False,
    explain: Annotated[bool, Parameter(negative="")] = False,
    attached: Annotated[bool, Parameter(negative="")] = False,
    fail_on: Severity | None = None,
) -> int:
    """Show how messages were transported, and flag plaintext hops.
    """
    return 0
