"""What all servers of the lab have in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, NamedTuple

from lab.room import Room, wait_for_port
from lab.truth import Fact, Session, Truth


class Listener(NamedTuple):
    """A port, or a Unix socket, at which the server takes mail."""

    name: str
    port: int | Path
    tls: str | None = None
    """`starttls`, `implicit`, or none."""
    has_auth: bool = False
    asks_certificate: bool = False
    is_lmtp: bool = False
    is_tried_in_full: bool = True
    """Otherwise only the sessions in which its configuration can make a difference."""


class Server(ABC):
    """A mail server, which can be installed into a room, started there, and asked for its mail."""

    product: ClassVar[str]
    package: ClassVar[str]
    """The Debian package whose version counts."""
    packages: ClassVar[tuple[str, ...]]
    """All that is to be installed, besides what these depend on."""
    marks: ClassVar[str]
    """What its silence about TLS is worth, as `headertls.Marking` has it."""
    configuration: ClassVar[str]
    """The settings on which its lines depend."""
    listeners: ClassVar[tuple[Listener, ...]]

    def install(self, room: Room) -> None:
        """Install the server; the network is there only now."""
        room.install(self.packages)

    @abstractmethod
    def configure(self, room: Room, certificates: Path) -> None:
        """Write the configuration, and make the lab's user."""

    @abstractmethod
    def start(self, room: Room) -> None:
        """Start the server."""

    def stop(self, room: Room) -> None:
        """Stop the server; what `Room.spawn` started is stopped anyway."""

    @abstractmethod
    def collect(self, room: Room) -> list[bytes]:
        """Give the messages that were delivered so far."""

    @abstractmethod
    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Name the facts that the line of such a session tells."""

    def show_helo(self, helo: str) -> str:
        """Change a HELO as the server does before it shows it."""
        return helo

    def hold_others(self, room: Room) -> list[Session]:
        """Hold the sessions that are not SMTP, and give their lines."""
        del room
        return []

    def version(self, room: Room) -> str:
        """Give the version, without Debian's part."""
        version = room.package_version(self.package)
        return version.partition(":")[2].partition("-")[0] or version.partition("-")[0]

    def wait(self) -> None:
        """Wait until all ports are open."""
        for listener in self.listeners:
            if isinstance(listener.port, int):
                wait_for_port(listener.port)
