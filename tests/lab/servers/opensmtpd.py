"""OpenSMTPD."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from lab.names import HOST, HOSTILE_USERS, PASSWORD, USER
from lab.room import Room
from lab.servers.base import Listener, Server
from lab.sink import SINK_PORT
from lab.truth import Fact, Truth

_CONF: Final = f"""\
pki lab cert "/etc/lab/server.crt"
pki lab key "/etc/lab/server.key"
ca lab cert "/etc/lab/ca.crt"
include "/etc/lab/users.conf"
smtp ciphers "ALL:@SECLEVEL=0"
listen on 127.0.0.1 port 2525 tls pki lab ca lab auth-optional <users> hostname {HOST}
listen on 127.0.0.1 port 2526 tls pki lab received-auth auth-optional <users> hostname {HOST}
listen on ::1 port 2525 tls pki lab auth-optional <users> hostname {HOST}
listen on 127.0.0.1 port 4650 smtps pki lab auth-optional <users> hostname {HOST}
action "on" relay host smtp://127.0.0.1:{SINK_PORT}
match from any for any action "on"
"""


class OpenSmtpd(Server):
    """Debian's OpenSMTPD, which sends all mail on."""

    product: ClassVar = "OpenSMTPD"
    package: ClassVar = "opensmtpd"
    packages: ClassVar = ("opensmtpd",)
    marks: ClassVar = "always"
    configuration: ClassVar = "listen on … tls, smtps, auth-optional; received-auth\n"
    listeners: ClassVar = (
        Listener("smtp", 2525, "starttls", has_auth=True),
        Listener(
            *("received-auth", 2526, "starttls"),
            has_auth=True,
            has_hostile_users=True,
            is_tried_in_full=False,
        ),
        Listener("smtps", 4650, "implicit", has_auth=True, is_tried_in_full=False),
    )

    def configure(self, room: Room, certificates: Path) -> None:
        """Write smtpd.conf, and the table of users."""
        room.copy_certificates(certificates)
        room.copy(certificates / "ca.crt", "/etc/ssl/certs/ca-certificates.crt")
        room.path("/etc/lab/server.key").chmod(0o600)
        secret = room.run("smtpctl", "encrypt", PASSWORD).strip()
        users = (f'"{user}" = "{secret}"' for user in (USER, *HOSTILE_USERS.values()))
        room.write("/etc/lab/users.conf", f"table users {{ {', '.join(users)} }}\n", mode=0o600)
        room.write("/etc/smtpd.conf", _CONF)

    def start(self, room: Room) -> None:
        """Start the daemon in the foreground."""
        room.spawn("smtpd", "-d")

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell TLS by the S and a comment."""
        yield from (Fact.TLS, Fact.ADDRESS, Fact.NAME, Fact.HELO, Fact.RECIPIENT, Fact.TIME)
        if truth.auth:
            yield Fact.AUTH
        if truth.auth and listener.name == "received-auth":
            yield Fact.USER
        if truth.tls:
            yield from (Fact.VERSION, Fact.SUITE, Fact.BITS)
