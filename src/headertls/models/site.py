"""What the caller knows of the own servers, which no header tells."""

from collections.abc import Mapping
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, cast

from pydantic import BeforeValidator

from headertls.models.base import Model


class Marking(StrEnum):
    """Whether the writer of a line says so when a session was encrypted."""

    ALWAYS = "always"
    """It marks both states, so its silence means plaintext."""
    LIKELY = "likely"
    """All that is known agrees with that, but it is not proven."""
    NEVER = "never"
    """It never marks TLS, or nobody knows whether it does."""


def read_pairs(value: object) -> object:
    """Take a mapping for the pairs that it holds, so that tables of TOML can be given."""
    if isinstance(value, Mapping):
        return tuple(cast("Mapping[object, object]", value).items())
    return value


class Site(Model):
    """The caller's own mail servers.

    With it, the boundary between own lines and claims is known instead of inferred. A name in
    `hosts`, `tls_terminators` and `encrypted_senders` stands for itself and for all names below
    it: `site.example` also for `mx1.site.example`.

    >>> site = Site(hosts=("site.example",), networks=("192.0.2.0/24",), writers={"mx": "never"})
    >>> site.networks, site.writers[0][1].value
    ((IPv4Network('192.0.2.0/24'),), 'never')
    """

    hosts: tuple[str, ...] = ()
    """Names under which own servers write lines (`by`)."""
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Addresses of own servers."""
    authserv_ids: tuple[str, ...] = ()
    """Names under which own servers write `Authentication-Results` fields. A server that is named
    here has to take fields of its own name out of incoming mail (RFC 8601, section 5)."""
    tls_terminators: tuple[str, ...] = ()
    """Proxies that end TLS in front of own servers, by address or network; or the servers behind
    one, by name. What these record of TLS is not what ran over the network."""
    writers: Annotated[tuple[tuple[str, Marking], ...], BeforeValidator(read_pairs)] = ()
    """Whether own servers mark TLS, by host or by product; a table, or pairs."""
    encrypted_senders: tuple[str, ...] = ()
    """Domains of which all mail came in over TLS so far."""
