"""Exim, as Debian builds it: with GnuTLS."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Final

from lab.names import DOMAIN, HOST, NAMED, PASSWORD, RECIPIENT, USER
from lab.room import Room, wait_for_port
from lab.servers.base import Held, Listener, Server
from lab.sink import Sink
from lab.truth import Fact, Truth

# The text of Exim before 4.93, which many sites still have in their configuration.
_OLD_TEXT: Final = (
    "Received: ${if def:sender_rcvhost {from $sender_rcvhost\\n\\t}"
    "{${if def:sender_ident {from ${quote_local_part:$sender_ident} }}"
    "${if def:sender_helo_name {(helo=$sender_helo_name)\\n\\t}}}}"
    "by $primary_hostname "
    "${if def:received_protocol {with $received_protocol}} "
    "${if def:tls_in_cipher {($tls_in_cipher)\\n\\t}}"
    "(Exim $version_number)\\n\\t"
    "${if def:sender_address {(envelope-from <$sender_address>)\\n\\t}}"
    "id $message_exim_id"
    "${if def:received_for {\\n\\tfor $received_for}}"
)
HELO_CHARS: Final = r"_ ()<>[]=+:;,/.\\\t\r\f\v\"\240\205\302\303\274"
_COMMON: Final = f"""\
primary_hostname = {HOST}
domainlist local_domains = {DOMAIN}
host_lookup = *
host_lookup_order = bydns
acl_smtp_rcpt = accept
acl_smtp_data = accept
smtputf8_advertise_hosts = *
smtp_accept_max_per_host = 0
smtp_max_synprot_errors = 100
tls_advertise_hosts = *
tls_certificate = /etc/lab/server.crt
tls_privatekey = /etc/lab/server.key
tls_verify_certificates = /etc/lab/ca.crt
tls_require_ciphers = NORMAL:+VERS-TLS1.1:+VERS-TLS1.0:+RSA:+DHE-RSA:+AES-128-CBC:+AES-256-CBC:\
+CAMELLIA-256-CBC:+SHA1:+SHA256:+SHA384:+3DES-CBC:+SIGN-RSA-SHA1:%COMPAT
allow_utf8_domains = yes
"""
_REST: Final = f"""
begin acl
begin routers
box:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  directory = /srv/mail/box
  maildir_format
  create_directory
  user = nobody
  group = nogroup
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and {{{{eq{{$auth2}}{{{USER}}}}}{{eq{{$auth3}}{{{PASSWORD}}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and {{{{eq{{$auth1}}{{{USER}}}}}{{eq{{$auth2}}{{{PASSWORD}}}}}}}}}
  server_set_id = $auth1
"""
DAEMONS: Final = {
    "default": (
        "daemon_smtp_ports = 2525 : 4650\ntls_on_connect_ports = 4650\ntls_try_verify_hosts = !*\n"
        "rfc1413_query_timeout = 0s\n"
    ),
    "old": (
        "daemon_smtp_ports = 2526 : 4651\ntls_on_connect_ports = 4651\ntls_try_verify_hosts = *\n"
        f'helo_allow_chars = "{HELO_CHARS}"\n'
        "rfc1413_hosts = *\nrfc1413_query_timeout = 5s\n"
        f'received_header_text = "{_OLD_TEXT}"\n'
    ),
}
"""The settings in which the daemons differ."""


class Exim(Server):
    """Debian's Exim, once as it comes, once with the text of old and any HELO allowed."""

    product: ClassVar = "Exim"
    package: ClassVar = "exim4-daemon-heavy"
    packages: ClassVar = ("exim4-daemon-heavy", "exim4-base", "exim4-config")
    marks: ClassVar = "always"
    configuration: ClassVar = (
        "default: as compiled; host_lookup = *\n"
        f'old: helo_allow_chars = "{HELO_CHARS}"; rfc1413_hosts = *;'
        " received_header_text as before 4.93\n"
    )
    listeners: ClassVar = (
        Listener("default", 2525, "starttls", has_auth=True),
        Listener("default-implicit", 4650, "implicit", has_auth=True, is_tried_in_full=False),
        Listener("old", 2526, "starttls", has_auth=True, asks_certificate=True, asks_ident=True),
        Listener("old-implicit", 4651, "implicit", has_auth=True, is_tried_in_full=False),
    )

    daemons: ClassVar[Mapping[str, str]] = DAEMONS

    def configure(self, room: Room, certificates: Path) -> None:
        """Lay out certificates and the mailbox; `start` writes the configurations."""
        room.copy_certificates(certificates)
        room.run("chown", "-R", "Debian-exim", "/etc/lab")
        room.run("install", "-d", "-o", "nobody", "-g", "nogroup", "/srv/mail")
        room.run("install", "-d", "-o", "Debian-exim", "-g", "Debian-exim", "/run/exim4")

    def start(self, room: Room) -> None:
        """Start a daemon for each configuration: each reads it once, when it starts."""
        for name, settings in self.daemons.items():
            room.write("/etc/exim4/exim4.conf", write_configuration(settings))
            room.spawn("exim4", "-bdf", "-oP", f"/run/exim4/{name}.pid")
            wait_for_port(_find_port(settings))

    def collect(self, room: Room, sink: Sink) -> list[bytes]:
        """Read the one mailbox."""
        del sink
        return room.read_maildir("/srv/mail/box")

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell everything but the user; the group only in the old text."""
        yield from (Fact.TLS, Fact.ADDRESS, Fact.NAME, Fact.HELO, Fact.RECIPIENT, Fact.TIME)
        if truth.sender:
            yield Fact.SENDER
        if truth.auth:
            yield Fact.AUTH
        if truth.tls:
            yield from (Fact.VERSION, Fact.SUITE)
            if listener.name.startswith("old"):
                yield Fact.BITS
            if listener.name.startswith("old") and truth.tls.group:
                yield Fact.GROUP

    def show(self, fact: Fact, text: str) -> str:
        """Leave out a literal of the client's own address: the name alone is shown then."""
        if fact is Fact.HELO and text == f"[{NAMED.address}]":
            return NAMED.name or text
        return text

    def hold_others(self, room: Room) -> Iterator[Held]:
        """Hand in mail on the machine itself."""
        at = datetime.now(UTC).replace(microsecond=0)
        message = "Subject: pickup\nX-Lab-Session: pickup\n\nOne message of the lab.\n"
        room.run("runuser", "-u", "nobody", "--", "exim4", "-oi", RECIPIENT, stdin=message)
        truth = Truth(sender=f"nobody@{HOST}", recipient=RECIPIENT, at=at)
        yield Held("pickup", "exim4(8)", (Fact.SENDER, Fact.RECIPIENT, Fact.TIME), truth)


def write_configuration(settings: str) -> str:
    """Write the configuration of a daemon: its own *settings*, and what all have."""
    return _COMMON + settings + _REST


def _find_port(settings: str) -> int:
    return int(settings.split()[2])
