"""The table by which a session counts as encrypted or not: the first matching row decides.

Evidence goes before silence, and silence is worth what its writer makes it worth. The reasons
speak of the record only: what a line leaves out says nothing of what its sender can do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Final, NamedTuple

from headertls.classifier.kinds import CONNECTION_KINDS
from headertls.models import Confidence, Kind, Marking, Transport

FIRST_STARTTLS_YEAR: Final = 1999
"""RFC 2487, the first on STARTTLS for SMTP, is of January 1999."""

BEFORE_STARTTLS: Final = "before-starttls"
"""The row for mail of older date."""

TERMINATED: Final = "tls-terminator"
"""The row for servers behind a proxy that ends TLS."""


class Claim(StrEnum):
    """What the line says of the session, or the caller's server knows of it."""

    NOTHING = auto()
    LIVE_TLS = auto()
    LIVE_PLAINTEXT = auto()
    VERSION_NONE = auto()
    NULL_SUITE = auto()
    EXPORT_SUITE = auto()
    DETAIL = auto()
    KEYWORD = auto()
    INFORMAL = auto()


class Unread(StrEnum):
    """What part of the line the parser left unread, at a bound or for want of a rule."""

    NONE = auto()
    WORDS = auto()
    """Words that seem to speak of TLS, in a wording that no rule reads."""
    TLS_TEXT = auto()
    """One comment of the line, which may speak of TLS; all clauses were read."""
    REST = auto()
    """So much that even the clauses that were read may be text of the client's choice."""


class Circumstance(StrEnum):
    """What makes silence mean something whoever wrote the line."""

    NONE = auto()
    ONE_HOST = auto()
    """A delivery that did not leave the machine."""
    BEFORE_STARTTLS = auto()
    """The line is older than STARTTLS."""
    TERMINATED = auto()
    """TLS ends before the server, which sees plaintext whatever ran over the network."""
    DENIED = auto()
    """The writer says outright that there was no TLS."""


class Word(StrEnum):
    """What kind of word stands behind `with`; those with S are evidence, and not asked for here."""

    NONE = auto()
    REGISTERED = auto()
    RELATIVE = auto()
    """Not registered, but made of the same parts and as good where the writer is known."""
    OTHER = auto()


_NOT_SMTP: Final = frozenset({Kind.STORE, Kind.WEB, Kind.RETRIEVAL, Kind.OTHER, Kind.LIST})
_FIRM_CLAIMS: Final = frozenset({Claim.DETAIL, Claim.KEYWORD})


class Facts(NamedTuple):
    """What the rules look at."""

    kind: Kind
    claim: Claim
    unread: Unread = Unread.NONE
    circumstance: Circumstance = Circumstance.NONE
    word: Word = Word.NONE
    marking: Marking | None = None
    unsure_word: bool = False
    marks_fetches: bool = False
    writer: str | None = None


@dataclass(frozen=True, slots=True, eq=False)  # compared, and hashed, as the one object that it is
class Decision:
    """The answer, with the row that gave it."""

    rule: str
    transport: Transport
    confidence: Confidence | None
    reason: str


@dataclass(frozen=True, slots=True)
class TransportRule:
    """A row of the table."""

    name: str
    matches: Callable[[Facts], bool]
    transport: Transport
    confidence: Confidence | None
    reason: str
    """With `{writer}` where the writer's name belongs."""


