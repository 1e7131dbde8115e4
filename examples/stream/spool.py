"""Messages from a folder: a Maildir, into which anything can deliver.

Writers write into `tmp` and rename into `new`. To claim a message is to rename it into `cur`, under
a name that tells when, how often it was claimed, and by whom; so each claim is one step, of which
one worker sees the success.
"""

import os
import socket
import stat
import time
from collections.abc import Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple

from work import HEADER, Settings, Taken, make_folder

from headertls.mailboxes import Place

LISTED = 1000
"""Names that are looked at before the folder is listed anew."""
LONGEST_NAME = 150
"""Octets of a name that are kept."""
NOT_WHOLE = (".tmp", ".part", ".partial")
"""Endings of names by which programs tell that they are writing yet; so does a dot in front."""


class Claim(NamedTuple):
    """What the name of a claimed message tells."""

    since: float
    """Seconds since the epoch."""
    times: int
    worker: str
    name: str

    def write(self) -> str:
        """Write it as a name in the folder."""
        return f"{self.since:.0f}.{self.times}.{self.worker}.{self.name}"

    @classmethod
    def read(cls, name: str) -> "Claim | None":
        """Read what `write` wrote; other names are not ours."""
        parts = name.split(".", 3)
        if len(parts) < len(cls._fields) or not (parts[0].isdecimal() and parts[1].isdecimal()):
            return None
        return cls(float(parts[0]), int(parts[1]), parts[2], parts[3])


class Spool:
    """The messages of a folder."""

    def __init__(self, folder: Path, settings: Settings, poll: float = 1.0) -> None:
        """Make the folders that are not there yet."""
        self._settings, self._poll = settings, poll
        self._new, self._claims, self._done, self._failed = (
            make_folder(folder / name) for name in ("new", "cur", "done", "failed")
        )
        make_folder(folder / "tmp")
        host = socket.gethostname().replace(".", "_")[:40]
        self._workers = (f"{host}-{os.getpid()}-{number}" for number in count())
        self._names: Iterator[str] = iter(())
        self._next_look = 0.0

    def take(self) -> Sequence[Taken]:
        """Claim new messages, or one that another worker left behind."""
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + self._poll
            # one by one: if it ends this worker, too, then no other message is blamed
            if (left := self._take_over()) is not None:
                self._next_look = 0.0
                return [left]
        taken = list(islice(self._take_new(), self._settings.batch))
        if not taken:
            self._settings.stop.wait(self._poll)
        return taken

    def _take_new(self) -> Iterator[Taken]:
        for name in self._iter_names():
            if (claimed := self._claim(self._new / name, 1, name)) is not None:
                yield self._read(claimed)

    def _iter_names(self) -> Iterator[str]:
        """Go on with the names that were listed, and then list those that are there now."""
        yield from self._names
        self._names = iter(sorted(islice(self._list_new(), LISTED)))
        yield from self._names

    def _list_new(self) -> Iterator[str]:
        with os.scandir(self._new) as entries:
            for entry in entries:
                if not entry.name.startswith(".") and not entry.name.endswith(NOT_WHOLE):
                    yield entry.name

    def _take_over(self) -> Taken | None:
        latest = time.time() - self._settings.lease
        for name in sorted(path.name for path in self._claims.iterdir()):
            claim = Claim.read(name)
            if claim is None or claim.since > latest:
                continue
            claimed = self._claim(self._claims / name, claim.times + 1, claim.name)
            if claimed is not None and claim.times < self._settings.deliveries:
                return self._read(claimed)
            if claimed is not None:
                told = f"was taken {claim.times} times, and never finished"
                return Taken(claimed, Place(claim.name), error=told)
        return None

    def _claim(self, path: Path, times: int, name: str) -> Path | None:
        name = os.fsdecode(os.fsencode(name)[:LONGEST_NAME])
        claim = Claim(time.time(), times, next(self._workers), name)
        try:
            return path.rename(self._claims / claim.write())
        except FileNotFoundError:  # another worker was faster
            return None

    def _read(self, path: Path) -> Taken:
        claim = Claim.read(path.name)
        place = Place(claim.name if claim else path.name)
        try:
            return Taken(path, place, _read_head(path))
        except OSError as error:
            return Taken(path, place, error=f"cannot be read: {error.strerror}")

    def finish(self, done: Sequence[Taken]) -> None:
        """Remove what was judged, and put into `failed` what could not be read."""
        for taken in done:
            path: Path = taken.key
            try:
                if taken.error is not None:
                    path.rename(self._failed / path.name)
                elif self._settings.keep:
                    path.rename(self._done / path.name)
                else:
                    path.unlink()
            except FileNotFoundError:  # we were slow, and another worker took it over
                continue

    def close(self) -> None:
        """Nothing is to be left."""


def _read_head(path: Path) -> bytes:
    # no links, which lead elsewhere, and no waiting for the other end of a pipe
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(file, "rb") as opened:  # noqa: PTH123  # it is open already
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(0, "is no file")
        return opened.read(HEADER)
