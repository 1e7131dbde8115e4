"""Twisted mail: its server's default delivery, in a program of a few lines."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from lab.names import HOST
from lab.room import Room
from lab.servers.base import Listener, Server
from lab.sink import Sink
from lab.truth import Fact, Truth

_PROGRAM: Final = f"""\
import tempfile
from twisted.internet import defer, reactor, ssl
from twisted.mail import smtp
from twisted.mail.protocols import ESMTPDomainDelivery
from zope.interface import implementer


@implementer(smtp.IMessage)
class Message:
    def __init__(self):
        self.lines = []

    def lineReceived(self, line):
        self.lines.append(line)

    def eomReceived(self):
        with tempfile.NamedTemporaryFile(dir="/srv/mail/new", delete=False) as file:
            file.write(b"\\n".join(self.lines))
        return defer.succeed(None)

    def connectionLost(self):
        pass


class Delivery(ESMTPDomainDelivery):  # which writes the line
    def validateFrom(self, helo, origin):
        return origin

    def validateTo(self, user):
        return Message


context = ssl.DefaultOpenSSLContextFactory("/etc/lab/server.key", "/etc/lab/server.crt")
context.getContext().set_cipher_list(b"ALL:COMPLEMENTOFALL:@SECLEVEL=0")


class Factory(smtp.SMTPFactory):
    domain = "{HOST}"

    def protocol(self):
        server = smtp.ESMTP(contextFactory=context)
        server.delivery = Delivery(None, None, b"{HOST}")
        return server


reactor.listenTCP(2525, Factory(), interface="127.0.0.1")
reactor.listenTCP(2525, Factory(), interface="::1")
reactor.listenSSL(4650, Factory(), context, interface="127.0.0.1")
reactor.run()
"""


class Twisted(Server):
    """Debian's Twisted."""

    product: ClassVar = "Twisted"
    package: ClassVar = "python3-twisted"
    packages: ClassVar = ("python3-twisted", "python3-openssl", "python3-service-identity")
    marks: ClassVar = "never"
    configuration: ClassVar = "twisted.mail.protocols.ESMTPDomainDelivery\n"
    listeners: ClassVar = (
        Listener("smtp", 2525, "starttls"),
        Listener("smtps", 4650, "implicit", is_tried_in_full=False),
    )

    def configure(self, room: Room, certificates: Path) -> None:
        """Write the program."""
        room.copy_certificates(certificates)
        room.write("/srv/server.py", _PROGRAM)
        room.run("install", "-d", "/srv/mail/new")

    def start(self, room: Room) -> None:
        """Start the program."""
        room.spawn("python3", "/srv/server.py")

    def collect(self, room: Room, sink: Sink) -> list[bytes]:
        """Read the one mailbox."""
        del sink
        return room.read_maildir("/srv/mail")

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell nothing of TLS."""
        del listener, truth
        return (Fact.ADDRESS, Fact.HELO, Fact.RECIPIENT, Fact.TIME)
