"""Which lines can be believed, walking from the newest one down.

Lines extend trust for as long as the mail moved inside the house. The first connection from outside
is the boundary; everything below it is text that came in with the message. Where the caller did not
say which servers are own, it is inferred: one of them wrote the newest line.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from headertls.classifier.chain import find_continuities
from headertls.classifier.ground import Ground
from headertls.classifier.house import House
from headertls.classifier.scopes import find_scope
from headertls.models import Continuity, Hop, Kind, Scope, Server, Trust


class Walk(NamedTuple):
    """What the walk found; scopes and trust stand newest first, as the hops do."""

    scopes: tuple[Scope, ...]
    trusts: tuple[Trust, ...]
    entry: int | None
    """The place of the hop by which the message came in from outside."""
    gap: bool
    """Trust ended without such a hop: a line is missing, or cannot be read."""
    is_inferred: bool
    """Where the boundary runs was guessed: nobody declared the servers that decided it."""


def walk_trust(
    hops: Sequence[Hop],
    kinds: Sequence[Kind],
    ground: Ground | None = None,
    continuities: Sequence[Continuity | None] | None = None,
) -> Walk:
    """Walk *hops*, newest first, down to the trust boundary.

    Args:
        hops: Newest first.
        kinds: Theirs.
        ground: What the caller declared as own.
        continuities: How each joins the next older one, if that was found out already.
    """
    house = House(ground)
    joins = find_continuities(hops) if continuities is None else continuities
    scopes: list[Scope] = []
    trusts: list[Trust] = []
    entry = None
    is_inferred = ground is None or not ground.declares_hosts
    for hop, kind in zip(hops, kinds, strict=True):
        if not house.is_own(hop, kind, joins[len(trusts) - 1] if trusts else None):
            break
        scope = find_scope(hop, kind, house.find_host_at, ground)
        scopes.append(scope)
        if not house.is_inside(hop, kind, scope):
            entry = len(trusts)
            trusts.append(Trust.BOUNDARY)
            break
        trusts.append(Trust.OWN)
        if kind is Kind.RETRIEVAL:
            # The next line is the newest one of the mailbox that the message was fetched from.
            # Whose servers filled it is not declared, but found anew.
            house = House()
            is_inferred = True
        else:
            house.add(hop)
    below = len(trusts)
    gap = entry is None and below < len(hops)
    if gap and trusts:
        trusts[-1] = Trust.BOUNDARY
    if below < len(hops):
        scopes += _find_scopes_of_claims(hops[below:], kinds[below:])
        trusts += [Trust.CLAIM] * (len(hops) - below)
    is_live = entry == 0 and hops[0].live
    return Walk(tuple(scopes), tuple(trusts), entry, gap, is_inferred and not is_live)


def _find_scopes_of_claims(hops: Sequence[Hop], kinds: Sequence[Kind]) -> list[Scope]:
    """Find the scopes of claims, with the addresses that they give to hosts themselves.

    Claims may explain claims only: were the boundary's own client looked up here, a stranger
    could write himself into the house with one line.
    """
    hosts: dict[IPv4Address | IPv6Address, str] = {}
    above: Server | None = None
    for hop, kind in zip(hops, kinds, strict=True):
        server = hop.server
        # A filter, mostly called `localhost`, hands back to the server that it works for.
        owner = above if kind is Kind.FILTER else server
        if server and server.address and owner and owner.name:
            hosts[server.address] = owner.name
        above = server
    return [find_scope(hop, kind, hosts.get) for hop, kind in zip(hops, kinds, strict=True)]
