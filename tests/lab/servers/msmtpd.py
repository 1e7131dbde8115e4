"""msmtpd, which takes mail on the machine itself and hands it to msmtp."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from lab.room import Room
from lab.servers.base import Listener, Server
from lab.sink import Sink
from lab.truth import Fact, Truth

_is_helo: Final = re.compile(r"[a-zA-Z\d.-]+|\[[\w.:]+\]", re.ASCII).fullmatch
_DELIVER: Final = "#!/bin/sh\nexec cat >$(mktemp /srv/mail/box/new/XXXXXXXX)\n"


class Msmtpd(Server):
    """Debian's msmtpd."""

    product: ClassVar = "msmtpd"
    package: ClassVar = "msmtp-mta"
    packages: ClassVar = ("msmtp-mta", "msmtp")
    marks: ClassVar = "never"
    has_tls: ClassVar = False
    configuration: ClassVar = "msmtpd --interface=127.0.0.1 --command=…\n"
    listeners: ClassVar = (Listener("smtp", 2525),)

    def configure(self, room: Room, certificates: Path) -> None:
        """Write the program to which it hands all mail."""
        del certificates
        room.write("/usr/local/bin/lab-deliver", _DELIVER, mode=0o755)
        room.run("install", "-d", "-m", "0777", "/srv/mail/box/new")

    def start(self, room: Room) -> None:
        """Start it, once for each kind of address."""
        for host in ("127.0.0.1", "::1"):
            room.spawn(
                *("msmtpd", f"--interface={host}", "--port=2525"),
                "--command=/usr/local/bin/lab-deliver -f %F --",
            )

    def collect(self, room: Room, sink: Sink) -> list[bytes]:
        """Read what was handed on."""
        del sink
        return room.read_maildir("/srv/mail/box")

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell nothing of TLS, which it does not have."""
        del listener, truth
        return (Fact.ADDRESS, Fact.NAME, Fact.HELO, Fact.TIME)

    def show(self, fact: Fact, text: str) -> str:
        """Call a HELO invalid that is no name and no literal."""
        return "invalid" if fact is Fact.HELO and not _is_helo(text) else text
