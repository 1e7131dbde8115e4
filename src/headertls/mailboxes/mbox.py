"""Mailbox files (mbox): many messages behind each other, each after a line that begins `From `.

RFC 4155 and mbox(5) have four forms of it. In `mboxo` and `mboxrd` lines of a body that begin with
`From ` are quoted (`>From `), in `mboxcl` and `mboxcl2` the field `Content-Length` tells where the
body ends, and the last quotes nothing. Files of all four have one name, so both are heeded: the
length where it leads to the next message or to the end of the file, the lines elsewhere.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from headertls.mailboxes.header import FIRST
from headertls.mailboxes.window import Reader, Window
from headertls.source import MAX_HEADER

SEPARATOR: Final = b"\nFrom "
MAX_LINE: Final = 2_000
"""Octets behind a `From ` that are looked at to tell whether a message begins there."""

# `From lena@a.example Mon Nov 23 10:11:12 2026`, with or without zone, and the forms of Gmail and
# of Mozilla, which have a number or a dash for the sender. Prose has not all of it in one line.
_DATED: Final = re.compile(
    rb"From (?=[^\r\n]*\d:\d\d)(?=[^\r\n]*\b(?:19|20)\d\d\b)"
    rb"[^\r\n]*\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b"
)
# Anything else needs a blank line before it, and a field after it.
_BEFORE_FIELD: Final = re.compile(
    rb"From [^\r\n]*\r?\n(?>(?:>*From [^\r\n]*\r?\n)*)[!-9;-~]++[ \t]*:"
)
_AFTER_BLANK: Final = re.compile(rb"\n\r?\Z")

_BLANK_LINE: Final = re.compile(rb"\n\r*\n")
# RFC 2076, 3.17: no standard; Solaris, Debian's procmail, Dovecot
_LENGTH: Final = re.compile(rb"\ncontent-length[ \t]*:[ \t]*(\d{1,15})[ \t\r]*\n", re.IGNORECASE)
_LINE_ENDS: Final = b"\r\n"


class Span(NamedTuple):
    """Where a message stands in a mailbox file, in octets from its beginning."""

    offset: int
    """Of the line `From `."""
    start: int
    """Of the header."""
    body: int
    """Behind the header; it is the end where no blank line follows."""
    end: int
    """Of the next message, or the end of the file."""
    number: int
    """Of the message, counted from 1."""


class Found(NamedTuple):
    """A message of a mailbox file."""

    span: Span
    block: bytes
    """The header block."""


def split(file: Reader, offset: int = 0, number: int = 1) -> Iterator[Found]:
    r"""Give the messages of a mailbox file, one after the other, of which only a part is held.

    Args:
        file: Open at *offset*, or able to go there.
        offset: Where to begin: at the line of a message.
        number: Of the message that begins there.

    Raises:
        Exception: What *file* raised; all messages were given whose header stands before.

    >>> import io
    >>> file = io.BytesIO(b"From a Mon Nov 23 10:11:12 2026\nSubject: 1\n\n"
    ...                   b"From b Mon Nov 23 10:11:12 2026\nSubject: 2\n\n>From c\n")
    >>> [found.block for found in split(file)]
    [b'Subject: 1\n', b'Subject: 2\n']
    """
    window = Window(file, offset)
    while not window.is_ended or offset < window.end:
        offset, start = _pass_line(window, offset)
        if start == window.end and window.is_ended:
            break
        block, is_whole = _read_block(window, start)
        if window.failure is not None and not is_whole:
            break
        end = _follow_length(window, start, block) or _find_end(window, start)
        block = block[: end - start]
        yield Found(Span(offset, start, start + len(block), end, number), block)
        number += 1
        offset = end
        window.forget(offset)
    if window.failure is not None:
        raise window.failure


def _pass_line(window: Window, offset: int) -> tuple[int, int]:
    """Return where the line `From ` begins, after blank ones, and where the header does."""
    window.hold(offset + MAX_LINE)
    ahead = window.take(offset, offset + MAX_LINE)
    offset += len(ahead) - len(ahead.lstrip(_LINE_ENDS))
    if not ahead.lstrip(_LINE_ENDS).startswith(SEPARATOR[1:]):
        return offset, offset
    line_end = window.find(b"\n", offset)
    return offset, window.end if line_end is None else line_end + 1


def _read_block(window: Window, start: int) -> tuple[bytes, bool]:
    """Return the header that begins at *start*, and whether its end was met."""
    size = FIRST
    while True:
        window.hold(start + size)
        head = window.take(start, start + size)
        blank = _BLANK_LINE.search(b"\n" + head)
        if blank is not None:
            return head[: blank.start()], True
        if size > MAX_HEADER or start + size > window.end:
            return head, size > MAX_HEADER
        size *= 4


def _follow_length(window: Window, start: int, block: bytes) -> int | None:
    """Return where the body ends by its own word, if a message begins there, or the file ends."""
    if b"ength" not in block and b"ENGTH" not in block:
        return None
    told = _LENGTH.search(b"\n" + block)
    if told is None or SEPARATOR in block:
        return None
    body = window.take(start + len(block), start + len(block) + 2)
    place = start + len(block) + (2 if body.startswith(b"\r") else 1) + int(told[1])
    # One octet back: a place behind the end of the file is no end.
    ahead = window.look(place - 1, MAX_LINE)
    if not ahead:
        return None
    line = ahead[1:].lstrip(_LINE_ENDS)
    is_end = not line and len(ahead) < MAX_LINE
    if not is_end and not _DATED.match(line):
        return None
    place += len(ahead) - 1 - len(line)
    window.jump(place)
    return place


def _find_end(window: Window, start: int) -> int:
    """Return where the next message begins, or the file ends."""
    place = start - 1
    while True:
        found = window.find(SEPARATOR, place)
        if found is None:
            return window.end
        window.hold(found + MAX_LINE)
        ahead = window.take(found + 1, found + MAX_LINE)
        if _DATED.match(ahead) or (
            _AFTER_BLANK.search(window.take(found - 2, found)) and _BEFORE_FIELD.match(ahead)
        ):
            return found + 1
        place = found + 1
