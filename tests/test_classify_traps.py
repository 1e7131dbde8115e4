"""The traps into which tools that read traces by pattern fall, each under its own name."""

import pytest

from headertls import parse_received
from headertls.classifier import classify, judge
from headertls.models import (
    Confidence,
    FindingCode,
    Headline,
    Kind,
    Scope,
    Severity,
    Transport,
)

DATE = "; Tue, 05 Mar 2024 10:11:12 +0000"
EXCHANGE_TLS = (
    " with Microsoft SMTP Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384)"
    " id 15.20.6792.27 via Frontend Transport"
)


def read(line):
    """Judge one line taken alone."""
    return classify(parse_received(line + DATE))


def core(verdict):
    """Give kind, scope, transport and confidence."""
    return verdict.kind, verdict.scope, verdict.transport, verdict.confidence


def severities(verdict):
    """Give the findings' codes and severities."""
    return [(finding.code, finding.severity) for finding in verdict.findings]


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
    verdict = read(line)

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
    verdict = read(line)

    assert verdict.transport is Transport.NOT_RECORDED
    is_open = verdict.kind is Kind.RELAY and verdict.scope is Scope.PUBLIC
    remark = (FindingCode.TLS_NOT_RECORDED, Severity.INFO)
    assert severities(verdict) == ([remark] if is_open else [])


@pytest.mark.parametrize("helo", ["localhost", "outlook.com", "mx.site.example", "tls1.3.example"])
def test_missed_plaintext_behind_a_helo(helo):
    """No HELO makes a connection near, or encrypted."""
    verdict = read(
        f"from {helo} (out.shop.example [81.2.69.144]) by mx.site.example (Postfix) with ESMTP id 1"
    )

    assert core(verdict) == PLAIN_PUBLIC


@pytest.mark.parametrize("by", ["postfix.site.example", "google.site.example", "tls.example"])
def test_missed_plaintext_behind_a_server_name(by):
    """A name is no product, no operator and no evidence."""
    assert core(read(PEER + f"by {by} with ESMTP id 1")) == PLAIN_PUBLIC_UNSURE


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
    assert core(read(line)) == PLAIN_PUBLIC


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
    verdict = read(
        PEER + f"(using TLSv1.2 with cipher {suite} (0/0 bits)) by mx.site.example (Postfix)"
        " with ESMTPS id 1"
    )

    assert core(verdict) == PLAIN_PUBLIC
    null = (FindingCode.NULL_CIPHER, Severity.HIGH)
    assert severities(verdict) == [*HIGH_ALARM, null, *remarks]
    assert verdict.findings[0].evidence != ()


def test_missed_plaintext_behind_smtpsvc():
    """`SMTPSVC` does not end in S."""
    verdict = read(
        "from out.shop.example ([81.2.69.144]) by mx.site.example with"
        " Microsoft SMTPSVC(7.5.7601.22751)"
    )

    assert core(verdict) == PLAIN_PUBLIC_UNSURE


def test_missed_plaintext_of_a_client_that_says_helo():
    """Postfix leaves implicit TLS followed by HELO unmarked, so this much is unsure."""
    assert core(read(PEER + "by mx.site.example (Postfix) with SMTP id 1")) == PLAIN_PUBLIC_UNSURE


def test_missed_plaintext_behind_a_build_number():
    """The address is the peer's, not the first number with dots in the line."""
    verdict = read(
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
