"""Workers on a spool: no message is lost, whatever ends them; a clean end does none twice."""

import errno
import json
import os
import re
import resource
import runpy
import signal
import subprocess
import sys
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from streaming import (
    PATIENCE,
    WORKER,
    count_lines,
    end,
    expect_judgements,
    make_mail,
    read_judgements,
    read_rows,
    read_whole_rows,
    run,
    start,
    wait_until,
)

MAIL: Final = 200


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """A spool of `MAIL` messages."""
    folder = tmp_path / "spool"
    (folder / "new").mkdir(parents=True)
    fill(folder, 0, MAIL)
    return folder


def fill(spool: Path, begin: int, end: int) -> None:
    """Put messages into the spool, named by their numbers."""
    for number, message in enumerate(make_mail(end - begin), begin):
        (spool / "new" / f"{number:06}").write_bytes(message)


def list_names(*folders: Path) -> list[str]:
    """The names in some folders."""
    return sorted(path.name for folder in folders for path in folder.iterdir())


def name_all(count: int = MAIL) -> list[str]:
    """The names of the first messages of the spool."""
    return [f"{number:06}" for number in range(count)]


def test_rows_are_those_of_a_scan(spool: Path, tmp_path: Path) -> None:
    """A line says of a message what `headertls scan --messages` says, and where it was."""
    output = tmp_path / "out.ndjson"
    assert (0, f"stream: {MAIL} messages are done\n") == run(output, "--drain", "spool", spool)

    rows = read_rows(output)
    assert name_all() == [row["path"] for row in rows]
    assert list(range(MAIL)) == [row["message"] for row in rows]
    assert expect_judgements(list(make_mail(MAIL)), tmp_path) == read_judgements(rows)
    assert [] == list_names(*(spool / name for name in ("new", "cur", "done", "failed", "tmp")))


def test_killed_worker_loses_nothing(spool: Path, tmp_path: Path) -> None:
    """Two workers, one killed in the middle: each message is in the output at least once."""
    first, second = tmp_path / "1.ndjson", tmp_path / "2.ndjson"
    words = ("--batch", 20, "--lease", 2, "spool", spool, "--poll", 0.1)
    total = MAIL

    def feed() -> bool:
        """Put in more until both have done some, however busy the machine is."""
        nonlocal total
        fill(spool, total, total + 10)
        total += 10
        return total >= 500 and count_lines(first) >= 20 and count_lines(second) >= 20

    with start(first, *words) as one, start(second, *words) as other:
        wait_until(lambda: first.exists() and second.exists())
        wait_until(feed)
        one.kill()
        one.wait(PATIENCE)
        wait_until(
            lambda: set(name_all(total)) == {row["path"] for row in read_whole_rows(first, second)}
        )
        wait_until(lambda: not list_names(spool / "new", spool / "cur"))
        told = end(other, signal.SIGTERM)

    assert (0, "stream: ") == (other.returncode, told[:8])
    assert [None] == list({row["error"] for row in read_whole_rows(first, second)})


def test_clean_stop_leaves_nothing_and_repeats_nothing(spool: Path, tmp_path: Path) -> None:
    """The worker finishes what it has in hand, and the next one has just the rest."""
    first, second = tmp_path / "1.ndjson", tmp_path / "2.ndjson"
    with start(first, "--batch", 10, "spool", spool) as worker:
        wait_until(lambda: count_lines(first) >= 50)
        told = end(worker, signal.SIGTERM)

    done = count_lines(first)
    assert (0, f"stream: {done} messages are done\n") == (worker.returncode, told)
    assert done < MAIL
    assert [] == list_names(spool / "cur")
    assert MAIL - done == len(list_names(spool / "new"))
    with start(second, "--batch", 10, "spool", spool) as worker:
        wait_until(lambda: count_lines(second) == MAIL - done)
        end(worker, signal.SIGINT)
    assert name_all() == sorted(row["path"] for row in read_rows(first, second))


def test_blocked_output_stops_the_reading(spool: Path) -> None:
    """While nobody reads the lines no more than a batch is taken; after it, all goes on."""
    with start("-", "--batch", 30, "--drain", "spool", spool, stdout=subprocess.PIPE) as worker:
        # a pipe holds less than the lines of three batches
        wait_until(lambda: (spool / "cur").is_dir() and len(list_names(spool / "new")) < MAIL)
        seen = watch(spool)
        assert seen[-1] == seen[-10]
        assert all(claimed <= 30 for claimed, _ in seen)
        assert seen[-1][1] > MAIL - 4 * 30
        lines, _ = worker.communicate(timeout=PATIENCE)

    assert 0 == worker.returncode
    assert name_all() == [json.loads(line)["path"] for line in lines.splitlines()]


