"""Mailboxes of all forms: every message is found, in order, and what cannot be read is told."""

import bz2
import csv
import gzip
import io
import json
import lzma
import os
import re
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from headertls.mailboxes import (
    Item,
    Place,
    archive,
    errors,
    find_mark,
    formats,
    maildir,
    outlook,
    plan,
    read_task,
    tables,
    tasks,
    window,
)
from headertls.mailboxes.compressed import Unpacked
from headertls.mailboxes.folder import Entry
from headertls.mailboxes.kinds import Kind, recognise
from headertls.mailboxes.mbox import Found, split
from mailbox_files import LINE, make_mbox, make_message, save
from outlook_file import make_msg
from timing import assert_takes_at_most

A, B, C = (make_message(name) for name in "abc")


def read_all(*paths: Path, column: str | None = None) -> list[Item]:
    """Read all messages below *paths*."""
    found = plan([str(path) for path in paths], column=column)
    return [item for task in found for _, item in read_task(task)]


def list_subjects(items: list[Item]) -> list[str]:
    """The subjects of messages, or why they could not be read."""
    return [
        item.error or re.findall(rb"(?m)^Subject: (.*?)\r?$", item.block)[0].decode()
        for item in items
    ]


def list_blocks(data: bytes) -> list[bytes]:
    """The header blocks of a mailbox file."""
    return [block for _, block in split(io.BytesIO(data))]


# Folders


def test_folder_is_read_recursively_in_order(tmp_path: Path) -> None:
    """Files come in the order of their names, numbers first and by their worth."""
    save(tmp_path, {"b/2.eml": B, "10": C, "9": A, "z.eml": A, "a.eml": C})

    assert ["a", "c", "c", "b", "a"] == list_subjects(read_all(tmp_path))


def test_place_tells_the_file(tmp_path: Path) -> None:
    """A result can be found again."""
    save(tmp_path, {"in/a.eml": A})

    assert [Place(str(tmp_path / "in" / "a.eml"))] == [i.place for i in read_all(tmp_path)]


def test_undecodable_name_is_shown() -> None:
    """Names that are no UTF-8 have a text all the same."""
    assert "caf\\xe9.eml" == str(Place(os.fsdecode(b"caf\xe9.eml")))


def test_what_is_no_mail_says_so(tmp_path: Path) -> None:
    """A file that is no mail is told of, but for what programs note for themselves."""
    save(tmp_path, {"a.eml": A, "note.txt": b"Just text.", ".hidden": b"x", "Inbox.msf": b"//"})
    save(tmp_path, {"dovecot.index": b"\0\1", ".git/config": b"x: y", "empty": b""})

    assert ["a", errors.NO_MAIL] == list_subjects(read_all(tmp_path))


def test_missing_path_is_a_result(tmp_path: Path) -> None:
    """A path that does not exist is told of, and the others are read."""
    save(tmp_path, {"a.eml": A})

    assert ["is not there", "a"] == list_subjects(
        read_all(tmp_path / "nothing", tmp_path / "a.eml")
    )


def test_folder_that_cannot_be_listed_is_a_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder without permission costs its own messages only."""
    save(tmp_path, {"a/1.eml": A, "b.eml": B})
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("a"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)

    assert ["must not be read: permission denied", "b"] == list_subjects(read_all(tmp_path))


def test_file_that_cannot_be_opened_is_a_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file without permission is told of, at its place."""
    save(tmp_path, {"a.eml": A, "b.eml": B, "big.mbox": make_mbox([C])})
    really_open = os.open

    def refuse(path: str, flags: int) -> int:
        if not path.endswith("a.eml"):
            raise PermissionError(13, "Permission denied")
        return really_open(path, flags)

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(tasks, "LARGE", 1)

    reason = "must not be read: permission denied"
    assert ["a", reason, reason] == list_subjects(read_all(tmp_path))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes of this sort")
def test_pipe_in_a_folder_does_not_block(tmp_path: Path) -> None:
    """Nothing but files is read: a pipe would be waited for without end."""
    os.mkfifo(tmp_path / "pipe.eml")
    os.mkfifo(tmp_path / "pipe")

    assert [errors.NO_FILE] * 2 == list_subjects(read_all(tmp_path))


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    """A link that leads in a circle does not keep the scan for ever."""
    save(tmp_path, {"in/a.eml": A})
    (tmp_path / "in" / "circle").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "in" / "b.eml").symlink_to(tmp_path / "in" / "a.eml")

    assert ["a", "a"] == list_subjects(read_all(tmp_path))


def test_link_to_itself_hides_no_neighbour(tmp_path: Path) -> None:
    """What no look leads to is told of by its name, and all else in its folder is read."""
    save(tmp_path, {"a.eml": A, "in/b.eml": B})
    (tmp_path / "circle").symlink_to("circle")

    items = read_all(tmp_path)

    assert ["a", "Too many levels of symbolic links", "b"] == list_subjects(items)
    assert str(tmp_path / "circle") == items[1].place.path


