"""mailfront, which stands before qmail's queue."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from lab.names import HOST
from lab.room import Room
from lab.servers.base import Listener, Server
from lab.sink import Sink
from lab.truth import Fact, Truth

# What qmail's own qmail-queue would take: the message, and on descriptor 1 the envelope.
_QUEUE: Final = "#!/bin/sh\ncat >$(mktemp /srv/mail/new/XXXXXXXX)\ncat <&1 >/dev/null\n"


class Mailfront(Server):
    """Debian's mailfront, for SMTP; it has no TLS of its own."""

    product: ClassVar = "mailfront"
    package: ClassVar = "mailfront"
    packages: ClassVar = ("mailfront", "ucspi-tcp")
    marks: ClassVar = "never"
    has_tls: ClassVar = False
    configuration: ClassVar = "tcpserver … mailfront smtp qmail accept add-received\n"
    listeners: ClassVar = (Listener("smtp", 2525),)

    def configure(self, room: Room, certificates: Path) -> None:
        """Write the program in the place of qmail-queue."""
        del certificates
        room.write("/usr/local/bin/lab-queue", _QUEUE, mode=0o755)
        room.run("install", "-d", "-m", "0777", "/srv/mail/new", "/var/qmail", "/var/qmail/control")
        room.run("install", "-d", "-m", "0755", "/var/lib/qmail", "/etc/qmail")

    def start(self, room: Room) -> None:
        """Start it below tcpserver, which asks for the client's name."""
        room.spawn(
            *("env", "QMAILQUEUE=/usr/local/bin/lab-queue", f"SMTPGREETING={HOST}"),
            *("tcpserver", "-R", "-c", "50", "-l", HOST, "127.0.0.1", "2525"),
            *("mailfront", "smtp", "qmail", "accept", "add-received"),
        )

    def collect(self, room: Room, sink: Sink) -> list[bytes]:
        """Read what it queued."""
        del sink
        return room.read_maildir("/srv/mail")

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell nothing of TLS."""
        del listener, truth
        return (Fact.ADDRESS, Fact.NAME, Fact.HELO, Fact.TIME)
