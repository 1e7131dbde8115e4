"""A verdict as one line of NDJSON, for whoever takes messages one by one."""

from typing import cast

from headertls.corpus.encoding import Form, encode, number_lines
from headertls.corpus.rows import Judged
from headertls.mailboxes import Item, Place
from headertls.models import Trace


def write_line(
    place: Place,
    trace: Trace | None,
    *,
    block: bytes = b"",
    error: str | None = None,
    number: int = 0,
) -> bytes:
    """Write what a message says as `headertls scan --messages FILE.ndjson` does: a row, in ASCII.

    Args:
        place: Where the message came from, in the columns `path`, `member`, `offset` and `number`.
        trace: What it says; `None` of one that could not be read.
        block: Its header, or the whole of it, for what a trace does not hold: Message-ID and date.
        error: Why it could not be read.
        number: Of the message among others, in the column `message`.

    >>> write_line(Place("mail", member="1-0"), None, error="has no field raw")[:80]
    b'{"message":0,"path":"mail","member":"1-0","offset":null,"number":null,"error":"h'
    """
    judged = Judged(Item(place, block), trace, error)
    lines = cast("tuple[tuple[int, bytes], ...]", encode(Form.NDJSON, "messages", (judged,)))
    return number_lines(Form.NDJSON, lines, (number,))
