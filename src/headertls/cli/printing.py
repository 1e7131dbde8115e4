"""What the command writes, and where: output, and complaints."""

import os
import sys
from contextlib import suppress

from headertls.report.escape import escape


def print_text(text: str) -> None:
    """Print *text*, whatever letters the output can take, and an end of line."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    shown = text.encode(encoding, "backslashreplace").decode(encoding)
    print(shown, flush=True)  # noqa: T201  # this is the command's output


def complain(text: str) -> None:
    """Tell *text* on the standard error, as one line that cannot steer a terminal."""
    if stderr := getattr(sys, "stderr", None):
        print(f"headertls: {escape(text)}", file=stderr, flush=True)


def complain_of_input(title: str, error: OSError) -> None:
    """Tell why an input or a file, called *title*, cannot be read or written."""
    complain(f"{title}: {error.strerror or error}")


def discard_output() -> None:
    """Python flushes once more at its exit: give it a place to write to."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
