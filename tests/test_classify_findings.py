"""The table of findings: what is raised when, and how grave it is."""

import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from headertls import (
    Client,
    Confidence,
    Continuity,
    FindingCode,
    Grade,
    Hop,
    Kind,
    Policy,
    Scope,
    Server,
    Severity,
    Transport,
    analyze,
    parse_received,
)
from headertls.classifier import classify, traces
from headertls.classifier.finding_rules import CHAIN_MESSAGES, RULES, Facts, Weights
from headertls.classifier.findings import Links, find_findings, lower, make_scale

RECEIVED = Path(__file__).parent / "received"

RELAY = Facts(Kind.RELAY, Scope.PUBLIC, Transport.PLAINTEXT, Confidence.HIGH)
LOGIN = RELAY._replace(kind=Kind.SUBMISSION)
TLS = RELAY._replace(transport=Transport.ENCRYPTED, grade=Grade.GOOD)
OPEN = RELAY._replace(transport=Transport.NOT_RECORDED, confidence=None)
IN_ORDER = Links(None, None)
HOP = Hop(
    raw="",
    client=Client(helo="out.shop.example", address=ip_address("81.2.69.144")),
    server=Server(name="mx.site.example"),
)

# Facts, the finding that they are, and its severity: trusted and firm, trusted with medium
# confidence, as a claim, as a claim with medium confidence; "-" where there is none.
ROWS = [
    (RELAY, "plaintext-public-hop", "high medium low info"),
    (LOGIN, "cleartext-credentials", "critical high medium medium"),
    (
        RELAY._replace(is_encrypted_sender=True),
        "plaintext-out-of-character",
        "high high low low",
    ),
    (RELAY._replace(is_required=True), "requiretls-violated", "high high low low"),
    (RELAY._replace(is_null=True), "null-cipher", "high high low low"),
    (TLS._replace(is_deprecated=True), "deprecated-tls", "medium medium info info"),
    (TLS._replace(grade=Grade.WEAK), "weak-cipher", "medium medium info info"),
    (TLS._replace(grade=Grade.BROKEN), "weak-cipher", "medium medium info info"),
    (TLS._replace(has_no_secrecy=True), "no-forward-secrecy", "low low info info"),
    (TLS._replace(is_below_minimum=True), "below-minimum-grade", "medium medium info info"),
    (RELAY._replace(scope=Scope.BEHIND_NAT), "plaintext-behind-nat", "medium - info -"),
    (RELAY._replace(scope=Scope.ORGANIZATION), "plaintext-organization", "low info info info"),
    (RELAY._replace(scope=Scope.OPERATOR), "plaintext-operator", "low info info info"),
    (RELAY._replace(scope=Scope.PRIVATE), "plaintext-private", "info info - -"),
    (OPEN, "tls-not-recorded", "info info info info"),
    (TLS._replace(has_failed_certificate=True), "client-certificate-failed", "info info info info"),
    (TLS._replace(understates=True), "keyword-understates-tls", "info info info info"),
    (TLS._replace(is_inconsistent=True), "version-conflict", "info info info info"),
    (TLS._replace(has_dissent=True), "witness-conflict", "info info info info"),
    (
        RELAY._replace(impersonated="Google", is_encrypting_operator=True),
        "helo-impersonation",
        "medium medium info info",
    ),
    (RELAY._replace(impersonated="Apple"), "helo-impersonation", "info info info info"),
    (TLS._replace(impersonated="Apple"), "helo-impersonation", "info info info info"),
]


def find(facts, links=IN_ORDER, **policy):
    """Give the codes and severities of the findings."""
    found = find_findings(HOP, facts, links, make_scale(Policy(**policy)))
    return {finding.code.value: finding.severity.value for finding in found}


