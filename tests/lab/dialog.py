"""A client for SMTP and LMTP that sends what it is told, and knows what came of it."""

import re
import socket
import ssl
import warnings
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple, Self

from lab.names import NAMED, PASSWORD, RECIPIENT, SENDER, USER, Place
from lab.pki import CLIENTS
from lab.truth import AuthTruth, TlsTruth, Truth

_TIMEOUT: Final = 20.0
_VERSIONS: Final = {
    "TLSv1.0": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
_at_dots: Final = re.compile(rb"^\.", re.MULTILINE).sub
_ANY_CIPHER: Final = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"


class Wish(NamedTuple):
    """The TLS session that the client asks for."""

    version: str
    ciphers: str = _ANY_CIPHER
    """In OpenSSL's words; TLS 1.3 has a list of its own that the `ssl` module cannot set."""
    group: str | None = None
    """The only group that is offered."""
    certificate: str | None = None
    """The name of one of the client's certificates."""


class Plan(NamedTuple):
    """A session to be held."""

    name: str
    listener: str
    greeting: str = "EHLO"
    helo: str = "out.sender.example"
    place: Place = NAMED
    how: str | None = None
    """`starttls`, `implicit`, or none."""
    wish: Wish | None = None
    mechanism: str | None = None
    sender: str = SENDER
    recipient: str = RECIPIENT
    smtputf8: bool = False
    is_fronted: bool = False
    user: str = USER
    ident: str | None = None


class RefusedError(Exception):
    """The server, or its TLS library, said no."""

    def __init__(self, stage: str, sent: str, reply: str) -> None:
        super().__init__(f"{stage}: {sent!r} got {reply!r}")
        self.stage = stage
        self.sent = sent
        self.reply = reply


class Dialog:
    """One connection."""

    def __init__(self, connection: socket.socket, certificates: Path) -> None:
        self._socket = connection
        self._certificates = certificates
        self._buffer = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _read_line(self) -> bytes:
        while b"\n" not in self._buffer:
            piece = self._socket.recv(4096)
            if not piece:
                raise RefusedError("connection", "", "closed by the server")
            self._buffer += piece
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.rstrip(b"\r")

    def read_reply(self) -> tuple[int, str]:
        """Read a reply, all of its lines; the text is that of the last one."""
        while True:
            line = self._read_line()
            if line[3:4] != b"-":
                return int(line[:3]), line.decode("utf-8", "replace")

    def ask(self, stage: str, text: str, expected: int) -> str:
        """Send *text* byte for byte, and demand a reply of the class of *expected*."""
        self._socket.sendall(text.encode() + b"\r\n")
        return self._expect(stage, text, expected)

    def _expect(self, stage: str, sent: str, expected: int) -> str:
        code, reply = self.read_reply()
        if code // 100 != expected // 100:
            raise RefusedError(stage, sent, reply)
        return reply

    def start_tls(self, wish: Wish, how: str) -> TlsTruth:
        """Do the handshake, and tell what came out."""
        context = _make_context(wish, self._certificates)
        try:
            secured = context.wrap_socket(self._socket, server_hostname="mx.lab.example")
        except (ssl.SSLError, ConnectionError) as error:
            reason = getattr(error, "reason", None) or type(error).__name__
            raise RefusedError("handshake", f"{wish.version} {wish.ciphers}", reason) from error
        self._socket, self._buffer = secured, b""
        return _describe(secured, context, wish, how)

    def log_in(self, mechanism: str, user: str) -> AuthTruth:
        """Authenticate as *user*; all have the same password."""
        if mechanism == "PLAIN":
            secret = _encode(f"\0{user}\0{PASSWORD}")
            self.ask("AUTH", f"AUTH PLAIN {secret}", 235)
        else:
            self.ask("AUTH", "AUTH LOGIN", 334)
            self.ask("AUTH", _encode(user), 334)
            self.ask("AUTH", _encode(PASSWORD), 235)
        return AuthTruth(mechanism=mechanism, user=user)

    def send(self, plan: Plan) -> datetime:
        """Send a message that carries the name of its plan, and give the time of its end."""
        self.deliver(plan, _write_message(plan).encode())
        return datetime.now(UTC)

    def deliver(self, plan: Plan, message: bytes) -> None:
        """Send *message*, whose lines all end with CRLF, under the plan's envelope."""
        option = " SMTPUTF8" if plan.smtputf8 else ""
        self.ask("MAIL", f"MAIL FROM:<{plan.sender}>{option}", 250)
        self.ask("RCPT", f"RCPT TO:<{plan.recipient}>", 250)
        self.ask("DATA", "DATA", 354)
        self._socket.sendall(_at_dots(rb"..", message) + b".\r\n")
        self._expect("message", plan.name, 250)


class Opened(NamedTuple):
    """A session that is ready for mail."""

    dialog: Dialog
    tls: TlsTruth | None
    auth: AuthTruth | None


@contextmanager
def open_session(plan: Plan, port: int | Path, certificates: Path) -> Iterator[Opened]:
    """Hold the planned session up to the first message, and say QUIT at the end."""
    tls = auth = None
    with _connect(plan.place, port) as connection, Dialog(connection, certificates) as dialog:
        if plan.how == "implicit" and plan.wish:
            tls = dialog.start_tls(plan.wish, "implicit")
        dialog.read_reply()
        first = "EHLO" if plan.how == "starttls" and plan.greeting == "HELO" else plan.greeting
        dialog.ask(first, f"{first} {plan.helo}", 250)
        if plan.how == "starttls" and plan.wish:
            dialog.ask("STARTTLS", "STARTTLS", 220)
            tls = dialog.start_tls(plan.wish, "starttls")
            dialog.ask(plan.greeting, f"{plan.greeting} {plan.helo}", 250)
        if plan.mechanism:
            auth = dialog.log_in(plan.mechanism, plan.user)
        yield Opened(dialog, tls, auth)
        dialog.ask("QUIT", "QUIT", 221)


def hold(plan: Plan, port: int | Path, certificates: Path) -> Truth:
    """Hold the planned session, from the first byte to QUIT, and tell the truth of it."""
    with open_session(plan, port, certificates) as (dialog, tls, auth):
        at = dialog.send(plan)
    return Truth(
        greeting=plan.greeting,
        helo=plan.helo,
        address=plan.place.address,
        name=plan.place.name,
        ident=plan.ident,
        sender=plan.sender,
        recipient=plan.recipient,
        tls=None if plan.is_fronted else tls,
        front=tls if plan.is_fronted else None,
        auth=auth,
        smtputf8=plan.smtputf8,
        at=at.replace(microsecond=0),
    )


@contextmanager
def _connect(place: Place, port: int | Path) -> Iterator[socket.socket]:
    if isinstance(port, Path):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_TIMEOUT)
            connection.connect(str(port))
            yield connection
        return
    host = "::1" if ":" in place.address else "127.0.0.1"
    with socket.create_connection((host, port), _TIMEOUT, (place.address, 0)) as connection:
        yield connection


