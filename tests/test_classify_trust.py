"""Which lines can be believed: the walk from the newest line to the trust boundary."""

import pytest

from headertls import parse_received
from headertls.classifier import judge
from headertls.models import (
    Client,
    Defect,
    DefectKind,
    Headline,
    Hop,
    Scope,
    Server,
    Severity,
)
from judging import DATE, ENTRY_TLS, deliver, read_lines, take, trusts

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
# Lines of the sender's.
SHOP = (
    "from app.shop.example (app.shop.example [81.2.69.150]) by out.shop.example (Postfix)"
    " with ESMTP id 5"
)
PICKUP = "by app.shop.example (Postfix, from userid 33) id 6"


def scopes(trace):
    """Give the scope of each hop, newest first."""
    return [hop.verdict.scope.value for hop in reversed(trace.hops)]


def test_first_connection_from_outside_is_the_boundary():
    """Filter, loopback and delivery lines extend trust, the first public relay ends it."""
    trace = read_lines(STORE, FROM_FILTER, FILTER, ENTRY_PLAIN, SHOP, PICKUP)

    assert trusts(trace) == ["own", "own", "own", "boundary", "claim", "claim"]
    assert trace.entry is trace.hops[2]
    assert trace.headline is Headline.ENTERED_PLAINTEXT
    assert trace.boundary_inferred is True


def test_message_that_never_left_the_house():
    """Without a connection from outside there is no entry."""
    trace = read_lines(STORE, "by mx.site.example (Postfix, from userid 33) id 6")

    assert trusts(trace) == ["own", "own"]
    assert trace.entry is None
    assert trace.headline is Headline.INTERNAL_ONLY


def test_hops_inside_the_organization_of_the_newest_writer_extend_trust():
    """Two sites of one house may talk over the internet."""
    inner = (
        "from mx.site.example (mx.site.example [81.2.69.10]) by store.site.example (Postfix)"
        " with ESMTP id 1"
    )
    trace = read_lines(inner, ENTRY_TLS)

    assert trusts(trace) == ["own", "boundary"]
    assert scopes(trace) == ["organization", "public"]


def test_hops_inside_another_organization_do_not_extend_trust():
    """A private peer of another name may forge a whole house."""
    private = "from out.shop.example (unknown [10.1.1.9]) by mx.site.example (Postfix) with ESMTP"
    trace = read_lines(private, SHOP)

    assert trusts(trace) == ["own", "boundary"]
    assert scopes(trace) == ["private", "organization"]


def test_hops_inside_one_operator_extend_trust():
    """Exchange Online talks to itself over public addresses."""
    trace = read_lines(
        "from DM6PR01MB1000.prod.exchangelabs.com (::1)"
        " by MN0PR19MB6300.namprd19.prod.outlook.com with HTTPS",
        "from BN0PR03CA0001.namprd03.prod.outlook.com (2603:10b6:408:77::31)"
        " by DM6PR01MB1000.prod.exchangelabs.com (2603:10b6:806:77::12)"
        " with Microsoft SMTP Server (version=TLS1_2,"
        " cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.6792.27",
        "from mail.shop.example (81.2.69.144) by BN0PR03FT001.mail.protection.outlook.com"
        " (10.13.99.9) with Microsoft SMTP Server id 15.20.6813.19 via Frontend Transport",
    )

    assert trusts(trace) == ["own", "own", "boundary"]
    assert scopes(trace) == ["local", "operator", "public"]
    assert [finding.severity for finding in trace.findings] == [Severity.HIGH]


def test_inner_notes_of_gmail_extend_trust():
    """Gmail names its inner hosts by private addresses in IPv6 dress."""
    trace = read_lines(
        "by 2002:a2e:7b21:0:b0:3cd:e1a4:bc12 with SMTP id 1",
        "from out.shop.example (out.shop.example. [81.2.69.144]) by mx.google.com with ESMTPS id 2"
        " for <ann@site.example> (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256)",
    )

    assert trusts(trace) == ["own", "boundary"]
    assert trace.headline is Headline.ENTERED_ENCRYPTED


def test_line_by_a_server_that_nothing_names_ends_trust():
    """Below a private peer, a line by somebody else is no witness, and the entry is not known."""
    private = "from mx.site.example (unknown [10.1.1.1]) by store.site.example (Postfix) with ESMTP"
    trace = read_lines(private, SHOP, PICKUP)

    assert trusts(trace) == ["boundary", "claim", "claim"]
    assert trace.entry is None
    assert trace.headline is Headline.ENTERED_NOT_RECORDED


