"""Cyrus, which takes mail by LMTP."""

from collections.abc import Iterable
from imaplib import IMAP4
from pathlib import Path
from typing import ClassVar, Final

from lab.names import HOST, USER
from lab.room import Room
from lab.servers.base import Listener, Server
from lab.sink import Sink
from lab.truth import Fact, Truth

_IMAPD: Final = f"""\
servername: {HOST}
defaultpartition: default
configdirectory: /var/lib/cyrus
partition-default: /var/spool/cyrus/mail
admins: cyrus
lmtp_admins: cyrus {USER}
sasl_pwcheck_method: alwaystrue
sasl_mech_list: PLAIN LOGIN
allowplaintext: yes
defaultdomain: lab.example
lmtp_downcase_rcpt: yes
duplicatesuppression: no
tls_server_cert: /etc/lab/server.crt
tls_server_key: /etc/lab/server.key
tls_client_ca_file: /etc/lab/ca.crt
tls_ciphers: ALL:@SECLEVEL=0
tls_versions: tls1_0 tls1_1 tls1_2 tls1_3
syslog_prefix: cyrus
virtdomains: userid
lmtp_allowplaintext: yes
"""
_CYRUS: Final = """\
START {
  recover cmd="/usr/sbin/cyrus ctl_cyrusdb -r"
}
SERVICES {
  imap cmd="imapd" listen="127.0.0.1:1430" prefork=0
  lmtp cmd="lmtpd -a" listen="127.0.0.1:2400" prefork=0 maxchild=20
  lmtpauth cmd="lmtpd" listen="127.0.0.1:2401" prefork=0 maxchild=20
  lmtp6 cmd="lmtpd -a" listen="[::1]:2400" prefork=0 maxchild=20
}
"""


class Cyrus(Server):
    """Debian's Cyrus, whose `lmtpd` takes all clients for known ones."""

    product: ClassVar = "Cyrus"
    package: ClassVar = "cyrus-imapd"
    packages: ClassVar = ("cyrus-imapd", "cyrus-admin", "sasl2-bin", "libsasl2-modules")
    marks: ClassVar = "always"
    configuration: ClassVar = "lmtp: lmtpd -a\nlmtp-auth: lmtpd, with clients that log in\n"
    listeners: ClassVar = (
        Listener("lmtp", 2400, "starttls", is_lmtp=True),
        Listener(
            *("lmtp-auth", 2401, "starttls"),
            is_lmtp=True,
            has_auth=True,
            needs_auth=True,
            group="prime256v1",
            user="cyrus",
        ),
    )

    def configure(self, room: Room, certificates: Path) -> None:
        """Write its configuration, and make the user's mailbox."""
        room.copy_certificates(certificates)
        room.run("chown", "-R", "cyrus", "/etc/lab")
        room.write("/etc/imapd.conf", _IMAPD)
        room.write("/etc/cyrus.conf", _CYRUS)

    def start(self, room: Room) -> None:
        """Start its master in the foreground."""
        room.run("install", "-d", "-o", "cyrus", "-g", "mail", "/run/cyrus", "/run/cyrus/socket")
        room.run("install", "-d", "-o", "cyrus", "-g", "mail", "/run/cyrus/lock", "/run/cyrus/proc")
        room.spawn("/usr/sbin/cyrmaster", "-p", "/run/cyrus/master.pid")

    def wait(self) -> None:
        """Make the user's mailbox as soon as that is possible."""
        super().wait()
        with IMAP4("127.0.0.1", 1430) as client:
            client.login("cyrus", "any")
            client.create(f"user/{USER}")

    def collect(self, room: Room, sink: Sink) -> list[bytes]:
        """Read the files of the user's mailbox."""
        del sink
        spool = room.path("/var/spool/cyrus/mail")
        return [path.read_bytes() for path in spool.rglob("*.") if path.is_file()]

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell TLS by the S and a comment, and all clients to be known ones by the A."""
        del listener
        yield from (Fact.AUTH, Fact.TLS, Fact.ADDRESS, Fact.NAME, Fact.HELO, Fact.TIME)
        if truth.tls:
            yield from (Fact.SUITE, Fact.BITS)
        if truth.tls and truth.tls.version >= "TLSv1.2":  # else it is the suite's lowest one
            yield Fact.VERSION
