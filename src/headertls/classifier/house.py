"""What the trusted lines of a trace tell about the reader's own servers."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from headertls.classifier.chain import (
    LOCALHOSTS,
    find_continuity,
    find_kinship,
    is_same_owner,
)
from headertls.classifier.ground import Ground
from headertls.classifier.scopes import find_verified_name, is_named_by_address
from headertls.classifier.transport_rules import Unread
from headertls.classifier.transports import find_unread
from headertls.models import Client, Continuity, DefectKind, Hop, Kind, Scope, Server
from headertls.net.literals import find_literal
from headertls.net.operators import find_operator, find_operator_of_host
from headertls.net.scope import Reach, find_reach

INSIDE_KINDS: Final = frozenset({Kind.LOCAL, Kind.DELIVERY, Kind.STORE, Kind.RETRIEVAL})
"""Events inside the house, whatever address they show."""

NEAR_SCOPES: Final = frozenset({Scope.LOCAL, Scope.PRIVATE, Scope.PROXIED})
"""Connections from a peer inside the house."""

_INNER: Final = frozenset({Reach.PRIVATE, Reach.LOOPBACK})

_BROKEN: Final = frozenset({None, Continuity.BREAK})


class House:
    """The own servers: those that the caller declared, and those found from the newest line down.

    Args:
        ground: What the caller declared. Without it the writer of the newest line is taken for
            own, and what moves inside its organization or operator stays inside the house.
    """

    def __init__(self, ground: Ground | None = None) -> None:
        self._ground = ground
        self._lines: list[Hop] = []
        """The lines of which both ends are in the house, newest first."""

    def add(self, hop: Hop) -> None:
        """Take in *hop*, of which both ends are in the house."""
        self._lines.append(hop)

    def is_own(self, hop: Hop, kind: Kind, continuity: Continuity | None = None) -> bool:
        """Tell whether an own server wrote *hop*, the next line down.

        Args:
            hop: The line.
            kind: Its kind.
            continuity: How the line above joins it.
        """
        if hop.live:
            return True
        if hop.defects and any(defect.kind is DefectKind.NO_CLAUSES for defect in hop.defects):
            return False
        server = hop.server
        client = self._lines[-1].client if self._lines else None
        if server is None or _is_unnamed(hop) or client is None or _is_nobody(client):
            is_told = client is not None
            is_newest = server is not None and not self._lines
            is_last_step = is_newest and self._is_last_step(hop, kind)
            return is_last_step or self._is_own_by_place(hop, is_told=is_told)
        if continuity not in _BROKEN:
            return True
        return self._is_known(server) or self._is_below_localhost()

    def _is_last_step(self, hop: Hop, kind: Kind) -> bool:
        """Tell whether *hop*, the newest line, is the last step of mail that was in the house.

        Containers and slots of a mailbox server have names that nobody could declare. To write
        one above a client's own lines serves him no better than to write a declared name there.
        """
        client, ground = hop.client, self._ground
        if _is_localhosts_own(hop) or (kind is Kind.DELIVERY and self._is_declared_client(hop)):
            return True
        if kind is not Kind.DELIVERY or client is None or client.address is None or ground is None:
            return False
        names = (client.rdns, client.helo) if find_reach(client.address) in _INNER else ()
        return any(name is not None and ground.is_own_host(name) for name in names)

    def _is_below_localhost(self) -> bool:
        """Tell whether all lines so far are from `localhost` by `localhost`, which name nobody.

        OVH's newest line is one. As nothing was told yet, the next line is as good as the newest.
        """
        return not self._hosts_are_declared() and all(map(_is_localhosts_own, self._lines))

    def _is_own_by_place(self, hop: Hop, *, is_told: bool) -> bool:
        """Tell it of a line that names no writer, or behind one that tells of no client."""
        server = hop.server
        if server is None or _is_unnamed(hop):
            # (qmail 975 invoked from network) goes with its neighbours; a cut line does not
            return hop.client is None or not (is_told or self._hosts_are_declared())
        if self._hosts_are_declared():
            return self._is_declared(server)
        if is_told or self._find_newest_name() is None:
            return True
        # A server's note about itself is followed by a line of the same house, if by any.
        clients = (line.client for line in reversed(self._lines))
        above = next((client for client in clients if client), None)
        return self._is_known(server) or find_continuity(above, server) not in _BROKEN

    def is_inside(self, hop: Hop, kind: Kind, scope: Scope) -> bool:
        """Tell whether the client of *hop*, a line by an own server, is in the house, too."""
        if not hop.complete and find_unread(hop) is Unread.REST:
            # What was read may be the client's, who put the rest out of sight.
            return False
        if hop.defects and _has_doubtful_client(hop):
            return False
        if self._is_from_proxy(hop):
            # Behind a proxy that ends TLS every client looks alike, strangers too.
            return False
        if hop.live and not self._is_declared_client(hop):
            # The line that the header may have of it already is the client's, if it forged one.
            return scope in NEAR_SCOPES
        return (
            scope in NEAR_SCOPES
            or _is_inner_event(hop, kind, scope)
            or (scope is Scope.OPERATOR and self._is_inside_operator(hop, kind))
            or (scope is Scope.ORGANIZATION and self._is_housemate(hop, kind))
        )

    def _is_inside_operator(self, hop: Hop, kind: Kind) -> bool:
        """Tell whether the client of *hop*, with both ends at one operator, is a server of its own.

        Logins come in by load balancers at the operator's addresses, and what a customer hands in
        whole holds lines of his own making. Of an operator's servers, those are in the house that
        the caller declared, if any; their names can be believed, for the operator has the address.
        """
        client, host = hop.client, hop.server.name if hop.server else None
        operator = find_operator_of_host(host) if host else None
        if kind is Kind.SUBMISSION or operator is None or find_operator(operator).shared:
            return False
        ground = self._ground
        if ground is None or not ground.declares_hosts or self._is_declared_client(hop):
            return True
        names = (client.rdns, client.helo) if client else ()
        return any(name is not None and ground.is_own_host(name) for name in names)

    def find_host_at(self, address: IPv4Address | IPv6Address) -> str | None:
        """Find the own server that has *address* by its own line."""
        for line in self._lines:
            server = line.server
            # To compare addresses of two families is slow, and never true.
            if server and type(server.address) is type(address) and server.address == address:
                return server.name
        return None

    def _is_housemate(self, hop: Hop, kind: Kind) -> bool:
        """Tell whether *hop*, with both ends in one organization, has them in this house."""
        if self._ground is not None and self._ground.declares_servers:
            return self._is_declared_client(hop)
        client, server = hop.client, hop.server
        if kind is Kind.SUBMISSION or (client and is_named_by_address(client)):
            # A provider's customers have names of its domain, too, and write what they like.
            return False
        newest = self._find_newest_name()
        name = server.name if server else None
        return newest is None or (name is not None and is_same_owner(name, newest))

    def _is_declared_client(self, hop: Hop) -> bool:
        """Tell whether the caller declared the client of *hop* as own, by address or by name."""
        ground, client = self._ground, hop.client
        if ground is None or client is None or client.address is None:
            return False
        address = client.address
        if ground.is_own_address(address) or self.find_host_at(address) is not None:
            return True
        name = find_verified_name(hop)
        # the customers of a provider have names below its domain, too
        return name is not None and ground.is_own_host(name, itself=is_named_by_address(client))

    def _hosts_are_declared(self) -> bool:
        return self._ground is not None and self._ground.declares_hosts

    def _is_from_proxy(self, hop: Hop) -> bool:
        address = hop.client.address if hop.client else None
        return (
            self._ground is not None and address is not None and self._ground.is_terminator(address)
        )

    def _is_declared(self, server: Server) -> bool:
        ground = self._ground
        if ground is None:
            return False
        if server.name is not None and ground.is_own_host(server.name):
            return True
        address = server.address or find_literal(server.name or "")
        return address is not None and ground.is_own_address(address)

    def _is_known(self, server: Server) -> bool:
        """Tell whether *server* is declared, or one that the house knows, or a neighbour of it."""
        if self._is_declared(server):
            return True
        if server.name is None:
            return False
        kinships = (find_kinship(server.name, name) for name in self._iter_names())
        return any(kinship is not Continuity.BREAK for kinship in kinships)

    def _iter_names(self) -> Iterator[str]:
        """Give the names of servers in the house, those of its inner clients among them.

        A reverse name of an inner address is the house's own to give, as no HELO is; a provider's
        servers hand on inside by other names than they write lines under.
        """
        for line in self._lines:
            server, client = line.server, line.client
            if server and server.name:
                yield server.name
            address = client.address if client else None
            if client and client.rdns and address and find_reach(address) is Reach.PRIVATE:
                yield client.rdns

    def _find_newest_name(self) -> str | None:
        servers = (line.server for line in self._lines)
        return next((s.name for s in servers if s and s.name), None)


def _has_doubtful_client(hop: Hop) -> bool:
    """Tell whether text of the client's may stand for *hop*'s kind, and its address is not told.

    Text behind the date is of a sender outside, and that of a HELO argument may be anything.
    """
    kinds = {defect.kind for defect in hop.defects}
    if DefectKind.TEXT_AFTER_DATE in kinds:
        return True
    is_hidden = hop.client is not None and hop.client.address is None
    return is_hidden and DefectKind.HELO_SYNTAX in kinds


def _is_inner_event(hop: Hop, kind: Kind, scope: Scope) -> bool:
    """Tell whether *hop* records an event inside the house, whatever address it shows."""
    if kind is Kind.FILTER:
        # A filter that takes mail from the internet itself is a front end like any other.
        return scope is not Scope.PUBLIC
    if kind is Kind.LIST:
        return hop.client is None
    if kind is not Kind.NOTE:
        return kind in INSIDE_KINDS
    # Where the writer is missing, but not the client, that one may stand anywhere. And a line
    # `by HOST (Postfix) id ID` comes from smtpd_hide_client_session: it hides who the client was.
    software = hop.server.software if hop.server else None
    return hop.client is None and not (software and software.startswith("Postfix"))


def _is_unnamed(hop: Hop) -> bool:
    """Tell whether *hop* does not say who wrote it, by a name or an address that is somebody's.

    Gmail's servers note the inner address of their own: `by 2002:a05:… with SMTP`.
    """
    server = hop.server
    if server is None or server.name is None:
        return server is None or server.address is None
    address = find_literal(server.name) if hop.client is None else None
    return address is not None and find_reach(address) in _INNER


def _is_localhosts_own(hop: Hop) -> bool:
    """Tell whether *hop* is from `localhost` by `localhost`, and names nobody else.

    Behind a proxy on the machine every client is `localhost`, but calls itself by a full name.
    """
    client, server = hop.client, hop.server
    if client is None or server is None or server.name not in LOCALHOSTS:
        return False
    is_bare = client.helo is None or client.helo in LOCALHOSTS or "." not in client.helo
    return client.rdns in LOCALHOSTS and is_bare


def _is_nobody(client: Client) -> bool:
    return client.address is None and client.helo is None and client.rdns is None
