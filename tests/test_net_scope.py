"""How far addresses reach: by our own table, the same on every Python."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headertls.net.scope import IPV4_REACH, IPV6_REACH, Reach, find_reach
from timing import assert_takes_at_most


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("9.9.9.9", Reach.PUBLIC),
        ("81.2.69.144", Reach.PUBLIC),
        ("0.0.0.0", Reach.UNSPECIFIED),  # noqa: S104  # nothing is bound
        ("0.1.2.3", Reach.RESERVED),
        ("10.0.0.0", Reach.PRIVATE),
        ("10.255.255.255", Reach.PRIVATE),
        ("172.15.255.255", Reach.PUBLIC),
        ("172.16.0.0", Reach.PRIVATE),
        ("172.31.255.255", Reach.PRIVATE),
        ("172.32.0.0", Reach.PUBLIC),
        ("192.168.255.255", Reach.PRIVATE),
        ("192.169.0.0", Reach.PUBLIC),
        ("100.63.255.255", Reach.PUBLIC),
        ("100.64.0.1", Reach.SHARED),
        ("100.127.255.255", Reach.SHARED),
        ("100.128.0.0", Reach.PUBLIC),
        ("127.0.0.1", Reach.LOOPBACK),
        ("127.255.255.255", Reach.LOOPBACK),
        ("169.254.1.1", Reach.LINK_LOCAL),
        ("192.0.0.8", Reach.RESERVED),
        ("192.0.0.9", Reach.PUBLIC),
        ("192.0.0.10", Reach.PUBLIC),
        ("192.0.0.11", Reach.RESERVED),
        ("192.0.1.0", Reach.PUBLIC),
        ("192.0.2.1", Reach.DOCUMENTATION),
        ("198.51.100.7", Reach.DOCUMENTATION),
        ("203.0.113.255", Reach.DOCUMENTATION),
        ("192.88.99.1", Reach.RESERVED),
        ("198.17.255.255", Reach.PUBLIC),
        ("198.18.0.1", Reach.BENCHMARK),
        ("198.19.255.255", Reach.BENCHMARK),
        ("223.255.255.255", Reach.PUBLIC),
        ("225.51.198.96", Reach.MULTICAST),
        ("240.0.0.1", Reach.RESERVED),
        ("255.255.255.255", Reach.RESERVED),
    ],
)
def test_ipv4_address_has_its_reach(address, expected):
    """Special-purpose blocks are known to their last address, all others are public."""
    assert expected is find_reach(IPv4Address(address))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("2a02:d140:c012::81", Reach.PUBLIC),
        ("2603:10b6:408:77::31", Reach.PUBLIC),
        ("::", Reach.UNSPECIFIED),
        ("::1", Reach.LOOPBACK),
        ("::2", Reach.RESERVED),
        # IPv4-compatible, given up by RFC 4291
        ("::10.0.0.1", Reach.RESERVED),
        ("1::1", Reach.RESERVED),
        ("4000::1", Reach.RESERVED),
        ("5f00::1", Reach.RESERVED),
        ("100::1", Reach.RESERVED),
        ("64:ff9b:1::1", Reach.PRIVATE),
        ("fc00::1", Reach.PRIVATE),
        ("fdff::1", Reach.PRIVATE),
        ("fe80::1", Reach.LINK_LOCAL),
        ("fe80::1%6", Reach.LINK_LOCAL),
        ("fe80::1%eth0", Reach.LINK_LOCAL),
        ("fec0::1", Reach.PRIVATE),
        ("ff02::1", Reach.MULTICAST),
        ("2001:db8::1", Reach.DOCUMENTATION),
        ("3fff:fff::1", Reach.DOCUMENTATION),
        ("3fff:1000::1", Reach.PUBLIC),
        ("2001:1::1", Reach.PUBLIC),
        ("2001:1::4", Reach.RESERVED),
        ("2001:2::1", Reach.BENCHMARK),
        ("2001:4:112::1", Reach.PUBLIC),
        ("2001:10::1", Reach.RESERVED),
        ("2001:20::1", Reach.PUBLIC),
        ("2001:200::1", Reach.PUBLIC),
    ],
)
def test_ipv6_address_has_its_reach(address, expected):
    """Only what IANA gave out is public; a zone changes nothing."""
    assert expected is find_reach(IPv6Address(address))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("::ffff:10.0.0.1", Reach.PRIVATE),
        ("::ffff:127.0.0.1", Reach.LOOPBACK),
        ("::ffff:9.9.9.9", Reach.PUBLIC),
        ("64:ff9b::a00:1", Reach.PRIVATE),
        ("64:ff9b::909:909", Reach.PUBLIC),
        ("2002:a05:651c::", Reach.PRIVATE),
        ("2002:909:909::1", Reach.PUBLIC),
        ("2002:7f00:1::1", Reach.LOOPBACK),
        # Teredo: the last 32 bits, turned over
        ("2001:0:909:909::f6f6:f6f6", Reach.PUBLIC),
        ("2001:0:909:909::f5ff:fffe", Reach.PRIVATE),
    ],
)
def test_embedded_ipv4_address_decides(address, expected):
    """An IPv6 address around an IPv4 one reaches as far as that one."""
    assert expected is find_reach(IPv6Address(address))


def test_prefixes_are_whole_and_stand_once():
    """No row has bits beyond its prefix, and none repeats another."""
    # A network with bits beyond its prefix would raise here.
    networks = [ip_network(prefix) for prefix, _ in (*IPV4_REACH, *IPV6_REACH)]

    assert len(networks) == len(set(networks))


@given(st.ip_addresses())
def test_every_address_has_a_reach(address):
    """The tables cover both families from end to end."""
    assert isinstance(find_reach(address), Reach)


@given(st.ip_addresses(v=4))
def test_mapped_address_reaches_as_far_as_its_ipv4_address(address):
    """`::ffff:a.b.c.d` and `a.b.c.d` are one peer."""
    assert find_reach(address) is find_reach(ip_address(f"::ffff:{address}"))


def test_unknown_addresses_are_found_fast():
    """An address never seen before takes a bisection, not a row of comparisons."""
    addresses = [IPv6Address((0x2A02_FACE << 96) + number) for number in range(2000)]

    # Measured: 1 µs for each. The bound leaves room for a busy machine.
    assert_takes_at_most(2000 * 50e-6, lambda: [find_reach(address) for address in addresses])
