"""What single lines tell of their writers and senders: the counts of a calibration.

Only lines of own servers count, as the verdicts have it: what came with the message was written by
whoever sent it, and teaches nothing.
"""

import re
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Final, NamedTuple

from headertls.classifier.ground import Ground, survey
from headertls.classifier.products import read_product
from headertls.classifier.scopes import find_verified_name, is_named_by_address
from headertls.classifier.writers import find_writer
from headertls.corpus.tally import OTHERS, Sort, Tally, find_week
from headertls.models import Hop, Kind, Marking, Scope, Site, Trace, Transport, Trust, Verdict
from headertls.net.domains import find_registrable_domain, fold_host
from headertls.net.operators import find_operator, find_operator_of_client


class State(StrEnum):
    """What a line says of its session, and what that says of its writer."""

    MARKED = "marked"
    """The line records TLS."""
    UNMARKED = "unmarked"
    """The line has no word of TLS, where a writer that marks TLS would have one."""
    PROVEN = "proven"
    """The same, but another field of the server tells of TLS: the writer does not mark it."""
    DENIED = "denied"
    """There was no TLS, and that does not rest on silence where TLS would be marked."""


MARKED_RULES: Final = frozenset({"tls-detail", "tls-keyword", "tls-informal"})
SILENT_RULES: Final = frozenset(
    {"silent-writer", "writer-marks-tls", "writer-likely-marks-tls", "unknown-writer"}
)
"""The rules that rest on silence alone: the line was read to its end, and its protocol word is one
that a writer which marks TLS would have chosen for a session without."""
_PROVEN_RULE: Final = "witness-tls"

_SCOPES: Final = frozenset({Scope.PUBLIC, Scope.OPERATOR, Scope.ORGANIZATION})

# What can be a key of a site: nothing that somebody would have to quote or to guess at.
_is_host_key: Final = re.compile(r"(?!-)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.[a-z][a-z0-9-]*").fullmatch
_is_product_key: Final = re.compile(r"[a-z0-9][a-z0-9 _.,+/()-]{0,59}").fullmatch


class WriterKey(NamedTuple):
    """Who wrote a line; what is not told, or cannot be a key of a site, is empty."""

    host: str
    product: str
    known: str
    """What the library or the given site says of it: a `Marking`."""


class Line(NamedTuple):
    """Lines that are alike, and how many there are."""

    writer: WriterKey
    state: State
    times: int
    sender: str = ""
    """As of `Source`."""
    is_sure: bool = False
    domain: str = ""
    """The same."""
    is_login: bool = False
    """The client logged in; nothing is known of the sender."""


class Source(NamedTuple):
    """Who sent a message, as far as the record proves it."""

    name: str = ""
    """A mail operator that always uses TLS, or the network of the client (/24, /48): not all
    writers find out names, and all know the address."""
    is_sure: bool = False
    """It is such an operator."""
    domain: str = ""
    """The registrable domain of a verified name; empty for customers of a provider, who have names
    of its domain."""


def count_evidence(tally: Tally, trace: Trace, site: Site | None) -> None:
    """Count what the lines of *trace* tell that own servers wrote."""
    ground = None if site is None else survey(site)  # pyright: ignore[reportArgumentType]
    if trace.boundary_inferred:
        tally.count(Sort.INFERRED, "")
    for hop in trace.hops:
        verdict = hop.verdict
        if verdict is None or verdict.trust is Trust.CLAIM:
            continue
        state = find_state(verdict)
        if state is not None and verdict.scope in _SCOPES:
            _count(tally, hop, verdict, state, ground)


def list_lines(tally: Tally) -> list[Line]:
    """List what was counted."""
    relayed = (
        Line(WriterKey(*key[:3]), State(key[3]), times, key[4], bool(key[5]), key[6])
        for key, times in tally.get(Sort.RELAY_LINE).items()
        if key != OTHERS
    )
    logins = (
        Line(WriterKey(*key[:3]), State(key[3]), times, is_login=True)
        for key, times in tally.get(Sort.LOGIN_LINE).items()
        if key != OTHERS
    )
    return [*relayed, *logins]


def is_complete(tally: Tally) -> bool:
    """Tell whether all is counted by itself; what is not may speak against anyone."""
    return all(OTHERS not in tally.get(sort) for sort in (Sort.RELAY_LINE, Sort.LOGIN_LINE))


def find_state(verdict: Verdict) -> State | None:
    """Tell what a line says of its session; nothing where its silence could mean other things."""
    if verdict.rule in MARKED_RULES:
        return State.MARKED
    if verdict.rule in SILENT_RULES:
        return State.UNMARKED
    if verdict.rule == _PROVEN_RULE:
        return State.PROVEN
    return State.DENIED if verdict.transport is Transport.PLAINTEXT else None


def _count(tally: Tally, hop: Hop, verdict: Verdict, state: State, ground: Ground | None) -> None:
    writer = name_writer(hop, ground)
    if verdict.kind is Kind.SUBMISSION:
        # People's programs: their habits prove nothing, but all that a writer marks counts.
        tally.count(Sort.LOGIN_LINE, *writer, state.value)
    if verdict.kind is not Kind.RELAY:
        return
    source = find_source(hop)
    sure = "sure" if source.is_sure else ""
    tally.count(Sort.RELAY_LINE, *writer, state.value, source.name, sure, source.domain)
    if source.domain and state in {State.MARKED, State.PROVEN}:
        tally.count(Sort.ENCRYPTED_WEEK, source.domain, find_week(hop.timestamp))


def name_writer(hop: Hop, ground: Ground | None) -> WriterKey:
    """Name who wrote *hop* as a site would."""
    server = hop.server
    writer = find_writer(hop, ground)
    known = writer.marking.value if writer else ""
    if server is None:
        return WriterKey("", "", known)
    return WriterKey(_key_host(server.name or ""), _key_product(server.software or ""), known)


@lru_cache(4096)
def _key_host(name: str) -> str:
    folded = fold_host(name)
    return folded if _is_host_key(folded) else ""


@lru_cache(4096)
def _key_product(software: str) -> str:
    product = read_product(software).name
    return product if _is_product_key(product) else ""


def read_known(known: str) -> Marking | None:
    """Read what `WriterKey.known` says."""
    return Marking(known) if known else None


def find_source(hop: Hop) -> Source:
    """Find who sent *hop*'s message, as far as the line proves it.

    >>> from headertls import parse_received
    >>> find_source(parse_received("from a (mx.shop.example [81.2.69.144]) by b (Postfix); x"))
    Source(name='81.2.69.0/24', is_sure=False, domain='shop.example')
    >>> find_source(parse_received("from mx.shop.example ([81.2.69.144]) by b.example; x")).domain
    ''
    """
    client = hop.client
    if client is None or client.address is None:
        return Source()
    name = find_verified_name(hop)
    operator = find_operator_of_client(client.address, name)
    is_sure = operator is not None and find_operator(operator).always_tls
    is_customer = is_named_by_address(client)
    domain = find_registrable_domain(name) if name and not is_customer else None
    network = operator if is_sure and operator else _find_network(client.address)
    return Source(network, is_sure, domain or "")


def _find_network(address: IPv4Address | IPv6Address) -> str:
    length = 24 if address.version == 4 else 48  # noqa: PLR2004  # the version of IP
    return str(ip_network((address, length), strict=False))
