"""What the page says of one hop: what happened there, and how we know."""

from collections.abc import Iterator
from typing import Final

from headertls.models import Hop, Tls, Trace, Transport, Trust, Verdict
from headertls.report import page_wording, wording
from headertls.report.escape import escape
from headertls.report.quotes import quote_all
from headertls.report.sentences import capitalize, fit_width, name_ends, wrap
from headertls.report.values import find_entry, find_session, format_time, show, spell_delay

MARK_OF_ENTRY: Final = "the way in"
_RULE: Final = "-"


def iter_hops(trace: Trace) -> Iterator[tuple[int, Hop]]:
    """Give the hops with their numbers as they stand in the header, newest first."""
    return reversed(list(enumerate(trace, 1)))


def is_claim(hop: Hop) -> bool:
    """Tell whether the line stands below the trust boundary."""
    return hop.verdict is not None and hop.verdict.trust is Trust.CLAIM


def draw_boundary(trace: Trace, width: int) -> list[str]:
    """Draw the line between what own servers wrote and what came with the message."""
    how = page_wording.HOW_DRAWN[trace.boundary_inferred]
    line = f"{_RULE * 2} {page_wording.BOUNDARY.format(how=how)} "
    return wrap(line.ljust(fit_width(width), _RULE), width)


def write_title(trace: Trace, number: int, hop: Hop) -> str:
    """Write the number of *hop*, its time, and how long after the next older one it is.

    >>> write_title(Trace(), 1, Hop(raw=""))
    'Hop 1, no time told'
    """
    time = format_time(hop.timestamp, "%Y-%m-%d %H:%M:%S UTC") or "no time told"
    delay = hop.verdict.delay if hop.verdict else None
    after = "" if delay is None else f", {spell_delay(delay)}"
    entry = f": {MARK_OF_ENTRY}" if number == find_entry(trace) else ""
    return f"Hop {number}, {time}{after}{entry}"


def write_hop(hop: Hop, profile: str) -> Iterator[str]:
    """Write a short paragraph on each thing that is known of *hop*.

    Args:
        hop: The hop.
        profile: By whose list it was graded.
    """
    yield _write_event(hop)
    if hop.verdict is not None:
        yield write_verdict(hop.verdict)
    if told := _write_session(hop, profile):
        yield told
    if hop.verdict is not None:
        yield from _write_grounds(hop.verdict)
    if hop.defects:
        kinds = dict.fromkeys(defect.kind.value for defect in hop.defects)
        yield f"Odd about the line: {', '.join(kinds)}."


def _write_event(hop: Hop) -> str:
    ends = name_ends(hop)
    if hop.verdict is None:
        return capitalize("{server} took the message from {client}.".format(**ends))
    where = wording.SCOPES[hop.verdict.scope]
    event = wording.EVENTS[hop.verdict.kind].format(**ends, where=where)
    if hop.verdict.trust is Trust.CLAIM:
        return capitalize(f"{wording.CLAIM}{event}.")
    # a host's name keeps its letters
    return f"{event}." if event.startswith(ends["server"]) else capitalize(f"{event}.")


def write_verdict(verdict: Verdict) -> str:
    """Write what the line records, by which rule, and how surely."""
    state = page_wording.STATES[verdict.transport]
    confidence = f", confidence {verdict.confidence}" if verdict.confidence else ""
    return f"{state}: {escape(verdict.reason)} (rule {show(verdict.rule)}{confidence})"


def _write_session(hop: Hop, profile: str) -> str | None:
    """Write what is known of the TLS session, and its grade."""
    verdict = hop.verdict
    is_encrypted = verdict is not None and verdict.transport is Transport.ENCRYPTED
    tls = find_session(hop)
    if tls is None:
        return None
    told = ", ".join(_list_facts(tls))
    grade = page_wording.GRADES[verdict.grade] if verdict and verdict.grade else None
    graded = f"; grade {grade} ({show(profile)})" if grade and is_encrypted else ""
    return f"Session: {told or page_wording.NO_DETAIL}{graded}."


def _list_facts(tls: Tls) -> list[str]:
    """List version, suite, key exchange and the rest that a line tells of its session."""
    bits = tls.suite.bits if tls.suite else tls.bits
    facts = (
        tls.version or tls.stated_version,
        tls.suite.name if tls.suite else tls.cipher,
        bits and f"{bits} bits",
        tls.group and f"key exchange {tls.group}",
        tls.client_certificate and f'the client\'s certificate: "{tls.client_certificate}"',
    )
    return [show(fact) for fact in facts if fact]


def _write_grounds(verdict: Verdict) -> Iterator[str]:
    """Write what speaks for and against the verdict, and how lines join."""
    if verdict.evidence_for:
        yield f"Speaks for it: {quote_all(verdict.evidence_for)}."
    if verdict.evidence_against:
        yield f"Outweighed: {quote_all(verdict.evidence_against)}."
    if verdict.continuity and (chain := page_wording.CHAIN[verdict.continuity]):
        yield chain
    if verdict.reorigin:
        yield page_wording.REORIGINS[verdict.reorigin]
