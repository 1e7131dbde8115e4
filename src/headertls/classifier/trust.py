"""Which lines can be believed, walking from the newest one down.

Nobody told us which servers are the reader's own, so it is inferred: one of them wrote the newest
line, and lines extend trust for as long as the mail moved inside the house. The first connection
from outside is the boundary; everything below it is text that came in with the message.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from headertls.classifier.scopes import find_scope, is_same_owner
from headertls.models import Client, DefectKind, Hop, Kind, Scope, Server, Trust
from headertls.net.operators import find_operator_of_host
from headertls.net.scope import Reach, find_reach

INSIDE_KINDS: Final = frozenset({Kind.NOTE, Kind.LOCAL, Kind.FILTER, Kind.DELIVERY, Kind.STORE})
"""Events inside one site, whatever address they show."""

INSIDE_SCOPES: Final = frozenset({Scope.LOCAL, Scope.PRIVATE, Scope.PROXIED, Scope.OPERATOR})
"""Connections from a peer inside the site, or inside its operator."""


class Walk(NamedTuple):
    """What the walk found; the hops' scopes and trust stand newest first, as the hops do."""

    scopes: tuple[Scope, ...]
    trusts: tuple[Trust, ...]
    entry: int | None
    """The place of the hop by which the message came in from outside."""
    gap: bool
    """Trust ended without such a hop: a line is missing, or cannot be read."""


def walk_trust(hops: Sequence[Hop], kinds: Sequence[Kind]) -> Walk:
    """Walk *hops*, newest first, down to the trust boundary; *kinds* are theirs."""
    house = _House()
    scopes: list[Scope] = []
    trusts: list[Trust] = []
    entry = None
    for hop, kind in zip(hops, kinds, strict=True):
        if not house.is_own(hop):
            break
        scope = find_scope(hop, kind, house.learnt)
        scopes.append(scope)
        if not house.is_inside(hop, kind, scope):
            entry = len(trusts)
            trusts.append(Trust.BOUNDARY)
            break
        trusts.append(Trust.OWN)
        house.go_below(hop, kind)
    gap = entry is None and len(trusts) < len(hops)
    if gap and trusts:
        trusts[-1] = Trust.BOUNDARY
    return _add_claims(hops, kinds, Walk(tuple(scopes), tuple(trusts), entry, gap))


def _add_claims(hops: Sequence[Hop], kinds: Sequence[Kind], walk: Walk) -> Walk:
    known = len(walk.trusts)
    if known == len(hops):
        return walk
    learnt = _learn_from_claims(hops[known:], kinds[known:])
    claims = zip(hops[known:], kinds[known:], strict=True)
    scopes = tuple(find_scope(hop, kind, learnt) for hop, kind in claims)
    return walk._replace(
        scopes=walk.scopes + scopes, trusts=walk.trusts + (Trust.CLAIM,) * len(scopes)
    )


def _learn_from_claims(hops: Sequence[Hop], kinds: Sequence[Kind]) -> dict[int, str]:
    """Learn addresses from lines that are claims themselves.

    Claims may only explain claims: were the boundary's own client looked up here, a stranger
    could write himself into the house with one line.
    """
    learnt: dict[int, str] = {}
    above: Server | None = None
    for hop, kind in zip(hops, kinds, strict=True):
        server = hop.server
        # A filter, mostly called `localhost`, hands back to the server that it works for.
        owner = above if kind is Kind.FILTER else server
        if server and server.address and owner and owner.name:
            learnt[int(server.address)] = owner.name
        above = server
    return learnt


class _House:
    """What the trusted lines tell about the reader's own servers."""

    def __init__(self) -> None:
        self.learnt: dict[int, str] = {}
        self._names: set[str] = set()
        self._newest: Server | None = None
        self._above: Hop | None = None

    def is_own(self, hop: Hop) -> bool:
        """Tell whether one of the house's servers wrote *hop*, the next line down."""
        if any(defect.kind is DefectKind.NO_CLAUSES for defect in hop.defects):
            return False
        if self._above is None:
            return True
        if hop.server is None:
            # (qmail 975 invoked from network) goes with its neighbours; a cut line does not
            return hop.client is None
        client = self._above.client
        return client is None or self._is_named(hop.server, client)

    def is_inside(self, hop: Hop, kind: Kind, scope: Scope) -> bool:
        """Tell whether the client of *hop* is in the house, too."""
        if kind in INSIDE_KINDS or kind is Kind.RETRIEVAL or scope in INSIDE_SCOPES:
            return True
        if kind is Kind.LIST and hop.client is None:
            return True
        return scope is Scope.ORGANIZATION and self._is_of_newest(hop.server)

    def go_below(self, hop: Hop, kind: Kind) -> None:
        """Take in *hop*, of which writer and client are in the house."""
        if kind is Kind.RETRIEVAL:
            # The next line is the newest of the mailbox from which the message was fetched.
            self.__init__()
            return
        server = hop.server
        if server is not None and server.name is not None:
            if self._newest is None:
                self._newest = server
            self._names.add(server.name.lower())
            if server.address is not None:
                self.learnt[int(server.address)] = server.name
        self._above = hop
