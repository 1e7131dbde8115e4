"""One result a message: `scan`."""

import os
from collections.abc import Iterable, Iterator

from headertls.corpus.work import Batch, judge_item, make_job
from headertls.corpus.workers import share
from headertls.mailboxes import Place, Task, plan, read_task
from headertls.models import Policy, Site, Trace

AnyPath = str | os.PathLike[str]


class ScanResult:
    """What a scan says of one message; it cannot be changed."""

    __slots__ = ("_error", "_place", "_trace")

    def __init__(
        self, place: Place, trace: Trace | bytes | None = None, error: str | None = None
    ) -> None:
        """Make a result.

        Args:
            place: Where the message stands.
            trace: What it says; as JSON it is read when it is asked for.
            error: Why it could not be read.
        """
        self._place = place
        self._trace = trace
        self._error = error

    @property
    def place(self) -> Place:
        """Where the message stands."""
        return self._place

    @property
    def trace(self) -> Trace | None:
        """What the message says; `None` where it could not be read."""
        if isinstance(self._trace, bytes):
            self._trace = Trace.model_validate_json(self._trace)
        return self._trace

    @property
    def error(self) -> str | None:
        """Why the message could not be read."""
        return self._error

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ScanResult):
            return NotImplemented
        return (self.place, self.error, self.trace) == (other.place, other.error, other.trace)

    def __hash__(self) -> int:
        return hash((self.place, self.error))

    def __repr__(self) -> str:
        trace = self.trace
        told = f"error={self.error!r}" if trace is None else f"headline={trace.headline.value!r}"
        return f"ScanResult({str(self.place)!r}, {told})"


def scan(
    paths: AnyPath | Iterable[AnyPath],
    site: Site | None = None,
    policy: Policy | None = None,
    *,
    workers: int = 1,
    column: str | None = None,
) -> Iterator[ScanResult]:
    """Read and judge all messages of mailboxes and folders, one after the other.

    Only header blocks are read, and only as the results are asked for. Folders are read with all
    that is in them, in the order of their names. What cannot be read is a result that says so.

    Args:
        paths: Files and folders: messages, mbox, Maildir, MH, zip and tar archives of these,
            compressed files, Outlook's `.msg`, and NDJSON, CSV and Parquet with a column of raw
            headers.
        site: As for `headertls.analyze`.
        policy: As for `headertls.analyze`.
        workers: Processes that share the work; the order of the results is the same. A script that
            asks for more than one has to do so below `if __name__ == "__main__":`.
        column: Of tables: the column that holds the headers, if it has an unusual name.

    >>> for result in scan(["examples/exim.eml", "nowhere.eml"]):
    ...     print(result)
    ScanResult('examples/exim.eml', headline='entered_encrypted')
    ScanResult('nowhere.eml', error='is not there')
    """
    if workers < 1:
        raise ValueError("there is one worker at least")
    tasks = plan(list_paths(paths), column=column)
    if workers == 1:
        return _scan_alone(tasks, site, policy)
    return _share(tasks, site, policy, workers)


def list_paths(paths: AnyPath | Iterable[AnyPath]) -> list[str]:
    """Take one path for a list of one.

    >>> list_paths("inbox"), list_paths(["a", "b"])
    (['inbox'], ['a', 'b'])
    """
    given = [paths] if isinstance(paths, (str, os.PathLike)) else paths
    return [os.fspath(path) for path in given]


def _scan_alone(
    tasks: Iterator[Task], site: Site | None, policy: Policy | None
) -> Iterator[ScanResult]:
    for task in tasks:
        for _, item in read_task(task):
            _, trace, error = judge_item(item, site, policy)
            yield ScanResult(item.place, trace, error)


def _share(
    tasks: Iterator[Task], site: Site | None, policy: Policy | None, workers: int
) -> Iterator[ScanResult]:
    job = make_job(site, policy)._replace(has_traces=True)
    for found in share(job, tasks, workers):
        batch: Batch | None = found[1] if found else None
        for place, error, trace in batch.told if batch else ():
            yield ScanResult(place, trace, error)
