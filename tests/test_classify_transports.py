"""Was the session encrypted? Evidence first, then what silence is worth."""

from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from headertls.classifier.transports import RULES, find_transport
from headertls.models import (
    CipherSuite,
    Client,
    Confidence,
    Defect,
    DefectKind,
    Evidence,
    EvidenceKind,
    EvidenceLevel,
    Hop,
    Kind,
    Scope,
    Server,
    Tls,
    TlsVersion,
    Transport,
)
from headertls.tls import find_suite

NOW = datetime(2024, 3, 5, 10, 11, 12, tzinfo=UTC)


def make_hop(software=None, protocol="ESMTP", **fields):
    """Make a hop written by *software*; an id keeps it from looking like qmail's."""
    defaults = {
        "raw": "",
        "client": Client(helo="a.example", address=ip_address("81.2.69.144")),
        "server": Server(name="mx.site.example", software=software),
        "protocol": protocol,
        "id": "4Q1",
        "timestamp": NOW,
    }
    return Hop(**(defaults | fields))


def make_tls(*levels, **fields):
    """Make what a line says about TLS, with evidence of *levels*."""
    evidence = tuple(
        Evidence(kind=EvidenceKind.NOTE, level=level, text="x", start=0, end=1) for level in levels
    )
    return Tls(evidence=evidence, **fields)


def decide(hop, kind=Kind.RELAY, scope=Scope.PUBLIC):
    """Give the rule, the transport and the confidence."""
    decision = find_transport(hop, kind, scope)
    return decision.rule, decision.transport, decision.confidence


DETAIL = ("tls-detail", Transport.ENCRYPTED, Confidence.HIGH)
KEYWORD = ("tls-keyword", Transport.ENCRYPTED, Confidence.HIGH)
INFORMAL = ("tls-informal", Transport.ENCRYPTED, Confidence.MEDIUM)


@pytest.mark.parametrize(
    ("tls", "expected"),
    [
        (make_tls(EvidenceLevel.DETAIL), DETAIL),
        (make_tls(EvidenceLevel.KEYWORD), KEYWORD),
        (make_tls(EvidenceLevel.INFORMAL), INFORMAL),
        (make_tls(EvidenceLevel.INFORMAL, EvidenceLevel.KEYWORD), KEYWORD),
        (make_tls(EvidenceLevel.KEYWORD, EvidenceLevel.DETAIL), DETAIL),
        (make_tls(EvidenceLevel.KEYWORD, version=TlsVersion.TLSV1_3), DETAIL),
        (make_tls(EvidenceLevel.INFORMAL, cipher="OTHER"), DETAIL),
        (make_tls(EvidenceLevel.KEYWORD, suite=find_suite("ECDHE-RSA-AES128-SHA")), DETAIL),
        (make_tls(), KEYWORD),
    ],
)
def test_strongest_evidence_decides(tls, expected):
    """Details beat the keyword, the keyword beats words that no standard has."""
    assert expected == decide(make_hop(tls=tls))


def test_details_beat_a_keyword_without_s():
    """`with ESMTP` beside a TLS comment is encrypted."""
    hop = make_hop("sendmail 8.14.7", "ESMTP", tls=make_tls(EvidenceLevel.DETAIL))

    assert decide(hop) == DETAIL


