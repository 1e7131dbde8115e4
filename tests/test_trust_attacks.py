"""Single messages by which a phisher would have a plaintext entry called encrypted."""

from datetime import UTC, datetime
from typing import Final

import pytest

from headertls import Trace, analyze
from headertls.models import Headline, LiveConnection, Site
from headertls.net.operators import list_operators

DATE: Final = "; Tue, 05 Mar 2024 10:11:12 +0000"
FORGED: Final = (
    "from mail.shop.example (mail.shop.example [81.2.69.150]) by {} (Postfix) with ESMTPS"
    " (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384) id 9"
)
ENTRY: Final = (
    "from evil.example (evil.example [81.2.69.144]) by mx.victim.example (Postfix) with ESMTP id 4"
)


def read(*lines: str, live: LiveConnection | None = None, site: Site | None = None) -> Trace:
    """The trace of a message with these lines, newest first."""
    text = "".join(f"Received: {line}{DATE}\r\n" for line in lines)
    return analyze(text.encode(), site=site, live=live)


NEVER_ENCRYPTED: Final = {
    "line without a client": ("by mx.victim.example (Postfix) id 4", "mx.victim.example"),
    "list expansion": ("by mx.victim.example via listexpand id 4", "evil.example"),
    "note": ("by mx.victim.example with SMTP id 4", "evil.example"),
    "line without a server": (
        "from evil.example (evil.example [81.2.69.144]) with SMTP id 4",
        "evil.example",
    ),
    "filter on the internet": (
        (
            "from evil.example ([81.2.69.144]) by mx.victim.example (amavisd-new, port 25)"
            " with ESMTP id 4"
        ),
        "evil.example",
    ),
    "customer of a provider": (
        (
            "from evil.example (p81-2-69-144.dip.victim.example [81.2.69.144])"
            " by mx.victim.example (Postfix) with ESMTP id 4"
        ),
        "p81-2-69-144.dip.victim.example",
    ),
    "customer, in hexadecimal": (
        (
            "from evil.example (p51024590.dip.victim.example [81.2.69.144])"
            " by mx.victim.example (Postfix) with ESMTP id 4"
        ),
        "evil.example",
    ),
    "login within the organization": (
        (
            "from evil.example (box.victim.example [81.2.69.144]) (Authenticated sender: u)"
            " by mx.victim.example (Postfix) with ESMTPA id 4"
        ),
        "evil.example",
    ),
    "comments of a local socket": (
        (
            "from [81.2.69.144] ([local]) by mx.victim.example (chasquid) with ESMTP"
            " (over SMTP, plain text!) id 4"
        ),
        "mx.victim.example",
    ),
}


@pytest.mark.parametrize(("own", "by"), NEVER_ENCRYPTED.values(), ids=NEVER_ENCRYPTED)
def test_forged_line_is_never_the_entry(own: str, by: str) -> None:
    """A line of the house's that hides or doubts its client does not vouch for the next one."""
    trace = read(own, FORGED.format(by))

    assert trace.entry in (trace.hops[-1], None)
    assert trace.headline is not Headline.ENTERED_ENCRYPTED


def test_note_is_followed_by_the_same_house() -> None:
    """Honest lines below a note are still found."""
    trace = read("by mx.victim.example with SMTP id 4", ENTRY)

    assert trace.headline is Headline.ENTERED_PLAINTEXT


def test_unnamed_note_is_followed_by_whom_the_line_above_names() -> None:
    """A queue's note stands between a server's two lines."""
    trace = read(
        "from mx.lan (unknown [10.1.1.1]) by store.victim.example with LMTP id 3",
        "(qmail 976 invoked by uid 89)",
        ENTRY.replace("mx.victim.example", "mx.lan"),
    )

    assert trace.headline is Headline.ENTERED_PLAINTEXT


@pytest.mark.parametrize(
    "own",
    [
        # Apple's load balancers for logins stand in the block of its mail servers
        (
            "from evil.example (x.apple.com [17.1.2.3]) (Authenticated sender: u)"
            " by p1.icloud.com (Postfix) with ESMTPSA id 4"
        ),
        # whole messages of customers
        (
            "from a8.smtp-out.amazonses.com (a8.smtp-out.amazonses.com [54.240.8.30])"
            " by in.amazonses.com (Postfix) with ESMTPS id 4"
        ),
        "from x (unknown [149.72.1.1]) by mx1.sendgrid.net (Postfix) with ESMTPS id 4",
    ],
    ids=["login", "SES", "SendGrid"],
)
def test_operator_does_not_vouch_for_customers(own: str) -> None:
    """What customers hand in to an operator is theirs, however near they seem to stand."""
    trace = read(own, FORGED.format("evil.example"))

    assert trace.entry is trace.hops[-1]


def test_operators_with_customers_have_sources() -> None:
    """Whoever takes whole messages from customers is said to, and why."""
    shared = {row.name for row in list_operators() if row.shared}

    assert {"Amazon SES", "SendGrid", "Mailgun", "Mailchimp", "MailChannels"} <= shared
    assert not shared & {"Microsoft", "Google", "Apple"}
    assert all(bool(row.shared) == bool(row.shared_source) for row in list_operators())