@pytest.mark.parametrize(("facts", "code", "severities"), ROWS)
def test_each_finding_has_its_weight(facts, code, severities):
    """The severity goes by trust and by how firm the verdict is."""
    cases = [
        facts._replace(is_claim=is_claim, confidence=confidence)
        for is_claim in (False, True)
        for confidence in (Confidence.HIGH, Confidence.MEDIUM)
    ]

    assert severities.split() == [find(case).get(code, "-") for case in cases]


def test_every_row_is_tried():
    """No row of the table goes without a case."""
    tried = {
        next(i for i, rule in enumerate(RULES) if rule.code == code and rule.matches(facts))
        for facts, code, _ in ROWS
    }

    assert set(range(len(RULES))) == tried


def test_every_code_is_raised_somewhere():
    """A code without a row would be a promise that nothing keeps."""
    assert set(FindingCode) == {rule.code for rule in RULES} | set(CHAIN_MESSAGES)


@pytest.mark.parametrize("transport", [Transport.ENCRYPTED, Transport.NOT_APPLICABLE])
def test_nothing_is_said_of_an_ordinary_hop(transport):
    """Neither encryption nor a step within a machine is a finding."""
    assert find(RELAY._replace(transport=transport)) == {}


@pytest.mark.parametrize("kind", sorted(set(Kind) - {Kind.RELAY, Kind.SUBMISSION}))
@pytest.mark.parametrize("scope", list(Scope))
def test_only_mail_taken_from_a_client_can_be_in_plaintext(kind, scope):
    """Notes, deliveries, filters and the like raise no alarm, wherever they ran."""
    assert find(RELAY._replace(kind=kind, scope=scope)) == {}


def test_weak_tls_never_outweighs_a_plaintext_public_hop():
    """Broken encryption still stops who only listens without means."""
    rules = {rule.code: rule.weights for rule in RULES}
    plain = rules[FindingCode.PLAINTEXT_PUBLIC_HOP]
    for code in (FindingCode.DEPRECATED_TLS, FindingCode.WEAK_CIPHER):
        for weak, grave in zip(_severities(rules[code]), _severities(plain), strict=True):
            assert weak.rank <= grave.rank


def _severities(weights: Weights) -> Iterable[Severity]:
    return (weights.trusted, weights.trusted_medium, weights.claim, weights.claim_medium)


def test_one_reason_for_a_weak_session_is_enough():
    """A deprecated version, or a suite without forward secrecy, is not called weak once more."""
    weak = TLS._replace(grade=Grade.WEAK)

    assert find(weak._replace(is_deprecated=True)) == {"deprecated-tls": "medium"}
    assert find(weak._replace(has_no_secrecy=True)) == {"no-forward-secrecy": "low"}


def test_mail_older_than_starttls_is_for_information():
    """Nobody could have done otherwise."""
    assert find(LOGIN._replace(is_before_starttls=True)) == {"cleartext-credentials": "info"}


def test_waiver_lowers_findings_on_plaintext():
    """The author waived TLS, so plaintext weighs a level less, and the message says why."""
    waived = RELAY._replace(is_waived=True)
    finding, *_ = find_findings(HOP, waived, IN_ORDER, make_scale(Policy()))

    assert find(waived) == {"plaintext-public-hop": "medium"}
    assert "TLS-Required: No" in finding.message
    assert find(LOGIN._replace(is_waived=True)) == {"cleartext-credentials": "critical"}
    assert find(waived._replace(is_claim=True)) == {"plaintext-public-hop": "info"}


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        (Links(59.0, Continuity.EXACT), {}),
        (Links(-60.0, None), {}),
        (Links(-60.5, None), {"clock-skew": "info"}),
        (Links(-3600.0, None), {"clock-skew": "info"}),
        (Links(-3601.0, None), {"order-broken": "info"}),
        (Links(3599.0, None), {}),
        (Links(3600.0, None), {"long-delay": "info"}),
        (Links(None, Continuity.BREAK), {"trace-gap": "info"}),
        (Links(None, Continuity.OPERATOR), {}),
        (Links(None, None, is_loop=True), {"mail-loop": "info"}),
    ],
)
def test_how_lines_follow_each_other(links, expected):
    """Clocks may disagree by a minute, and mail may wait up to an hour."""
    assert expected == find(TLS, links)


