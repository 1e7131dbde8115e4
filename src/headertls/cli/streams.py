"""What the command reads: files by name, and the standard input."""

import io
import sys
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from headertls.cli.printing import complain

STDIN: Final = "-"

# cyclopts would take a lone `-` for an option; NUL is in no argument that a process can get.
STDIN_ARGUMENT: Final = "\0"
"""What commands get for `-`."""

CHUNK: Final = 1 << 16

HINT: Final = "paste a message or its header, then press Ctrl-D on an empty line"
"""Said where a person would else look at an empty line."""


def is_stdin(path: Path) -> bool:
    """Tell whether `-` was given in the place of a file."""
    return str(path) == STDIN_ARGUMENT


def name_input(path: Path) -> str:
    """Call an input as people would.

    >>> name_input(Path(STDIN_ARGUMENT))
    'standard input'
    """
    return "standard input" if is_stdin(path) else str(path)


def open_stdin() -> BinaryIO:
    """Give the octets of the standard input; of a terminal, all that is typed or pasted.

    Raises:
        OSError: The process was started without one.
    """
    # Python has none when the process was started with it closed.
    stdin: TextIO | None = sys.stdin
    if stdin is None:
        raise OSError("is closed")
    if not stdin.buffer.isatty():
        return stdin.buffer
    complain(HINT)
    # In one go: a terminal's end is told once, and who reads again waits for another one.
    return io.BytesIO(stdin.buffer.read())


def drain(stream: BinaryIO) -> None:
    """Read the rest: who writes to us is not to find the pipe closed before the message ends."""
    while stream.read(CHUNK):
        pass
