"""The caller's own servers, as a `Site` declares them, made ready to be asked about."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final

from headertls.classifier.products import iter_leading_names, read_product
from headertls.models import Hop, Marking, Site
from headertls.net.domains import find_domain_among, fold_host
from headertls.net.prefixes import PrefixTable

_SITES: Final = 64
"""Sites that are kept ready; a process has one, or one for each of its tenants."""


class Ground:
    """What is the caller's own."""

    def __init__(self, site: Site) -> None:
        self.declares_hosts = len(site.hosts) > 0
        """Whether it is known which names own servers have; otherwise the newest line is own."""
        self.declares_servers = self.declares_hosts or len(site.networks) > 0
        self._hosts = frozenset(map(fold_host, site.hosts))
        self._networks = _Networks(site.networks)
        named, networks = _part_terminators(site.tls_terminators)
        self._terminated_hosts = named
        self._terminators = _Networks(networks)
        self._markings = {fold_host(name): marking for name, marking in site.writers}
        self._encrypted_senders = frozenset(map(fold_host, site.encrypted_senders))
        self.authserv_ids = frozenset(map(fold_host, site.authserv_ids))

    def is_own_host(self, name: str, *, itself: bool = False) -> bool:
        """Tell whether *name* is an own server's.

        Args:
            name: The name of a host.
            itself: Whether it has to be declared itself, not only a domain above it.
        """
        domain = find_domain_among(name, self._hosts)
        return domain is not None and not (itself and domain != fold_host(name))

    def is_own_address(self, address: IPv4Address | IPv6Address) -> bool:
        """Tell whether an own server has *address*."""
        return self._networks.holds(address)

    def is_terminator(self, address: IPv4Address | IPv6Address) -> bool:
        """Tell whether *address* is that of a proxy which ends TLS."""
        return self._terminators.holds(address)

    def is_terminated(self, hop: Hop) -> bool:
        """Tell whether TLS ended before the server that wrote *hop*."""
        server, client = hop.server, hop.client
        name = server.name if server else None
        if name is not None and find_domain_among(name, self._terminated_hosts) is not None:
            return True
        address = client.address if client else None
        return address is not None and self.is_terminator(address)

    def find_marking(self, hop: Hop) -> tuple[str, Marking] | None:
        """Find what is known of the writer of *hop*: its host's name, or else its product's."""
        server = hop.server
        if server is None or not self._markings:
            return None
        if server.name and (host := find_domain_among(server.name, self._markings)):
            return server.name, self._markings[host]
        if server.software is None:
            return None
        product = read_product(server.software).name
        found = next((n for n in iter_leading_names(product) if n in self._markings), None)
        return (server.software, self._markings[found]) if found else None

    def is_encrypted_sender(self, name: str) -> bool:
        """Tell whether all mail of *name*'s domain came in over TLS so far."""
        return find_domain_among(name, self._encrypted_senders) is not None


class _Networks:
    """Networks of both families."""

    def __init__(self, networks: Iterable[IPv4Network | IPv6Network]) -> None:
        rows = [(str(_unmap(network)), True) for network in networks]
        self._ipv4 = PrefixTable[bool]((row for row in rows if ":" not in row[0]), default=False)
        self._ipv6 = PrefixTable[bool]((row for row in rows if ":" in row[0]), default=False)

    def holds(self, address: IPv4Address | IPv6Address) -> bool:
        table = self._ipv4 if isinstance(address, IPv4Address) else self._ipv6
        return table.find(int(address))


_MAPPED: Final = IPv6Network("::ffff:0:0/96")


def _unmap(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """IPv4-mapped addresses stand in hops as what they are."""
    if isinstance(network, IPv4Network) or not network.subnet_of(_MAPPED):
        return network
    first = int(network.network_address) & 0xFFFFFFFF
    return IPv4Network((first, network.prefixlen - _MAPPED.prefixlen))


def _part_terminators(
    entries: Iterable[str],
) -> tuple[frozenset[str], list[IPv4Network | IPv6Network]]:
    """Part names from networks."""
    names: set[str] = set()
    networks: list[IPv4Network | IPv6Network] = []
    for entry in entries:
        try:
            networks.append(ip_network(entry))
        except ValueError:
            names.add(fold_host(entry))
    return frozenset(names), networks


@lru_cache(_SITES)
def survey(site: Site) -> Ground:
    """Make *site* ready to be asked about.

    >>> survey(Site(hosts=("site.example",))).is_own_host("MX1.site.example.")
    True
    """
    return Ground(site)
