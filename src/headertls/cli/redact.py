"""`headertls redact`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from headertls.cli.printing import complain_of_input, print_text
from headertls.cli.statuses import Status
from headertls.cli.streams import STDIN_ARGUMENT, drain, name_input, open_stdin
from headertls.redaction import redact


def redact_message(
    file: Annotated[str, Parameter(name="FILE", show_default=False)] = STDIN_ARGUMENT, /
) -> Status:
    """Print the header of a message so that it can be shown in public.

    Names, addresses, users, ids and texts are replaced, and times are moved,
    all by the same span; fields that do not bear on the transport are left
    out. "headertls trace" says of the result what it says of the message. Look
    at the result before you post it.

    For example:
        headertls redact message.eml > header.txt

    Args:
        file: The file to read; "-", or none at all, is the standard input.
    """
    try:
        shown = _redact(file)
    except OSError as error:
        complain_of_input(name_input(file), error)
        return Status.FAILED
    if shown:
        print_text(shown.removesuffix("\n"))
    return Status.DONE


def _redact(name: str) -> str:
    if name != STDIN_ARGUMENT:
        return redact(Path(name))
    stream = open_stdin()
    shown = redact(stream)
    drain(stream)
    return shown
