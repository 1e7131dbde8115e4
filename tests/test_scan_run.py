"""Whole scans: what is written, what is counted, and what is left of a scan that was broken off."""

import csv
import errno
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from headertls import FindingCode, Grade, Headline, Hop, Severity, Trace, Transport, analyze
from headertls import parse_received as read
from headertls.corpus import arrow_output, encoding, outputs, tally, work
from headertls.corpus import run as run_module
from headertls.corpus.encoding import COLUMNS, Form, encode
from headertls.corpus.outputs import open_output
from headertls.corpus.rows import Judged, PlaceRow
from headertls.corpus.run import Order, Outcome, Progress, find_state, run_scan
from headertls.corpus.state import StateError
from headertls.corpus.summary import sum_up
from headertls.corpus.tally import OTHERS, Fate, Sort, Tally
from headertls.corpus.wanted import Wanted
from headertls.corpus.work import make_job
from headertls.mailboxes import Item, Place
from headertls.models.summary import Sender, Week
from headertls.report.frame import HopRow
from headertls.rows import find_message_id, name_receiver, name_sender
from mailbox_files import make_mbox, make_message, save

EXAMPLES = Path(__file__).parents[1] / "examples"
SUFFIXES = (".ndjson", ".csv", ".parquet", ".arrow")


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    """Mail of several forms, with a message that is there twice and one that cannot be read."""
    folder = tmp_path / "mail"
    many = [make_message(str(n), protocol=("ESMTP", "ESMTPS")[n % 2]) for n in range(200)]
    save(folder, {"1.mbox": make_mbox(many), "2.eml": many[7], "3.bin": b"\0\1"})
    save(folder, {f"d/{path.name}": path.read_bytes() for path in EXAMPLES.glob("*.eml")})
    return folder


def order(mail: Path, *names: str, is_deduped: bool = False, **more: Any) -> Order:
    """Ask for outputs beside *mail*; those that have a `hop` in their name are of hops."""
    wanted = tuple(
        Wanted(mail.parent / name, "hops" if "hop" in name else "messages") for name in names
    )
    forms = {one.rows: one.form for one in wanted}
    job = make_job(None, None)._replace(is_deduped=is_deduped, **forms)
    return Order((str(mail),), job, wanted, **more)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read an output of any form, as values of JSON."""
    if path.suffix == ".ndjson":
        return [json.loads(line) for line in path.read_text().splitlines()]
    if path.suffix == ".csv":
        return list(csv.DictReader(io.StringIO(path.read_text(), newline="")))
    if path.suffix == ".parquet":
        table = parquet.read_table(path)
    else:
        with pa.OSFile(str(path), "rb") as file:
            table = pa.ipc.open_file(file).read_all()
    return [{k: _plain(v) for k, v in row.items()} for row in table.to_pylist()]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


class Stop:
    """A wish to stop after so many messages."""

    def __init__(self, messages: int) -> None:
        self.messages = messages
        self.is_due = False

    def show(self, progress: Progress) -> None:
        """Look at the progress."""
        self.is_due = progress.fresh >= self.messages

    def __call__(self) -> bool:
        """Tell whether it is time."""
        return self.is_due


def break_off(wanted: Order, messages: int) -> Outcome:
    """Scan so many messages, or all if there are fewer."""
    stop = Stop(messages)
    return run_scan(wanted, stop.show, stop)


# Rows


def test_outputs_of_all_forms_say_the_same(mail: Path) -> None:
    """One row a hop, one a message; whatever the form, the values are the same."""
    names = [f"{kind}{suffix}" for suffix in SUFFIXES for kind in ("hops", "messages")]
    for hops, messages in zip(names[::2], names[1::2], strict=True):
        assert run_scan(order(mail, hops, messages)).is_complete

    for kind, columns in (("hops", COLUMNS["hops"]), ("messages", COLUMNS["messages"])):
        first, second, *others = (read_rows(mail.parent / f"{kind}{s}") for s in SUFFIXES)
        assert list(columns) == list(first[0])
        assert [first, first] == others
        spelled = [{k: _spell(v) for k, v in row.items()} for row in first]
        assert spelled == second
    assert sorted(["mail", *names]) == sorted(path.name for path in mail.parent.iterdir())


def _spell(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_rows_of_hops_are_those_of_frames(mail: Path) -> None:
    """A hop's row is that of `to_frame`, with the place of its message."""
    run_scan(order(mail, "hops.ndjson"))
    rows = read_rows(mail.parent / "hops.ndjson")

    assert ("message", *PlaceRow._fields, *HopRow._fields[1:]) == COLUMNS["hops"]
    place = {k: rows[-1][k] for k in PlaceRow._fields}
    assert {"path": str(mail / "d" / "witness.eml"), "member": None, "offset": None} == {
        k: v for k, v in place.items() if k != "number"
    }
    trace = analyze(EXAMPLES / "witness.eml")
    assert [hop.raw for hop in trace] == [r["raw"] for r in rows if r["path"] == place["path"]]
    second = [row for row in rows if row["message"] == 1]
    assert [(2, len(make_mbox([make_message("0", protocol="ESMTP")])))] == [
        (row["number"], row["offset"]) for row in second
    ]


