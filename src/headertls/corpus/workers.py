"""Several processes at one scan, whose results come in the order of the messages.

Each process gets a task over a pipe and sends batches back. One that dies, whoever killed it, is
replaced, and its task is done again from where it was: first message by message, so that one that
kills the process is found, told of, and passed over.
"""

import marshal
import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from itertools import chain
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final, cast

from headertls.corpus.rows import Judged
from headertls.corpus.work import BATCH, Batch, Job, gather, judge_item, read_settings, work
from headertls.mailboxes import Files, Item, Place, Step, Task, read_task

SPREAD: Final = 8
"""Tasks for each process that may be begun before the first of them is done."""

HELD: Final = 16
"""Batches of a task that are held while the tasks before it are not done."""

WAIT: Final = 0.2
"""Seconds after which is looked whether the scan is to stop."""

MAX_FAILURES: Final = 4
"""Processes, one after the other, that end before they are ready."""

_HELLO: Final = b"h"
_AT: Final = b"a"
_BATCH: Final = b"b"
_DONE: Final = b"d"

DIED: Final = "ended the process that read it"
"""The reason where a message cannot be read because of what it does to the process."""

NO_START: Final = (
    "no process could be started to share the work; a script has to call scan below"
    ' `if __name__ == "__main__":`'
)


class WorkersError(Exception):
    """No process can be started; the text says why."""


