"""Key exchange groups: the curves, finite fields and KEMs of IANA's "TLS Supported Groups"."""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple

from headertls.tls.gnutls import parse_session
from headertls.tls.structure import make_key, split_curve
from headertls.tls.tables import read_table


class GroupKind(StrEnum):
    """How a group agrees on a key."""

    ECDHE = "ecdhe"
    DHE = "dhe"
    KEM = "kem"
    HYBRID = "hybrid"
    """A curve and a KEM together."""


class Group(NamedTuple):
    """A key exchange group."""

    code: int
    """The code point, e.g. `0x001D`."""
    name: str
    """The IANA name."""
    kind: GroupKind
    post_quantum: bool
    """Whether the key outlasts quantum computers; of a session without a group, ask nothing."""


# Postfix, where OpenSSL gives it no name of the group: `ECDHE (P-256)`, `DHE (2048 bits)`.
_IN_BRACKETS: Final = re.compile(r"(?:EC)?DHE? \(([^()]+)\)", re.IGNORECASE | re.ASCII)
_SEPARATORS: Final = re.compile(r"[-_ ]+")


def find_group(name: str) -> Group | None:
    """Look up a group by its IANA name or by another that libraries give it, in any case.

    A field that is told by its size alone, as in Postfix's ``DHE (2048 bits)``, gives ``None``:
    it may be the server's own.

    >>> find_group("ECDHE (prime256v1)").name, find_group("X25519MLKEM768").post_quantum
    ('secp256r1', True)
    """
    if match := _IN_BRACKETS.fullmatch(name.strip()):
        name = match[1]
    return _groups().get(_make_key(name))


def find_cipher_group(name: str) -> str | None:
    """The group that stands inside the text of a cipher: IANA's name of it.

    SChannel appends the curve, GnuTLS's session texts name it with the key exchange.

    >>> find_cipher_group("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384_P384")
    'secp384r1'
    >>> find_cipher_group("ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM")
    'x25519'
    """
    session = parse_session(name.strip())
    told = session.group if session else split_curve(make_key(name.strip()))[1]
    group = find_group(told) if told else None
    return group.name if group else None


def _make_key(name: str) -> str:
    return _SEPARATORS.sub("", name).casefold()


@cache
def _groups() -> Mapping[str, Group]:
    groups: dict[str, Group] = {}
    for code, name, kind, post_quantum, aliases in read_table("groups.csv"):
        group = Group(int(code, 16), name, GroupKind(kind), post_quantum == "Y")
        groups.update((_make_key(word), group) for word in (name, *aliases.split()))
    return MappingProxyType(groups)
