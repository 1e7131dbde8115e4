"""Servers from PyPI: libraries, each in a program of a few lines."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from lab.names import HOST
from lab.room import Room
from lab.servers.base import Listener, Server
from lab.sink import SINK_PORT
from lab.truth import Fact, Truth

_is_plain: Final = re.compile(r"[\w.@-]+").fullmatch
_PYTHON: Final = "/opt/venv/bin/python"


class PypiServer(Server):
    """A library, and the program that serves with it."""

    packages: ClassVar = ("python3-venv",)
    needs: ClassVar[tuple[str, ...]] = ()
    """What pip installs besides the library."""
    program: ClassVar[str]

    def install(self, room: Room) -> None:
        """Install it with pip, into an environment of its own."""
        room.install(self.packages)
        room.run("/usr/bin/python3", "-m", "venv", "/opt/venv")
        room.run(_PYTHON, "-m", "pip", "install", "--quiet", self.package, *self.needs)

    def configure(self, room: Room, certificates: Path) -> None:
        """Write the program."""
        room.copy_certificates(certificates)
        room.write("/srv/server.py", self.program)

    def start(self, room: Room) -> None:
        """Start the program."""
        room.spawn(_PYTHON, "/srv/server.py")

    def version(self, room: Room) -> str:
        """Ask for the version of the library."""
        ask = f"import importlib.metadata as m; print(m.version('{self.package}'))"
        return room.run(_PYTHON, "-c", ask).strip()

    def source(self, room: Room) -> str:
        """Name the library."""
        return f"PyPI {self.package} {self.version(room)}"


_SLIMTA: Final = f"""\
import gevent.monkey
gevent.monkey.patch_all()
import gevent
import ssl
from slimta.edge.smtp import SmtpEdge
from slimta.policy.headers import AddReceivedHeader
from slimta.queue import Queue
from slimta.queue.dict import DictStorage
from slimta.relay.smtp.static import StaticSmtpRelay

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/etc/lab/server.pem")
context.minimum_version = ssl.TLSVersion.TLSv1
context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")


relay = StaticSmtpRelay("127.0.0.1", {SINK_PORT})
queue = Queue(DictStorage(), relay)
queue.add_policy(AddReceivedHeader())
queue.start()
edges = [
    SmtpEdge(("127.0.0.1", 2525), queue, context=context, hostname="{HOST}"),
    SmtpEdge(("::1", 2525), queue, context=context, hostname="{HOST}"),
    SmtpEdge(("127.0.0.1", 4650), queue, context=context, tls_immediately=True, hostname="{HOST}"),
]
for edge in edges:
    edge.start()
gevent.wait()
"""


class Slimta(PypiServer):
    """python-slimta, which sends all mail on."""

    product: ClassVar = "slimta"
    package: ClassVar = "python-slimta"
    needs: ClassVar = (
        "setuptools>=75,<81",
        "zope.interface",
        "zope.event",
    )  # which it forgets to name
    marks: ClassVar = "always"
    configuration: ClassVar = "SmtpEdge; queue.add_policy(AddReceivedHeader())\n"
    program: ClassVar = _SLIMTA
    listeners: ClassVar = (
        Listener("smtp", 2525, "starttls"),
        Listener("smtps", 4650, "implicit", is_tried_in_full=False),
    )

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell TLS by the S."""
        del listener
        # the name only where the answer to the question for it came in time
        yield from (Fact.TLS, Fact.ADDRESS, Fact.HELO, Fact.TIME)
        if _is_plain(truth.recipient):
            yield Fact.RECIPIENT
        if truth.auth:
            yield Fact.AUTH

    def show(self, fact: Fact, text: str) -> str:
        """Leave out what ends a line for Python."""
        return "".join(text.splitlines()) if fact is Fact.HELO else text
