"""Traces as rows of a table: one flat row a hop, for data frames and whatever else has columns."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from headertls.models import (
    Auth,
    Client,
    Confidence,
    Continuity,
    Grade,
    Headline,
    Hop,
    Kind,
    MessageProtection,
    Reorigin,
    Scope,
    Server,
    Severity,
    Tls,
    TlsVersion,
    Trace,
    Transport,
    Trust,
    Verdict,
)
from headertls.models.traces import iter_traces
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


class MessageRow(NamedTuple):
    """One message. What is not known is `None`, as all is of one that was not read.

    Texts are as the message has them: whoever shows them on a screen has to escape them.
    """

    message: int
    """The number of the message among those given, from 0."""
    error: str | None = None
    """Why the message could not be read."""
    message_id: str | None = None
    """As the author's program gave it, without angle brackets."""
    date: datetime | None = None
    """The author's word, in UTC."""
    headline: Headline | None = None
    boundary_inferred: bool | None = None
    """The trust boundary was guessed."""
    profile: str | None = None
    """By whose lists the grades are."""
    hops: int | None = None
    """How many there are."""
    encrypted: int | None = None
    """How many of them were encrypted."""
    plaintext: int | None = None
    """How many went in plaintext."""
    not_recorded: int | None = None
    """Of how many nothing is told either way."""
    not_applicable: int | None = None
    """How many were no connection."""
    trusted_encrypted: int | None = None
    """How many were encrypted, down to the trust boundary."""
    trusted_plaintext: int | None = None
    """How many went in plaintext, down to the trust boundary."""
    trusted_not_recorded: int | None = None
    """Of how many nothing is told either way, down to the trust boundary."""
    trusted_not_applicable: int | None = None
    """How many were no connection, down to the trust boundary."""
    entry_hop: int | None = None
    """The number of the hop by which the message came in, from 0; that hop's columns follow."""
    entry_kind: Kind | None = None
    entry_scope: Scope | None = None
    entry_transport: Transport | None = None
    entry_confidence: Confidence | None = None
    entry_grade: Grade | None = None
    entry_timestamp: datetime | None = None
    """When its line was written, in UTC."""
    entry_sender: str | None = None
    """The sending organisation: a mail operator, the registrable domain of a verified reverse name,
    behind a `~` one that only the client gave, or an address."""
    entry_client_helo: str | None = None
    """The name or address literal that its client gave itself, brackets off."""
    entry_client_rdns: str | None = None
    """The client's reverse name that the server recorded."""
    entry_client_address: str | None = None
    """The address of the TCP peer, without IPv6 zone."""
    entry_server_name: str | None = None
    """The name of the server, which wrote the line."""
    entry_protocol: str | None = None
    """The word behind `with`: registered ones in upper case, others as written."""
    entry_tls_version: TlsVersion | None = None
    """The effective version: the told one, or the one that the suite fixes."""
    entry_tls_suite: str | None = None
    """The suite's IANA name."""
    entry_tls_group: str | None = None
    """The key exchange group."""
    severity: Severity | None = None
    """The gravest one among the findings."""
    findings: str | None = None
    """Their codes, gravest first, with blanks between; empty where there is none."""
    defects: str | None = None
    """Of the message itself: their kinds, with blanks between; empty where there is none."""
    tls_waived: bool | None = None
    """The author waived TLS (RFC 8689, section 5)."""
    protection: MessageProtection | None = None
    """Whether the content itself is announced as signed or encrypted."""


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


def iter_rows(traces: Trace | Iterable[Trace], start: int = 0) -> Iterator[HopRow]:
    """Give a row for each hop of each of *traces*, the hops oldest first.

    Args:
        traces: As of `headertls.analyze`; one alone may be given as it is.
        start: The number of the first message.

    >>> rows = list(iter_rows([Trace(), Trace(hops=(Hop(raw="from a.example"),))]))
    >>> [(row.message, row.hop, row.raw) for row in rows]
    [(1, 0, 'from a.example')]
    """
    for number, trace in enumerate(iter_traces(traces), start):
        entry = find_entry_place(trace)
        for place, hop in enumerate(trace.hops):
            yield _make_row(trace, (number, place), hop, is_entry=place == entry)


def find_entry_place(trace: Trace) -> int | None:
    """Find the number of the hop by which the message came in, from 0."""
    entry = trace.entry
    if entry is None:
        return None
    # Comparing whole models is slow, and needed only for a trace that went through JSON.
    places = (place for place, hop in enumerate(trace.hops) if hop is entry)
    place = next(places, None)
    if place is None and entry in trace.hops:
        return trace.hops.index(entry)
    return place


def find_instant(stamp: datetime | None) -> datetime | None:
    """Return *stamp* in UTC, if there is one and UTC has it.

    >>> find_instant(datetime.fromisoformat("0001-01-01T00:00:00+02:00")) is None
    True
    """
    if stamp is None:
        return None
    try:
        return stamp.astimezone(UTC)
    except OverflowError:  # year 1 or 9999, and an offset that leads out of it
        return None


_NO_CLIENT: Final = Client()
_NO_SERVER: Final = Server()
_NO_TLS: Final = Tls()
_NO_AUTH: Final = Auth()


# One call with all columns in their order: by names it takes five times as long, and rows are made
# by the million.
def _make_row(trace: Trace, place: tuple[int, int], hop: Hop, *, is_entry: bool) -> HopRow:
    verdict, session = hop.verdict, find_session(hop)
    client, server = hop.client or _NO_CLIENT, hop.server or _NO_SERVER
    tls, auth = session or _NO_TLS, hop.auth or _NO_AUTH
    suite = tls.suite
    return HopRow(
        place[0],
        trace.headline,
        trace.boundary_inferred,
        place[1],
        is_entry,
        *(_NO_VERDICT if verdict is None else _describe_verdict(verdict)),
        find_instant(hop.timestamp),
        verdict.delay if verdict else None,
        client.helo,
        client.rdns,
        str(client.address) if client.address else None,
        client.port,
        client.ident,
        server.name,
        str(server.address) if server.address else None,
        server.software,
        hop.protocol,
        hop.via,
        hop.id,
        " ".join(hop.recipients),
        hop.envelope_from,
        hop.auth is not None,
        auth.user,
        auth.method,
        session is not None,
        tls.version,
        tls.stated_version,
        tls.cipher,
        suite.name if suite else None,
        tls.bits,
        tls.group,
        suite.forward_secrecy if suite else None,
        tls.client_certificate,
        hop.complete,
        " ".join([defect.kind.value for defect in hop.defects]),
        hop.raw,
    )


_Described = tuple[
    Kind | None, Scope | None, Transport | None, Confidence | None, Grade | None, Trust | None,
    str | None, str | None, Continuity | None, Reorigin | None, Severity | None, str,
]  # fmt: skip

_NO_VERDICT: Final[_Described] = (
    None, None, None, None, None, None, None, None, None, None, None, "",
)  # fmt: skip


def _describe_verdict(verdict: Verdict) -> _Described:
    findings = verdict.findings
    return (
        verdict.kind,
        verdict.scope,
        verdict.transport,
        verdict.confidence,
        verdict.grade,
        verdict.trust,
        verdict.rule,
        verdict.reason,
        verdict.continuity,
        verdict.reorigin,
        max((f.severity for f in findings), key=lambda s: s.rank) if findings else None,
        " ".join([found.code.value for found in findings]) if findings else "",
    )
