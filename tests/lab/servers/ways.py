"""Mail that comes to a server by other ways than a session over the network, and what it notes.

`sendmail -bs` and `-bS` take SMTP from a pipe, UUCP's `rmail` names a host that nobody checked, and
who may use XCLIENT or QMQP tells the server whose mail that is.
"""

import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Final, NamedTuple

from lab.dialog import Dialog, Plan
from lab.names import DOMAIN, HOST, NAMED, RECIPIENT, SENDER
from lab.room import Room
from lab.servers.base import Held, Listener
from lab.servers.courier import Courier
from lab.servers.exim import HELO_CHARS, Exim
from lab.servers.opensmtpd import OpenSmtpd
from lab.servers.postfix import Postfix
from lab.servers.sendmail import Sendmail
from lab.sessions import HELOS, HOSTILE, TAIL
from lab.sink import SINK_PORT, Sink
from lab.truth import AuthTruth, Fact, Truth

_TIMEOUT: Final = 20.0
_TRIED: Final = ("tls-name", "bracket", "comment", "closed-no-blank", "tabs", "quote", "tail")
_PIPED: Final = {
    "plain": "out.sender.example",
    **{f"helo-{key}": HELOS[key] for key in ("literal", "one-word", "word-with")},
    **{f"hostile-{key}": HOSTILE[key] for key in _TRIED},
}
"""HELO arguments of sessions that are no dialog over the network."""
_SENDERS: Final = {
    "plain": SENDER,
    "quoted": '"x) with ESMTPS (y"@sender.example',
    "tail": f'"x) {TAIL} (y"@sender.example',
}

# What sites write that want the login in the line.
_LOGIN_TEXT: Final = (
    "Received: ${if def:sender_rcvhost {from $sender_rcvhost\\n\\t}"
    "{${if def:sender_ident {from $sender_ident }}}}"
    "by $primary_hostname "
    "${if def:received_protocol {with $received_protocol }}"
    "${if def:tls_in_cipher {($tls_in_cipher)}}"
    "(Exim $version_number)\\n\\t"
    "${if def:authenticated_id {(Authenticated user: $authenticated_id)\\n\\t}}"
    "${if def:sender_address {(envelope-from <$sender_address>)\\n\\t}}"
    "id $message_exim_id${if def:received_for {\\n\\tfor $received_for}}"
)
_SENDMAIL_LINES: Final = (
    "define(`confRECEIVED_HEADER', `$?sfrom $s $.$?_($?s$|from $.$_)\n"
    "\t$.$?{auth_type}(user=${auth_authen} mech=${auth_type})\n"
    "\t$.by $j (Lab)$?r with $r$. id $i$?{tls_version}\n"
    "\t(using ${tls_version} with cipher ${cipher} (${cipher_bits} bits))$.$?u\n"
    "\tfor $u; $|;\n\t$.$b')dnl\n"
)
_OPENSMTPD: Final = f"""\
listen on 127.0.0.1 port 2527 tls pki lab auth-optional <users> mask-src hostname {HOST}
listen on 127.0.0.1 port 2528 tls-require pki lab ca lab auth-optional <users> hostname {HOST}
"""

# What a trusted caller says of the client, and what becomes of it.
_EXIM_OPTIONS: Final = {
    "address": (
        ("-oMa", NAMED.address),
        {"helo": NAMED.address, "address": NAMED.address, "ident": "root"},
    ),
    "host": (
        ("-oMa", NAMED.address, "-oMs", "out.sender.example"),
        {"name": NAMED.name, "helo": NAMED.name, "address": NAMED.address, "ident": "root"},
    ),
    "ident": (
        ("-oMa", NAMED.address, "-oMt", "ann"),
        {"helo": NAMED.address, "address": NAMED.address, "ident": "ann"},
    ),
    "scanned": (("-oMr", "spam-scanned"), {}),
}


class Said(NamedTuple):
    """A session's commands, before and with the message."""

    name: str
    greeting: str = "EHLO"
    helo: str = "out.sender.example"
    sender: str = SENDER
    recipient: str = RECIPIENT

    def write(self, *, is_batch: bool = False) -> str:
        """Write it all at once, as a pipe or a batch has it."""
        quit_line = () if is_batch else ("QUIT",)
        commands = (
            f"{self.greeting} {self.helo}",
            f"MAIL FROM:<{self.sender}>",
            f"RCPT TO:<{self.recipient}>",
            "DATA",
            write_message(self.name).replace("\n", "\r\n") + ".",
            *quit_line,
            "",
        )
        return "\r\n".join(commands)


