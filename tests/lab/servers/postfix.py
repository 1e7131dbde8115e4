"""Postfix, with and without the TLS comment."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Final

from lab.names import DOMAIN, HOST, HOSTILE_USERS, PASSWORD, RECIPIENT, USER
from lab.room import Room
from lab.servers.base import Held, Listener, Server
from lab.sink import Sink
from lab.truth import Fact, Truth

_MAIN: Final = f"""\
compatibility_level = 3.6
myhostname = {HOST}
mydomain = {DOMAIN}
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = loopback-only
inet_protocols = all
maillog_file = /var/log/postfix.log
virtual_mailbox_domains = {DOMAIN}
virtual_mailbox_base = /srv/mail
virtual_mailbox_maps = static:box/
virtual_minimum_uid = 100
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtputf8_enable = yes
smtpd_error_sleep_time = 0
smtpd_hard_error_limit = 100
smtpd_client_connection_count_limit = 0
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
smtpd_tls_cert_file = /etc/lab/server.crt
smtpd_tls_key_file = /etc/lab/server.key
smtpd_tls_CAfile = /etc/lab/ca.crt
smtpd_tls_security_level = may
smtpd_tls_protocols = !SSLv2, !SSLv3
smtpd_tls_mandatory_protocols = !SSLv2, !SSLv3
smtpd_tls_ciphers = low
smtpd_tls_mandatory_ciphers = low
tls_low_cipherlist = ALL:COMPLEMENTOFALL:@SECLEVEL=0
smtpd_sasl_path = smtpd
cyrus_sasl_config_path = /etc/postfix/sasl
"""

_SASL: Final = "pwcheck_method: auxprop\nmech_list: PLAIN LOGIN\n"

# Each service has what differs from the others behind it.
_SERVICES: Final = {
    "smtp": (2525, "-o smtpd_tls_received_header=no"),
    "comment": (2526, "-o smtpd_tls_received_header=yes"),
    "certificate": (2527, "-o smtpd_tls_received_header=yes -o smtpd_tls_ask_ccert=yes"),
    "smtps": (4650, "-o smtpd_tls_wrappermode=yes -o smtpd_tls_received_header=no"),
    "smtps-comment": (4651, "-o smtpd_tls_wrappermode=yes -o smtpd_tls_received_header=yes"),
    "submission": (
        5870,
        (
            "-o smtpd_sasl_auth_enable=yes -o smtpd_sasl_authenticated_header=yes"
            " -o smtpd_tls_received_header=yes"
        ),
    ),
    "submission-silent": (5871, "-o smtpd_sasl_auth_enable=yes"),
    "behind": (2530, "-o smtpd_upstream_proxy_protocol=haproxy"),
}
_COMMENTED: Final = ("comment", "certificate", "smtps-comment", "submission")


class Postfix(Server):
    """Debian's Postfix."""

    product: ClassVar = "Postfix"
    package: ClassVar = "postfix"
    packages: ClassVar = ("postfix", "sasl2-bin", "libsasl2-modules")
    marks: ClassVar = "always"
    services: ClassVar[Mapping[str, tuple[int, str]]] = _SERVICES
    rows: ClassVar[tuple[str, ...]] = ()
    """What else stands in master.cf."""
    configuration: ClassVar = "".join(
        f"{name}: {' '.join(options.split('-o ')).strip()}\n"
        for name, (_, options) in _SERVICES.items()
    )
    listeners: ClassVar = (
        Listener("smtp", 2525, "starttls"),
        Listener("comment", 2526, "starttls"),
        Listener("certificate", 2527, "starttls", asks_certificate=True, is_tried_in_full=False),
        Listener("smtps", 4650, "implicit", is_tried_in_full=False),
        Listener("smtps-comment", 4651, "implicit", is_tried_in_full=False),
        Listener(
            *("submission", 5870, "starttls"),
            has_auth=True,
            has_hostile_users=True,
            is_tried_in_full=False,
        ),
        Listener("submission-silent", 5871, "starttls", has_auth=True, is_tried_in_full=False),
    )

    def configure(self, room: Room, certificates: Path) -> None:
        """Write main.cf, and a service for each listener into master.cf."""
        room.copy_certificates(certificates)
        room.write("/etc/postfix/main.cf", _MAIN)
        master = room.path("/etc/postfix/master.cf").read_text(encoding="utf-8")
        kept = [line for line in master.splitlines() if not line.startswith("smtp      inet")]
        rows = [_write_service(port, options) for port, options in self.services.values()]
        # without chroot, so that /etc/hosts and the SASL data base are found
        room.write(
            "/etc/postfix/master.cf", "\n".join([*map(_leave_chroot, kept), *rows, *self.rows, ""])
        )
        room.write("/etc/postfix/sasl/smtpd.conf", _SASL)
        for user in (USER, *HOSTILE_USERS.values()):
            room.run("saslpasswd2", "-p", "-c", "-u", HOST, user, stdin=PASSWORD)
        room.run("chown", "postfix", "/etc/sasldb2")
        room.run("install", "-d", "-o", "nobody", "-g", "nogroup", "/srv/mail")

    def start(self, room: Room) -> None:
        """Start the daemon; `postfix stop` ends it by its pid file."""
        room.run("postfix", "start")

    def stop(self, room: Room) -> None:
        """Stop the daemon."""
        room.run("postfix", "stop", check=False)

    def collect(self, room: Room, sink: Sink) -> list[bytes]:
        """Read the one mailbox."""
        del sink
        return room.read_maildir("/srv/mail/box")

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell TLS by the S behind ESMTP, details by the comment."""
        yield from (Fact.HELO, Fact.ADDRESS, Fact.NAME, Fact.RECIPIENT, Fact.TIME)
        has_comment = listener.name in _COMMENTED
        if not self.is_unsure(listener, truth):
            yield Fact.TLS
        if truth.greeting == "EHLO" and truth.auth:
            yield Fact.AUTH
        if truth.auth and listener.name == "submission":
            yield Fact.USER
        if truth.tls and has_comment:
            yield from _told_by_comment(truth)

    def show(self, fact: Fact, text: str) -> str:
        """Replace what could end a word or a comment."""
        if fact is Fact.HELO:
            return "".join("?" if c in ' ()<>;"\\' or c < " " else c for c in text)
        if fact is Fact.CERTIFICATE:
            return _balance(text.replace("\\", "?"))
        if fact is Fact.USER:
            return _balance(text)
        return text

    def is_unsure(self, listener: Listener, truth: Truth) -> bool:
        """HELO alone never says S, and implicit TLS followed by HELO is rare."""
        has_comment = listener.name in _COMMENTED
        was_ehlo = truth.greeting == "EHLO" or (listener.tls == "starttls" and truth.tls)
        return not was_ehlo and not (has_comment and truth.tls)

    def hold_others(self, room: Room) -> Iterable[Held]:
        """Hand in mail on the machine itself."""
        at = datetime.now(UTC).replace(microsecond=0)
        message = "Subject: pickup\nX-Lab-Session: pickup\n\nOne message of the lab.\n"
        room.run("runuser", "-u", "nobody", "--", "sendmail", RECIPIENT, stdin=message)
        truth = Truth(sender=f"nobody@{DOMAIN}", recipient=RECIPIENT, at=at)
        yield Held("pickup", "sendmail(1)", (Fact.TIME,), truth)


class HidingPostfix(Postfix):
    """Postfix since 3.10, which may keep to itself who handed a message in."""

    services: ClassVar = {
        name: (
            port,
            (
                "-o smtpd_hide_client_session=yes -o smtpd_tls_received_header=yes"
                f" -o smtpd_sasl_authenticated_header=yes -o smtpd_sasl_auth_enable=yes{more}"
            ),
        )
        for name, port, more in (
            ("submission", 5870, " -o smtpd_tls_ask_ccert=yes"),
            ("submissions", 4650, " -o smtpd_tls_wrappermode=yes"),
        )
    }
    configuration: ClassVar = "smtpd_hide_client_session=yes smtpd_tls_received_header=yes\n"
    listeners: ClassVar = (
        Listener("submission", 5870, "starttls", has_auth=True, asks_certificate=True),
        Listener("submissions", 4650, "implicit", has_auth=True, is_tried_in_full=False),
    )

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell nothing of the client."""
        del listener, truth
        return (Fact.RECIPIENT, Fact.TIME)

    def is_unsure(self, listener: Listener, truth: Truth) -> bool:
        """All lines are alike; no word could seem to tell of TLS."""
        del listener, truth
        return False


def _balance(name: str) -> str:
    """Let round brackets stand only in pairs, as Postfix does within its comment."""
    text, depth = "", 0
    for character in name:
        if character == ")" and not depth:
            text += "?"
            continue
        depth += (character == "(") - (character == ")")
        text += character
    return text + ")" * depth


def _told_by_comment(truth: Truth) -> Iterator[Fact]:
    yield from (Fact.VERSION, Fact.SUITE, Fact.BITS)
    if truth.tls and truth.tls.version == "TLSv1.3":
        yield Fact.GROUP
    if truth.tls and truth.tls.certificate:
        yield Fact.CERTIFICATE


def _write_service(port: int, options: str) -> str:
    settings = "".join(f"\n  -o {option.strip()}" for option in options.split("-o ") if option)
    rows = [f"{host}:{port} inet n - n - - smtpd{settings}" for host in ("127.0.0.1", "[::1]")]
    return "\n".join(rows)


def _leave_chroot(line: str) -> str:
    fields = line.split(None, 7)
    if line[:1] in "# \t" or len(fields) < 8:
        return line
    fields[4] = "n"
    return " ".join(fields)
