"""The traps into which tools that read traces by pattern fall, each under its own name."""

import pytest

from headertls import parse_received
from headertls.classifier import judge
from headertls.models import (
    Confidence,
    FindingCode,
    Headline,
    Kind,
    Scope,
    Severity,
    Site,
    Transport,
)
from judging import DATE, EXCHANGE_TLS, core, read_line, read_lines, severities

PLAIN_PUBLIC = (Kind.RELAY, Scope.PUBLIC, Transport.PLAINTEXT, Confidence.HIGH)
PLAIN_PUBLIC_UNSURE = (Kind.RELAY, Scope.PUBLIC, Transport.PLAINTEXT, Confidence.MEDIUM)
TLS_PUBLIC = (Kind.RELAY, Scope.PUBLIC, Transport.ENCRYPTED, Confidence.HIGH)
HIGH_ALARM = [(FindingCode.PLAINTEXT_PUBLIC_HOP, Severity.HIGH)]
PEER = "from out.shop.example (out.shop.example [81.2.69.144]) "


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(PEER + "by mx.site.example (Postfix) with ESMTPS id 1", id="S alone"),
        pytest.param(
            PEER + "(using TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits))"
            " by mx.site.example (Postfix) with ESMTP id 1",
            id="TLS comment beside ESMTP",
        ),
        pytest.param(
            "from out.shop.example (81.2.69.144) by VI1.mail.protection.outlook.com (10.1.2.3)"
            + EXCHANGE_TLS,
            id="Exchange has no S",
        ),
        pytest.param(
            PEER + "by mx.site.example (8.17.1/8.17.1) with ESMTPS id 1 (version=TLSv1.2"
            " cipher=ECDHE-RSA-AES256-GCM-SHA384 bits=256 verify=NO)",
            id="verify=NO",
        ),
        pytest.param(
            "from out.shop.example ([81.2.69.144]) by mx.site.example with esmtps"
            " (TLS1.3) tls TLS_AES_256_GCM_SHA384 (Exim 4.96) id 1",
            id="lower case",
        ),
    ],
)
def test_false_alarm_on_an_encrypted_relay(line):
    """Every way to say TLS counts; a word without S beside it is but a remark."""
    verdict = read_line(line)

    assert core(verdict) == TLS_PUBLIC
    remark = (FindingCode.KEYWORD_UNDERSTATES_TLS, Severity.INFO)
    assert severities(verdict) == ([remark] if " with ESMTP id" in line else [])


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(
            "from out.shop.example (unknown) by geopod-ismtpd-1 (SG) with ESMTP id 1",
            id="SendGrid",
        ),
        pytest.param(
            "from out.shop.example (out.shop.example [81.2.69.144])"
            " by inbound-smtp.us-east-1.amazonaws.com with SMTP id 1 for ann@site.example",
            id="Amazon SES",
        ),
        pytest.param(
            "from out.shop.example (81.2.69.144) by mta1.bulk.example id h1 for <a@b.example>",
            id="PowerMTA",
        ),
        pytest.param(
            "from desk (EHLO [192.168.1.9]) ([81.2.69.144]) by"
            " hermes--production-1.portal.example (Oath Hermes SMTP Server) with ESMTPA ID 1",
            id="Hermes",
        ),
        pytest.param(
            "from desk ([10.9.9.9]) by mail.messagingengine.com (Postfix) with ESMTPA id 1",
            id="Fastmail",
        ),
        pytest.param(PEER + "by bizesmtp.qq.com (ESMTP) with SMTP id 1", id="QQ"),
    ],
)
def test_false_alarm_on_a_writer_that_never_marks(line):
    """Silence of these writers is no plaintext; over the internet it is a remark."""
    verdict = read_line(line)

    assert verdict.transport is Transport.NOT_RECORDED
    is_open = verdict.kind is Kind.RELAY and verdict.scope is Scope.PUBLIC
    remark = (FindingCode.TLS_NOT_RECORDED, Severity.INFO)
    assert severities(verdict) == ([remark] if is_open else [])


