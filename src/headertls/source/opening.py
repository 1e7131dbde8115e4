"""From anything that holds a message to its octets: as many as the header needs, or all."""

import io
import os
import re
from email.message import Message as EmailMessage
from pathlib import Path
from typing import Final, Protocol, cast

from headertls.source.block import has_blank_line, is_whole
from headertls.source.message import MAX_HEADER

CHUNK: Final = 1 << 16
"""Octets that are read from a file at once; few header blocks are longer."""


class BinaryFile(Protocol):
    """Whatever has `read` and gives bytes."""

    def read(self, size: int = ..., /) -> bytes:
        """Return at most *size* octets, and none at the end."""
        ...


Source = (
    bytes
    | bytearray
    | memoryview
    | str
    | os.PathLike[str]
    | os.PathLike[bytes]
    | BinaryFile
    | EmailMessage
)
"""What may be given for a message; `str` is the text of one, never the name of a file."""

# A line end that no blank follows; values that a program set may hold such.
_LOST_FOLD: Final = re.compile(r"(?:\r?\n|\r(?!\n))(?![ \t])")
_FIELD_NAME: Final = re.compile(r"[!-9;-~]+")


def read_head(source: Source) -> bytes:
    r"""Return the beginning of *source*, with the whole header block if that is within bounds.

    >>> read_head(io.BytesIO(b"Subject: Lunch\n\n" + b"x" * 1_000_000)).count(b"x") < 70_000
    True
    """
    return _read(source, MAX_HEADER + 1)


def read_whole(source: Source) -> bytes:
    r"""Return all octets of *source*.

    >>> read_whole("Subject: Lunch\n\nbody")
    b'Subject: Lunch\n\nbody'
    """
    return _read(source, None)


def encode_text(text: str) -> bytes:
    r"""Encode as UTF-8, and turn the surrogates of the standard library back into octets.

    >>> encode_text("caf\udce9")
    b'caf\xe9'
    """
    try:
        return text.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return text.encode(errors="backslashreplace")


def join_header(message: EmailMessage) -> bytes:
    r"""Write the header of *message* as octets, without folding it anew.

    >>> from email import message_from_string
    >>> join_header(message_from_string("To: a@a.example,\n b@b.example\n\nbody"))
    b'To: a@a.example,\n b@b.example\n'
    """
    lines = (
        f"{name}: {_LOST_FOLD.sub(_fold, str(value))}\n"
        for name, value in message.raw_items()
        if _FIELD_NAME.fullmatch(name)
    )
    return encode_text("".join(lines))


def _fold(found: re.Match[str]) -> str:
    return found[0] + " "


def _read(source: object, limit: int | None) -> bytes:
    if isinstance(source, str):
        return encode_text(source[:limit])
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(cast("memoryview", source)[:limit])
    if isinstance(source, EmailMessage):
        return join_header(cast("EmailMessage", source))
    if isinstance(source, os.PathLike):
        with Path(os.fsdecode(cast("os.PathLike[str]", source))).open("rb") as file:
            return _read_file(file, limit)
    if isinstance(source, io.TextIOBase):
        raise _text_mode_error()
    if not hasattr(source, "read"):
        kinds = "bytes, str, a path, a file opened in binary mode or an email.message.Message"
        raise TypeError(f"a message is given as {kinds}, not as {type(source).__name__}")
    return _read_file(cast("BinaryFile", source), limit)


def _read_file(file: BinaryFile, limit: int | None) -> bytes:
    head = bytearray()
    while limit is None or len(head) < limit:
        chunk: bytes | str | None = file.read(CHUNK)
        if isinstance(chunk, str):
            raise _text_mode_error()
        if not chunk:
            break
        seen = len(head)
        head += chunk
        # Small reads are common (sockets), so the search begins near the new octets.
        if limit is not None and has_blank_line(head, seen) and is_whole(bytes(head)):
            break
    return bytes(head)


def _text_mode_error() -> TypeError:
    return TypeError('the file gives text; open it in binary mode: open(path, "rb")')