def test_header_longer_than_one_read_is_whole(tmp_path: Path) -> None:
    """Of a long header block as much is read as there is, and of a body hardly anything."""
    long = b"X-Long: " + b"x" * 100_000 + b"\n" + A[: A.index(b"\n\n") + 2] + b"y" * 5_000_000
    save(tmp_path, {"a.eml": long, "b.mbox": LINE + long})

    items = read_all(tmp_path)

    assert ["a", "a"] == list_subjects(items)
    assert all(len(item.block) < 300_000 for item in items)


def test_header_alone_is_a_message(tmp_path: Path) -> None:
    """A message need not have a body."""
    save(tmp_path, {"a.eml": A[: A.index(b"\n\n") + 1]})

    assert ["a"] == list_subjects(read_all(tmp_path))


def test_link_that_leads_nowhere_is_told_of(tmp_path: Path) -> None:
    """A file may vanish between two looks; what a link leads to was never there."""
    (tmp_path / "inbox").symlink_to(tmp_path / "nothing")

    assert [errors.DEAD_LINK] == list_subjects(read_all(tmp_path))


def test_apple_mail(tmp_path: Path) -> None:
    """In `.emlx` files a count stands before the message."""
    save(tmp_path, {"1.emlx": b"%d\n" % len(A) + A + b"<?xml?>"})

    assert ["a"] == list_subjects(read_all(tmp_path))


# Maildir and MH


def test_maildir(tmp_path: Path) -> None:
    """Messages of `new` and `cur` come by their names, folders of Maildir++ after them."""
    save(tmp_path, {"cur/2.x:2,S": B, "new/1.x": A, "tmp/3.x": C, ".Sent/cur/1.y:2,": C})
    save(tmp_path, {".Sent/new/.keep": b"", ".Sent/maildirfolder": b"", "subscriptions": b"Sent"})

    assert ["a", "b", "c"] == list_subjects(read_all(tmp_path))


def test_maildir_message_is_one_whatever_it_begins_with(tmp_path: Path) -> None:
    """In a Maildir a `From ` line makes no mailbox file."""
    save(tmp_path, {"new/1.x": LINE + A + b"\n" + LINE + B, "cur/.keep": b""})

    assert ["a"] == list_subjects([i._replace(block=i.block[:250]) for i in read_all(tmp_path)])


def test_maildir_message_in_both_folders_is_read_once(tmp_path: Path) -> None:
    """A message that moves while the folders are listed is read once."""
    save(tmp_path, {"new/1.x": A, "cur/1.x:2,S": A})

    assert ["a"] == list_subjects(read_all(tmp_path))


def test_maildir_message_that_moved_is_found(tmp_path: Path) -> None:
    """A mail program may mark a message as read after we listed it."""
    save(tmp_path, {"new/1.x": A, "new/2.x": B, "cur/.keep": b""})
    (task,) = plan([str(tmp_path)])
    (tmp_path / "new" / "1.x").rename(tmp_path / "cur" / "1.x:2,S")
    (tmp_path / "new" / "2.x").unlink()

    items = [item for _, item in read_task(task)]

    assert ["a", errors.VANISHED] == list_subjects(items)
    assert str(tmp_path / "cur" / "1.x:2,S") == items[0].place.path


def test_maildir_that_went_away() -> None:
    """A Maildir that is removed while it is read has no moved messages."""
    assert maildir.find_moved("/nowhere/new/1.x") is None


def test_names_of_maildir_on_other_systems() -> None:
    """Flags are no part of the name, whatever sign stands before them."""
    assert ["1.x"] * 3 == [maildir.find_base(f"cur/1.x{m}2,S") for m in (":", ";", "!")]


def test_mh(tmp_path: Path) -> None:
    """MH numbers its messages, and sets a comma before those that are to be deleted."""
    save(tmp_path, {".mh_sequences": b"", "10": B, "9": LINE + A, ",8": C, "in/1": C})

    assert ["a", "b", "c"] == list_subjects(read_all(tmp_path))


# Mailbox files


@pytest.mark.parametrize("separator", ["\n", "\r\n"])
def test_mbox(tmp_path: Path, separator: str) -> None:
    """Messages have the place where their `From ` line begins, and their number."""
    data = make_mbox([A, B]).replace(b"\n", separator.encode())
    save(tmp_path, {"inbox": data})

    items = read_all(tmp_path / "inbox")

    assert ["a", "b"] == list_subjects(items)
    assert [(0, 1), (data.rindex(LINE[:30]), 2)] == [i.place[2:] for i in items]
    assert len(data) >= sum(item.octets for item in items) > 0
    assert f"{tmp_path}/inbox, message 1 (octet 0)" == str(items[0].place)


BODIES = {
    "mboxo": b"Hello,\n\n>From me Mon Nov 23 10:11:12 2026\nSubject: x\n",
    "mboxrd": b"Hello,\n\n>>>From me Mon Nov 23 10:11:12 2026\nSubject: x\n",
    "prose": b"Hello,\n\nFrom here it is 10:15 of 2026.\nNote that.\n",
    "prose that looks like a field": b"Hello,\nFrom here on:\nNote: that.\n",
    "no end": b"Hello",
    "empty": b"",
    "header alone": b"",
}


