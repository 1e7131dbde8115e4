"""Who sent a message: the organisation behind the client, as far as the record proves it."""

from typing import Final

from headertls.classifier.scopes import find_verified_name
from headertls.models import Hop
from headertls.net.domains import find_registrable_domain
from headertls.net.operators import find_operator_of_client

UNKNOWN: Final = "unknown"
"""Stands for clients and servers of which the line tells neither name nor address."""


CLAIM: Final = "~"
"""Before a name that only the client gave."""


def name_sender(hop: Hop) -> str:
    """Name the organisation to which the client of *hop* belongs.

    What a client calls itself proves nothing, and a reverse name that was not looked up forward
    may be anyone's: names that rest on such words alone begin with `CLAIM`.

    >>> from headertls import parse_received
    >>> name_sender(parse_received("from a (mx.shop.example [81.2.69.144]) by b (Postfix); x"))
    'shop.example'
    >>> name_sender(parse_received("from mx.shop.example ([81.2.69.144]) by b.example; x"))
    '~shop.example'
    """
    client = hop.client
    if client is None:
        return UNKNOWN
    name = find_verified_name(hop)
    operator = find_operator_of_client(client.address, name)
    if operator is not None:
        return operator
    for told, mark in ((name, ""), (client.rdns, CLAIM), (client.helo, CLAIM)):
        if told and (domain := find_registrable_domain(told)):
            return mark + domain
    return str(client.address) if client.address else UNKNOWN


def name_receiver(hop: Hop) -> str:
    """Name the server that wrote the line.

    >>> from headertls import parse_received
    >>> name_receiver(parse_received("from a.example by MX.site.example; x"))
    'mx.site.example'
    """
    server = hop.server
    if server is None:
        return UNKNOWN
    return server.name.lower() if server.name else str(server.address or UNKNOWN)
