"""Whose servers are one's own: whether the line above speaks of a line's writer."""

import pytest

from headertls import parse_received
from headertls.classifier import judge
from headertls.models import (
    Client,
    Hop,
    Server,
    Site,
)
from judging import DATE, ENTRY_TLS, deliver, read_lines, take, trusts

FROM_FILTER = "from localhost (localhost [127.0.0.1]) by mx.site.example (Postfix) with ESMTP id 2"


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        # the client's HELO, in another case, or its reverse name
        ("from MX.site.example (unknown [10.1.1.1]) by store.lan", "by mx.SITE.example"),
        ("from mx (mx7.site.example [10.1.1.1]) by store.lan", "by mx7.site.example"),
        # another host under the domain of the client, or of the newest writer
        ("from mx1.site.example (unknown [10.1.1.1]) by store.lan", "by mx2.site.example"),
        ("from relay (unknown [10.1.1.1]) by store.site.example", "by mx.site.example"),
        # a short name
        ("from mx (unknown [10.1.1.1]) by store.lan", "by mx.site.example"),
        ("from mx.site.example (unknown [10.1.1.1]) by store.lan", "by mx"),
        # the address of the client, with and without a name of the server
        ("from mx (unknown [10.1.1.1]) by store.lan", "by other.example ([10.1.1.1])"),
        ("from mx (unknown [10.1.1.1]) by store.lan", "by [10.1.1.1]"),
        # a server of the house calls itself localhost
        ("from mx (localhost [127.0.0.1]) by store.lan", "by localhost"),
        ("from localhost (localhost [127.0.0.1]) by store.lan", "by store.lan"),
    ],
)
def test_server_that_the_line_above_names_is_own(upper, lower):
    """By name, domain, short name or address."""
    trace = read_lines(
        f"{upper} (Postfix) with ESMTP id 1",
        f"from out.shop.example (unknown [81.2.69.144]) {lower} with ESMTPS id 2",
    )

    assert trusts(trace) == ["own", "boundary"]


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ("from mx (unknown [10.1.1.1]) by store.lan", "by localhost"),
        ("from mx (unknown [10.1.1.1]) by store.lan", "by [10.1.1.2]"),
        ("from mx (unknown [10.1.1.1]) by store.lan", "by mail ([10.1.1.2])"),
        ("from mx.site.example (unknown [10.1.1.1]) by store.lan", "by mx.shop.example"),
        ("from mx.site.example by store.lan", "by mx.shop.example"),
    ],
)
def test_server_that_nothing_names_is_not_own(upper, lower):
    """Another name and another address are somebody else's."""
    trace = read_lines(
        f"{upper} with LMTP id 1",
        f"from out.shop.example (unknown [81.2.69.144]) {lower} with ESMTPS id 2",
    )

    assert trusts(trace) == ["boundary", "claim"]


def test_server_two_lines_up_is_own():
    """A filter hands back to the server that stood above it, by whatever name."""
    trace = read_lines(
        "from relay (relay.lan [10.9.9.9]) by store.lan (Postfix) with ESMTP id 1",
        "from f (unknown [10.2.2.2]) by relay.lan (Postfix) with ESMTP id 2",
        "from f2 (unknown [10.2.2.3]) by f (Postfix) with ESMTP id 3",
        "from out.shop.example (unknown [81.2.69.144]) by relay.lan (Postfix) with ESMTPS id 4",
    )

    assert trusts(trace) == ["own", "own", "own", "boundary"]


