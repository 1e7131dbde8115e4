"""From the server's macros to the facts of the connection."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from headertls.integrations.milter.wire import Peer
from headertls.models import LiveConnection
from headertls.parser.addresses import parse_address, read_port

_is_number: Final = re.compile(r"[0-9]{1,9}").fullmatch
_NAMELESS: Final = frozenset({"", "unknown"})
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
        address=parse_address(macros.get("client_addr", "")) or parse_address(peer.address or ""),
        port=read_port(macros.get("client_port", "")) or peer.port,
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


def _read_number(text: str | None) -> int | None:
    return int(text) if text and _is_number(text) else None


def _read_name(peer: Peer, macros: Mapping[str, str]) -> str | None:
    name = macros.get("client_name", peer.name)
    if name in _NAMELESS or name.startswith("["):
        return None
    return name if macros.get("client_resolve", "") in _TRUE_NAMES else None
