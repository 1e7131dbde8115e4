"""How the lines of a trace hang together."""

from ipaddress import ip_address

import pytest

from headertls import Client, Continuity, Reorigin, Server, analyze, parse_received
from headertls.classifier.chain import find_continuities, find_continuity, find_loop
from headertls.classifier.traces import judge


@pytest.mark.parametrize(
    ("client", "server", "expected"),
    [
        ({"helo": "mx.site.example"}, {"name": "MX.site.example."}, Continuity.EXACT),
        ({"helo": "x", "rdns": "mx.site.example"}, {"name": "mx"}, Continuity.EXACT),
        ({"address": "10.0.0.5"}, {"name": "a.example", "address": "10.0.0.5"}, Continuity.ADDRESS),
        ({"address": "10.0.0.5"}, {"name": "10.0.0.5"}, Continuity.ADDRESS),
        ({"address": "127.0.0.1"}, {"name": "localhost"}, Continuity.ADDRESS),
        ({"address": "10.0.0.5"}, {"name": "localhost"}, Continuity.BREAK),
        ({"address": "10.0.0.5"}, {"name": "1.example"}, Continuity.BREAK),
        ({"helo": "a.site.example"}, {"name": "b.site.example"}, Continuity.ORGANIZATION),
        ({"helo": "mx.google.com"}, {"name": "smtp.gmail.com"}, Continuity.OPERATOR),
        ({"helo": "a.example"}, {"name": "b.example.net"}, Continuity.BREAK),
        ({"helo": "a.example"}, {"address": "10.0.0.5"}, Continuity.BREAK),
        ({"helo": "a.example"}, {"software": "Postfix"}, None),
        ({}, {"name": "a.example"}, None),
    ],
)
def test_continuity(client, server, expected):
    """The closest tie counts; where an end is not named nothing can be told."""
    if "address" in client:
        client["address"] = ip_address(client["address"])
    if "address" in server:
        server["address"] = ip_address(server["address"])

    assert expected == find_continuity(Client(**client), Server(**server))


def test_continuity_needs_both_ends():
    """A note has no client, and a cut line no server."""
    assert find_continuity(None, Server(name="a.example")) is None
    assert find_continuity(Client(helo="a.example"), None) is None


def hops(*lines):
    """Read lines, newest first."""
    return [parse_received(f"{line}; Tue, 05 Mar 2024 10:11:12 +0000") for line in lines]


@pytest.mark.parametrize(
    ("newer", "older", "expected"),
    [
        # a filter that handed back on the machine, and wrote no line
        ("from localhost ([127.0.0.1]) by mx.site.example", "from a by mx.site.example", "exact"),
        (
            "from f.lan ([127.0.0.1]) by mx.site.example",
            "from a by mx2.site.example",
            "organization",
        ),
        ("from localhost ([127.0.0.1]) by mx.site.example", "from a by mx.shop.example", "break"),
        ("from f.lan ([10.1.1.2]) by mx.site.example", "from a by mx.site.example", "break"),
        ("from f.lan by mx.site.example", "from a by mx.site.example", "break"),
        ("from localhost ([127.0.0.1]) by [81.2.69.9]", "from a by [81.2.69.10]", "break"),
        # an appliance that calls itself localhost, and whose client is itself
        ("from f.lan ([10.1.1.2]) by mx.lan", "from f.lan ([127.0.0.1]) by localhost", "exact"),
        ("from f (f.lan [10.1.1.2]) by mx.lan", "from f.lan ([127.0.0.1]) by localhost", "exact"),
        ("from g.lan ([10.1.1.2]) by mx.lan", "from f.lan ([127.0.0.1]) by localhost", "break"),
        ("from f.lan ([10.1.1.2]) by mx.lan", "from f.lan ([10.1.1.9]) by localhost", "break"),
        ("from f.lan ([10.1.1.2]) by mx.lan", "from f.lan by localhost", "break"),
        ("from f.lan ([10.1.1.2]) by mx.lan", "from ([127.0.0.1]) by localhost", "break"),
        ("from f.lan ([10.1.1.2]) by mx.lan", "by localhost", "break"),
    ],
)
def test_loopback_joins_lines_of_one_machine(newer, older, expected):
    """Who connects from loopback is the server itself, whatever it is called."""
    found = find_continuities(hops(f"{newer} with ESMTP id 2", f"{older} with ESMTP id 1"))

    assert expected == found[0].value


DELIVERED = (
    "from list.example (list.example [81.2.69.150]) by mx.site.example with ESMTPS id 2 for <{}>"
)
POSTED = "from a.example (a.example [81.2.69.144]) by list.example with ESMTPS id 1 for <{}>"


@pytest.mark.parametrize(
    ("posted", "delivered", "is_listed", "expected"),
    [
        ("talk@list.example", "ann@site.example", True, Reorigin.LIST),
        ("bob@list.example", "ann@site.example", False, Reorigin.FORWARD),
        ("ann@mail.site.example", "ann@site.example", False, None),
        ("ann@site.example", "ann@site.example", True, None),
        ("root", "ann@site.example", False, None),
    ],
)
def test_reorigin_by_recipient(posted, delivered, is_listed, expected):
    """Another domain's recipient means that the message was sent on, by whom the header tells."""
    trace = judge(hops(DELIVERED.format(delivered), POSTED.format(posted)))
    if is_listed:
        fields = "".join(f"Received: {hop.raw}\n" for hop in reversed(trace.hops))
        trace = analyze(f"List-Id: <talk.list.example>\n{fields}".encode())

    assert [None, expected] == [hop.verdict.reorigin for hop in trace]


def test_reorigin_by_kind():
    """A fetched message, and one that a list's software expanded, begin anew."""
    trace = judge(
        hops(
            "from pop.site.example [10.0.0.1] by localhost with POP3 (fetchmail-6.4.37)"
            " for <ann@localhost>",
            "by list.example via listexpand id 1",
            "from a.example (a.example [81.2.69.144]) by list.example with ESMTPS id 1",
        )
    )

    assert [None, Reorigin.LIST, Reorigin.RETRIEVAL] == [hop.verdict.reorigin for hop in trace]


STEP = "from {0}.example ({0}.example [81.2.69.{1}]) by {2}.example (Postfix) with ESMTPS id {3}"


def test_loop():
    """The same step twice, with another between, is a loop; the finding stands at the older one."""
    steps = [("a", 1, "b", 3), ("b", 2, "a", 2), ("a", 1, "b", 1)]
    trace = judge(hops(*(STEP.format(*step) for step in steps)))

    assert ["mail-loop"] == [f.code.value for f in trace.hops[0].verdict.findings]


def test_steps_that_are_no_loop():
    """One line doubled, passes through a filter on loopback, and unnamed peers."""
    doubled = [STEP.format("a", 1, "b", 1)] * 2
    filtered = [
        "from localhost ([127.0.0.1]) by b.example with ESMTP id 1",
        STEP.format("a", 1, "b", 1),
    ] * 2
    unnamed = ["from a.example by b.example with ESMTP id 1", "by b.example with ESMTP id 2"] * 2

    assert find_loop(hops(*doubled)) is None
    assert find_loop(hops(*filtered[:3])) is None
    assert find_loop(hops(*unnamed)) is None