@pytest.mark.parametrize("name", BODIES)
def test_body_is_no_message(name: str) -> None:
    """Quoted lines and prose divide no message."""
    message = make_message("a", BODIES[name])
    assert 2 == len(list_blocks(make_mbox([message]) + LINE + B))


SEPARATORS = (
    b"From lena@a.example Mon Nov 23 10:11:12 2026\n",
    b"From - Mon Nov 23 10:11:12 2026\n",  # Mozilla
    b"From 1742915@xxx Mon Nov 23 10:11:12 +0000 2026\n",  # Gmail
    b"From ???@??? Mon Nov 23 10:11:12 2026\n",  # Eudora
    b"From a@a.example Mon, 23 Nov 2026 10:11:12 +0100\n",
    b"From nobody\n",
    b"From \n",
)


@pytest.mark.parametrize("line", SEPARATORS)
def test_separators(line: bytes) -> None:
    """Programs write many forms of the line; after a blank line all of them are known."""
    assert [A[: A.index(b"\n\n") + 1]] * 2 == list_blocks(line + A + b"\n" + line + A)


def test_dated_separator_needs_no_blank_line() -> None:
    """A program that forgets the blank line hides no message."""
    assert 2 == len(list_blocks(LINE + A + LINE + B))


def test_header_without_body_ends_at_the_next_message() -> None:
    """A message without blank line takes nothing of the next one."""
    header = A[: A.index(b"\n\n") + 1]

    assert [header, b"", header] == list_blocks(LINE + header + LINE + LINE + header)


@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n"])
def test_length_leads_over_unquoted_lines(end: bytes) -> None:
    """Where Content-Length leads to a message or to the end, the body may hold anything."""
    body = b"Look:\n\n" + LINE + b"Subject: inner\n\nx\n"
    message = b"Content-Length: %d\n" % len(body) + make_message("a", body)

    assert 1 == len(list_blocks(LINE + message + end))
    assert 2 == len(list_blocks(LINE + message + end + LINE + B))
    assert 2 == len(
        list_blocks(LINE + message.replace(b"Content-Length", b"CONTENT-LENGTH") + end + LINE + B)
    )


@pytest.mark.parametrize("wrong", [-1, 1, 5, 10_000_000])
def test_wrong_length_is_not_heeded(wrong: int) -> None:
    """A length that leads nowhere is no length."""
    message = b"content-length: %d\n" % (len(b"Hello.\n") + wrong) + A

    assert 3 == len(list_blocks(make_mbox([message, B, C])))


def test_length_of_a_header_without_body_is_not_heeded() -> None:
    """Content-Length of a block that runs into the next message says nothing."""
    header = b"Content-Length: 7\nSubject: x\n"
    length = len(LINE + header) * 2

    assert 3 == len(list_blocks(LINE + header + make_mbox([A, B])))
    assert 2 == len(list_blocks(LINE + b"X-Length: 7\n\nbody\n" + LINE + header[:length]))


def test_text_before_the_first_line_is_a_message(tmp_path: Path) -> None:
    """What stands before the first `From ` line of a damaged file is not lost."""
    assert 2 == len(list_blocks(A + b"\n" + LINE + B))
    assert 1 == len(list_blocks(b"\n\r\n\n" + LINE + B))
    assert [] == list_blocks(b"\n\n")
    save(tmp_path, {"x.mbox": LINE.strip()})
    assert [] == list_blocks(LINE.strip())


BLOCKS = st.lists(
    st.lists(
        st.sampled_from(
            [
                *(b"From me\n", b">From me Mon Nov 23 10:11:12 2026\n", b"\n", b"x: y\n", b"\r\n"),
                *(b"From here on\n", b"Content-Length: 3\n", b"x" * 50 + b"\n", LINE),
            ]
        ),
        max_size=6,
    ).map(b"".join),
    max_size=4,
)


