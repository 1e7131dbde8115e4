"""What the trusted lines of a trace tell about the reader's own servers."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from headertls.classifier.scopes import is_same_owner
from headertls.classifier.transports import Unread, find_unread
from headertls.models import Client, DefectKind, Hop, Kind, Scope, Server
from headertls.net.operators import find_operator_of_host
from headertls.net.scope import Reach, find_reach

INSIDE_KINDS: Final = frozenset(
    {Kind.NOTE, Kind.LOCAL, Kind.FILTER, Kind.DELIVERY, Kind.STORE, Kind.RETRIEVAL}
)
"""Events inside the house, whatever address they show."""

INSIDE_SCOPES: Final = frozenset({Scope.LOCAL, Scope.PRIVATE, Scope.PROXIED, Scope.OPERATOR})
"""Connections from a peer inside the house, or inside its operator."""

_CACHE_SIZE: Final = 4096
_LOCALHOSTS: Final = frozenset({"localhost", "localhost.localdomain"})


class House:
    """The own servers, as inferred from the newest line down."""

    def __init__(self) -> None:
        self._lines: list[Hop] = []
        """The lines of which both ends are in the house, newest first."""

    def add(self, hop: Hop) -> None:
        """Take in *hop*, of which both ends are in the house."""
        self._lines.append(hop)

    def is_own(self, hop: Hop) -> bool:
        """Tell whether an own server wrote *hop*, the next line down."""
        if hop.defects and any(defect.kind is DefectKind.NO_CLAUSES for defect in hop.defects):
            return False
        client = self._lines[-1].client if self._lines else None
        if client is None or _is_nobody(client):
            return True
        server = hop.server
        if server is None or (server.name is None and server.address is None):
            # (qmail 975 invoked from network) goes with its neighbours; a cut line does not
            return hop.client is None
        name, helo = server.name, client.helo
        if name is not None and helo is not None and _is_akin(name, helo):
            return True
        return self._is_named(server, client)

    def is_inside(self, hop: Hop, kind: Kind, scope: Scope) -> bool:
        """Tell whether the client of *hop*, a line by an own server, is in the house, too."""
        if not hop.complete and find_unread(hop) is Unread.REST:
            # What was read may be the client's, who put the rest out of sight.
            return False
        if scope in INSIDE_SCOPES or kind in INSIDE_KINDS:
            return True
        if kind is Kind.LIST and hop.client is None:
            return True
        if scope is not Scope.ORGANIZATION:
            return False
        newest = self._find_newest_name()
        name = hop.server.name if hop.server else None
        return newest is None or (name is not None and is_same_owner(name, newest))

    def find_host_at(self, address: IPv4Address | IPv6Address) -> str | None:
        """Find the own server that has *address* by its own line."""
        for line in self._lines:
            server = line.server
            # To compare addresses of two families is slow, and never true.
            if server and type(server.address) is type(address) and server.address == address:
                return server.name
        return None

    def _find_newest_name(self) -> str | None:
        servers = (line.server for line in self._lines)
        return next((s.name for s in servers if s and s.name), None)

    def _is_named(self, server: Server, client: Client) -> bool:
        """Tell whether *server* is the *client* of the line above, or another own server."""
        if server.address is not None and server.address == client.address:
            return True
        if server.name is None:
            return False
        name = server.name.lower()
        if _is_at(name, client):
            return True
        hosts = (client.rdns, self._find_newest_name())
        if any(_is_akin(name, host) for host in hosts if host):
            return True
        servers = (line.server for line in self._lines)
        return any(s.name.lower() == name for s in servers if s and s.name)


def _is_nobody(client: Client) -> bool:
    return client.address is None and client.helo is None and client.rdns is None


def _is_at(name: str, client: Client) -> bool:
    """Tell whether *name* is but the client's address, or `localhost` for one on loopback."""
    if client.address is None:
        return False
    if name in _LOCALHOSTS:
        return find_reach(client.address) is Reach.LOOPBACK
    return _read_literal(name) == client.address


@lru_cache(_CACHE_SIZE)
def _read_literal(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None


@lru_cache(_CACHE_SIZE)
def _is_akin(name: str, host: str) -> bool:
    """Tell whether two names may be one host's, or one owner's or operator's."""
    if is_same_owner(name, host):
        return True
    # A host's short name beside its full one.
    first, _, rest = name.lower().partition(".")
    other_first, _, other_rest = host.lower().partition(".")
    if first == other_first and not (rest and other_rest):
        return True
    operator = find_operator_of_host(name)
    return operator is not None and operator == find_operator_of_host(host)
