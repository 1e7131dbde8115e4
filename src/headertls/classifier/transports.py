"""Was the session encrypted? An ordered table of which the first matching row decides.

Evidence goes before silence, and silence is worth what its writer makes it worth. The reasons
speak of the record only: what a line leaves out says nothing of what its sender can do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import lru_cache
from typing import Final, NamedTuple

from headertls.classifier.ground import Ground
from headertls.classifier.writers import Writer, find_writer
from headertls.models import (
    Confidence,
    DefectKind,
    Evidence,
    EvidenceKind,
    EvidenceLevel,
    Hop,
    Kind,
    Marking,
    Scope,
    Tls,
    Transport,
)
from headertls.words import WORDS, Family

_CACHE_SIZE: Final = 8192

FIRST_STARTTLS_YEAR: Final = 1999
"""RFC 2487, the first on STARTTLS for SMTP, is of January 1999."""

BEFORE_STARTTLS: Final = "before-starttls"
"""The row for mail of older date."""


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


_WORDS: Final = {
    word.name: Word.REGISTERED if word.registered else Word.RELATIVE
    for word in WORDS
    if word.tls is None and word.family in {Family.SMTP, Family.SMTPSVC, Family.LMTP}
}
_REST_DEFECTS: Final = frozenset(
    {DefectKind.FIELD_TOO_LONG, DefectKind.TOO_MANY_TOKENS, DefectKind.COMMENT_TOO_DEEP}
)
_SMTP: Final = frozenset({Kind.RELAY, Kind.SUBMISSION})
_NOT_SMTP: Final = frozenset({Kind.STORE, Kind.WEB, Kind.RETRIEVAL, Kind.OTHER, Kind.LIST})
_EMPTY_CLAIMS: Final = frozenset({Claim.VERSION_NONE, Claim.NULL_SUITE, Claim.EXPORT_SUITE})
_FIRM_CLAIMS: Final = frozenset({Claim.DETAIL, Claim.KEYWORD})
_NO_VERSIONS: Final = frozenset({"NONE", "None", "none"})
# Strongest first.
_CLAIMS: Final = (
    (EvidenceLevel.DETAIL, Claim.DETAIL),
    (EvidenceLevel.KEYWORD, Claim.KEYWORD),
    (EvidenceLevel.INFORMAL, Claim.INFORMAL),
)


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
        lambda f: f.claim is Claim.LIVE_PLAINTEXT and f.kind in _SMTP,
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
        lambda f: f.kind is Kind.RETRIEVAL and f.marks_fetches,
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
        "tls-terminator",
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
        " which product wrote it is not known.",
    ),
)


def find_transport(hop: Hop, kind: Kind, scope: Scope, ground: Ground | None = None) -> Decision:
    """Decide what *hop* records of encryption, given its kind and scope.

    >>> from headertls.models import Server
    >>> hop = Hop(raw="", protocol="ESMTP", server=Server(software="Postfix"))
    >>> find_transport(hop, Kind.RELAY, Scope.PUBLIC).rule
    'writer-marks-tls'
    """
    unread = find_unread(hop)
    if hop.tls is not None:
        return _decide_by_claim(kind, unread, _find_claim(hop.tls, is_live=hop.live))
    circumstance = _find_circumstance(hop, kind, scope, ground)
    if hop.live:
        return _decide(Facts(kind, Claim.LIVE_PLAINTEXT, unread, circumstance))
    writer = find_writer(hop, ground)
    return _decide_by_silence(kind, unread, circumstance, hop.protocol, writer)


# The few combinations of facts that occur are decided once each.
@lru_cache(_CACHE_SIZE)
def _decide_by_claim(kind: Kind, unread: Unread, claim: Claim) -> Decision:
    return _decide(Facts(kind, claim, unread))


@lru_cache(_CACHE_SIZE)
def _decide_by_silence(
    kind: Kind,
    unread: Unread,
    circumstance: Circumstance,
    protocol: str | None,
    writer: Writer | None,
) -> Decision:
    facts = Facts(
        kind=kind,
        claim=Claim.NOTHING,
        unread=unread,
        circumstance=circumstance,
        word=_WORDS.get(protocol, Word.OTHER) if protocol else Word.NONE,
    )
    if writer is None:
        return _decide(facts)
    return _decide(
        facts._replace(
            marking=writer.marking,
            unsure_word=protocol in writer.unsure_words,
            marks_fetches=writer.marks_fetches,
            writer=writer.name,
        )
    )


def _decide(facts: Facts) -> Decision:
    rule = next(rule for rule in RULES if rule.matches(facts))
    reason = rule.reason.format(writer=facts.writer)
    return Decision(rule.name, rule.transport, rule.confidence, reason)


def weigh(hop: Hop, transport: Transport) -> tuple[tuple[Evidence, ...], tuple[Evidence, ...]]:
    """Part the words of *hop* into those that speak for *transport*, and those against it."""
    if transport is Transport.NOT_APPLICABLE:
        return (), ()
    told = hop.tls.evidence if hop.tls else ()
    is_encrypted = transport is Transport.ENCRYPTED
    if is_encrypted and not hop.marks:
        return told, ()
    marks = (mark for mark in hop.marks if mark.kind is not EvidenceKind.AUTHENTICATION)
    words = (*told, *marks)
    if transport is Transport.NOT_RECORDED:
        # Only who wrote the line is a reason to leave it open.
        writers = tuple(word for word in words if word.kind is EvidenceKind.PRODUCT)
        return writers, tuple(word for word in words if word.kind is not EvidenceKind.PRODUCT)
    speaking = tuple(word for word in words if _denies(word, hop.tls) is not is_encrypted)
    return speaking, tuple(word for word in words if _denies(word, hop.tls) is is_encrypted)


def _denies(word: Evidence, tls: Tls | None) -> bool:
    """Tell whether *word* speaks against encryption; the name of a suite without any does, too."""
    if word.denies or tls is None or word.level is not EvidenceLevel.DETAIL:
        return word.denies
    return _find_claim(tls) in _EMPTY_CLAIMS


def find_unread(hop: Hop) -> Unread:
    """Tell what part of *hop* was not read.

    >>> find_unread(Hop(raw=""))
    <Unread.NONE: 'none'>
    """
    if hop.complete and not hop.defects:
        return Unread.NONE
    kinds = {defect.kind for defect in hop.defects}
    if hop.complete:
        return Unread.WORDS if DefectKind.TLS_TEXT_UNREAD in kinds else Unread.NONE
    if DefectKind.TLS_TEXT_TOO_LONG in kinds and not kinds & _REST_DEFECTS:
        return Unread.TLS_TEXT
    return Unread.REST


def _find_claim(tls: Tls, *, is_live: bool = False) -> Claim:
    if is_live and (tls.suite is None or tls.suite.bits > 0):
        return Claim.LIVE_TLS
    if tls.stated_version in _NO_VERSIONS:
        return Claim.VERSION_NONE
    suite = tls.suite
    if suite is not None:
        if suite.bits == 0:
            return Claim.NULL_SUITE
        return Claim.EXPORT_SUITE if "EXPORT" in suite.name else Claim.DETAIL
    if tls.version is not None or tls.cipher is not None:
        return Claim.DETAIL
    kinds = [evidence.level for evidence in tls.evidence]
    return next((claim for kind, claim in _CLAIMS if kind in kinds), Claim.KEYWORD)


def _find_circumstance(hop: Hop, kind: Kind, scope: Scope, ground: Ground | None) -> Circumstance:
    if ground is not None and ground.is_terminated(hop):
        return Circumstance.TERMINATED
    if hop.marks and hop.marks[0].kind is EvidenceKind.NOTE:
        return Circumstance.DENIED
    if kind is Kind.DELIVERY and _is_on_one_host(hop, scope):
        return Circumstance.ONE_HOST
    if hop.timestamp is not None and hop.timestamp.year < FIRST_STARTTLS_YEAR:
        return Circumstance.BEFORE_STARTTLS
    return Circumstance.NONE


def _is_on_one_host(hop: Hop, scope: Scope) -> bool:
    if scope is Scope.LOCAL:
        return True
    if scope is not Scope.UNKNOWN or hop.client is None or hop.server is None:
        return False
    helo, name = hop.client.helo, hop.server.name
    return helo is not None and name is not None and helo.lower() == name.lower()
