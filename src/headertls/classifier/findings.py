"""What a person should know about a hop, and how grave it is: what the table of rules comes to."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from headertls.classifier.finding_rules import (
    CHAIN_MESSAGES,
    CLAIM_NOTE,
    ORDER_BROKEN_AFTER,
    RULES,
    WAIVER_NOTE,
    Facts,
    FindingRule,
    Weights,
)
from headertls.models import (
    Confidence,
    Continuity,
    Evidence,
    Finding,
    FindingCode,
    Hop,
    Policy,
    Severity,
)

_CACHE_SIZE: Final = 4096
_POLICIES: Final = 64


class Scale:
    """A policy, made ready to be asked; it is remembered by what it is, not by what it holds."""

    def __init__(self, policy: Policy) -> None:
        self.profile = policy.profile
        self.minimum_grade = policy.minimum_grade
        self.severities = dict(policy.severities)
        self.ignored = frozenset(policy.ignored)
        self.long_delay = policy.long_delay
        self.clock_skew = policy.clock_skew


@lru_cache(_POLICIES)
def make_scale(policy: Policy) -> Scale:
    """Make *policy* ready to be asked.

    >>> make_scale(Policy()).long_delay
    3600.0
    """
    return Scale(policy)


class Links(NamedTuple):
    """How a hop follows the next older one."""

    delay: float | None
    continuity: Continuity | None
    is_loop: bool = False


def is_in_order(links: Links, scale: Scale) -> bool:
    """Tell that nothing is to be said of how a hop follows the next older one."""
    return next(_find_chain(links, scale), None) is None


def find_findings(
    hop: Hop,
    facts: Facts,
    links: Links,
    scale: Scale,
    evidence: tuple[Evidence, ...] = (),
) -> tuple[Finding, ...]:
    """Find what is to be said of *hop*.

    Args:
        hop: The hop.
        facts: What it is, and how far it is to be believed.
        links: How it follows the next older one.
        scale: What the caller wants judged how.
        evidence: The words that the verdict rests on.
    """
    places = _find_places(facts, scale)
    codes = tuple(_find_chain(links, scale))
    if not places and not codes:
        return ()
    names = _name_ends(hop, facts)
    findings = [
        _write(RULES[place], severity, facts, names, evidence) for place, severity in places
    ]
    findings += [
        Finding(code=code, severity=severity, message=_say(CHAIN_MESSAGES[code], names, facts))
        for code in codes
        if (severity := _adjust(Severity.INFO, code, facts, scale)) is not None
    ]
    return tuple(findings)


@lru_cache(_CACHE_SIZE)
def _find_places(facts: Facts, scale: Scale) -> tuple[tuple[int, Severity], ...]:
    """The rows that hold, one for each code, and how grave each is."""
    found: dict[FindingCode, tuple[int, Severity]] = {}
    for place, rule in enumerate(RULES):
        if rule.code in found or not rule.matches(facts):
            continue
        severity = _adjust(_find_severity(rule.weights, facts), rule.code, facts, scale)
        if severity is not None:
            found[rule.code] = place, severity
    return tuple(found.values())


def _find_severity(weights: Weights, facts: Facts) -> Severity | None:
    is_medium = facts.confidence is not Confidence.HIGH
    if facts.is_claim:
        severity = weights.claim_medium if is_medium else weights.claim
    else:
        severity = weights.trusted_medium if is_medium else weights.trusted
    return Severity.INFO if severity and facts.is_before_starttls else severity


def _adjust(
    severity: Severity | None, code: FindingCode, facts: Facts, scale: Scale
) -> Severity | None:
    """Put the caller's word in the place of the usual one."""
    if severity is None or code in scale.ignored:
        return None
    wanted = scale.severities.get(code)
    if wanted is None or facts.is_before_starttls:
        return severity
    if facts.is_claim:
        return min(severity, wanted, key=lambda level: level.rank)
    return lower(wanted) if facts.confidence is Confidence.MEDIUM else wanted


def lower(severity: Severity) -> Severity:
    """Give the level below, or the lowest.

    >>> lower(Severity.HIGH), lower(Severity.INFO)
    (<Severity.MEDIUM: 'medium'>, <Severity.INFO: 'info'>)
    """
    return tuple(Severity)[max(severity.rank - 1, 0)]


def _find_chain(links: Links, scale: Scale) -> Iterator[FindingCode]:
    if links.continuity is Continuity.BREAK:
        yield FindingCode.TRACE_GAP
    delay = links.delay
    if delay is not None:
        if delay < -max(ORDER_BROKEN_AFTER, scale.clock_skew):
            yield FindingCode.ORDER_BROKEN
        elif delay < -scale.clock_skew:
            yield FindingCode.CLOCK_SKEW
        elif delay >= scale.long_delay:
            yield FindingCode.LONG_DELAY
    if links.is_loop:
        yield FindingCode.MAIL_LOOP


def _name_ends(hop: Hop, facts: Facts) -> dict[str, str | None]:
    client, server = hop.client, hop.server
    address = str(client.address) if client and client.address else None
    return {
        "server": (server.name if server else None) or "the server",
        "client": address or (client.helo if client else None) or "the client",
        "operator": facts.impersonated,
    }


def _write(
    rule: FindingRule,
    severity: Severity,
    facts: Facts,
    names: Mapping[str, str | None],
    evidence: tuple[Evidence, ...],
) -> Finding:
    message = rule.message
    if facts.is_waived and rule.is_about_plaintext:
        severity = lower(severity)
        message += WAIVER_NOTE
    return Finding(
        code=rule.code,
        severity=severity,
        message=_say(message, names, facts),
        evidence=evidence,
    )


def _say(message: str, names: Mapping[str, str | None], facts: Facts) -> str:
    """Fill in who is meant, and whether it can be believed."""
    text = message.format(**names) + (CLAIM_NOTE if facts.is_claim else "")
    return text[:1].upper() + text[1:] if text.startswith("the ") else text


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort *findings*, gravest first, otherwise as they stand."""
    return tuple(sorted(findings, key=lambda finding: -finding.severity.rank))
