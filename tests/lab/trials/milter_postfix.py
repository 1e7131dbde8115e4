"""The milter in Postfix."""

from collections.abc import Callable, Iterator, Mapping
from threading import Thread
from time import sleep
from typing import ClassVar, Final

from lab.letters import FORGERIES, Arrived, Mailing, by_name, find_losses, make_letters
from lab.servers.base import Listener, Server
from lab.servers.postfix import Postfix
from lab.trials.base import Trial
from lab.trials.fields import find_wrong_fields, has_field
from lab.trials.milter import Milter

_INET: Final = "inet:127.0.0.1:8891"
_UNIX: Final = "unix:/srv/headertls.sock"
_PORTS: Final = {"tempfail": 2601, "accept": 2602, "unix": 2603}
_OUTAGES: Final = 2
_OUTAGE: Final = 0.5  # seconds for which the milter is away


class _Postfix(Postfix):
    services: ClassVar[Mapping[str, tuple[int, str]]] = {
        "tempfail": (
            _PORTS["tempfail"],
            f"-o smtpd_milters={_INET} -o milter_default_action=tempfail",
        ),
        "accept": (_PORTS["accept"], f"-o smtpd_milters={_INET} -o milter_default_action=accept"),
        "unix": (_PORTS["unix"], f"-o smtpd_milters={_UNIX}"),
    }
    listeners: ClassVar = tuple(Listener(name, port) for name, port in _PORTS.items())


class MilterPostfix(Trial):
    """Many messages, while the milter is killed and comes back."""

    @classmethod
    def make_server(cls) -> Server:
        """Give a Postfix whose services differ in what they do without the milter."""
        return _Postfix()

    def prepare(self) -> None:
        """Start the milter at a port, and one that refuses at a Unix socket."""
        log = self.room.path("/srv/milter.log")
        self._milter = Milter("inet:8891@127.0.0.1", log)
        self._milter.start()

    def clean_up(self) -> None:
        """Stop them."""
        self._milter.kill()

    def run(self, count: int) -> Iterator[str]:
        """Send with the milter there all the time, and with it going away, under both settings."""
        yield from self._run_steadily(count)
        yield from self._run_with_outages("tempfail", count, self._judge_tempfail)
        yield from self._run_with_outages("accept", count, self._judge_accept)

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
        killer = Thread(target=self._kill_again_and_again)
        killer.start()
        mailing, arrived = self.send(letters, _PORTS[action])
        killer.join()
        print(f"  {len(arrived)} messages with milter_default_action={action}")
        for refusal, number in mailing.refusals.most_common():
            print(f"    {number} put off: {refusal}")
        yield from find_losses(letters, mailing, arrived)
        yield from judge(mailing, arrived)

    def _kill_again_and_again(self) -> None:
        for _ in range(_OUTAGES):
            sleep(_OUTAGE)
            self._milter.kill()
            sleep(_OUTAGE)
            self._milter.start()

    def _judge_tempfail(self, mailing: Mailing, arrived: list[Arrived]) -> Iterator[str]:
        """Whatever was taken was judged."""
        yield from find_wrong_fields(mailing.sent, by_name(arrived))
        if not mailing.refusals:
            yield "no letter met the outage"

    def _judge_accept(self, mailing: Mailing, arrived: list[Arrived]) -> Iterator[str]:
        """Nothing was put off; what was taken meanwhile has no field, but for forged ones."""
        judged = {message.name: message for message in arrived if has_field(message)}
        without = len(arrived) - len(judged)
        print(f"    {without} without a field")
        if not without:
            yield "no letter met the outage"
        if mailing.refusals:
            yield f"put off: {mailing.refusals}"
        sent = [one for one in mailing.sent if not set(FORGERIES).intersection(one.letter.fields)]
        yield from find_wrong_fields(sent, judged)
