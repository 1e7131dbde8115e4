"""Programs that fetch mail from a mailbox; Dovecot is what they fetch it from.

Dovecot's log tells of each session whether it was encrypted, and how.
"""

import re
import ssl
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Final, NamedTuple

from lab.names import PASSWORD, RECIPIENT, SENDER, USER
from lab.room import Room, wait_for_port
from lab.servers.base import Held, Listener
from lab.servers.dovecot import MAILBOX, DovecotLmtp, write_conf
from lab.sink import Sink
from lab.truth import Fact, TlsTruth, Truth

_OUT: Final = "/srv/out"
_DELIVER: Final = f"#!/bin/sh\nexec cat >$(mktemp {_OUT}/new/XXXXXXXX)\n"
_LOG_FORMAT: Final = 'login_log_format_elements = "user=<%u> %k"\n'
# Login: user=<tester>, TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)
_find_logins: Final = re.compile(
    r"Login: user=<\w+>(?:, (TLSv[\d.]+) with cipher (\S+) \((\d+)/)?"
).findall


class Way(NamedTuple):
    """How the mailbox is reached."""

    protocol: str
    port: int
    how: str | None = None

    @property
    def name(self) -> str:
        """The way in a word."""
        return f"{self.protocol.lower()}-{self.how or 'plain'}"


WAYS: Final = (
    Way("POP3", 1100),
    Way("POP3", 1100, "starttls"),
    Way("POP3", 9950, "implicit"),
    Way("IMAP", 1430),
    Way("IMAP", 1430, "starttls"),
    Way("IMAP", 9930, "implicit"),
)


class Fetcher(DovecotLmtp):
    """One of the programs."""

    listeners: ClassVar[tuple[Listener, ...]] = ()
    ways: ClassVar[tuple[Way, ...]] = WAYS
    recipient: ClassVar[str] = RECIPIENT
    name: ClassVar[str | None] = None
    """The name that it finds for the mailbox's host."""

    def install(self, room: Room) -> None:
        """Install the program, and Dovecot."""
        room.install((self.package, "dovecot-imapd", "dovecot-pop3d"))

    def configure(self, room: Room, certificates: Path) -> None:
        """Let Dovecot's log tell of each session."""
        super().configure(room, certificates)
        conf = write_conf(room).replace("lmtp submission ", "").partition("protocol lmtp")[0]
        room.write("/etc/dovecot/dovecot.conf", conf + _LOG_FORMAT)
        room.write("/usr/local/bin/lab-deliver", _DELIVER, mode=0o755)
        for name in ("tmp", "new", "cur"):
            room.run("install", "-d", "-m", "0777", f"{_OUT}/{name}")
            room.run("install", "-d", "-o", "nobody", "-g", "nogroup", f"{MAILBOX}/{name}")
        room.run("chown", "-R", "nobody", MAILBOX)
        room.path(_OUT).chmod(0o777)

    @abstractmethod
    def fetch(self, room: Room, way: Way) -> None:
        """Fetch, and delete, what the mailbox holds; deliver it to the Maildir."""

    def told_of(self, way: Way) -> Iterable[Fact]:
        """Name the facts that the line of such a session tells."""
        del way
        return (Fact.TIME,)

    def hold_others(self, room: Room) -> Iterator[Held]:
        """Fetch a message by each way."""
        wait_for_port(1100)
        for way in self.ways:
            _put_message(room, way.name)
            self.fetch(room, way)
            at = datetime.now(UTC).replace(microsecond=0)
            truth = Truth(
                greeting=way.protocol,
                helo="127.0.0.1",  # the mailbox's host, as the program was told to call it
                address="127.0.0.1",
                name=self.name,
                sender=SENDER,
                recipient=self.recipient,
                tls=_read_session(room, way),
                at=at,
            )
            yield Held(way.name, way.name, tuple(sorted(self.told_of(way))), truth)

    def collect(self, room: Room, sink: Sink) -> list[bytes]:
        """Read what was fetched."""
        del sink
        return room.read_maildir(_OUT)


class Fetchmail(Fetcher):
    """fetchmail."""

    product: ClassVar = "fetchmail"
    package: ClassVar = "fetchmail"
    marks: ClassVar = "never"
    configuration: ClassVar = "mda in the place of SMTP\n"
    recipient: ClassVar = f"{USER}@localhost"  # what it makes of a local user
    ways: ClassVar = WAYS

    def fetch(self, room: Room, way: Way) -> None:
        """Write its configuration anew, and run it."""
        options = {
            "implicit": "ssl no sslcertck",
            "starttls": "no sslcertck sslproto 'TLS1.2+'",
            None: "sslproto ''",
        }
        room.write(
            "/etc/fetchmailrc",
            f"poll 127.0.0.1 protocol {way.protocol} port {way.port}\n"
            f'  user {USER} password "{PASSWORD}" is {USER} here {options[way.how]}\n'
            '  mda "/usr/local/bin/lab-deliver" fetchall\n',
            mode=0o600,
        )
        room.run("fetchmail", "--nosyslog", "-f", "/etc/fetchmailrc")


