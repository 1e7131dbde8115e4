"""How far an IP address reaches, by a table of our own.

`ipaddress.is_global` is no use here: its answers changed between Python releases, and it takes
multicast, site-local and translated private addresses for global ones.
"""

from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Final, NamedTuple

from headertls.net.prefixes import PrefixTable

_CACHE_SIZE: Final = 8192


class Reach(StrEnum):
    """From where an address can be reached."""

    PUBLIC = "public"
    PRIVATE = "private"
    SHARED = "shared"
    """Between a provider and its customers (RFC 6598)."""
    LOOPBACK = "loopback"
    LINK_LOCAL = "link-local"
    DOCUMENTATION = "documentation"
    BENCHMARK = "benchmark"
    RESERVED = "reserved"
    MULTICAST = "multicast"
    UNSPECIFIED = "unspecified"


class Embedded(NamedTuple):
    """An IPv4 address sits inside the IPv6 address and decides."""

    shift: int
    """Bits to the right of it."""
    mask: int = 0
    """What it is exclusive-ored with."""


IPV4_REACH: Final[tuple[tuple[str, Reach], ...]] = (
    # RFC 1122 section 3.2.1.3
    ("0.0.0.0/8", Reach.RESERVED),
    ("0.0.0.0/32", Reach.UNSPECIFIED),
    # RFC 1918
    ("10.0.0.0/8", Reach.PRIVATE),
    ("172.16.0.0/12", Reach.PRIVATE),
    ("192.168.0.0/16", Reach.PRIVATE),
    # RFC 6598
    ("100.64.0.0/10", Reach.SHARED),
    # RFC 1122 section 3.2.1.3
    ("127.0.0.0/8", Reach.LOOPBACK),
    # RFC 3927
    ("169.254.0.0/16", Reach.LINK_LOCAL),
    # RFC 6890 section 2.1, but for the anycast addresses of PCP (RFC 7723) and TURN (RFC 8155)
    ("192.0.0.0/24", Reach.RESERVED),
    ("192.0.0.9/32", Reach.PUBLIC),
    ("192.0.0.10/32", Reach.PUBLIC),
    # RFC 5737
    ("192.0.2.0/24", Reach.DOCUMENTATION),
    ("198.51.100.0/24", Reach.DOCUMENTATION),
    ("203.0.113.0/24", Reach.DOCUMENTATION),
    # RFC 7526: the anycast prefix of 6to4 relays was withdrawn
    ("192.88.99.0/24", Reach.RESERVED),
    # RFC 2544
    ("198.18.0.0/15", Reach.BENCHMARK),
    # RFC 5771
    ("224.0.0.0/4", Reach.MULTICAST),
    # RFC 1112 section 4; the last address is the limited broadcast of RFC 919
    ("240.0.0.0/4", Reach.RESERVED),
)

IPV6_REACH: Final[tuple[tuple[str, Reach | Embedded], ...]] = (
    # RFC 4291 section 2.4: nothing else has been given out
    ("2000::/3", Reach.PUBLIC),
    # RFC 4291 sections 2.5.2 and 2.5.3
    ("::/128", Reach.UNSPECIFIED),
    ("::1/128", Reach.LOOPBACK),
    # RFC 4291 section 2.5.5.2: IPv4-mapped
    ("::ffff:0:0/96", Embedded(shift=0)),
    # RFC 6052: NAT64, well-known prefix
    ("64:ff9b::/96", Embedded(shift=0)),
    # RFC 8215: NAT64, for local use
    ("64:ff9b:1::/48", Reach.PRIVATE),
    # RFC 2928 keeps 2001::/23 for the IETF; its parts in use follow
    ("2001::/23", Reach.RESERVED),
    # RFC 4380 section 4: Teredo; the client's own IPv4 address stands last, all bits turned
    ("2001::/32", Embedded(shift=0, mask=0xFFFFFFFF)),
    # RFC 7723, RFC 8155, RFC 9665: anycast of PCP, TURN and DNS-SD registration
    ("2001:1::1/128", Reach.PUBLIC),
    ("2001:1::2/128", Reach.PUBLIC),
    ("2001:1::3/128", Reach.PUBLIC),
    # RFC 5180
    ("2001:2::/48", Reach.BENCHMARK),
    # RFC 7450: AMT, RFC 7535: AS112, RFC 7343: ORCHIDv2, RFC 9374: drone tags
    ("2001:3::/32", Reach.PUBLIC),
    ("2001:4:112::/48", Reach.PUBLIC),
    ("2001:20::/28", Reach.PUBLIC),
    ("2001:30::/28", Reach.PUBLIC),
    # RFC 3849, RFC 9637
    ("2001:db8::/32", Reach.DOCUMENTATION),
    ("3fff::/20", Reach.DOCUMENTATION),
    # RFC 3056: 6to4; Google numbers its inner hosts 2002:a05::, which is 10.5.x.x
    ("2002::/16", Embedded(shift=80)),
    # RFC 4193
    ("fc00::/7", Reach.PRIVATE),
    # RFC 4291 section 2.5.6
    ("fe80::/10", Reach.LINK_LOCAL),
    # RFC 3879: site-local, given up but still met inside sites
    ("fec0::/10", Reach.PRIVATE),
    # RFC 4291 section 2.7
    ("ff00::/8", Reach.MULTICAST),
)

_IPV4: Final = PrefixTable(IPV4_REACH, Reach.PUBLIC)
_IPV6: Final = PrefixTable(IPV6_REACH, Reach.RESERVED)


def find_reach(address: IPv4Address | IPv6Address) -> Reach:
    """Tell how far *address* reaches.

    An IPv6 address that carries an IPv4 one (mapped, NAT64, 6to4, Teredo) reaches as far as that.

    >>> find_reach(IPv4Address("9.9.9.9"))
    <Reach.PUBLIC: 'public'>
    >>> find_reach(IPv6Address("2002:a05:6808:1::1"))
    <Reach.PRIVATE: 'private'>
    """
    if isinstance(address, IPv4Address):
        return _find_ipv4_reach(int(address))
    return _find_ipv6_reach(int(address))


@lru_cache(_CACHE_SIZE)
def _find_ipv4_reach(number: int) -> Reach:
    return _IPV4.find(number)


@lru_cache(_CACHE_SIZE)
def _find_ipv6_reach(number: int) -> Reach:
    found = _IPV6.find(number)
    if isinstance(found, Embedded):
        return _find_ipv4_reach(((number >> found.shift) & 0xFFFFFFFF) ^ found.mask)
    return found
