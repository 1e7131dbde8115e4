"""Names that are addresses."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

_CACHE_SIZE: Final = 8192


@lru_cache(_CACHE_SIZE)
def find_literal(name: str) -> IPv4Address | IPv6Address | None:
    """Find the address that *name* is, if it is one.

    >>> find_literal("192.0.2.1"), find_literal("mx.site.example")
    (IPv4Address('192.0.2.1'), None)
    """
    try:
        return ip_address(name)
    except ValueError:
        return None
