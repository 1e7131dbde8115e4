"""The filter in Exim, as the filter of a transport."""

import sys
from collections.abc import Iterator
from typing import ClassVar, Final

from lab.letters import TAME_WAYS, by_name, find_losses, make_letters
from lab.names import HOST
from lab.room import Room, wait_for_port
from lab.servers.base import Listener, Server
from lab.servers.exim import DAEMONS, Exim, write_configuration
from lab.trials.fields import find_wrong_fields
from lab.trials.with_filter import PACKAGE, SITE, FilterTrial

_PORT: Final = 2525
_DELIVERY: Final = "  driver = appendfile\n"
_FILTER: Final = (
    f"  transport_filter = /usr/bin/env PYTHONPATH={PACKAGE} {sys.executable} -m headertls filter"
    f" --authserv-id {HOST} --site {SITE}\n"
)
_MOST: Final = 10
"""Messages: Exim starts a filter for each at once."""


class _Exim(Exim):
    listeners: ClassVar = (Listener("filtered", _PORT, "starttls"),)

    def start(self, room: Room) -> None:
        """Start one daemon, whose delivery goes through the filter."""
        text = write_configuration(DAEMONS["default"]).replace(_DELIVERY, _DELIVERY + _FILTER)
        room.write("/etc/exim4/exim4.conf", text)
        room.spawn("exim4", "-bdf", "-oP", "/run/exim4/filtered.pid")
        wait_for_port(_PORT)


class FilterExim(FilterTrial):
    """Messages whose sessions are told of by Exim's own line."""

    @classmethod
    def make_server(cls) -> Server:
        """Give an Exim that pipes what it delivers through the filter."""
        return _Exim()

    def prepare(self) -> None:
        """Let the user under whom Exim delivers read the site, too."""
        super().prepare()
        self.room.run("chmod", "o+rx", "/etc/lab")

    def run(self, count: int) -> Iterator[str]:
        """Send, and compare what was delivered with what the clients know."""
        # Exim refuses HELOs with brackets
        letters = make_letters("exim", min(count, _MOST), TAME_WAYS)
        mailing, arrived = self.send(letters, _PORT)
        print(f"  {len(arrived)} messages")
        yield from find_losses(letters, mailing, arrived)
        yield from find_wrong_fields(mailing.sent, by_name(arrived))
