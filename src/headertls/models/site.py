"""What the caller knows of the own servers, which no header tells."""

import re
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Annotated, Final, cast

from pydantic import AfterValidator, BeforeValidator

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
        table = cast("Mapping[object, object]", value)
        if nested := [name for name, told in table.items() if isinstance(told, Mapping)]:
            raise ValueError(f"{nested[0]}: a name with dots has to stand in quotes")
        return tuple(table.items())
    if isinstance(value, list | tuple):
        return cast("object", value)
    raise ValueError("should be a table: a line NAME = VALUE for each")


MAX_HOST: Final = 253
"""Characters of a host name (RFC 1035, 2.3.4)."""

_is_host: Final = re.compile(r"[^\s/@:;,()<>\[\]\"*\x00-\x1f\x7f]+").fullmatch
_is_authserv_id: Final = re.compile(r"[^\s;\"()<>,\x00-\x1f\x7f]+").fullmatch
_is_network: Final = re.compile(
    r"[\d.]+(?:/\d+)?|[\da-f]*:[\da-f:.]*(?:/\d+)?", re.IGNORECASE
).fullmatch


def _read_host(text: str) -> str:
    """Bring a host name into one form; `*.site.example` and `.site.example` are `site.example`."""
    name = text.strip().removesuffix(".").lower().removeprefix("*").removeprefix(".")
    if len(name) > MAX_HOST or not _is_host(name) or not _has_labels(name):
        raise ValueError(f"{text!r} is no host name such as mx.site.example")
    return name


def _has_labels(name: str) -> bool:
    """Tell whether the dots part labels that are neither empty nor too long, also as `xn--`."""
    try:
        name.encode("idna")
    except UnicodeError:
        return False
    return True


def _read_network(value: object) -> IPv4Network | IPv6Network:
    """Read an address or network; a number is none, and neither is an address of one link."""
    known = str | IPv4Network | IPv6Network | IPv4Address | IPv6Address
    text = str(value).strip() if isinstance(value, known) else ""
    try:
        if text and "%" not in text:
            return ip_network(text)
    except ValueError as error:
        if "host bits" in str(error):
            own = ip_network(text, strict=False)
            raise ValueError(f"{text!r} is an address within the network {own}") from error
    raise ValueError(f"{value!r} is no network such as '192.0.2.0/24'")


def _read_authserv_id(text: str) -> str:
    name = text.strip()
    if not _is_authserv_id(name):
        raise ValueError(f"{text!r} is no authserv-id such as mx.site.example")
    return name


def _read_writer(text: str) -> str:
    if not text.strip():
        raise ValueError(f"{text!r} is neither a host nor a product")
    return text


def _read_terminator(text: str) -> str:
    """Take an address or network as it is, and all else for a host name."""
    entry = text.strip()
    return str(_read_network(entry)) if _is_network(entry) else _read_host(entry)


Host = Annotated[str, AfterValidator(_read_host)]
_Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_read_network)]
_Writer = Annotated[str, AfterValidator(_read_writer)]


class Site(Model):
    """The caller's own mail servers.

    With it, the boundary between own lines and claims is known instead of inferred. A name in
    `hosts`, `tls_terminators` and `encrypted_senders` stands for itself and for all names below
    it: `site.example` also for `mx1.site.example`.

    >>> site = Site(hosts=("site.example",), networks=("192.0.2.0/24",), writers={"mx": "never"})
    >>> site.networks, site.writers[0][1].value
    ((IPv4Network('192.0.2.0/24'),), 'never')
    """

    hosts: tuple[Host, ...] = ()
    """Names under which own servers write lines (`by`)."""
    networks: tuple[_Network, ...] = ()
    """Addresses of own servers."""
    authserv_ids: tuple[Annotated[str, AfterValidator(_read_authserv_id)], ...] = ()
    """Names under which own servers write `Authentication-Results` fields. A server that is named
    here has to take fields of its own name out of incoming mail (RFC 8601, section 5)."""
    tls_terminators: tuple[Annotated[str, AfterValidator(_read_terminator)], ...] = ()
    """Proxies that end TLS in front of own servers, by address or network; or the servers behind
    one, by name. What these record of TLS is not what ran over the network."""
    writers: Annotated[tuple[tuple[_Writer, Marking], ...], BeforeValidator(read_pairs)] = ()
    """Whether own servers mark TLS, by host or by product; a table, or pairs."""
    encrypted_senders: tuple[Host, ...] = ()
    """Domains of which all mail came in over TLS so far."""
