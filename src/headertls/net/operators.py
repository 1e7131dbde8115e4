"""Mail operators whose two ends can be told from the address and from the `by` host.

A wrong range would hide a plaintext hop, so the table names only networks from which nobody but
the operator can speak: no cloud range is here, since its tenants are other people.
"""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, NamedTuple

from headertls.net.prefixes import PrefixTable

_CACHE_SIZE: Final = 8192


class Operator(NamedTuple):
    """One operator of mail servers."""

    name: str
    hosts: tuple[str, ...]
    """Domains of its `by` hosts."""
    ranges: tuple[str, ...]
    """Networks of its mail servers only."""
    source: str


OPERATORS: Final[tuple[Operator, ...]] = (
    Operator(
        name="Microsoft",
        hosts=("outlook.com", "office365.com", "exchangelabs.com", "hotmail.com"),
        ranges=(
            "40.92.0.0/15",
            "40.107.0.0/16",
            "52.100.0.0/15",
            "52.102.0.0/16",
            "52.103.0.0/17",
            "104.47.0.0/17",
            "2a01:111:f400::/48",
            "2a01:111:f403::/48",
            "2603:1086::/32",
            "2603:1096::/32",
            "2603:10a6::/32",
            "2603:10b6::/32",
            "2603:10c6::/32",
            "2603:10d6::/32",
        ),
        source="SPF record of spf.protection.outlook.com, 2025; 2603:10?6 are the back ends, seen"
        " on both sides of the lines between prod.outlook.com hosts, 2023 to 2025",
    ),
    Operator(
        name="Google",
        hosts=("google.com", "gmail.com", "googlemail.com", "1e100.net"),
        ranges=(
            "64.233.160.0/19",
            "66.102.0.0/20",
            "72.14.192.0/18",
            "74.125.0.0/16",
            "173.194.0.0/16",
            "209.85.128.0/17",
            "216.239.32.0/19",
            "2001:4860:4000::/36",
            "2404:6800:4000::/36",
            "2607:f8b0:4000::/36",
            "2800:3f0:4000::/36",
            "2a00:1450:4000::/36",
            "2c0f:fb50:4000::/36",
            # 6to4 of 10.0.0.0/8: no route on the internet, but the names of Gmail's inner hosts
            "2002:a00::/24",
        ),
        source="SPF records _netblocks.google.com and _netblocks2, 2025, without the blocks that"
        " Google Cloud load balancers share",
    ),
    Operator(
        name="Apple",
        hosts=("apple.com", "icloud.com", "me.com", "mac.com"),
        ranges=("17.0.0.0/8",),
        source="ARIN: the whole block is Apple's own, and it rents none of it out, 2025",
    ),
)

_RANGES: Final = tuple((prefix, row.name) for row in OPERATORS for prefix in row.ranges)
_IPV4: Final = PrefixTable[str | None]((row for row in _RANGES if ":" not in row[0]), None)
_IPV6: Final = PrefixTable[str | None]((row for row in _RANGES if ":" in row[0]), None)
_HOSTS: Final = {domain: row.name for row in OPERATORS for domain in row.hosts}
_ADDRESS: Final = re.compile(r"[\d.]+|[\da-f]*:[\da-f:.]+", re.IGNORECASE)


def find_operator_of_address(address: IPv4Address | IPv6Address) -> str | None:
    """Find the operator whose mail servers have *address*.

    >>> find_operator_of_address(IPv4Address("209.85.220.65"))
    'Google'
    >>> find_operator_of_address(IPv4Address("20.25.87.156")) is None  # a tenant of Azure
    True
    """
    if isinstance(address, IPv4Address):
        return _find_ipv4_operator(int(address))
    return _find_ipv6_operator(int(address))


@lru_cache(_CACHE_SIZE)
def _find_ipv4_operator(number: int) -> str | None:
    return _IPV4.find(number)


@lru_cache(_CACHE_SIZE)
def _find_ipv6_operator(number: int) -> str | None:
    return _IPV6.find(number)


@lru_cache(_CACHE_SIZE)
def find_operator_of_host(host: str) -> str | None:
    """Find the operator under whose domains *host* stands; an address counts by its range.

    >>> find_operator_of_host("BN0PR03CA0023.namprd03.prod.outlook.com")
    'Microsoft'
    >>> find_operator_of_host("2002:a05:6808:1::1")
    'Google'
    """
    name = host.removesuffix(".").lower()
    if _ADDRESS.fullmatch(name):
        return _find_operator_of_literal(name)
    labels = name.split(".")
    # Every operator's domain has two labels.
    return _HOSTS.get(".".join(labels[-2:]))


def _find_operator_of_literal(text: str) -> str | None:
    try:
        return find_operator_of_address(ip_address(text))
    except ValueError:
        return None
