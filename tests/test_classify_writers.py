"""Who wrote a line, and what the silence of each writer is worth."""

from datetime import UTC, datetime, timedelta, timezone
from ipaddress import ip_address

import pytest

from headertls import parse_received
from headertls.classifier import classify
from headertls.classifier.products import Product, iter_leading_names, read_product
from headertls.classifier.writers import (
    HOST_WRITERS,
    MAILFRONT_FORM,
    QMAIL_FORM,
    WRITERS,
    YAHOO_FORM,
    ZIMBRA_FORM,
    find_writer,
)
from headertls.models import Client, Hop, Marking, Server
from timing import assert_takes_at_most

NOW = datetime(2024, 3, 5, 10, 11, 12, tzinfo=UTC)


def make_hop(software=None, *, by="mx.site.example", protocol="ESMTP", timestamp=NOW, **fields):
    """Make a hop written by *software* at the host *by*."""
    client = fields.pop("client", Client(helo="a.example", address=ip_address("81.2.69.144")))
    server = Server(name=by, software=software)
    return Hop(
        raw="", client=client, server=server, protocol=protocol, timestamp=timestamp, **fields
    )


@pytest.mark.parametrize(
    ("software", "expected"),
    [
        ("Postfix", Product("postfix", None)),
        ("Exim 4.96", Product("exim", (4, 96))),
        ("sendmail 8.17.1", Product("sendmail", (8, 17, 1))),
        ("James SMTP Server 3.9.0-SNAPSHOT", Product("james smtp server", (3, 9, 0))),
        ("HCL Domino Release 14.0FP4", Product("hcl domino", (14, 0))),
        ("MDaemon PRO v23.5.1", Product("mdaemon pro", (23, 5, 1))),
        ("mxl_mta-6.5.0-5", Product("mxl_mta", (6, 5, 0))),
        ("getmail6", Product("getmail6", None)),
        ("", Product("", None)),
        ("X " + "9" * 5000, Product("x", (999_999_999,))),
    ],
)
def test_product_parts_into_name_and_version(software, expected):
    """The version is what looks like one behind the name; none of any length can do harm."""
    assert expected == read_product(software)


def test_leading_names_shrink_word_by_word():
    """A product can be found under its first words."""
    assert list(iter_leading_names("a b c")) == ["a b c", "a b", "a"]
    assert list(iter_leading_names("")) == []


@pytest.mark.parametrize(
    ("software", "expected"),
    [
        ("Postfix", Marking.ALWAYS),
        ("POSTFIX", Marking.ALWAYS),
        ("Postfix on SuSE Linux 8.0 (i386)", Marking.ALWAYS),
        ("Exim", Marking.ALWAYS),
        ("Exim 4.96", Marking.ALWAYS),
        ("Exim 4.42", Marking.ALWAYS),
        ("Exim 4.41", Marking.LIKELY),
        ("Exim 3.36", Marking.LIKELY),
        ("sendmail", Marking.ALWAYS),
        ("sendmail 8.17.1", Marking.ALWAYS),
        ("sendmail 8.11.4", Marking.ALWAYS),
        ("sendmail 8.9.3", Marking.LIKELY),
        ("Switch 3.3.4", Marking.ALWAYS),
        ("Sentrion-MTA 4.3.1", Marking.ALWAYS),
        ("V8/cf", Marking.NEVER),
        ("James SMTP Server 3.9.0", Marking.ALWAYS),
        ("James SMTP Server 3.8.2", Marking.NEVER),
        ("James SMTP Server", Marking.NEVER),
        ("Oracle Messaging Server 8.1.0", Marking.LIKELY),
        ("Oracle Messaging Server 6.3", Marking.NEVER),
        ("Exchange", Marking.ALWAYS),
        ("Gmail", Marking.ALWAYS),
        ("Haraka 2.8.24", Marking.ALWAYS),
        ("KumoMTA", Marking.ALWAYS),
        ("Stalwart SMTP", Marking.ALWAYS),
        ("Momentum 4.7.0.20111", Marking.ALWAYS),
        ("CommuniGate Pro 6.3.19", Marking.ALWAYS),
        ("MDaemon 9.6.6", Marking.ALWAYS),
        ("MDaemon PRO v23.5.1", Marking.ALWAYS),
        ("Microsoft SMTPSVC 7.5.7601.22751", Marking.LIKELY),
        ("Kerio Connect 9.2.12", Marking.LIKELY),
        ("Dovecot", Marking.NEVER),
        ("SendGrid", Marking.NEVER),
        ("amavisd-new", Marking.ALWAYS),
        ("PowerMTA 3.5r15", Marking.NEVER),
        ("fetchmail 6.4.37", Marking.NEVER),
        ("Twisted 22.4.0", Marking.NEVER),
        ("Coremail", Marking.NEVER),
        ("InterMail vM.7.08.02.01", Marking.NEVER),
    ],
)
def test_product_and_version_tell_what_silence_means(software, expected):
    """The row for the version counts, or the usual one where no version is told."""
    assert find_writer(make_hop(software)).marking is expected


@pytest.mark.parametrize("software", [None, "Mailchimp", "sendmailx", "House MTA"])
def test_unknown_product_has_no_row(software):
    """A name that merely resembles a product is not it."""
    assert find_writer(make_hop(software, id="1")) is None