def test_unreadable_line_ends_trust():
    """What cannot be read vouches for nothing below it."""
    trace = judge(
        [
            parse_received(STORE + DATE),
            Hop(raw="?", defects=(Defect(kind=DefectKind.NO_CLAUSES),)),
            parse_received(ENTRY_TLS + DATE),
        ]
    )

    assert trusts(trace) == ["boundary", "claim", "claim"]
    assert trace.headline is Headline.ENTERED_NOT_RECORDED


def test_unreadable_newest_line_leaves_no_trust():
    """Then nobody vouches for anything."""
    trace = judge(
        [
            Hop(raw="?", defects=(Defect(kind=DefectKind.NO_CLAUSES),)),
            parse_received(ENTRY_TLS + DATE),
        ]
    )

    assert trusts(trace) == ["claim", "claim"]
    assert trace.entry is None
    assert trace.headline is Headline.ENTERED_NOT_RECORDED


def test_line_that_was_not_read_to_its_end_ends_trust():
    """Its client may be text of the client's, and may look as near as it likes."""
    cut = parse_received(FROM_FILTER + DATE).model_copy(
        update={"complete": False, "defects": (Defect(kind=DefectKind.FIELD_TOO_LONG),)}
    )
    trace = judge([cut, parse_received(ENTRY_TLS + DATE)])

    assert trusts(trace) == ["boundary", "claim"]
    assert trace.headline is Headline.ENTERED_NOT_RECORDED


def test_unread_comment_does_not_end_trust():
    """All clauses of such a line were read."""
    cut = parse_received(FROM_FILTER + DATE).model_copy(
        update={"complete": False, "defects": (Defect(kind=DefectKind.TLS_TEXT_TOO_LONG),)}
    )

    assert trusts(judge([cut, parse_received(ENTRY_TLS + DATE)])) == ["own", "boundary"]


def test_fetched_mail_restarts_the_walk():
    """Below a fetch, the newest writer is the mailbox that was fetched from."""
    fetched = "from pop.isp.example by localhost with POP3 (fetchmail-6.4.37)"
    isp = (
        "from mx.isp.example (mx.isp.example [81.2.69.20]) by pop.isp.example (Postfix)"
        " with ESMTPS id 1"
    )
    entry = (
        "from out.shop.example (unknown [81.2.69.144]) by mx.isp.example (Postfix) with ESMTP id 2"
    )
    home = "from localhost (localhost [127.0.0.1]) by desk.home.example (Postfix) with ESMTP id 3"
    trace = read_lines(home, fetched, isp, entry)

    assert trusts(trace) == ["own", "own", "own", "boundary"]
    assert trace.headline is Headline.ENTERED_PLAINTEXT


def test_fetch_below_the_boundary_restarts_nothing():
    """A stranger cannot write himself into trust with a line about a fetch."""
    fetched = "from pop.isp.example by out.shop.example with POP3 (fetchmail-6.4.37)"

    assert trusts(read_lines(ENTRY_PLAIN, fetched, SHOP)) == ["boundary", "claim", "claim"]


def test_list_expansion_of_the_house_extends_trust():
    """An alias of the own server is no connection."""
    trace = read_lines("by mx.site.example via listexpand id 1", ENTRY_TLS)

    assert trusts(trace) == ["own", "boundary"]


@pytest.mark.parametrize(
    ("line", "scope"),
    [
        ("from a.example by mx.site.example (Postfix) with ESMTP id 1", Scope.UNKNOWN),
        (
            "from a.example (a [225.1.2.3]) by mx.site.example (Postfix) with ESMTP id 1",
            Scope.INVALID,
        ),
        (
            "from a.example (a [192.0.2.1]) by mx.site.example (Postfix) with ESMTP id 1",
            Scope.DOCUMENTATION,
        ),
        (
            "from [81.2.69.9] (unknown [10.1.2.3]) by mx.site.example (Postfix) with ESMTP id 1",
            Scope.BEHIND_NAT,
        ),
        ("from [81.2.69.9] by mx.site.example with HTTP", Scope.PUBLIC),
    ],
)
def test_client_that_is_not_known_to_be_near_ends_trust(line, scope):
    """Whoever is not in the house is outside."""
    trace = read_lines(line, SHOP)

    assert trusts(trace) == ["boundary", "claim"]
    assert trace.entry.verdict.scope is scope


