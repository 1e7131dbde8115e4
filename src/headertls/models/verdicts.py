"""What a hop means: the words that a verdict and its findings are made of."""

from enum import StrEnum

from headertls.models.base import Model
from headertls.models.evidence import Evidence
from headertls.models.tls import Tls


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
    """Mail relayed over the public internet without TLS."""
    CLEARTEXT_CREDENTIALS = "cleartext-credentials"
    """A login over the public internet without TLS."""
    PLAINTEXT_OUT_OF_CHARACTER = "plaintext-out-of-character"
    """Plaintext from a sender that otherwise always uses TLS: was it stripped on the way?"""
    REQUIRETLS_VIOLATED = "requiretls-violated"
    """Plaintext though the message was sent with REQUIRETLS (RFC 8689)."""
    NULL_CIPHER = "null-cipher"
    """A cipher suite that does not encrypt, or not in earnest (NULL, EXPORT, below 112 bits)."""
    DEPRECATED_TLS = "deprecated-tls"
    """A version that is no more to be used (RFC 8996)."""
    WEAK_CIPHER = "weak-cipher"
    """A weak cipher suite."""
    NO_FORWARD_SECRECY = "no-forward-secrecy"
    """Whoever gets the server's key later can read what was recorded."""
    BELOW_MINIMUM_GRADE = "below-minimum-grade"
    """The session's grade is below the one that the policy demands."""
    PLAINTEXT_BEHIND_NAT = "plaintext-behind-nat"
    """Plaintext from a client that seems to be on the internet behind an address translator."""
    PLAINTEXT_ORGANIZATION = "plaintext-organization"
    """Plaintext inside one organization, but over public addresses."""
    PLAINTEXT_OPERATOR = "plaintext-operator"
    """Plaintext between public addresses of one mail operator."""
    PLAINTEXT_PRIVATE = "plaintext-private"
    """Plaintext over a private network."""
    TLS_NOT_RECORDED = "tls-not-recorded"
    """Mail from the internet by a writer that says nothing either way."""
    CLIENT_CERTIFICATE_FAILED = "client-certificate-failed"
    """The client showed a certificate that the server could not verify."""
    KEYWORD_UNDERSTATES_TLS = "keyword-understates-tls"
    """The transmission type has no S, though the session was encrypted."""
    VERSION_CONFLICT = "version-conflict"
    """The told version and cipher suite cannot go together, or two statements differ."""
    WITNESS_CONFLICT = "witness-conflict"
    """Another field, or the running server, says otherwise than the line."""
    HELO_IMPERSONATION = "helo-impersonation"
    """The client called itself by a name of an operator to whom its address does not belong."""
    TRACE_GAP = "trace-gap"
    """Between two lines at least one is missing, or names changed on the way."""
    ORDER_BROKEN = "order-broken"
    """A line is dated far before the one below it."""
    CLOCK_SKEW = "clock-skew"
    """A line is dated somewhat before the one below it: the clocks disagree."""
    LONG_DELAY = "long-delay"
    """The message waited."""
    MAIL_LOOP = "mail-loop"
    """The message passed between the same two hosts more than once."""


class Continuity(StrEnum):
    """How the client of a line matches the server that wrote the next older one."""

    EXACT = "exact"
    """By name."""
    ADDRESS = "address"
    """By address."""
    ORGANIZATION = "organization"
    """Only by the registrable domain."""
    OPERATOR = "operator"
    """Only by the mail operator."""
    BREAK = "break"
    """Not at all."""


class Reorigin(StrEnum):
    """How a message began its journey anew at a hop."""

    LIST = "list"
    """A mailing list sent it on."""
    FORWARD = "forward"
    """It was sent on to an address in another domain."""
    RETRIEVAL = "retrieval"
    """It was fetched from a mailbox."""


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
    continuity: Continuity | None = None
    """How the client matches the writer of the next older line; `None` where there is none, or
    where one of them is not named."""
    reorigin: Reorigin | None = None
    tls: Tls | None = None
    """The session, where another field than the line told of it."""
    evidence_for: tuple[Evidence, ...] = ()
    """The words that speak for the transport."""
    evidence_against: tuple[Evidence, ...] = ()
    """The words that speak against it, and were outweighed."""
    findings: tuple[Finding, ...] = ()

    def _repr_html_(self) -> str:
        """Draw the verdict for a notebook."""
        from headertls.report.web import view_verdict  # noqa: PLC0415  # a door upward

        return view_verdict(self)
