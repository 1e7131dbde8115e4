"""How the lines of a trace hang together: who hands on to whom, and when."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise
from typing import Final

from headertls.models import Client, Continuity, Hop, Kind, Reorigin, Server
from headertls.net.domains import find_registrable_domain
from headertls.net.literals import find_literal
from headertls.net.operators import find_operator_of_host
from headertls.net.scope import Reach, find_reach

_CACHE_SIZE: Final = 4096

LOCALHOSTS: Final = frozenset({"localhost", "localhost.localdomain"})
"""Names that every machine has for itself."""


def is_same_owner(one: str, other: str) -> bool:
    """Tell whether two hosts are one, or stand under one registrable domain.

    >>> is_same_owner("mx1.site.example", "Mail.Site.Example")
    True
    >>> is_same_owner("a.compute-1.amazonaws.com", "b.compute-1.amazonaws.com")
    False
    """
    if one.lower() == other.lower():
        return True
    domain = find_registrable_domain(one)
    return domain is not None and domain == find_registrable_domain(other)


def find_continuity(client: Client | None, server: Server | None) -> Continuity | None:
    """Tell how the *client* of a line is the *server* that wrote the next older one.

    >>> find_continuity(Client(helo="mx.site.example"), Server(name="mx"))
    <Continuity.EXACT: 'exact'>
    """
    if client is None or server is None:
        return None
    helo, rdns, address = client.helo, client.rdns, client.address
    if server.name is None and server.address is None:
        return None
    if helo is None and rdns is None and address is None:
        return None
    # To compare addresses of two families is slow, and never true.
    if address is not None and type(server.address) is type(address) and server.address == address:
        return Continuity.ADDRESS
    if server.name is None:
        return Continuity.BREAK
    # To hash an address costs more than the rest, and hardly a name has to do with one.
    place = address if _may_be_place(server.name) else None
    return _compare(server.name, helo, rdns, place)


def _may_be_place(name: str) -> bool:
    return name[:1].isdecimal() or ":" in name or name[:9].lower() == "localhost"


@lru_cache(_CACHE_SIZE)
def _compare(
    name: str, helo: str | None, rdns: str | None, address: IPv4Address | IPv6Address | None
) -> Continuity:
    kinships = [find_kinship(name, other) for other in (helo, rdns) if other]
    if address is not None and _is_at(name.lower(), address):
        kinships.append(Continuity.ADDRESS)
    return min(kinships, key=_CLOSEST_FIRST.index, default=Continuity.BREAK)


_CLOSEST_FIRST: Final = tuple(Continuity)


def find_kinship(one: str, other: str) -> Continuity:
    """Tell whether two names are one host's, one organization's, one operator's, or neither.

    >>> find_kinship("mx1.site.example", "mail.site.example")
    <Continuity.ORGANIZATION: 'organization'>
    """
    if _is_same_name(one, other):
        return Continuity.EXACT
    if is_same_owner(one, other):
        return Continuity.ORGANIZATION
    operator = find_operator_of_host(one)
    if operator is not None and operator == find_operator_of_host(other):
        return Continuity.OPERATOR
    return Continuity.BREAK


def _is_same_name(one: str, other: str) -> bool:
    """Tell whether two names are equal, or one is the other's host part."""
    first, _, rest = one.removesuffix(".").lower().partition(".")
    other_first, _, other_rest = other.removesuffix(".").lower().partition(".")
    return first == other_first and (rest == other_rest or not (rest and other_rest))


def _is_at(name: str, address: IPv4Address | IPv6Address) -> bool:
    """Tell whether *name* is but the address, or `localhost` for one on loopback."""
    if name in LOCALHOSTS:
        return find_reach(address) is Reach.LOOPBACK
    return find_literal(name) == address


def find_continuities(hops: Sequence[Hop]) -> list[Continuity | None]:
    """For each of *hops*, newest first: how it joins the next older one."""
    links: list[Continuity | None] = [_join(newer, older) for newer, older in pairwise(hops)]
    return [*links, None] if hops else []


