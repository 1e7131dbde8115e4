"""The milter in sendmail."""

from collections.abc import Iterator
from typing import ClassVar

from lab.letters import HOSTILE, by_name, find_losses, make_letters
from lab.servers.base import Listener, Server
from lab.servers.sendmail import Sendmail
from lab.trials.base import Trial
from lab.trials.fields import find_wrong_fields
from lab.trials.milter import Milter

_SHARE = 5
"""Of the messages that Postfix gets: sendmail starts a process for each."""


class _Sendmail(Sendmail):
    lines: ClassVar[str] = "INPUT_MAIL_FILTER(`headertls', `S=inet:8891@127.0.0.1, F=T')dnl\n"
    listeners: ClassVar = (Listener("smtp", 2525, "starttls"),)


class MilterSendmail(Trial):
    """Some messages."""

    @classmethod
    def make_server(cls) -> Server:
        """Give a sendmail with the milter."""
        return _Sendmail()

    def prepare(self) -> None:
        """Start the milter."""
        self._milter = Milter("inet:8891@127.0.0.1", self.room.path("/srv/milter.log"))
        self._milter.start()

    def clean_up(self) -> None:
        """Stop it."""
        self._milter.kill()

    def run(self, count: int) -> Iterator[str]:
        """Send once."""
        letters = make_letters("sendmail", count // _SHARE, {HOSTILE})
        mailing, arrived = self.send(letters, 2525)
        print(f"  {len(arrived)} messages, {len(arrived) / mailing.seconds:.0f}/s")
        yield from find_losses(letters, mailing, arrived)
        yield from find_wrong_fields(mailing.sent, by_name(arrived))
