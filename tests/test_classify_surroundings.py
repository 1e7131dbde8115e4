"""What other fields of the header say about the connection by which a message came in."""

import pytest

from headertls import Hop, LiveConnection, Site, analyze
from headertls.classifier.surroundings import hear_witnesses
from headertls.models import EvidenceLevel, Kind, Witness

DATE = "; Tue, 05 Mar 2024 10:11:12 +0000"
STORE = (
    "Received: from mx.site.example ([10.0.0.5]) by store.site.example (Postfix) with LMTP id 2"
    + DATE
)
ENTRY = "Received: from a.example (a.example [81.2.69.144]) by mx.site.example {} id 1" + DATE
POSTFIX = ENTRY.format("(Postfix) with ESMTP")
SILENT = ENTRY.format("(SG) with ESMTP")
KEYWORD = ENTRY.format("(Postfix) with ESMTPS")
INFORMAL = ENTRY.format("with SMTPS")
DETAIL = ENTRY.format("(8.17.1/8.17.1) with ESMTPS") + "\n\t(version=TLSv1.2 cipher=AES256-SHA)"
DETAIL = DETAIL.replace(" id 1" + DATE + "\n\t(", " id 1\n\t(") + DATE
NULL = ENTRY.format("(8.17.1/8.17.1) with ESMTPS").replace(
    DATE, " (version=TLSv1.2 cipher=NULL-SHA)" + DATE
)
PROTON = "X-Pm-Transfer-Encryption: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"
NONE = "X-Pm-Transfer-Encryption: none"
OWN = "Authentication-Results: mx.site.example; x-tls=pass smtp.version=TLSv1.3"


def read(*fields, **settings):
    """Judge a message of these fields."""
    return analyze("\n".join((*fields, "", "")).encode(), **settings)


def view(trace):
    """Give what decided on the entry, and the texts for and against it."""
    verdict = trace.entry.verdict
    texts = [
        [piece.text for piece in side] for side in (verdict.evidence_for, verdict.evidence_against)
    ]
    return verdict.rule, verdict.transport.value, verdict.grade and verdict.grade.value, *texts


TLS_TEXT = PROTON.partition(": ")[2]


@pytest.mark.parametrize(
    ("line", "field", "expected"),
    [
        (
            POSTFIX,
            PROTON,
            ("witness-tls", "encrypted", "modern", [TLS_TEXT], ["ESMTP", "(Postfix)"]),
        ),
        (SILENT, PROTON, ("witness-tls", "encrypted", "modern", [TLS_TEXT], ["(SG)", "ESMTP"])),
        (KEYWORD, PROTON, ("tls-keyword", "encrypted", "modern", ["ESMTPS", TLS_TEXT], [])),
        (
            POSTFIX,
            NONE,
            ("witness-plaintext", "plaintext", "plaintext", ["ESMTP", "(Postfix)", "none"], []),
        ),
        (
            SILENT,
            NONE,
            ("witness-plaintext", "plaintext", "plaintext", ["(SG)", "none"], ["ESMTP"]),
        ),
        (KEYWORD, NONE, ("witness-denies", "not_recorded", None, ["none"], ["ESMTPS"])),
        (INFORMAL, NONE, ("witness-denies", "not_recorded", None, ["none"], ["SMTPS"])),
    ],
)
def test_witness_above_the_boundary(line, field, expected):
    """Detail beats a keyword and silence, and what lost is shown."""
    assert expected == view(read(field, line))


def test_details_of_the_line_beat_a_witness_that_denies():
    """The line's own details stay, and the other statement is shown and told of."""
    trace = read(NONE, DETAIL)
    rule, transport, _, _, against = view(trace)

    assert (rule, transport, against) == ("tls-detail", "encrypted", ["none"])
    assert "witness-conflict" in [finding.code.value for finding in trace.findings]


def test_details_of_line_and_witness_agree():
    """Two witnesses of one session: the line's grade counts."""
    rule, _, grade, evidence, _ = view(read(PROTON, DETAIL))

    assert (rule, grade, evidence[-1]) == ("tls-detail", "weak", TLS_TEXT)