@pytest.mark.parametrize(
    ("upper", "lower", "expected"),
    [
        # the reverse name that the house gave to an inner client, and that of a house line's server
        ("from filter (filter-2.site.example [10.1.1.2]) by store7", "filter", "own"),
        ("from filter-2.site.example ([10.1.1.2]) by store7", "filter-2.site.example", "own"),
        ("from filter (unknown [10.1.1.2]) by store7", "filter", "boundary"),
        # that of a public client is its owner's to give
        ("from filter (filter-2.site.example [81.2.69.150]) by store7", "filter", "boundary"),
    ],
)
def test_neighbour_of_any_server_that_the_house_knows_is_own(upper, lower, expected):
    """A provider's servers hand on inside by other names than they write lines under."""
    trace = read_lines(
        f"{upper} (Dovecot) with LMTP id 1",
        f"from inner (unknown [10.1.1.3]) by {lower} (Postfix) with ESMTPS id 2",
        "from out.shop.example (unknown [81.2.69.144]) by edge.site.example (Postfix) with ESMTPS",
    )

    assert trusts(trace)[1] == expected


SITE = Site(hosts=("site.example",), networks=("81.2.69.8/30", "10.7.0.0/16"))


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        # a container and a slot, from a client by a declared name, or at a declared address
        ("from mx.site.example ([172.22.1.253]) by 0a1b2c3d4e5f with LMTP", "own"),
        ("from mx (mx.site.example [10.1.1.1]) by sloti13 (Cyrus 3.11) with LMTPA", "own"),
        ("from mx.site.example ([127.0.0.1]) by 0a1b2c3d4e5f with LMTP", "own"),
        ("from mx ([10.7.1.1]) by 0a1b2c3d4e5f with LMTP", "own"),
        ("from mx ([81.2.69.9]) by 0a1b2c3d4e5f with LMTP", "own"),
        # nobody declared who handed it over, or it was no last step
        ("from mx ([10.1.1.1]) by 0a1b2c3d4e5f with LMTP", "claim"),
        ("from mx.site.example by 0a1b2c3d4e5f with LMTP", "claim"),
        ("from mx.site.example ([81.2.69.144]) by 0a1b2c3d4e5f with LMTP", "claim"),
        ("from mx.site.example ([10.1.1.1]) by 0a1b2c3d4e5f with ESMTP", "claim"),
        ("by 0a1b2c3d4e5f with LMTP", "claim"),
        ("from mx ([10.7.1.1]) with LMTP", "claim"),
    ],
)
def test_last_step_of_a_declared_server_is_own(step, expected):
    """Whatever name the container has that took a message from the declared server."""
    trace = read_lines(f"{step} id 1", ENTRY_TLS, site=SITE)

    assert trusts(trace)[0] == expected
    assert bool(trace.defects) == (expected == "claim")


def test_only_the_newest_line_is_a_last_step():
    """Further down, a line by nobody known is a gap, whoever seems to have handed it over."""
    trace = read_lines(
        "from relay ([10.7.1.1]) by store.site.example with LMTP id 1",
        "from mx.site.example ([10.1.1.1]) by 0a1b2c3d4e5f with LMTP id 2",
        site=SITE,
    )

    assert trusts(trace) == ["boundary", "claim"]


@pytest.mark.parametrize(
    ("client", "site", "expected"),
    [
        ("from localhost (HELO queue) (127.0.0.1)", None, ["own", "own", "boundary"]),
        ("from localhost (HELO queue) (127.0.0.1)", SITE, ["own", "own", "boundary"]),
        ("from localhost (localhost [127.0.0.1])", None, ["own", "own", "boundary"]),
        # behind a proxy on the machine, all the world is localhost
        ("from localhost (HELO x.shop.example) (127.0.0.1)", None, ["boundary", "claim", "claim"]),
        ("from localhost (HELO x.shop.example) (127.0.0.1)", SITE, ["claim", "claim", "claim"]),
        ("from unknown (HELO queue) (127.0.0.1)", None, ["boundary", "claim", "claim"]),
    ],
)
def test_line_of_localhost_tells_nothing(client, site, expected):
    """OVH's newest line names no host; so the next one is as good as the newest."""
    trace = read_lines(
        f"{client} by localhost with SMTP",
        "from unknown (HELO out65.site.example) (192.168.9.185) by 10.7.1.2 with SMTP",
        "from out.shop.example (unknown [81.2.69.144]) by out65.site.example (Postfix) with ESMTPS",
        site=site,
    )

    assert trusts(trace) == expected


