"""IP addresses and host names as trace lines write them."""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from socket import AF_INET, AF_INET6, inet_pton
from typing import Final, NamedTuple

from headertls.parser.comments import find_address


class Endpoint(NamedTuple):
    """An address, with the port where it is told."""

    address: IPv4Address | IPv6Address
    port: int | None = None


@lru_cache(maxsize=32_768)
def parse_endpoint(text: str) -> Endpoint | None:
    """Read an address literal or bare address, `None` where *text* is no address.

    An IPv6 zone (`%eth0`) is taken off: it means something on the writing host only. An address of
    an IPv4 client that a dual-stack socket shows as IPv6 (`::ffff:192.0.2.1`: Courier) is the IPv4
    address.

    >>> parse_endpoint("[IPv6:2001:db8::1]:25").port
    25
    >>> parse_endpoint("[300.1.2.3]") is None
    True
    """
    if address := _parse_address(text):
        return Endpoint(address)
    port = None
    if text.startswith("["):
        text, _, tail = text[1:].partition("]")
        port = read_port(tail[1:])
        if address := _parse_address(text):
            return Endpoint(address, port)
    match = find_address(text)
    if match is None:
        return None
    address = _parse_address(match[1])
    if address is None:
        return None
    return Endpoint(address, read_port(match[2]) if match[2] else port)


_is_port: Final = re.compile(r"[0-9]{1,5}").fullmatch
_MAX_PORT: Final = 65_535


def read_port(text: str) -> int | None:
    """Read a port number; other numbers, of however many digits, are none.

    >>> read_port("2525"), read_port("65536"), read_port("9" * 5000)
    (2525, None, None)
    """
    return int(text) if _is_port(text) and int(text) <= _MAX_PORT else None


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address as `parse_endpoint` does, and leave the port.

    >>> str(parse_address("IPv6:::ffff:192.0.2.1"))
    '192.0.2.1'
    """
    endpoint = parse_endpoint(text)
    return endpoint.address if endpoint else None


def unmap(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Give the address of an IPv4 client that a dual-stack socket shows as IPv6.

    >>> str(unmap(IPv6Address("::ffff:192.0.2.1")))
    '192.0.2.1'
    """
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


def _parse_address(text: str) -> IPv4Address | IPv6Address | None:
    # The C library reads an address in a tenth of the time that `ipaddress` takes.
    try:
        if ":" in text:
            return unmap(IPv6Address(int.from_bytes(inet_pton(AF_INET6, text))))
        return IPv4Address(int.from_bytes(inet_pton(AF_INET, text)))
    except (OSError, ValueError):
        return None


def strip_brackets(text: str) -> str:
    """Take off angle and square brackets, also such as went through HTML.

    >>> strip_brackets("<ann@site.example>")
    'ann@site.example'
    """
    if text.startswith("&lt;"):
        return text[4:].removesuffix("&gt;")
    first = text[:1]
    if first == "<":  # <a@b<mailto:a@b>>: copied out of a mail program
        return text[1:].removesuffix(">").partition("<mailto:")[0].rstrip()
    if first == "[":
        return text[1:].partition("]")[0]
    return text


def find_host(text: str) -> str | None:
    """The host name in *text* without root dot; `None` for the words that stand for "no name"."""
    if text[-1:] == ".":
        text = text.rstrip(".")
    if len(text) < _LONGEST_NO_NAME and text.lower() in _NO_NAMES:
        return None
    return text or None


# Postini wrote the word "source" for every client; MailChannels writes [UNAVAILABLE], IMail
# UnknownHost; others say what became of the question.
_NO_NAMES: Final = frozenset(
    (
        "unknown",
        "<unknown>",
        "<unknown.domain>",
        "[unavailable]",
        "unverified",
        "source",
        "unknownhost",
        "unresolved",
        "nxdomain",
        "no-rdns",
    )
)
_LONGEST_NO_NAME: Final = 1 + max(map(len, _NO_NAMES))