def test_proxied_connection_extends_trust():
    """The line below a proxy's has the real client."""
    trace = read_lines(
        "from host.shop.example (unknown [127.0.0.6]) (Authenticated sender: shop)"
        " by relay.site.example (Postfix) with ESMTPA id 1",
        "from host.shop.example (host.shop.example [81.2.69.144])"
        " (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384) by relay.site.example (trex/6.9.1)",
    )

    assert trusts(trace) == ["own", "boundary"]
    assert scopes(trace) == ["proxied", "public"]
    assert trace.headline is Headline.ENTERED_ENCRYPTED
    assert trace.findings == ()


def test_address_learnt_from_a_trusted_line_above():
    """`by mx.site.example ([81.2.69.9])` tells whose address that is, one line further down."""
    trace = read_lines(
        "from mx.site.example (unknown [10.1.1.1]) by store.site.example ([81.2.69.9])"
        " (Postfix) with ESMTP id 1",
        "from store.site.example (unknown [81.2.69.9]) by mx.site.example (Postfix)"
        " with ESMTP id 2",
        ENTRY_TLS,
    )

    assert scopes(trace) == ["private", "organization", "public"]
    assert trusts(trace) == ["own", "own", "boundary"]


def test_nothing_is_learnt_for_the_boundary_from_below():
    """A stranger's own line cannot bring his address into the house."""
    trace = read_lines(
        "from localhost (unknown [81.2.69.144]) by mx.site.example (Postfix) with ESMTP id 1",
        "from mx.site.example ([81.2.69.150]) by localhost (filter.site.example [81.2.69.144])"
        " (amavisd-new, port 10024) with ESMTP id 2",
    )

    assert scopes(trace) == ["public", "public"]
    assert trusts(trace) == ["boundary", "claim"]


def test_claims_explain_claims():
    """Below the boundary, a filter's address belongs to the server that it hands back to."""
    trace = read_lines(
        ENTRY_TLS,
        "from localhost (unknown [81.2.69.160]) by out.shop.example (Postfix) with ESMTP id 1",
        "from out.shop.example ([81.2.69.150]) by localhost (filter.shop.example [81.2.69.160])"
        " (amavisd-new, port 10024) with ESMTP id 2",
        "from a.example (unknown [81.2.69.170]) by b.example ([81.2.69.171]) with ESMTP id 3",
    )

    assert scopes(trace) == ["public", "organization", "public", "public"]
    assert [(f.code.value, f.severity) for f in trace.findings] == [
        ("plaintext-public-hop", Severity.INFO),
        ("trace-gap", Severity.INFO),
        ("plaintext-organization", Severity.INFO),
    ]


def test_filter_without_a_line_above_explains_nothing():
    """The first claim has no server above it that could own the address."""
    trace = read_lines(
        ENTRY_TLS,
        "from a ([81.2.69.150]) by localhost (filter.shop.example [81.2.69.160])"
        " (amavisd-new, port 10024) with ESMTP id 2",
    )

    assert scopes(trace) == ["public", "public"]


def test_own_address_is_that_of_its_own_server_only():
    """Another public address beside the learnt one is a stranger's."""
    upper = deliver(Client(helo="mx.lan", address="10.1.1.1"), address="81.2.69.9")
    own = take("81.2.69.9", name="mx.lan")
    other = take("81.2.69.10", name="mx.lan")

    assert scopes(judge([upper, own])) == ["private", "public"]
    assert scopes(judge([upper, own.model_copy(update={"server": Server(name="store.lan")})])) == [
        "private",
        "organization",
    ]
    assert scopes(
        judge([upper, other.model_copy(update={"server": Server(name="store.lan")})])
    ) == ["private", "public"]


def test_list_that_took_mail_from_a_client_does_not_extend_trust():
    """Only an alias of the server itself is inside; a client of unknown place is not."""
    hop = Hop(
        raw="",
        client=Client(helo="lists.shop.example"),
        server=Server(name="mx.site.example"),
        via="listexpand",
    )

    assert trusts(judge([hop, take(name="mx.site.example")])) == ["boundary", "claim"]


def test_other_protocol_without_an_address_does_not_extend_trust():
    """A client of unknown place may be anywhere."""
    hop = Hop(raw="", server=Server(name="mx.site.example"), protocol="QMQP", client=Client())

    assert trusts(judge([hop, take(name="mx.site.example")])) == ["boundary", "claim"]