@pytest.mark.parametrize("by", ["localhost", "mx.site.example"])
def test_line_of_localhost_below_a_name_is_a_gap(by):
    """Once a server was named, one that nothing names is a stranger's."""
    trace = read_lines(
        "from relay.lan ([10.1.1.1]) by store.lan with LMTP id 1",
        f"from localhost (localhost [127.0.0.1]) by {by} with SMTP id 2",
        site=None,
    )

    assert trusts(trace) == ["boundary", "claim"]


def test_server_without_name_or_address_is_not_own():
    """A line with an address that nobody named, and no name, is a stranger's."""
    upper = parse_received(FROM_FILTER + DATE)
    lower = Hop(
        raw="",
        client=Client(helo="a.example", address="81.2.69.144"),
        server=Server(address="81.2.69.9"),
        protocol="ESMTPS",
    )

    assert trusts(judge([upper, lower])) == ["boundary", "claim"]


@pytest.mark.parametrize("server", [None, Server(software="Postfix")])
def test_cut_line_below_another_is_not_own(server):
    """A line with a client and no server was written by nobody known."""
    cut = Hop(raw="", client=Client(helo="mx.site.example"), server=server)

    assert trusts(judge([parse_received(FROM_FILTER + DATE), cut])) == ["boundary", "claim"]


def test_note_without_clauses_goes_with_its_neighbours():
    """The queue notes of qmail stand between the lines of its server."""
    trace = read_lines(
        "(qmail 976 invoked by uid 89)",
        "(qmail 975 invoked from network)",
        "from unknown (HELO out.shop.example) (81.2.69.144) by mx.site.example with SMTP",
    )
    below_peer = read_lines(FROM_FILTER, "(qmail 975 invoked from network)", ENTRY_TLS)

    by_hand = Hop(raw="", server=Server(software="qmail"))
    below_delivery = judge([deliver(Client(helo="mx.lan")), by_hand, take(name="mx.lan")])

    assert trusts(trace) == ["own", "own", "boundary"]
    assert trusts(below_peer) == ["own", "own", "boundary"]
    assert trusts(below_delivery) == ["own", "own", "boundary"]


GMAIL_NOTE = "by 2002:a05:7010:a9c5:b0:3b1:8a5c:1a2b with SMTP id 1csp2"
GMAIL_ENTRY = (
    "from out.shop.example (out.shop.example. [81.2.69.144]) by mx.google.com with ESMTPS id"
)
GMAIL_INNER = (
    "from mail-sor-f41.google.com (mail-sor-f41.google.com. [209.85.220.41])"
    " by mx.google.com with SMTPS id 3 (Google Transport Security)"
)


@pytest.mark.parametrize("host", ["google.com", "mx.google.com"])
def test_note_by_an_inner_address_goes_with_its_neighbours(host):
    """Gmail's newest line has no name that a site could declare."""
    trace = read_lines(GMAIL_NOTE, GMAIL_ENTRY, site=Site(hosts=(host,)))

    assert trusts(trace) == ["own", "boundary"]
    assert trusts(read_lines(GMAIL_NOTE, GMAIL_INNER, GMAIL_NOTE)) == ["own", "own", "own"]


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        ((), ["own", "own", "boundary"]),
        (("gmx.net",), ["boundary", "claim", "claim"]),
        (("gmx.net", "kundenserver.de"), ["own", "own", "boundary"]),
    ],
)
def test_of_an_operators_servers_the_declared_ones_are_own(hosts, expected):
    """Who declares some of an operator's servers has the entry at those, not at the others."""
    trace = read_lines(
        "from mout.kundenserver.de ([212.227.126.130]) by mx-ha.gmx.net with ESMTPS id 1",
        "from mrelayeu.kundenserver.de ([212.227.126.131]) by mout.kundenserver.de with ESMTPS",
        "from [192.168.2.3] ([89.160.20.121]) by mrelayeu.kundenserver.de with ESMTPSA id 3",
        site=Site(hosts=hosts),
    )

    assert trusts(trace) == expected


