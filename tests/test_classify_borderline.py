"""Lines on which an expert and a pattern disagree, each under its own name."""

import pytest

from headertls import parse_received
from headertls.classifier import classify, judge
from headertls.models import (
    Confidence,
    FindingCode,
    Grade,
    Kind,
    Scope,
    Severity,
    Site,
    TlsConflict,
    TlsVersion,
    Transport,
    Trust,
)
from judging import DATE, EXCHANGE_PLAIN, EXCHANGE_TLS, core, read_line, severities

PLAIN_PUBLIC = (Kind.RELAY, Scope.PUBLIC, Transport.PLAINTEXT, Confidence.HIGH)
TLS_PUBLIC = (Kind.RELAY, Scope.PUBLIC, Transport.ENCRYPTED, Confidence.HIGH)
NOTE = (Kind.NOTE, Scope.UNKNOWN, Transport.NOT_APPLICABLE, None)
HIGH_ALARM = [(FindingCode.PLAINTEXT_PUBLIC_HOP, Severity.HIGH)]


@pytest.mark.parametrize(
    "line",
    [
        "by 2002:a05:6808:1a02:b0:3f1:2b7c:9d0e with SMTP id q2csp100001rwb",
        "by mail-qt9-f178.google.com with SMTP id d75a77b69052e-1 for <ann@site.example>",
    ],
)
def test_inner_note_of_gmail_is_not_plaintext(line):
    """A server's note about itself records no connection."""
    assert core(read_line(line)) == NOTE


def test_submission_to_gmail_with_details():
    """A user's program logs in over TLS."""
    verdict = read_line(
        "from a3.shop.example ([81.2.69.144]) by smtp.gmail.com with ESMTPSA id 1-2x for"
        " <ann@site.example> (version=TLS1_2 cipher=ECDHE-ECDSA-AES128-GCM-SHA256 bits=128/128)"
    )

    assert core(verdict) == (
        Kind.SUBMISSION,
        Scope.PUBLIC,
        Transport.ENCRYPTED,
        Confidence.HIGH,
    )
    assert verdict.grade is Grade.GOOD


def test_googles_own_transport_security():
    """Encrypted by an informal word, inside one operator; its strength is not told."""
    verdict = read_line(
        "from mail-sor-f65.google.com (mail-sor-f65.google.com. [209.85.220.65])"
        " by mx.google.com with SMTPS id 1-2sor for <ann@site.example>"
        " (Google Transport Security)"
    )

    assert core(verdict) == (
        Kind.RELAY,
        Scope.OPERATOR,
        Transport.ENCRYPTED,
        Confidence.MEDIUM,
    )
    assert verdict.grade is Grade.UNKNOWN


def test_mailbox_delivery_by_https_over_loopback():
    """Two names beside `::1` are normal inside Exchange Online."""
    verdict = read_line(
        "from SA3PR19MB7300.namprd19.prod.outlook.com (::1)"
        " by MN0PR19MB6300.namprd19.prod.outlook.com with HTTPS"
    )

    assert (verdict.kind, verdict.scope) == (Kind.STORE, Scope.LOCAL)


def test_inner_hop_of_exchange_over_public_addresses():
    """Public addresses, but no public hop."""
    verdict = read_line(
        "from BN0PR03CA0001.namprd03.prod.outlook.com (2603:10b6:408:77::31) by"
        " SA3PR19MB7300.namprd19.prod.outlook.com (2603:10b6:806:77::12)" + EXCHANGE_TLS
    )

    assert core(verdict) == (
        Kind.RELAY,
        Scope.OPERATOR,
        Transport.ENCRYPTED,
        Confidence.HIGH,
    )


def test_rented_machine_in_plaintext_to_exchange():
    """A HELO that begins with `localhost` changes nothing, and the inner `by` address neither."""
    verdict = read_line(
        "from localhost.members.hoster.example (81.2.69.193) by"
        " DM6NAM11FT001.mail.protection.outlook.com (10.13.172.1)" + EXCHANGE_PLAIN
    )

    assert core(verdict) == PLAIN_PUBLIC
    assert severities(verdict) == HIGH_ALARM


