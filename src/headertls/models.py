"""What a hop, a verdict, a finding and a trace *are*: frozen pydantic models and enums.

The models hold no logic beyond what their own fields answer. ``None`` or an empty tuple means
"the line does not say"; it is never a default that looks like an answer.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator

SCHEMA_VERSION = "1.0"
"""Version of the JSON form: the minor number grows with new fields, the major with changed ones."""


class HeaderTlsError(Exception):
    """The base of every exception that this library defines."""


class DefectError(HeaderTlsError):
    """A recorded `Defect`, raised because the caller asked for strictness."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def _validate_address(value: object) -> IPv4Address | IPv6Address:
    if isinstance(value, (IPv4Address, IPv6Address)):
        return value
    if isinstance(value, str):
        return ip_address(value)
    raise ValueError("an IP address or its text is needed")


# Passing ready instances through saves 10 µs a hop over validating them anew.
IPAddress = Annotated[
    IPv4Address | IPv6Address,
    PlainValidator(_validate_address, json_schema_input_type=str),
    PlainSerializer(str, return_type=str, when_used="json"),
]


class DefectKind(StrEnum):
    """In what way a line or message departs from the standards, or could not be read."""

    NO_CLAUSES = "no-clauses"
    """Neither a `from` nor a `by` clause was found: the text is no trace line of a known form."""
    DUPLICATE_CLAUSE = "duplicate-clause"
    """A clause that may stand once stands twice; the second one adds no evidence."""
    EMPTY_CLAUSE = "empty-clause"
    """A clause keyword has no value."""
    UNBALANCED_BRACKET = "unbalanced-bracket"
    """A round bracket has no partner."""
    HELO_SYNTAX = "helo-syntax"
    """The HELO argument holds brackets or blanks that could pass for text of the server."""
    BAD_ADDRESS = "bad-address"
    """The text in the place of the client's or server's address is not an IP address."""
    NO_DATE = "no-date"
    """The line has no time stamp."""
    BAD_DATE = "bad-date"
    """The time stamp cannot be read."""
    NO_ZONE = "no-zone"
    """The time stamp names no (known) zone, so the instant is not known."""
    NO_SEMICOLON = "no-semicolon"
    """The time stamp is not set off by a semicolon (RFC 5322, 3.6.7)."""
    TRANSPORT_DAMAGE = "transport-damage"
    """Leftovers of quoted-printable or HTML (`=3D`, `&lt;`) were read through."""
    UNDECODABLE = "undecodable"
    """Octets that are neither ASCII nor UTF-8 were replaced by escapes."""
    FIELD_TOO_LONG = "field-too-long"
    """The field was cut at `MAX_FIELD` characters."""
    TOO_MANY_TOKENS = "too-many-tokens"
    """Reading stopped at `MAX_TOKENS` tokens."""
    COMMENT_TOO_DEEP = "comment-too-deep"
    """A comment nests deeper than `MAX_COMMENT_DEPTH`."""
    TLS_TEXT_TOO_LONG = "tls-text-too-long"
    """A text that may speak of TLS is longer than `MAX_TLS_TEXT` and was not read."""
    TLS_TEXT_UNREAD = "tls-text-unread"
    """A comment or left-over words seem to speak of TLS, in a wording that no rule reads."""
    TOO_MANY_HOPS = "too-many-hops"
    """The message has more than `MAX_HOPS` trace lines; the older ones were left out."""
    HEADER_TOO_LONG = "header-too-long"
    """The header block was cut at `MAX_HEADER` octets."""
    NUL_OCTET = "nul-octet"
    """The header block holds NUL octets."""
    BAD_FIELD = "bad-field"
    """A line of the header block is neither a field nor the continuation of one."""
    PASTED = "pasted"
    """The header block was repaired: it was indented, quoted or broken by a mail client."""


class Defect(_Model):
    """A deviation that was met and worked around."""

    kind: DefectKind
    text: str = ""
    """The text that shows it, or a short explanation."""


class TlsVersion(StrEnum):
    """A protocol version of SSL or TLS. Members are declared in order of age."""

    SSLV2 = "SSLv2"
    SSLV3 = "SSLv3"
    TLSV1_0 = "TLSv1.0"
    TLSV1_1 = "TLSv1.1"
    TLSV1_2 = "TLSv1.2"
    TLSV1_3 = "TLSv1.3"

    @property
    def rank(self) -> int:
        """The place in the order of age; compare this, never the text."""
        return _VERSION_RANK[self]


_VERSION_RANK = {version: rank for rank, version in enumerate(TlsVersion)}


