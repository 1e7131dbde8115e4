"""Traces as rows of a table: one flat row a hop, for data frames and whatever else has columns."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from headertls.models import (
    Auth,
    Client,
    Confidence,
    Continuity,
    Grade,
    Headline,
    Hop,
    Kind,
    Reorigin,
    Scope,
    Server,
    Severity,
    Tls,
    TlsVersion,
    Trace,
    Transport,
    Trust,
)
from headertls.report.values import find_session


class HopRow(NamedTuple):
    """One hop of one message. What the line does not say is `None`, and so is a verdict not given.

    Texts are as the line has them: whoever shows them on a screen has to escape them.
    """

    message: int
    """The number of the message among those given, from 0."""
    headline: Headline
    """How the message came in; the same in all its rows."""
    boundary_inferred: bool
    """Of the message: the trust boundary was guessed."""
    hop: int
    """The number of the hop in the message, from 0, the oldest."""
    is_entry: bool
    """By this hop the message came in from outside."""
    kind: Kind | None
    scope: Scope | None
    transport: Transport | None
    confidence: Confidence | None
    grade: Grade | None
    trust: Trust | None
    rule: str | None
    """The row that decided the transport."""
    reason: str | None
    """One plain sentence about the record."""
    continuity: Continuity | None
    reorigin: Reorigin | None
    severity: Severity | None
    """The gravest one among the hop's findings."""
    findings: str
    """Their codes, in the order of the hop, with blanks between; empty where there is none."""
    timestamp: datetime | None
    """When the line was written, in UTC."""
    delay: float | None
    """Seconds since the next older time stamp."""
    client_helo: str | None
    """The name or address literal that the client gave itself, brackets off."""
    client_rdns: str | None
    """The client's reverse name that the server recorded."""
    client_address: str | None
    """The address of the TCP peer, without IPv6 zone."""
    client_port: int | None
    """The port of the TCP peer."""
    client_ident: str | None
    """What the client's host told of its user (RFC 1413)."""
    server_name: str | None
    """The name of the server, which wrote the line."""
    server_address: str | None
    """The address of the server."""
    server_software: str | None
    """The product, with its version where told."""
    protocol: str | None
    """The word behind `with`: registered ones in upper case, others as written."""
    via: str | None
    """The word behind `via`."""
    id: str | None
    """The server's own mark of the message."""
    recipients: str
    """With blanks between; empty where the line names none."""
    envelope_from: str | None
    """The envelope sender; empty for the empty sender `<>`."""
    is_authenticated: bool
    """The line says that the client logged in."""
    auth_user: str | None
    """As whom it logged in."""
    auth_method: str | None
    """The SASL mechanism as written."""
    has_tls: bool
    """The line, or a field that decided in its stead, says TLS in any way."""
    tls_version: TlsVersion | None
    """The effective version: the told one, or the one that the suite fixes."""
    tls_stated_version: str | None
    """The version as written; `NONE` where the line says that there was none."""
    tls_cipher: str | None
    """The cipher as written."""
    tls_suite: str | None
    """The suite's IANA name."""
    tls_bits: int | None
    """Secret bits as told."""
    tls_group: str | None
    """The key exchange group."""
    tls_forward_secrecy: bool | None
    """Whether a recording stays secret after the server's key is known, by the suite."""
    tls_client_certificate: str | None
    """What the line says of the *client's* certificate; says nothing of the link."""
    is_complete: bool
    """The whole line was read."""
    defects: str
    """Their kinds, with blanks between; empty where there is none."""
    raw: str
    """The value of the `Received` field as it stood."""


CATEGORIES: Final[Mapping[str, type[StrEnum]]] = MappingProxyType(
    {
        "headline": Headline,
        "kind": Kind,
        "scope": Scope,
        "transport": Transport,
        "confidence": Confidence,
        "grade": Grade,
        "trust": Trust,
        "continuity": Continuity,
        "reorigin": Reorigin,
        "severity": Severity,
        "tls_version": TlsVersion,
    }
)
"""Columns that hold the values of an enum."""

