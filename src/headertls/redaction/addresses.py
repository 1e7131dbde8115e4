"""Addresses in place of addresses: of the same family, reach and operator, and as near as before.

An address is drawn from the same row of the tables of reach and operators as the original. A public
one of nobody in particular becomes one of a network that nobody sends mail from. Two addresses that
share a /24, or as many groups of an IPv6 address, still do.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, NamedTuple

from headertls.net.operators import list_operators
from headertls.net.prefixes import PrefixTable
from headertls.net.scope import IPV4_REACH, IPV6_REACH, Embedded, Reach, find_reach
from headertls.redaction.pseudonyms import Draw, Pseudonyms

QUIET_NETWORKS: Final = (21, 22, 26, 28, 29, 30)
"""First octets of networks of the US Department of Defense (IANA IPv4 Address Space Registry),
which are in no public use; addresses drawn from anywhere would point at strangers."""

QUIET_PREFIX: Final = "3ffe::/16"
"""The 6bone's, which went back to IANA in 2006 (RFC 3701)."""

_EVERYWHERE: Final = {32: "0.0.0.0/0", 128: "::/0"}
_PUBLIC: Final = frozenset({"0.0.0.0/0", "2000::/3"})
# Known to all, and a word of its own for the analysis.
_KEPT: Final = frozenset({Reach.LOOPBACK, Reach.UNSPECIFIED})
_STEPS: Final = {32: (24, 32), 128: tuple(range(16, 129, 16))}
_LAST_OF_ANY: Final = 255
_TRIES: Final = 16
_FAMILIES: Final = {32: IPv4Address, 128: IPv6Address}


class _Row(NamedTuple):
    prefix: str
    number: int
    length: int


def replace_address(
    address: IPv4Address | IPv6Address, pseudonyms: Pseudonyms
) -> IPv4Address | IPv6Address:
    """Give the address that stands for *address*.

    >>> names = Pseudonyms(b"key")
    >>> str(replace_address(IPv4Address("10.1.2.3"), names)).startswith("10.")
    True
    >>> str(replace_address(IPv4Address("127.0.0.6"), names))
    '127.0.0.6'
    """
    if find_reach(address) in _KEPT:
        return address
    if isinstance(address, IPv4Address):
        return IPv4Address(_map(int(address), 32, pseudonyms))
    return _replace_ipv6(address, pseudonyms)


def _replace_ipv6(address: IPv6Address, pseudonyms: Pseudonyms) -> IPv6Address:
    row = _find_row(int(address), 128)
    embedded = _embedded().get(row.prefix)
    if embedded is None:
        return IPv6Address(_map(int(address), 128, pseudonyms))
    # The rest of the address stays empty: the IPv4 address in it is all that counts.
    inner = ((int(address) >> embedded.shift) & 0xFFFFFFFF) ^ embedded.mask
    mapped = int(replace_address(IPv4Address(inner), pseudonyms)) ^ embedded.mask
    return IPv6Address(row.number << (128 - row.length) | mapped << embedded.shift)


def replace_bad_quad(text: str, pseudonyms: Pseudonyms) -> str:
    """Give four numbers for four that are no address, and that are none, either.

    >>> parts = replace_bad_quad("300.1.2.3", Pseudonyms(b"key")).split(".")
    >>> int(parts[0]) > 255
    True
    """
    return ".".join(
        pseudonyms.invent("octet", part, lambda draw, part=part: _write_octet(draw, part))  # type: ignore[misc]
        for part in text.split(".")
    )


def _write_octet(draw: Draw, part: str) -> str:
    if int(part) > _LAST_OF_ANY:
        return str(300 + draw.below(700))
    return f"0{draw.below(10)}" if part[0] == "0" and len(part) > 1 else str(draw.below(256))


def _map(number: int, width: int, pseudonyms: Pseudonyms) -> int:
    """Replace the bits behind the row's, step by step, each by what the bits up to there give."""
    row = _find_row(number, width)
    prefix, done = row.number, row.length
    if row.prefix in _PUBLIC:
        prefix, done = (0, 0) if width == 32 else _read(QUIET_PREFIX)[1:]  # noqa: PLR2004  # IPv4
    for step in _STEPS[width]:
        if step <= done:
            continue
        size = step - done
        head = number >> (width - step)
        is_zero = width != 32 and head & ((1 << size) - 1) == 0  # noqa: PLR2004  # IPv4
        if not is_zero:
            prefix = _draw_step(pseudonyms, row, (prefix, size), (head, width, step))
        else:
            prefix <<= size
        done = step
    return prefix


def _draw_step(
    pseudonyms: Pseudonyms, row: _Row, start: tuple[int, int], place: tuple[int, int, int]
) -> int:
    prefix, size = start
    head, width, step = place

    def make(draw: Draw) -> str:
        if row.prefix == _EVERYWHERE[32] and step == 24:  # noqa: PLR2004  # the first step
            octet = QUIET_NETWORKS[draw.below(len(QUIET_NETWORKS))]
            return str(octet << 16 | draw.below(1 << 16))
        drawn = (prefix << size | (1 + draw.below((1 << size) - 1)) for _ in range(_TRIES))
        # Rows lie in each other, and another row is another answer.
        fitting = (n for n in drawn if _find_row(n << (width - step), width) == row)
        made = next(drawn if row.prefix in _PUBLIC else fitting, head)
        # As text, so that no address of the message is taken for another one.
        return str(made if step < width else _FAMILIES[width](made))

    made = pseudonyms.invent(f"{width}/{step}/{row.prefix}", str(head), make)
    return int(made if step < width else ip_address(made))


@lru_cache(maxsize=8192)
def _find_row(number: int, width: int) -> _Row:
    return _read(_tables()[width].find(number))


@lru_cache(maxsize=1024)
def _read(prefix: str) -> _Row:
    network = ip_network(prefix)
    number = int(network.network_address) >> (network.max_prefixlen - network.prefixlen)
    return _Row(prefix, number, network.prefixlen)


@lru_cache(maxsize=1)
def _embedded() -> dict[str, Embedded]:
    return {prefix: row for prefix, row in IPV6_REACH if isinstance(row, Embedded)}


@lru_cache(maxsize=1)
def _tables() -> dict[int, PrefixTable[str]]:
    """By width: to which row of any table an address belongs."""
    rows = [prefix for prefix, _ in (*IPV4_REACH, *IPV6_REACH)]
    for operator in list_operators():
        rows += [found.prefix for found in (*operator.ranges, *operator.other_ranges)]
    return {
        32: PrefixTable(((row, row) for row in rows if ":" not in row), _EVERYWHERE[32]),
        128: PrefixTable(((row, row) for row in rows if ":" in row), _EVERYWHERE[128]),
    }
