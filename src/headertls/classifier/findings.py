"""What a person should know about a hop, and how grave it is."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from headertls.classifier.transports import BEFORE_STARTTLS, Decision
from headertls.models import (
    Confidence,
    Finding,
    FindingCode,
    Hop,
    Kind,
    Scope,
    Severity,
    Transport,
    Trust,
)

_CACHE_SIZE: Final = 4096

CODES: Final = {
    Kind.RELAY: FindingCode.PLAINTEXT_PUBLIC_HOP,
    Kind.SUBMISSION: FindingCode.CLEARTEXT_CREDENTIALS,
}
"""What a plaintext hop over the public internet is; lines of other kinds are none."""

SEVERITIES: Final = {
    # by finding, confidence, and whether the line stands below the trust boundary
    (FindingCode.PLAINTEXT_PUBLIC_HOP, Confidence.HIGH, False): Severity.HIGH,
    (FindingCode.PLAINTEXT_PUBLIC_HOP, Confidence.MEDIUM, False): Severity.MEDIUM,
    (FindingCode.PLAINTEXT_PUBLIC_HOP, Confidence.HIGH, True): Severity.LOW,
    (FindingCode.PLAINTEXT_PUBLIC_HOP, Confidence.MEDIUM, True): Severity.INFO,
    (FindingCode.CLEARTEXT_CREDENTIALS, Confidence.HIGH, False): Severity.CRITICAL,
    (FindingCode.CLEARTEXT_CREDENTIALS, Confidence.MEDIUM, False): Severity.HIGH,
    (FindingCode.CLEARTEXT_CREDENTIALS, Confidence.HIGH, True): Severity.MEDIUM,
    (FindingCode.CLEARTEXT_CREDENTIALS, Confidence.MEDIUM, True): Severity.MEDIUM,
}

MESSAGES: Final = {
    FindingCode.PLAINTEXT_PUBLIC_HOP: (
        "{server} records mail taken from {client} over the public internet without TLS."
    ),
    FindingCode.CLEARTEXT_CREDENTIALS: (
        "{server} records that {client} logged in over the public internet without TLS,"
        " so its password was likely sent in the clear."
    ),
}
CLAIM_NOTE: Final = " The line stands below the trust boundary: it is a claim."


def find_findings(
    hop: Hop, kind: Kind, scope: Scope, decision: Decision, trust: Trust
) -> tuple[Finding, ...]:
    """Find what is wrong with *hop*, given what it is and how far it is to be believed."""
    if decision.transport is not Transport.PLAINTEXT or scope is not Scope.PUBLIC:
        return ()
    code = CODES.get(kind)
    if code is None or decision.confidence is None:
        return ()
    is_claim = trust is Trust.CLAIM
    severity = SEVERITIES[code, decision.confidence, is_claim]
    if decision.rule == BEFORE_STARTTLS:
        severity = Severity.INFO
    server = hop.server.name if hop.server else None
    client = hop.client.address if hop.client else None
    finding = _write_finding(code, severity, server, client)
    if is_claim or hop.tls:
        message = finding.message + (CLAIM_NOTE if is_claim else "")
        evidence = hop.tls.evidence if hop.tls else ()
        finding = finding.model_copy(update={"message": message, "evidence": evidence})
    return (finding,)


# Two servers that talk to each other in plaintext do so in many messages.
@lru_cache(_CACHE_SIZE)
def _write_finding(
    code: FindingCode,
    severity: Severity,
    server: str | None,
    client: IPv4Address | IPv6Address | None,
) -> Finding:
    message = MESSAGES[code].format(server=server or "The server", client=client)
    return Finding(code=code, severity=severity, message=message)
