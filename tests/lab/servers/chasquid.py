"""chasquid, a server written in Go."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from lab.names import DOMAIN, HOST, PASSWORD, USER
from lab.room import Room
from lab.servers.base import Listener, Server
from lab.sink import Sink
from lab.truth import Fact, Truth

_CONF: Final = f"""\
hostname: "{HOST}"
smtp_address: "127.0.0.1:2525"
smtp_address: "[::1]:2525"
submission_address: "127.0.0.1:5870"
submission_over_tls_address: "127.0.0.1:4650"
monitoring_address: ""
mail_delivery_agent_bin: "/usr/local/bin/lab-deliver"
data_dir: "/var/lib/chasquid"
mail_log_path: "/tmp/chasquid.log"
"""
_USER: Final = f"{USER}@{DOMAIN}"
_CLEANING: Final = ("sid",)
_DELIVER: Final = "#!/bin/sh\nexec cat >$(mktemp /srv/mail/box/new/XXXXXXXX)\n"


class Chasquid(Server):
    """Debian's chasquid."""

    product: ClassVar = "chasquid"
    package: ClassVar = "chasquid"
    packages: ClassVar = ("chasquid",)
    marks: ClassVar = "always"
    configuration: ClassVar = "smtp, submission and submission_over_tls addresses\n"
    listeners: ClassVar = (
        Listener("smtp", 2525, "starttls", has_auth=True, user=_USER),
        Listener("submission", 5870, "starttls", has_auth=True, user=_USER, is_tried_in_full=False),
        Listener(
            "submissions", 4650, "implicit", has_auth=True, user=_USER, is_tried_in_full=False
        ),
    )

    def configure(self, room: Room, certificates: Path) -> None:
        """Write its configuration; the certificates lie in a folder of the host's name."""
        folder = f"/etc/chasquid/certs/{HOST}"
        room.copy(certificates / "server.crt", f"{folder}/fullchain.pem")
        room.copy(certificates / "server.key", f"{folder}/privkey.pem")
        room.write("/etc/chasquid/chasquid.conf", _CONF)
        room.write("/usr/local/bin/lab-deliver", _DELIVER, mode=0o755)
        room.run("install", "-d", "-m", "0777", "/srv/mail/box/new")
        room.run("install", "-d", f"/etc/chasquid/domains/{DOMAIN}")
        room.write(f"/etc/chasquid/domains/{DOMAIN}/aliases", f"*: {USER}@{DOMAIN}\n")
        room.run("chasquid-util", "user-add", _USER, f"--password={PASSWORD}")

    def start(self, room: Room) -> None:
        """Start it in the foreground."""
        room.spawn("chasquid")

    def collect(self, room: Room, sink: Sink) -> list[bytes]:
        """Read what its delivery program kept."""
        del sink
        return room.read_maildir("/srv/mail/box")

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell TLS by the S and a comment; hide the address of users."""
        del listener
        yield from (Fact.TLS, Fact.TIME)
        if truth.auth:
            yield Fact.AUTH
        elif truth.tls or not _is_foreign_literal(truth):
            yield from (Fact.ADDRESS, Fact.HELO)
        if truth.sender:
            yield Fact.SENDER
        if truth.tls:
            yield from (Fact.VERSION, Fact.SUITE)

    def show(self, fact: Fact, text: str) -> str:
        """End a HELO at its first blank; later versions leave out what no name has."""
        if fact is Fact.SENDER:
            return text.replace('"', "")
        if fact is not Fact.HELO:
            return text
        word = (text.split() or [""])[0]
        return re.sub(r"[^a-zA-Z\d.:\[\]-]", "", word) if self.suite in _CLEANING else word


def _is_foreign_literal(truth: Truth) -> bool:
    """Two literals, one of them the address; later versions write them the other way round."""
    helo = truth.helo or ""
    return helo.startswith("[") and helo != f"[{truth.address}]"
