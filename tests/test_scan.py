"""Scans: one result a message, in order, whoever does the work and whatever goes wrong."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

import headertls
from headertls import Headline, Policy, ScanResult, Site, Trace, analyze
from headertls.corpus import work as work_module
from headertls.corpus import workers
from headertls.corpus.work import Batch, make_job
from headertls.corpus.workers import DIED, Pool, WorkersError, choose_context, find_next, serve
from headertls.mailboxes import Files, Place, Spans, Step, plan, tasks
from headertls.mailboxes.folder import Entry
from headertls.mailboxes.mbox import Span
from mailbox_files import make_mbox, make_message, save

WORDS = {"a": "ESMTPS", "b": "ESMTP", "c": "SMTP"}
A, B, C = (make_message(name, protocol=word) for name, word in WORDS.items())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A mailbox file, single messages, and one that cannot be read."""
    many = [make_message(str(n)) for n in range(150)]
    save(tmp_path, {"1.mbox": make_mbox(many), "2.eml": A, "3.eml": B, "4.bin": b"\0\1"})
    return save(tmp_path, {f"5/{n}": C for n in range(80)})


def list_all(results: Iterator[ScanResult]) -> list[tuple[str, str | None, Trace | None]]:
    """What results say, and in what order."""
    return [(str(result.place), result.error, result.trace) for result in results]


# One process


def test_result_is_what_analyze_says(folder: Path) -> None:
    """A scan judges as `analyze` does, and takes the same settings."""
    site, policy = Site(hosts=("mx.site.example",)), Policy(profile="bcp195")

    (result,) = headertls.scan(folder / "3.eml", site=site, policy=policy)

    assert analyze(B, site, policy) == result.trace
    assert (None, Place(str(folder / "3.eml"))) == (result.error, result.place)


def test_paths_of_all_sorts(folder: Path) -> None:
    """One path or several are given, as text or as path objects."""
    one = str(folder / "2.eml")

    assert 1 == len(list(headertls.scan(one)))
    assert 2 == len(list(headertls.scan(iter([one, folder / "3.eml"]))))


def test_results_come_as_they_are_asked_for(folder: Path) -> None:
    """Nothing is read before its turn: a file that comes later may still be made."""
    results = headertls.scan([folder / "2.eml", folder / "late.eml"])
    first = next(results)
    (folder / "late.eml").write_bytes(B)

    assert [Headline.ENTERED_ENCRYPTED, Headline.ENTERED_PLAINTEXT] == [
        result.trace and result.trace.headline for result in (first, *results)
    ]


def test_result_cannot_be_changed(folder: Path) -> None:
    """Results are values: equal when they say the same, and fit for sets."""
    one, two, other = headertls.scan([folder / name for name in ("2.eml", "2.eml", "4.bin")])

    assert one == two != other
    assert 2 == len({one, two, other})
    assert one != "2.eml"
    with pytest.raises(AttributeError):
        one.error = "x"  # type: ignore[misc]
    assert f"ScanResult({str(folder / '2.eml')!r}, headline='entered_encrypted')" == repr(one)
    assert "error='is no mail" in repr(other)


