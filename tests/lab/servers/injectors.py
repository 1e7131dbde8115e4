"""Programs that take mail on the machine itself and only send it on: `sendmail` of small hosts."""

from abc import abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Final

from lab.names import DOMAIN, HOST, RECIPIENT
from lab.room import Room
from lab.servers.base import Held, Program
from lab.sink import SINK_PORT
from lab.truth import Fact, Truth

# Who may be given as the sender.
_SENDERS: Final = {
    "plain": f"nobody@{DOMAIN}",
    "quoted": f'"x) with ESMTPS (y"@{DOMAIN}',
    "tail": f'"x) by evil.example with ESMTPS id 1; Mon, 1 Jan 2024 00:00:00 +0000 (y"@{DOMAIN}',
    "keyword": f"esmtps+tls1.3@{DOMAIN}",
}


class Injector(Program):
    """One of the programs; what it sends on ends in the sink."""

    marks: ClassVar[str | None] = None
    facts: ClassVar[tuple[Fact, ...]] = (Fact.TIME,)

    @property
    def packages(self) -> tuple[str, ...]:  # type: ignore[override]
        """Install the one package."""
        return (self.package,)

    @abstractmethod
    def command(self, sender: str) -> tuple[str, ...]:
        """Give the command that takes a message on its standard input."""

    def hold_others(self, room: Room) -> Iterator[Held]:
        """Hand in a message from each sender, as a user without rights and as root."""
        for user in ("nobody", "root"):
            for key, sender in _SENDERS.items():
                yield self._hold(room, f"{user}-{key}", user, sender)

    def _hold(self, room: Room, name: str, user: str, sender: str) -> Held:
        at = datetime.now(UTC).replace(microsecond=0)
        message = f"From: {sender}\nSubject: {name}\nX-Lab-Session: {name}\n\nOne message.\n"
        room.run("runuser", "-u", user, "--", *self.command(sender), stdin=message, check=False)
        truth = Truth(sender=sender, recipient=RECIPIENT, at=at)
        return Held(name, "sendmail(1)", tuple(sorted(self.facts)), truth)


class Nullmailer(Injector):
    """Debian's nullmailer."""

    product: ClassVar = "nullmailer"
    package: ClassVar = "nullmailer"
    configuration: ClassVar = f"remotes: 127.0.0.1 smtp --port={SINK_PORT}\n"

    def configure(self, room: Room, certificates: Path) -> None:
        """Send all mail to the sink."""
        del certificates
        room.write("/etc/nullmailer/remotes", f"127.0.0.1 smtp --port={SINK_PORT}\n")
        room.write("/etc/nullmailer/me", f"{HOST}\n")

    def start(self, room: Room) -> None:
        """Start what empties its queue."""
        room.run("install", "-d", "-o", "mail", "-g", "mail", "/run/nullmailer")
        room.spawn("nullmailer-send")

    def command(self, sender: str) -> tuple[str, ...]:
        """Call its `sendmail`."""
        return ("/usr/sbin/sendmail", "-f", sender, RECIPIENT)


class Dma(Injector):
    """Debian's DragonFly Mail Agent."""

    product: ClassVar = "dma"
    package: ClassVar = "dma"
    configuration: ClassVar = "SMARTHOST 127.0.0.1\n"
    facts: ClassVar = (Fact.TIME, Fact.SENDER)

    def configure(self, room: Room, certificates: Path) -> None:
        """Send all mail to the sink."""
        del certificates
        room.write("/etc/dma/dma.conf", f"SMARTHOST 127.0.0.1\nPORT {SINK_PORT}\nMAILNAME {HOST}\n")

    def command(self, sender: str) -> tuple[str, ...]:
        """Call it, and wait for the delivery."""
        return ("/usr/sbin/dma", "-D", "-f", sender, RECIPIENT)


class Ssmtp(Injector):
    """Debian's sSMTP."""

    product: ClassVar = "sSMTP"
    package: ClassVar = "ssmtp"
    configuration: ClassVar = f"mailhub=127.0.0.1:{SINK_PORT}\n"

    def configure(self, room: Room, certificates: Path) -> None:
        """Send all mail to the sink."""
        del certificates
        room.write(
            "/etc/ssmtp/ssmtp.conf",
            f"mailhub=127.0.0.1:{SINK_PORT}\nhostname={HOST}\nFromLineOverride=YES\n",
        )

    def command(self, sender: str) -> tuple[str, ...]:
        """Call it; it delivers before it ends."""
        return ("/usr/sbin/ssmtp", "-f", sender, RECIPIENT)
