"""What the trials of the milter have in common: it judges all, and goes away in the middle."""

from collections.abc import Iterator
from threading import Event, Thread
from time import monotonic, sleep
from typing import Final, NamedTuple, Self

from lab.letters import Arrived, Letter, Mailing, Sent, by_name, find_losses
from lab.trials.base import Trial
from lab.trials.fields import find_wrong_fields
from lab.trials.milter import Milter

_BEFORE: Final = 1 / 4  # of the messages are taken until the milter is killed
_PATIENCE: Final = 60.0
_AWAY: Final = 0.3  # seconds until it is started again


class MilterTrial(Trial):
    """A server that asks a milter at port 8891."""

    def prepare(self) -> None:
        """Start the milter."""
        self.milter = Milter("inet:8891@127.0.0.1", self.room.path("/srv/milter.log"))
        self.milter.start()

    def clean_up(self) -> None:
        """Stop it."""
        self.milter.kill()

    def run_steadily(self, letters: list[Letter], port: int) -> Iterator[str]:
        """Send with the milter there all the time: nothing is put off, and all is judged."""
        mailing, arrived = self.send(letters, port)
        print(f"  {len(arrived)} messages, {len(letters) / mailing.seconds:.0f}/s")
        yield from find_losses(letters, mailing, arrived)
        yield from find_wrong_fields(mailing.sent, by_name(arrived))
        if mailing.refusals:
            yield f"put off: {mailing.refusals}"
        if unnamed := self.milter.read_log().count(b"INFO: ?:"):
            yield f"{unnamed} messages have no queue id in the log"

    def run_with_outage(self, letters: list[Letter], port: int) -> Iterator[str]:
        """Send while the milter goes away: what meets that is put off, and all is judged."""
        met = self.send_with_outage(letters, port)
        yield from find_losses(letters, met.mailing, met.arrived)
        yield from find_wrong_fields(met.mailing.sent, by_name(met.arrived))
        if not met.mailing.refusals:
            yield "no letter met the outage"

    def send_with_outage(self, letters: list[Letter], port: int) -> "Met":
        """Send, and meanwhile kill the milter and start it again."""
        with _Outage(self.milter, len(letters) * _BEFORE) as outage:
            mailing, arrived = self.send(letters, port, outage.tell)
        print(f"  {letters[0].run}: {len(arrived)} messages while the milter went away")
        for refusal, number in mailing.refusals.most_common():
            print(f"    {number} put off: {refusal}")
        return Met(mailing, arrived, outage.away_since, outage.back_at)


class Met(NamedTuple):
    """What became of letters that may have met an outage."""

    mailing: Mailing
    arrived: list[Arrived]
    away_since: float
    back_at: float

    def may_concern(self, one: Sent) -> bool:
        """Tell whether the milter was away at some time between the session's start and its end."""
        return self.away_since <= one.taken_at and one.opened_at <= self.back_at


class _Outage:
    """The milter is killed as soon as enough is taken, and started again."""

    def __init__(self, milter: Milter, enough: float) -> None:
        self._milter = milter
        self._enough = enough
        self._is_due = Event()
        self._thread = Thread(target=self._kill_and_start)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def tell(self, number: int) -> None:
        """Tell how many letters are taken."""
        if number >= self._enough:
            self._is_due.set()

    def _kill_and_start(self) -> None:
        self._is_due.wait(_PATIENCE)
        self.away_since = monotonic()
        self._milter.kill()
        sleep(_AWAY)
        self._milter.start()
        self.back_at = monotonic()
