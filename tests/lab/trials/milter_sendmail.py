"""The milter in sendmail."""

from collections.abc import Iterator
from typing import ClassVar, Final

from lab.letters import TAME_WAYS, make_letters
from lab.servers.base import Listener, Server
from lab.servers.sendmail import Sendmail
from lab.trials.with_milter import MilterTrial

_PORT: Final = 2525
_SHARE: Final = 5
"""Of the messages that Postfix gets: sendmail starts a process for each."""
_LEAST: Final = 60
"""Messages, of which some meet the outage."""


class _Sendmail(Sendmail):
    lines: ClassVar[str] = "INPUT_MAIL_FILTER(`headertls', `S=inet:8891@127.0.0.1, F=T')dnl\n"
    listeners: ClassVar = (Listener("smtp", _PORT, "starttls"),)


class MilterSendmail(MilterTrial):
    """Some messages, and some while the milter is killed and comes back."""

    @classmethod
    def make_server(cls) -> Server:
        """Give a sendmail that puts mail off while the milter is away."""
        return _Sendmail()

    def run(self, count: int) -> Iterator[str]:
        """Send with the milter there all the time, and with it going away."""
        few = max(count // _SHARE, _LEAST)
        yield from self.run_steadily(make_letters("sendmail", few, TAME_WAYS), _PORT)
        yield from self.run_with_outage(make_letters("tempfail", few, TAME_WAYS), _PORT)
