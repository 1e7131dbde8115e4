"""From hops to a trace: every hop gets its verdict, the trace its entry, headline and findings."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from headertls.classifier.findings import find_findings
from headertls.classifier.kinds import find_kind
from headertls.classifier.transports import Decision, find_transport
from headertls.classifier.trust import Walk, walk_trust
from headertls.models import (
    CipherSuite,
    Defect,
    Finding,
    Grade,
    Headline,
    Hop,
    Kind,
    Scope,
    TlsVersion,
    Trace,
    Transport,
    Trust,
    Verdict,
)
from headertls.tls import grade

_CACHE_SIZE: Final = 8192

HEADLINES: Final = {
    Transport.ENCRYPTED: Headline.ENTERED_ENCRYPTED,
    Transport.PLAINTEXT: Headline.ENTERED_PLAINTEXT,
    Transport.NOT_RECORDED: Headline.ENTERED_NOT_RECORDED,
    Transport.NOT_APPLICABLE: Headline.ENTERED_NOT_RECORDED,
}
"""By what the entry hop records."""


def classify(hop: Hop) -> Verdict:
    """Judge *hop* taken alone, as the only one of its trace.

    >>> from headertls.models import Server
    >>> verdict = classify(Hop(raw="", server=Server(name="mx.example"), protocol="SMTP"))
    >>> verdict.kind, verdict.transport
    (<Kind.NOTE: 'note'>, <Transport.NOT_APPLICABLE: 'not_applicable'>)
    """
    kinds = (find_kind(hop),)
    walk = walk_trust((hop,), kinds)
    return _judge_hop(hop, kinds[0], walk.scopes[0], walk.trusts[0], None)


def judge(hops: Sequence[Hop], defects: Iterable[Defect] = ()) -> Trace:
    """Judge the hops of one message.

    Without knowledge of the reader's own servers the trust boundary is a guess, and the trace
    says so.

    Args:
        hops: Newest first, as the lines stand in a message.
        defects: What was odd about the message as a whole.

    >>> judge([]).headline
    <Headline.NO_TRACE: 'no_trace'>
    """
    kinds = [find_kind(hop) for hop in hops]
    walk = walk_trust(hops, kinds)
    delays = _find_delays(hops)
    judged = [
        hop.model_copy(update={"verdict": _judge_hop(hop, kind, scope, trust, delay)})
        for hop, kind, scope, trust, delay in zip(
            hops, kinds, walk.scopes, walk.trusts, delays, strict=True
        )
    ]
    entry = judged[walk.entry] if walk.entry is not None else None
    judged.reverse()
    return Trace(
        hops=tuple(judged),
        entry=entry,
        headline=_find_headline(entry, walk, len(hops)),
        findings=_sort_findings(judged),
        defects=tuple(defects),
        boundary_inferred=len(hops) > 0,
    )


def _judge_hop(hop: Hop, kind: Kind, scope: Scope, trust: Trust, delay: float | None) -> Verdict:
    decision = find_transport(hop, kind, scope)
    grade_ = None
    if decision.transport is Transport.PLAINTEXT:
        grade_ = Grade.PLAINTEXT
    elif decision.transport is Transport.ENCRYPTED and hop.tls is not None:
        grade_ = _find_grade(hop.tls.version, hop.tls.suite)
    findings = find_findings(hop, kind, scope, decision, trust)
    return _write_verdict(_Judgement(kind, scope, trust, decision, grade_, delay, findings))


_GRADES: dict[tuple[TlsVersion | None, int | None], Grade] = {}


def _find_grade(version: TlsVersion | None, suite: CipherSuite | None) -> Grade:
    """The grade, remembered by code point: to hash a whole suite costs more than to grade it."""
    key = version, suite.code if suite else None
    known = _GRADES.get(key)
    if known is None:
        known = _GRADES[key] = grade(version, suite)
    return known


class _Judgement(NamedTuple):
    kind: Kind
    scope: Scope
    trust: Trust
    decision: Decision
    grade: Grade | None
    delay: float | None
    findings: tuple[Finding, ...]


# Hops of equal facts share one verdict; most delays are a few whole seconds.
@lru_cache(_CACHE_SIZE)
def _write_verdict(judgement: _Judgement) -> Verdict:
    decision = judgement.decision
    return Verdict(
        kind=judgement.kind,
        scope=judgement.scope,
        transport=decision.transport,
        confidence=decision.confidence,
        grade=judgement.grade,
        trust=judgement.trust,
        rule=decision.rule,
        reason=decision.reason,
        delay=judgement.delay,
        findings=judgement.findings,
    )


def _find_delays(hops: Sequence[Hop]) -> list[float | None]:
    """Seconds since the next older time stamp, for hops newest first."""
    delays: list[float | None] = []
    older = None
    for hop in reversed(hops):
        stamp = hop.timestamp
        delays.append((stamp - older).total_seconds() if stamp and older else None)
        older = stamp or older
    delays.reverse()
    return delays


def _find_headline(entry: Hop | None, walk: Walk, count: int) -> Headline:
    if entry is not None and entry.verdict is not None:
        return HEADLINES[entry.verdict.transport]
    if count == 0:
        return Headline.NO_TRACE
    return Headline.ENTERED_NOT_RECORDED if walk.gap else Headline.INTERNAL_ONLY


def _sort_findings(hops: Iterable[Hop]) -> tuple[Finding, ...]:
    findings = [finding for hop in hops if hop.verdict for finding in hop.verdict.findings]
    findings.sort(key=lambda finding: -finding.severity.rank)
    return tuple(findings)
