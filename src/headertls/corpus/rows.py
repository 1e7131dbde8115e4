"""Rows of a scan: of hops and of messages, each with the place of its message."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from headertls.mailboxes import Item, Place
from headertls.models import Trace
from headertls.report.frame import HopRow, MessageRow, iter_rows
from headertls.rows import make_message_row


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


def iter_hop_rows(judged: Iterable[Judged]) -> Iterator[tuple[Any, ...]]:
    """Give the values of `HOP_COLUMNS` for each hop; `message` counts from 0."""
    for number, (item, trace, _) in enumerate(judged):
        if trace is not None:
            place = make_place_row(item.place)
            for row in iter_rows((trace,), number):
                yield (number, *place, *row[1:])


def iter_message_rows(judged: Iterable[Judged]) -> Iterator[tuple[Any, ...]]:
    """Give the values of `MESSAGE_COLUMNS` for each message; `message` counts from 0."""
    for number, (item, trace, error) in enumerate(judged):
        place = make_place_row(item.place)
        if trace is None:
            row = MessageRow(number, error)
        else:
            row = make_message_row(number, trace, item.block)
        yield (number, *place, *row[1:])


def make_place_row(place: Place) -> PlaceRow:
    """Write a place as columns."""
    return PlaceRow(place.write_path(), place.member, place.offset, place.number)
