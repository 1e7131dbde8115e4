"""The parts that tokens play, and the parts of those classes whose letter alone tells it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Part(NamedTuple):
    """The tokens from *start* to before *end* play *role*."""

    role: str
    start: int
    end: int


# In a note with the client's address: ([IP]), (RDNS [IP] (may be forged)), (IDENT@IP), (IP),
# ([IP]:PORT), (RDNS port=N [IP]), (USER@IP with METHOD), ([IP] helo=NAME)
PEER_ROLES: Final = MappingProxyType(
    {
        "{": "peer",
        "1": "address",
        "2": "address",
        "3": "address",
        "4": "rdns",
        "5": "rdns",
        "+5": "method",
        "7": "helo",
        "8": "port",
        "9": "ident",
    }
)
EXIM_ROLES: Final = MappingProxyType({**PEER_ROLES, "4": "", "5": ""})
# Notes that a server adds behind the client's address. The TLS phrases among them are those that
# servers are known to put there; others (`t`) are left unread.
NOTE_ROLES: Final = MappingProxyType(
    {
        "u": "tls",
        "v": "tls",
        "y": "tls",
        "a": "auth",
        "e": "envelope_comment",
        "o": "comment",
        "c": "comment",
        "d": "comment",
        "t": "comment",
        "Iw": "id",
        "IA": "id",
        "IM": "id",
    }
)
# Behind the server's own name every phrase is the server's.
CLAUSE_ROLES: Final = MappingProxyType(
    {
        **NOTE_ROLES,
        "t": "tls",
        "b": "tls",
        "s": "tls",
        "z": "pair",
        "S": "name",
        "U": "auth",
        "Uo": "login",
    }
)
# In a line in which a server notes something about itself.
SELF_ROLES: Final = MappingProxyType(
    {**dict.fromkeys("octavebd", "comment"), "S": "name", "w": "prelude"}
)


def name_letters(shape: str, start: int, end: int, roles: Mapping[str, str]) -> list[Part]:
    """Give each token the role of its class; one with a role of its own behind the class before.

    >>> [part.role for part in name_letters("{3+5}", 0, 5, PEER_ROLES)]
    ['peer', 'address', 'method']
    """
    parts: list[Part] = []
    for i in range(start, end):
        role = roles.get(shape[i - 1 : i + 1]) if i > start else None
        role = role or roles.get(shape[i])
        if role:
            parts.append(Part(role, i, i + 1))
    return parts