def write_message(name: str) -> str:
    """Write a message that carries *name*."""
    return f"From: <{SENDER}>\nTo: <{RECIPIENT}>\nSubject: {name}\nX-Lab-Session: {name}\n\nText.\n"


def now() -> datetime:
    """Give the time as a recording has it."""
    return datetime.now(UTC).replace(microsecond=0)


def pipe_sessions(
    room: Room,
    command: tuple[str, ...],
    told: Callable[[Truth], Iterable[Fact]],
    title: str = "piped",
    **known: object,
) -> Iterator[Held]:
    """Speak SMTP to *command*, as root: no other user is believed whose mail that is."""
    for said in _iter_said(title):
        room.run(*command, stdin=said.write(is_batch="-bS" in command), check=False)
        # nothing crossed a network; the HELO argument is what was said all the same
        facts = {"helo": said.helo, "sender": said.sender, "recipient": said.recipient}
        truth = Truth.model_validate({**facts, "at": now(), **known})
        yield Held(said.name, title, tuple(sorted(told(truth))), truth)


def _iter_said(name: str) -> Iterator[Said]:
    yield Said(f"{name}-helo", greeting="HELO")
    for key, helo in _PIPED.items():
        yield Said(f"{name}-{key}", helo=helo)
    for key, sender in _SENDERS.items():
        yield Said(f"{name}-sender-{key}", sender=sender)


def hand_in(
    room: Room,
    title: str,
    command: tuple[str, ...],
    told: Callable[[Truth], Iterable[Fact]],
    user: str = "root",
    **known: object,
) -> Held:
    """Give a message to *command* as it is; *known* is what it tells the server of its origin."""
    room.run("runuser", "-u", user, "--", *command, stdin=write_message(title), check=False)
    truth = Truth.model_validate({"sender": SENDER, "recipient": RECIPIENT, "at": now(), **known})
    return Held(title, "handed in", tuple(sorted(told(truth))), truth)


def only_time(truth: Truth) -> Iterable[Fact]:
    """Tell of nothing but the time."""
    del truth
    return (Fact.TIME,)


_XCLIENTS: Final = {
    "plain": {"NAME": "out.sender.example", "ADDR": NAMED.address, "PROTO": "ESMTP"},
    "smtp": {"NAME": "out.sender.example", "ADDR": NAMED.address, "PROTO": "SMTP"},
    "nameless": {"NAME": "[UNAVAILABLE]", "ADDR": NAMED.address, "PROTO": "ESMTP"},
    "unsure": {"NAME": "[TEMPUNAVAIL]", "ADDR": NAMED.address, "PROTO": "ESMTP"},
    "ipv6": {"NAME": "six.sender.example", "ADDR": "IPV6:2a02:d140::1", "PROTO": "ESMTP"},
    "port": {"NAME": "out.sender.example", "ADDR": NAMED.address, "PORT": "40000"},
    "login": {"NAME": "out.sender.example", "ADDR": NAMED.address, "LOGIN": "tester"},
}
"""What a proxy tells Postfix of a client."""


def _tell_xclient(room: Room) -> Iterator[Held]:
    facts = (Fact.HELO, Fact.ADDRESS, Fact.TIME, Fact.RECIPIENT, Fact.TLS)
    for key, helo in _PIPED.items():
        yield _hold_xclient(room, f"xclient-{key}", facts, helo, _XCLIENTS["plain"])
    for key, known in _XCLIENTS.items():
        helo = "out.sender.example"
        yield _hold_xclient(room, f"xclient-as-{key}", facts, helo, known)


def _hold_xclient(
    room: Room, name: str, facts: tuple[Fact, ...], helo: str, known: Mapping[str, str]
) -> Held:
    words = " ".join(f"{key}={value}" for key, value in known.items())
    greeting = "HELO" if known.get("PROTO") == "SMTP" else "EHLO"
    with (
        socket.create_connection(("127.0.0.1", 2540), _TIMEOUT) as connection,
        Dialog(connection, room.path("/")) as dialog,
    ):
        dialog.read_reply()
        dialog.ask("XCLIENT", f"XCLIENT {words}", 220)
        dialog.ask(greeting, f"{greeting} {helo}", 250)
        plan = Plan(name, "xclient", helo=helo)
        at = dialog.send(plan)
    host = known["NAME"] if known["NAME"][0] != "[" else None
    login = known.get("LOGIN")
    truth = Truth(
        greeting=greeting,
        helo=helo,
        address=known["ADDR"].removeprefix("IPV6:"),
        name=host,
        sender=SENDER,
        recipient=RECIPIENT,
        auth=AuthTruth(mechanism="XCLIENT", user=login) if login else None,
        at=at.replace(microsecond=0),
    )
    told = (*facts, *((Fact.NAME,) if host else ()), *((Fact.AUTH, Fact.USER) if login else ()))
    return Held(name, "xclient", tuple(sorted(told)), truth)


