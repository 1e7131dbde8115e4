"""Registrable domains, by the Public Suffix List that comes with `publicsuffixlist`."""

import re
from collections.abc import Container
from functools import lru_cache
from typing import Final

from publicsuffixlist import PublicSuffixList

_CACHE_SIZE: Final = 8192

# Two labels at least, no empty one, none of the characters that a host name cannot hold.
_HOST: Final = re.compile(r"[^\s.:;,()<>\[\]/\\\"]+(?:\.[^\s.:;,()<>\[\]/\\\"]+)+")


def fold_host(host: str) -> str:
    """Bring *host* into the form in which names are compared: lower case, A-labels, no root dot.

    >>> fold_host("MÜNCHEN.example.")
    'xn--mnchen-3ya.example'
    """
    name = host.removesuffix(".").lower()
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name


@lru_cache(_CACHE_SIZE)
def find_registrable_domain(host: str) -> str | None:
    """Find the domain that the owner of *host* registered.

    The whole list counts, with the names under which hosters let others live: two machines of
    one cloud are two owners. IP addresses have no domain.

    >>> find_registrable_domain("mx1.Mail.Example.co.uk.")
    'example.co.uk'
    >>> find_registrable_domain("192.0.2.1") is None
    True
    """
    name = host.removesuffix(".").lower()
    if not _HOST.fullmatch(name):
        return None
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    # A last label of digits makes the whole an address, however many parts it has.
    if name.rpartition(".")[2].isdigit():
        return None
    return _read_list().privatesuffix(name)


_PROBE: Final = "0probe"
"""A label that no row of the list has."""


@lru_cache(_CACHE_SIZE)
def find_public_suffix(host: str) -> str | None:
    """Find the rows' own part of *host*: a suffix that the list names, in lower case.

    A label that the list leaves open (`*.compute-1.amazonaws.com`) is no part of it, and one that
    it excepts is. `None` is for hosts under no registry: addresses, single words, inner names.

    >>> find_public_suffix("mx1.example.co.uk"), find_public_suffix("mx1.office.internal")
    ('co.uk', None)
    >>> find_public_suffix("ec2-192-0-2-1.compute-1.amazonaws.com")
    'compute-1.amazonaws.com'
    """
    if find_registrable_domain(f"{_PROBE}.{_PROBE}.{host}") is None:
        return None
    name = host.removesuffix(".").lower()
    suffix = _find_listed(name)
    if suffix is None:
        return None
    rest = suffix.partition(".")[2]
    if rest and _find_listed(f"{_PROBE}.{rest}") == f"{_PROBE}.{rest}":
        return rest
    if _find_listed(f"{_PROBE}.{suffix}") == f"{_PROBE}.{suffix}":
        return _read_list().privatesuffix(name) or suffix
    return suffix


def _find_listed(name: str) -> str | None:
    return _read_list().publicsuffix(name, accept_unknown=False)


# Reading the list takes some 30 ms, so it waits until a host asks for it.
@lru_cache(maxsize=1)
def _read_list() -> PublicSuffixList:
    return PublicSuffixList()


def find_domain_among(host: str, domains: Container[str]) -> str | None:
    """Find the one of *domains*, in lower case, that *host* is, or stands under.

    >>> find_domain_among("MX1.site.example.", {"site.example"})
    'site.example'
    >>> find_domain_among("mysite.example", {"site.example"}) is None
    True
    """
    name = fold_host(host)
    while name not in domains:
        _, dot, name = name.partition(".")
        if not dot:
            return None
    return name
