"""A message as a stream: its header is held and judged, its body copied as it comes."""

from collections.abc import Callable
from typing import Final

from headertls.authresults.marking import MAX_REWRITTEN, Marked, Marker
from headertls.models import LiveConnection
from headertls.source.block import has_blank_line

CHUNK: Final = 1 << 16
"""Octets that are read at once."""

Read = Callable[[int], bytes]
Write = Callable[[bytes], object]


def mark_stream(
    read: Read, write: Write, marker: Marker, live: LiveConnection | None = None
) -> Marked:
    r"""Copy a message from *read* to *write*, with the result on top.

    The memory that it takes does not grow with the body. Nothing is written before the whole header
    was read. An empty stream stays empty.

    Args:
        read: Gives at most so many further octets, and none at the end.
        write: Takes octets, and all of them.
        marker: How to judge.
        live: As for `analyze`.

    Raises:
        OSError: From *read* or *write*.

    >>> import io
    >>> out = io.BytesIO()
    >>> message = io.BytesIO(b"Subject: Lunch\n\nbody")
    >>> mark_stream(message.read, out.write, Marker("mx.example")).field.result.word.value
    'none'
    >>> out.getvalue().endswith(b"\nSubject: Lunch\n\nbody")
    True
    """
    head = _read_head(read)
    marked = marker.mark(head, live) if head else Marked(head, failure="the message is empty")
    write(marked.head)
    while chunk := read(CHUNK):
        write(chunk)
    return marked


def _read_head(read: Read) -> bytes:
    """Read until the header has ended, or the bound was reached."""
    head = bytearray()
    while len(head) <= MAX_REWRITTEN:
        chunk = read(CHUNK)
        if not chunk:
            break
        seen = len(head)
        head += chunk
        if has_blank_line(head, seen) or head.startswith((b"\n", b"\r\n")):
            break
    return bytes(head)
