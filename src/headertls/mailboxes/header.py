"""From a file to the header block: as few octets as hold it."""

from collections.abc import Callable
from typing import Final

from headertls.source import MAX_HEADER
from headertls.source.block import is_whole

FIRST: Final = 1 << 14
"""Octets that are read at once; nearly every header block is shorter."""
NEXT: Final = 1 << 16


def read_header(read: Callable[[int], bytes], head: bytes = b"") -> bytes:
    r"""Return the beginning of a message, with the whole header block if it is within bounds.

    Args:
        read: Gives at most so many further octets, and none at the end.
        head: What was read already.

    >>> import io
    >>> read_header(io.BytesIO(b"Subject: Lunch\n\nbody").read)
    b'Subject: Lunch\n\nbody'
    """
    head = head or read(FIRST)
    while not has_whole_header(head) and len(head) <= MAX_HEADER:
        chunk = read(NEXT)
        if not chunk:
            break
        head += chunk
    return head


def has_whole_header(head: bytes) -> bool:
    r"""Tell whether *head* holds the whole header block.

    >>> has_whole_header(b"Subject: Lunch\r\n\r\nbody"), has_whole_header(b"Subject: Lunch\r\n")
    (True, False)
    """
    # the two plain searches spare most heads the regular expressions
    return (b"\n\n" in head or b"\n\r" in head) and is_whole(head)
