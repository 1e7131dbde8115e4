"""tcllib's smtpd, in a program of a few lines."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from lab.room import Room
from lab.servers.base import Listener, Server
from lab.sink import Sink
from lab.truth import Fact, Truth

_PROGRAM: Final = """\
package require smtpd
proc lab_deliver {sender recipients lines} {
    set file [open /srv/mail/new/[clock microseconds] w]
    puts $file [join $lines "\\n"]
    close $file
}
proc lab_accept args {}
smtpd::configure -deliver lab_deliver \\
    -validate_recipient lab_accept -validate_sender lab_accept \\
    -usetls 1 -certfile /etc/lab/server.crt -keyfile /etc/lab/server.key \\
    -cipher ALL:COMPLEMENTOFALL:@SECLEVEL=0
smtpd::start 127.0.0.1 2525
vwait forever
"""


class Tcllib(Server):
    """Debian's tcllib."""

    product: ClassVar = "tcllib smtpd"
    package: ClassVar = "tcllib"
    packages: ClassVar = ("tcllib", "tcl", "tcl-tls")
    marks: ClassVar = None
    configuration: ClassVar = "smtpd::configure -usetls 1\n"
    listeners: ClassVar = (Listener("smtp", 2525, "starttls"),)

    def configure(self, room: Room, certificates: Path) -> None:
        """Write the program."""
        room.copy_certificates(certificates)
        room.write("/srv/server.tcl", _PROGRAM)
        room.run("install", "-d", "/srv/mail/new")

    def start(self, room: Room) -> None:
        """Start the program."""
        room.spawn("tclsh", "/srv/server.tcl")

    def collect(self, room: Room, sink: Sink) -> list[bytes]:
        """Read what it kept."""
        del sink
        return room.read_maildir("/srv/mail")

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell the suite, but a made-up version."""
        del listener
        yield from (Fact.ADDRESS, Fact.HELO, Fact.TIME)
        if truth.tls:
            yield from (Fact.TLS, Fact.SUITE, Fact.BITS)
