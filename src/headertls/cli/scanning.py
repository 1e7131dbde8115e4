"""What all commands that read mailboxes do: workers, the bar, and how Ctrl-C ends them."""

import os
import signal
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Final, TypeAlias

from cyclopts import Parameter

from headertls.cli.options import MORE
from headertls.cli.printing import complain, find_stdout
from headertls.cli.progress import showing
from headertls.cli.settings import SettingsError
from headertls.cli.statuses import Status
from headertls.cli.streams import STDIN, is_stdin
from headertls.cli.targets import claiming
from headertls.corpus.run import Order, Outcome, run_scan
from headertls.corpus.state import StateError
from headertls.corpus.tally import Sort
from headertls.corpus.work import Job
from headertls.corpus.workers import WorkersError

PathsArgument: TypeAlias = Annotated[
    Path,
    Parameter(
        name="PATH",
        help="Files and folders: messages, mbox, Maildir, MH, zip and tar archives of these,"
        " compressed files, Outlook's .msg, and NDJSON, CSV and Parquet with a column of raw"
        " headers.",
    ),
]
WorkersOption: TypeAlias = Annotated[
    int | None,
    Parameter(
        name="--workers",
        group=MORE,
        help="Processes that share the work; as many as there are cores by default.",
    ),
]
ColumnOption: TypeAlias = Annotated[
    str | None,
    Parameter(
        name="--column",
        group=MORE,
        help="Of tables: the column that holds the raw headers, if it has an unusual name.",
    ),
]

MAX_WORKERS: Final = 1024
"""More processes than any machine has cores for: a slip would take all its memory."""

FAILURES: Final = (SettingsError, StateError, WorkersError, ImportError, ValueError)
"""Why a scan cannot be done: the text of each is fit to be told."""


def list_given(paths: Sequence[Path], command: str) -> tuple[str, ...]:
    """Give the names of *paths*, of which there is one at least, and none the standard input."""
    if not paths:
        raise ValueError(f"a PATH is needed: a file or a folder. Try: headertls {command} --help")
    if any(map(is_stdin, paths)):
        raise ValueError(
            f"{STDIN}: mail is read from files and folders, not from the standard input"
        )
    return tuple(map(str, paths))


def count_workers(wanted: int | None) -> int:
    """Tell how many processes share the work: as many as are *wanted*, or as there are cores."""
    if wanted is not None and wanted < 1:
        raise ValueError("--workers: there is one at least")
    if wanted is not None and wanted > MAX_WORKERS:
        raise ValueError(f"--workers: there are {MAX_WORKERS:,} at most")
    # Those that this process may use, where the system tells.
    count: Callable[[], int | None] = getattr(os, "process_cpu_count", _count_cores)
    return wanted or count() or 1


def _count_cores() -> int | None:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def run_order(order: Order) -> Outcome:
    """Do a scan, and show how far it is; Ctrl-C ends it cleanly.

    Raises:
        ValueError: An output cannot be opened, or another scan is writing it.
        OSError: There is no standard output on which to tell of it.
    """
    find_stdout()
    try:
        with (
            claiming([wanted.path for wanted in order.outputs]),
            _stopping() as is_stopped,
            showing(order.paths) as show,
        ):
            return run_scan(order, show, is_stopped)
    except OSError as error:
        # of an output that cannot be opened: what is wrong with an input is a result
        raise ValueError(f"{error.filename or 'an output'}: {error.strerror or error}") from error


@contextmanager
def _stopping() -> Generator[Callable[[], bool]]:
    """Let the first Ctrl-C be a wish; the second one interrupts whatever is being done."""
    wishes: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        wishes.append(number)
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(wishes)
    finally:
        signal.signal(signal.SIGINT, before)


def run_study(
    command: str, paths: Sequence[Path], job: Job, workers: int | None, column: str | None
) -> Outcome:
    """Do a scan of which the counts alone are wanted, for *command*.

    Raises:
        ValueError: There is no path, or no worker.
    """
    names = list_given(paths, command)
    return run_order(Order(names, job, workers=count_workers(workers), column=column))


def tell_the_end(outcome: Outcome) -> Status:
    """Tell what was not read, and give the status of a study without outputs."""
    errors = outcome.tally.get(Sort.ERROR)
    for (reason, *_), count in errors.items():
        more = f" and {count - 1:,} more" if count > 1 else ""
        complain(f"{outcome.tally.find_example(Sort.ERROR, reason)}{more}: {reason}")
    if not outcome.is_complete:
        complain("broken off: what is shown is of what was read until then")
        return Status.INTERRUPTED
    return Status.FAILED if errors else Status.DONE