@given(BLOCKS, st.integers(1, 40))
def test_pieces_of_a_file_change_nothing(bodies: list[bytes], size: int) -> None:
    """Whatever is read at once, and whether one can go back, the messages are the same."""
    data = make_mbox(make_message("a", body) for body in bodies)

    whole = list(split(io.BytesIO(data)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(window, "CHUNK", size)
        assert whole == list(split(io.BytesIO(data)))
        assert whole == list(split(formats.Prefixed(b"", io.BytesIO(data))))
    assert all(one.span.end == other.span.offset for one, other in pairwise(whole))
    if whole:
        later = split(io.BytesIO(data), whole[-1].span.offset, len(whole))
        assert whole[-1:] == list(later)


QUOTED = st.lists(st.lists(st.sampled_from([b"From x\n", LINE, b"y\n", b"\n", b">From\n"])))


@given(QUOTED)
def test_quoted_and_counted_bodies_are_never_divided(bodies: list[list[bytes]]) -> None:
    """A file that keeps the rules of mboxrd or mboxcl2 has as many messages as were put in."""
    rd = [
        make_message("a", b"".join(re.sub(rb"^(>*From )", rb">\1", line) for line in body))
        for body in bodies
    ]
    counted = [
        b"Content-Length: %d\n" % len(b"".join(body)) + make_message("a", b"".join(body))
        for body in bodies
    ]

    assert len(bodies) == len(list_blocks(make_mbox(rd)))
    assert len(bodies) == len(list_blocks(make_mbox(counted)))


def test_far_length_in_a_stream_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be read twice is not held for a length that may be a lie."""
    monkeypatch.setattr(window, "MAX_AHEAD", 5000)
    body = LINE + b"\n" + b"x" * 9000 + b"\n"
    data = make_mbox([b"Content-Length: %d\n" % len(body) + make_message("a", body), B])

    assert 2 == len(list_blocks(data))
    stream = formats.Prefixed(b"", io.BytesIO(data))
    assert 3 == len(list(split(stream)))


def test_large_mbox_is_divided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large file is read in pieces, and nothing changes by that."""
    save(tmp_path, {"in.mbox": make_mbox([A, B, C] * 3)})
    whole = read_all(tmp_path)
    monkeypatch.setattr(tasks, "LARGE", 1)
    monkeypatch.setattr(tasks, "FILES", 2)

    found = list(plan([str(tmp_path)]))
    pieces = read_all(tmp_path)

    assert 5 == len(found)
    assert [i.place for i in whole] == [i.place for i in pieces]
    assert list_subjects(whole) == list_subjects(pieces)


def test_mbox_that_changes_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is cut or written anew while it is read costs what is gone, and no other."""
    monkeypatch.setattr(tasks, "LARGE", 1)
    path = save(tmp_path, {"in.mbox": make_mbox([A, B, C])}) / "in.mbox"
    (task,) = plan([str(tmp_path)])
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(LINE) + 20])

    assert ["a", "b", errors.CHANGED] == list_subjects([i for _, i in read_task(task)])

    path.write_bytes(b"x" + data)
    assert [errors.CHANGED] * 3 == list_subjects([i for _, i in read_task(task)])

    path.unlink()
    if hasattr(os, "mkfifo"):
        os.mkfifo(path)
        assert [errors.NO_FILE] * 3 == list_subjects([i for _, i in read_task(task)])
        path.unlink()
    assert ["is not there"] * 3 == list_subjects([i for _, i in read_task(task)])


def test_mailbox_that_vanishes_between_two_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file is opened twice, to recognise it and to read it; between the two it may go away."""
    save(tmp_path, {"in.mbox": make_mbox([A])})

    def vanish(entry: Entry) -> None:
        raise FileNotFoundError(2, "No such file or directory", entry.path)

    monkeypatch.setattr(tasks, "_open", vanish)

    assert ["is not there"] == list_subjects(read_all(tmp_path))


def test_error_while_reading_a_mailbox_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails in the midst loses only what stands behind."""

    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 300:
                raise OSError(5, "Input/output error")
            return super().read(min(size or 0, 200))

    monkeypatch.setattr(window, "CHUNK", 200)
    data = make_mbox([A, b"Content-Length: 5000\n" + B, C])
    opened = formats.Opened(Failing(data), "in.mbox", Place("in.mbox"))

    items = list(formats.read_opened(opened, Kind.MBOX))

    assert ["a", "Input/output error"] == list_subjects(items)
    assert (2, data.index(LINE, 10)) == (items[1].place.number, items[1].place.offset)


def test_disk_that_fails_while_a_large_mbox_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The messages before the damage are read, and then it is told."""
    save(tmp_path, {"in.mbox": make_mbox([A, B, C])})
    monkeypatch.setattr(tasks, "LARGE", 1)

    def fail(file: io.FileIO, offset: int, number: int) -> Iterator[Found]:
        yield from list(split(file, offset, number))[:2]
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(tasks, "split", fail)

    assert ["a", "b", "Input/output error"] == list_subjects(read_all(tmp_path))


def test_length_leads_over_a_long_body() -> None:
    """What a body holds is not even read, where its length leads to the next message."""

    class Counting(io.BytesIO):
        octets = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            self.octets += len(data)
            return data

    body = b"x" * 9_000_000 + b"\n\n" + LINE + b"Subject: inner\n\n"
    message = b"Content-Length: %d\n" % len(body) + make_message("a", body)
    file = Counting(make_mbox([message, message, B]))

    assert 3 == len(list(split(file)))
    assert file.octets < 4_000_000


def test_look_ahead_where_the_disk_fails() -> None:
    """A length that leads to a place that cannot be read is no length."""

    class Failing(io.BytesIO):
        def seek(self, place: int, whence: int = 0, /) -> int:
            if place > 5000:
                raise OSError(5, "Input/output error")
            return super().seek(place, whence)

    message = b"Content-Length: 6000\n" + A
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(window, "CHUNK", 300)
        assert 2 == len(list(split(Failing(make_mbox([message, B])))))


# Compressed files

PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd.compress,
}


@pytest.mark.parametrize("suffix", PACK)
def test_compressed(tmp_path: Path, suffix: str) -> None:
    """One message, a mailbox file, and several streams behind each other."""
    pack = PACK[suffix]
    save(tmp_path, {f"a.eml{suffix}": pack(A), f"b.mbox{suffix}": pack(make_mbox([A, B]))})
    save(tmp_path, {f"c{suffix}": pack(make_mbox([A])) + pack(make_mbox([B])), f"d{suffix}": b""})

    assert ["a", "a", "b", "a", "b"] == list_subjects(read_all(tmp_path))


@pytest.mark.parametrize("suffix", PACK)
def test_cut_compressed_file_loses_what_is_cut(tmp_path: Path, suffix: str) -> None:
    """Of a file that is cut off all is read that is there, and then it is told."""
    messages = [make_message(str(n), os.urandom(60_000).hex().encode()) for n in range(9)]
    data = PACK[suffix](make_mbox(messages))
    save(tmp_path, {f"in.mbox{suffix}": data[: len(data) // 2]})

    *read, last = list_subjects(read_all(tmp_path))

    assert "ends before its end: it is cut off" == last
    assert [str(n) for n in range(len(read))] == read
    # bzip2 packs blocks of 900 kB
    assert (suffix == ".bz2") or len(read) in {4, 5}


def test_header_that_is_cut_is_no_header(tmp_path: Path) -> None:
    """A message is judged by its whole header or not at all."""
    header = b"".join(b"X-%d: %b\n" % (n, os.urandom(40).hex().encode()) for n in range(300)) + A
    cut = gzip.compress(header)[:9000]
    save(tmp_path, {"a.eml.gz": cut, "b.mbox.gz": gzip.compress(LINE + header)[:9000]})
    save(tmp_path, {"c.gz": cut[:11]})

    assert ["ends before its end: it is cut off"] * 3 == list_subjects(read_all(tmp_path))


def test_damaged_compressed_file_is_told_of(tmp_path: Path) -> None:
    """Octets that were changed are told of."""
    save(tmp_path, {"a.eml.gz": gzip.compress(A)[:10] + b"\xff" * 50})

    assert ["is damaged: it cannot be unpacked"] == list_subjects(read_all(tmp_path))


def test_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """Of a message only the header is unpacked, whatever is behind it."""
    bomb = gzip.compress(A + bytes(100_000_000))
    save(tmp_path, {"a.eml.gz": bomb})

    (item,) = read_all(tmp_path)

    assert len(item.block) < 100_000


def test_zeros_behind_a_stream_are_filling() -> None:
    """Tapes and disks fill up; what comes after zeros is another stream."""
    filled = gzip.compress(b"a") + bytes(70_000) + gzip.compress(b"b") + bytes(10)
    stream = Unpacked(io.BytesIO(filled), Kind.GZIP)

    assert [b"a", b"b", b"", b""] == [stream.read(10) for _ in range(4)]


def test_nothing_inside_nothing(tmp_path: Path) -> None:
    """An empty compressed file holds no mailbox, and is no error."""
    assert b"" == Unpacked(io.BytesIO(b""), Kind.GZIP).read(10)
    save(tmp_path, {"a.gz": gzip.compress(b""), "b.gz": gzip.compress(gzip.compress(A))})
    assert [errors.NESTED] == list_subjects(read_all(tmp_path))


@pytest.mark.parametrize(
    ("name", "data", "needs"),
    [
        ("a.eml.zst", zstd.compress(A), ("backports.zstd", "zstd")),
        ("a.msg", make_msg({"__substg1.0_007D001F": b""}), ("olefile", "msg")),
        ("a.parquet", b"PAR1", ("pyarrow", "arrow")),
    ],
)
def test_missing_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes, needs: tuple[str, str]
) -> None:
    """What needs a package that is not installed says which extra has it."""
    module, extra = needs
    save(tmp_path, {name: data})
    monkeypatch.setitem(sys.modules, module, None)

    (reason,) = list_subjects(read_all(tmp_path))

    assert reason.startswith(f"needs {module}")
    assert f"headertls[{extra}]" in reason


# Archives


def make_zip(files: dict[str, bytes]) -> bytes:
    """Make a zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.mkdir("in")
        for name, data in files.items():
            packed.writestr(name, data)
    return buffer.getvalue()


def make_tar(files: dict[str, bytes], mode: str = "w") -> bytes:
    """Make a tar archive that holds a link, too."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as packed:
        link = tarfile.TarInfo("link.eml")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packed.addfile(link)
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            packed.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


CONTENT = {
    "../../etc/a.eml": A,
    "/b.mbox": make_mbox([A, B]),
    "c.eml.gz": gzip.compress(C),
    "__MACOSX/._c.eml": b"x",
    "d.pdf": b"%PDF",
}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.zip", make_zip(CONTENT)),
        ("x.tar", make_tar(CONTENT)),
        ("x.tgz", make_tar(CONTENT, "w:gz")),
        ("x.tar.xz", make_tar(CONTENT, "w:xz")),
    ],
)
def test_archives(tmp_path: Path, name: str, data: bytes) -> None:
    """Messages and mailbox files are read where they stand; names are labels and nothing else."""
    save(tmp_path, {name: data})

    items = read_all(tmp_path)

    assert ["a", "a", "b", "c", errors.NO_MAIL] == list_subjects(items)
    assert [name] == [path.name for path in tmp_path.iterdir()]
    assert {"../../etc/a.eml", "/b.mbox", "c.eml.gz", "d.pdf"} == {i.place.member for i in items}
    assert (2, len(make_mbox([A]))) == (items[2].place.number, items[2].place.offset)


@pytest.mark.parametrize("inner", [make_zip({"a": A}), make_tar({"a": A})])
def test_archive_inside_an_archive_is_not_opened(tmp_path: Path, inner: bytes) -> None:
    """Archives within archives can go on without end."""
    save(tmp_path, {"x.zip": make_zip({"inner": inner, "b.eml": B})})
    save(tmp_path, {"y.zip.gz": gzip.compress(make_zip({"a": A}))})

    assert [errors.NESTED, "b", errors.NESTED] == list_subjects(read_all(tmp_path))


def test_damaged_archives(tmp_path: Path) -> None:
    """What stands before the damage is read; the damage is told of, and the next file is read."""
    big = make_message("b", os.urandom(5_000))
    packed = bytearray(make_zip({"a.eml": A, "b.eml": big, "c.eml": C}))
    at = packed.index(b"b.eml")
    packed[at + 5 : at + 500] = b"\xff" * 495
    lost = bytearray(make_zip({"a.eml": A, "b.eml": B}))
    lost[lost.index(b"b.eml") - 30] = 0
    save(tmp_path, {"1.zip": bytes(packed), "2.tar": make_tar({"a": A, "b": big})[:3500]})
    save(tmp_path, {"3.zip": bytes(lost), "4.zip": b"PK\x03\x04", "5.eml": C})

    found = list_subjects(read_all(tmp_path))

    assert ["a", "is damaged: it cannot be unpacked", "c", "a"] == found[:4]
    # of the member, and of what the archive may have held behind it
    assert ["cannot be read: unexpected end of data"] * 2 == found[4:6]
    assert ["a", "cannot be read: Bad magic number for file header"] == found[6:8]
    assert ["cannot be read: File is not a zip file", "c"] == found[8:]


def test_locked_member_says_so(tmp_path: Path) -> None:
    """A file behind a password is told of, and the others are read."""
    packed = bytearray(make_zip({"a.eml": A, "b.eml": B}))
    packed[packed.rindex(b"PK\x01\x02", 0, packed.rindex(b"a.eml")) + 8] |= 1
    save(tmp_path, {"x.zip": bytes(packed)})

    assert [archive.LOCKED, "b"] == list_subjects(read_all(tmp_path))


# Outlook


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("__substg1.0_007D001F", A.decode().replace("\n", "\r\n").encode("utf-16-le")),
        ("__substg1.0_007D001E", A),
        (
            "__substg1.0_007D001E",
            b"Microsoft Mail Internet Headers Version 2.0\r\n" + A.replace(b"\n", b"\r\n"),
        ),
    ],
)
def test_outlook(tmp_path: Path, name: str, header: bytes) -> None:
    """The transport headers of `.msg` files are read, in either encoding, in archives, too."""
    data = make_msg({"__nameid": b"", name: header})
    save(tmp_path, {"a.msg": data, "b.zip": make_zip({"a.msg": data}), "c.msg": A})

    items = read_all(tmp_path)

    assert ["a", "a", "a"] == list_subjects(items)
    assert items[0].block.startswith(b"Received: from shop.example")


