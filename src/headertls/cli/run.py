"""From arguments to an exit status."""

import sys
from collections.abc import Sequence
from pathlib import Path

from cyclopts import CycloptsError

from headertls.cli.commands import app
from headertls.cli.printing import complain, discard_output, find_stdout
from headertls.cli.statuses import Status, choose_failure
from headertls.cli.streams import STDIN, STDIN_ARGUMENT


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        arguments: Without the program's name; those of the process when left out.
    """
    tokens = sys.argv[1:] if arguments is None else arguments
    try:
        return _run([STDIN_ARGUMENT if token == STDIN else token for token in tokens])
    except KeyboardInterrupt:
        return Status.INTERRUPTED
    except BrokenPipeError:
        discard_output()
        return Status.PIPE_CLOSED
    except OSError as error:
        discard_output()
        complain(f"cannot write: {error.strerror}")
        return Status.FAILED


def _run(tokens: Sequence[str]) -> int:
    try:
        command, bound, *_ = app.parse_args(tokens, print_error=False, exit_on_error=False)
    except CycloptsError as error:
        text = str(error).replace(STDIN_ARGUMENT, STDIN)
        tried = " ".join(("headertls", *app.parse_commands(tokens)[0], "--help"))
        complain(f"{' '.join(text.split())} Try: {tried}")
        return choose_failure(tokens)
    if Path(STDIN_ARGUMENT) in bound.kwargs.values():
        complain(f"{STDIN}: is the standard input, and no file for an option")
        return choose_failure(tokens)
    # `--help` and `--version` are commands, too, which have a console and return nothing.
    if "console" in bound.arguments:
        from headertls.cli.console import make_console  # noqa: PLC0415  # slow to load

        find_stdout()
        bound.arguments["console"] = make_console()
    return command(*bound.args, **bound.kwargs) or Status.DONE