def _make_context(wish: Wish, certificates: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the lab asks what the server writes, not who it is
    context.set_ciphers(wish.ciphers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are what is tried
        context.minimum_version = context.maximum_version = _VERSIONS[wish.version]
    if wish.group:
        context.set_ecdh_curve(wish.group)
    if wish.certificate:
        context.load_cert_chain(certificates / f"{wish.certificate}.pem")
    return context


def _describe(secured: ssl.SSLSocket, context: ssl.SSLContext, wish: Wish, how: str) -> TlsTruth:
    name, _, bits = secured.cipher() or ("", "", 0)
    version = secured.version() or ""
    code = next(row["id"] & 0xFFFF for row in context.get_ciphers() if row["name"] == name)
    is_free = version == "TLSv1.3" or "ECDHE" in name
    return TlsTruth(
        how=how,
        version={"TLSv1": "TLSv1.0"}.get(version, version),
        cipher=name,
        code=code,
        bits=bits,
        group=wish.group if is_free else None,
        certificate=CLIENTS[wish.certificate].name if wish.certificate else None,
    )


def _encode(text: str) -> str:
    return b64encode(text.encode()).decode()


def _write_message(plan: Plan) -> str:
    lines = (
        f"From: <{SENDER}>",
        f"To: <{RECIPIENT}>",
        f"Subject: {plan.name}",
        f"X-Lab-Session: {plan.name}",
        f"Date: {datetime.now(UTC):%a, %d %b %Y %H:%M:%S} +0000",
        f"Message-ID: <{plan.name}.{plan.listener}@sender.example>",
        "",
        "One message of the lab.",
        "",
    )
    return "\r\n".join(lines)