@pytest.mark.parametrize(("field", "has_conflict"), [(PROTON, True), (NONE, False)])
def test_line_that_says_outright_that_nothing_was_encrypted(field, has_conflict):
    """A NULL suite is plaintext, whatever a witness calls it."""
    trace = read(field, NULL)

    assert view(trace)[:2] == ("null-suite", "plaintext")
    assert has_conflict is ("witness-conflict" in [f.code.value for f in trace.findings])


def test_witness_below_the_boundary_is_a_claim():
    """Anybody may send such a field."""
    assert view(read(POSTFIX, PROTON))[0] == "writer-marks-tls"


def test_witness_between_own_lines():
    """Above the entry's line own servers wrote, however many lines stand higher."""
    assert view(read(STORE, PROTON, POSTFIX))[0] == "witness-tls"


def test_own_name_below_the_boundary():
    """A field under a declared name counts right below the own server's line, and only there."""
    site = Site(hosts=["site.example"], authserv_ids=["MX.site.example"])
    claim = "Received: from x by a.example with ESMTP" + DATE

    assert view(read(POSTFIX, OWN, site=site))[0] == "witness-tls"
    assert view(read(POSTFIX, OWN))[0] == "writer-marks-tls"
    assert view(read(POSTFIX, claim, OWN, site=site))[0] == "writer-marks-tls"
    foreign = OWN.replace("mx.site", "mx.other")
    assert view(read(POSTFIX, foreign, site=site))[0] == "writer-marks-tls"


def test_live_connection_has_no_field_above_it():
    """While the message comes in, all of its header came with it."""
    live = LiveConnection(address="89.160.20.112", helo="z.example")

    assert view(read(PROTON, POSTFIX, live=live))[0] == "live-plaintext"


def test_witnesses_are_heard_of_connections_only():
    """A note or filter has no session that a field could speak of."""
    hop = Hop(raw="")
    witness = Witness(field="x-tls", value="none", plaintext=True)

    assert hear_witnesses(hop, Kind.NOTE, "weighed", iter([witness])) == "weighed"


def test_witness_behind_a_terminator():
    """That the server saw no TLS is no news where a proxy ends it."""
    site = Site(tls_terminators=["mx.site.example"])
    rule, transport, *_, against = view(read(NONE, POSTFIX, site=site))

    assert (rule, transport, against[-1]) == ("tls-terminator", "not_recorded", "none")


def test_author_waives_tls():
    """`TLS-Required: No` counts wherever it stands, for it is the author's word."""
    trace = read(POSTFIX, "TLS-Required: No")

    assert trace.tls_waived
    assert [(f.code.value, f.severity.value) for f in trace.findings] == [
        ("plaintext-public-hop", "medium")
    ]


def test_requiretls():
    """What came in plaintext after REQUIRETLS breaks a promise; hops before it do not."""
    below = read(POSTFIX, "Require-TLS-ESMTP: yes")
    above = read("Require-TLS-ESMTP: yes", POSTFIX)

    inside = read(STORE.replace("LMTP", "ESMTP"), "Require-TLS-ESMTP: yes", KEYWORD)

    assert "requiretls-violated" in [f.code.value for f in below.findings]
    assert "requiretls-violated" in [f.code.value for f in inside.findings]
    assert "requiretls-violated" not in [f.code.value for f in above.findings]


def test_authentication_of_own_servers():
    """Results of the own servers are kept as they stand, and read when asked for."""
    other = "Authentication-Results: a.example; spf=fail smtp.mailfrom=x.example"
    trace = read(OWN + "; spf=pass smtp.mailfrom=a.example", POSTFIX, other)

    assert len(trace.authentication_results) == 1
    (found,) = trace.authentication
    assert [(r.method, r.result) for r in found.find_results("spf")] == [("spf", "pass")]


def test_protection_of_the_message():
    """Whether the content is encrypted end to end stands beside the verdict."""
    trace = read(POSTFIX, 'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"')

    assert trace.protection.value == "pgp-encrypted"
    assert trace.protection.is_secret


def test_explain_is_a_method():
    """A trace explains itself."""
    assert "mx.site.example" in read(POSTFIX).explain(width=72)


def test_levels_have_an_order():
    """The strongest evidence has the lowest rank."""
    assert sorted(EvidenceLevel, key=lambda level: level.rank) == list(EvidenceLevel)
    assert EvidenceLevel.LIVE.rank < EvidenceLevel.DETAIL.rank
