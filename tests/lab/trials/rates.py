"""How fast Postfix is with headertls in its way, and without: `benchmarks/in_path.py` asks."""

import sys
from collections.abc import Iterator, Mapping
from statistics import median
from time import monotonic, sleep
from typing import ClassVar, Final

from lab.letters import Letter, Mailing, make_letters, send_all
from lab.names import HOST
from lab.servers.base import Listener, Server
from lab.servers.postfix import Postfix
from lab.trials.base import Trial
from lab.trials.milter import Milter
from lab.trials.with_filter import open_python

_PORTS: Final = {"alone": 2601, "milter": 2602, "filter": 2603}
_OPTIONS: Final = {
    "alone": "",
    "milter": "-o smtpd_milters=inet:127.0.0.1:8891",
    "filter": "-o content_filter=headertls:",
}
_FILTER: Final = (
    "headertls unix - n n - 2 pipe flags=Rq user=nobody null_sender="
    f" argv={sys.executable} -m headertls filter --authserv-id {HOST}"
    " -- /usr/sbin/sendmail -G -i -f ${sender} -- ${recipient}"
)
_SHARES: Final = {"alone": 1, "milter": 1, "filter": 30}
"""By which the number of messages is divided: a filter is a process of its own for each."""
_ROUNDS: Final = 3
_PATIENCE: Final = 120.0


class _Postfix(Postfix):
    services: ClassVar[Mapping[str, tuple[int, str]]] = {
        name: (port, _OPTIONS[name]) for name, port in _PORTS.items()
    }
    rows: ClassVar[tuple[str, ...]] = (_FILTER,)
    listeners: ClassVar = tuple(Listener(name, port) for name, port in _PORTS.items())


class Rates(Trial):
    """The same mail through each way, in turn, so that a slow phase of the machine hits all."""

    @classmethod
    def make_server(cls) -> Server:
        """Give a Postfix with a service for each way."""
        return _Postfix()

    def prepare(self) -> None:
        """Start the milter, and let the filter's user reach Python."""
        open_python(self.room)
        # once as root, so that the modules are compiled
        command = (*("env", "-u", "PYTHONDONTWRITEBYTECODE"), sys.executable, "-m", "headertls")
        self.room.run(*command, "filter", "--authserv-id", HOST, stdin="Subject: first\n\n")
        self._milter = Milter("inet:8891@127.0.0.1", self.room.path("/srv/milter.log"))
        self._milter.start()

    def clean_up(self) -> None:
        """Stop it."""
        self._milter.kill()

    def run(self, count: int) -> Iterator[str]:
        """Measure messages a second to the last delivery, and what one client waits."""
        print(f"  {self.server.source(self.room)}, {self.room.system()}", flush=True)
        rates: dict[str, list[float]] = {name: [] for name in _PORTS}
        waits: dict[str, list[float]] = {name: [] for name in _PORTS}
        for turn in range(_ROUNDS):
            for name in _PORTS:
                letters = make_letters(f"{name}{turn}", count // _SHARES[name])
                mailing, seconds = self._time(name, letters)
                rates[name].append(len(letters) / seconds)
                if len(mailing.sent) != len(letters):
                    yield f"{name}: only {len(mailing.sent)} of {len(letters)} taken"
                single, _ = self._time(
                    name, make_letters(f"{name}{turn}one", len(letters)), clients=1
                )
                waits[name].append(1e3 * median(one.taken_at - one.begun_at for one in single.sent))
        for name in _PORTS:
            ratios = sorted(a / b for a, b in zip(rates[name], rates["alone"], strict=True))
            added = sorted(a - b for a, b in zip(waits[name], waits["alone"], strict=True))
            print(
                f"  {name}: {median(rates[name]):.1f} messages/s, {median(ratios):.3f} of Postfix"
                f" alone ({ratios[0]:.3f} to {ratios[-1]:.3f}); one client waits"
                f" {median(waits[name]):.1f} ms a message, {median(added):.1f} more"
                f" ({added[0]:.1f} to {added[-1]:.1f})"
            )

    def _time(self, name: str, letters: list[Letter], clients: int = 6) -> tuple[Mailing, float]:
        """Send *letters*, and tell how long it took until all were delivered."""
        box = self.room.path("/srv/mail/box/new")
        before = sum(1 for _ in box.glob("*"))
        start = monotonic()
        mailing = send_all(letters, _PORTS[name], self.certificates, clients)
        while sum(1 for _ in box.glob("*")) < before + len(letters):
            if monotonic() > start + _PATIENCE:
                log = self.room.path("/var/log/postfix.log").read_text(errors="replace")
                raise RuntimeError(f"{name}: not all was delivered\n{log[-2000:]}")
            sleep(0.02)
        return mailing, monotonic() - start
