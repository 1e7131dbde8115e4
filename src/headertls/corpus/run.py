"""A scan from beginning to end: what the command does."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Final, NamedTuple

from headertls.corpus.outputs import Output, open_output
from headertls.corpus.state import SUFFIX, State, StateError, make_print, read_state, write_state
from headertls.corpus.tally import Fate, Sort, Tally
from headertls.corpus.wanted import Wanted
from headertls.corpus.work import DIGEST, Batch, Job
from headertls.corpus.workers import share
from headertls.mailboxes import Task, find_mark, plan

SAVED_EVERY: Final = 10.0
"""Seconds after which is noted how far the scan is done."""


class Order(NamedTuple):
    """What is to be scanned, and what is to be written."""

    paths: tuple[str, ...]
    job: Job
    outputs: tuple[Wanted, ...] = ()
    workers: int = 1
    column: str | None = None
    is_resumed: bool = False


class Progress(NamedTuple):
    """How far a scan is."""

    messages: int
    """That are counted, also by an earlier scan that was broken off."""
    fresh: int
    """That this scan has counted."""
    octets: int


class Outcome(NamedTuple):
    """How a scan ended."""

    tally: Tally
    is_complete: bool
    failure: str | None = None
    """Why an output could not be written on."""
    left: tuple[Path, ...] = ()
    """What was written and is not whole."""


def run_scan(
    order: Order,
    show: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] = bool,
) -> Outcome:
    """Scan all, and write what is wanted.

    Args:
        order: What is to be done.
        show: Is told of the progress.
        should_stop: Is asked again and again whether to break the scan off.

    Raises:
        OSError: An output cannot be opened.
        ValueError: An output has an ending of no known form, or its beginning cannot be written.
        ImportError: An output needs pyarrow, which is not installed.
        StateError: There is no scan to go on with.
        WorkersError: No processes can be started.
    """
    try:
        run = _Run(order)
    except _OutputError as error:
        raise ValueError(str(error)) from error
    try:
        for found in run.iter_batches():
            if found is not None:
                run.take(*found)
                if show is not None:
                    show(run.measure())
            if should_stop():
                return run.break_off()
        return run.finish()
    except _OutputError as error:
        return run.break_off(str(error))
    finally:
        run.close()


class _OutputError(Exception):
    """An output cannot be written on; the text says which, and why."""


@contextmanager
def _telling(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise _OutputError(f"{path}: {error.strerror or error}") from error


class _Run:
    """A scan on its way."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._print = _make_print(order)
        self._path = find_state(order)
        state = self._read_state()
        self.tally = state.tally
        self._before = 0
        self.messages = state.messages
        self.octets = state.octets
        self._before = self.measure().messages if state.mark else 0
        self._seen = set(state.seen)
        self._mark = state.mark
        self._outputs: list[Output] = []
        try:
            for wanted, saved in zip(order.outputs, state.saved, strict=True):
                self._outputs.append(open_output(wanted, saved))
            self._save()
        except BaseException:
            self.close()
            raise

    def measure(self) -> Progress:
        """Tell how far the scan is."""
        messages = sum(self.tally.get(Sort.FATE).values())
        return Progress(messages, messages - self._before, self.octets)

    def iter_batches(self) -> Iterator[tuple[Task, Batch] | None]:
        """Give what the messages say, in their order."""
        order = self._order
        tasks = plan(order.paths, column=order.column, after=self._mark)
        return share(order.job, tasks, order.workers)

    def take(self, task: Task, batch: Batch) -> None:
        """Count a batch and write its rows."""
        numbers = self._number(batch)
        for output in self._outputs:
            encoded = batch.hops if output.wanted.rows == "hops" else batch.messages
            with _telling(output.wanted.partial):
                output.write(encoded, numbers)
        self._count(batch, numbers)
        self.octets += batch.octets
        self._mark = find_mark(task, batch.step)
        if monotonic() > self._due:
            self._save()

    def break_off(self, failure: str | None = None) -> Outcome:
        """End before the end, so that another scan can go on."""
        if failure is None:
            try:
                self._save()
            except _OutputError as error:
                failure = str(error)
        left = tuple(output.wanted.partial for output in self._outputs)
        return Outcome(self.tally, is_complete=False, failure=failure, left=left)

    def finish(self) -> Outcome:
        """Give all outputs their names."""
        self._save()
        for output in self._outputs:
            with _telling(output.wanted.partial):
                output.seal()
        for output in self._outputs:
            with _telling(output.wanted.path):
                output.finish()
        self._outputs = []
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        return Outcome(self.tally, is_complete=True)

    def close(self) -> None:
        """Let go of the outputs as they are."""
        for output in self._outputs:
            with suppress(OSError):
                output.close()

    def _read_state(self) -> State:
        if not self._order.is_resumed:
            return State(None, Tally(), 0, 0, (None,) * len(self._order.outputs))
        if self._path is None:
            raise StateError("there is nothing to go on with, for no output is wanted")
        return read_state(self._path, self._print, DIGEST)

    def _save(self) -> None:
        """Note how far the scan is done."""
        if self._path is not None:
            saved: list[int] = []
            for output in self._outputs:
                with _telling(output.wanted.partial):
                    saved.append(output.save())
            seen = frozenset(self._seen)
            numbers = self.messages, self.octets
            state = State(self._mark, self.tally, *numbers, tuple(saved), seen)
            with _telling(self._path):
                write_state(self._path, state, self._print)
        self._due = monotonic() + SAVED_EVERY

    def _number(self, batch: Batch) -> list[int]:
        """Number the messages of a batch; those that were met before get a negative number."""
        numbers: list[int] = []
        for digest in batch.digests or (b"",) * batch.size:
            if digest and digest in self._seen:
                numbers.append(-1)
                continue
            if digest:
                self._seen.add(digest)
            numbers.append(self.messages)
            self.messages += 1
        return numbers

    def _count(self, batch: Batch, numbers: Sequence[int]) -> None:
        if not batch.digests:
            for tally in batch.tallies:
                self.tally.add(tally)
            return
        for tally, number in zip(batch.tallies, numbers, strict=True):
            if number < 0:
                self.tally.count(Sort.FATE, Fate.DUPLICATE.value)
            else:
                self.tally.add(tally)


def find_state(order: Order) -> Path | None:
    """Find the file in which a scan notes how far it is done: beside its first output."""
    if not order.outputs:
        return None
    path = order.outputs[0].path
    return path.with_name(path.name + SUFFIX)


def _make_print(order: Order) -> str:
    paths = [str(Path(path).absolute()) for path in order.paths]
    outputs = [(str(wanted.path.absolute()), wanted.rows) for wanted in order.outputs]
    return make_print(paths, order.job, outputs, order.column)