RULES: Final[tuple[TransportRule, ...]] = (
    TransportRule(
        "incomplete",
        lambda f: (
            f.unread is Unread.REST or (f.unread is Unread.TLS_TEXT and f.claim not in _FIRM_CLAIMS)
        ),
        Transport.NOT_RECORDED,
        None,
        "A part of this line was too long to be read, so what it records of TLS stays open.",
    ),
    TransportRule(
        "live-tls",
        lambda f: f.claim is Claim.LIVE_TLS,
        Transport.ENCRYPTED,
        Confidence.HIGH,
        "The server that is taking the message says that the session is encrypted.",
    ),
    TransportRule(
        "live-terminated",
        lambda f: f.claim is Claim.LIVE_PLAINTEXT and f.circumstance is Circumstance.TERMINATED,
        Transport.NOT_RECORDED,
        None,
        "The server that is taking the message sees no TLS, but TLS ends in a proxy before it.",
    ),
    TransportRule(
        "live-plaintext",
        lambda f: f.claim is Claim.LIVE_PLAINTEXT and f.kind in CONNECTION_KINDS,
        Transport.PLAINTEXT,
        Confidence.HIGH,
        "The server that is taking the message says that the session is not encrypted.",
    ),
    TransportRule(
        "no-connection",
        lambda f: f.kind is Kind.LOCAL,
        Transport.NOT_APPLICABLE,
        None,
        "This line records mail that was handed in on the server itself.",
    ),
    TransportRule(
        "version-none",
        lambda f: f.claim is Claim.VERSION_NONE,
        Transport.PLAINTEXT,
        Confidence.HIGH,
        "This line gives the TLS version as none.",
    ),
    TransportRule(
        "null-suite",
        lambda f: f.claim is Claim.NULL_SUITE,
        Transport.PLAINTEXT,
        Confidence.HIGH,
        "This line names a cipher suite that does not encrypt.",
    ),
    TransportRule(
        "export-suite",
        lambda f: f.claim is Claim.EXPORT_SUITE,
        Transport.PLAINTEXT,
        Confidence.HIGH,
        "This line names an export cipher suite, which is as good as no encryption.",
    ),
    TransportRule(
        "tls-detail",
        lambda f: f.claim is Claim.DETAIL,
        Transport.ENCRYPTED,
        Confidence.HIGH,
        "This line gives details of the TLS session.",
    ),
    TransportRule(
        "tls-keyword",
        lambda f: f.claim is Claim.KEYWORD,
        Transport.ENCRYPTED,
        Confidence.HIGH,
        "This line's protocol word, or a fixed phrase, stands for a TLS session.",
    ),
    TransportRule(
        "tls-informal",
        lambda f: f.claim is Claim.INFORMAL,
        Transport.ENCRYPTED,
        Confidence.MEDIUM,
        "This line says by a word that no standard has that the session was encrypted.",
    ),
    TransportRule(
        "server-note",
        lambda f: f.kind is Kind.NOTE,
        Transport.NOT_APPLICABLE,
        None,
        "This line is a server's note about itself and records no connection.",
    ),
    TransportRule(
        "filter-pass",
        lambda f: f.kind is Kind.FILTER,
        Transport.NOT_APPLICABLE,
        None,
        "This line records a pass through a content filter, not a connection to another site.",
    ),
    TransportRule(
        "delivery-on-one-host",
        lambda f: f.circumstance is Circumstance.ONE_HOST,
        Transport.NOT_APPLICABLE,
        None,
        "This line records a delivery within one machine.",
    ),
    TransportRule(
        "fetcher-marks-tls",
        lambda f: f.kind is Kind.RETRIEVAL and f.marks_fetches and f.unread is not Unread.WORDS,
        Transport.PLAINTEXT,
        Confidence.HIGH,
        "This line records no TLS, and {writer} says of each session whether it was encrypted.",
    ),
    TransportRule(
        "not-smtp",
        lambda f: f.kind in _NOT_SMTP,
        Transport.NOT_RECORDED,
        None,
        "This line records no SMTP session, and nothing about encryption.",
    ),
    TransportRule(
        TERMINATED,
        lambda f: f.circumstance is Circumstance.TERMINATED,
        Transport.NOT_RECORDED,
        None,
        "This line records no TLS, but TLS ends in a proxy before the server that wrote it.",
    ),
    TransportRule(
        "says-plaintext",
        lambda f: f.circumstance is Circumstance.DENIED,
        Transport.PLAINTEXT,
        Confidence.HIGH,
        "This line says outright that the session was not encrypted.",
    ),
    TransportRule(
        BEFORE_STARTTLS,
        lambda f: f.circumstance is Circumstance.BEFORE_STARTTLS,
        Transport.PLAINTEXT,
        Confidence.HIGH,
        "This line is dated before 1999, when SMTP had no way to start TLS.",
    ),
    TransportRule(
        "unread-words",
        lambda f: f.unread is Unread.WORDS,
        Transport.NOT_RECORDED,
        None,
        "This line has words that seem to speak of TLS, but in a wording that is not known.",
    ),
    TransportRule(
        "no-protocol",
        lambda f: f.word is Word.NONE,
        Transport.NOT_RECORDED,
        None,
        "This line names no protocol, and records nothing about encryption.",
    ),
    TransportRule(
        "silent-writer",
        lambda f: f.marking is Marking.NEVER,
        Transport.NOT_RECORDED,
        None,
        "This line records no TLS, but {writer} is not known to write of TLS in such a line.",
    ),
    TransportRule(
        "unknown-word",
        lambda f: f.word is Word.OTHER or (f.word is Word.RELATIVE and f.marking is None),
        Transport.NOT_RECORDED,
        None,
        "This line records no TLS, and its protocol word says nothing either way.",
    ),
    TransportRule(
        "unsure-word",
        lambda f: f.unsure_word,
        Transport.PLAINTEXT,
        Confidence.MEDIUM,
        "This line records no TLS; {writer} may leave TLS unmarked behind this protocol word.",
    ),
    TransportRule(
        "writer-marks-tls",
        lambda f: f.marking is Marking.ALWAYS,
        Transport.PLAINTEXT,
        Confidence.HIGH,
        "This line records no TLS, and {writer} marks each TLS session.",
    ),
    TransportRule(
        "writer-likely-marks-tls",
        lambda f: f.marking is Marking.LIKELY,
        Transport.PLAINTEXT,
        Confidence.MEDIUM,
        "This line records no TLS, and {writer} as a rule marks a TLS session.",
    ),
    TransportRule(
        "unknown-writer",
        lambda _: True,
        Transport.PLAINTEXT,
        Confidence.MEDIUM,
        "This line records no TLS, and its protocol word is the one for sessions without;"
        " whether its writer marks TLS is not known.",
    ),
)
