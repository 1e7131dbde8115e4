"""The header of one message: `read_message`."""

import re
from typing import Final

from headertls.source.careful import read_carefully
from headertls.source.clean import read_clean
from headertls.source.message import Message
from headertls.source.opening import Source, read_head

# `C:\mail\a.eml` and `file:///mail/a.eml` have the form of a field.
_LOCATION: Final = re.compile(r"(?:[A-Za-z]:[\\/]|[A-Za-z]+://)[^\r\n]*")


def read_message(source: Source) -> Message:
    """Read the header of the one message that *source* holds.

    The body is never read: of a file, chunks are read until the blank line has come.

    Args:
        source: The octets or the text of a message, or of a header block alone, also as pasted
            from a mail client; the path of a file; a file opened in binary mode, which is read
            from where it stands; or a message of the standard library.

    Raises:
        TypeError: *source* is of another type, or a file opened in text mode.
        ValueError: *source* is a `str` without any header field.
        OSError: The file cannot be read.

    >>> read_message("Received: from a.example by b.example; date").received
    ('from a.example by b.example; date',)
    """
    data = source if isinstance(source, bytes) else read_head(source)
    message = read_clean(data)
    if message is None:
        message = read_carefully(data)
    if isinstance(source, str) and not _is_header(source, message):
        raise ValueError(
            "the text holds no header field; for a file give a pathlib.Path, "
            "for the value of a single Received field call parse_received"
        )
    return message


def _is_header(text: str, message: Message) -> bool:
    """Tell whether *text* was meant as a message; an empty one may be."""
    text = text.strip()
    return not text or (message.block != b"" and not _LOCATION.fullmatch(text))