class CipherSuite(_Model):
    """A cipher suite of the IANA registry "TLS Cipher Suites", or an older private one."""

    code: int
    """The code point, e.g. `0x1301`; SSLv2 kinds have three octets."""
    name: str
    """The IANA name."""
    key_exchange: str | None
    """E.g. `ECDHE`, `RSA` (static); `None` where the suite does not fix it (TLS 1.3)."""
    authentication: str | None
    cipher: str
    """The bulk cipher, e.g. `AES_256`."""
    mode: str | None
    mac: str | None
    bits: int
    """Effective secret bits: 3DES has 112."""
    forward_secrecy: bool
    aead: bool
    min_version: TlsVersion
    max_version: TlsVersion


class EvidenceKind(StrEnum):
    """How a piece of text speaks of encryption, strongest first."""

    DETAIL = "detail"
    """A version, a cipher, a `tls` clause, or words that only a TLS session produces."""
    KEYWORD = "keyword"
    """A registered transmission type with S (RFC 3848, RFC 6531), or a phrase such as `(TLS)`."""
    INFORMAL = "informal"
    """An unregistered word, e.g. `SMTPS`, `essmtp`, `Google Transport Security`."""


class Evidence(_Model):
    """A piece of the line that speaks of encryption."""

    kind: EvidenceKind
    text: str
    start: int
    """Offset in `Hop.raw`; `raw[start:end] == text`."""
    end: int


class TlsConflict(StrEnum):
    """Two statements of one line that cannot both be right."""

    VERSION_SUITE = "version-suite"
    """The told version lies outside the versions in which the suite exists."""
    KEYWORD_UNDERSTATES = "keyword-understates-tls"
    """The transmission type has no S, but the line gives TLS details."""
    VERSIONS_DIFFER = "versions-differ"
    SUITES_DIFFER = "suites-differ"


class Tls(_Model):
    """What the line says about TLS; a hop without it says nothing."""

    version: TlsVersion | None = None
    """The effective version: the told one, or the one that the suite fixes."""
    stated_version: str | None = None
    """The version as written; `NONE` where the line says that there was none."""
    cipher: str | None = None
    """The cipher as written."""
    suite: CipherSuite | None = None
    bits: int | None = None
    """Secret bits as told (the first number of `128/256`)."""
    group: str | None = None
    """The key exchange group (IANA name where known)."""
    signature: str | None = None
    """The server's signature algorithm as written."""
    client_certificate: str | None = None
    """What the line says about the *client's* certificate, as written; says nothing of the link."""
    evidence: tuple[Evidence, ...] = ()
    conflicts: tuple[TlsConflict, ...] = ()


class Client(_Model):
    """The SMTP client of a hop: the `from` side."""

    helo: str | None = None
    """The name or address literal that the client gave itself, brackets off."""
    rdns: str | None = None
    """The reverse name that the server recorded."""
    address: IPAddress | None = None
    """The address of the TCP peer, without IPv6 zone."""
    port: int | None = None
    ident: str | None = None


class Server(_Model):
    """The SMTP server of a hop: the `by` side, which wrote the line."""

    name: str | None = None
    address: IPAddress | None = None
    software: str | None = None
    """The product, as recognised by its marker, with its version where told: `Exim 4.96`."""


class Auth(_Model):
    """The line says that the client authenticated."""

    user: str | None = None
    method: str | None = None
    """The SASL mechanism as written."""


class Kind(StrEnum):
    """What event a line records."""

    NOTE = "note"
    LOCAL = "local"
    STORE = "store"
    DELIVERY = "delivery"
    FILTER = "filter"
    WEB = "web"
    RETRIEVAL = "retrieval"
    OTHER = "other"
    LIST = "list"
    SUBMISSION = "submission"
    RELAY = "relay"


class Scope(StrEnum):
    """Where the connection ran, judged by the client's address."""

    LOCAL = "local"
    PRIVATE = "private"
    PUBLIC = "public"
    OPERATOR = "operator"
    """Public addresses, both ends proven to be one mail operator."""
    ORGANIZATION = "organization"
    """Public addresses, both ends under one registrable domain."""
    BEHIND_NAT = "behind_nat"
    PROXIED = "proxied"
    DOCUMENTATION = "documentation"
    INVALID = "invalid"
    UNKNOWN = "unknown"


class Transport(StrEnum):
    """What the record says about encryption on the wire."""

    ENCRYPTED = "encrypted"
    PLAINTEXT = "plaintext"
    NOT_RECORDED = "not_recorded"
    NOT_APPLICABLE = "not_applicable"