def test_helo_of_the_operator_from_a_foreign_address():
    """Who says `outlook.com` need not be Microsoft."""
    verdict = read_line(
        "from outlook.com (81.2.69.203) by BN1PEPF00001.mail.protection.outlook.com"
        " (10.167.241.1)" + EXCHANGE_PLAIN
    )

    assert core(verdict) == PLAIN_PUBLIC


def test_tenant_of_the_operators_cloud_is_not_the_operator():
    """Azure's machines are its customers'."""
    verdict = read_line(
        "from qwertz.meadow.example (20.25.87.156) by BL02EPF0001A.mail.protection.outlook.com"
        " (10.167.241.2)" + EXCHANGE_PLAIN
    )

    assert core(verdict) == PLAIN_PUBLIC


def test_public_literal_behind_a_translated_address():
    """The client is not private, its address was translated."""
    verdict = read_line(
        "from [81.2.69.151] (10.99.0.19) by smtp01.site.example (10.99.65.18)"
        " with Microsoft SMTP Server id 15.1.2507.6 via Frontend Transport"
    )

    assert core(verdict) == (
        Kind.RELAY,
        Scope.BEHIND_NAT,
        Transport.PLAINTEXT,
        Confidence.HIGH,
    )
    assert severities(verdict) == [(FindingCode.PLAINTEXT_BEHIND_NAT, Severity.MEDIUM)]


def test_pass_through_amavis():
    """A content filter on the server itself."""
    verdict = read_line(
        "from mx.site.example ([127.0.0.1]) by localhost (mx.site.example [127.0.0.1])"
        " (amavisd-new, port 10032) with ESMTP id 9ygU5tngy304"
    )

    assert core(verdict) == (Kind.FILTER, Scope.LOCAL, Transport.NOT_APPLICABLE, None)


def test_helo_localhost_from_a_filter_whose_address_is_learnt():
    """The line below tells whose address it is; the HELO `localhost` would prove nothing."""
    entry = (
        "from out.shop.example (unknown [81.2.69.9]) by mx.site.example (Postfix) with ESMTPS id 0"
    )
    returned = "from localhost (unknown [81.2.69.78]) by out.shop.example (Postfix) with ESMTP id 1"
    filtered = (
        "from out.shop.example ([81.2.69.79]) by localhost (filter.shop.example [81.2.69.78])"
        " (amavisd-new, port 10024) with ESMTP id 2"
    )
    trace = judge([parse_received(line + DATE) for line in (entry, returned, filtered)])

    assert core(trace.hops[1].verdict) == (
        Kind.RELAY,
        Scope.ORGANIZATION,
        Transport.PLAINTEXT,
        Confidence.HIGH,
    )
    assert core(read_line(returned)) == PLAIN_PUBLIC


def test_delivery_on_one_host_by_dovecot():
    """A host that delivers to itself crosses nothing."""
    verdict = read_line("from mail.site.example by mail.site.example (Dovecot) with LMTP id 1")

    assert core(verdict) == (Kind.DELIVERY, Scope.UNKNOWN, Transport.NOT_APPLICABLE, None)


def test_delivery_over_the_network_with_tls():
    """LMTP may carry TLS."""
    verdict = read_line(
        "from mx.site.example ([2a02:d140:c012::81]) (using TLSv1.3 with cipher"
        " TLS_AES_256_GCM_SHA384 (256/256 bits)) by dobby.site.example with LMTPS id 1"
    )

    assert core(verdict) == (
        Kind.DELIVERY,
        Scope.PUBLIC,
        Transport.ENCRYPTED,
        Confidence.HIGH,
    )


def test_unix_socket_of_cyrus():
    """An A in the word proves no login, and a socket is no network."""
    verdict = read_line("from mx ([unix socket]) by imap01.site.example (Cyrus v2.2.12) with LMTPA")

    assert core(verdict) == (Kind.LOCAL, Scope.LOCAL, Transport.NOT_APPLICABLE, None)


def test_queue_note_of_qmail():
    """A line without clauses."""
    assert core(read_line("(qmail 20975 invoked by uid 0)")) == NOTE


def test_browser_with_a_port():
    """HTTP is no SMTP, and the port is kept."""
    hop = parse_received("from 81.2.69.139:13012 by cmpweb26.portal.example with HTTP/1.1" + DATE)

    assert core(classify(hop)) == (Kind.WEB, Scope.PUBLIC, Transport.NOT_RECORDED, None)
    assert hop.client.port == 13012


