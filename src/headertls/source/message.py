"""What is kept of a message: its trace lines, and the fields around them that bear on it."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from headertls.models import Defect

MAX_HEADER: Final = 1 << 20
"""Octets of a header block that are read; MTAs refuse far smaller ones (Postfix: 100 kB)."""

MAX_HOPS: Final = 200
"""Trace lines that are kept; servers take 50 to 100 for a loop (RFC 5321, 6.3: at least 100)."""

MAX_FIELDS: Final = 100
"""Of the `FIELDS`, so many are kept, the topmost; mailing lists make up to a dozen."""

FIELDS: Final = frozenset(
    {
        "authentication-results",  # RFC 8601; some add x-tls=
        "content-type",  # S/MIME and PGP
        "list-id",  # RFC 2919
        "require-tls-esmtp",  # Postfix 3.11
        "tls-required",  # RFC 8689, 5
        "x-barracuda-encrypted",
        "x-last-tls-session-version",
        "x-pm-transfer-encryption",  # Proton Mail, on the entry hop
        "x-proto",
        "x-tls",
        "x-xfinity-message-heuristics",  # Comcast
    }
)
"""Fields other than `Received` that bear on how the message travelled, in lower case."""

# RFC 5322, 2.2 and 4.5: a field body runs on over lines that begin with white space.
VALUE: Final = rb"([^\n]*+(?>(?:\n[ \t][^\n]*+)*))"
BLANKS: Final = b" \t\r\n"


class Field(NamedTuple):
    """One of the `FIELDS`, and where it stands."""

    name: str
    """In lower case."""
    value: str
    """Folded as it stood."""
    received_above: int
    """How many `Received` fields stand above it; what stands below one came with the message."""


class Message(NamedTuple):
    """The header of one message, as far as a trace needs it."""

    received: tuple[str, ...] = ()
    """The values of the `Received` fields, newest first, folded as they stood."""
    defects: tuple[Defect, ...] = ()
    block: bytes = b""
    """The header block without its closing blank line; a repaired one stands as repaired."""
    fields: tuple[Field, ...] = ()
    """The `FIELDS`, as they stand from the top, each as often as it stands there."""

    def find_fields(self, name: str) -> tuple[str, ...]:
        r"""Return the values of all fields of that name, as they stand from the top.

        >>> Message(block=b"To: a@a.example\nto: b@b.example\n").find_fields("To")
        ('a@a.example', 'b@b.example')
        """
        return tuple(map(_decode, _pattern(name).findall(b"\n" + self.block)))

    def find_field(self, name: str) -> str | None:
        r"""Return the value of the topmost field of that name, if there is one.

        >>> Message(block=b"To: a@a.example\n").find_field("to")
        'a@a.example'
        """
        found = _pattern(name).search(b"\n" + self.block)
        return None if found is None else _decode(found[1])


# The pattern begins with the line feed, which re finds far faster than any `^`.
@lru_cache(maxsize=64)
def _pattern(name: str) -> re.Pattern[bytes]:
    octets = re.escape(name.encode(errors="backslashreplace"))
    return re.compile(rb"(?i)\n" + octets + rb"[ \t]*+:" + VALUE)


def _decode(value: bytes) -> str:
    return value.strip(BLANKS).decode(errors="backslashreplace")
