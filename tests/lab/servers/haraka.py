"""Haraka, from npm."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from lab.names import DOMAIN, HOST, LOOPBACK, PASSWORD, USER
from lab.room import Room
from lab.servers.base import Listener
from lab.servers.npm import NpmServer
from lab.sink import SINK_PORT
from lab.truth import Fact, Truth

_CONFIG: Final = {
    "smtp.ini": "listen=127.0.0.1:2525,[::1]:2525,127.0.0.1:4650\nsmtps_port=4650\nnodes=0\n",
    "me": f"{HOST}\n",
    "host_list": f"{DOMAIN}\n",
    "plugins": "tls\nauth/flat_file\nrcpt_to.in_host_list\nqueue/smtp_forward\n",
    "tls.ini": (
        "key=/etc/lab/server.key\ncert=/etc/lab/server.crt\nminVersion=TLSv1\n"
        "ciphers=ALL:COMPLEMENTOFALL:@SECLEVEL=0\nrequestCert=true\nrejectUnauthorized=false\n"
    ),
    "auth_flat_file.ini": f"[core]\nmethods=PLAIN,LOGIN\n[users]\n{USER}={PASSWORD}\n",
    "smtp_forward.ini": f"host=127.0.0.1\nport={SINK_PORT}\nenable_outbound=true\n",
    "loglevel": "WARN\n",
    "strict_rfc1869": "false\n",
}


class Haraka(NpmServer):
    """Haraka, which sends all mail on."""

    product: ClassVar = "Haraka"
    package: ClassVar = "Haraka"
    marks: ClassVar = "always"
    configuration: ClassVar = "tls.ini: requestCert=true, rejectUnauthorized=false\n"
    listeners: ClassVar = (
        Listener("smtp", 2525, "starttls", has_auth=True, asks_certificate=True),
        Listener("smtps", 4650, "implicit", has_auth=True, is_tried_in_full=False),
    )

    def configure(self, room: Room, certificates: Path) -> None:
        """Write the files of its configuration folder."""
        room.copy_certificates(certificates)
        room.run("install", "-d", "/opt/lab")
        room.run("cp", "-r", "/opt/haraka/node_modules/Haraka/config", "/opt/lab/config")
        for name, text in _CONFIG.items():
            room.write(f"/opt/lab/config/{name}", text)

    def start(self, room: Room) -> None:
        """Start it in the foreground."""
        room.spawn("node", "/opt/haraka/node_modules/.bin/haraka", "-c", "/opt/lab")

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell TLS by the S, and the suite by a `tls` clause."""
        del listener
        yield from (Fact.TLS, Fact.ADDRESS, Fact.HELO, Fact.TIME)
        if truth.name != LOOPBACK.name:  # Node.js forgets what the hosts file tells
            yield Fact.NAME
        if truth.sender:
            yield Fact.SENDER
        if truth.auth:
            yield Fact.AUTH
        if truth.tls:
            yield Fact.SUITE

    def show(self, fact: Fact, text: str) -> str:
        """End a HELO at its first blank."""
        return text.partition(" ")[0] if fact is Fact.HELO else text