def test_outlook_without_headers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A draft has none, a damaged file is told of, and one of a giant's size in an archive is."""
    draft = make_msg({"__substg1.0_0037001F": b"x"})
    save(tmp_path, {"1.msg": draft, "2.msg": draft[:300], "3.zip": make_zip({"a.msg": draft})})
    monkeypatch.setattr(formats, "MAX_MEMBER", 100)

    first, second, third = list_subjects(read_all(tmp_path))

    assert outlook.NO_HEADER == first
    assert second.startswith("cannot be read: ")
    assert "is too large to be read inside an archive" == third


# Tables


def make_csv(rows: list[list[str]], delimiter: str = ",") -> bytes:
    """Make a CSV file."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    return buffer.getvalue().encode()


def make_parquet(columns: dict[str, list[object]]) -> bytes:
    """Make a Parquet file."""
    buffer = io.BytesIO()
    parquet.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def make_ndjson(*rows: object) -> bytes:
    """Make a file of JSON lines."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


TEXTS = [text.decode() for text in (A, B)]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.csv", make_csv([["id", "Headers"], ["1", TEXTS[0]], ["2", TEXTS[1]]])),
        ("x.tsv", make_csv([["id", "raw"], ["1", TEXTS[0]], ["2", TEXTS[1]]], "\t")),
        ("x.csv", b"\xef\xbb\xbf" + make_csv([["headers"], [TEXTS[0]], [TEXTS[1]]])),
        ("x.ndjson", make_ndjson({"headers": TEXTS[0]}, {"headers": TEXTS[1]})),
        ("x", make_ndjson({"message": TEXTS[0]}) + b"\n" + make_ndjson({"raw": TEXTS[1]})),
        ("x.parquet", make_parquet({"raw_headers": TEXTS, "id": [1, 2]})),
        ("x.parquet", make_parquet({"headers": [A, B]})),
    ],
)
def test_tables(tmp_path: Path, name: str, data: bytes) -> None:
    """Each row is a message, and its number is its place."""
    save(tmp_path, {name: data})

    items = read_all(tmp_path)

    assert ["a", "b"] == list_subjects(items)
    assert [f"{tmp_path / name}, row {n}" for n in (1, 2)] == [str(i.place) for i in items]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.csv", make_csv([["headers", "other"], ["x", TEXTS[0]]])),
        ("x.ndjson", make_ndjson({"headers": "x", "other": TEXTS[0]})),
        ("x.parquet", make_parquet({"headers": ["x"], "other": TEXTS[:1]})),
    ],
)
def test_column_can_be_named(tmp_path: Path, name: str, data: bytes) -> None:
    """The caller may tell where the headers stand; a column that is not there is told of."""
    save(tmp_path, {name: data})

    assert ["a"] == list_subjects(read_all(tmp_path, column="Other"))
    (error,) = list_subjects(read_all(tmp_path, column="nothing"))
    assert error.startswith("has no column called nothing: it has headers, other")