@pytest.mark.parametrize("cipher", ["ADH-AES256-GCM-SHA384", "RC4-MD5", "DES-CBC-SHA"])
def test_weak_session_is_encrypted_nevertheless(cipher):
    """An anonymous or outdated suite is another finding than plaintext."""
    tls = make_tls(EvidenceLevel.DETAIL, cipher=cipher, suite=find_suite(cipher))

    assert decide(make_hop(tls=tls)) == DETAIL


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"stated_version": "NONE"}, "version-none"),
        ({"stated_version": "none"}, "version-none"),
        ({"suite": find_suite("NULL-SHA")}, "null-suite"),
        ({"suite": find_suite("TLS_SHA256_SHA256")}, "null-suite"),
        ({"suite": find_suite("EXP-RC4-MD5")}, "export-suite"),
        ({"suite": find_suite("EXP1024-DES-CBC-SHA")}, "export-suite"),
    ],
)
def test_session_without_encryption_is_plaintext_whatever_the_keyword_says(fields, rule):
    """ESMTPS with a NULL or export suite, or without a version, protects nothing."""
    tls = make_tls(EvidenceLevel.KEYWORD, EvidenceLevel.DETAIL, **fields)

    assert decide(make_hop("Postfix", "ESMTPS", tls=tls)) == (
        rule,
        Transport.PLAINTEXT,
        Confidence.HIGH,
    )


def test_suites_of_these_tests_are_known():
    """A suite that nobody knows would test nothing."""
    names = ("NULL-SHA", "TLS_SHA256_SHA256", "EXP-RC4-MD5", "EXP1024-DES-CBC-SHA")

    assert all(isinstance(find_suite(name), CipherSuite) for name in names)


@pytest.mark.parametrize(
    ("software", "protocol", "expected"),
    [
        ("Postfix", "ESMTP", ("writer-marks-tls", Transport.PLAINTEXT, Confidence.HIGH)),
        ("Postfix", "ESMTPA", ("writer-marks-tls", Transport.PLAINTEXT, Confidence.HIGH)),
        ("Postfix", "UTF8SMTP", ("writer-marks-tls", Transport.PLAINTEXT, Confidence.HIGH)),
        ("Postfix", "SMTP", ("unsure-word", Transport.PLAINTEXT, Confidence.MEDIUM)),
        ("Exim 4.96", "SMTP", ("writer-marks-tls", Transport.PLAINTEXT, Confidence.HIGH)),
        ("Exim", "ASMTP", ("unsure-word", Transport.PLAINTEXT, Confidence.MEDIUM)),
        ("James SMTP Server 3.9", "SMTP", ("unsure-word", Transport.PLAINTEXT, Confidence.MEDIUM)),
        ("James SMTP Server 3.8", "ESMTP", ("silent-writer", Transport.NOT_RECORDED, None)),
        ("Haraka 3.3.4", "SMTPA", ("writer-marks-tls", Transport.PLAINTEXT, Confidence.HIGH)),
        (
            "Exchange",
            "Microsoft SMTP Server",
            ("writer-marks-tls", Transport.PLAINTEXT, Confidence.HIGH),
        ),
        (
            "Microsoft SMTPSVC 6.0",
            "Microsoft SMTPSVC",
            ("writer-likely-marks-tls", Transport.PLAINTEXT, Confidence.MEDIUM),
        ),
        ("SendGrid", "ESMTP", ("silent-writer", Transport.NOT_RECORDED, None)),
        ("PowerMTA", None, ("no-protocol", Transport.NOT_RECORDED, None)),
        ("Postfix", None, ("no-protocol", Transport.NOT_RECORDED, None)),
        ("Postfix", "bizsmtp", ("unknown-word", Transport.NOT_RECORDED, None)),
        (None, "ESMTP", ("unknown-writer", Transport.PLAINTEXT, Confidence.MEDIUM)),
        ("House MTA", "SMTP", ("unknown-writer", Transport.PLAINTEXT, Confidence.MEDIUM)),
        (None, "ASMTP", ("unknown-word", Transport.NOT_RECORDED, None)),
        (None, "ME", ("unknown-word", Transport.NOT_RECORDED, None)),
        ("MailEnable", "MailEnable ESMTPA", ("silent-writer", Transport.NOT_RECORDED, None)),
    ],
)
def test_silence_is_worth_what_its_writer_makes_it(software, protocol, expected):
    """Plaintext needs a writer that marks both states, or a word registered for plain sessions."""
    assert expected == decide(make_hop(software, protocol))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.NOTE, ("server-note", Transport.NOT_APPLICABLE, None)),
        (Kind.LOCAL, ("no-connection", Transport.NOT_APPLICABLE, None)),
        (Kind.FILTER, ("filter-pass", Transport.NOT_APPLICABLE, None)),
        (Kind.STORE, ("not-smtp", Transport.NOT_RECORDED, None)),
        (Kind.WEB, ("not-smtp", Transport.NOT_RECORDED, None)),
        (Kind.RETRIEVAL, ("not-smtp", Transport.NOT_RECORDED, None)),
        (Kind.OTHER, ("not-smtp", Transport.NOT_RECORDED, None)),
        (Kind.LIST, ("not-smtp", Transport.NOT_RECORDED, None)),
    ],
)
@pytest.mark.parametrize("software", ["Postfix", "SendGrid", None])
def test_silence_of_other_events_is_no_plaintext(kind, expected, software):
    """Whoever wrote it: what records no SMTP session records no plaintext session."""
    assert expected == decide(make_hop(software), kind)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.LOCAL])