class Confidence(StrEnum):
    """How firmly the verdict on the transport stands."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Grade(StrEnum):
    """Strength of the session, by BCP 195 and the NCSC-NL lists of 2025; worst first."""

    PLAINTEXT = "plaintext"
    BROKEN = "broken"
    WEAK = "weak"
    DATED = "dated"
    GOOD = "good"
    MODERN = "modern"
    UNKNOWN = "unknown"
    """TLS without detail; stands outside the order."""


class Trust(StrEnum):
    """Who wrote the line, seen from the newest one."""

    OWN = "own"
    BOUNDARY = "boundary"
    CLAIM = "claim"


class Severity(StrEnum):
    """Weight of a finding. Members are declared in rising order."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """The place in the rising order; compare this, never the text."""
        return _SEVERITY_RANK[self]


_SEVERITY_RANK = {severity: rank for rank, severity in enumerate(Severity)}


class FindingCode(StrEnum):
    """What a finding is about."""

    PLAINTEXT_PUBLIC_HOP = "plaintext-public-hop"
    CLEARTEXT_CREDENTIALS = "cleartext-credentials"


class Finding(_Model):
    """Something about a hop that a person should know."""

    code: FindingCode
    severity: Severity
    message: str
    evidence: tuple[Evidence, ...] = ()


class Verdict(_Model):
    """What a hop's facts mean, and by which rule."""

    kind: Kind
    scope: Scope
    transport: Transport
    confidence: Confidence | None = None
    grade: Grade | None = None
    trust: Trust | None = None
    rule: str
    """The row that decided the transport."""
    reason: str
    """One plain sentence about the record."""
    delay: float | None = None
    """Seconds since the time stamp of the next older hop; negative where clocks disagree."""
    findings: tuple[Finding, ...] = ()


class Hop(_Model):
    """One `Received` line, read: facts only, and the verdict once a classifier gave one."""

    raw: str
    client: Client | None = None
    server: Server | None = None
    protocol: str | None = None
    """Registered transmission types in upper case (`ESMTPS`), others as written."""
    via: str | None = None
    id: str | None = None
    recipients: tuple[str, ...] = ()
    envelope_from: str | None = None
    """The envelope sender; `""` is the empty sender `<>`."""
    auth: Auth | None = None
    tls: Tls | None = None
    timestamp: datetime | None = None
    """Always with an offset; a time without a known zone is left out and is a defect."""
    comments: tuple[str, ...] = ()
    """Comments from which no field was read, brackets off."""
    unparsed: tuple[str, ...] = ()
    """What no rule read, as written."""
    defects: tuple[Defect, ...] = ()
    complete: bool = True
    """False when a bound was reached, so that part of the line was not read."""
    verdict: Verdict | None = None


class Headline(StrEnum):
    """How the message came in, in one word."""

    ENTERED_ENCRYPTED = "entered_encrypted"
    ENTERED_PLAINTEXT = "entered_plaintext"
    ENTERED_NOT_RECORDED = "entered_not_recorded"
    INTERNAL_ONLY = "internal_only"
    NO_TRACE = "no_trace"


class Trace(_Model):
    """The hops of one message, oldest first, with what they mean."""

    schema_version: str = SCHEMA_VERSION
    hops: tuple[Hop, ...] = ()
    entry: Hop | None = None
    """The hop by which the message came in from outside."""
    headline: Headline = Headline.NO_TRACE
    findings: tuple[Finding, ...] = ()
    """The findings of all hops, gravest first."""
    defects: tuple[Defect, ...] = ()
    """Defects of the message; each hop has its own besides."""
    boundary_inferred: bool = False
    """True when the trust boundary was guessed rather than told by the caller."""

    def __iter__(self) -> Iterator[Hop]:  # type: ignore[override]  # a trace is its hops
        return iter(self.hops)

    def __len__(self) -> int:
        return len(self.hops)

    def __bool__(self) -> bool:
        # A trace without hops is still an answer.
        return True

    @property
    def worst(self) -> Severity | None:
        """The gravest severity among the findings."""
        return max((f.severity for f in self.findings), key=lambda s: s.rank, default=None)

    def raise_for_defects(self) -> None:
        """Raise what was worked around.

        Raises:
            ExceptionGroup: of one `DefectError` for each defect of the message and of its hops.
        """
        defects: list[Any] = [*self.defects, *(d for hop in self.hops for d in hop.defects)]
        if defects:
            errors = [
                DefectError(f"{d.kind.value}: {d.text}" if d.text else d.kind.value)
                for d in defects
            ]
            raise ExceptionGroup("the message departs from the standards", errors)
