"""Courier, as Debian builds it: with GnuTLS."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from lab.names import DOMAIN, HOST, HOSTILE_USERS, PASSWORD, USER
from lab.pki import make_secret
from lab.room import Room
from lab.servers.base import Listener, Server
from lab.sink import Sink
from lab.truth import Fact, Truth

_ESMTPD: Final = {
    "ADDRESS": "0",
    "PORT": "2525",
    "BOFHCHECKDNS": "0",
    "ESMTPAUTH": "PLAIN LOGIN",
    "ESMTPAUTH_TLS": "PLAIN LOGIN",
    "NOADDMSGID": "1",
    "TCPDOPTS": "-stderrlogger=/usr/sbin/courierlogger",
    "MAXDAEMONS": "100",
    "MAXPERC": "100",
    "MAXPERIP": "100",
    "TLS_CERTFILE": "/etc/lab/server.pem",
    "TLS_TRUSTCERTS": "/etc/lab/ca.crt",
    "ESMTPDSTART": "YES",
    "ESMTPDSSLSTART": "YES",
}
_NOT_ASKING: Final = ("trixie", "sid")
"""Releases with a Courier (1.4, 2.0) that shows no ident."""


class Courier(Server):
    """Debian's Courier, which delivers to its one user."""

    product: ClassVar = "Courier"
    package: ClassVar = "courier-mta"
    packages: ClassVar = ("courier-mta", "courier-authdaemon", "expect")
    marks: ClassVar = "always"
    configuration: ClassVar = "BOFHCHECKDNS=0 ESMTPAUTH=PLAIN LOGIN\n"
    listeners: ClassVar = (
        Listener("smtp", 2525, "starttls", has_auth=True, has_hostile_users=True, asks_ident=True),
        Listener("smtps", 4650, "implicit", is_tried_in_full=False),
    )

    def install(self, room: Room) -> None:
        """Install it, and the data base of users, where that is a package of its own."""
        room.install(self.packages)
        room.install_if_known("courier-authlib-userdb")

    def configure(self, room: Room, certificates: Path) -> None:
        """Set the daemons' variables, and make the user."""
        room.copy_certificates(certificates)
        room.run("useradd", "--create-home", USER)
        room.run("chpasswd", stdin=f"{USER}:{PASSWORD}\n")
        room.run("maildirmake.courier", f"/home/{USER}/Maildir")
        room.run("chown", "-R", USER, f"/home/{USER}")
        _add_hostile_users(room)
        for path in ("server.pem", "server.key"):
            room.run("chown", "courier", f"/etc/lab/{path}")
        _set_variables(room, "/etc/courier/esmtpd", _ESMTPD)
        _set_variables(room, "/etc/courier/esmtpd-ssl", {**_ESMTPD, "SSLPORT": "4650"})
        for name, text in (("me", HOST), ("locals", f"localhost\n{DOMAIN}")):
            room.write(f"/etc/courier/{name}", f"{text}\n")
        room.write("/etc/courier/esmtpacceptmailfor", f"{DOMAIN}\n")
        room.run("makealiases", check=False)

    def start(self, room: Room) -> None:
        """Start its daemons, each by its own script."""
        room.run("install", "-d", "-o", "courier", "-g", "courier", "/run/courier")
        room.run("install", "-d", "-o", "courier", "-g", "courier", "/run/courier/authdaemon")
        room.run("authdaemond", "start")
        room.run("courier", "start")
        room.run("esmtpd", "start")
        room.run("esmtpd-ssl", "start")

    def stop(self, room: Room) -> None:
        """Stop its daemons, by their pid files."""
        for daemon in ("esmtpd-ssl", "esmtpd", "courier", "authdaemond"):
            room.run(daemon, "stop", check=False)

    def collect(self, room: Room, sink: Sink) -> list[bytes]:
        """Read the user's mailbox."""
        del sink
        return room.read_maildir(f"/home/{USER}/Maildir")

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell TLS by a comment, and by the S behind ESMTP."""
        del listener
        yield from (Fact.TLS, Fact.ADDRESS, Fact.NAME, Fact.HELO, Fact.TIME)
        if truth.auth:
            yield from (Fact.AUTH, Fact.USER)
        if truth.ident and self.suite not in _NOT_ASKING:
            yield Fact.IDENT
        if truth.tls:
            yield from (Fact.VERSION, Fact.SUITE, Fact.BITS)

    def show(self, fact: Fact, text: str) -> str:
        """Write a line for each blank and control character of a HELO."""
        return re.sub(r"[\x00- ]", "_", text) if fact is Fact.HELO else text


def _add_hostile_users(room: Room) -> None:
    """Write them to a data base of its own: the machine would not have them as its users."""
    _set_variables(room, "/etc/courier/authdaemonrc", {"authmodulelist": "authuserdb authpam"})
    uid, gid = (room.run("id", option, USER).strip() for option in ("-u", "-g"))
    secret = make_secret(PASSWORD)
    fields = f"uid={uid}|gid={gid}|home=/home/{USER}|systempw={secret}"
    rows = (f"{user}\t{fields}\n" for user in HOSTILE_USERS.values())
    room.write("/etc/courier/userdb", "".join(rows), mode=0o600)
    room.run("makeuserdb")


def _set_variables(room: Room, path: str, values: dict[str, str]) -> None:
    text = room.path(path).read_text(encoding="utf-8") if room.path(path).exists() else ""
    kept = [line for line in text.splitlines() if line.partition("=")[0] not in values]
    rows = [f'{name}="{value}"' for name, value in values.items()]
    room.write(path, "\n".join([*kept, *rows, ""]))
