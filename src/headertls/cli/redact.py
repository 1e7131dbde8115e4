"""`headertls redact`."""

from pathlib import Path

from headertls.cli.options import FileArgument
from headertls.cli.printing import complain_of_input, print_text
from headertls.cli.statuses import Status
from headertls.cli.streams import STDIN_ARGUMENT, drain, is_stdin, name_input, open_stdin
from headertls.redaction import redact


def redact_message(file: FileArgument = Path(STDIN_ARGUMENT), /) -> Status:
    """Do what `help` says."""
    try:
        shown = _redact(file)
    except OSError as error:
        complain_of_input(name_input(file), error)
        return Status.FAILED
    if shown:
        print_text(shown.removesuffix("\n"))
    return Status.DONE


def _redact(path: Path) -> str:
    if not is_stdin(path):
        return redact(path)
    stream = open_stdin()
    shown = redact(stream)
    drain(stream)
    return shown
