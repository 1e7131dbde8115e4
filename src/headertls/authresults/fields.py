"""From a trace to the result that is written into the message, and back from a message."""

from collections.abc import Iterable
from typing import Any, Final

from headertls.authresults.claims import is_same_id
from headertls.authresults.rewriting import list_values
from headertls.authresults.syntax import check_authserv_id, clean, parse_result_field
from headertls.models import (
    Boundary,
    Client,
    Confidence,
    DefectKind,
    Headline,
    Hop,
    ResultField,
    ResultWord,
    Scope,
    Severity,
    Tls,
    Trace,
    TraceResult,
    Transport,
    Trust,
    Verdict,
)
from headertls.source import Source
from headertls.source.opening import read_head

_OFF_NETWORK: Final = frozenset({Scope.LOCAL, Scope.PROXIED})
_TOLD: Final = frozenset({Transport.ENCRYPTED, Transport.PLAINTEXT})
_CERTAINTY: Final = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)

NO_OWN_LINE: Final = "no line is by an own server"
GAP: Final = "the line of the way in is missing"
SILENT: Final = "a line does not tell of encryption"
INSIDE: Final = "plaintext only inside the own network"


def make_result_field(trace: Trace, authserv_id: str) -> ResultField:
    """Make the field that tells the result of *trace*.

    Only trusted lines are told of: what came with the message and cannot be checked is no result.

    Args:
        trace: What `analyze` said of the message.
        authserv_id: The name of the own servers, by which readers know whose word the field is.

    Raises:
        ValueError: *authserv_id* is no token, such as `mx.site.example`.

    >>> from headertls import analyze
    >>> trace = analyze(
    ...     b"Received: from shop.example (shop.example [81.2.69.144])"
    ...     b" by mx.site.example (Postfix) with ESMTPS id 4Q1; Tue, 29 Aug 2023 10:11:12 +0200"
    ... )
    >>> print(make_result_field(trace, "mx.site.example"))
    Authentication-Results: mx.site.example;
        x-tls-trace=pass policy.headline=entered_encrypted
        policy.boundary=inferred policy.confidence=medium policy.grade=unknown
        policy.profile=default-2026 policy.hops=1 policy.plaintext=0
        smtp.remote-ip=81.2.69.144 smtp.helo=shop.example
    """
    check_authserv_id(authserv_id)
    trusted = [
        (hop, hop.verdict)
        for hop in trace.hops
        if hop.verdict and hop.verdict.trust is not Trust.CLAIM
    ]
    boundary = _find_boundary(trace)
    word, reason, confidence = _decide(trace, [verdict for _, verdict in trusted], boundary)
    findings = [finding.severity for _, verdict in trusted for finding in verdict.findings]
    result = TraceResult(
        word=word,
        reason=reason,
        headline=trace.headline,
        boundary=boundary,
        confidence=confidence,
        severity=max(findings, key=_rank, default=None),
        hops=len(trusted),
        plaintext=trace.trusted_counts.plaintext,
        **(_describe_entry(trace.entry, trace.profile) if trace.entry else {}),
    )
    return ResultField(authserv_id=authserv_id, result=result)


def make_error_field(
    authserv_id: str, reason: str, word: ResultWord = ResultWord.TEMPERROR
) -> ResultField:
    """Make the field that tells that a message could not be judged.

    Args:
        authserv_id: As for `make_result_field`.
        reason: Why, in a few words of the program's own; nothing of the message.
        word: Whether it is worth to try again.

    Raises:
        ValueError: As for `make_result_field`.

    >>> make_error_field("mx.site.example", "out of memory").value
    'mx.site.example; x-tls-trace=temperror reason="out of memory"'
    """
    return ResultField(
        authserv_id=check_authserv_id(authserv_id), result=TraceResult(word=word, reason=reason)
    )


def find_result_fields(source: Source, authserv_id: str) -> tuple[ResultField, ...]:
    r"""Read the results that the own servers wrote into a message, topmost first.

    A server at the border has to take fields that name it out of incoming mail, or anybody may
    have written them: see `strip_result_fields`.

    Args:
        source: As for `analyze`.
        authserv_id: The name of the own servers; upper and lower case are the same.

    Raises:
        OSError: The file cannot be read.
        TypeError: *source* is of another type.

    >>> found = find_result_fields(
    ...     b"Authentication-Results: mx.site.example; x-tls-trace=pass\n"
    ...     b"Authentication-Results: mx.other.example; x-tls-trace=fail\n\n",
    ...     "MX.site.example",
    ... )
    >>> [field.result.word.value for field in found]
    ['pass']
    """
    found = map(parse_result_field, list_values(read_head(source)))
    return tuple(
        field for field in found if field is not None and is_same_id(field.authserv_id, authserv_id)
    )