def test_caller_sets_what_is_long():
    """Times of the policy take the place of the usual ones."""
    assert find(TLS, Links(120.0, None), long_delay=60) == {"long-delay": "info"}
    assert find(TLS, Links(-90.0, None), clock_skew=100) == {}
    assert find(TLS, Links(-5000.0, None), clock_skew=6000) == {}


def test_caller_sets_severities():
    """They hold for trusted lines; medium confidence is a level lower, a claim never graver."""
    wanted = {"plaintext-public-hop": "critical", "trace-gap": "low"}

    assert find(RELAY, severities=wanted) == {"plaintext-public-hop": "critical"}
    medium = RELAY._replace(confidence=Confidence.MEDIUM)
    assert find(medium, severities=wanted) == {"plaintext-public-hop": "high"}
    claim = RELAY._replace(is_claim=True)
    assert find(claim, severities=wanted) == {"plaintext-public-hop": "low"}
    assert find(claim, severities={"plaintext-public-hop": "info"}) == {
        "plaintext-public-hop": "info"
    }
    gap = Links(None, Continuity.BREAK)
    assert find(TLS, gap, severities=wanted) == {"trace-gap": "low"}
    old = RELAY._replace(is_before_starttls=True)
    assert find(old, severities=wanted) == {"plaintext-public-hop": "info"}


def test_caller_leaves_findings_out():
    """What is ignored is not raised, of hops and of their order."""
    assert find(RELAY, ignored=["plaintext-public-hop"]) == {}
    assert find(TLS, Links(None, Continuity.BREAK), ignored=["trace-gap"]) == {}


def test_lowest_severity_stays():
    """There is nothing below information."""
    assert [lower(severity) for severity in Severity] == [
        Severity.INFO,
        Severity.INFO,
        Severity.LOW,
        Severity.MEDIUM,
        Severity.HIGH,
    ]


def test_claims_say_so_of_their_order_too():
    """A gap between claims is a claim."""
    facts = TLS._replace(is_claim=True)
    (found,) = find_findings(HOP, facts, Links(None, Continuity.BREAK), make_scale(Policy()))

    assert found.message.endswith("it is a claim.")


def test_messages_name_both_ends():
    """A finding can be read without the hop; a claim says that it is one."""
    finding, *_ = find_findings(HOP, RELAY._replace(is_claim=True), IN_ORDER, make_scale(Policy()))

    assert finding.message == (
        "mx.site.example records mail taken from 81.2.69.144 over the public internet without TLS."
        " The line stands below the trust boundary: it is a claim."
    )


def test_message_without_names_is_a_sentence():
    """Where nobody is named, the sentence still begins with a capital."""
    finding, *_ = find_findings(Hop(raw=""), RELAY, IN_ORDER, make_scale(Policy()))

    assert finding.message.startswith("The server records mail taken from the client over")


def read(*lines, **settings):
    """Judge a message of these lines, newest first, a minute apart."""
    noon = datetime(2024, 3, 5, 12, tzinfo=UTC)
    stamps = [noon - timedelta(minutes=i) for i in range(len(lines))]
    fields = (
        f"Received: {line}; {stamp:%d %b %Y %H:%M:%S +0000}\n"
        for line, stamp in zip(lines, stamps, strict=True)
    )
    return analyze("".join(fields).encode(), **settings)


def codes(trace):
    """Give the codes and severities of all findings."""
    return [(finding.code.value, finding.severity.value) for finding in trace.findings]


