"""What the command writes, and where: output, and complaints."""

import errno
import os
import sys
from contextlib import suppress
from typing import TextIO

from headertls.report.escape import escape


def find_stdout() -> TextIO:
    """Give the standard output.

    Raises:
        OSError: The process was started without one.
    """
    # Python has none when the process was started with it closed, and `print` is silent then.
    stdout: TextIO | None = sys.stdout
    if stdout is None:
        raise OSError(errno.EBADF, "the standard output is closed")
    return stdout


def print_text(text: str) -> None:
    """Print *text*, whatever letters the output can take, and an end of line.

    Raises:
        OSError: It cannot be written.
    """
    encoding = getattr(find_stdout(), "encoding", None) or "utf-8"
    shown = text.encode(encoding, "backslashreplace").decode(encoding)
    print(shown, flush=True)  # noqa: T201  # this is the command's output


def complain(text: str) -> None:
    """Tell *text* on the standard error, as one line that cannot steer a terminal.

    Whether anybody listens has no bearing on what the command does.
    """
    if stderr := getattr(sys, "stderr", None):
        with suppress(OSError):
            print(f"headertls: {escape(text)}", file=stderr, flush=True)


def complain_of_input(title: str, error: OSError) -> None:
    """Tell why an input or a file, called *title*, cannot be read or written."""
    complain(f"{title}: {error.strerror or error}")


def discard_output() -> None:
    """Python flushes once more at its exit: give it a place to write to."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), find_stdout().fileno())
