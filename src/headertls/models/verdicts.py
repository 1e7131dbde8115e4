"""What a hop means: the words that a verdict and its findings are made of."""

from enum import StrEnum

from headertls.models.base import Model
from headertls.models.evidence import Evidence
from headertls.models.tls import Tls


class Kind(StrEnum):
    """What event a line records."""

    NOTE = "note"
    """A server's note about itself, or a line of no known form; no connection."""
    LOCAL = "local"
    """Handed in on the server itself, by a program or a user."""
    STORE = "store"
    """Put into a mailbox or taken from one, inside one system, such as Exchange's last step."""
    DELIVERY = "delivery"
    """Delivered over LMTP."""
    FILTER = "filter"
    """A pass through a content filter and back."""
    WEB = "web"
    """Handed in over HTTP: webmail, or the API of a sending service."""
    RETRIEVAL = "retrieval"
    """Fetched from another mailbox, over POP3 or IMAP."""
    OTHER = "other"
    """A way that is not SMTP, such as UUCP or QMQP."""
    LIST = "list"
    """A list manager sent it on."""
    SUBMISSION = "submission"
    """Taken over SMTP from a client that logged in."""
    RELAY = "relay"
    """Taken over SMTP from another server, or from a client that did not log in."""


class Scope(StrEnum):
    """Where the connection ran, judged by the client's address."""

    LOCAL = "local"
    """On the server itself: loopback or a socket."""
    PRIVATE = "private"
    """From an address that no internet route leads to, such as `10.0.0.0/8` or `fd00::/8`."""
    PUBLIC = "public"
    """Over the public internet."""
    OPERATOR = "operator"
    """Public addresses, both ends proven to be one mail operator."""
    ORGANIZATION = "organization"
    """Public addresses, both ends under one registrable domain."""
    BEHIND_NAT = "behind_nat"
    """A private address, but the client named a public one as its own: somebody translates."""
    PROXIED = "proxied"
    """Through a proxy on the server or in front of it; who the client is, other lines tell."""
    DOCUMENTATION = "documentation"
    """An address reserved for examples, as `192.0.2.0/24`."""
    INVALID = "invalid"
    """An address that no peer can have, such as multicast."""
    UNKNOWN = "unknown"
    """The line names no address of a client."""


class Transport(StrEnum):
    """What the record says about encryption on the wire."""

    ENCRYPTED = "encrypted"
    """The line says TLS, in a place that only the receiving server fills."""
    PLAINTEXT = "plaintext"
    """The line says that there was none, or is silent where its writer would have said it; with
    confidence `medium` where that is only likely."""
    NOT_RECORDED = "not_recorded"
    """The line says nothing, and its writer is not known to write of TLS, or there was no SMTP
    session."""
    NOT_APPLICABLE = "not_applicable"
    """The line records no connection: a local program, a filter on the same machine, a note."""


class Confidence(StrEnum):
    """How firmly the verdict on the transport stands."""

    HIGH = "high"
    """The words of the line, or the known habits of its writer, leave no doubt about the record."""
    MEDIUM = "medium"
    """The best reading; another is possible, for example because the writer is not known."""
    LOW = "low"
    """Not given by any rule so far."""


class Grade(StrEnum):
    """Strength of the session, by BCP 195 and the NCSC-NL lists of 2025; worst first."""

    PLAINTEXT = "plaintext"
    """No TLS at all."""
    BROKEN = "broken"
    """Little better than none: SSL, RC4, NULL, EXPORT, keys below 112 bits."""
    WEAK = "weak"
    """Not to be used any more: TLS 1.0 and 1.1, no forward secrecy, 3DES, CBC with SHA-1."""
    DATED = "dated"
    """To be phased out: TLS 1.2 with CBC and SHA-2, or with finite-field key exchange."""
    GOOD = "good"
    """TLS 1.2 with ECDHE and an AEAD cipher."""
    MODERN = "modern"
    """TLS 1.3 with one of its usual suites."""
    UNKNOWN = "unknown"
    """TLS without detail; stands outside the order."""


class Trust(StrEnum):
    """Who wrote the line, seen from the newest one."""

    OWN = "own"
    """Written by an own server about mail that was inside already."""
    BOUNDARY = "boundary"
    """The last line to be believed: an own server wrote it, as a rule about the way in."""
    CLAIM = "claim"
    """Came with the message; whoever sent it may have written it."""


class Severity(StrEnum):
    """Weight of a finding. Members are declared in rising order."""

    INFO = "info"
    """Good to know; flags no hop."""
    LOW = "low"
    """Worth a look."""
    MEDIUM = "medium"
    """Worth a question to somebody."""
    HIGH = "high"
    """To be acted on."""
    CRITICAL = "critical"
    """To be acted on at once."""

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
    """What it is about."""
    severity: Severity
    """How grave it is here, under the given policy."""
    message: str
    """One sentence for people, with the names of the two ends."""
    evidence: tuple[Evidence, ...] = ()
    """The words on which it rests; empty where it rests on how lines follow each other."""


class Verdict(Model):
    """What a hop's facts mean, and by which rule."""

    kind: Kind
    """What event the line records."""
    scope: Scope
    """Where the connection ran."""
    transport: Transport
    """What the record says about encryption on the wire."""
    confidence: Confidence | None = None
    """How firmly `transport` stands; `None` where it is neither encrypted nor plaintext."""
    grade: Grade | None = None
    """How good the session is; `None` where there is none to be graded."""
    trust: Trust | None = None
    """Who wrote the line."""
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
    """How the message began its journey anew here, if it did."""
    tls: Tls | None = None
    """The session, where another field than the line told of it."""
    evidence_for: tuple[Evidence, ...] = ()
    """The words that speak for the transport."""
    evidence_against: tuple[Evidence, ...] = ()
    """The words that speak against it, and were outweighed."""
    findings: tuple[Finding, ...] = ()
    """What a person should know of this hop."""

    def _repr_html_(self) -> str:
        """Draw the verdict for a notebook."""
        from headertls.report.web import view_verdict  # noqa: PLC0415  # a door upward

        return view_verdict(self)
