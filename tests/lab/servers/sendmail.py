"""sendmail, as Debian builds it: with OpenSSL."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, Final

from lab.names import HOST, PASSWORD, USER
from lab.room import Room
from lab.servers.base import Listener, Server
from lab.sink import SINK_PORT
from lab.truth import Fact, Truth

_MC: Final = f"""\
include(`/usr/share/sendmail/cf/m4/cf.m4')dnl
OSTYPE(`debian')dnl
define(`confDOMAIN_NAME', `{HOST}')dnl
define(`QUEUE_DIR', `/srv/mqueue')dnl
define(`confCW_FILE', `-o /etc/mail/none')dnl
define(`confCACERT', `/etc/lab/ca.crt')dnl
define(`confCACERT_PATH', `/etc/lab')dnl
define(`confSERVER_CERT', `/etc/lab/server.crt')dnl
define(`confSERVER_KEY', `/etc/lab/server.key')dnl
define(`confCLIENT_CERT', `/etc/lab/server.crt')dnl
define(`confCLIENT_KEY', `/etc/lab/server.key')dnl
define(`confDONT_BLAME_SENDMAIL', `GroupReadableKeyFile')dnl
define(`confCIPHER_LIST', `ALL:COMPLEMENTOFALL:@SECLEVEL=0')dnl
define(`confSERVER_SSL_OPTIONS', `+SSL_OP_NO_SSLv3')dnl
define(`confAUTH_MECHANISMS', `PLAIN LOGIN')dnl
TRUST_AUTH_MECH(`PLAIN LOGIN')dnl
define(`confCONNECTION_RATE_THROTTLE', `0')dnl
define(`confBAD_RCPT_THROTTLE', `0')dnl
define(`confTO_IDENT', `5s')dnl
define(`confREFUSE_LA', `999')dnl
define(`confQUEUE_LA', `999')dnl
define(`confMILTER_MACROS_CONNECT', `')dnl
define(`SMART_HOST', `relay:[127.0.0.1]')dnl
define(`RELAY_MAILER_ARGS', `TCP $h {SINK_PORT}')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`nocanonify')dnl
FEATURE(`promiscuous_relay')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`accept_unqualified_senders')dnl
DAEMON_OPTIONS(`Family=inet, Name=MTA, Addr=127.0.0.1, Port=2525')dnl
DAEMON_OPTIONS(`Family=inet6, Name=MTA6, Addr=::1, Port=2525')dnl
DAEMON_OPTIONS(`Family=inet, Name=TLS, Port=4650, M=s')dnl
MAILER(`smtp')dnl
"""
_GROUP: Final = "prime256v1"  # the one group of ours that it took


class Sendmail(Server):
    """Debian's sendmail, which sends all mail on."""

    product: ClassVar = "sendmail"
    package: ClassVar = "sendmail-bin"
    packages: ClassVar = ("sendmail-bin", "sendmail-cf", "m4", "sasl2-bin", "libsasl2-modules")
    marks: ClassVar = "always"
    lines: ClassVar[str] = ""
    """What else stands in sendmail.mc."""
    configuration: ClassVar = "as generated from sendmail.mc; a CA, and client certificates asked\n"
    listeners: ClassVar = (
        Listener(
            *("smtp", 2525, "starttls"),
            has_auth=True,
            asks_certificate=True,
            asks_ident=True,
            group=_GROUP,
        ),
        Listener("smtps", 4650, "implicit", is_tried_in_full=False, group=_GROUP),
    )

    def configure(self, room: Room, certificates: Path) -> None:
        """Generate sendmail.cf."""
        room.copy_certificates(certificates)
        room.write("/etc/mail/lab.mc", _MC + self.lines)
        room.run("sh", "-c", "m4 /etc/mail/lab.mc >/etc/mail/sendmail.cf")
        room.run("install", "-d", "-m", "0700", "/srv/mqueue")
        room.run("install", "-d", "-o", "smmta", "/var/lib/sendmail/host_status")
        room.write(
            "/etc/mail/sasl/Sendmail.conf.2", "pwcheck_method: auxprop\nmech_list: PLAIN LOGIN\n"
        )
        room.run("saslpasswd2", "-p", "-c", "-u", HOST, USER, stdin=PASSWORD)

    def start(self, room: Room) -> None:
        """Start the daemon in the foreground."""
        room.spawn("/usr/libexec/sendmail/sendmail", "-bD", "-q1m")

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell TLS by a comment, and by the S behind ESMTP."""
        del listener
        yield from (Fact.TLS, Fact.ADDRESS, Fact.NAME, Fact.HELO, Fact.RECIPIENT, Fact.TIME)
        if truth.auth:
            yield Fact.AUTH
        if truth.ident:
            yield Fact.IDENT
        if truth.tls:
            yield from (Fact.VERSION, Fact.SUITE, Fact.BITS)

    def show(self, fact: Fact, text: str) -> str:
        """Leave out of an ident what it would have to quote."""
        return re.sub(r"[^\w.+-]", "", text) if fact is Fact.IDENT else text
