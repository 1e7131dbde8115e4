"""What a person should know about a hop, and how grave it is."""

from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from headertls.classifier.findings import CODES, SEVERITIES, find_findings
from headertls.classifier.transports import find_transport
from headertls.models import (
    Auth,
    Client,
    Confidence,
    Evidence,
    EvidenceKind,
    EvidenceLevel,
    Finding,
    FindingCode,
    Hop,
    Kind,
    Scope,
    Server,
    Severity,
    Tls,
    Trust,
)
from headertls.tls import find_suite

TRUSTED = (Trust.OWN, Trust.BOUNDARY)


def make_hop(software="Postfix", protocol="ESMTP", **fields):
    """Make a hop from a public client; Postfix makes its plaintext certain."""
    defaults = {
        "raw": "",
        "client": Client(helo="a.example", address=ip_address("81.2.69.144")),
        "server": Server(name="mx.site.example", software=software),
        "protocol": protocol,
        "id": "4Q1",
    }
    return Hop(**(defaults | fields))


def find(hop, kind=Kind.RELAY, scope=Scope.PUBLIC, trust=Trust.BOUNDARY):
    """Find the findings of a hop, as the transport rules see it."""
    return find_findings(hop, kind, scope, find_transport(hop, kind, scope), trust)


@pytest.mark.parametrize(
    ("software", "trust", "severity"),
    [
        ("Postfix", Trust.OWN, Severity.HIGH),
        ("Postfix", Trust.BOUNDARY, Severity.HIGH),
        ("Postfix", Trust.CLAIM, Severity.LOW),
        (None, Trust.OWN, Severity.MEDIUM),
        (None, Trust.BOUNDARY, Severity.MEDIUM),
        (None, Trust.CLAIM, Severity.INFO),
    ],
)
def test_plaintext_over_the_internet(software, trust, severity):
    """A plaintext public hop is as grave as it is certain and believed."""
    (finding,) = find(make_hop(software), trust=trust)

    assert (finding.code, finding.severity) == (FindingCode.PLAINTEXT_PUBLIC_HOP, severity)


@pytest.mark.parametrize(
    ("software", "trust", "severity"),
    [
        ("Postfix", Trust.OWN, Severity.CRITICAL),
        ("Postfix", Trust.BOUNDARY, Severity.CRITICAL),
        ("Postfix", Trust.CLAIM, Severity.MEDIUM),
        (None, Trust.BOUNDARY, Severity.HIGH),
        (None, Trust.CLAIM, Severity.MEDIUM),
    ],
)
def test_password_over_the_internet(software, trust, severity):
    """A login in plaintext is graver than mail in plaintext."""
    hop = make_hop(software, "ESMTPA", auth=Auth())
    (finding,) = find(hop, kind=Kind.SUBMISSION, trust=trust)

    assert (finding.code, finding.severity) == (FindingCode.CLEARTEXT_CREDENTIALS, severity)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in CODES])
def test_other_events_are_no_finding(kind):
    """Only relays and submissions cross the internet as mail or as a login."""
    assert find(make_hop("fdm 1.9" if kind is Kind.RETRIEVAL else "Postfix"), kind=kind) == ()


@pytest.mark.parametrize("scope", [scope for scope in Scope if scope is not Scope.PUBLIC])
def test_other_scopes_are_no_finding(scope):
    """What did not cross the internet, or is not known to have, raises no alarm."""
    assert find(make_hop(), scope=scope) == ()


@pytest.mark.parametrize(
    "hop",
    [
        make_hop(tls=Tls()),
        make_hop("SendGrid"),
        make_hop(protocol=None),
    ],
)
def test_other_transports_are_no_finding(hop):
    """Neither encryption nor silence that means nothing is plaintext."""
    assert find(hop) == ()


@pytest.mark.parametrize("trust", [*TRUSTED, Trust.CLAIM])
def test_mail_older_than_starttls_is_for_information(trust):
    """Nobody could have done better."""
    (finding,) = find(make_hop(timestamp=datetime(1996, 11, 18, tzinfo=UTC)), trust=trust)

    assert finding.severity is Severity.INFO


def test_finding_names_both_ends():
    """A list of findings can be read without the hops."""
    (finding,) = find(make_hop())

    assert "mx.site.example" in finding.message
    assert "81.2.69.144" in finding.message


def test_finding_of_a_claim_says_so():
    """What stands below the trust boundary may be invented."""
    (own,) = find(make_hop())
    (claim,) = find(make_hop(), trust=Trust.CLAIM)

    assert claim.message.startswith(own.message)
    assert "claim" in claim.message


def test_nameless_server_has_a_finding():
    """A server that does not name itself still took the mail."""
    (finding,) = find(make_hop(server=Server(software="Postfix")))

    assert finding.message.startswith("The server ")


def test_finding_shows_what_the_line_says_of_the_session():
    """A NULL suite is plaintext by what the line says, so the finding shows it."""
    evidence = (
        Evidence(
            kind=EvidenceKind.NOTE, level=EvidenceLevel.DETAIL, text="NULL-SHA", start=0, end=8
        ),
    )
    hop = make_hop(raw="NULL-SHA", tls=Tls(suite=find_suite("NULL-SHA"), evidence=evidence))

    assert find(hop) == (
        Finding(
            code=FindingCode.PLAINTEXT_PUBLIC_HOP,
            severity=Severity.HIGH,
            message=find(make_hop())[0].message,
            evidence=evidence,
        ),
    )


def test_every_finding_has_its_severities():
    """The table has an answer for each code, confidence and trust."""
    expected = {
        (code, confidence, is_claim)
        for code in CODES.values()
        for confidence in (Confidence.HIGH, Confidence.MEDIUM)
        for is_claim in (False, True)
    }

    assert set(SEVERITIES) == expected
