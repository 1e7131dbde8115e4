"""Mail operators, by address and by host."""

from ipaddress import ip_address, ip_network

import pytest

from headertls.net.operators import OPERATORS, find_operator_of_address, find_operator_of_host
from headertls.net.scope import Reach, find_reach


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("40.92.18.1", "Microsoft"),
        ("40.107.71.9", "Microsoft"),
        ("52.100.3.2", "Microsoft"),
        ("52.102.1.1", "Microsoft"),
        ("52.103.127.255", "Microsoft"),
        ("104.47.127.255", "Microsoft"),
        ("2603:10a6:10:77::31", "Microsoft"),
        ("2603:10b6:408:77::31", "Microsoft"),
        ("2a01:111:f403:c111::1", "Microsoft"),
        ("209.85.220.65", "Google"),
        ("2607:f8b0:4864:20::65", "Google"),
        ("2002:a05:6808:1::1", "Google"),
        ("17.58.23.4", "Apple"),
    ],
)
def test_mail_address_tells_its_operator(address, expected):
    """Networks from which only the operator can speak are its own."""
    assert expected == find_operator_of_address(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        # tenants of Azure, Google Cloud, Amazon
        "20.25.87.156",
        "40.76.1.1",
        "52.103.128.0",
        "104.47.128.0",
        "2603:1020:1::1",
        "34.90.1.1",
        "35.191.0.1",
        "2600:1900:4000::1",
        "34.230.177.131",
        "81.2.69.144",
        "10.5.101.28",
    ],
)
def test_cloud_address_tells_no_operator(address):
    """A machine that anybody can rent is no proof of who speaks."""
    assert find_operator_of_address(ip_address(address)) is None


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("BN7PR04CA0011.namprd04.prod.outlook.com", "Microsoft"),
        ("BN8NAM11FT066.mail.protection.OUTLOOK.COM.", "Microsoft"),
        ("VI1P123CA0042.outlook.office365.com", "Microsoft"),
        ("outlook.com", "Microsoft"),
        ("mx.google.com", "Google"),
        ("2002:a05:6808:1::1", "Google"),
        ("mx01.mail.icloud.com", "Apple"),
        ("209.85.220.65", "Google"),
    ],
)
def test_host_tells_its_operator(host, expected):
    """A host counts by its domain, an address in a host's place by its network."""
    assert expected == find_operator_of_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "myoutlook.com",
        "outlook.com.site.example",
        "google.example",
        "com",
        "",
        "10.1.2.3",
        "1.2.3.4.5",
        "999.1.1.1",
    ],
)
def test_host_of_nobody_known_tells_no_operator(host):
    """A name that merely holds an operator's is not its."""
    assert find_operator_of_host(host) is None


def test_table_is_narrow():
    """No range takes in more than the largest block that one operator was ever given."""
    ranges = [ip_network(prefix) for row in OPERATORS for prefix in row.ranges]

    assert all(net.prefixlen >= (8 if net.version == 4 else 24) for net in ranges)
    assert all(row.source and row.hosts for row in OPERATORS)


def test_ranges_of_operators_do_not_overlap():
    """One address is one operator's at most."""
    rows = [(ip_network(prefix), row.name) for row in OPERATORS for prefix in row.ranges]

    overlapping = [
        (one, other)
        for one, name in rows
        for other, other_name in rows
        if name != other_name and one.version == other.version and one.overlaps(other)
    ]

    assert overlapping == []


def test_ranges_are_public_but_for_the_inner_names_of_gmail():
    """A private network proves nobody's identity."""
    networks = [ip_network(prefix) for row in OPERATORS for prefix in row.ranges]

    inner = [str(net) for net in networks if find_reach(net.network_address) is not Reach.PUBLIC]

    assert inner == ["2002:a00::/24"]


def test_memory_is_bounded():
    """A stream of ever new hosts fills no memory."""
    assert find_operator_of_host.cache_parameters()["maxsize"] is not None
