"""What the command exits with."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final


class Status(IntEnum):
    """What the command exits with."""

    DONE = 0
    FOUND = 1
    """A finding reached the level of `--fail-on`."""
    FAILED = 2
    """An input or a file of settings could not be read, an argument is wrong, or the output could
    not be written."""
    INTERRUPTED = 130
    """As shells report SIGINT."""
    PIPE_CLOSED = 141
    """As shells report SIGPIPE."""


class MailStatus(IntEnum):
    """What a command in the path of mail exits with, by `sysexits.h`, which mail servers read.

    There is none for wrong arguments and settings: servers would bounce all mail for them.
    """

    DONE = 0
    TRY_AGAIN = 75
    """EX_TEMPFAIL: the server keeps the message, and calls again."""
    REFUSED = 77
    """EX_NOPERM: the server sends the message back."""


IN_PATH: Final = frozenset({"filter"})
"""The commands that mail servers call."""


def choose_failure(arguments: Sequence[str]) -> Status | MailStatus:
    """Choose what to exit with when the command that *arguments* ask for cannot even be begun."""
    command = next((word for word in arguments if not word.startswith("-")), "")
    return MailStatus.TRY_AGAIN if command in IN_PATH else Status.FAILED