LIVE: Final = LiveConnection(
    address="81.2.69.144",
    helo="evil.example",
    server="mx.victim.example",
    timestamp=datetime(2024, 3, 5, 10, 11, 12, tzinfo=UTC),
)
TOPS: Final = (
    "from evil.example ([81.2.69.144]) by mx.victim.example with LMTP id 4",
    "from evil.example ([81.2.69.144]) by mx.victim.example with local id 4",
    "from evil.example ([81.2.69.144]) by mx.victim.example with HTTP id 4",
    "from evil.example ([81.2.69.144]) by mx.victim.example (amavisd-new) with ESMTP id 4",
    "from evil.example ([81.2.69.144]) by mx.victim.example with ESMTP via listexpand id 4",
    "from evil.example (mx.victim.example [81.2.69.144]) by mx.victim.example (Postfix) with ESMTP",
    (
        "from evil.example ([81.2.69.144]) (Authenticated sender: u) by mx.victim.example"
        " (Postfix) with ESMTPA id 4"
    ),
    "from evil.example (evil.example [81.2.69.144]) by mx.evil.example (Postfix) with ESMTP id 4",
    "from evil.example ([81.2.69.144]) by mx.victim.example with ESMTP " + "(" * 70 + ")" * 70,
)


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("top", TOPS)
def test_forged_line_of_the_live_connection(top: str, *, named: bool) -> None:
    """A client that writes the server's line itself does not talk the live facts away."""
    live = LIVE if named else LIVE.model_copy(update={"server": None})
    trace = read(top, FORGED.format("evil.example"), live=live)

    assert trace.entry is trace.hops[-1]
    assert trace.findings[0].code.value == "plaintext-public-hop"


def test_line_of_the_live_connection_is_not_counted_twice() -> None:
    """Where the server wrote its line already, the two are one hop."""
    trace = read(ENTRY, live=LIVE)
    told = read(ENTRY, live=LIVE.model_copy(update={"protocol": "SMTP"}))

    assert [1, 1] == [len(trace.hops), len(told.hops)]
    assert ("ESMTP", "SMTP") == (trace.hops[0].protocol, told.hops[0].protocol)


def test_live_connection_from_a_declared_server_is_inside() -> None:
    """What the caller declared is own on a live connection, too."""
    site = Site(hosts=("victim.example",), networks=("81.2.69.0/28",))
    relay = LiveConnection(address="81.2.69.9", helo="mx.victim.example", server="s.victim.example")
    trace = read(ENTRY, live=relay, site=site)

    assert trace.entry is trace.hops[0]
    assert trace.headline is Headline.ENTERED_PLAINTEXT


REQUIRED: Final = "Require-TLS-ESMTP: yes"


def test_demand_of_tls_accuses_plaintext_only() -> None:
    """The sender's server tells of REQUIRETLS: that adds to an alarm, and raises none."""
    plain, encrypted = (
        analyze(f"Received: {line}{DATE}\r\n{REQUIRED}\r\n\r\n".encode())
        for line in (ENTRY, ENTRY.replace("ESMTP", "ESMTPS"))
    )

    codes = [finding.code.value for finding in plain.findings]
    assert codes == ["plaintext-public-hop", "requiretls-violated"]
    assert encrypted.findings == ()


@pytest.mark.parametrize("length", [10, 63, 64, 72, 80, 81, 200, 900, 1900])
@pytest.mark.parametrize(
    "line",
    [
        (
            "from s.example (s.example [81.2.69.144]) by mx.site.example (Postfix) with ESMTP id 1"
            ' for <"{} (TLS1.3)"@site.example>'
        ),
        (
            "from [81.2.69.144] (helo=s.example)\n\tby mx.site.example with esmtp (Exim 4.96)\n"
            '\t(envelope-from <"{}) (TLS1.3) tls TLS_AES_256_GCM_SHA384 ("@x.example>)\n'
            "\tid 1qa-1-2b\n\tfor bob@site.example"
        ),
        (
            "from s.example (s.example [81.2.69.144])\n"
            "\tby mx.site.example (Postfix) with ESMTP id 4\n"
            '\tfor <"{} (relay.site.example [10.0.0.9]) by mx.site.example (Postfix)'
            ' with ESMTPS id 1; Tue, 29 Aug 2023 10:11:12 +0200"@site.example>'
        ),
    ],
)
def test_local_part_of_any_length(line: str, length: int) -> None:
    """No server holds its clients to 64 octets, so a quoted local part protects to its end."""
    text = f"Received: {line.format('a' * length)}; Tue, 29 Aug 2023 10:11:12 +0200\n\n"
    trace = analyze(text.encode())

    assert trace.entry is not None
    assert trace.entry.client is not None
    assert str(trace.entry.client.address) == "81.2.69.144"
    assert trace.headline is Headline.ENTERED_PLAINTEXT
