"""A server with headertls in its way: what all trials have in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path

from lab.letters import Arrived, Letter, Mailing, read_arrived, send_all, wait_for_all
from lab.room import Room
from lab.servers.base import Server
from lab.sink import Sink


class Trial(ABC):
    """A server with headertls in its way."""

    def __init__(self, server: Server, room: Room, certificates: Path, sink: Sink) -> None:
        self.server = server
        self.room = room
        self.certificates = certificates
        self.sink = sink

    @classmethod
    @abstractmethod
    def make_server(cls) -> Server:
        """Give the server, with headertls in its configuration."""

    @abstractmethod
    def prepare(self) -> None:
        """Start what has to run before the server."""

    @abstractmethod
    def run(self, count: int) -> Iterator[str]:
        """Send messages, at most *count* at a time, and tell of each fault."""

    @abstractmethod
    def clean_up(self) -> None:
        """Stop what `prepare` started."""

    def send(
        self, letters: list[Letter], port: int, tell: Callable[[int], None] = int
    ) -> tuple[Mailing, list[Arrived]]:
        """Send *letters*, and give what was delivered of their runs; for *tell* see `send_all`."""
        mailing = send_all(letters, port, self.certificates, tell=tell)
        return mailing, self.wait(letters[0].run, len(letters))

    def wait(self, run: str, count: int) -> list[Arrived]:
        """Wait until *count* messages of *run* are delivered, and give them."""
        return wait_for_all(lambda: self._collect(run), count)

    def _collect(self, run: str) -> list[Arrived]:
        messages = map(read_arrived, self.server.collect(self.room, self.sink))
        return [message for message in messages if message.name.startswith(f"{run}-")]
