"""Workers on a stream of a real Redis: no message is lost, whatever ends them or the server.

Without redis-py or a server each test is skipped by its name.
"""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from streaming import (
    PATIENCE,
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

pytestmark = pytest.mark.engines

redis = pytest.importorskip("redis")

MAIL: Final = 200
SERVER: Final = shutil.which("redis-server") or shutil.which("redis-check-rdb")
"""Debian has the server in the package redis-tools, too, under another name."""


class Server:
    """A Redis of the test's own, on a socket, with all that it was told on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"unix://{folder}/socket"
        self.client: Any = redis.Redis.from_url(self.url, protocol=2, socket_timeout=PATIENCE)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        assert SERVER is not None
        options = {"port": "0", "unixsocket": f"{self.folder}/socket", "dir": str(self.folder)}
        options |= {"appendonly": "yes", "appendfsync": "always", "save": ""}
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        self.process = subprocess.Popen(  # noqa: S603  # Redis, which goes by its first word
            ["redis-server", *words], executable=SERVER, stdout=subprocess.DEVNULL
        )
        wait_until(self.answers, "an answer of Redis")

    def answers(self) -> bool:
        """Whether it is there."""
        try:
            return bool(self.client.ping())
        except redis.exceptions.ConnectionError:
            return False

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(PATIENCE)
            self.process = None

    def fill(self, count: int) -> list[str]:
        """Put messages into the stream, and give the names of the entries."""
        return [self.client.xadd("mail", {"raw": raw}).decode() for raw in make_mail(count)]

    def count_pending(self) -> int:
        """How many entries are in the hands of workers."""
        return int(self.client.xpending("mail", "headertls")["pending"])

    def is_empty(self) -> bool:
        """Whether nothing is left to be done."""
        return not (self.client.xlen("mail") or self.count_pending())


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that runs."""
    if SERVER is None:
        pytest.skip("no redis-server")
    # sockets have short names
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        made = Server(Path(folder))
        try:
            made.start()
            yield made
        finally:
            made.client.close()
            made.stop(signal.SIGKILL)


def name_entries(*outputs: Path) -> list[str]:
    """The entries that the workers wrote of, in order."""
    return sorted(row["member"] for row in read_whole_rows(*outputs))


def test_rows_are_those_of_a_scan(server: Server, tmp_path: Path) -> None:
    """A line says of a message what `headertls scan --messages` says, and which entry it was."""
    entries, output = server.fill(30), tmp_path / "out.ndjson"
    assert (0, "stream: 30 messages are done\n") == run(
        output, "--drain", "redis", server.url, "mail"
    )

    rows = read_rows(output)
    assert [("mail", entry) for entry in entries] == [(r["path"], r["member"]) for r in rows]
    assert expect_judgements(list(make_mail(30)), tmp_path) == read_judgements(rows)
    assert server.is_empty()


def test_killed_worker_loses_nothing(server: Server, tmp_path: Path) -> None:
    """Two workers, one killed in the middle: each message is in the output at least once."""
    entries: list[str] = []
    first, second = tmp_path / "1.ndjson", tmp_path / "2.ndjson"
    words = ("--batch", 20, "--lease", 2, "redis", server.url, "mail")

    def feed() -> bool:
        """Put in more until both have done some, however busy the machine is."""
        entries.extend(server.fill(10))
        return len(entries) >= 500 and count_lines(first) >= 20 and count_lines(second) >= 20

    with start(first, *words) as one, start(second, *words) as other:
        wait_until(lambda: first.exists() and second.exists())
        wait_until(feed)
        one.kill()
        one.wait(PATIENCE)
        wait_until(server.is_empty)
        end(other, signal.SIGTERM)

    assert 0 == other.returncode
    assert set(entries) == set(name_entries(first, second))


def test_entries_of_a_dead_worker_are_taken_over(server: Server, tmp_path: Path) -> None:
    """A blocked worker has no more than a batch in hand; once killed, that is another's."""
    entries, output = server.fill(MAIL), tmp_path / "out.ndjson"
    words = ("redis", server.url, "mail")
    with start("-", "--batch", 40, *words, stdout=subprocess.PIPE) as worker:
        wait_until(lambda: is_blocked(server))
        worker.kill()
        worker.communicate(timeout=PATIENCE)
    pending = server.count_pending()

    assert 0 < pending <= 40
    assert 0 == run(output, "--drain", *words)[0]
    assert pending == server.client.xlen("mail") == server.count_pending()
    assert 0 == run(output, "--lease", 0.1, "--drain", *words)[0]
    assert server.is_empty()
    written = name_entries(output)
    assert entries[-len(written) :] == written


def is_blocked(server: Server) -> bool:
    """Whether a worker is there that takes nothing more."""
    if not server.client.exists("mail") or not server.client.xinfo_groups("mail"):
        return False
    [consumer] = server.client.xinfo_consumers("mail", "headertls") or [{"pending": 0, "idle": 0}]
    assert consumer["pending"] <= 40
    return consumer["pending"] > 0 and consumer["idle"] > 1500


def test_clean_stop_leaves_nothing_and_repeats_nothing(server: Server, tmp_path: Path) -> None:
    """The worker finishes what it has in hand, and the next one has just the rest."""
    entries = server.fill(MAIL)
    first, second = tmp_path / "1.ndjson", tmp_path / "2.ndjson"
    words = ("--batch", 10, "redis", server.url, "mail")
    with start(first, *words) as worker:
        wait_until(lambda: count_lines(first) >= 50)
        told = end(worker, signal.SIGTERM)

    done = count_lines(first)
    assert (0, f"stream: {done} messages are done\n") == (worker.returncode, told)
    assert done < MAIL
    assert (0, MAIL - done) == (server.count_pending(), server.client.xlen("mail"))
    assert [] == server.client.xinfo_consumers("mail", "headertls")
    with start(second, *words) as worker:
        wait_until(server.is_empty)
        end(worker, signal.SIGINT)
    assert entries == name_entries(first, second)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_restarted_server_loses_nothing(server: Server, tmp_path: Path, number: int) -> None:
    """While Redis is away the worker waits; what it had done and could not say comes again."""
    entries, output = server.fill(MAIL), tmp_path / "out.ndjson"
    with start(output, "--batch", 10, "--lease", 0.5, "redis", server.url, "mail") as worker:
        wait_until(lambda: count_lines(output) >= 50)
        server.stop(number)
        assert worker.stderr is not None
        assert b"once more in 0.1 s" in worker.stderr.readline()
        assert count_lines(output) < MAIL
        server.start()
        wait_until(server.is_empty)
        end(worker, signal.SIGTERM)

    assert 0 == worker.returncode
    assert set(entries) == set(name_entries(output))


def test_worker_may_come_first(server: Server, tmp_path: Path) -> None:
    """It waits for a server that is not there yet, and for one that has forgotten all."""
    output = tmp_path / "out.ndjson"
    server.stop()
    with start(output, "redis", server.url, "mail") as worker:
        assert worker.stderr is not None
        assert b"once more" in worker.stderr.readline()
        server.start()
        first = server.fill(3)
        wait_until(lambda: count_lines(output) == 3)
        wait_until(lambda: server.client.info("clients")["blocked_clients"])
        server.client.flushall()
        second = server.fill(3)
        wait_until(lambda: count_lines(output) == 6)
        end(worker, signal.SIGTERM)

    assert [*first, *second] == [row["member"] for row in read_rows(output)]


def test_stop_does_not_wait_for_a_server(tmp_path: Path) -> None:
    """A worker whose server is away ends as fast as any other."""
    with start(tmp_path / "out.ndjson", "redis", f"unix://{tmp_path}/none", "mail") as worker:
        assert worker.stderr is not None
        assert b"once more" in worker.stderr.readline()
        told = end(worker, signal.SIGTERM)

    assert (0, True) == (worker.returncode, told.endswith("stream: 0 messages are done\n"))


def test_what_cannot_be_read_becomes_a_dead_letter(server: Server, tmp_path: Path) -> None:
    """Entries without the field, of great size, or that end each worker, with the reason."""
    client, output = server.client, tmp_path / "out.ndjson"
    names = [client.xadd("mail", {"raw": b"Subject: poison\n\n"}).decode()]
    client.xgroup_create("mail", "headertls", id="0")
    client.xreadgroup("headertls", "dead", {"mail": ">"})
    for _ in range(2):  # by workers that never finish it
        client.xclaim("mail", "headertls", "dead", 0, names)
    names.append(client.xadd("mail", {"body": "Subject: Lunch"}).decode())
    names.append(client.xadd("mail", {"raw": b"Subject: " + 5000 * b"x"}).decode())
    [good] = server.fill(1)
    words = ("--lease", 0, "--deliveries", 3, "--drain", "redis", server.url, "mail")
    assert 0 == run(output, *words, "--longest", 4000)[0]

    reasons = [
        "was handed out 3 times, and never finished",
        "has no field raw",
        "has more than 4000 octets",
    ]
    told = {row["member"]: row["error"] for row in read_rows(output)}
    assert {**dict(zip(names, reasons, strict=True)), good: None} == told
    dead = {fields[b"id"].decode(): fields for _, fields in client.xrange("mail.dead")}
    assert dict(zip(names, reasons, strict=True)) == {
        name: fields[b"reason"].decode() for name, fields in dead.items()
    }
    assert b"Subject: Lunch" == dead[names[1]][b"body"]
    assert b"Subject: poison\n\n" == dead[names[0]][b"raw"]
    assert server.is_empty()


def test_trimmed_entries_are_passed_over(server: Server, tmp_path: Path) -> None:
    """What a producer's `MAXLEN` cut off while it was in a dead worker's hands holds up nothing."""
    server.fill(10)
    server.client.xgroup_create("mail", "headertls", id="0")
    server.client.xreadgroup("headertls", "dead", {"mail": ">"})
    server.client.xtrim("mail", maxlen=1, approximate=False)
    output = tmp_path / "out.ndjson"

    assert 0 == run(output, "--lease", 0, "--drain", "redis", server.url, "mail")[0]
    assert (1, True) == (count_lines(output), server.is_empty())


def test_two_workers_make_one_dead_letter(server: Server, tmp_path: Path) -> None:
    """Entries without a message, met by two workers at a time, are each set aside once."""
    names = {server.client.xadd("mail", {"none": str(n)}).decode() for n in range(100)}
    outputs = [tmp_path / "1.ndjson", tmp_path / "2.ndjson"]
    words: Sequence[object] = ("--batch", 3, "--drain", "redis", server.url, "mail")
    with start(outputs[0], *words) as one, start(outputs[1], *words) as other:
        end(one)
        end(other)

    assert sorted(names) == name_entries(*outputs)
    dead = [fields[b"id"].decode() for _, fields in server.client.xrange("mail.dead")]
    assert sorted(names) == sorted(dead)


def test_kept_entries_stay(server: Server, tmp_path: Path) -> None:
    """With `--keep` what is done stays in the stream, for other groups, and is not done again."""
    entries, output = server.fill(10), tmp_path / "out.ndjson"
    words = ("--keep", "--drain", "redis", server.url, "mail")
    assert 0 == run(output, *words)[0]
    assert 0 == run(output, *words)[0]
    assert 0 == run(tmp_path / "other.ndjson", *words, "--group", "other")[0]

    assert entries == name_entries(output) == name_entries(tmp_path / "other.ndjson")
    assert 10 == server.client.xlen("mail")
