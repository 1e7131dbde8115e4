"""Names of hosts in place of names of hosts, under the same public suffix or operator."""

import re
from functools import lru_cache
from ipaddress import IPv4Address
from typing import Final

from headertls.classifier.writers import HOST_WRITERS
from headertls.net.domains import find_domain_among, find_public_suffix, find_registrable_domain
from headertls.net.operators import list_operators
from headertls.redaction.addresses import replace_address
from headertls.redaction.pseudonyms import Pseudonyms

KEPT_LABELS: Final = frozenset({"localhost", "localdomain"})
"""Labels that say nothing of their owner, and something to the analysis."""

RESERVED: Final = frozenset(
    # RFC 2606, RFC 6761, RFC 6762 appendix G, RFC 8375, ICANN resolution of 2024-07-29 (internal)
    {"example", "test", "invalid", "localhost", "local", "intranet", "internal", "private", "corp"}
    | {"home", "lan", "localdomain", "arpa"}
)
"""Last labels that stand for no registry."""

# static-81-2-69-144, ec2-34-230-177-131: the address, once more
_FOUR: Final = r"(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})(?!\d)"
_QUADS: Final = (re.compile(rf"(?<![a-zA-Z\d]){_FOUR}"), re.compile(rf"(?<!\d){_FOUR}"))
_LAST_OCTET: Final = 255
_DEEPEST: Final = 8
"""Labels at the end of a name among which a public suffix or an operator's domain is looked for."""


def replace_host(host: str, pseudonyms: Pseudonyms) -> str:
    """Give the name that stands for *host*, label by label.

    >>> names = Pseudonyms(b"key")
    >>> replaced = replace_host("mx.site.co.uk", names)
    >>> replaced == f"{names.name('mx')}.{names.name('site')}.co.uk"
    True
    >>> replace_host("AM0.eur.prod.outlook.com", names).endswith(".outlook.com")
    True
    """
    labels = host.split(".")
    first = len(labels) - _count_kept(".".join(labels[-_DEEPEST:]).lower())
    own = [
        label if label.lower() in KEPT_LABELS else _replace_label(label, pseudonyms)
        for label in labels[:first]
    ]
    if own and _has_writer_prefix(host.lower()):
        own[0] = labels[0]
    return ".".join([*own, *labels[first:]])


def _has_writer_prefix(host: str) -> bool:
    return any(
        row.prefix and host.startswith(row.prefix) and host.endswith(f".{row.domain}")
        for row in HOST_WRITERS
    )


def _replace_label(label: str, pseudonyms: Pseudonyms) -> str:
    found = next((match for quad in _QUADS if (match := quad.search(label))), None)
    if found is None or any(int(part) > _LAST_OCTET for part in found.groups()):
        return pseudonyms.name(label) if label else ""
    address = IPv4Address(".".join(str(int(part)) for part in found.groups()))
    dashed = str(replace_address(address, pseudonyms)).replace(".", "-")
    rest = label[: found.start()].strip("-_"), label[found.end() :].strip("-_")
    before, after = (pseudonyms.name(part) if part else "" for part in rest)
    return "-".join(part for part in (before, dashed, after) if part)


def _count_kept(host: str) -> int:
    """Count the labels at the end of *host* that are nobody's, or a known operator's."""
    if "." not in host:
        # There are registries called `kim` and `live`, and users.
        return 0
    endings = find_domain_among(host, _kept_domains()), find_public_suffix(host)
    if counts := [ending.count(".") + 1 for ending in endings if ending is not None]:
        return max(counts)
    return 1 if host.rpartition(".")[2] in RESERVED else 0


@lru_cache(maxsize=1)
def _kept_domains() -> frozenset[str]:
    domains = {domain for row in list_operators() for domain in row.domains}
    domains |= {row.domain for row in HOST_WRITERS}
    # Their neighbours under one registered domain must stay neighbours.
    owners = {find_registrable_domain(domain) or domain for domain in domains}
    return frozenset(domains | owners)
