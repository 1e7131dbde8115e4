"""From hops to a trace: every hop gets its verdict, the trace its entry, headline and findings."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from headertls.classifier.chain import (
    find_continuities,
    find_delays,
    find_loop,
    find_reorigins,
)
from headertls.classifier.facts import Situation, find_facts, is_unremarkable
from headertls.classifier.findings import (
    Links,
    Scale,
    find_findings,
    is_in_order,
    make_scale,
    sort_findings,
)
from headertls.classifier.ground import Ground, survey
from headertls.classifier.kinds import find_kind
from headertls.classifier.surroundings import (
    NOTHING,
    Surroundings,
    Wall,
    Weighed,
    build_wall,
    find_own_statements,
    find_own_witnesses,
    hear_witnesses,
)
from headertls.classifier.transports import find_transport, weigh
from headertls.classifier.trust import Walk, walk_trust
from headertls.models import (
    CipherSuite,
    Continuity,
    Counts,
    Defect,
    DefectKind,
    Evidence,
    EvidenceKind,
    Finding,
    Grade,
    Headline,
    Hop,
    Kind,
    Policy,
    Profile,
    Reorigin,
    Scope,
    Site,
    TlsVersion,
    Trace,
    Transport,
    Trust,
    Verdict,
)
from headertls.models.build import new_verdict
from headertls.tls import EDITIONS, grade

_CACHE_SIZE: Final = 8192
_USUAL: Final = Policy()

HEADLINES: Final = {
    Transport.ENCRYPTED: Headline.ENTERED_ENCRYPTED,
    Transport.PLAINTEXT: Headline.ENTERED_PLAINTEXT,
    Transport.NOT_RECORDED: Headline.ENTERED_NOT_RECORDED,
    Transport.NOT_APPLICABLE: Headline.ENTERED_NOT_RECORDED,
}
"""By what the entry hop records."""


def classify(hop: Hop, site: Site | None = None, policy: Policy | None = None) -> Verdict:
    """Judge *hop* taken alone, as the only one of its trace.

    >>> from headertls.models import Server
    >>> verdict = classify(Hop(raw="", server=Server(name="mx.example"), protocol="SMTP"))
    >>> verdict.kind, verdict.transport
    (<Kind.NOTE: 'note'>, <Transport.NOT_APPLICABLE: 'not_applicable'>)
    """
    verdict = judge((hop,), site=site, policy=policy).hops[0].verdict
    assert verdict is not None  # noqa: S101  # every judged hop has one
    return verdict


def judge(
    hops: Sequence[Hop],
    defects: Iterable[Defect] = (),
    *,
    site: Site | None = None,
    policy: Policy | None = None,
    surroundings: Surroundings = NOTHING,
) -> Trace:
    """Judge the hops of one message.

    Args:
        hops: Newest first, as the lines stand in a message.
        defects: What was odd about the message as a whole.
        site: The reader's own servers. Without it the trust boundary is inferred, and the trace
            says so, unless the newest hop is live.
        policy: What is judged how.
        surroundings: What else the header says.

    >>> judge([]).headline
    <Headline.NO_TRACE: 'no_trace'>
    """
    # Frozen models have a hash, which pyright does not see.
    scale = make_scale(policy or _USUAL)  # pyright: ignore[reportArgumentType]
    ground = survey(site) if site is not None else None  # pyright: ignore[reportArgumentType]
    case = _prepare(hops, ground, surroundings)
    walk = case.walk
    judged = [_judge_hop(case, place, scale, ground) for place in range(len(hops))]
    entry = judged[walk.entry] if walk.entry is not None else None
    trusted = len(hops) - walk.trusts.count(Trust.CLAIM)
    trusted_counts = _count(judged[:trusted])
    counts = _count(judged) if trusted < len(hops) else trusted_counts
    judged.reverse()
    return Trace(
        hops=tuple(judged),
        entry=entry,
        headline=_find_headline(entry, walk, len(hops)),
        findings=sort_findings(f for hop in judged if hop.verdict for f in hop.verdict.findings),
        defects=(*defects, *_note_strangers(hops, trusted, ground)),
        boundary_inferred=walk.is_inferred and len(hops) > 0,
        trusted_counts=trusted_counts,
        counts=counts,
        profile=EDITIONS.get(scale.profile, scale.profile.value),
        protection=surroundings.protection,
        tls_waived=surroundings.is_waived,
        authentication_results=find_own_statements(surroundings, case.wall),
    )


def _note_strangers(hops: Sequence[Hop], trusted: int, ground: Ground | None) -> tuple[Defect, ...]:
    """Tell of a site that matches nothing: a slip in a name would silence every alarm."""
    if ground is None or trusted or not hops:
        return ()
    server = hops[0].server
    name = (server.name if server else None) or ""
    return (Defect(kind=DefectKind.NO_OWN_LINE, text=name),)


class _Case(NamedTuple):
    """All that is known before the first verdict, newest first."""

    hops: Sequence[Hop]
    kinds: Sequence[Kind]
    walk: Walk
    continuities: Sequence[Continuity | None]
    delays: Sequence[float | None]
    reorigins: Sequence[Reorigin | None]
    loop: Hop | None
    surroundings: Surroundings
    wall: Wall
    required: int
    """The hops above this place came after one that was sent with REQUIRETLS."""


def _prepare(hops: Sequence[Hop], ground: Ground | None, surroundings: Surroundings) -> _Case:
    kinds = [find_kind(hop) for hop in hops]
    continuities = find_continuities(hops)
    walk = walk_trust(hops, kinds, ground, continuities)
    is_synthetic = len(hops) > 0 and hops[0].live and not hops[0].raw
    trusted = len(hops) - walk.trusts.count(Trust.CLAIM)
    below = surroundings.required_below
    return _Case(
        hops,
        kinds,
        walk,
        continuities,
        find_delays(hops),
        find_reorigins(hops, kinds, is_listed=surroundings.is_listed),
        find_loop(hops),
        surroundings,
        build_wall(trusted, ground, is_synthetic=is_synthetic),
        required=0 if below is None else below + is_synthetic,
    )


def _judge_hop(case: _Case, place: int, scale: Scale, ground: Ground | None) -> Hop:
    hop, kind = case.hops[place], case.kinds[place]
    scope, trust = case.walk.scopes[place], case.walk.trusts[place]
    weighed = _weigh(case, place, ground)
    decision = weighed.decision
    grade_ = _find_session_grade(weighed, scale.profile)
    # A mailbox from which mail was fetched need not be called as the server that filled it, and a
    # proxy on the server itself stands for somebody else.
    is_stand_in = kind is Kind.RETRIEVAL or scope is Scope.PROXIED
    continuity = None if is_stand_in else case.continuities[place]
    links = Links(case.delays[place], continuity, is_loop=hop is case.loop)
    situation = Situation(
        kind,
        scope,
        weighed,
        grade_,
        is_claim=trust is Trust.CLAIM,
        is_required=place < case.required,
        is_waived=case.surroundings.is_waived,
    )
    verdict = new_verdict(
        {
            "kind": kind,
            "scope": scope,
            "transport": decision.transport,
            "confidence": decision.confidence,
            "grade": grade_,
            "trust": trust,
            "rule": decision.rule,
            "reason": decision.reason,
            "delay": links.delay,
            "continuity": continuity,
            "reorigin": case.reorigins[place],
            "tls": weighed.tls if weighed.tls is not hop.tls else None,
            "evidence_for": weighed.evidence_for,
            "evidence_against": weighed.evidence_against,
            "findings": _find(hop, situation, links, scale, ground),
        }
    )
    return hop.with_verdict(verdict)


def _find(
    hop: Hop, situation: Situation, links: Links, scale: Scale, ground: Ground | None
) -> tuple[Finding, ...]:
    if is_unremarkable(hop, situation, scale.minimum_grade) and is_in_order(links, scale):
        return ()
    facts = find_facts(hop, situation, scale.minimum_grade, ground)
    return find_findings(hop, facts, links, scale, situation.weighed.evidence_for)


def _weigh(case: _Case, place: int, ground: Ground | None) -> Weighed:
    hop, kind = case.hops[place], case.kinds[place]
    decision = find_transport(hop, kind, case.walk.scopes[place], ground)
    sides = weigh(hop, decision.transport)
    weighed = Weighed(decision, hop.tls, *sides, has_dissent=hop.live and _is_dissent(sides[1]))
    if place == case.walk.entry and case.surroundings.witnesses:
        own = find_own_witnesses(case.surroundings, case.wall)
        weighed = hear_witnesses(hop, kind, weighed, own)
    return weighed


def _is_dissent(against: tuple[Evidence, ...]) -> bool:
    """Tell whether a line says otherwise than the running server; its product says nothing."""
    return any(piece.kind is not EvidenceKind.PRODUCT for piece in against)


def _find_session_grade(weighed: Weighed, profile: Profile) -> Grade | None:
    transport, tls = weighed.decision.transport, weighed.tls
    if transport is Transport.PLAINTEXT:
        return Grade.PLAINTEXT
    if transport is not Transport.ENCRYPTED or tls is None:
        return None
    return _find_grade(tls.version, tls.suite, profile)


_GRADES: dict[tuple[TlsVersion | None, int | None, Profile], Grade] = {}


def _find_grade(version: TlsVersion | None, suite: CipherSuite | None, profile: Profile) -> Grade:
    """The grade, remembered by code point: to hash a whole suite costs more than to grade it."""
    key = version, suite.code if suite else None, profile
    known = _GRADES.get(key)
    if known is None:
        known = _GRADES[key] = grade(version, suite, profile)
    return known


def _count(hops: Sequence[Hop]) -> Counts:
    transports = [hop.verdict.transport for hop in hops if hop.verdict]
    return _write_counts(*[transports.count(transport) for transport in _TRANSPORTS])


_TRANSPORTS: Final = tuple(Transport)


# A few combinations make up most of all mail.
@lru_cache(_CACHE_SIZE)
def _write_counts(encrypted: int, plaintext: int, not_recorded: int, not_applicable: int) -> Counts:
    return Counts(
        encrypted=encrypted,
        plaintext=plaintext,
        not_recorded=not_recorded,
        not_applicable=not_applicable,
    )


def _find_headline(entry: Hop | None, walk: Walk, count: int) -> Headline:
    if entry is not None and entry.verdict is not None:
        return HEADLINES[entry.verdict.transport]
    if count == 0:
        return Headline.NO_TRACE
    return Headline.ENTERED_NOT_RECORDED if walk.gap else Headline.INTERNAL_ONLY
