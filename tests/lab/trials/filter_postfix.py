"""The filter in Postfix, as a content filter that hands mail back by `sendmail`."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL
from threading import Event, Thread
from time import monotonic, sleep
from typing import ClassVar, Final

from lab.letters import Arrived, by_name, find_losses, make_letters, send_all
from lab.names import HOST
from lab.servers.base import Listener, Server
from lab.servers.postfix import Postfix
from lab.trials.fields import find_wrong_fields
from lab.trials.with_filter import PACKAGE, SITE, FilterTrial

_PORT: Final = 2611
_FILTER: Final = ("-m", "headertls", "filter")
# pipe(8) looks for no program in PATH; postfix_pipe's user must reach the interpreter.
_ROW: Final = (
    "headertls unix - n n - 4 pipe\n"
    "  flags=q user=nobody null_sender=\n"
    f"  argv=/usr/bin/env PYTHONPATH={PACKAGE} {sys.executable} {' '.join(_FILTER)}"
    f" --authserv-id {HOST} --site {SITE} --"
    " /usr/sbin/sendmail -G -i -f ${sender} -- ${recipient}"
)
_LONGEST: Final = 3.0
"""Seconds that a message may take, since each starts an interpreter."""
_FEW: Final = 20
_PAUSE: Final = 1.5


class _Postfix(Postfix):
    services: ClassVar[Mapping[str, tuple[int, str]]] = {
        "filtered": (
            _PORT,
            "-o content_filter=headertls:dummy -o smtpd_tls_received_header=yes",
        )
    }
    rows: ClassVar[tuple[str, ...]] = (_ROW,)
    listeners: ClassVar = (Listener("filtered", _PORT, "starttls"),)


class FilterPostfix(FilterTrial):
    """Many messages, while filters are killed at work."""

    @classmethod
    def make_server(cls) -> Server:
        """Give a Postfix that pipes mail through the filter."""
        return _Postfix()

    def run(self, count: int) -> Iterator[str]:
        """Send a few steadily, and then all while filters are killed."""
        yield from self._run("steady", _FEW)
        over = Event()
        killer = Thread(target=self._kill_some, args=(over, count // _FEW))
        killer.start()
        try:
            yield from self._run("killed", count)
        finally:
            over.set()
            killer.join()
        print(f"  {self._killed} filters were killed")
        if not self._killed:
            yield "no filter was killed"
        yield from (f"left in the queue: {line}" for line in self._list_queue())
        log = self.room.path("/var/log/postfix.log").read_text(encoding="utf-8", errors="replace")
        yield from (line for line in log.splitlines() if "status=bounced" in line)

    def _run(self, run: str, count: int) -> Iterator[str]:
        letters = make_letters(run, count)
        start = monotonic()
        mailing = send_all(letters, _PORT, self.certificates)
        arrived = self._wait_long(run, count)
        print(f"  {run}: {len(arrived)} messages, {count / (monotonic() - start):.1f}/s")
        yield from find_losses(letters, mailing, arrived)
        yield from find_wrong_fields(mailing.sent, by_name(arrived))

    def _list_queue(self) -> list[str]:
        listed = self.room.run("postqueue", "-j", check=False)
        return [line for line in listed.splitlines() if line.startswith("{")]

    def _wait_long(self, run: str, count: int) -> list[Arrived]:
        """Wait, and ask again and again for what was put off to be tried."""
        end = monotonic() + _LONGEST * count + 60
        arrived: list[Arrived] = []
        while monotonic() < end and len(arrived) < count:
            self.room.run("postqueue", "-f")
            sleep(4)
            with suppress(FileNotFoundError):  # a message moved while it was read
                arrived = self._collect(run)
        sleep(3)
        return self._collect(run)

    _killed = 0

    def _kill_some(self, over: Event, limit: int) -> None:
        """Kill a filter from time to time; the name space has no others than this trial's."""
        while self._killed < limit and not over.wait(_PAUSE):
            for pid in _list_filters()[:1]:
                with suppress(ProcessLookupError):
                    os.kill(pid, SIGKILL)
                    self._killed += 1


def _list_filters() -> list[int]:
    """Give the processes that are filters still; the command that follows has another name."""
    wanted = "\0".join(_FILTER).encode()
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            line = (folder / "cmdline").read_bytes()
            if wanted in line and b"/usr/bin/env" not in line:
                found.append(int(folder.name))
    return found
