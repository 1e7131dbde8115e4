"""Was the session encrypted? What a line says, or what its silence is worth, goes to the rules."""

from functools import lru_cache
from typing import Final

from headertls.classifier.ground import Ground
from headertls.classifier.transport_rules import (
    FIRST_STARTTLS_YEAR,
    RULES,
    Circumstance,
    Claim,
    Decision,
    Facts,
    Unread,
    Word,
)
from headertls.classifier.writers import Writer, find_writer
from headertls.models import (
    DefectKind,
    Evidence,
    EvidenceKind,
    EvidenceLevel,
    Hop,
    Kind,
    Scope,
    Tls,
    Transport,
)
from headertls.words import WORDS, Family

_CACHE_SIZE: Final = 8192
_WORDS: Final = {
    word.name: Word.REGISTERED if word.registered else Word.RELATIVE
    for word in WORDS
    if word.tls is None and word.family in {Family.SMTP, Family.SMTPSVC, Family.LMTP}
}
_REST_DEFECTS: Final = frozenset(
    {DefectKind.FIELD_TOO_LONG, DefectKind.TOO_MANY_TOKENS, DefectKind.COMMENT_TOO_DEEP}
)
_EMPTY_CLAIMS: Final = frozenset({Claim.VERSION_NONE, Claim.NULL_SUITE, Claim.EXPORT_SUITE})
_DETAILED: Final = frozenset({EvidenceLevel.DETAIL, EvidenceLevel.LIVE})
_NO_VERSIONS: Final = frozenset({"NONE", "None", "none"})
_NO_CIPHERS: Final = frozenset({"NONE", "(NONE)", "NULL"})
# Strongest first.
_CLAIMS: Final = (
    (EvidenceLevel.DETAIL, Claim.DETAIL),
    (EvidenceLevel.KEYWORD, Claim.KEYWORD),
    (EvidenceLevel.INFORMAL, Claim.INFORMAL),
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
        claim = _find_claim(hop.tls)
        if hop.live and claim not in _EMPTY_CLAIMS:
            claim = Claim.LIVE_TLS
        return _decide_by_claim(kind, unread, claim)
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
    if word.denies or tls is None or word.level not in _DETAILED:
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


def _find_claim(tls: Tls) -> Claim:
    if tls.stated_version in _NO_VERSIONS:
        return Claim.VERSION_NONE
    suite = tls.suite
    if suite is not None:
        if suite.bits == 0:
            return Claim.NULL_SUITE
        return Claim.EXPORT_SUITE if "EXPORT" in suite.name else Claim.DETAIL
    if (tls.cipher or "").upper() in _NO_CIPHERS and (tls.bits == 0 or tls.version is None):
        return Claim.NULL_SUITE
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