def test_findings_of_the_trace_stand_gravest_first():
    """The trace has the findings of all its hops."""
    trace = read(
        "from a (unknown [10.0.0.1]) by mx.site.example (Postfix) with ESMTP id 1",
        "from b (unknown [81.2.69.144]) by a (Postfix) with ESMTP id 2",
    )

    assert codes(trace) == [("plaintext-public-hop", "high"), ("plaintext-private", "info")]
    assert trace.worst is Severity.HIGH


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # an operator whose ranges are known, and which always uses TLS
        ("from mail.google.com (unknown [81.2.69.144])", ("helo-impersonation", "medium")),
        # a verified name of the operator's
        (
            "from mail.google.com (mx.google.com [81.2.69.144])",
            ("plaintext-out-of-character", "high"),
        ),
        # its own address
        ("from x.example (unknown [209.85.220.65])", ("plaintext-out-of-character", "high")),
    ],
)
def test_names_and_addresses_of_operators(line, expected):
    """Who calls itself by an operator's name should have its address, or a verified name."""
    trace = read(f"{line} by mx.site.example (Postfix) with ESMTP id 1")

    assert expected in codes(trace)


def test_operator_that_is_one_is_not_accused():
    """The operator's own servers may say its name, over TLS as it always does."""
    trace = read(
        "from mail-sor-f65.google.com (mail-sor-f65.google.com [209.85.220.65])"
        " by mx.site.example (Postfix) with ESMTPS id 1"
    )

    assert codes(trace) == []


def test_certificate_that_failed():
    """It is about the client's certificate; where the product says FAIL for none, nothing."""
    line = (
        "from a.example (a.example [81.2.69.144]) by mx.site.example {} with ESMTPS id 1"
        " (version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=FAIL)"
    )

    assert codes(read(line.format("(8.17.1/8.17.1)"))) == [("client-certificate-failed", "info")]
    assert codes(read(line.format("(Haraka/2.8.24)"))) == []


def test_minimum_grade():
    """Below it encrypted hops are told of; unknown grades are outside of the order."""
    line = (
        "from a.example (a.example [81.2.69.144]) by mx.site.example (8.17.1/8.17.1) with ESMTPS"
        " id 1 (version=TLSv1.2 cipher=ECDHE-RSA-AES256-SHA384 bits=256 verify=NO)"
    )

    assert codes(read(line, policy=Policy(minimum_grade="good"))) == [
        ("below-minimum-grade", "medium")
    ]
    assert codes(read(line, policy=Policy(minimum_grade="dated"))) == []
    bare = "from a.example (a.example [81.2.69.144]) by mx.site.example (Postfix) with ESMTPS id 1"
    assert codes(read(bare, policy=Policy(minimum_grade="modern"))) == []


def test_profile_changes_the_grade():
    """By whose lists is graded stands in the trace."""
    line = (
        "from a.example (a.example [81.2.69.144]) by mx.site.example (8.17.1/8.17.1) with ESMTPS"
        " id 1 (version=TLSv1.2 cipher=ECDHE-RSA-AES256-SHA384 bits=256 verify=NO)"
    )
    trace = read(line, policy=Policy(profile="bcp195"))

    assert (trace.profile, trace.hops[0].verdict.grade) == ("bcp195", Grade.WEAK)
    assert codes(trace) == [("weak-cipher", "medium")]
    assert (read(line).profile, read(line).hops[0].verdict.grade) == ("default-2026", Grade.DATED)


@pytest.mark.parametrize("path", sorted(RECEIVED.glob("*.toml")), ids=lambda path: path.stem)
def test_hops_that_are_left_out_have_no_findings(path, monkeypatch):
    """The quick way out for unremarkable hops hides nothing that the rules would say."""
    texts = [case["text"] for case in tomllib.loads(path.read_text("utf-8"))["case"]]
    quick = [classify(parse_received(text)).findings for text in texts]
    monkeypatch.setattr(traces, "is_unremarkable", lambda *_: False)

    assert quick == [classify(parse_received(text)).findings for text in texts]
