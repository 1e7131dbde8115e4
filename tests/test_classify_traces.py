"""Whole traces: verdicts, delays, headline and findings."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from headertls import parse_received
from headertls.classifier import classify, judge
from headertls.models import (
    Defect,
    DefectKind,
    FindingCode,
    Grade,
    Headline,
    Hop,
    Kind,
    Server,
    Severity,
    Trace,
    Transport,
    Trust,
)
from judging import DATE, read_lines

# Lines of one site, newest first: mailbox server, filter, front end.
STORE = "from mx.site.example (mx.site.example [10.1.1.1]) by store.site.example with LMTP id 1"
FROM_FILTER = "from localhost (localhost [127.0.0.1]) by mx.site.example (Postfix) with ESMTP id 2"
FILTER = (
    "from mx.site.example ([127.0.0.1]) by localhost (mx.site.example [127.0.0.1])"
    " (amavisd-new, port 10024) with ESMTP id 3"
)
ENTRY_PLAIN = (
    "from out.shop.example (out.shop.example [81.2.69.144]) by mx.site.example (Postfix)"
    " with ESMTP id 4"
)
ENTRY_TLS = ENTRY_PLAIN.replace("ESMTP", "ESMTPS")
# Lines of the sender's.
SHOP = (
    "from app.shop.example (app.shop.example [81.2.69.150]) by out.shop.example (Postfix)"
    " with ESMTP id 5"
)
PICKUP = "by app.shop.example (Postfix, from userid 33) id 6"


def test_message_without_lines_has_no_trace():
    """An empty set is never "all encrypted"."""
    trace = judge([])

    assert trace == Trace(headline=Headline.NO_TRACE)
    assert trace.boundary_inferred is False


def test_hops_are_given_oldest_first():
    """A message is read downwards, a trace in the order of time."""
    trace = read_lines(ENTRY_PLAIN, SHOP, PICKUP)

    assert [hop.id for hop in trace] == ["6", "5", "4"]


@pytest.mark.parametrize(
    ("entry", "headline"),
    [
        (ENTRY_PLAIN, Headline.ENTERED_PLAINTEXT),
        (ENTRY_TLS, Headline.ENTERED_ENCRYPTED),
        (ENTRY_PLAIN.replace(" with ESMTP", ""), Headline.ENTERED_NOT_RECORDED),
    ],
)
def test_entry_makes_the_headline(entry, headline):
    """The headline is that of the one connection by which the message came in."""
    assert read_lines(STORE, entry, SHOP).headline is headline


def test_top_line_is_not_the_entry():
    """An encrypted hop between own servers does not hide how the message came in."""
    trace = read_lines(STORE.replace("LMTP", "LMTPS"), ENTRY_PLAIN)

    assert trace.headline is Headline.ENTERED_PLAINTEXT


def test_encrypted_claim_does_not_hide_a_plaintext_entry():
    """What the sender wrote about earlier hops is no matter."""
    trace = read_lines(ENTRY_PLAIN, SHOP.replace("ESMTP", "ESMTPS"))

    assert trace.headline is Headline.ENTERED_PLAINTEXT
    assert [finding.severity for finding in trace.findings] == [Severity.HIGH]


def test_plaintext_claim_is_no_alarm():
    """A line that the sender may have invented is a low finding at most."""
    trace = read_lines(ENTRY_TLS, SHOP.replace("app.shop.example [", "unknown ["))

    assert trace.headline is Headline.ENTERED_ENCRYPTED
    assert [finding.severity for finding in trace.findings] == [Severity.LOW]


def test_findings_stand_gravest_first():
    """The reader meets the worst at once."""
    credentials = (
        "from pc.example (pc.example [81.2.69.77]) (Authenticated sender: x)"
        " by app.shop.example (Postfix) with ESMTPA id 7"
    )
    trace = read_lines(ENTRY_TLS, SHOP.replace("app.shop.example [", "unknown ["), credentials)

    assert [(finding.code, finding.severity) for finding in trace.findings] == [
        (FindingCode.CLEARTEXT_CREDENTIALS, Severity.MEDIUM),
        (FindingCode.PLAINTEXT_PUBLIC_HOP, Severity.LOW),
    ]
    assert trace.worst is Severity.MEDIUM


def stamped(*moments):
    """Make hops, newest first, of these moments."""
    return [Hop(raw="", server=Server(name="mx.site.example"), timestamp=m) for m in moments]


def test_delay_is_the_time_since_the_next_older_stamp():
    """Lines without a date are stepped over, clocks that disagree give a negative delay."""
    start = datetime(2024, 3, 5, 10, 0, tzinfo=UTC)
    east = timezone(timedelta(hours=2))
    hops = stamped(
        start + timedelta(seconds=90.5),
        None,
        (start + timedelta(seconds=100)).astimezone(east),
        start,
    )

    trace = judge(hops)

    assert [hop.verdict.delay for hop in reversed(trace.hops)] == [-9.5, None, 100.0, None]


def test_defects_of_the_message_are_kept():
    """What was odd about the message is no matter of any hop."""
    defect = Defect(kind=DefectKind.NUL_OCTET)

    assert judge([], [defect]).defects == (defect,)


def test_hops_keep_their_facts():
    """A verdict is added, nothing else."""
    hop = parse_received(ENTRY_TLS + DATE)

    (judged,) = judge([hop])

    assert judged.model_copy(update={"verdict": None}) == hop
    assert hop.verdict is None


def test_one_line_alone_is_judged_as_the_only_one():
    """`classify` and `judge` agree."""
    for line in (STORE, FROM_FILTER, FILTER, ENTRY_PLAIN, ENTRY_TLS, PICKUP):
        hop = parse_received(line + DATE)

        assert classify(hop) == judge([hop]).hops[0].verdict


def test_equal_facts_have_equal_verdicts():
    """What was remembered is what would be found anew."""
    first = classify(parse_received(ENTRY_PLAIN + DATE))
    second = classify(parse_received(ENTRY_PLAIN + DATE))

    assert first == second


@pytest.mark.parametrize(
    ("line", "grade"),
    [
        (ENTRY_PLAIN, Grade.PLAINTEXT),
        (ENTRY_TLS, Grade.UNKNOWN),
        (
            ENTRY_TLS.replace(" by", " (using TLSv1.3 with cipher X (256/256 bits)) by"),
            Grade.MODERN,
        ),
        (ENTRY_TLS.replace(" by", " (using SSLv3 with cipher X (128/128 bits)) by"), Grade.BROKEN),
        (PICKUP, None),
        (ENTRY_PLAIN.replace(" with ESMTP", ""), None),
    ],
)
def test_grade_goes_with_the_transport(line, grade):
    """Plaintext has a grade of its own, what was not recorded has none."""
    assert classify(parse_received(line + DATE)).grade is grade


def test_verdict_names_its_rule_and_reason():
    """Every verdict can be explained."""
    verdict = classify(parse_received(ENTRY_PLAIN + DATE))

    assert (verdict.kind, verdict.transport) == (Kind.RELAY, Transport.PLAINTEXT)
    assert verdict.rule == "writer-marks-tls"
    assert "Postfix" in verdict.reason
    assert verdict.trust is Trust.BOUNDARY