@pytest.mark.parametrize("helo", ["localhost", "outlook.com", "mx.site.example", "tls1.3.example"])
def test_missed_plaintext_behind_a_helo(helo):
    """No HELO makes a connection near, or encrypted."""
    verdict = read_line(
        f"from {helo} (out.shop.example [81.2.69.144]) by mx.site.example (Postfix) with ESMTP id 1"
    )

    assert core(verdict) == PLAIN_PUBLIC


@pytest.mark.parametrize("by", ["postfix.site.example", "google.site.example", "tls.example"])
def test_missed_plaintext_behind_a_server_name(by):
    """A name is no product, no operator and no evidence."""
    assert core(read_line(PEER + f"by {by} with ESMTP id 1")) == PLAIN_PUBLIC_UNSURE


@pytest.mark.parametrize(
    "line",
    [
        PEER.replace("out.shop.example", "cipher.encrypted.example")
        + "by mx.site.example (Postfix) with ESMTP id TLS_AES_256_GCM_SHA384",
        PEER + "by mx.site.example (Postfix) with ESMTP id 1 for <esmtps@tlsv1.3.example>",
    ],
)
def test_missed_plaintext_behind_words_about_tls(line):
    """Words in names, ids and addresses are nobody's evidence."""
    assert core(read_line(line)) == PLAIN_PUBLIC


@pytest.mark.parametrize(
    ("suite", "remarks"),
    [
        ("NULL-SHA256", []),
        # no export suite exists in TLS 1.2
        ("EXP-RC4-MD5", [(FindingCode.VERSION_CONFLICT, Severity.INFO)]),
    ],
)
def test_missed_plaintext_behind_a_null_cipher(suite, remarks):
    """ESMTPS with a suite that protects nothing is plaintext."""
    verdict = read_line(
        PEER + f"(using TLSv1.2 with cipher {suite} (0/0 bits)) by mx.site.example (Postfix)"
        " with ESMTPS id 1"
    )

    assert core(verdict) == PLAIN_PUBLIC
    null = (FindingCode.NULL_CIPHER, Severity.HIGH)
    assert severities(verdict) == [*HIGH_ALARM, null, *remarks]
    assert verdict.findings[0].evidence != ()


def test_missed_plaintext_behind_smtpsvc():
    """`SMTPSVC` does not end in S."""
    verdict = read_line(
        "from out.shop.example ([81.2.69.144]) by mx.site.example with"
        " Microsoft SMTPSVC(7.5.7601.22751)"
    )

    assert core(verdict) == PLAIN_PUBLIC_UNSURE


def test_missed_plaintext_of_a_client_that_says_helo():
    """Postfix leaves implicit TLS followed by HELO unmarked, so this much is unsure."""
    assert (
        core(read_line(PEER + "by mx.site.example (Postfix) with SMTP id 1")) == PLAIN_PUBLIC_UNSURE
    )


def test_missed_plaintext_behind_a_build_number():
    """The address is the peer's, not the first number with dots in the line."""
    verdict = read_line(
        "from 15.1.225.42.example (81.2.69.144) by mx.site.example (10.0.0.1)"
        " with Microsoft SMTP Server id 15.1.225.42"
    )

    assert core(verdict) == PLAIN_PUBLIC


def test_missed_plaintext_below_a_forged_tls_line():
    """A line that the sender brought along says nothing about how the message came in."""
    entry = PEER + "by mx.site.example (Postfix) with ESMTP id 1"
    forged = (
        "from a.example (a.example [81.2.69.1]) (using TLSv1.3 with cipher"
        " TLS_AES_256_GCM_SHA384 (256/256 bits)) by out.shop.example (Postfix) with ESMTPS id 2"
    )
    trace = judge([parse_received(entry + DATE), parse_received(forged + DATE)])

    assert trace.headline is Headline.ENTERED_PLAINTEXT


