"""One result a message: `scan`."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from headertls.analysis import analyze
from headertls.mailboxes import Item, Place, plan, read_task
from headertls.mailboxes.errors import explain
from headertls.models import Policy, Site, Trace


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a scan says of one message."""

    place: Place
    """Where the message stands."""
    trace: Trace | None = None
    """`None` where the message could not be read."""
    error: str | None = None
    """Why it could not be read."""


AnyPath = str | os.PathLike[str]


def scan(
    paths: AnyPath | Iterable[AnyPath],
    site: Site | None = None,
    policy: Policy | None = None,
) -> Iterator[ScanResult]:
    """Read and judge all messages of mailboxes and folders."""
    for task in plan(list_paths(paths)):
        for _, item in read_task(task):
            yield examine(item, site, policy)


def list_paths(paths: AnyPath | Iterable[AnyPath]) -> list[str]:
    """Take one path for a list of one."""
    given = [paths] if isinstance(paths, (str, os.PathLike)) else paths
    return [os.fspath(path) for path in given]


def examine(item: Item, site: Site | None, policy: Policy | None) -> ScanResult:
    """Judge one message; whatever goes wrong is told of it alone."""
    if item.error is not None:
        return ScanResult(item.place, error=item.error)
    try:
        return ScanResult(item.place, analyze(item.block, site, policy))
    except Exception as error:  # noqa: BLE001  # one message must not end a scan of a million
        return ScanResult(item.place, error=explain(error))