def test_rows_that_cannot_be_read(tmp_path: Path) -> None:
    """A row without a header costs itself, and no other."""
    rows = [{"headers": ""}, {"headers": 1}, ["x"], {"y": 1}, {"headers": TEXTS[0]}]
    save(tmp_path, {"1.ndjson": make_ndjson(*rows) + b"{\n"})
    save(tmp_path, {"2.csv": make_csv([["id", "headers"], ["1"], [], ["2", TEXTS[1]]])})
    save(tmp_path, {"3.csv": b"a,b\n1,2\n", "4.parquet": b"PAR1", "5.csv": b""})

    found = list_subjects(read_all(tmp_path))

    assert [tables.NO_HEADER] * 2 + [tables.NO_OBJECT] == found[:3]
    assert ["has no column of raw headers: it has y", "a", tables.NO_OBJECT] == found[3:6]
    assert [tables.NO_HEADER, "b", "has no column of raw headers: it has a, b"] == found[6:9]
    assert found[9].startswith("cannot be read: ")
    assert ["has no column of raw headers: it has none"] == found[10:]


def test_rows_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that could fill the memory is passed over."""
    monkeypatch.setattr(tables, "MAX_ROW", 1000)
    monkeypatch.setattr(tables, "_CHUNK", 700)
    save(
        tmp_path, {"1.ndjson": b'{"x": "' + b"y" * 5000 + b'"}\n' + make_ndjson({"raw": TEXTS[0]})}
    )
    save(tmp_path, {"2.ndjson": b'{"x": "' + b"y" * 5000, "3.csv": b"raw\n" + b"y" * 5000})

    assert [tables.TOO_LONG, "a", *[tables.TOO_LONG] * 2] == list_subjects(read_all(tmp_path))


def test_long_row_is_not_copied_with_each_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time that a row takes grows with its length, not with the square of it."""
    monkeypatch.setattr(tables, "_CHUNK", 256)
    row = make_ndjson({"x": "y" * 4_000_000, "raw": TEXTS[0]})

    assert_takes_at_most(2, lambda: list(tables.iter_ndjson(io.BytesIO(row), None)))


