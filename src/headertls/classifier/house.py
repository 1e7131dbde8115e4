"""What the trusted lines of a trace tell about the reader's own servers."""

from ipaddress import ip_address
from typing import Final

from headertls.classifier.scopes import is_same_owner
from headertls.models import Client, DefectKind, Hop, Kind, Scope, Server
from headertls.net.operators import find_operator_of_host
from headertls.net.scope import Reach, find_reach

INSIDE_KINDS: Final = frozenset(
    {Kind.NOTE, Kind.LOCAL, Kind.FILTER, Kind.DELIVERY, Kind.STORE, Kind.RETRIEVAL}
)
"""Events inside the house, whatever address they show."""

INSIDE_SCOPES: Final = frozenset({Scope.LOCAL, Scope.PRIVATE, Scope.PROXIED, Scope.OPERATOR})
"""Connections from a peer inside the house, or inside its operator."""

_LOCALHOSTS: Final = frozenset({"localhost", "localhost.localdomain"})


class House:
    """The own servers, as inferred from the newest line down."""

    def __init__(self) -> None:
        self.learnt: dict[int, str] = {}
        """Addresses of own servers, as numbers, and the servers' names."""
        self._names: set[str] = set()
        self._newest: str | None = None
        self._above: Hop | None = None

    def is_own(self, hop: Hop) -> bool:
        """Tell whether an own server wrote *hop*, the next line down."""
        if any(defect.kind is DefectKind.NO_CLAUSES for defect in hop.defects):
            return False
        above = self._above
        if above is None:
            return True
        server = hop.server
        if server is None or (server.name is None and server.address is None):
            # (qmail 975 invoked from network) goes with its neighbours; a cut line does not
            return hop.client is None
        return above.client is None or self._is_named(server, above.client)

    def is_inside(self, hop: Hop, kind: Kind, scope: Scope) -> bool:
        """Tell whether the client of *hop*, a line by an own server, is in the house, too."""
        if scope in INSIDE_SCOPES or kind in INSIDE_KINDS:
            return True
        if kind is Kind.LIST and hop.client is None:
            return True
        name = hop.server.name if hop.server else None
        return scope is Scope.ORGANIZATION and name is not None and self._is_of_newest(name)

    def add(self, hop: Hop) -> None:
        """Take in *hop*, of which both ends are in the house."""
        self._above = hop
        server = hop.server
        if server is None or server.name is None:
            return
        if self._newest is None:
            self._newest = server.name
        self._names.add(server.name.lower())
        if server.address is not None:
            self.learnt[int(server.address)] = server.name

    def _is_of_newest(self, name: str) -> bool:
        return self._newest is None or is_same_owner(name, self._newest)

    def _is_named(self, server: Server, client: Client) -> bool:
        """Tell whether *server* is the *client* of the line above, or another own server."""
        if server.address is not None and server.address == client.address:
            return True
        if server.name is None:
            return False
        name = server.name.lower()
        if name in self._names or _is_at(name, client):
            return True
        hosts = [host for host in (client.helo, client.rdns, self._newest) if host]
        return any(_is_akin(name, host.lower()) for host in hosts)


def _is_at(name: str, client: Client) -> bool:
    """Tell whether *name* is but the client's address, or `localhost` for one on loopback."""
    if client.address is None:
        return False
    if name in _LOCALHOSTS:
        return find_reach(client.address) is Reach.LOOPBACK
    try:
        return ip_address(name) == client.address
    except ValueError:
        return False


def _is_akin(name: str, host: str) -> bool:
    """Tell whether two names may be one host's, or one owner's or operator's."""
    if is_same_owner(name, host):
        return True
    # A host's short name beside its full one.
    if name.partition(".")[0] == host.partition(".")[0] and not ("." in name and "." in host):
        return True
    operator = find_operator_of_host(name)
    return operator is not None and operator == find_operator_of_host(host)
