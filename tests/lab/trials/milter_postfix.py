"""The milter in Postfix."""

from collections.abc import Callable, Iterator, Mapping
from threading import Event, Thread
from time import monotonic, sleep
from typing import ClassVar, Final

from lab.letters import (
    Arrived,
    Letter,
    Mailing,
    Sent,
    by_name,
    find_losses,
    make_letters,
    send_once,
)
from lab.servers.base import Listener, Server
from lab.servers.postfix import Postfix
from lab.trials.base import Trial
from lab.trials.fields import find_wrong_fields, has_field
from lab.trials.milter import Milter

_INET: Final = "inet:127.0.0.1:8891"
_UNIX: Final = "/srv/{}.sock"
_PORTS: Final = {
    "tempfail": 2601,
    "accept": 2602,
    "alone": 2603,
    "reject": 2604,
    "quarantine": 2605,
}
_FEW: Final = 30
_BEFORE: Final = 1 / 4  # of the messages are taken until the milter is killed
_PATIENCE: Final = 60.0
_AWAY: Final = 0.3  # seconds until it is started again


class _Postfix(Postfix):
    services: ClassVar[Mapping[str, tuple[int, str]]] = {
        "tempfail": (
            _PORTS["tempfail"],
            f"-o smtpd_milters={_INET} -o milter_default_action=tempfail",
        ),
        "accept": (_PORTS["accept"], f"-o smtpd_milters={_INET} -o milter_default_action=accept"),
        "alone": (_PORTS["alone"], ""),
    } | {
        name: (_PORTS[name], f"-o smtpd_milters=unix:{_UNIX.format(name)}")
        for name in ("reject", "quarantine")
    }
    listeners: ClassVar = tuple(Listener(name, port) for name, port in _PORTS.items())


class MilterPostfix(Trial):
    """Many messages, while the milter is killed and comes back."""

    @classmethod
    def make_server(cls) -> Server:
        """Give a Postfix whose services differ in what they do without the milter."""
        return _Postfix()

    def prepare(self) -> None:
        """Start the milter at a port, and two that act upon findings at Unix sockets."""
        log = self.room.path("/srv/milter.log")
        self._milter = Milter("inet:8891@127.0.0.1", log)
        self._strict = {
            name: Milter(
                f"unix:{self.room.path(_UNIX.format(name))}",
                log.with_name(f"{name}.log"),
                *("--fail-on", "high", "--on-fail", name),
            )
            for name in ("reject", "quarantine")
        }
        for milter in (self._milter, *self._strict.values()):
            milter.start()
        for name in self._strict:
            self.room.run("chmod", "0666", _UNIX.format(name))

    def clean_up(self) -> None:
        """Stop them."""
        for milter in (self._milter, *self._strict.values()):
            milter.kill()

    def run(self, count: int) -> Iterator[str]:
        """Send with the milter there all the time, and with it going away, under both settings."""
        yield from self._run_policies()
        yield from self._run_steadily(count)
        yield from self._run_with_outages("tempfail", count, self._judge_tempfail)
        yield from self._run_with_outages("accept", count, self._judge_accept)

    def _run_policies(self) -> Iterator[str]:
        """Plaintext over the internet is refused, or kept back until it is released."""
        for name in self._strict:
            letters = make_letters(name, _FEW)
            secure = [letter for letter in letters if letter.plan.wish]
            kept = [letter for letter in letters if letter.plan.name.startswith("plain")]
            faults = [self._send_alone(letter, _PORTS[name]) for letter in kept]
            print(f"  {name}: {len(kept)} of plaintext, {faults[0] or 'taken'}")
            mailing, arrived = self.send(secure, _PORTS[name])
            yield from find_losses(secure, mailing, arrived)
            if name == "reject":
                yield from (f"{fault}: no 550" for fault in faults if "550" not in str(fault))
            else:
                yield from (f"put off: {fault}" for fault in faults if fault)
                yield from self._release(kept, len(secure))
        yield from (
            f"{name}: ended with {status}"
            for name, milter in self._strict.items()
            if (status := milter.stop())
        )

    def _send_alone(self, letter: Letter, port: int) -> str | None:
        return send_once([letter], port, self.certificates)[1]

    def _release(self, kept: list[Letter], others: int) -> Iterator[str]:
        held = sum(path.is_file() for path in self.room.path("/var/spool/postfix/hold").rglob("*"))
        if held != len(kept):
            yield f"{held} messages are held, not {len(kept)}"
        self.room.run("postsuper", "-H", "ALL")
        self.room.run("postqueue", "-f")
        names = {letter.name for letter in kept}
        arrived = self.wait(kept[0].run, len(kept) + others)
        yield from (f"{name}: not released" for name in names - set(by_name(arrived)))

    def _run_steadily(self, count: int) -> Iterator[str]:
        letters = make_letters("steady", count)
        mailing, arrived = self.send(letters, _PORTS["tempfail"])
        print(f"  {len(arrived)} messages, {count / mailing.seconds:.0f}/s")
        yield from find_losses(letters, mailing, arrived)
        yield from find_wrong_fields(mailing.sent, by_name(arrived))
        if mailing.refusals:
            yield f"put off: {mailing.refusals}"

    def _run_with_outages(
        self, action: str, count: int, judge: Callable[[Mailing, list[Arrived]], Iterator[str]]
    ) -> Iterator[str]:
        letters = make_letters(action, count)
        due = Event()
        killer = Thread(target=self._kill_and_start, args=(due,))
        killer.start()
        mailing, arrived = self.send(
            letters,
            _PORTS[action],
            lambda number: due.set() if number >= count * _BEFORE else None,
        )
        killer.join()
        print(f"  {len(arrived)} messages with milter_default_action={action}")
        for refusal, number in mailing.refusals.most_common():
            print(f"    {number} put off: {refusal}")
        yield from find_losses(letters, mailing, arrived)
        yield from judge(mailing, arrived)

    def _kill_and_start(self, due: Event) -> None:
        due.wait(_PATIENCE)
        away_since = monotonic()
        self._milter.kill()
        sleep(_AWAY)
        self._milter.start()
        self._outage = (away_since, monotonic())

    def _judge_tempfail(self, mailing: Mailing, arrived: list[Arrived]) -> Iterator[str]:
        """Whatever was taken was judged."""
        yield from find_wrong_fields(mailing.sent, by_name(arrived))
        if not mailing.refusals:
            yield "no letter met the outage"

    def _judge_accept(self, mailing: Mailing, arrived: list[Arrived]) -> Iterator[str]:
        """Nothing was put off; what was taken meanwhile has no field, unless a forged one."""
        if mailing.refusals:
            yield f"put off: {mailing.refusals}"
        met = [one for one in mailing.sent if self._may_have_met_outage(one)]
        rest = [one for one in mailing.sent if one not in met]
        known = by_name(arrived)
        without = [one for one in met if not has_field(known[one.letter.name])]
        print(f"    {len(met)} in sessions that may have met an outage, {len(without)} unjudged")
        if not without:
            yield "no letter met an outage"
        yield from find_wrong_fields(rest, known)

    def _may_have_met_outage(self, one: Sent) -> bool:
        """Tell whether the milter was away at some time between the session's start and its end."""
        away_since, back_at = self._outage
        return away_since <= one.taken_at and one.opened_at <= back_at
