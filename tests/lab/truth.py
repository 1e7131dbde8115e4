"""A recording: the lines that one server wrote, each beside the truth of its session."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from tomllib import loads
from typing import Final

from pydantic import BaseModel, ConfigDict

RECORDED: Final = Path(__file__).parent / "recorded"


class Fact(StrEnum):
    """What a line may tell of its session."""

    TLS = "tls"
    """Whether there was TLS: the line would look otherwise if it had been the other way."""
    VERSION = "version"
    SUITE = "suite"
    BITS = "bits"
    GROUP = "group"
    CERTIFICATE = "certificate"
    """The name in the client's certificate."""
    AUTH = "auth"
    USER = "user"
    HELO = "helo"
    ADDRESS = "address"
    NAME = "name"
    """The reverse name of the client."""
    IDENT = "ident"
    """What the client's host said of its user."""
    SENDER = "sender"
    RECIPIENT = "recipient"
    TIME = "time"


class Model(BaseModel):
    """A part of a recording; a misspelt key is an error, not a silent gap."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TlsTruth(Model):
    """The session, as the client's TLS library saw it."""

    how: str
    """`starttls` or `implicit`."""
    version: str
    """As the standards call it: `TLSv1.0` to `TLSv1.3`."""
    cipher: str
    """OpenSSL's name of the suite."""
    code: int
    """Its code point in IANA's registry, which no naming scheme blurs."""
    bits: int
    group: str | None = None
    """The key exchange group, where the client offered only one."""
    certificate: str | None = None
    """The common name in the certificate that the client showed."""


class AuthTruth(Model):
    """The login that the server accepted."""

    mechanism: str
    user: str


class Truth(Model):
    """What the client did, and what the network was."""

    greeting: str | None = None
    """`EHLO`, `HELO` or `LHLO`; the last one of the session counts. Absent: no SMTP was spoken."""
    helo: str | None = None
    """The argument, sent as it stands here."""
    address: str | None = None
    """The client's address."""
    name: str | None = None
    """The name that the server's resolver has for the address."""
    ident: str | None = None
    """What the client's host said when it was asked whose connection that is."""
    sender: str
    recipient: str
    tls: TlsTruth | None = None
    front: TlsTruth | None = None
    """TLS that ended in a proxy before the server, of which the server knows nothing."""
    auth: AuthTruth | None = None
    smtputf8: bool = False
    at: datetime
    """When the client sent the message."""


class Session(Model):
    """One session, and the line that the server wrote about it."""

    name: str
    listener: str
    told: tuple[Fact, ...]
    """What the line tells, by what is known of the server and its configuration."""
    shown: dict[Fact, str] = {}
    """Facts as the server shows them, where it changes any of their text."""
    is_unsure: bool = False
    """The line would be the same with TLS and without, but one of these is far more common, so
    that a guess at it is no misreading as long as it is not called certain."""
    line: str
    trace: tuple[str, ...] = ()
    """The lines of the servers behind this one, newest first: all on one host."""
    truth: Truth


class Refusal(Model):
    """A session that the server did not let come to an end."""

    name: str
    listener: str
    stage: str
    """The command, or `handshake`."""
    sent: str
    reply: str


class About(Model):
    """The server that was recorded."""

    product: str
    version: str
    package: str
    system: str
    marks: str | None = None
    """What its silence about TLS is worth, as `headertls.Marking` has it; absent where its lines
    do not name it, so that no table can tell."""
    has_tls: bool = True
    """Whether it can hold a session with TLS at all."""
    configuration: str


class Recording(Model):
    """A file of `recorded/`."""

    server: About
    session: tuple[Session, ...]
    refused: tuple[Refusal, ...] = ()


def read_recording(path: Path) -> Recording:
    """Read one file of `recorded/`."""
    try:
        return Recording.model_validate(loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        error.add_note(f"while reading {path.name}")
        raise


def find_misread(path: Path) -> Path:
    """Give the place of the part of a recording that headertls is known to misread."""
    return path.parent / "misread" / path.name
