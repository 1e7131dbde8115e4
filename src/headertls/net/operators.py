"""Mail operators whose two ends can be told from the address and from the `by` host.

A wrong range would hide a plaintext hop, so the table names only networks from which nobody but
the operator can speak: no cloud range is here, since its tenants are other people. The rows, each
with its source, stand in ``data/operators.toml``.
"""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final, NamedTuple

from headertls.net.literals import find_literal
from headertls.net.prefixes import PrefixTable
from headertls.net.scope import Reach, find_reach

_CACHE_SIZE: Final = 8192

_ADDRESS: Final = re.compile(r"[\d.]+|[\da-f]*:[\da-f:.]+", re.IGNORECASE)

# NAT64, Teredo, 6to4: the operator may stand behind an address of someone else's.
_CARRIERS: Final = ("64:ff9b::/96", "2001::/32", "2002::/16")


class Range(NamedTuple):
    """A network, and how it is known."""

    prefix: str
    source: str
    date: str


class Operator(NamedTuple):
    """One operator of mail servers."""

    name: str
    domains: tuple[str, ...]
    """What its hosts stand under; no customer names machines there."""
    source: str
    date: str
    ranges: tuple[Range, ...] = ()
    """Networks from which nobody but the operator speaks."""
    other_ranges: tuple[Range, ...] = ()
    """Networks from which it may speak, too; they prove nothing."""
    always_tls: bool = False
    """Whether it uses TLS on every connection to a server that offers it."""
    tls_source: str | None = None
    complete_ranges: bool = False
    """Whether it speaks from no network but those of its row."""
    complete_source: str | None = None
    shared: bool = False
    """Whether customers hand in whole messages, so that it vouches for no line in them."""
    shared_source: str | None = None


class _Tables(NamedTuple):
    """The rows, and what answers from them at once."""

    operators: dict[str, Operator]
    domains: dict[str, str]
    depth: int
    """Labels of the longest domain."""
    ipv4: PrefixTable[str | None]
    ipv6: PrefixTable[str | None]
    homes: dict[str, tuple[PrefixTable[bool], PrefixTable[bool]]]
    """By operators with complete ranges: whether the operator may speak from an address."""


def find_operator(name: str) -> Operator:
    """Find the row of the operator called *name*, as the other functions name it.

    Raises:
        KeyError: There is no such row.

    >>> find_operator("Google").always_tls
    True
    """
    return _read_tables().operators[name]


def list_operators() -> tuple[Operator, ...]:
    """Give every row of the table.

    >>> "Proton" in [row.name for row in list_operators()]
    True
    """
    return tuple(_read_tables().operators.values())


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
    return _read_tables().ipv4.find(number)


@lru_cache(_CACHE_SIZE)
def _find_ipv6_operator(number: int) -> str | None:
    return _read_tables().ipv6.find(number)


@lru_cache(_CACHE_SIZE)
def find_operator_of_host(host: str) -> str | None:
    """Find the operator under whose domains *host* stands; an address counts by its range.

    >>> find_operator_of_host("BN0PR03CA0023.namprd03.prod.outlook.com")
    'Microsoft'
    >>> find_operator_of_host("2002:a05:6808:1::1")
    'Google'
    >>> find_operator_of_host("mail.yahoo.co.jp") is None  # another company
    True
    """
    name = host.removesuffix(".").lower()
    if _ADDRESS.fullmatch(name):
        return _find_operator_of_literal(name)
    tables = _read_tables()
    # Each ending of whole labels, from the longest that the table may have.
    labels = name.rsplit(".", maxsplit=tables.depth)[-tables.depth :]
    endings = (".".join(labels[start:]) for start in range(len(labels)))
    return next((tables.domains[end] for end in endings if end in tables.domains), None)


def _find_operator_of_literal(text: str) -> str | None:
    address = find_literal(text)
    return None if address is None else find_operator_of_address(address)


def find_operator_of_client(
    address: IPv4Address | IPv6Address | None, verified_name: str | None = None
) -> str | None:
    """Find the operator that a client is proven to be, by its address or its reverse name.

    Args:
        address: The peer's address, as the server saw it.
        verified_name: Its reverse name, only if the server looked it up forward, too; whoever has
            an address may give it any reverse name. Never the HELO, which is the client's own word.

    >>> from ipaddress import ip_address
    >>> find_operator_of_client(ip_address("66.163.190.1"), "sonic1.mail.ne1.yahoo.com")
    'Yahoo'
    """
    proven = find_operator_of_address(address) if address is not None else None
    if proven is None and verified_name is not None and not _ADDRESS.fullmatch(verified_name):
        return find_operator_of_host(verified_name)
    return proven


def is_foreign(address: IPv4Address | IPv6Address, operator: str) -> bool:
    """Tell whether *address* is certainly none from which *operator* speaks.

    It is `False` where that is not known: the ranges of most operators are not complete, and who
    stands behind a private address or a translated one cannot be seen.

    >>> from ipaddress import ip_address
    >>> is_foreign(ip_address("20.25.87.156"), "Google")
    True
    >>> is_foreign(ip_address("20.25.87.156"), "Yahoo")
    False

    Raises:
        KeyError: There is no such operator.
    """
    tables = _read_tables()
    if not tables.operators[operator].complete_ranges or find_reach(address) is not Reach.PUBLIC:
        return False
    ipv4, ipv6 = tables.homes[operator]
    homes = ipv4 if isinstance(address, IPv4Address) else ipv6
    return not homes.find(int(address))


# Reading the file takes some milliseconds, so it waits until an operator is asked for.
@lru_cache(maxsize=1)
def _read_tables() -> _Tables:
    text = (files("headertls.net") / "data" / "operators.toml").read_text(encoding="utf-8")
    operators = [_build_operator(row) for row in tomllib.loads(text)["operator"]]
    ranges = [(found.prefix, row.name) for row in operators for found in row.ranges]
    domains = {domain: row.name for row in operators for domain in row.domains}
    return _Tables(
        operators={row.name: row for row in operators},
        domains=domains,
        depth=max(domain.count(".") + 1 for domain in domains),
        ipv4=PrefixTable[str | None]((row for row in ranges if ":" not in row[0]), None),
        ipv6=PrefixTable[str | None]((row for row in ranges if ":" in row[0]), None),
        homes={row.name: _build_homes(row) for row in operators if row.complete_ranges},
    )


def _build_operator(row: dict[str, Any]) -> Operator:
    ranges = tuple(Range(**found) for found in row.pop("ranges", ()))
    other_ranges = tuple(Range(**found) for found in row.pop("other_ranges", ()))
    domains = tuple(row.pop("domains"))
    return Operator(**row, domains=domains, ranges=ranges, other_ranges=other_ranges)


def _build_homes(operator: Operator) -> tuple[PrefixTable[bool], PrefixTable[bool]]:
    prefixes = {found.prefix for found in (*operator.ranges, *operator.other_ranges)}
    rows = [(prefix, True) for prefix in (*prefixes, *_CARRIERS)]
    return (
        PrefixTable((row for row in rows if ":" not in row[0]), default=False),
        PrefixTable((row for row in rows if ":" in row[0]), default=False),
    )
