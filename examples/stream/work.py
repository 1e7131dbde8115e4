"""The loop of a worker: take some messages, judge them, write lines, and only then acknowledge."""

import logging
import os
import select
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from lines import Lines

from headertls import Policy, Site, Trace
from headertls.integrations.lines import write_line
from headertls.integrations.metrics import Metrics
from headertls.mailboxes import Place

HEADER = (1 << 20) + 1
"""Octets of a message that are read; no longer header is looked at."""

log = logging.getLogger("stream")


class Stop:
    """A flag that a signal may raise; a lock, as in `threading.Event`, must not be taken there."""

    def __init__(self) -> None:
        """Lower the flag."""
        self._read, self._write = os.pipe()

    def set(self) -> None:
        """Raise it."""
        os.write(self._write, b"!")

    def wait(self, seconds: float = 0) -> bool:
        """Wait until it is raised, for so long at most, and tell whether it is."""
        return bool(select.select([self._read], [], [], seconds)[0])


class Settings(NamedTuple):
    """What is the same for all sources."""

    batch: int
    """Messages that are in hand at a time, at most; no more are taken before these are done."""
    lease: float
    """Seconds after which what a worker took and did not finish is another's."""
    deliveries: int
    """How often a message is handed out before it is set aside."""
    keep: bool
    """What is done is kept."""
    stop: Stop
    """It is time to end."""


class Taken(NamedTuple):
    """A message in hand."""

    key: Any
    """By which the source knows it."""
    place: Place
    block: bytes = b""
    error: str | None = None
    """Why it cannot be read."""


class Source(Protocol):
    """Where messages come from."""

    def take(self) -> Sequence[Taken]:
        """Claim a batch at most; where there is nothing, wait a moment and give none."""
        ...

    def finish(self, done: Sequence[Taken]) -> None:
        """Acknowledge what was written, and set those aside that have an error."""
        ...

    def close(self) -> None:
        """Leave, with nothing in hand."""
        ...


class Judge(NamedTuple):
    """What is asked of each message."""

    metrics: Metrics
    site: Site | None = None
    policy: Policy | None = None

    def judge(self, taken: Taken) -> tuple[Taken, Trace | None]:
        """Judge a message; what goes wrong becomes its error."""
        if taken.error is not None:
            self.metrics.observe(None)
            return taken, None
        try:
            return taken, self.metrics.analyze(taken.block, self.site, self.policy)
        except Exception as error:
            log.exception("%s", taken.place)
            return taken._replace(error=f"{type(error).__name__}: {error}"), None


def run(source: Source, lines: Lines, judge: Judge, stop: Stop, *, drain: bool = False) -> int:
    """Work until *stop*, or with *drain* until nothing is left, and tell how many were done.

    Nothing is read ahead: while the lines cannot be written, nothing is taken.
    """
    count = 0
    while not stop.wait():
        taken = source.take()
        if not taken and drain:
            break
        judged = [judge.judge(each) for each in taken]
        written = [
            write_line(each.place, trace, block=each.block, error=each.error, number=number)
            for number, (each, trace) in enumerate(judged, count)
        ]
        if written:
            lines.write(b"".join(written))
            source.finish([each for each, _ in judged])
            count += len(written)
    source.close()
    return count


def make_folder(path: Path) -> Path:
    """Make sure that there is a folder."""
    path.mkdir(parents=True, exist_ok=True)
    return path