CUSTOMER = "p81-2-69-144.dip.isp.example"


@pytest.mark.parametrize(
    ("host", "site", "expected"),
    [
        (CUSTOMER, Site(hosts=("isp.example",)), ["boundary", "claim"]),
        (CUSTOMER, Site(hosts=("isp.example", CUSTOMER.upper())), ["own", "boundary"]),
        (CUSTOMER, Site(hosts=("isp.example",), networks=("81.2.69.0/24",)), ["own", "boundary"]),
        ("smtp1.isp.example", Site(hosts=("isp.example",)), ["own", "boundary"]),
    ],
)
def test_customer_below_a_declared_domain_is_not_own(host, site, expected):
    """Who has a provider's name by his address brings lines of his own, unless he is declared."""
    trace = read_lines(
        f"from {host} ({host} [81.2.69.144]) by mx.isp.example (Postfix) with ESMTPS id 1",
        f"from bank.example (bank.example [89.160.20.112]) by {host} (Postfix) with ESMTPS id 2",
        site=site,
    )

    assert trusts(trace) == expected


def test_line_that_names_nobody_lets_any_server_follow():
    """Mail of a local user may carry the lines of an earlier journey."""
    trace = read_lines("from www-data by web.site.example with local (Exim 4.96) id 1", ENTRY_TLS)

    assert trusts(trace) == ["own", "boundary"]


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        (Client(helo="mx.lan"), ["boundary", "claim"]),
        (Client(rdns="mx.lan"), ["boundary", "claim"]),
        (Client(address="10.1.1.1"), ["boundary", "claim"]),
        (Client(), ["own", "boundary"]),
    ],
)
def test_client_with_any_mark_names_its_server(client, expected):
    """Whatever the line above tells of its client, the next line's server must fit it."""
    trace = judge([deliver(client), take(name="mx.shop.example")])

    assert trusts(trace) == expected


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ({"address": "10.1.1.1"}, ["own", "boundary"]),
        ({"address": "10.1.1.2"}, ["boundary", "claim"]),
        ({"name": "mail.example", "address": "10.1.1.1"}, ["own", "boundary"]),
        ({"software": "Postfix"}, ["boundary", "claim"]),
    ],
)
def test_server_with_an_address_is_told_by_it(server, expected):
    """The address in the `by` clause is as good as a name."""
    trace = judge([deliver(Client(helo="mx.lan", address="10.1.1.1")), take(**server)])

    assert trusts(trace) == expected


@pytest.mark.parametrize(
    ("lower", "expected"),
    [("mx.site.example", "own"), ("mx.shop.example", "boundary")],
)
def test_note_without_server_is_no_newest_writer(lower, expected):
    """The first line that names its server tells whose house it is."""
    note = Hop(raw="", server=Server(software="qmail"), comments=("qmail 9 invoked by uid 8",))
    store = Hop(
        raw="",
        client=Client(helo="relay", address="10.1.1.1"),
        server=Server(name="store.site.example"),
        protocol="LMTP",
    )
    trace = judge([note, store, take(name=lower)])

    assert trusts(trace)[1] == expected


@pytest.mark.parametrize(
    ("helo", "by", "expected"),
    [
        ("BN8FT066.eop.outlook.com", "BN0CA23.outlook.office365.com", "own"),
        ("BN8FT066.eop.outlook.com", "mx.google.com", "boundary"),
        ("mx.shop.example", "mx.site.example", "boundary"),
        ("mx", "mx.site.example", "own"),
        ("mx.shop.example", "mx", "own"),
        ("mx.shop.example", "mx7", "boundary"),
    ],
)
def test_names_of_one_server(helo, by, expected):
    """One operator has several domains, and a host may go by its short name."""
    upper = deliver(Client(helo=helo, address="10.1.1.1"))

    assert trusts(judge([upper, take(name=by)]))[0] == expected