class _Run:
    """A task on its way."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.step: Step | None = None
        """Up to here the batches have come."""
        self.batches: deque[Batch] = deque()
        self.is_done = False
        self.is_single = False
        """The next messages are done one by one."""
        self.at: tuple[Step, Place] | None = None
        """The message that is being judged, and how far the task is done with it."""
        self.suspect: tuple[Step | None, tuple[Step, Place] | None] | None = None
        """Where the last process died that did messages one by one."""


class _Worker:
    """A process, and what it has to do."""

    def __init__(self, context: BaseContext, job: Job) -> None:
        self.connection, far = context.Pipe()
        # A process that was forked has our end, too, and would never see it closed.
        near = self.connection if context.get_start_method() == "fork" else None
        make = cast("Callable[..., BaseProcess]", cast("Any", context).Process)
        self.process = make(target=serve, args=(far, near, job), daemon=True)
        self.process.start()
        far.close()
        self.run: _Run | None = None
        self.is_started = False

    def give(self, run: _Run) -> None:
        """Hand a task over; that the process is dead is seen when it is listened to."""
        self.run = run
        with suppress(OSError):
            self.connection.send((run.task, run.step, run.is_single))

    def stop(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.join()
        self.connection.close()


class Pool:
    """Processes that share the tasks of a scan."""

    def __init__(self, job: Job, count: int, context: BaseContext | None = None) -> None:
        self._job = job
        self._context = context or choose_context()
        self._failures = 0
        self._workers = [_Worker(self._context, job) for _ in range(count)]

    def run(self, tasks: Iterator[Task]) -> Iterator[tuple[Task, Batch] | None]:
        """Give the batches of all *tasks* in their order; `None` tells that some time went by.

        Raises:
            WorkersError: The processes cannot be started.
        """
        waiting: deque[_Run] = deque()
        while True:
            self._give(tasks, waiting)
            if not waiting:
                return
            head = waiting[0]
            while head.batches:
                yield head.task, head.batches.popleft()
            if head.is_done:
                waiting.popleft()
            elif not self._listen(head):
                yield None

    def close(self) -> None:
        """End all processes."""
        for worker in self._workers:
            worker.stop()
        self._workers = []

    def _give(self, tasks: Iterator[Task], waiting: deque[_Run]) -> None:
        for worker in self._workers:
            if worker.run is None and len(waiting) < SPREAD * len(self._workers):
                task = next(tasks, None)
                if task is None:
                    return
                run = _Run(task)
                waiting.append(run)
                worker.give(run)

    def _listen(self, head: _Run) -> bool:
        """Take what processes have sent, and tell whether there was anything."""
        by_source: dict[Any, _Worker] = {}
        for worker in self._workers:
            by_source[worker.process.sentinel] = worker
            run = worker.run
            if run is not None and (run is head or len(run.batches) < HELD):
                by_source[worker.connection] = worker
        ready = wait(list(by_source), WAIT)
        for worker in {id(by_source[source]): by_source[source] for source in ready}.values():
            self._take(worker)
        return bool(ready)

    def _take(self, worker: _Worker) -> None:
        """Take all that one process has sent, though it may be dead by now."""
        is_alive = worker.process.is_alive()
        try:
            while worker.connection.poll():
                self._read(worker, worker.connection.recv_bytes())
        except (EOFError, OSError):
            is_alive = False
        if not is_alive:
            self._replace(worker)

    def _read(self, worker: _Worker, message: bytes) -> None:
        sort, octets = message[:1], message[1:]
        run = worker.run
        if sort == _HELLO or run is None:
            worker.is_started, self._failures = True, 0
        elif sort == _AT:
            run.at = _load_place(octets)
        elif sort == _BATCH:
            batch = Batch.load(octets)
            run.batches.append(batch)
            run.step, run.at = batch.step, None
        else:
            run.is_done, worker.run = True, None

    def _replace(self, worker: _Worker) -> None:
        """Set a new process in the place of a dead one."""
        worker.stop()
        self._failures += not worker.is_started
        if self._failures >= MAX_FAILURES:
            raise WorkersError(NO_START)
        run = worker.run
        new = _Worker(self._context, self._job)
        self._workers[self._workers.index(worker)] = new
        if run is not None:
            self._suspect(run)
            if not run.is_done:
                new.give(run)

    def _suspect(self, run: _Run) -> None:
        """Pass the message over at which two processes ended that did them one by one."""
        found = (run.step, run.at)
        if not run.is_single:
            run.is_single = True
        elif run.suspect != found:
            run.suspect = found
        else:
            self._pass_over(run)

    def _pass_over(self, run: _Run) -> None:
        """Tell of a message, and go on behind it."""
        following = run.at or find_next(run.task, run.step)
        if following is None:
            run.is_done = True
            return
        step, place = following
        run.batches.append(gather(self._job, step, [Judged(Item(place), None, DIED)]))
        run.step, run.at = step, None


def find_next(task: Task, step: Step | None) -> tuple[Step, Place] | None:
    """Find what comes behind *step*, if anything: a message, or a whole file that holds several."""
    place = step.entry if step else 0
    if isinstance(task, Files):
        if place < len(task.entries):
            return Step(place + 1), Place(task.entries[place].path)
    elif place < len(task.spans):
        span = task.spans[place]
        return Step(place + 1), Place(task.path, None, span.offset, span.number)
    return None


def share(job: Job, tasks: Iterator[Task], count: int) -> Iterator[tuple[Task, Batch] | None]:
    """Give the batches of all *tasks* in their order, done by *count* processes.

    So little that it is one task is done by this process itself, and so is all where *count* is 1.

    Raises:
        WorkersError: The processes cannot be started.
    """
    first, second = next(tasks, None), next(tasks, None)
    tasks = chain((task for task in (first, second) if task is not None), tasks)
    if count == 1 or second is None:
        yield from ((task, batch) for task in tasks for batch in work(job, task))
        return
    with closing(Pool(job, count)) as pool:
        yield from pool.run(tasks)


def choose_context() -> BaseContext:
    """Choose how processes are started: by a fork, which is fast, where that is safe.

    Of a process with several threads a fork may copy a lock that another one holds.
    """
    is_safe = sys.platform == "linux" and count_threads() == 1
    return multiprocessing.get_context("fork" if is_safe else "spawn")


def count_threads() -> int:
    """Count the threads of this process, also those that Python knows nothing of; on Linux."""
    return len(list(Path("/proc/self/task").iterdir()))


def serve(connection: Connection, parents: Connection | None, job: Job) -> None:
    """Do tasks as they come, until the pipe is closed or the parent has died.

    Args:
        connection: The near end of the pipe.
        parents: The far end, if this process has it, too.
        job: What is wanted.
    """
    # Ctrl-C reaches all processes of a terminal: the parent says when it is time to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if parents is not None:
        parents.close()
    parent = multiprocessing.parent_process()
    watched: list[Any] = [connection, *([parent.sentinel] if parent else [])]
    with suppress(EOFError, OSError):
        connection.send_bytes(_HELLO)
        while connection in wait(watched):
            _serve_task(connection, job, *connection.recv())


def _serve_task(
    connection: Connection,
    job: Job,
    task: Task,
    start: Step | None,
    is_single: bool,  # noqa: FBT001  # it comes over the pipe
) -> None:
    site, policy = read_settings(job)
    waiting: list[Judged] = []
    step = start or Step()
    for number, (step, item) in enumerate(read_task(task, start)):
        is_alone = is_single and number < BATCH
        if is_alone:
            connection.send_bytes(_AT + _dump_place(step, item.place))
        waiting.append(judge_item(item, site, policy))
        if is_alone or len(waiting) == BATCH:
            connection.send_bytes(_BATCH + gather(job, step, waiting).dump())
            waiting = []
    if waiting:
        connection.send_bytes(_BATCH + gather(job, step, waiting).dump())
    connection.send_bytes(_DONE)


def _dump_place(step: Step, place: Place) -> bytes:
    return marshal.dumps((tuple(step), tuple(place)))


def _load_place(octets: bytes) -> tuple[Step, Place]:
    step, place = marshal.loads(octets)  # noqa: S302  # of our own process
    return Step(*step), Place(*place)