@pytest.mark.parametrize(
    ("line", "transport"),
    [
        pytest.param("by 2002:a05:6808:1::1 with SMTP id 1-2x", "not_applicable", id="by-only"),
        pytest.param(
            "from mx.site.example ([10.0.0.5]) by store.site.example (Cyrus) with LMTPA",
            "plaintext",
            id="LMTP leg on a private network",
        ),
        pytest.param(
            "from mx.site.example ([unix socket]) by mx.site.example (Cyrus 3.6) with LMTPA",
            "not_applicable",
            id="unix socket",
        ),
        pytest.param(
            "from AM6.eurprd06.prod.outlook.com (2603:10a6:20b:77::29) by"
            " DB7.eurprd05.prod.outlook.com with HTTPS",
            "encrypted",
            id="store leg",
        ),
        pytest.param(
            "from mx.site.example ([127.0.0.1]) by localhost (mx.site.example [127.0.0.1])"
            " (amavisd-new, port 10024) with ESMTP id 3",
            "not_applicable",
            id="filter leg",
        ),
        pytest.param(
            PEER + "by ob1.ironport.example with ESMTP/TLS/ECDHE-RSA-AES256-GCM-SHA384",
            "encrypted",
            id="slash form",
        ),
        pytest.param(
            PEER + "by tower1.scanner.example with ECDHE-RSA-AES256-GCM-SHA384 encrypted SMTP",
            "encrypted",
            id="encrypted SMTP",
        ),
    ],
)
def test_false_alarm_on_other_forms(line, transport):
    """None of these is a plaintext public hop."""
    verdict = read_line(line)

    assert verdict.transport.value == transport
    assert FindingCode.PLAINTEXT_PUBLIC_HOP not in dict(severities(verdict))


def test_false_alarm_behind_a_proxy_that_ends_tls():
    """Where the caller declares the proxy, the line is no evidence of plaintext."""
    site = Site(tls_terminators=["mx.site.example"])
    verdict = read_line(PEER + "by mx.site.example (Postfix) with ESMTP id 1", site=site)

    assert verdict.transport is Transport.NOT_RECORDED


def test_false_alarm_on_mail_older_than_starttls():
    """There was no TLS that could have been used."""
    trace = read_lines(PEER + "by mx.site.example (8.8.5/8.8.5) with SMTP; 3 Mar 1997 10:11:12 GMT")

    assert severities(trace) == [(FindingCode.PLAINTEXT_PUBLIC_HOP, Severity.INFO)]


def test_missed_plaintext_from_a_rented_machine():
    """An address of Azure, EC2 or Google Cloud is no mail operator's."""
    for address in ("20.25.87.156", "52.3.4.5", "34.66.1.2"):
        line = f"from x.example (unknown [{address}]) by mx.site.example (Postfix) with ESMTP id 1"
        assert core(read_line(line)) == PLAIN_PUBLIC


def test_missed_plaintext_behind_a_private_by_address():
    """Exchange's front ends write their inner address on lines from the internet."""
    verdict = read_line(
        "from out.shop.example (81.2.69.144) by VI1EUR99FT999.mail.protection.outlook.com"
        " (10.99.243.18) with Microsoft SMTP Server id 15.20.1 via Frontend Transport"
    )

    assert core(verdict) == PLAIN_PUBLIC


def test_missed_plaintext_of_a_translated_client():
    """A private address beside a public literal stands for a client on the internet."""
    verdict = read_line(
        "from [81.2.69.151] (10.99.0.19) by smtp01.site.example (10.99.65.18)"
        " with Microsoft SMTP Server id 15.1.2507.6"
    )

    assert severities(verdict) == [(FindingCode.PLAINTEXT_BEHIND_NAT, Severity.MEDIUM)]


def test_empty_chain_is_not_all_encrypted():
    """No lines, no counts, and a headline of its own."""
    trace = read_lines()

    assert trace.headline is Headline.NO_TRACE
    assert set(trace.counts.model_dump().values()) == {0}


def test_line_that_no_rule_reads_is_kept():
    """It is a hop with a defect, so nothing is dropped and nothing counts as encrypted by it."""
    trace = read_lines("nothing that could be read", PEER + "by b.example with ESMTPS id 1")

    assert len(trace) == 2
    assert trace.hops[1].defects != ()
    assert trace.headline is Headline.ENTERED_NOT_RECORDED


def test_top_line_is_not_the_entry():
    """The newest line moved the mail inside the house; the one below tells how it came in."""
    trace = read_lines(
        "from mx.site.example ([10.0.0.5]) by store.site.example (Postfix) with ESMTPS id 2",
        PEER + "by mx.site.example (Postfix) with ESMTP id 1",
    )

    assert trace.headline is Headline.ENTERED_PLAINTEXT
    assert trace.entry == trace.hops[0]