def test_interface_of_sendgrid():
    """A call of an interface, dated without a semicolon."""
    hop = parse_received(
        "from MTMxNjc5 (unknown) by geopod-ismtpd-0 (SG) with HTTP id x1"
        " Tue, 05 Mar 2024 10:11:12.608 +0000 (UTC)"
    )

    assert core(classify(hop)) == (Kind.WEB, Scope.UNKNOWN, Transport.NOT_RECORDED, None)
    assert hop.timestamp is not None


def test_sendgrid_never_marks():
    """Its ESMTP says nothing about TLS."""
    verdict = read_line("from shop.example (unknown) by geopod-ismtpd-10 (SG) with ESMTP id x1")

    assert verdict.transport is Transport.NOT_RECORDED


def test_generic_version_beside_a_modern_suite():
    """`TLSv1/SSLv3` is no version: the suite tells that it was TLS 1.2."""
    hop = parse_received(
        "from relay.shop.example (relay.shop.example [81.2.69.85]) by dns.site.example"
        " (8.14.7/8.14.7) with ESMTP id 3A2Kf (version=TLSv1/SSLv3"
        " cipher=DHE-DSS-AES256-GCM-SHA384 bits=256 verify=NOT) for <ann@site.example>" + DATE
    )

    assert core(classify(hop)) == TLS_PUBLIC
    assert hop.tls.version is TlsVersion.TLSV1_2
    assert hop.tls.conflicts == (TlsConflict.KEYWORD_UNDERSTATES,)


def test_plain_smtp_word_beside_tls_details():
    """Mailgun says SMTP and gives the version; the HELO `localhost` changes nothing."""
    verdict = read_line(
        "from localhost (vm-131.cloud.example [81.2.69.131]) by ee31b9c8bdac with SMTP id 64fd"
        " (version=TLS1.3, cipher=TLS_AES_128_GCM_SHA256)"
    )

    assert core(verdict) == TLS_PUBLIC


def test_cipher_in_the_words_of_messagelabs():
    """`CIPHER encrypted SMTP` without brackets; the suite fixes the version."""
    hop = parse_received(
        "from unknown (HELO out.shop.example) (81.2.69.144) by"
        " server-33.tower-702.messagelabs.com with ECDHE-RSA-AES256-GCM-SHA384 encrypted SMTP"
        + DATE
    )

    assert classify(hop).transport is Transport.ENCRYPTED
    assert hop.tls.version is TlsVersion.TLSV1_2


def test_cipher_behind_slashes():
    """Cisco's gateways put the cipher into the protocol word."""
    verdict = read_line(
        "from out.shop.example (HELO out.shop.example) ([81.2.69.144])"
        " by ob1.gate.example with ESMTP/TLS/ECDHE-RSA-AES256-GCM-SHA384"
    )

    assert core(verdict) == TLS_PUBLIC


def test_login_through_a_proxy_on_the_server_itself():
    """The password came over TLS, as the line below tells: no finding."""
    verdict = read_line(
        "from host.shop.example (unknown [127.0.0.6]) (Authenticated sender: shop)"
        " by relay.hoster.example (Postfix) with ESMTPA id 9563A816FB"
    )

    assert (verdict.kind, verdict.scope) == (Kind.SUBMISSION, Scope.PROXIED)
    assert verdict.findings == ()


LOGIN = (
    "from phone.example (vps-7.hoster.example [81.2.69.150]) (Authenticated sender: ann)"
    " by mail.shop.example (Postfix) with ESMTPA id EC20C214638"
)


def test_login_in_the_clear():
    """A password over the internet, recorded by a server that marks TLS."""
    verdict = read_line(LOGIN)

    assert core(verdict) == (
        Kind.SUBMISSION,
        Scope.PUBLIC,
        Transport.PLAINTEXT,
        Confidence.HIGH,
    )
    assert severities(verdict) == [(FindingCode.CLEARTEXT_CREDENTIALS, Severity.CRITICAL)]


