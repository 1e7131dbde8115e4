"""From octets to the text of one header block: where it begins and ends, and its characters."""

import re
from typing import Final, NamedTuple

from headertls.models import Defect, DefectKind
from headertls.source.message import MAX_HEADER

MAX_SHOWN: Final = 80
"""Characters of a bad line that its defect shows."""

# What may stand before the first field: a UTF-8 byte order mark, blank lines, and the line that
# mbox files set before each message (RFC 4155), which some programs leave there as `>From `.
_LEAD: Final = re.compile(
    rb"(?>(?:\xef\xbb\xbf)?)(?>(?:[ \t]*+[\r\n]++)*)"
    rb"(?>(?:>*+From (?![ \t]*+:)[^\r\n]*+(?:\r*+\n|\r|\Z))*)"
)
# `\r\r\n` comes from a second conversion to the line ends of Windows.
_BLANK_LINE: Final = re.compile(rb"\n\r*+\n")
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


class Block(NamedTuple):
    """A header block, decoded, without what stood around it."""

    text: str
    defects: tuple[Defect, ...]
    is_cut: bool
    """The bound was reached within the last field."""


def isolate_block(data: bytes) -> Block:
    r"""Cut the header block out of *data* and decode it.

    A lone CR ends a line only where no LF is near. Elsewhere it is a character like others, as it
    is for MTAs: some copy a HELO with a CR into their line, and the sender could thus end the
    server's line and begin another one.

    >>> isolate_block(b"From me@a.example Mon Nov 23\nSubject: Lunch\n\nbody").text
    'Subject: Lunch\n'
    """
    head = _normalize(data[:MAX_HEADER])
    start = _find_start(head)
    # One step back, so that a blank line right after the mbox line is seen.
    end = _BLANK_LINE.search(head, max(start - 1, 0))
    if end is not None or len(data) <= MAX_HEADER:
        block = head[start:] if end is None else head[start : max(start, end.start() + 1)]
        return Block(*_decode(block), is_cut=False)
    last = max(head.rfind(b"\n") + 1, start)
    text, defects = _decode(head[start:last])
    too_long = Defect(kind=DefectKind.HEADER_TOO_LONG, text=f"{MAX_HEADER} octets")
    beyond = head[last:] or data[MAX_HEADER:]
    return Block(text, (*defects, too_long), is_cut=beyond[:1] in b" \t")


def cut_header(data: bytes) -> bytes:
    r"""Return *data* without its body.

    >>> cut_header(b"Subject: Lunch\n\nbody")
    b'Subject: Lunch\n\n'
    """
    start = _find_start(data[:MAX_HEADER])
    end = _BLANK_LINE.search(data, max(start - 1, 0), MAX_HEADER + 1)
    if end is None or data.startswith(_UTF16_MARKS):
        return data[: MAX_HEADER + 1]
    return data[: end.end()]


def has_blank_line(head: bytearray, seen: int) -> bool:
    r"""Tell whether a blank line ends in *head* behind the first *seen* octets, or nearly there.

    >>> has_blank_line(bytearray(b"Subject: Lunch\r\n\r\nbody"), 17)
    True
    """
    return _BLANK_LINE.search(head, max(seen - 4, 0)) is not None


def is_whole(head: bytes) -> bool:
    r"""Tell whether *head*, the beginning of a message, holds the whole header block.

    >>> is_whole(b"Subject: Lunch\r\n"), is_whole(b"Subject: Lunch\r\n\r\nbody")
    (False, True)
    """
    if head.startswith(_UTF16_MARKS):
        return False
    start = _find_start(head)
    return start < len(head) and _BLANK_LINE.search(head, max(start - 1, 0)) is not None


def shorten(line: str) -> str:
    """Return so much of *line* as a defect shows.

    >>> len(shorten("x" * 1000))
    80
    """
    return line.strip()[:MAX_SHOWN]


def _find_start(head: bytes) -> int:
    lead = _LEAD.match(head)
    return lead.end() if lead else 0


def _normalize(head: bytes) -> bytes:
    """Turn UTF-16 into UTF-8, and the CR of a text that has no LF into LF."""
    if head.startswith(_UTF16_MARKS):
        head = head.decode("utf-16", "backslashreplace").encode()
    return head if b"\n" in head else head.replace(b"\r", b"\n")


def _decode(block: bytes) -> tuple[str, tuple[Defect, ...]]:
    r"""Decode as UTF-8; other octets, and NUL, become escapes such as `\xe9`."""
    defects: list[Defect] = []
    count = block.count(b"\0")
    if count:
        block = block.replace(b"\0", b"\\x00")
        defects.append(Defect(kind=DefectKind.NUL_OCTET, text=f"{count} of them"))
    try:
        text = block.decode()
    except UnicodeDecodeError as error:
        text = block.decode(errors="backslashreplace")
        line = block[block.rfind(b"\n", 0, error.start) + 1 :].partition(b"\n")[0]
        shown = shorten(line.decode(errors="backslashreplace"))
        defects.append(Defect(kind=DefectKind.UNDECODABLE, text=shown))
    return text, tuple(defects)