class Getmail(Fetcher):
    """getmail6."""

    product: ClassVar = "getmail6"
    package: ClassVar = "getmail6"
    marks: ClassVar = "always"
    configuration: ClassVar = "received = true\n"
    ways: ClassVar = tuple(way for way in WAYS if way.how != "starttls")

    def told_of(self, way: Way) -> Iterable[Fact]:  # noqa: ARG002  # the same for each
        """Tell of TLS, which it has only from the start of a connection."""
        yield from (Fact.TIME, Fact.HELO, Fact.ADDRESS, Fact.TLS)

    def fetch(self, room: Room, way: Way) -> None:
        """Write its configuration anew, and run it."""
        kind = f"Simple{way.protocol}{'SSL' if way.how else ''}Retriever"
        room.write(
            "/etc/getmail/getmailrc",
            f"[retriever]\ntype = {kind}\nserver = 127.0.0.1\nport = {way.port}\n"
            f"username = {USER}\npassword = {PASSWORD}\n"
            f"[destination]\ntype = Maildir\npath = {_OUT}/\nuser = nobody\n"
            "[options]\ndelete = true\nreceived = true\n",
        )
        room.run("getmail", "--getmaildir", "/etc/getmail", "--rcfile", "getmailrc")


class Mpop(Fetcher):
    """mpop, which knows POP3 only."""

    product: ClassVar = "mpop"
    package: ClassVar = "mpop"
    marks: ClassVar = "never"
    configuration: ClassVar = "delivery mda; received_header on\n"
    recipient: ClassVar = "root"  # who runs it
    name: ClassVar = "localhost"
    ways: ClassVar = tuple(way for way in WAYS if way.protocol == "POP3")

    def told_of(self, way: Way) -> Iterable[Fact]:
        """Tell nothing of TLS."""
        del way
        return (Fact.TIME, Fact.HELO, Fact.ADDRESS, Fact.NAME, Fact.RECIPIENT)

    def fetch(self, room: Room, way: Way) -> None:
        """Write its configuration anew, and run it."""
        options = {
            "implicit": "tls on\ntls_starttls off\ntls_certcheck off\n",
            "starttls": "tls on\ntls_starttls on\ntls_certcheck off\n",
            None: "tls off\n",
        }
        room.write(
            "/etc/mpoprc",
            f"account lab\nhost 127.0.0.1\nport {way.port}\nuser {USER}\npassword {PASSWORD}\n"
            f"auth user\n{options[way.how]}"
            f"delivery mda /usr/local/bin/lab-deliver\nkeep off\nreceived_header on\n",
            mode=0o600,
        )
        room.run("mpop", "--file=/etc/mpoprc", "lab")


class Fdm(Fetcher):
    """fdm."""

    product: ClassVar = "fdm"
    package: ClassVar = "fdm"
    marks: ClassVar = "always"
    configuration: ClassVar = "add-header from the program itself; no-received unset\n"
    ways: ClassVar = WAYS

    def told_of(self, way: Way) -> Iterable[Fact]:
        """Tell of TLS, or that there was none."""
        yield from (Fact.TIME, Fact.TLS)
        if way.how:
            yield from (Fact.VERSION, Fact.SUITE, Fact.BITS)

    def fetch(self, room: Room, way: Way) -> None:
        """Write its configuration anew, and run it."""
        kind = f"{way.protocol.lower()}{'s' if way.how == 'implicit' else ''}"
        login = "" if way.how else " insecure"
        upgrade = " starttls" if way.how == "starttls" else ""
        room.write(
            "/etc/fdm.conf",
            f'account "lab" {kind} server "127.0.0.1" port {way.port} user "{USER}"'
            f' pass "{PASSWORD}"{login}{upgrade}\n'
            f'action "keep" pipe "/usr/local/bin/lab-deliver"\n'
            'match all action "keep"\n',
            mode=0o600,
        )
        room.run("fdm", "-f", "/etc/fdm.conf", "fetch")


def _put_message(room: Room, name: str) -> None:
    path = room.path(f"{MAILBOX}/new/{name}")
    path.write_text(
        f"From: <{SENDER}>\nTo: <{RECIPIENT}>\nSubject: {name}\nX-Lab-Session: {name}\n\nText.\n",
        encoding="utf-8",
    )
    room.run("chown", "nobody", f"{MAILBOX}/new/{name}")


def _read_session(room: Room, way: Way) -> TlsTruth | None:
    """Read Dovecot's word about the last session."""
    log = room.path("/tmp/dovecot.log").read_text(encoding="utf-8")  # noqa: S108
    version, cipher, bits = _find_logins(log)[-1]
    if bool(version) != bool(way.how):
        raise RuntimeError(f"{way.name} became {version or 'plain'}")
    if not way.how:
        return None
    rows = ssl.create_default_context().get_ciphers()
    code = next(row["id"] & 0xFFFF for row in rows if row["name"] == cipher)
    return TlsTruth(how=way.how, version=version, cipher=cipher, code=code, bits=int(bits))