def test_long_cells_of_csv_are_read(tmp_path: Path) -> None:
    """A cell may hold a whole message; the limit of the standard library's module stays."""
    limit = csv.field_size_limit()
    rows = [["raw"], [TEXTS[0] + "x" * 3_000_000], [TEXTS[1]]]
    save(tmp_path, {"1.csv": make_csv(rows)})

    assert ["a", "b"] == list_subjects(read_all(tmp_path))
    assert limit == csv.field_size_limit() == 128 << 10


def test_cell_that_csv_refuses(tmp_path: Path) -> None:
    """A cell that could fill the memory costs its row, and no line of it is taken for a row."""
    line = 'Subject: "x"' + "x" * (1 << 20) + "\n"
    rows = [["raw"], [line * 65 + "Subject: x"], [TEXTS[1]]]
    endless = b'raw\n"' + (b"x" * 1023 + b"\n") * (66 << 10)
    save(tmp_path, {"1.csv": make_csv(rows), "2.csv": endless})

    first, second, third = list_subjects(read_all(tmp_path))

    assert first.startswith("cannot be read: field larger than field limit")
    assert ("b", first) == (second, third)


# Kinds and reasons


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a", b"", Kind.EMPTY),
        ("a", bytes(300), Kind.OTHER),
        ("a", b"  \n", Kind.EMPTY),
        ("a.eml", b"", Kind.MESSAGE),
        ("a.eml", LINE + A, Kind.MESSAGE),
        ("a", b"\xef\xbb\xbfSubject: x\n", Kind.MESSAGE),
        ("a", "\ufeffSubject: x\n".encode("utf-16"), Kind.MESSAGE),
        ("a", b"> Received: from\n", Kind.MESSAGE),
        ("a", b"Subject : x\n", Kind.MESSAGE),
        ("a", b"From x\nSubject: y\n", Kind.MBOX),
        ("a", b"From x", Kind.MESSAGE),
        ("a", b"BZ is not it: x", Kind.OTHER),
        ("a.JSONL", b"x", Kind.NDJSON),
        ("in.v2/a", b"PK\x05\x06", Kind.ZIP),
    ],
)
def test_recognise(name: str, head: bytes, kind: Kind) -> None:
    """What a file is, is told by its first octets, and by its name where they do not tell."""
    assert kind == recognise(name, head)