def test_evidence_counts_for_every_connection(kind):
    """A note, a filter or a fetch that tells of TLS was encrypted."""
    assert decide(make_hop(tls=make_tls(EvidenceLevel.KEYWORD)), kind) == KEYWORD


def test_mail_of_a_local_user_crossed_nothing():
    """`with local-esmtps` over a pipe is no connection."""
    hop = make_hop(protocol="local-esmtps", tls=make_tls(EvidenceLevel.KEYWORD))

    assert decide(hop, Kind.LOCAL)[1] is Transport.NOT_APPLICABLE


def test_fetcher_that_marks_both_states():
    """Silence of fdm and of getmail6 means plaintext, of fetchmail nothing."""
    marked = ("fetcher-marks-tls", Transport.PLAINTEXT, Confidence.HIGH)
    assert decide(make_hop("fdm 1.9", "IMAP"), Kind.RETRIEVAL) == marked
    assert decide(make_hop("getmail6", "POP3"), Kind.RETRIEVAL) == marked
    assert decide(make_hop("fetchmail 6.4", "POP3"), Kind.RETRIEVAL)[0] == "not-smtp"


@pytest.mark.parametrize(
    ("client", "server", "scope"),
    [
        (Client(address=ip_address("127.0.0.1")), Server(name="a.example"), Scope.LOCAL),
        (Client(helo="Mail.example"), Server(name="mail.example"), Scope.UNKNOWN),
    ],
)
def test_delivery_on_one_host_is_no_connection(client, server, scope):
    """LMTP over loopback, or from a host to itself."""
    hop = make_hop(protocol="LMTP", client=client, server=server)

    assert decide(hop, Kind.DELIVERY, scope) == (
        "delivery-on-one-host",
        Transport.NOT_APPLICABLE,
        None,
    )


@pytest.mark.parametrize(
    ("client", "server", "scope"),
    [
        (Client(helo="director.example"), Server(name="store.example"), Scope.UNKNOWN),
        (Client(helo="store.example"), Server(name="store.example"), Scope.PRIVATE),
        (Client(), Server(name="store.example"), Scope.UNKNOWN),
        (Client(helo="store.example"), Server(), Scope.UNKNOWN),
        (None, Server(name="store.example"), Scope.UNKNOWN),
        (Client(helo="store.example"), None, Scope.UNKNOWN),
    ],
)
def test_delivery_over_the_network_is_a_connection(client, server, scope):
    """LMTP between two hosts goes by the writer, as SMTP does."""
    hop = make_hop(protocol="LMTP", client=client, server=server)

    assert decide(hop, Kind.DELIVERY, scope)[0] == "unknown-writer"


def test_relay_over_loopback_goes_by_its_writer():
    """Only deliveries, notes and filters are no connection by their nature."""
    hop = make_hop("Postfix", client=Client(address=ip_address("127.0.0.1")))

    assert decide(hop, Kind.RELAY, Scope.LOCAL)[0] == "writer-marks-tls"


