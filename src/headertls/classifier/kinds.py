"""What event a line records: an ordered table of which the first matching row decides.

Words that can only mean one thing come first, so that the few forms without a `from` clause that
are more than a note (pickup by a local user, list expansion, a fetched mail) are found as such.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Final, NamedTuple

from headertls.classifier.chain import LOCALHOSTS
from headertls.classifier.families import find_words
from headertls.classifier.products import read_product
from headertls.models import Client, Hop, Kind, Server
from headertls.net.operators import find_operator_of_host
from headertls.net.scope import Reach, find_reach
from headertls.words import Family

_CACHE_SIZE: Final = 4096

TAKEN_KINDS: Final = frozenset({Kind.RELAY, Kind.SUBMISSION})
"""Mail taken from a client; only of it can be said that it crossed a network in plaintext."""

CONNECTION_KINDS: Final = TAKEN_KINDS | {Kind.DELIVERY}
"""Events that are a connection between two hosts."""

# Cyrus `lmtpd -a` and OpenSMTPD write an A for programs on the same machine.
LOCAL_AUTH: Final = frozenset({"cyrus", "opensmtpd"})
"""Products whose word of authentication proves something only for a client of the network."""

# Exchange numbers its messages by build: 8, 14 and 15 stand for 2007, 2010 and later.
_EXCHANGE_BUILD: Final = re.compile(r"(?:8|14|15)\.\d+\.\d+\.\d+")
_NEAR: Final = frozenset({Reach.LOOPBACK, Reach.PRIVATE, Reach.SHARED, Reach.LINK_LOCAL})


class Facts(NamedTuple):
    """What the rules look at."""

    family: Family
    local_comment: bool
    """A comment speaks of a local user or socket, and the server saw no peer."""
    client: bool
    """There is a `from` clause."""
    named_client: bool
    """And it names somebody."""
    server: bool
    """There is a `by` clause."""
    authenticated: bool
    by_localhost: bool
    """The server calls itself `localhost`, and the client is near."""
    exchange: bool
    """The line is one of Exchange's, whatever its `with` clause says."""


@dataclass(frozen=True, slots=True)
class KindRule:
    """A row of the table."""

    name: str
    kind: Kind
    matches: Callable[[Facts], bool]


RULES: Final[tuple[KindRule, ...]] = (
    # (qmail 975 invoked by uid 0), (nullmailer …), and whatever is no trace line
    KindRule("no-clause", Kind.NOTE, lambda f: not f.client and not f.server),
    KindRule("local-word", Kind.LOCAL, lambda f: f.family is Family.LOCAL),
    # from mail pickup service by HOST with Microsoft SMTPSVC
    KindRule("pickup", Kind.LOCAL, lambda f: f.family is Family.SMTPSVC and not f.named_client),
    # (Postfix, from userid 33), ([unix socket])
    KindRule("local-comment", Kind.LOCAL, lambda f: f.local_comment),
    KindRule("list-word", Kind.LIST, lambda f: f.family is Family.LIST),
    KindRule("retrieval-word", Kind.RETRIEVAL, lambda f: f.family is Family.RETRIEVAL),
    # by mail-qt1-f178.google.com with SMTP id ID: the server speaks of itself
    KindRule("no-from", Kind.NOTE, lambda f: not f.client),
    KindRule("store-word", Kind.STORE, lambda f: f.family is Family.STORE),
    # Exchange Online: from HOST (::1) by HOST with HTTPS
    KindRule("exchange-http", Kind.STORE, lambda f: f.family is Family.HTTP and f.exchange),
    KindRule("lmtp-word", Kind.DELIVERY, lambda f: f.family is Family.LMTP),
    KindRule("filter-word", Kind.FILTER, lambda f: f.family is Family.FILTER),
    KindRule("by-localhost", Kind.FILTER, lambda f: f.by_localhost),
    KindRule("web-word", Kind.WEB, lambda f: f.family is Family.HTTP),
    KindRule("other-word", Kind.OTHER, lambda f: f.family is Family.OTHER),
    KindRule("authenticated", Kind.SUBMISSION, lambda f: f.server and f.authenticated),
    KindRule("both-ends", Kind.RELAY, lambda f: f.server),
    # from HOST with SMTP, cut off before `by`
    KindRule("one-end", Kind.NOTE, lambda _: True),
)


def find_kind(hop: Hop) -> Kind:
    """Tell what event *hop* records.

    >>> find_kind(Hop(raw="", server=Server(name="mx.example"), protocol="SMTP"))
    <Kind.NOTE: 'note'>
    """
    client, server = hop.client, hop.server
    software, name = (server.software, server.name) if server else (None, None)
    if hop.live:  # a line that the client may have forged says nothing of the event
        words = find_words(hop.protocol, None, None, ())
    else:
        words = find_words(hop.protocol, hop.via, software, hop.comments)
    address = client.address if client else None
    is_handed_back = words.house_word and not hop.defects and _is_without_peer(address)
    # By place, and one call a combination: this runs for every line of every message.
    return _decide(
        Facts(
            Family.FILTER if is_handed_back else words.family,
            (words.local_comment and _is_without_peer(address)) or (hop.live and address is None),
            client is not None,
            address is not None or _is_named(client),
            name is not None or hop.live or _is_told(server, hop.protocol),
            hop.auth is not None and (address is not None or _is_auth_proof(software)),
            name is not None and name.lower() in LOCALHOSTS and _is_near(address),
            words.family is Family.HTTP and _is_exchange(name, hop.id),
        )
    )


@lru_cache(_CACHE_SIZE)
def _decide(facts: Facts) -> Kind:
    return next(rule.kind for rule in RULES if rule.matches(facts))


def _is_without_peer(address: IPv4Address | IPv6Address | None) -> bool:
    """A comment may be text of the client's choice, so it says nothing once there is a peer."""
    return address is None or find_reach(address) is Reach.LOOPBACK


def _is_near(address: IPv4Address | IPv6Address | None) -> bool:
    return address is not None and find_reach(address) in _NEAR


def _is_named(client: Client | None) -> bool:
    return client is not None and (client.helo or client.rdns) is not None


def _is_told(server: Server | None, protocol: str | None) -> bool:
    if server is None or server.address is not None:
        return server is not None
    # by (Postfix) with ESMTP: a forger's slip; the product alone may stand anywhere in the line
    return server.software is not None and protocol is not None


def _is_auth_proof(software: str | None) -> bool:
    return software is None or read_product(software).name not in LOCAL_AUTH


def _is_exchange(host: str | None, id_: str | None) -> bool:
    if host and find_operator_of_host(host) == "Microsoft":
        return True
    return id_ is not None and _EXCHANGE_BUILD.fullmatch(id_) is not None