def test_rows_of_messages(mail: Path) -> None:
    """A message's row tells where it stands, how it came in, and what was found."""
    run_scan(order(mail, "messages.ndjson"))
    rows = read_rows(mail.parent / "messages.ndjson")

    assert list(range(len(rows))) == [row["message"] for row in rows]
    first, unread = rows[0], rows[201]
    told = {k: v for k, v in first.items() if v not in (None, 0, False, "")}
    assert {
        "path": str(mail / "1.mbox"),
        "number": 1,
        "message_id": "0@shop.example",
        "headline": "entered_plaintext",
        "boundary_inferred": True,
        "profile": "default-2026",
        "hops": 1,
        "plaintext": 1,
        "trusted_plaintext": 1,
        "entry_kind": "relay",
        "entry_scope": "public",
        "entry_transport": "plaintext",
        "entry_confidence": "high",
        "entry_grade": "plaintext",
        "entry_timestamp": "2023-08-29T08:11:12+00:00",
        "entry_sender": "shop.example",
        "entry_client_helo": "shop.example",
        "entry_client_rdns": "shop.example",
        "entry_client_address": "81.2.69.144",
        "entry_server_name": "mx.site.example",
        "entry_protocol": "ESMTP",
        "severity": "high",
        "findings": "plaintext-public-hop",
    } == told
    assert ["message", "path", "error"] == [k for k, v in unread.items() if v is not None]
    (session,) = [row for row in rows if row["path"].endswith("postfix-tls-comment.eml")]
    assert ("TLSv1.3", "TLS_AES_256_GCM_SHA384", "X25519MLKEM768") == (
        session["entry_tls_version"],
        session["entry_tls_suite"],
        session["entry_tls_group"],
    )
    assert "2024-12-19T09:26:01+00:00" == next(
        row["date"] for row in rows if row["path"].endswith("amavis.eml")
    )


def test_message_without_entry_has_a_row() -> None:
    """Where no hop is the way in, its columns are empty; odd hops break nothing."""
    item = Item(Place("a.eml"), b"Date: x\n\nMessage-ID: <body>\n")
    traces = (Trace(), Trace(hops=(Hop(raw="x"),), entry=Hop(raw="x")))
    lines = encode(Form.NDJSON, "messages", [Judged(item, trace, None) for trace in traces])

    one, two = (json.loads(b"{" + line) for _, line in lines)  # type: ignore[misc, str-bytes-safe]
    assert (None, None, None, None) == tuple(
        one[k] for k in ("entry_hop", "date", "message_id", "severity")
    )
    names = ("entry_hop", "entry_kind", "entry_sender", "entry_transport")
    assert (0, None, "unknown", None) == tuple(two[name] for name in names)
    assert find_message_id(b"Message-ID:\n\n") is None