ORDERED: Final = frozenset({"severity", "tls_version"})
"""Those of them whose values stand in rising order."""

INTEGERS: Final = frozenset({"message", "hop", "client_port", "tls_bits"})
BOOLEANS: Final = frozenset(
    {"boundary_inferred", "is_entry", "is_authenticated", "has_tls", "tls_forward_secrecy"}
    | {"is_complete"}
)


def iter_rows(traces: Iterable[Trace], start: int = 0) -> Iterator[HopRow]:
    """Give a row for each hop of each of *traces*, the hops oldest first.

    Args:
        traces: As of `headertls.analyze`.
        start: The number of the first message.

    >>> rows = list(iter_rows([Trace(), Trace(hops=(Hop(raw="from a.example"),))]))
    >>> [(row.message, row.hop, row.raw) for row in rows]
    [(1, 0, 'from a.example')]
    """
    for number, trace in enumerate(traces, start):
        entry = trace.hops.index(trace.entry) if trace.entry in trace.hops else None
        for place, hop in enumerate(trace.hops):
            yield _make_row(trace, (number, place), hop, is_entry=place == entry)


def _make_row(trace: Trace, place: tuple[int, int], hop: Hop, *, is_entry: bool) -> HopRow:
    message, number = place
    return HopRow(
        message=message,
        headline=trace.headline,
        boundary_inferred=trace.boundary_inferred,
        hop=number,
        is_entry=is_entry,
        **_describe_verdict(hop),
        **_describe_ends(hop),
        **_describe_session(hop),
        timestamp=hop.timestamp.astimezone(UTC) if hop.timestamp else None,
        protocol=hop.protocol,
        via=hop.via,
        id=hop.id,
        recipients=" ".join(hop.recipients),
        envelope_from=hop.envelope_from,
        is_complete=hop.complete,
        defects=" ".join(defect.kind.value for defect in hop.defects),
        raw=hop.raw,
    )


# fmt: off
_VERDICT: Final = (
    "kind", "scope", "transport", "confidence", "grade", "trust", "rule", "reason", "continuity",
    "reorigin", "delay",
)
# fmt: on


# The three give columns of several types by name, which no type checker can follow.
def _describe_verdict(hop: Hop) -> dict[str, Any]:
    verdict = hop.verdict
    findings = verdict.findings if verdict else ()
    worst = max((found.severity for found in findings), key=lambda s: s.rank, default=None)
    columns = {name: getattr(verdict, name, None) for name in _VERDICT}
    codes = " ".join(found.code.value for found in findings)
    return {**columns, "severity": worst, "findings": codes}


def _describe_ends(hop: Hop) -> dict[str, Any]:
    client, server = hop.client or Client(), hop.server or Server()
    return {
        "client_helo": client.helo,
        "client_rdns": client.rdns,
        "client_address": str(client.address) if client.address else None,
        "client_port": client.port,
        "client_ident": client.ident,
        "server_name": server.name,
        "server_address": str(server.address) if server.address else None,
        "server_software": server.software,
    }


def _describe_session(hop: Hop) -> dict[str, Any]:
    session = find_session(hop)
    tls, auth = session or Tls(), hop.auth or Auth()
    return {
        "is_authenticated": hop.auth is not None,
        "auth_user": auth.user,
        "auth_method": auth.method,
        "has_tls": session is not None,
        "tls_version": tls.version,
        "tls_stated_version": tls.stated_version,
        "tls_cipher": tls.cipher,
        "tls_suite": tls.suite.name if tls.suite else None,
        "tls_bits": tls.bits,
        "tls_group": tls.group,
        "tls_forward_secrecy": tls.suite.forward_secrecy if tls.suite else None,
        "tls_client_certificate": tls.client_certificate,
    }
