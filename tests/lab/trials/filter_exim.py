"""The filter in Exim, as the filter of a transport."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Final

import headertls
from lab.letters import TAME_WAYS, by_name, find_losses, make_letters
from lab.names import HOST
from lab.room import Room, wait_for_port
from lab.servers.base import Listener, Server
from lab.servers.exim import Exim, write_configuration
from lab.trials.base import Trial
from lab.trials.fields import find_wrong_fields

_PORT: Final = 2525
_PACKAGE: Final = Path(headertls.__file__).parents[1]
_DELIVERY: Final = "  driver = appendfile\n"
_SITE: Final = "/etc/lab/site.toml"
_FILTER: Final = (
    f"  transport_filter = /usr/bin/env PYTHONPATH={_PACKAGE} {sys.executable} -m headertls filter"
    f" --authserv-id {HOST} --site {_SITE}\n"
)
_MOST: Final = 10
"""Messages: Exim starts a filter for each at once."""


class _Exim(Exim):
    listeners: ClassVar = (Listener("filtered", _PORT, "starttls"),)

    def start(self, room: Room) -> None:
        """Start one daemon, whose delivery goes through the filter."""
        text = write_configuration("default").replace(_DELIVERY, _DELIVERY + _FILTER)
        room.write("/etc/exim4/exim4.conf", text)
        room.spawn("exim4", "-bdf", "-oP", "/run/exim4/filtered.pid")
        wait_for_port(_PORT)


class FilterExim(Trial):
    """Messages whose sessions are told of by Exim's own line."""

    @classmethod
    def make_server(cls) -> Server:
        """Give an Exim that pipes what it delivers through the filter."""
        return _Exim()

    def prepare(self) -> None:
        """Write the site, and let everybody reach the interpreter; the room alone is changed."""
        self.room.write(_SITE, f'hosts = ["{HOST}"]\n')
        self.room.run("chmod", "o+rx", "/etc/lab")
        for path in (Path(sys.executable), Path(sys.executable).resolve(), _PACKAGE):
            self.room.run("chmod", "o+x", *map(str, path.parents[:-1]))

    def clean_up(self) -> None:
        """Nothing was started."""

    def run(self, count: int) -> Iterator[str]:
        """Send, and compare what was delivered with what the clients know."""
        # Exim refuses HELOs with brackets
        letters = make_letters("exim", min(count, _MOST), TAME_WAYS)
        mailing, arrived = self.send(letters, _PORT)
        print(f"  {len(arrived)} messages")
        yield from find_losses(letters, mailing, arrived)
        yield from find_wrong_fields(mailing.sent, by_name(arrived))
