"""From the server's macros to the facts of the connection."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from headertls.integrations.milter.wire import Peer
from headertls.models import LiveConnection

_NAMELESS: Final = frozenset({"", "unknown"})
_IPV6: Final = "ipv6:"
_TRUE_NAMES: Final = frozenset({"", "OK"})
"""Of `{client_resolve}`: Postfix has no such macro, and gives only names that were looked up."""


def make_live(
    peer: Peer, helo: str | None, macros: Mapping[str, str], timestamp: datetime
) -> LiveConnection:
    """Make the facts of a connection.

    >>> from datetime import UTC
    >>> peer = Peer("out.shop.example", "81.2.69.144", 41234)
    >>> macros = {"tls_version": "TLSv1.3", "j": "mx.site.example"}
    >>> live = make_live(peer, "out.shop.example", macros, datetime(2023, 8, 29, tzinfo=UTC))
    >>> live.rdns, live.server, live.is_encrypted
    ('out.shop.example', 'mx.site.example', True)
    """
    return LiveConnection(
        address=_read_address(macros.get("client_addr")) or _read_address(peer.address),
        port=_read_number(macros.get("client_port")) or peer.port,
        helo=helo,
        rdns=_read_name(peer, macros),
        server=macros.get("j"),
        tls_version=macros.get("tls_version"),
        cipher=macros.get("cipher"),
        bits=_read_number(macros.get("cipher_bits")),
        auth_user=macros.get("auth_authen") or None,
        auth_method=macros.get("auth_type") or None,
        timestamp=timestamp,
    )


def _read_address(text: str | None) -> IPv4Address | IPv6Address | None:
    """Read an address; sendmail puts `IPv6:` before those of IPv6."""
    if text is not None:
        if text[: len(_IPV6)].lower() == _IPV6:
            text = text[len(_IPV6) :]
        with suppress(ValueError):
            return ip_address(text)
    return None


def _read_number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None


def _read_name(peer: Peer, macros: Mapping[str, str]) -> str | None:
    name = macros.get("client_name", peer.name)
    if name in _NAMELESS or name.startswith("["):
        return None
    return name if macros.get("client_resolve", "") in _TRUE_NAMES else None