def _queue_by_qmqp() -> Iterator[Held]:
    for key, sender in _SENDERS.items():
        name = f"qmqp-{key}"
        parts = (_frame(write_message(name)), _frame(sender), _frame(RECIPIENT))
        with socket.create_connection(("127.0.0.1", 6280), _TIMEOUT) as connection:
            connection.sendall(_frame("".join(parts)).encode())
            connection.recv(4096)
        truth = Truth(
            greeting="QMQP",
            helo="localhost",  # its name stands where a HELO argument would
            address="127.0.0.1",
            name="localhost",
            sender=sender,
            recipient=RECIPIENT,
            at=now(),
        )
        told = (Fact.HELO, Fact.ADDRESS, Fact.NAME, Fact.RECIPIENT, Fact.TIME)
        yield Held(name, "qmqp", tuple(sorted(told)), truth)


def _frame(text: str) -> str:
    """Write a netstring."""
    return f"{len(text.encode())}:{text},"


def of_exim(truth: Truth) -> Iterable[Fact]:
    """Tell what Exim's own text does."""
    del truth
    return (Fact.RECIPIENT, Fact.TIME, Fact.SENDER)


class WaysPostfix(Postfix):
    """Postfix: a pipe, XCLIENT, QMQP, a proxy before the queue, a forwarded message."""

    services: ClassVar = {
        "xclient": (
            2540,
            (
                "-o smtpd_authorized_xclient_hosts=127.0.0.0/8"
                " -o smtpd_sasl_auth_enable=yes -o smtpd_sasl_authenticated_header=yes"
            ),
        ),
        "proxied": (2541, f"-o smtpd_proxy_filter=127.0.0.1:{SINK_PORT}"),
        "named": (2543, "-o { mail_name = Lab Mail } -o smtpd_tls_received_header=yes"),
    }
    rows: ClassVar = ("127.0.0.1:6280 inet n - n - - qmqpd -o qmqpd_authorized_clients=127.0.0.1",)
    configuration: ClassVar = (
        "sendmail -bs; smtpd_authorized_xclient_hosts; smtpd_proxy_filter; qmqpd; alias_maps;\n"
        "named: mail_name = Lab Mail; smtpd_tls_received_header = yes\n"
    )
    listeners: ClassVar = (
        Listener("proxied", 2541, "starttls", is_tried_in_full=False),
        Listener("named", 2543, "starttls", is_tried_in_full=False),
    )

    def configure(self, room: Room, certificates: Path) -> None:
        """Forward the mail of one local name."""
        super().configure(room, certificates)
        main = room.path("/etc/postfix/main.cf").read_text(encoding="utf-8")
        main = main.replace("mydestination =\n", f"mydestination = local.{DOMAIN}\n")
        extra = f"alias_maps = inline:{{ {{ away = {RECIPIENT} }} }}\n"
        room.write("/etc/postfix/main.cf", main + extra)

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell details where the comment is asked for."""
        yield from super().told(listener, truth)
        if truth.tls and listener.name == "named":
            yield from (Fact.VERSION, Fact.SUITE, Fact.BITS)

    def collect(self, room: Room, sink: Sink) -> list[bytes]:
        """Read the mailbox, and what went through the proxy."""
        return [*super().collect(room, sink), *sink.messages]

    def hold_others(self, room: Room) -> Iterator[Held]:
        """Use all ways."""
        yield from pipe_sessions(room, ("sendmail", "-bs"), only_time)
        command = ("sendmail", "-f", SENDER, f"away@local.{DOMAIN}")
        yield hand_in(room, "forwarded", command, only_time)
        yield from _tell_xclient(room)
        yield from _queue_by_qmqp()


class WaysExim(Exim):
    """Exim: a pipe, a batch, and what a trusted caller says of the client."""

    listeners: ClassVar = (
        Listener("login", 2527, "starttls", has_auth=True, is_tried_in_full=False),
    )
    daemons: ClassVar = {
        "login": (
            "daemon_smtp_ports = 2527\ntls_try_verify_hosts = !*\nrfc1413_query_timeout = 0s\n"
            f'helo_allow_chars = "{HELO_CHARS}"\n'
            f'received_header_text = "{_LOGIN_TEXT}"\n'
        ),
    }
    configuration: ClassVar = "exim4 -bs, -bS, -oMa; login: received_header_text with the login\n"

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell the user, too."""
        yield from super().told(listener, truth)
        if truth.auth:
            yield Fact.USER

    def hold_others(self, room: Room) -> Iterator[Held]:
        """Use all ways."""
        yield from pipe_sessions(room, ("exim4", "-bs"), of_exim)
        yield from pipe_sessions(room, ("exim4", "-bS"), of_exim, "batch")
        for key, (options, known) in _EXIM_OPTIONS.items():
            command = ("exim4", "-oi", "-f", SENDER, *options, RECIPIENT)
            yield hand_in(room, f"said-{key}", command, of_exim, **known)


