"""Where a message stands, and what was read of it there."""

import os
from typing import NamedTuple


class Place(NamedTuple):
    """Where a message stands: a file, or a place inside one.

    >>> print(Place("inbox.mbox", offset=4096, number=3))
    inbox.mbox, message 3 (octet 4096)
    >>> print(Place("mails.zip", member="in/7.eml"))
    mails.zip, in/7.eml
    """

    path: str
    """As the system has it; for a text see `write_path`."""
    member: str | None = None
    """The name of a file inside an archive. Nothing is ever written to such a name."""
    offset: int | None = None
    """Of a mailbox file: octets before the message, in the file or the member, unpacked."""
    number: int | None = None
    """The message of a mailbox file, or the row of a table, counted from 1."""

    def write_path(self) -> str:
        r"""Write the path as text: octets that are no UTF-8 become escapes.

        >>> Place("caf\udce9.eml").write_path()
        'caf\\xe9.eml'
        """
        return os.fsencode(self.path).decode(errors="backslashreplace")

    def __str__(self) -> str:
        parts = [self.write_path(), *((self.member,) if self.member is not None else ())]
        if self.offset is not None:
            parts.append(f"message {self.number} (octet {self.offset})")
        elif self.number is not None:
            parts.append(f"row {self.number}")
        return ", ".join(parts)


class Item(NamedTuple):
    """A message of a mailbox: its header block, or why it could not be read."""

    place: Place
    block: bytes = b""
    """The whole header block, perhaps with the beginning of the body behind it."""
    error: str | None = None
    octets: int = 0
    """By how much this brings the reading of the file on, as it is stored."""