def watch(spool: Path) -> list[tuple[int, int]]:
    """How many messages are claimed and waiting, until that changes no more."""
    seen: list[tuple[int, int]] = []

    def is_still() -> bool:
        seen.append((len(list_names(spool / "cur")), len(list_names(spool / "new"))))
        return len(seen) > 100 and len(set(seen[-50:])) == 1

    wait_until(is_still)
    return seen


def test_claims_of_a_dead_worker_are_taken_over(spool: Path, tmp_path: Path) -> None:
    """What a worker had in hand when it was killed is judged by another one, after the lease."""
    output = tmp_path / "out.ndjson"
    with start("-", "--batch", 40, "spool", spool, stdout=subprocess.PIPE) as worker:
        wait_until(lambda: (spool / "cur").is_dir() and list_names(spool / "cur"))
        watch(spool)
        worker.kill()
        worker.communicate(timeout=PATIENCE)
    left = [name.split(".", 3)[3] for name in list_names(spool / "cur")]

    assert 0 < len(left) <= 40
    assert 0 == run(output, "--drain", "spool", spool)[0]
    assert set(left).isdisjoint(row["path"] for row in read_rows(output))
    words = ("--lease", 0, "--drain", "spool", spool, "--poll", 0.1)
    assert 0 == run(output, *words)[0]
    assert sorted(left) == sorted(row["path"] for row in read_rows(output)[-len(left) :])
    assert [] == list_names(spool / "cur")


def test_what_is_being_written_is_left_alone(tmp_path: Path) -> None:
    """Names of temporary files are not picked up, wherever they stand."""
    for folder, name in (("new", ".hidden"), ("new", "a.tmp"), ("new", "b.part"), ("tmp", "c")):
        (tmp_path / "spool" / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "spool" / folder / name).write_bytes(b"To: a@a.example\n\n")
    output = tmp_path / "out.ndjson"

    assert (0, "stream: 0 messages are done\n") == run(
        output, "--drain", "spool", tmp_path / "spool", "--poll", 0.1
    )
    assert [".hidden", "a.tmp", "b.part"] == list_names(tmp_path / "spool" / "new")
    assert b"" == output.read_bytes()


def test_unreadable_messages_are_set_aside(tmp_path: Path) -> None:
    """Links, folders, pipes, and what ended its workers again and again, with the reason."""
    spool, output = tmp_path / "spool", tmp_path / "out.ndjson"
    (spool / "new" / "folder").mkdir(parents=True)
    (spool / "cur").mkdir()
    os.mkfifo(spool / "new" / "pipe")
    (spool / "new" / "link").symlink_to(__file__)
    (spool / "new" / ("long" * 60)).write_bytes(b"Subject: Lunch\n\n")
    (spool / "cur" / "1700000000.5.mx-1-1.poison.eml").write_bytes(b"Subject: Lunch\n\n")
    (spool / "cur" / "1700000000.4.mx-1-2.tried.eml").write_bytes(b"Subject: Lunch\n\n")
    (spool / "cur" / "foreign:2,S").write_bytes(b"Subject: Lunch\n\n")

    assert 0 == run(output, "--drain", "spool", spool, "--poll", 0.1)[0]
    told = {row["path"][:10]: row["error"] for row in read_rows(output)}
    assert {
        "folder": f"cannot be read: {os.strerror(errno.EISDIR)}",
        "pipe": "cannot be read: is no file",
        "link": f"cannot be read: {os.strerror(errno.ELOOP)}",
        "longlonglo": None,
        "poison.eml": "was taken 5 times, and never finished",
        "tried.eml": None,
    } == told
    failed = sorted(name.split(".", 3)[3] for name in list_names(spool / "failed"))
    assert ["folder", "link", "pipe", "poison.eml"] == failed
    assert ["foreign:2,S"] == list_names(spool / "cur")


def test_equal_names_do_not_overwrite_each_other(tmp_path: Path) -> None:
    """Two messages that have the same name, one after the other, are both kept."""
    spool, output = tmp_path / "spool", tmp_path / "out.ndjson"
    for subject in (b"Subject: one\n\n", b"Subject: two\n\n"):
        (spool / "new").mkdir(parents=True, exist_ok=True)
        (spool / "new" / "same.eml").write_bytes(subject)
        assert 0 == run(output, "--keep", "--drain", "spool", spool, "--poll", 0.1)[0]

    kept = {path.read_bytes() for path in (spool / "done").iterdir()}
    assert {b"Subject: one\n\n", b"Subject: two\n\n"} == kept
    assert ["same.eml"] * 2 == [row["path"] for row in read_rows(output)]