class WaysSendmail(Sendmail):
    """sendmail: what a trusted caller says of the client, and a field of one's own."""

    lines: ClassVar = _SENDMAIL_LINES
    marks: ClassVar[str | None] = None
    tells_user: ClassVar = True
    configuration: ClassVar = "sendmail -p; confRECEIVED_HEADER with the login\n"
    listeners: ClassVar = (
        Sendmail.listeners[0]._replace(
            is_tried_in_full=False, asks_certificate=False, asks_ident=False
        ),
    )

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Tell the user, too."""
        yield from super().told(listener, truth)
        if truth.auth and self.tells_user:
            yield Fact.USER

    def hold_others(self, room: Room) -> Iterator[Held]:
        """Use all ways."""
        program = ("/usr/libexec/sendmail/sendmail", "-C/etc/mail/sendmail.cf")
        command = (*program, "-odi", "-f", SENDER, RECIPIENT)
        yield hand_in(room, "handed", command, only_time)
        command = (*program, "-odi", "-pUUCP:far.example", "-f", SENDER, RECIPIENT)
        known = {"greeting": "UUCP", "helo": "far.example", "name": "localhost", "ident": "root"}
        yield hand_in(room, "uucp", command, only_time, **known)


class WaysSendmailDefault(WaysSendmail):
    """sendmail with the field as it comes."""

    lines: ClassVar = ""
    marks: ClassVar = Sendmail.marks
    tells_user: ClassVar = False
    configuration: ClassVar = "sendmail -p\n"


class WaysCourier(Courier):
    """Courier: mail handed in."""

    listeners: ClassVar = (Listener("smtp", 2525, "starttls", is_tried_in_full=False),)
    configuration: ClassVar = "sendmail(8)\n"

    def hold_others(self, room: Room) -> Iterator[Held]:
        """Use all ways."""
        known = {"helo": "localhost", "name": "localhost", "address": "127.0.0.1"}
        for user in ("root", "nobody"):
            command = ("/usr/sbin/sendmail", "-f", SENDER, RECIPIENT)
            yield hand_in(room, f"handed-{user}", command, only_time, user, **known)


class WaysOpenSmtpd(OpenSmtpd):
    """OpenSMTPD: mail handed in, hidden clients, and certificates."""

    configuration: ClassVar = "sendmail(8); mask-src; tls-require verify\n"
    listeners: ClassVar = (
        Listener("masked", 2527, "starttls", has_auth=True, is_tried_in_full=False),
        Listener("verified", 2528, "starttls", asks_certificate=True, is_tried_in_full=False),
    )

    def configure(self, room: Room, certificates: Path) -> None:
        """Add listeners."""
        super().configure(room, certificates)
        text = room.path("/etc/smtpd.conf").read_text(encoding="utf-8")
        head, middle, rest = text.partition("action ")
        room.write("/etc/smtpd.conf", head + _OPENSMTPD + middle + rest)

    def told(self, listener: Listener, truth: Truth) -> Iterable[Fact]:
        """Hide the client at one of the listeners."""
        hidden = (Fact.ADDRESS, Fact.NAME, Fact.HELO, *(() if truth.tls else (Fact.TLS,)))
        facts = super().told(listener, truth)
        return (fact for fact in facts if listener.name != "masked" or fact not in hidden)

    def hold_others(self, room: Room) -> Iterator[Held]:
        """Hand in mail."""
        for user in ("root", "nobody"):
            for key, sender in _SENDERS.items():
                command = ("/usr/sbin/sendmail", "-f", sender, RECIPIENT)
                name = f"handed-{user}-{key}"
                auth = {"mechanism": "local", "user": user}
                known = {"sender": sender, "helo": "localhost", "auth": auth}
                yield hand_in(room, name, command, only_time, user, **known)