def test_reasons() -> None:
    """Reasons are plain words, whatever a library raises."""
    assert "Input/output error" == errors.explain(OSError(5, "x"))
    assert "cannot be read: OSError" == errors.explain(OSError())
    assert "cannot be read: a b" == errors.explain(ValueError("a\n b"))
    assert "is nested too deeply" == errors.explain(RecursionError())


# Going on behind what is done


@pytest.mark.parametrize("large", [1, 1 << 22])
def test_scan_goes_on_behind_every_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    """Wherever a scan was broken off, what is left is what it had not done."""
    monkeypatch.setattr(tasks, "LARGE", large)
    monkeypatch.setattr(tasks, "FILES", 3)
    first, second = tmp_path / "1", tmp_path / "2"
    save(first, {"a.eml": A, "b/1": B, "b/2": C, "c.mbox": make_mbox([A, B, C] * 2), "d.eml": B})
    save(first, {"e.zip": make_zip({"1.eml": A, "2.eml": B}), "f.eml": C, "g.eml": A})
    save(second, {"cur/1:2,S": A, "new/2": B, ".Sent/cur/3": C, ".Sent/new/4": C})
    paths = [str(first), str(second), str(tmp_path / "nothing")]
    done = [(find_mark(task, step), item) for task in plan(paths) for step, item in read_task(task)]

    for count, (mark, _) in enumerate(done, 1):
        rest = [
            (find_mark(task, step), item)
            for task in plan(paths, after=mark)
            for step, item in read_task(task)
        ]
        assert [item.place for _, item in done[count:]] == [item.place for _, item in rest]
        assert [mark for mark, _ in done[count:]] == [mark for mark, _ in rest]


def test_mark_before_a_task_is_that_of_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task of which nothing is done yet can be named, too."""
    monkeypatch.setattr(tasks, "LARGE", 1)
    monkeypatch.setattr(tasks, "FILES", 2)
    save(tmp_path, {"a.mbox": make_mbox([A, B, C]), "b.eml": A})

    for task in plan([str(tmp_path)]):
        rest = plan([str(tmp_path)], after=find_mark(task, tasks.Step()))
        assert [i for _, i in read_task(task)] == [i for _, i in read_task(next(rest))]


def test_task_goes_on_within(tmp_path: Path) -> None:
    """A task that was broken off goes on behind the messages that were done."""
    save(tmp_path, {"a.mbox": make_mbox([A, B, C]), "b.eml": A})
    (task,) = plan([str(tmp_path)])
    done = list(read_task(task))

    for count, (step, _) in enumerate(done, 1):
        rest = [item.place for _, item in read_task(task, step)]
        assert [item.place for _, item in done[count:]] == rest


def test_nothing_is_left_behind_the_last_mark(tmp_path: Path) -> None:
    """A folder from which the last files were taken has nothing to go on with."""
    save(tmp_path, {"a.eml": A, "b.eml": B})
    (task,) = plan([str(tmp_path)])
    (tmp_path / "b.eml").unlink()

    assert [] == list(plan([str(tmp_path)], after=find_mark(task, tasks.Step(2))))


def test_file_that_went_away_before_the_mark(tmp_path: Path) -> None:
    """A mark whose file was removed meanwhile still divides what is done from what is not."""
    save(tmp_path, {"a.eml": A, "b.eml": B, "c.eml": C})
    (task,) = plan([str(tmp_path)])
    mark = find_mark(task, tasks.Step(2))
    (tmp_path / "b.eml").unlink()

    rest = [item for task in plan([str(tmp_path)], after=mark) for _, item in read_task(task)]

    assert ["c"] == list_subjects(rest)
