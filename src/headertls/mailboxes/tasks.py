"""The work of a scan, in pieces that can be read one after the other or by several processes."""

import os
import stat
from collections.abc import Iterator, Sequence
from functools import partial
from io import FileIO
from itertools import chain
from typing import Final, NamedTuple

from headertls.mailboxes.errors import (
    CHANGED,
    DEAD_LINK,
    NO_FILE,
    VANISHED,
    UnreadableError,
    explain,
)
from headertls.mailboxes.folder import Entry, Key, walk
from headertls.mailboxes.formats import Opened, read_opened
from headertls.mailboxes.header import FIRST, has_whole_header, read_header
from headertls.mailboxes.kinds import MESSAGE_SUFFIXES, Kind, find_suffix, recognise
from headertls.mailboxes.maildir import find_moved
from headertls.mailboxes.mbox import Span, split
from headertls.mailboxes.places import Item, Place

FILES: Final = 64
"""Files of a task; and messages of one, where it is a piece of a mailbox file."""

LARGE: Final = 1 << 22
"""Octets from which on a mailbox file is read in several pieces, so that processes can share."""

# Waiting for the other end of a pipe would end the scan.
_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


class Step(NamedTuple):
    """How far a task is done."""

    entry: int = 0
    """The files, or spans, that are done."""
    messages: int = 0
    """Messages of the next one that are done."""


class Files(NamedTuple):
    """Files that are read one after the other."""

    root: int
    """The number of the path under which they were found, among those given."""
    entries: tuple[Entry, ...]
    column: str | None = None
    done: int = 0
    """Messages of the first file that were read before, by another scan."""


class Spans(NamedTuple):
    """Messages of one mailbox file."""

    root: int
    path: str
    key: Key
    spans: tuple[Span, ...]


Task = Files | Spans


class Mark(NamedTuple):
    """How far a scan is done, so that another one can go on behind it."""

    root: int = 0
    key: Key = ()
    messages: int = 0
    """Messages of the file at `key` that are done."""
    offset: int | None = None
    """Where its next message begins, if it is a mailbox file that is read in pieces."""


def plan(
    paths: Sequence[str], *, column: str | None = None, after: Mark | None = None
) -> Iterator[Task]:
    """Divide the reading of *paths* into tasks, in the order of the messages.

    Folders are listed, and large mailbox files are searched for the beginnings of their messages,
    as the tasks are asked for.

    Args:
        paths: Files and folders.
        column: Of tables: the one that holds the headers.
        after: Leave out what comes before.
    """
    first = 0 if after is None else after.root
    for root in range(first, len(paths)):
        entries = _find_entries(paths[root])
        if after is not None and root == after.root:
            yield from _plan_rest(root, entries, column, after)
        else:
            yield from _plan_entries(root, entries, column)


def find_mark(task: Task, step: Step) -> Mark:
    """Tell how far a scan is done that has done all before *task*, and this up to *step*."""
    if isinstance(task, Spans):
        if step.entry == 0:
            return Mark(task.root, task.key, task.spans[0].number - 1, task.spans[0].offset)
        last = task.spans[step.entry - 1]
        return Mark(task.root, task.key, last.number, last.end)
    if step.messages:
        return Mark(task.root, task.entries[step.entry].key, step.messages)
    if step.entry:
        return Mark(task.root, task.entries[step.entry - 1].key, 1)
    return Mark(task.root, task.entries[0].key, task.done)


def read_task(task: Task, start: Step | None = None) -> Iterator[tuple[Step, Item]]:
    """Give the messages of a task, each with how far the task is done with it.

    Args:
        task: One of `plan`.
        start: Leave out what comes before.
    """
    if isinstance(task, Spans):
        return _read_spans(task, start.entry if start else 0)
    return _read_files(task, start or Step(0, task.done))


def _find_entries(path: str) -> Iterator[Entry]:
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        return iter((Entry(path, error=explain(error)),))
    if stat.S_ISDIR(mode):
        return walk(path)
    return iter((Entry(path),))


def _plan_rest(
    root: int, entries: Iterator[Entry], column: str | None, after: Mark
) -> Iterator[Task]:
    for entry in entries:
        if entry.key < after.key:
            continue
        if entry.key > after.key:
            entries = chain((entry,), entries)
        elif after.offset is not None:
            yield from _plan_spans(root, entry, after.offset, after.messages + 1)
        else:
            yield Files(root, (entry,), column, after.messages)
        break
    yield from _plan_entries(root, entries, column)


def _plan_entries(root: int, entries: Iterator[Entry], column: str | None) -> Iterator[Task]:
    waiting: list[Entry] = []
    for entry in entries:
        is_alone = _is_alone(entry)
        if waiting and (is_alone or len(waiting) == FILES):
            yield Files(root, tuple(waiting), column)
            waiting = []
        if not is_alone:
            waiting.append(entry)
        elif _is_large_mbox(entry):
            yield from _plan_spans(root, entry)
        else:
            yield Files(root, (entry,), column)
    if waiting:
        yield Files(root, tuple(waiting), column)


