"""The table of formats: for each kind of file, how its messages are found."""

import io
import posixpath
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final, NamedTuple

from headertls.mailboxes import archive, mbox, outlook, tables
from headertls.mailboxes.compressed import PACKED, Unpacked, strip_suffix
from headertls.mailboxes.errors import NESTED, NO_MAIL, UnreadableError, explain
from headertls.mailboxes.folder import is_ignored
from headertls.mailboxes.header import FIRST, read_header
from headertls.mailboxes.kinds import Kind, recognise
from headertls.mailboxes.places import Item, Place
from headertls.mailboxes.window import Reader

MAX_MEMBER: Final = 1 << 26
"""Octets of an Outlook message inside an archive, which has to be held to be read."""


ENOUGH: Final = 1 << 10
"""Octets by which the kind of a file can be told."""


class Opened(NamedTuple):
    """A file or a part of one, open at its beginning."""

    file: Reader
    name: str
    place: Place
    column: str | None = None
    """Of a table: where the headers stand."""
    is_inside: bool = False
    """In an archive or a compressed file: it can be read forwards only."""
    is_packed: bool = False
    """Inside a compressed file."""


class Prefixed:
    """A stream of which the beginning was read already."""

    def __init__(self, head: bytes, file: Reader) -> None:
        self._head = head
        self._file = file

    def read(self, size: int, /) -> bytes:
        """Return at most *size* octets, and none at the end."""
        if self._head:
            found, self._head = self._head[:size], self._head[size:]
            return found
        return self._file.read(size)


def read_opened(opened: Opened, kind: Kind) -> Iterator[Item]:
    """Give the messages of a file, and at last, where it cannot be read on, why.

    Args:
        opened: The file.
        kind: What `recognise` took it for.
    """
    if _is_nested(opened, kind):
        yield Item(opened.place, error=NESTED)
        return
    try:
        yield from _READERS[kind](opened)
    except Exception as error:  # noqa: BLE001  # whatever a library says of a damaged file
        yield Item(opened.place, error=explain(error))


def _read_message(opened: Opened) -> Iterator[Item]:
    yield Item(opened.place, read_header(opened.file.read))


def _read_emlx(opened: Opened) -> Iterator[Item]:
    _, _, head = opened.file.read(FIRST).partition(b"\n")
    yield Item(opened.place, read_header(opened.file.read, head))


def _read_mbox(opened: Opened) -> Iterator[Item]:
    place = opened.place._replace(offset=0, number=1)
    try:
        for span, block in mbox.split(opened.file):
            yield Item(place._replace(offset=span.offset, number=span.number), block)
            place = place._replace(offset=span.end, number=span.number + 1)
    except Exception as error:  # noqa: BLE001  # see above; here the place is known
        yield Item(place, error=explain(error))


def _read_outlook(opened: Opened) -> Iterator[Item]:
    file = opened.file
    if opened.is_inside:
        file = io.BytesIO(_read_bounded(file))
    yield Item(opened.place, outlook.read_transport_headers(file))


def _read_bounded(file: Reader) -> bytes:
    held = bytearray()
    while len(held) <= MAX_MEMBER and (chunk := file.read(FIRST)):
        held += chunk
    if len(held) > MAX_MEMBER:
        raise UnreadableError("is too large to be read inside an archive")
    return bytes(held)


def _read_table(
    iter_cells: Callable[[Reader, str | None], Iterator[tables.Cell]], opened: Opened
) -> Iterator[Item]:
    for number, (block, error) in enumerate(iter_cells(opened.file, opened.column), 1):
        yield Item(opened.place._replace(number=number), block, error)


def _read_packed(kind: Kind, opened: Opened) -> Iterator[Item]:
    unpacked = Unpacked(opened.file, kind)
    inner = opened._replace(
        file=unpacked, name=strip_suffix(opened.name), is_inside=True, is_packed=True
    )
    return _read_inner(inner)


def _read_zip(opened: Opened) -> Iterator[Item]:
    return _read_members(opened, archive.iter_zip(opened.file))


def _read_tar(opened: Opened) -> Iterator[Item]:
    members = archive.iter_tar(opened.file, can_seek=not opened.is_inside)
    return _read_members(opened, members)


def _read_members(opened: Opened, members: Iterator[archive.Member]) -> Iterator[Item]:
    for name, file, error in members:
        place = opened.place._replace(member=name)
        if is_ignored(posixpath.basename(name)):
            continue
        if file is None:
            yield Item(place, error=error)
            continue
        inner = opened._replace(file=file, name=name, place=place, is_inside=True, is_packed=False)
        yield from _read_inner(inner)


def _read_inner(opened: Opened) -> Iterator[Item]:
    """Read what is inside another file, by what it begins with."""
    try:
        head = _read_head(opened.file)
    except Exception as error:  # noqa: BLE001  # see above
        yield Item(opened.place, error=explain(error))
        return
    kind = recognise(opened.name, head)
    yield from read_opened(opened._replace(file=Prefixed(head, opened.file)), kind)


def _read_head(file: Reader) -> bytes:
    head = file.read(FIRST)
    while len(head) < ENOUGH and (chunk := file.read(FIRST)):
        head += chunk
    return head


def _read_nothing(_: Opened) -> Iterator[Item]:
    return iter(())


def _refuse(opened: Opened) -> Iterator[Item]:
    yield Item(opened.place, error=NO_MAIL)


_READERS: Final[Mapping[Kind, Callable[[Opened], Iterator[Item]]]] = MappingProxyType(
    {
        Kind.MESSAGE: _read_message,
        Kind.EMLX: _read_emlx,
        Kind.MBOX: _read_mbox,
        Kind.OUTLOOK: _read_outlook,
        Kind.ZIP: _read_zip,
        Kind.TAR: _read_tar,
        **{kind: partial(_read_packed, kind) for kind in PACKED},
        Kind.NDJSON: partial(_read_table, tables.iter_ndjson),
        Kind.CSV: partial(_read_table, tables.iter_csv),
        Kind.PARQUET: partial(_read_table, tables.iter_parquet),
        Kind.EMPTY: _read_nothing,
        Kind.OTHER: _refuse,
    }
)


def _is_nested(opened: Opened, kind: Kind) -> bool:
    """Let nothing be opened inside itself, and nothing that is read from its end inside others."""
    if kind in PACKED:
        return opened.is_packed
    if kind is Kind.TAR:
        return opened.place.member is not None
    return kind in {Kind.ZIP, Kind.PARQUET} and opened.is_inside