def _join(newer: Hop, older: Hop) -> Continuity | None:
    client, server = newer.client, older.server
    continuity = find_continuity(client, server)
    if continuity is not Continuity.BREAK or client is None or server is None:
        return continuity
    name = newer.server.name if newer.server else None
    if name and server.name and _is_on_loopback(client):
        # A client on loopback is the server itself: a filter that handed back, and wrote no line.
        return find_kinship(name, server.name)
    peer = older.client
    if server.name in LOCALHOSTS and peer and peer.helo and _is_on_loopback(peer):
        # So is the server that calls itself by no other name, as its client does.
        return _compare(peer.helo, client.helo, client.rdns, None)
    return continuity


def _is_on_loopback(client: Client) -> bool:
    return client.address is not None and find_reach(client.address) is Reach.LOOPBACK


def find_delays(hops: Sequence[Hop]) -> list[float | None]:
    """Seconds since the next older time stamp, for hops newest first."""
    delays: list[float | None] = []
    older = None
    for hop in reversed(hops):
        stamp = hop.timestamp
        delays.append((stamp - older).total_seconds() if stamp and older else None)
        older = stamp or older
    delays.reverse()
    return delays


def find_reorigins(
    hops: Sequence[Hop], kinds: Sequence[Kind], *, is_listed: bool
) -> list[Reorigin | None]:
    """For each of *hops*, newest first: whether the message began its journey anew there.

    Args:
        hops: Newest first.
        kinds: Theirs.
        is_listed: The message says that it came by a mailing list (RFC 2919).
    """
    if len([hop for hop in hops if hop.recipients]) < 2 and _REORIGINS.isdisjoint(kinds):  # noqa: PLR2004
        return [None] * len(hops)
    reorigins: list[Reorigin | None] = []
    recipient: str | None = None
    for hop, kind in zip(reversed(hops), reversed(kinds), strict=True):
        now = hop.recipients[0] if len(hop.recipients) == 1 else None
        reorigins.append(_find_reorigin(kind, recipient, now, is_listed=is_listed))
        recipient = now or recipient
    reorigins.reverse()
    return reorigins


_REORIGINS: Final = frozenset({Kind.LIST, Kind.RETRIEVAL})


def _find_reorigin(
    kind: Kind, before: str | None, now: str | None, *, is_listed: bool
) -> Reorigin | None:
    if kind is Kind.RETRIEVAL:
        return Reorigin.RETRIEVAL
    if kind is Kind.LIST:
        return Reorigin.LIST
    if before is None or now is None or before == now or _is_one_domain(before, now):
        return None
    return Reorigin.LIST if is_listed else Reorigin.FORWARD


@lru_cache(_CACHE_SIZE)
def _is_one_domain(one: str, other: str) -> bool:
    """Tell whether two mailboxes are one domain's; to rename one inside it is no forwarding."""
    if not ("@" in one and "@" in other):
        return True  # a local user, whose domain is not told
    return is_same_owner(one.rpartition("@")[2], other.rpartition("@")[2])


def find_loop(hops: Sequence[Hop]) -> Hop | None:
    """Find a hop between two hosts that the message passed before.

    Loopback and unnamed peers are no hosts of a loop: content filters make the same step each
    time that a message passes.
    """
    # The writers of most traces are all different, and this is asked of every message.
    names = [hop.server.name for hop in hops if hop.server and hop.server.name]
    if len(set(names)) == len(names):
        return None
    seen: set[tuple[IPv4Address | IPv6Address, str]] = set()
    previous = None
    for hop in hops:
        client, server = hop.client, hop.server
        if client is None or client.address is None or server is None or server.name is None:
            continue
        if find_reach(client.address) is Reach.LOOPBACK:
            continue
        step = client.address, server.name.lower()
        if step != previous and step in seen:
            return hop
        seen.add(step)
        previous = step
    return None