def _rank(severity: Severity) -> int:
    return severity.rank


def _find_boundary(trace: Trace) -> Boundary | None:
    if not trace.hops:
        return None
    if trace.entry is None and trace.headline is not Headline.INTERNAL_ONLY:
        return Boundary.MISSING
    if trace.entry is not None and trace.entry.live:
        return Boundary.LIVE
    return Boundary.INFERRED if trace.boundary_inferred else Boundary.DECLARED


_Decision = tuple[ResultWord, str | None, Confidence | None]


def _decide(trace: Trace, verdicts: list[Verdict], boundary: Boundary | None) -> _Decision:
    """Decide the word, the reason, and how firmly it stands."""
    if any(defect.kind is DefectKind.NO_OWN_LINE for defect in trace.defects):
        return ResultWord.PERMERROR, NO_OWN_LINE, None
    limit = Confidence.MEDIUM if boundary is Boundary.INFERRED else Confidence.HIGH
    plain = [verdict for verdict in verdicts if verdict.transport is Transport.PLAINTEXT]
    exposed = [verdict for verdict in plain if _is_exposed(verdict)]
    if exposed:
        return _accuse(exposed, limit)
    if boundary is Boundary.MISSING:
        return ResultWord.NEUTRAL, GAP, None
    sessions = [verdict for verdict in verdicts if _is_session(verdict)]
    if trace.entry and trace.entry.verdict and not _is_session(trace.entry.verdict):
        sessions.append(trace.entry.verdict)
    if not sessions:
        return ResultWord.NONE, None, None
    if all(verdict.transport is Transport.ENCRYPTED for verdict in sessions):
        return ResultWord.PASS, None, _find_weakest(sessions, limit)
    are_told = all(verdict.transport in _TOLD for verdict in sessions)
    return ResultWord.NEUTRAL, INSIDE if are_told else SILENT, None


def _is_exposed(verdict: Verdict) -> bool:
    return verdict.scope not in _OFF_NETWORK and verdict.scope is not Scope.PRIVATE


def _is_session(verdict: Verdict) -> bool:
    """Tell whether a line records a session over a network."""
    return verdict.scope is not Scope.LOCAL and verdict.transport is not Transport.NOT_APPLICABLE


def _accuse(exposed: list[Verdict], limit: Confidence) -> _Decision:
    """Say that there was plaintext: `fail` only where nothing about it is doubtful."""
    public = [verdict for verdict in exposed if verdict.scope is Scope.PUBLIC]
    confidence = max((_limit(v, limit) for v in public or exposed), key=_CERTAINTY.index)
    is_certain = bool(public) and confidence is Confidence.HIGH
    return ResultWord.FAIL if is_certain else ResultWord.SOFTFAIL, None, confidence


def _limit(verdict: Verdict, limit: Confidence) -> Confidence:
    return min(verdict.confidence or Confidence.LOW, limit, key=_CERTAINTY.index)


def _find_weakest(verdicts: Iterable[Verdict], limit: Confidence) -> Confidence:
    return min((_limit(verdict, limit) for verdict in verdicts), key=_CERTAINTY.index)


def _describe_entry(entry: Hop, profile: str) -> dict[str, Any]:
    """Tell of the session by which the message came in, and who was the client."""
    client = entry.client or Client()
    verdict = entry.verdict
    is_encrypted = verdict is not None and verdict.transport is Transport.ENCRYPTED
    tls = ((verdict.tls if verdict else None) or entry.tls or Tls()) if is_encrypted else Tls()
    grade = verdict.grade if verdict else None
    address = client.address
    return {
        "version": tls.version and tls.version.value,
        "cipher": clean(tls.suite.name if tls.suite else tls.cipher),
        "group": clean(tls.group),
        "grade": grade,
        "profile": profile if grade else None,
        # without the zone of a link, which other machines do not have
        "remote_ip": address and type(address)(int(address)),
        "helo": clean(client.helo),
    }
