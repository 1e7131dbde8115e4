"""The milter in Postfix."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

from lab.letters import Letter, by_name, find_losses, make_letters, send_once
from lab.servers.base import Listener, Server
from lab.servers.postfix import Postfix
from lab.trials.fields import find_wrong_fields, has_field
from lab.trials.milter import Milter
from lab.trials.with_milter import MilterTrial

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


class MilterPostfix(MilterTrial):
    """Many messages, while the milter is killed and comes back."""

    @classmethod
    def make_server(cls) -> Server:
        """Give a Postfix whose services differ in what they do without the milter."""
        return _Postfix()

    def prepare(self) -> None:
        """Start the milter, and two at Unix sockets that act upon findings."""
        super().prepare()
        self._strict = {
            name: Milter(
                f"unix:{self.room.path(_UNIX.format(name))}",
                self.room.path(f"/srv/{name}.log"),
                *("--fail-on", "high", "--on-fail", name),
            )
            for name in ("reject", "quarantine")
        }
        for name, milter in self._strict.items():
            milter.start()
            self.room.run("chmod", "0666", _UNIX.format(name))

    def clean_up(self) -> None:
        """Stop them."""
        for milter in (self.milter, *self._strict.values()):
            milter.kill()

    def run(self, count: int) -> Iterator[str]:
        """Send with the milter there all the time, and with it going away, under both settings."""
        yield from self._run_policies()
        yield from self.run_steadily(make_letters("steady", count), _PORTS["tempfail"])
        yield from self.run_with_outage(make_letters("tempfail", count), _PORTS["tempfail"])
        yield from self._run_unjudged(make_letters("accept", count))

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

    def _run_unjudged(self, letters: list[Letter]) -> Iterator[str]:
        """Nothing is put off; what is taken meanwhile has no field, unless a forged one."""
        met = self.send_with_outage(letters, _PORTS["accept"])
        yield from find_losses(letters, met.mailing, met.arrived)
        if met.mailing.refusals:
            yield f"put off: {met.mailing.refusals}"
        concerned = [one for one in met.mailing.sent if met.may_concern(one)]
        rest = [one for one in met.mailing.sent if one not in concerned]
        known = by_name(met.arrived)
        without = [one for one in concerned if not has_field(known[one.letter.name])]
        print(f"    {len(concerned)} in sessions that may have met it, {len(without)} unjudged")
        if not without:
            yield "no letter met an outage"
        yield from find_wrong_fields(rest, known)
