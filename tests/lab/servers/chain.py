"""A chain: Postfix takes mail, amavis looks at it, Postfix takes it back, Dovecot delivers it."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from lab.names import DOMAIN, HOST
from lab.room import Room, wait_for_port
from lab.servers.amavis import RELAYING
from lab.servers.base import Listener, Server
from lab.servers.dovecot import MAILBOX, write_conf
from lab.sink import Sink
from lab.truth import Fact, Truth

_MAIN: Final = f"""\
compatibility_level = 3.6
myhostname = {HOST}
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = loopback-only
inet_protocols = ipv4
maillog_file = /var/log/postfix.log
virtual_mailbox_domains = {DOMAIN}
virtual_mailbox_maps = static:any
virtual_transport = lmtp:inet:127.0.0.1:2400
lmtp_tls_security_level = may
content_filter = scan:[127.0.0.1]:10024
smtpd_client_connection_count_limit = 0
smtpd_tls_cert_file = /etc/lab/server.crt
smtpd_tls_key_file = /etc/lab/server.key
smtpd_tls_security_level = may
smtpd_tls_received_header = yes
"""
_MASTER: Final = """\
127.0.0.1:2525 inet n - n - - smtpd
127.0.0.1:10025 inet n - n - - smtpd
  -o content_filter=
  -o smtpd_tls_security_level=none
scan unix - - n - 2 smtp
  -o smtp_send_xforward_command=yes
"""
_AMAVIS: Final = f"""\
{RELAYING}
$inet_socket_port = 10024;
$forward_method = 'smtp:[127.0.0.1]:10025';
$notify_method = $forward_method;
1;
"""


class Chain(Server):
    """Postfix, amavis and Dovecot, on one host."""

    product: ClassVar = "Postfix"
    package: ClassVar = "postfix"
    packages: ClassVar = ("postfix", "amavisd-new", "dovecot-lmtpd")
    marks: ClassVar = "always"
    configuration: ClassVar = (
        "content_filter = scan:[127.0.0.1]:10024 (amavis); lmtp:inet:127.0.0.1:2400 (Dovecot)\n"
    )
    listeners: ClassVar = (Listener("chain", 2525, "starttls", is_tried_in_full=False),)
    keeps_traces: ClassVar = True

    def configure(self, room: Room, certificates: Path) -> None:
        """Write the configuration of all three."""
        room.copy_certificates(certificates)
        room.write("/etc/postfix/main.cf", _MAIN)
        master = room.path("/etc/postfix/master.cf").read_text(encoding="utf-8")
        kept = [line for line in master.splitlines() if not line.startswith("smtp      inet")]
        text = "\n".join(kept).replace(" y ", " n ")
        room.write("/etc/postfix/master.cf", f"{text}\n{_MASTER}")
        room.write("/etc/amavis/conf.d/50-user", _AMAVIS)
        conf = (
            write_conf(room)
            .replace("submission imap pop3", "")
            .partition("service submission-login")[0]
        )
        room.write("/etc/dovecot/dovecot.conf", conf)
        room.run("install", "-d", "-o", "nobody", "-g", "nogroup", "/srv/mail")

    def start(self, room: Room) -> None:
        """Start all three, the last one first."""
        room.spawn("dovecot", "-F")
        room.run("install", "-d", "-o", "amavis", "-g", "amavis", "/run/amavis")
        room.spawn("amavisd", "foreground")
        wait_for_port(10024)
        room.run("postfix", "start")

    def stop(self, room: Room) -> None:
        """Stop Postfix by its pid file; the others were started in the foreground."""
        room.run("postfix", "stop", check=False)

    def collect(self, room: Room, sink: Sink) -> list[bytes]:
        """Read the one mailbox."""
        del sink
        return room.read_maildir(MAILBOX)

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell what Postfix tells with the comment on."""
        del listener
        yield from (Fact.HELO, Fact.ADDRESS, Fact.NAME, Fact.RECIPIENT, Fact.TIME)
        if truth.greeting == "EHLO" or truth.tls:
            yield Fact.TLS
        if truth.tls:
            yield from (Fact.VERSION, Fact.SUITE, Fact.BITS)
        if truth.tls and truth.tls.version == "TLSv1.3":
            yield Fact.GROUP

    def is_unsure(self, listener: Listener, truth: Truth) -> bool:
        """HELO alone never says S."""
        del listener
        return truth.greeting == "HELO" and not truth.tls
