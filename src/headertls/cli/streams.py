"""What the command reads: files by name, and the standard input."""

import sys
from typing import BinaryIO, Final, TextIO

STDIN: Final = "-"

# cyclopts would take a lone `-` for an option; NUL is in no argument that a process can get.
STDIN_ARGUMENT: Final = "\0"
"""What commands get for `-`."""

CHUNK: Final = 1 << 16


def name_input(name: str) -> str:
    """Call an input, given by the *name* of a file or as `STDIN_ARGUMENT`, as people would.

    >>> name_input(STDIN_ARGUMENT)
    'standard input'
    """
    return "standard input" if name == STDIN_ARGUMENT else name


def open_stdin() -> BinaryIO:
    """Give the octets of the standard input.

    Raises:
        OSError: The process was started without one.
    """
    # Python has none when the process was started with it closed.
    stdin: TextIO | None = sys.stdin
    if stdin is None:
        raise OSError("is closed")
    return stdin.buffer


def drain(stream: BinaryIO) -> None:
    """Read the rest: who writes to us is not to find the pipe closed before the message ends."""
    while stream.read(CHUNK):
        pass