def test_line_without_server_has_no_writer():
    """A line that names no server could be anybody's."""
    assert find_writer(Hop(raw="")) is None


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        (datetime(2007, 12, 31, tzinfo=UTC), Marking.NEVER),
        (datetime(2008, 1, 1, tzinfo=UTC), Marking.ALWAYS),
        (None, Marking.ALWAYS),
    ],
)
def test_postfix_marks_since_2008(timestamp, expected):
    """Before 2.5 Postfix told of TLS in an optional comment only; it never tells its version."""
    assert find_writer(make_hop("Postfix", timestamp=timestamp)).marking is expected


@pytest.mark.parametrize(
    ("by", "protocol", "expected"),
    [
        ("mail.messagingengine.com", "ESMTPA", "Fastmail's submission"),
        ("mx1.messagingengine.com", "ESMTP", "Postfix"),
        ("inbound-smtp.us-east-1.amazonaws.com", "SMTP", "Amazon SES"),
        ("ec2-1-2-3-4.compute-1.amazonaws.com", "SMTP", "Postfix"),
        ("NEWXMESMTP.QQ.COM.", "SMTP", "QQ"),
        ("mail.ru", "ESMTPA", "Mail.ru"),
        ("notmail.ru", "ESMTPA", "Postfix"),
    ],
)
def test_service_is_known_by_its_host(by, protocol, expected):
    """Where TLS ends in front of the server, its product's own row would mislead."""
    assert expected == find_writer(make_hop("Postfix", by=by, protocol=protocol)).name


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"protocol": "ESMTPA"},
        {"client": Client(helo="a.example", rdns="b.example")},
    ],
)
def test_form_of_qmail(fields):
    """No id, no recipient, no product, always UTC: that is qmail, which never marks TLS."""
    assert find_writer(make_hop(**({"protocol": "SMTP"} | fields))) is QMAIL_FORM


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "1"},
        {"recipients": ("ann@site.example",)},
        {"protocol": "ESMTP"},
        {"timestamp": None},
        {"timestamp": NOW.astimezone(timezone(timedelta(hours=2)))},
        {"by": "10.253.60.15"},
        {"by": None},
        {"client": None},
        {"client": Client(helo="a.example", rdns="a.example")},
    ],
)
def test_what_is_not_the_form_of_qmail(fields):
    """One thing that qmail never writes, and the writer is unknown."""
    assert find_writer(make_hop(**({"protocol": "SMTP"} | fields))) is None


@pytest.mark.parametrize("via", ["TCP", "TCP6"])
def test_form_of_mailfront(via):
    """The link in the place of id, recipient and product is that of qmail's front end."""
    hop = make_hop(protocol="ESMTP", via=via, client=Client(helo="a.example", rdns="a.example"))

    assert find_writer(hop) is MAILFRONT_FORM


def test_form_of_yahoo():
    """A mechanism beside the client's address, SMTP and no id: that never marks TLS either."""
    hop = parse_received(
        "from a.example (nora@81.2.69.80 with plain [62.4.18.21]) by smtp112.mail.example"
        " with SMTP; 29 Aug 2013 08:42:00 -0700"
    )
    assert find_writer(hop) is YAHOO_FORM


def test_form_of_zimbra():
    """LMTP without id and product is Zimbra's, which does not mark TLS."""
    assert find_writer(make_hop(protocol="LMTP")) is ZIMBRA_FORM


def test_every_row_has_a_source():
    """From what nobody saw, read or recorded, no row takes silence for plaintext."""
    kinds = ("code", "seen", "recorded", "manual", "no TLS session of it seen")
    rows = (*WRITERS, *(row.writer for row in HOST_WRITERS))
    rows += (QMAIL_FORM, YAHOO_FORM, MAILFRONT_FORM, ZIMBRA_FORM)
    others = [row for row in rows if not row.source.startswith(kinds)]

    assert [row.name for row in others if not row.source.startswith("from memory")] == []
    assert {row.marking for row in others} == {Marking.NEVER}


@pytest.mark.parametrize("row", WRITERS, ids=lambda row: row.name)
def test_row_is_found_by_all_its_names(row):
    """No name is spelled in a way that the look-up cannot read, or hidden by another row."""
    version = " " + ".".join(map(str, row.since)) if row.since else ""
    oldest = NOW if row.year else datetime(2000, 1, 1, tzinfo=UTC)
    has_kin = sum(other.name == row.name for other in WRITERS) > 1

    for name in (row.name, *row.aliases):
        software = f"{name}{version}" if version or not has_kin else f"{name} 0.1"

        assert find_writer(make_hop(software, timestamp=oldest)) is row


def test_rows_of_one_product_stand_newest_first():
    """A row for all versions above one for some would hide it."""
    for name in {row.name for row in WRITERS}:
        bounds = [(row.since, row.year) for row in WRITERS if row.name == name]

        assert bounds == sorted(bounds, reverse=True)
        assert len(bounds) == len(set(bounds))


def test_long_name_of_software_is_read_in_time() -> None:
    """A name that is nearly all separators takes time that grows with its length."""
    line = "from a ([81.2.69.144]) by b.example (Postfix" + "/" * 7500 + "x) with ESMTP id 1"

    assert_takes_at_most(0.5, lambda: classify(parse_received(line)))
