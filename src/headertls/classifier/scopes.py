"""Where did the connection run? Told by the client's address, as the writer of the line saw it.

Neither the HELO nor the `by` address makes a hop any less public: the first is the client's own
word, the second is Exchange's inner address on lines received from the internet.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from headertls.classifier.chain import LOCALHOSTS, is_same_owner
from headertls.classifier.ground import Ground
from headertls.classifier.products import iter_leading_names, read_product
from headertls.models import Client, Hop, Kind, Scope, Server
from headertls.net.literals import find_literal
from headertls.net.operators import find_operator_of_client, find_operator_of_host
from headertls.net.scope import Reach, find_reach

_CACHE_SIZE: Final = 4096

# MailChannels hands on from 127.0.0.6; Debian gives 127.0.1.1 to the host's own name.
_FIRST_PROXY: Final = int(IPv4Address("127.0.0.2"))
_LAST_PROXY: Final = int(IPv4Address("127.0.0.255"))

_LOCAL_HELOS: Final = LOCALHOSTS | {"127.0.0.1", "::1"}
# Cyrus ([unix socket]), amavis [[UNIX: localhost]], OpenSMTPD (HOST [local])
_SOCKET_COMMENT: Final = re.compile(r"\bunix socket\b|\[unix:|\[local\]|^local$", re.IGNORECASE)

FindHost = Callable[[IPv4Address | IPv6Address], str | None]
"""Finds the host to which other lines of the trace give an address."""


def know_no_host(address: IPv4Address | IPv6Address) -> None:
    """Stand in where a line is judged by itself."""


SCOPES: Final = {
    Reach.PUBLIC: Scope.PUBLIC,
    # RFC 1918, RFC 4193, RFC 3927, RFC 6598, RFC 2544: not from the internet
    Reach.PRIVATE: Scope.PRIVATE,
    Reach.LINK_LOCAL: Scope.PRIVATE,
    Reach.SHARED: Scope.PRIVATE,
    Reach.BENCHMARK: Scope.PRIVATE,
    Reach.LOOPBACK: Scope.LOCAL,
    # a class of its own, so that examples are not taken for private networks
    Reach.DOCUMENTATION: Scope.DOCUMENTATION,
    # never the peer of a connection
    Reach.RESERVED: Scope.INVALID,
    Reach.MULTICAST: Scope.INVALID,
    Reach.UNSPECIFIED: Scope.INVALID,
}

VERIFYING_PRODUCTS: Final = frozenset(
    {
        # recorded: a reverse name without a way forward becomes `unknown`
        "postfix",
        "postcow",
        "proxmox",
        # code: the name stands there only if it was verified
        "exim",
        # recorded: adds `(may be forged)`
        "sendmail",
        "proofpoint",
        # recorded: leaves the name out
        "courier",
    }
)
"""Products whose recorded reverse name was looked up forward, too; others show any forgery."""


def find_scope(
    hop: Hop, kind: Kind, find_host: FindHost = know_no_host, ground: Ground | None = None
) -> Scope:
    """Tell where the connection of *hop* ran; what the caller declared comes before all else.

    >>> from ipaddress import ip_address
    >>> from headertls.models import Server
    >>> hop = Hop(
    ...     raw="",
    ...     client=Client(address=ip_address("10.1.2.3"), helo="81.2.69.144"),
    ...     server=Server(name="mx.site.example"),
    ... )
    >>> find_scope(hop, Kind.RELAY)
    <Scope.BEHIND_NAT: 'behind_nat'>
    """
    client = hop.client
    if client is None or client.address is None:
        return _find_scope_without_address(hop, kind)
    if ground is not None and (declared := _find_declared_scope(hop, client.address, ground)):
        return declared
    scope = SCOPES[find_reach(client.address)]
    if scope is Scope.PUBLIC and hop.server is not None:
        return _find_public_scope(hop, client.address, hop.server, find_host)
    if scope is Scope.LOCAL and _is_proxied(hop, kind, client):
        return Scope.PROXIED
    if scope is Scope.PRIVATE and client.helo and _is_public_literal(client.helo):
        return Scope.BEHIND_NAT
    return scope


def _find_declared_scope(
    hop: Hop, address: IPv4Address | IPv6Address, ground: Ground
) -> Scope | None:
    if ground.is_terminator(address):
        return Scope.PROXIED
    if SCOPES[find_reach(address)] is not Scope.PUBLIC:
        return None
    name = find_verified_name(hop)
    is_own = ground.is_own_address(address) or (name is not None and ground.is_own_host(name))
    return Scope.ORGANIZATION if is_own else None


def _find_scope_without_address(hop: Hop, kind: Kind) -> Scope:
    if kind is Kind.LOCAL and (hop.live or any(map(_SOCKET_COMMENT.search, hop.comments))):
        return Scope.LOCAL
    return Scope.UNKNOWN


def _find_public_scope(
    hop: Hop, address: IPv4Address | IPv6Address, server: Server, find_host: FindHost
) -> Scope:
    name = server.name
    operator = find_operator_of_host(name) if name else None
    verified = find_verified_name(hop)
    if operator is not None and operator == find_operator_of_client(address, verified):
        return Scope.OPERATOR
    if address == server.address:
        return Scope.ORGANIZATION
    host = verified or find_host(address)
    if host is not None and name and is_same_owner(host, name):
        return Scope.ORGANIZATION
    return Scope.PUBLIC


def find_verified_name(hop: Hop) -> str | None:
    """Find the client's reverse name, if the writer of *hop* looked it up forward, too."""
    client, server = hop.client, hop.server
    if client is None or client.rdns is None or server is None or server.software is None:
        return None
    # sendmail's note on a name whose forward look-up gives another address. It has no place in
    # the hop, so the whole line is asked: text of the client's can only make the answer stricter.
    if "may be forged" in hop.raw or not _is_verifying(server.software):
        return None
    return client.rdns


def is_named_by_address(client: Client) -> bool:
    """Tell whether the client's reverse name spells its address, as those of customers do.

    >>> from ipaddress import ip_address
    >>> is_named_by_address(
    ...     Client(rdns="p81-2-69-144.dip.isp.example", address=ip_address("81.2.69.144"))
    ... )
    True
    """
    if client.rdns is None or not isinstance(client.address, IPv4Address):
        return False
    name, octets = client.rdns.lower(), str(client.address).split(".")
    numbers = [number.lstrip("0") or "0" for number in _find_numbers(name)]
    runs = [numbers[place : place + 4] for place in range(len(numbers) - 3)]
    if octets in runs or octets[::-1] in runs:
        return True
    return f"{int(client.address):08x}" in name or "".join(o.zfill(3) for o in octets) in name


_find_numbers: Final = re.compile(r"\d+", re.ASCII).findall


@lru_cache(_CACHE_SIZE)
def _is_verifying(software: str) -> bool:
    names = iter_leading_names(read_product(software).name)
    return any(name in VERIFYING_PRODUCTS for name in names)


def _is_proxied(hop: Hop, kind: Kind, client: Client) -> bool:
    """A proxy on the server itself stands between: the line below has the real client."""
    address = client.address
    if isinstance(address, IPv4Address) and _FIRST_PROXY <= int(address) <= _LAST_PROXY:
        return True
    if kind is not Kind.SUBMISSION or client.helo is None:
        return False
    name = hop.server.name if hop.server else None
    if client.helo.lower() in _LOCAL_HELOS:
        return False
    return name is None or not is_same_owner(client.helo, name)


def _is_public_literal(helo: str) -> bool:
    address = find_literal(helo.strip("[]"))
    return address is not None and find_reach(address) is Reach.PUBLIC