def _is_alone(entry: Entry) -> bool:
    """Tell whether a file may hold so much that it is a task of its own."""
    suffix = find_suffix(entry.path)
    if entry.is_message or suffix in MESSAGE_SUFFIXES or entry.error is not None:
        return False
    try:
        return os.stat(entry.path).st_size >= LARGE
    except OSError:
        return False


def _is_large_mbox(entry: Entry) -> bool:
    try:
        with _open(entry) as file:
            return recognise(entry.path, file.read(FIRST)) is Kind.MBOX
    except (OSError, UnreadableError):
        return False


def _plan_spans(root: int, entry: Entry, offset: int = 0, number: int = 1) -> Iterator[Task]:
    group: list[Span] = []
    failure: Exception | None = None
    try:
        with _open(entry) as file:
            for span, _ in split(file, offset, number):
                group.append(span)
                if len(group) == FILES:
                    yield Spans(root, entry.path, entry.key, tuple(group))
                    group = []
    except (OSError, UnreadableError) as error:
        failure = error
    if group:
        yield Spans(root, entry.path, entry.key, tuple(group))
    if failure is not None:
        yield Files(root, (entry._replace(error=explain(failure)),))


def _open(entry: Entry) -> FileIO:
    """Open a file to be read from any place.

    Raises:
        OSError: It cannot be opened.
        UnreadableError: It is no regular file.
    """
    descriptor = os.open(entry.path, _FLAGS)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnreadableError(NO_FILE)
    return FileIO(descriptor)


def _read_files(task: Files, start: Step) -> Iterator[tuple[Step, Item]]:
    for place in range(start.entry, len(task.entries)):
        entry = task.entries[place]
        done = start.messages if place == start.entry else 0
        item = _read_single(entry)
        if item is None:
            items = enumerate(_read_many(entry, task.column), 1)
            yield from ((Step(place, count), item) for count, item in items if count > done)
        elif not done:
            yield Step(place + 1), item


def _read_single(entry: Entry) -> Item | None:
    """Read a file that holds one message; `None` if it may hold several."""
    if entry.error is not None:
        return Item(Place(entry.path), error=entry.error)
    try:
        return _read_message(entry)
    except FileNotFoundError:
        moved = find_moved(entry.path) if entry.is_message else None
        if moved is None:
            error = DEAD_LINK if os.path.islink(entry.path) else VANISHED
            return Item(Place(entry.path), error=error)
        return _read_single(entry._replace(path=moved, is_message=False))
    except Exception as error:  # noqa: BLE001  # whatever a library says of a damaged file
        return Item(Place(entry.path), error=explain(error))


def _read_message(entry: Entry) -> Item | None:
    descriptor = os.open(entry.path, _FLAGS)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError(NO_FILE)
        head = os.read(descriptor, FIRST)
        kind = recognise(entry.path, head, is_message=entry.is_message)
        if kind is not Kind.MESSAGE:
            return None
        if not has_whole_header(head):
            head = read_header(partial(os.read, descriptor), head)
        return Item(Place(entry.path), head, None, status.st_size)
    finally:
        os.close(descriptor)


def _read_many(entry: Entry, column: str | None) -> Iterator[Item]:
    try:
        file = _open(entry)
    except (OSError, UnreadableError) as error:
        yield Item(Place(entry.path), error=explain(error))
        return
    with file:
        kind = recognise(entry.path, file.read(FIRST), is_message=entry.is_message)
        file.seek(0)
        seen = 0
        for item in read_opened(Opened(file, entry.path, Place(entry.path), column), kind):
            place = file.tell() if not file.closed else seen
            yield item._replace(octets=max(place - seen, 0))
            seen = max(place, seen)


def _read_spans(task: Spans, first: int) -> Iterator[tuple[Step, Item]]:
    try:
        file = _open(Entry(task.path))
    except (OSError, UnreadableError) as error:
        for place in range(first, len(task.spans)):
            yield Step(place + 1), _read_lost(task, place, explain(error))
        return
    with file:
        for place in range(first, len(task.spans)):
            yield Step(place + 1), _read_span(file, task, place)


def _read_lost(task: Spans, place: int, error: str) -> Item:
    span = task.spans[place]
    where = Place(task.path, None, span.offset, span.number)
    return Item(where, error=error, octets=span.end - span.offset)


def _read_span(file: FileIO, task: Spans, place: int) -> Item:
    span = task.spans[place]
    try:
        head = _read_piece(file, span)
    except (OSError, UnreadableError) as error:
        return _read_lost(task, place, explain(error))
    where = Place(task.path, None, span.offset, span.number)
    return Item(where, head, None, span.end - span.offset)


def _read_piece(file: FileIO, span: Span) -> bytes:
    file.seek(span.offset)
    head = file.read(min(span.body + 2, span.end) - span.offset)
    line = span.start - span.offset
    if len(head) < span.body - span.offset or (line and not head.startswith(b"From ")):
        raise UnreadableError(CHANGED)
    return head[line:]