@pytest.mark.parametrize("software", ["Netscape Mail Server 1.1", "PowerMTA", None])
@pytest.mark.parametrize("protocol", ["SMTP", None])
def test_mail_older_than_starttls_was_plaintext(software, protocol):
    """In 1998 there was no way to start TLS, whoever wrote the line and however."""
    hop = make_hop(software, protocol, timestamp=datetime(1998, 12, 31, 23, 59, tzinfo=UTC))

    assert decide(hop) == ("before-starttls", Transport.PLAINTEXT, Confidence.HIGH)


def test_mail_of_1999_may_have_been_encrypted():
    """RFC 2487 came out in January 1999."""
    hop = make_hop(timestamp=datetime(1999, 1, 1, tzinfo=UTC))

    assert decide(hop)[0] == "unknown-writer"


@pytest.mark.parametrize(
    "reached", [DefectKind.FIELD_TOO_LONG, DefectKind.TOO_MANY_TOKENS, DefectKind.COMMENT_TOO_DEEP]
)
@pytest.mark.parametrize("tls", [None, make_tls(EvidenceLevel.DETAIL), make_tls()])
@pytest.mark.parametrize("kind", Kind)
def test_line_that_was_not_read_to_its_end_records_nothing(reached, tls, kind):
    """What stands in the part that was read may be the client's, who made the line that long."""
    hop = make_hop("Postfix", tls=tls, complete=False, defects=(Defect(kind=reached),))

    assert decide(hop, kind) == ("incomplete", Transport.NOT_RECORDED, None)


def test_incomplete_line_without_a_reason_records_nothing():
    """A hop that says it is incomplete is believed."""
    assert decide(make_hop("Postfix", complete=False))[0] == "incomplete"


@pytest.mark.parametrize(
    ("tls", "expected"),
    [
        (make_tls(EvidenceLevel.DETAIL), "tls-detail"),
        (make_tls(EvidenceLevel.KEYWORD), "tls-keyword"),
        (make_tls(EvidenceLevel.INFORMAL), "incomplete"),
        (None, "incomplete"),
    ],
)
def test_unread_comment_leaves_firm_evidence_standing(tls, expected):
    """All clauses were read, so ESMTPS counts; silence might be broken by the comment."""
    defects = (Defect(kind=DefectKind.TLS_TEXT_TOO_LONG), Defect(kind=DefectKind.NO_DATE))
    hop = make_hop("Postfix", tls=tls, complete=False, defects=defects)

    assert expected == decide(hop)[0]


def test_unread_comment_does_not_outweigh_an_unread_rest():
    """Of two bounds the graver one counts."""
    kinds = (DefectKind.TLS_TEXT_TOO_LONG, DefectKind.FIELD_TOO_LONG)
    defects = tuple(Defect(kind=kind) for kind in kinds)
    hop = make_hop(tls=make_tls(EvidenceLevel.DETAIL), complete=False, defects=defects)

    assert decide(hop)[0] == "incomplete"


def test_rules_have_names_of_their_own():
    """`Verdict.rule` names one row."""
    names = [rule.name for rule in RULES]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_reason_is_one_sentence_about_the_record(rule):
    """A reason speaks of the line, and promises or denies nothing about anybody's servers."""
    if rule.name.startswith("live-"):
        assert rule.reason.startswith("The server that is taking the message ")
    else:
        assert rule.reason.startswith(("This line", "A part of this line"))
    assert rule.reason.endswith(".")
    assert "secure" not in rule.reason.lower()
    assert "support" not in rule.reason.lower()


def test_reason_names_the_writer():
    """The reader learns whose silence it is."""
    decision = find_transport(make_hop("Postfix"), Kind.RELAY, Scope.PUBLIC)

    assert "Postfix" in decision.reason
    assert "{" not in decision.reason
