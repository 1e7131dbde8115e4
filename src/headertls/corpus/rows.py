"""Rows of a scan: of hops and of messages, each with the place of its message."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from headertls.mailboxes import Item, Place
from headertls.models import Trace
from headertls.report.frame import HopRow, MessageRow
from headertls.rows import MAKERS, JudgedMessage, Rows


class Judged(NamedTuple):
    """A message, and what it says."""

    item: Item
    trace: Trace | None
    error: str | None


class PlaceRow(NamedTuple):
    """Where a message stands."""

    path: str
    """The file; octets that are no UTF-8 are escapes."""
    member: str | None
    """The file inside the archive that `path` names."""
    offset: int | None
    """Octets before the message in a mailbox file."""
    number: int | None
    """The number of the message in a mailbox file, or of the row in a table, from 1."""


HOP_COLUMNS: Final = ("message", *PlaceRow._fields, *HopRow._fields[1:])
"""The columns of hops: those of `HopRow`, and behind the first the place of the message."""

MESSAGE_COLUMNS: Final = ("message", *PlaceRow._fields, *MessageRow._fields[1:])
"""The columns of messages: those of `MessageRow`, and behind the first the place."""


def iter_placed_rows(rows: Rows, judged: Sequence[Judged]) -> Iterator[tuple[Any, ...]]:
    """Give the values of `HOP_COLUMNS` or `MESSAGE_COLUMNS`; `message` counts from 0."""
    places = [make_place_row(found.item.place) for found in judged]
    messages = (JudgedMessage(trace, error, item.block) for item, trace, error in judged)
    for row in MAKERS[rows](messages, 0):
        yield (row[0], *places[row[0]], *row[1:])


def make_place_row(place: Place) -> PlaceRow:
    """Write a place as columns."""
    return PlaceRow(place.write_path(), place.member, place.offset, place.number)