def test_login_in_the_clear_below_the_boundary():
    """There it is a claim."""
    entry = (
        "from mail.shop.example (mail.shop.example [81.2.69.9]) by mx.site.example (Postfix)"
        " with ESMTPS id 1"
    )
    trace = judge([parse_received(entry + DATE), parse_received(LOGIN + DATE)])

    assert [finding.severity for finding in trace.findings] == [Severity.MEDIUM]
    assert trace.hops[0].verdict.trust is Trust.CLAIM


def test_private_by_address_of_yahoo():
    """The client decides, not the inner address of the server."""
    verdict = read_line(
        "from 81.2.69.197 (EHLO o1361.mailer.example) by 10.222.142.150 with SMTPs"
        " (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256)"
    )

    assert core(verdict) == TLS_PUBLIC


def test_invented_chain_below_the_boundary():
    """`ASMTP` between made-up hosts is a claim and raises no alarm; the HELO is told of."""
    entry = (
        "from outlook.com (81.2.69.5) by SG2PEPF000B1.mail.protection.outlook.com (10.167.240.24)"
        + EXCHANGE_TLS
    )
    forged = "from asx121.meadow.example ([30.130.35.135]) by smtp.letters.example with ASMTP"
    trace = judge([parse_received(entry + DATE), parse_received(forged + DATE)])

    assert trace.hops[0].verdict.trust is Trust.CLAIM
    assert trace.hops[0].verdict.findings == ()
    assert [(f.code, f.severity) for f in trace.findings] == [
        (FindingCode.HELO_IMPERSONATION, Severity.MEDIUM),
        (FindingCode.TRACE_GAP, Severity.INFO),
    ]


def test_mail_of_1996():
    """Plaintext by its era, for information."""
    verdict = classify(
        parse_received(
            "from desk.shop.example ([81.2.69.144]) by mail.site.example"
            " (Netscape Mail Server v1.1) with SMTP id AAA100; Tue, 05 Mar 1996 10:11:12 +0000"
        )
    )

    assert core(verdict) == PLAIN_PUBLIC
    assert severities(verdict) == [(FindingCode.PLAINTEXT_PUBLIC_HOP, Severity.INFO)]


def test_mail_fetched_by_pop():
    """A fetch is no relay, and its silence no plaintext."""
    verdict = read_line("from pop.isp.example [81.2.69.144] by desk.home.example with POP3"
                   " (fetchmail-6.3.17) for <ann@localhost> (single-drop)")  # fmt: skip

    assert (verdict.kind, verdict.transport) == (Kind.RETRIEVAL, Transport.NOT_RECORDED)


def test_plain_type_behind_a_proxy_that_ends_tls():
    """Nothing in the line tells of the proxy: that has the caller to say."""
    line = (
        "from out.shop.example (out.shop.example [81.2.69.144]) by mx.site.example (Postfix)"
        " with ESMTP id 1"
    )
    told = read_line(line, site=Site(tls_terminators=["mx.site.example"]))

    assert core(read_line(line)) == PLAIN_PUBLIC
    assert core(told) == (Kind.RELAY, Scope.PUBLIC, Transport.NOT_RECORDED, None)
    assert severities(told) == [(FindingCode.TLS_NOT_RECORDED, Severity.INFO)]


def test_address_that_a_mask_made_unreadable():
    """Without an address nobody can say where the connection ran."""
    verdict = read_line(
        "from out.shop.example (81.masked@site.4.170) by DU2PEPF0001.mail.protection.outlook.com"
        " (10.167.8.1)" + EXCHANGE_PLAIN
    )

    assert core(verdict) == (
        Kind.RELAY,
        Scope.UNKNOWN,
        Transport.PLAINTEXT,
        Confidence.HIGH,
    )
    assert verdict.findings == ()


def test_failed_client_certificate():
    """`verify=FAIL` speaks of the client's certificate, not of the link."""
    verdict = read_line(
        "from [10.0.0.5] (dsl-7.home.example [81.2.69.77]) (authenticated bits=0)"
        " by mail.site.example (8.17.1/8.17.1) with ESMTPSA id 1 (version=TLSv1.3"
        " cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=FAIL)"
    )

    assert core(verdict) == (
        Kind.SUBMISSION,
        Scope.PUBLIC,
        Transport.ENCRYPTED,
        Confidence.HIGH,
    )
    assert verdict.grade is Grade.MODERN
