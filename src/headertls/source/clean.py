"""The fast way: a header block in good order is read by one regex, without a loop over lines.

The block is in good order if each line is a field (its name begins with a letter) or the
continuation of one, and if it is text without NUL. Whatever else comes is left to `careful`,
which gives the same answer for a clean block in ten times the time.
"""

import re
from typing import Final

from headertls.source.message import BLANKS, MAX_HEADER, MAX_HOPS, VALUE, Message

# Spelled out, since IGNORECASE makes the whole pattern slower.
_RECEIVED: Final = rb"[Rr][Ee][Cc][Ee][Ii][Vv][Ee][Dd][ \t]*+:" + VALUE

# RFC 5322, 2.2: a field name is printable ASCII without colon. Names that begin with a digit, a
# bracket or `>` are legal, but nearly all of them are `18:36:45 +0000` and `> Received:`. The
# quotation mark is left out for speed: re makes a bitmap of three ranges, but not of two.
_NAME: Final = rb"[!#-9;-~]*+:"
_FIRST: Final = re.compile(_RECEIVED + rb"|[A-Za-z]" + _NAME)

# Stops at trace lines, and at any line that is neither field nor continuation: in a clean block
# that is the blank line. The order of the alternatives is worth 2 of 12 µs.
_STOP: Final = re.compile(
    rb"\n(?! |[A-QS-Za-qs-z]" + _NAME + rb"|\t)(?:" + _RECEIVED + rb"|(?![Rr]" + _NAME + rb"))"
)
_BLANK_LINE: Final = re.compile(rb"\r*+(?:\n|\Z)")

# The blank line must end within the bound, too.
_LIMIT: Final = MAX_HEADER - len("\r\n")


def read_clean(data: bytes) -> Message | None:
    r"""Read the header of *data* if it is in good order, and return None if it is not.

    >>> read_clean(b"Received: from a.example by b.example;\r\n date\r\n\r\nbody").received
    ('from a.example by b.example;\r\n date',)
    >>> read_clean(b"> Received: from a.example by b.example; date\n") is None
    True
    """
    found = _find_values(data)
    if found is None:
        return None
    values, end = found
    block = data[:end]
    if len(values) > MAX_HOPS or not _is_text(block):
        return None
    received: list[str] = []
    for value in values:
        text = value.strip(BLANKS).decode()
        # Perhaps `pasted.is_encoded`: quoted-printable, `<br>`, no-break spaces.
        if "=3D" in text or text[-1:] == ">" or not text.isascii():
            return None
        received.append(text)
    return Message(tuple(received), (), block)


def _find_values(data: bytes) -> tuple[list[bytes], int] | None:
    """Return the values of the `Received` fields, and where the header block ends."""
    first = _FIRST.match(data, 0, _LIMIT)
    if first is None or _has_bare_cr(data):
        return None
    values = [] if first[1] is None else [first[1]]
    for stop in _STOP.finditer(data, first.end(), _LIMIT):
        value = stop[1]
        if value is None:
            end = stop.end()
            return (values, end) if _BLANK_LINE.match(data, end) else None
        values.append(value)
    # No blank line: either there is no body, or the bound was reached.
    return None if len(data) > _LIMIT else (values, len(data))


def _has_bare_cr(data: bytes) -> bool:
    """Tell whether the first line holds a CR that is not part of its end."""
    end = data.find(b"\n", 0, _LIMIT)
    return data.find(b"\r", 0, _LIMIT if end < 0 else end - 1) >= 0


def _is_text(block: bytes) -> bool:
    if b"\0" in block:
        return False
    if block.isascii():
        return True
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True
