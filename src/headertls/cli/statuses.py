"""What the command exits with."""

from enum import IntEnum


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
