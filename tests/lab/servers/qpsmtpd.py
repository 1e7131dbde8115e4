"""qpsmtpd, a server made of Perl plugins."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from lab.names import DOMAIN, HOST, PASSWORD
from lab.room import Room
from lab.servers.base import Listener, Server
from lab.sink import SINK_PORT
from lab.truth import Fact, Truth

_CONFIG: Final = {
    "plugins": (
        "tls /etc/lab/server.crt /etc/lab/server.key /etc/lab/ca.crt\n"
        "auth/lab\nrcpt_ok\n"
        f"queue/smtp-forward 127.0.0.1 {SINK_PORT}\n"
    ),
    "me": f"{HOST}\n",
    "rcpthosts": f"{DOMAIN}\n",
    "loglevel": "LOGWARN\n",
    "tls_ciphers": "ALL:@SECLEVEL=0\n",
    "spool_dir": "/var/spool/qpsmtpd\n",
}
# Its own plugins know no users without a domain.
_AUTH_PLUGIN: Final = f"""\
use Qpsmtpd::Constants;
sub hook_auth_plain {{ return $_[4] eq '{PASSWORD}' ? OK : DENY }}
sub hook_auth_login {{ return $_[4] eq '{PASSWORD}' ? OK : DENY }}
"""


class Qpsmtpd(Server):
    """Debian's qpsmtpd, which sends all mail on."""

    product: ClassVar = "qpsmtpd"
    package: ClassVar = "qpsmtpd"
    packages: ClassVar = ("qpsmtpd", "libio-socket-ssl-perl", "libnet-smtp-server-perl")
    marks: ClassVar = "always"
    configuration: ClassVar = "plugins: tls, auth, rcpt_ok\n"
    listeners: ClassVar = (
        Listener("smtp", 2525, "starttls", has_auth=True, has_hostile_users=True),
        Listener("smtps", 465, "implicit", is_tried_in_full=False),
    )

    def configure(self, room: Room, certificates: Path) -> None:
        """Write its configuration folder."""
        room.copy_certificates(certificates)
        room.run("chown", "-R", "qpsmtpd", "/etc/lab")
        for name, text in _CONFIG.items():
            room.write(f"/etc/qpsmtpd/{name}", text)
        room.write("/usr/share/qpsmtpd/plugins/auth/lab", _AUTH_PLUGIN)

    def start(self, room: Room) -> None:
        """Start it in the foreground."""
        limits = ("--limit-connections", "50", "--max-from-ip", "50")
        room.spawn(
            *("env", "QPSMTPD_CONFIG=/etc/qpsmtpd", "perl", "-T", "-I/usr/share/qpsmtpd/lib"),
            *("/usr/bin/qpsmtpd-forkserver", "--user", "qpsmtpd", *limits),
            *("--listen-address", "127.0.0.1", "--listen-address", "[::1]"),
            *("--port", "2525", "--port", "465"),
        )

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell TLS by a comment, and by the S behind ESMTP."""
        del listener
        yield from (Fact.TLS, Fact.ADDRESS, Fact.NAME, Fact.HELO, Fact.TIME)
        if truth.auth:
            yield Fact.AUTH
        if truth.tls:
            yield Fact.SUITE

    def show(self, fact: Fact, text: str) -> str:
        """End a HELO at its first blank."""
        return text.partition(" ")[0] if fact is Fact.HELO else text