def test_lines_steer_nothing() -> None:
    """NDJSON is printable ASCII; lone surrogates, which no encoding takes, are escapes in CSV."""
    trace = Trace(hops=(Hop(raw="\x7f\u202e\ud800"),))
    judged = [Judged(Item(Place("a")), trace, None)]

    ((_, line),) = encode(Form.NDJSON, "hops", judged)
    assert line.decode("ascii").rstrip("\n").isprintable()  # type: ignore[union-attr]
    ((_, line),) = encode(Form.CSV, "hops", judged)
    assert "\\ud800" in line.decode("utf-8")  # type: ignore[union-attr]
    with pytest.raises(TypeError):
        json.loads(encode_nothing())


def encode_nothing() -> str:
    """Write a value that no column has."""
    return encoding._encode_json({"x": object()})  # noqa: SLF001


# Going on


@pytest.mark.parametrize(("suffix", "workers"), [*((s, 1) for s in SUFFIXES), (".ndjson", 2)])
def test_scan_that_was_broken_off_goes_on(
    mail: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, workers: int
) -> None:
    """Broken off again and again, a scan writes the same rows as one that was not."""
    names = (f"hops{suffix}", f"messages{suffix}")
    whole = run_scan(order(mail, *names))
    expected = [read_rows(mail.parent / name) for name in names]
    for name in names:
        (mail.parent / name).unlink()
    monkeypatch.setattr(work, "BATCH", 20)

    wanted = order(mail, *names, workers=workers)
    outcome = break_off(wanted, 50)
    turns = 1
    while not outcome.is_complete:
        left = [mail.parent / f"{name}.partial" for name in names]
        assert left == list(outcome.left)
        assert all(path.exists() for path in left)
        outcome = break_off(wanted._replace(is_resumed=True), 50)
        turns += 1

    assert turns > 3
    assert expected == [read_rows(mail.parent / name) for name in names]
    assert sum_up(whole.tally) == sum_up(outcome.tally)
    assert sorted(["mail", *names]) == sorted(path.name for path in mail.parent.iterdir())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_killed_scan_goes_on(mail: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    """A scan that ended without a word goes on where it last noted how far it was."""
    names = (f"hops{suffix}", f"messages{suffix}")
    run_scan(order(mail, *names))
    expected = [read_rows(mail.parent / name) for name in names]
    monkeypatch.setattr(work, "BATCH", 20)
    monkeypatch.setattr(arrow_output, "ROWS", 5)
    times = iter([0, 0, 100, *[100] * 99])
    monkeypatch.setattr(run_module, "monotonic", lambda: next(times))

    class Killed(BaseException):
        pass

    def die(progress: Progress) -> None:
        if progress.messages > 100:
            raise Killed

    with pytest.raises(Killed):
        run_scan(order(mail, *names, is_deduped=True), die)
    noted = json.loads((mail.parent / f"{names[0]}.state").read_text())
    assert 0 < noted["messages"] < 100

    shown: list[Progress] = []
    outcome = run_scan(order(mail, *names, is_deduped=True, is_resumed=True), shown.append)

    assert outcome.is_complete
    assert noted["messages"] + 20 == shown[0].messages
    assert 20 == shown[0].fresh
    assert shown[0].octets >= noted["octets"] > 0
    # without the one that is there twice
    for rows, name in zip(expected, names, strict=True):
        kept = [row for row in rows if not str(row["path"]).endswith("2.eml")]
        found = read_rows(mail.parent / name)
        assert [row["path"] for row in kept] == [row["path"] for row in found]


def test_new_scan_begins_anew(mail: Path) -> None:
    """Without the wish to go on, what was left is written over."""
    for name in ("hops.ndjson", "hops.parquet"):
        break_off(order(mail, name), 50)
        run_scan(order(mail, name))
    assert read_rows(mail.parent / "hops.ndjson") == read_rows(mail.parent / "hops.parquet")


def test_scan_without_a_message_writes_empty_tables(mail: Path) -> None:
    """Even of nothing there is a file, with its columns."""
    (mail / "d" / "x").mkdir()
    for suffix in SUFFIXES:
        wanted = order(mail, f"hops{suffix}")._replace(paths=(str(mail / "d" / "x"),))
        assert run_scan(wanted).is_complete
        assert [] == read_rows(mail.parent / f"hops{suffix}")
    assert len(COLUMNS["hops"]) == len(parquet.read_schema(mail.parent / "hops.parquet"))


def test_there_has_to_be_something_to_go_on_with(mail: Path) -> None:
    """Another scan, no scan or no output is told of, and nothing is overwritten."""
    wanted = order(mail, "hops.ndjson", is_resumed=True)
    with pytest.raises(StateError, match="is not there"):
        run_scan(wanted)
    with pytest.raises(StateError, match="no output is wanted"):
        run_scan(order(mail, is_resumed=True))
    break_off(wanted._replace(is_resumed=False), 50)
    for other in (wanted._replace(paths=("x",)), wanted._replace(column="x")):
        with pytest.raises(StateError, match="belongs to a scan of other paths"):
            run_scan(other)
    state = find_state(wanted)
    assert state is not None
    noted = json.loads(state.read_text())
    for text in ("{", "[]", "null", '"x"', json.dumps({**noted, "mark": 1, "counts": []})):
        state.write_text(text)
        with pytest.raises(StateError, match="is no state of a scan"):
            run_scan(wanted)


@pytest.mark.parametrize("suffix", [".ndjson", ".csv", ".parquet", ".arrow"])
def test_lost_rows_are_told_of(mail: Path, suffix: str) -> None:
    """A scan does not go on upon an output of which a part was lost, and leaves it as it is."""
    wanted = order(mail, f"hops{suffix}")
    (partial,) = break_off(wanted, 50).left
    file = partial if partial.is_file() else next(partial.iterdir())
    octets = file.read_bytes()
    file.write_bytes(octets[:-1]) if file == partial else file.unlink()

    with pytest.raises(StateError, match="is not what was saved"):
        run_scan(wanted._replace(is_resumed=True))

    file.write_bytes(octets)
    assert run_scan(wanted._replace(is_resumed=True)).is_complete


# Outputs that cannot be written


def test_ending_tells_the_form(tmp_path: Path) -> None:
    """A name whose ending says nothing is refused, and all known ones are told."""
    with pytest.raises(ValueError, match=r"x.xlsx: the ending is none of .ndjson, .jsonl, .csv"):
        open_output(Wanted(tmp_path / "x.xlsx", "hops"))


def test_output_that_cannot_be_opened(mail: Path) -> None:
    """A folder that is not there ends the scan before it begins; what was opened is closed."""
    with pytest.raises(FileNotFoundError):
        run_scan(order(mail, "hops.csv", "nowhere/messages.csv"))


class FullDisk:
    """A disk on which there is room for so many octets of unbuffered files."""

    def __init__(self, room: int) -> None:
        self.room = room

    def open(self, path: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        """Open a file, on this disk if it is of the sort that is meant."""
        disk = self

        class File(io.FileIO):
            def write(self, data: Any, /) -> int:
                octets = bytes(data)[: disk.room]
                if not octets and len(data):
                    raise OSError(errno.ENOSPC, "No space left on device")
                disk.room -= len(octets)
                return super().write(octets)

        if kwargs.get("buffering") == 0:
            return File(path, mode)
        return open(path, mode, *args, **kwargs)  # noqa: PTH123


@pytest.mark.parametrize("suffix", [".ndjson", ".csv"])
def test_full_disk_keeps_what_was_written(
    mail: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    """When the disk is full the lines that are there are whole, and the scan can go on."""
    name = f"hops{suffix}"
    run_scan(order(mail, name))
    expected = read_rows(mail.parent / name)
    monkeypatch.setattr(work, "BATCH", 20)
    disk = FullDisk(70_000)

    with pytest.MonkeyPatch.context() as patch:
        # a bound method would not get the path
        patch.setattr(Path, "open", lambda *a, **k: disk.open(*a, **k))  # noqa: PLW0108
        patch.setattr(run_module, "SAVED_EVERY", -1.0)
        outcome = run_scan(order(mail, name))

    assert (False, f"{mail.parent / name}.partial: No space left on device") == outcome[1:3]
    left = outcome.left[0].rename(mail.parent / f"copy{suffix}")
    kept = read_rows(left)
    assert expected[: len(kept)] == kept
    assert len(kept) >= 40
    left.rename(outcome.left[0])
    assert run_scan(order(mail, name, is_resumed=True)).is_complete
    assert expected == read_rows(mail.parent / name)


def test_full_disk_under_parquet(mail: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pieces that were ended stay, and the scan can go on."""
    run_scan(order(mail, "hops.parquet"))
    expected = read_rows(mail.parent / "hops.parquet")
    monkeypatch.setattr(work, "BATCH", 20)
    really_open = arrow_output._open_writer  # noqa: SLF001

    def fail(path: Path, schema: pa.Schema) -> Any:
        if path.name.startswith("000003"):
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return really_open(path, schema)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrow_output, "_open_writer", fail)
        patch.setattr(run_module, "SAVED_EVERY", -1.0)
        outcome = run_scan(order(mail, "hops.parquet"))

    (folder,) = outcome.left
    assert f"{folder}: No space left on device" == outcome.failure
    kept = [row for path in sorted(folder.iterdir()) for row in read_rows(path)]
    assert expected[: len(kept)] == kept
    assert run_scan(order(mail, "hops.parquet", is_resumed=True)).is_complete
    assert expected == read_rows(mail.parent / "hops.parquet")


def test_failure_at_the_end_is_told(mail: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot get its name, or a note that cannot be written, is told of."""

    def fail(*_: object) -> Path:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(outputs.LineOutput, "finish", fail)
    outcome = run_scan(order(mail, "hops.csv"))
    assert f"{mail.parent / 'hops.csv'}: Permission denied" == outcome.failure
    assert run_scan(order(mail, "hops.csv", is_resumed=True)).failure == outcome.failure

    def break_note() -> bool:
        monkeypatch.setattr(Path, "replace", fail)
        return True

    stopped = run_scan(order(mail, "hops.csv"), should_stop=break_note)
    assert f"{mail.parent / 'hops.csv.state'}: Permission denied" == stopped.failure


# Counting


def test_duplicates_are_counted_once(mail: Path) -> None:
    """A message that is there twice counts once, and its copies are counted as such."""
    save(mail, {"5.eml": b"Subject: no id\n\n", "6.eml": b"Subject: no id\n\n"})
    once, all_of_them = run_scan(order(mail, is_deduped=True)), run_scan(order(mail))

    fates = once.tally.get(Sort.FATE)
    assert (1, 1) == (fates[Fate.DUPLICATE.value,], fates[Fate.UNREADABLE.value,])
    summary, whole = sum_up(once.tally), sum_up(all_of_them.tally)
    assert (whole.read - 1, whole.messages) == (summary.read, summary.messages)
    assert (
        dict(whole.headlines)[Headline.ENTERED_ENCRYPTED] - 1
        == dict(summary.headlines)[Headline.ENTERED_ENCRYPTED]
    )


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_duplicates_have_no_rows(mail: Path, suffix: str) -> None:
    """Numbers go on without a gap where a copy was left out."""
    run_scan(order(mail, f"messages{suffix}", is_deduped=True))
    rows = read_rows(mail.parent / f"messages{suffix}")

    assert list(range(200 + 1 + len(list(EXAMPLES.glob("*.eml"))))) == [
        int(row["message"]) for row in rows
    ]


def test_workers_count_the_same(mail: Path) -> None:
    """However many processes count, the sums are the same, and so are the examples."""
    assert sum_up(run_scan(order(mail)).tally) == sum_up(run_scan(order(mail, workers=2)).tally)


KEYS = st.sampled_from(["a", "b", "c"])
EVENTS = st.lists(st.tuples(KEYS, KEYS))


@given(st.lists(EVENTS))
def test_tallies_add_up(groups: list[list[tuple[str, str]]]) -> None:
    """Counting group by group is counting all at once."""
    whole, sums = Tally(), Tally()
    for group in groups:
        part = Tally()
        for key, place in group:
            for one in (whole, part):
                one.count_at(place, Sort.ERROR, key)
        sums.add(Tally.load(part.dump()))

    assert whole.dump() == sums.dump()


@given(st.lists(st.sampled_from("abcdefg"), max_size=40), st.integers(1, 10))
def test_tallies_are_bounded(keys: list[str], size: int) -> None:
    """However many different things come, memory is bounded, and nothing is lost from the sum."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tally, "MAX_KEYS", 3)
        sums = Tally()
        for at in range(0, len(keys), size):
            part = Tally()
            for key in keys[at : at + size]:
                part.count_at(key, Sort.ROUTE, "plaintext-public-hop", key, "mx.example")
                part.count_at(key, Sort.ERROR, key)
                part.count(Sort.WEEK, key, "no_trace")
                part.count(Sort.SENDER, key, "plaintext")
            sums.add(part)
        assert len(keys) == sum(sums.get(Sort.ROUTE).values())
        assert len(sums.get(Sort.ROUTE)) <= 4
        assert len(sums.examples.get(Sort.ROUTE, {})) <= 3
        summary = sum_up(sums)
    assert len(keys) == sum(week.others for week in summary.weeks)
    assert len(keys) == sum(error.times for error in summary.errors)
    assert len(summary.senders) <= 3
    assert len(summary.routes) <= 3


def test_summary_of_the_examples() -> None:
    """What the examples say together."""
    summary = sum_up(run_scan(Order((str(EXAMPLES),), make_job(None, None))).tally)

    assert 18 == summary.read
    assert {Headline.ENTERED_ENCRYPTED: 9, Headline.ENTERED_PLAINTEXT: 4} == {
        headline: n for headline, n in summary.headlines if n > 2
    }
    assert (Week("2024-W11", plaintext=1), Week("", others=1)) == summary.weeks[
        :: len(summary.weeks) - 1
    ]
    assert {Transport.ENCRYPTED: 14, Transport.PLAINTEXT: 9} == dict(summary.transports[:2])
    assert ("TLSv1.2", 4) == summary.versions[0][:2]
    assert 1 == summary.post_quantum
    assert ((Grade.PLAINTEXT, 4), (Grade.GOOD, 4)) == summary.grades[:2]
    assert (None, 2) == summary.grades[-1]
    assert Sender("quicknet.example", plaintext=1) == summary.senders[0]
    assert (FindingCode.CLEARTEXT_CREDENTIALS, "quicknet.example", "mail.hollowoak.example", 1) == (
        summary.routes[0][:4]
    )
    assert str(EXAMPLES / "cleartext-submission.eml") == summary.routes[0].example
    found = {(f.code, f.severity): (f.messages, f.claimed) for f in summary.findings}
    assert (2, 0) == found[FindingCode.PLAINTEXT_PUBLIC_HOP, Severity.HIGH]
    assert (0, 1) == found[FindingCode.PLAINTEXT_PUBLIC_HOP, Severity.LOW]


def test_unknown_forms_have_an_example(tmp_path: Path) -> None:
    """A line that no rule reads is told of by its shape, and where it stands."""
    save(tmp_path, {"a.eml": b"Received: gibberish without any clause\n\n"})

    (form,) = sum_up(run_scan(Order((str(tmp_path),), make_job(None, None))).tally).forms

    assert (1, str(tmp_path / "a.eml")) == (form.times, form.example)


def test_odd_traces_are_counted() -> None:
    """Hops without verdicts, dates that UTC does not have: nothing raises."""
    old = datetime.min.replace(tzinfo=UTC).replace(
        tzinfo=read("x; Tue, 29 Aug 2023 10:11:12 +0200").timestamp.tzinfo
    )  # type: ignore[union-attr]
    hop = Hop(raw="x", timestamp=old)
    counts = Tally()
    for trace in (Trace(hops=(hop,), entry=hop), Trace(hops=(hop,))):
        counts.count_trace(trace, "a")

    assert {("", "no_trace"): 2} == counts.get(Sort.WEEK)
    assert {} == counts.get(Sort.TRANSPORT)
    assert OTHERS not in counts.get(Sort.FATE)


@pytest.mark.parametrize(
    ("line", "sender", "server"),
    [
        (
            "from a (a.shop.example [81.2.69.144]) by MX.b.example (Postfix); x",
            "shop.example",
            "mx.b.example",
        ),
        ("from a.google.com (a.google.com [209.85.220.65]) by b (Postfix); x", "Google", "b"),
        ("from a (unknown [81.2.69.144]) by b (Postfix); x", "81.2.69.144", "b"),
        ("from mx.bank.example ([81.2.69.144]) by [81.2.69.1]; x", "~bank.example", "81.2.69.1"),
        ("from x by b; x", "unknown", "b"),
        ("by b; x", "unknown", "b"),
        ("from mx.bank.example; x", "~bank.example", "unknown"),
    ],
)
def test_ends(line: str, sender: str, server: str) -> None:
    """Nobody is accused on a word of his own choice: such names are marked."""
    hop = read(line)

    assert (sender, server) == (name_sender(hop), name_receiver(hop))


def test_finding_is_counted_once_a_message(tmp_path: Path) -> None:
    """A message with two lines of one finding counts once, by the graver one."""
    date = b"Tue, 29 Aug 2023 10:11:12 +0200"
    inner = b"Received: from %b ([10.1.2.%b]) by %b (Postfix) with ESMTP;\n " + date + b"\n"
    lines = inner % (b"b.example", b"2", b"c.example") + inner % (b"a.example", b"1", b"b.example")
    save(tmp_path, {"a.eml": lines + b"\n"})

    summary = sum_up(run_scan(Order((str(tmp_path),), make_job(None, None))).tally)

    assert [(FindingCode.PLAINTEXT_PRIVATE, 1)] == [(f.code, f.messages) for f in summary.findings]
    assert ((Transport.PLAINTEXT, 2),) == summary.transports


def test_batch_without_a_hop_has_no_rows(tmp_path: Path) -> None:
    """Where nothing could be read, a Parquet file of hops is empty, and one of messages is not."""
    save(tmp_path / "mail", {"a.bin": b"\0\1"})
    run_scan(order(tmp_path / "mail", "hops.parquet", "messages.parquet"))

    assert [] == read_rows(tmp_path / "hops.parquet")
    assert 1 == len(read_rows(tmp_path / "messages.parquet"))


def test_memory_does_not_grow_with_the_messages(mail: Path) -> None:
    """What a scan keeps is what differs, however many messages say it."""
    few = run_scan(order(mail)).tally
    many = run_scan(order(mail)._replace(paths=(str(mail),) * 5)).tally

    assert {sort: set(c) for sort, c in few.counts.items()} == {
        sort: set(c) for sort, c in many.counts.items()
    }
    assert few.examples == many.examples
