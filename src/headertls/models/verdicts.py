"""What a hop means: the words that a verdict and its findings are made of."""

from enum import StrEnum

from headertls.models.base import Model
from headertls.models.evidence import Evidence


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


class Finding(Model):
    """Something about a hop that a person should know."""

    code: FindingCode
    severity: Severity
    message: str
    evidence: tuple[Evidence, ...] = ()


class Verdict(Model):
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