def test_failure_of_our_own_costs_one_message(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should a message ever raise, it is told of, and the scan goes on."""

    def fail(block: bytes, *_: object) -> Trace:
        if b"<b@" in block:
            raise RecursionError("deep")
        return analyze(block)

    monkeypatch.setattr(work_module, "analyze", fail)

    assert [None, "is nested too deeply", None] == [
        result.error for result in headertls.scan([folder / n for n in ("2.eml", "3.eml", "5/1")])
    ]


def test_no_worker_is_a_mistake() -> None:
    """A scan without anybody who does it is refused at once."""
    with pytest.raises(ValueError, match="one worker"):
        headertls.scan("x", workers=0)


# Several processes


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_workers_change_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """Several processes give the same results in the same order, however they are started."""
    monkeypatch.setattr(workers, "choose_context", lambda: multiprocessing.get_context(method))

    assert list_all(headertls.scan(folder)) == list_all(headertls.scan(folder, workers=2))


def test_large_mbox_is_shared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pieces of one mailbox file are put together in their order."""
    monkeypatch.setattr(tasks, "LARGE", 1)
    monkeypatch.setattr(tasks, "FILES", 7)
    monkeypatch.setattr(workers, "HELD", 1)

    assert list_all(headertls.scan(folder)) == list_all(headertls.scan(folder, workers=3))


def test_little_is_done_without_processes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a few messages no process is started."""
    monkeypatch.setattr(workers, "Pool", None)

    assert 1 == len(list(headertls.scan(folder / "2.eml", workers=2)))
    assert [] == list(headertls.scan([], workers=2))


def test_scan_that_is_not_read_to_the_end_leaves_no_process(folder: Path) -> None:
    """Who takes some results and goes leaves nobody behind who works on."""
    results = headertls.scan([folder, folder], workers=2)
    assert 3 == len(list(islice(results, 3)))
    assert 2 == len(multiprocessing.active_children())

    results.close()  # type: ignore[attr-defined]

    assert [] == multiprocessing.active_children()


def test_forks_only_where_it_is_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process with several threads is not forked: a lock might be copied that is held."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(workers, "count_threads", lambda: 1)
    assert "fork" == choose_context().get_start_method()
    monkeypatch.setattr(workers, "count_threads", lambda: 2)
    assert "spawn" == choose_context().get_start_method()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "spawn" == choose_context().get_start_method()


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads by what Linux tells")
def test_threads_are_counted() -> None:
    """Threads that Python did not start count, too."""
    code = (
        "import threading; from headertls.corpus.workers import count_threads as count;"
        "event = threading.Event(); few = count();"
        "threading.Thread(target=event.wait, daemon=True).start(); print(few, count())"
    )
    out = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, check=True
    ).stdout

    assert b"1 2" == out.strip()


# Processes that die

FORK: Any = multiprocessing.get_context("fork") if sys.platform != "win32" else None
needs_fork = pytest.mark.skipif(sys.platform == "win32", reason="the deadly message is forked")


def die_at(name: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each process die that judges the message with this name, but for this one."""
    parent = os.getpid()

    def fail(block: bytes, *settings: Any) -> Trace:
        if name in block and os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return analyze(block, *settings)

    monkeypatch.setattr(work_module, "analyze", fail)
    monkeypatch.setattr(workers, "choose_context", lambda: FORK)


@needs_fork
@pytest.mark.parametrize("large", [1, 1 << 22])
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_message_that_kills_is_told_of(
    folder: Path, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    """Of a message that ends each process that reads it, it is told; all others are judged."""
    monkeypatch.setattr(tasks, "LARGE", large)
    expected = list_all(headertls.scan(folder))
    die_at(b"<100@", monkeypatch)

    found = list_all(headertls.scan(folder, workers=2))

    assert [place for place, _, _ in expected] == [place for place, _, _ in found]
    assert [180] == [
        n for n, pair in enumerate(zip(expected, found, strict=True)) if pair[0] != pair[1]
    ]
    assert (DIED, None) == found[180][1:]


@needs_fork
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_killed_worker_loses_nothing(folder: Path) -> None:
    """When somebody kills processes all the time, all messages are judged all the same."""
    expected = [place for place, _, _ in list_all(headertls.scan([folder] * 4))]
    job = make_job(None, None)._replace(has_traces=True)
    pool = Pool(job, 2, FORK)
    places: list[str] = []
    try:
        for number, found in enumerate(pool.run(plan([str(folder)] * 4))):
            places += [str(place) for place, _, _ in found[1].told] if found else []
            if number in {2, 5, 9} and (children := multiprocessing.active_children()):
                os.kill(children[0].pid or 0, signal.SIGKILL)
    finally:
        pool.close()

    assert expected == places


@needs_fork
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_file_that_kills_while_it_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mailbox that ends the process before a message has come is told of as a whole."""
    parent = os.getpid()
    read_many = tasks._read_many  # noqa: SLF001  # the place where a library could crash

    def fail(entry: Entry, column: str | None) -> Any:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return read_many(entry, column)

    monkeypatch.setattr(tasks, "_read_many", fail)
    monkeypatch.setattr(workers, "choose_context", lambda: FORK)

    found = list_all(headertls.scan([folder / "1.mbox", folder / "2.eml"], workers=2))

    assert [(str(folder / "1.mbox"), DIED), (str(folder / "2.eml"), None)] == [f[:2] for f in found]


def test_processes_that_cannot_start_end_the_scan(folder: Path) -> None:
    """Rather than to try for ever, the scan says what a script has to do."""
    code = f"import headertls\nlist(headertls.scan([{str(folder)!r}] * 2, workers=2))\n"
    script = folder / "script.py"
    script.write_text(
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        + code
    )

    ended = subprocess.run(  # noqa: S603
        [sys.executable, script], capture_output=True, text=True, check=False
    )

    assert 1 == ended.returncode
    assert ended.stderr.rstrip().endswith(f"WorkersError: {workers.NO_START}")


@needs_fork
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_processes_that_end_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some that ended before they were ready no other one is started."""
    monkeypatch.setattr(workers, "serve", lambda *_: os._exit(1))
    pool = Pool(make_job(None, None), 1, FORK)
    with pytest.raises(WorkersError, match="no process could be started"):
        list(pool.run(plan([str(folder)])))
    pool.close()


@needs_fork
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_idle_process_may_die(folder: Path) -> None:
    """A process without a task is replaced, too."""
    pool = Pool(make_job(None, None)._replace(has_traces=True), 2, FORK)
    victim = max(
        multiprocessing.active_children(), key=lambda process: int(process.name.rpartition("-")[2])
    )
    os.kill(victim.pid or 0, signal.SIGKILL)
    victim.join()
    found = [batch for batch in pool.run(plan([str(folder / "1.mbox")])) if batch]
    pool.close()

    assert 150 == sum(batch.size for _, batch in found)


@needs_fork
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_process_that_dies_behind_the_last_message(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task of which all messages have come is done, however its process ended."""
    read_task = workers.read_task

    def die(task: Any, start: Step | None) -> Any:
        yield from read_task(task, start)
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(workers, "read_task", die)
    pool = Pool(make_job(None, None)._replace(has_traces=True), 1, FORK)
    found = [batch for batch in pool.run(plan([str(folder / "5")])) if batch]
    pool.close()

    assert 80 == sum(batch.size for _, batch in found)
    assert all(error is None for _, batch in found for _, error, _ in batch.told)


def test_find_next() -> None:
    """What comes behind a step: a message of a mailbox file, a whole file, or nothing."""
    files = Files(0, (Entry("a"), Entry("b")))
    spans = Spans(0, "m", (), (Span(0, 5, 9, 10, 1), Span(10, 15, 19, 20, 2)))

    assert (Step(1), Place("a")) == find_next(files, None)
    assert (Step(2), Place("b")) == find_next(files, Step(1, 3))
    assert find_next(files, Step(2)) is None
    assert (Step(2), Place("m", None, 10, 2)) == find_next(spans, Step(1))
    assert find_next(spans, Step(2)) is None


# What the processes say to each other


@pytest.fixture
def keep_interrupts() -> Iterator[None]:
    """A process that serves does not listen to Ctrl-C; this one has to."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("keep_interrupts")
@pytest.mark.parametrize("is_single", [False, True])
def test_serve(folder: Path, *, is_single: bool) -> None:
    """A process says hello, sends batches, and says when a task is done."""
    job = make_job(Site(hosts=("mx.site.example",)), None)._replace(has_traces=True)
    (task,) = plan([str(folder / "1.mbox")])
    near, far = multiprocessing.Pipe()
    spare, parents = multiprocessing.Pipe()
    near.send((task, Step(0, 60), is_single))
    messages: list[bytes] = []

    def listen() -> None:
        while (message := near.recv_bytes()) != b"d":
            messages.append(message)
        near.close()

    listener = threading.Thread(target=listen)
    listener.start()
    serve(far, parents, job)
    listener.join()

    assert parents.closed
    assert signal.SIG_IGN == signal.getsignal(signal.SIGINT)
    sorts = b"".join(message[:1] for message in messages)
    assert (b"h" + b"ab" * 64 + b"b" if is_single else b"hbb") == sorts
    batches = [Batch.load(message[1:]) for message in messages if message[:1] == b"b"]
    assert 90 == sum(batch.size for batch in batches)
    assert Step(0, 150) == batches[-1].step
    spare.close()


@pytest.mark.usefixtures("keep_interrupts")
def test_serve_where_there_is_nothing_to_do() -> None:
    """A task without messages is done at once, and a closed pipe ends the process."""
    near, far = multiprocessing.Pipe()
    near.send((Files(0, ()), None, False))
    ended = threading.Timer(0.5, near.close)
    ended.start()
    serve(far, None, make_job(None, None))
    ended.join()


@pytest.mark.usefixtures("keep_interrupts")
def test_serve_ends_with_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    """When what is heard is not the pipe, the parent has died, and nobody waits for anything."""
    near, far = multiprocessing.Pipe()
    monkeypatch.setattr(workers, "wait", lambda watched: watched[1:])
    serve(far, None, make_job(None, None))

    assert b"h" == near.recv_bytes()
    assert not near.poll()
