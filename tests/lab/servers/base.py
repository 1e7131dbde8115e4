"""What all servers of the lab have in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, NamedTuple

from lab.names import USER
from lab.room import Room, wait_for_port
from lab.sink import Sink
from lab.truth import Fact, Truth


class Listener(NamedTuple):
    """A port, or a Unix socket, at which the server takes mail."""

    name: str
    port: int | Path
    tls: str | None = None
    """`starttls`, `implicit`, or none."""
    has_auth: bool = False
    asks_certificate: bool = False
    is_lmtp: bool = False
    needs_auth: bool = False
    user: str = USER
    """As whom the client logs in."""
    has_hostile_users: bool = False
    """Those of `lab.names.HOSTILE_USERS` may log in, too."""
    asks_ident: bool = False
    """It asks the client's host for the user whose connection it is (RFC 1413)."""
    is_fronted: bool = False
    """TLS ends in a proxy before the server, which only names the client's address to it."""
    group: str = "X25519"
    """The key exchange group that is asked for where any would do."""
    is_tried_in_full: bool = True
    """Otherwise only the sessions in which its configuration can make a difference."""


class Held(NamedTuple):
    """A session that took place, and what its line will tell."""

    name: str
    listener: str
    told: tuple[Fact, ...]
    truth: Truth
    is_unsure: bool = False


class Server(ABC):
    """A mail server, which can be installed into a room, started there, and asked for its mail."""

    product: ClassVar[str]
    package: ClassVar[str]
    """The Debian package whose version counts."""
    packages: ClassVar[tuple[str, ...]]
    """All that is to be installed, besides what these depend on."""
    marks: ClassVar[str | None]
    """What its silence about TLS is worth, as `headertls.Marking` has it; none where its lines do
    not name it."""
    has_tls: ClassVar[bool] = True
    """Whether it can hold a session with TLS at all."""
    configuration: ClassVar[str]
    """The settings on which its lines depend."""
    listeners: ClassVar[tuple[Listener, ...]]

    suite: str | None = None
    """The release of Debian, where it is not that of this machine."""
    keeps_traces: ClassVar[bool] = False
    """The whole trace is recorded; the session with the client stands in its oldest line."""

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
        del room

    def collect(self, room: Room, sink: Sink) -> list[bytes]:
        """Give the messages that were delivered so far: those that were sent on to the sink."""
        del room
        return list(sink.messages)

    @abstractmethod
    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Name the facts that the line of such a session tells."""

    def show(self, fact: Fact, text: str) -> str:
        """Change the text of a fact as the server does; the empty text is not shown at all."""
        del fact
        return text

    def is_unsure(self, listener: Listener, truth: Truth) -> bool:
        """Tell whether such a line is the same with TLS and without."""
        del listener, truth
        return False

    def hold_others(self, room: Room) -> Iterable[Held]:
        """Send mail by other ways than a session with a listener."""
        del room
        return ()

    def source(self, room: Room) -> str:
        """Name the package, with its whole version."""
        return f"{self.package} {room.package_version(self.package)}"

    def version(self, room: Room) -> str:
        """Give the version, without Debian's part."""
        version = room.package_version(self.package)
        return version.partition(":")[2].partition("-")[0] or version.partition("-")[0]

    def wait(self) -> None:
        """Wait until all ports are open."""
        for listener in self.listeners:
            if isinstance(listener.port, int):
                wait_for_port(listener.port)


class Program(Server):
    """A program that listens nowhere, and is called for each message."""

    has_tls: ClassVar[bool] = False
    listeners: ClassVar[tuple[Listener, ...]] = ()

    def start(self, room: Room) -> None:
        """Nothing runs but what is called."""
        del room

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell nothing of a listener: there is none."""
        del listener, truth
        return ()