def test_full_disk_loses_nothing(spool: Path, tmp_path: Path) -> None:
    """What could not be written is not acknowledged, and no half line stays."""
    output = tmp_path / "out.ndjson"

    with start(output, "--batch", 20, "--drain", "spool", spool) as worker:
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (50_000, 50_000))
        told = end(worker)
    assert f"stream: [Errno {errno.EFBIG}] {os.strerror(errno.EFBIG)}\n" == told
    assert 2 == worker.returncode
    first = read_rows(output)
    assert 20 == len(list_names(spool / "cur"))
    words = ("--lease", 0, "--drain", "spool", spool, "--poll", 0.1)
    assert 0 == run(output, *words)[0]
    counted = Counter(row["path"] for row in read_rows(output))
    assert 0 < len(first) < MAIL
    assert dict.fromkeys(name_all(), 1) == counted


def test_half_line_of_a_crash_is_cut_off(tmp_path: Path) -> None:
    """The output of a worker that was killed while it wrote is whole when the next one begins."""
    (tmp_path / "out.ndjson").write_bytes(b'{"path":"a"}\n{"path":"b"')

    assert 0 == run(tmp_path / "out.ndjson", "--drain", "spool", tmp_path, "--poll", 0.1)[0]
    assert b'{"path":"a"}\n' == (tmp_path / "out.ndjson").read_bytes()


def test_output_has_one_writer_and_may_be_renamed(tmp_path: Path) -> None:
    """A second worker on the same file is refused; after a rotation the lines go to a new one."""
    spool, output = tmp_path / "spool", tmp_path / "out.ndjson"
    with start(output, "spool", spool, "--poll", 0.05) as worker:
        wait_until((spool / "new").is_dir)
        status, told = run(output, "--drain", "spool", spool)
        assert (2, True) == (status, "another worker writes to it" in told)
        (spool / "new" / "one").write_bytes(b"Subject: one\n\n")
        wait_until(lambda: count_lines(output) == 1)
        output.rename(tmp_path / "out.1.ndjson")
        (spool / "new" / "two").write_bytes(b"Subject: two\n\n")
        wait_until(lambda: count_lines(output) == 1)
        end(worker, signal.SIGTERM)

    rows = read_rows(tmp_path / "out.1.ndjson", output)
    assert ["one", "two"] == [row["path"] for row in rows]


def test_metrics_are_served(spool: Path, tmp_path: Path) -> None:
    """Prometheus can ask the worker how many messages it judged, and how."""
    output = tmp_path / "out.ndjson"
    os.mkfifo(spool / "new" / "pipe")
    with start(output, "--metrics-port", 0, "spool", spool, "--poll", 0.1) as worker:
        assert worker.stderr is not None
        [address] = re.findall(r"http://\S+", worker.stderr.readline().decode())
        wait_until(lambda: count_lines(output) == MAIL + 1)
        with urllib.request.urlopen(address, timeout=PATIENCE) as page:  # noqa: S310
            shown = page.read().decode()
        end(worker, signal.SIGTERM)

    headlines = Counter(row["headline"] for row in read_rows(output) if row["headline"])
    counted = re.findall(
        r'^headertls_messages_total\{headline="(\w+)"\} (\d+)', shown, re.MULTILINE
    )
    assert headlines == {name: int(number) for name, number in counted}
    assert "headertls_failures_total 1.0" in shown
    assert f"headertls_analyze_seconds_count {MAIL}.0" in shown


def test_settings_are_told_of(tmp_path: Path) -> None:
    """A file of settings that is wrong, or not there, ends the worker before it takes anything."""
    (tmp_path / "site.toml").write_text("hosst = []\n")
    status, told = run("-", "--site", tmp_path / "site.toml", "spool", tmp_path / "spool")

    assert (2, "stream: hosst: is no key of such a file\n") == (status, told)
    assert not (tmp_path / "spool").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--batch", "0", "spool", "."), "argument --batch: 0 is less than 1"),
        (("--deliveries", "-1", "spool", "."), "argument --deliveries: -1 is less than 1"),
        (("--lease", "nan", "spool", "."), "argument --lease: nan is no number of seconds"),
        (("spool", ".", "--poll", "-1"), "argument --poll: -1 is no number of seconds"),
        (("--batch", "many", "spool", "."), "argument --batch: invalid at_least_one value: 'many'"),
    ],
)
def test_numbers_out_of_range_are_refused(
    words: tuple[str, ...],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A batch of nothing would keep a worker busy for ever, and so on."""
    worker = runpy.run_path(str(WORKER), run_name="worker")
    monkeypatch.setattr(sys, "argv", ["stream", *words])
    with pytest.raises(SystemExit) as ended:
        worker["read_arguments"]()

    assert 2 == ended.value.code
    assert told in capsys.readouterr().err
