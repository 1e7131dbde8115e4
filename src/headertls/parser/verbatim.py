"""Origins in which the HELO argument holds brackets, keywords or blanks.

Courier, Cyrus, Haraka, qpsmtpd, Twisted mail, chasquid up to 1.11 and Exim with a wide
`helo_allow_chars` copy the argument as it came. What it holds looks like text of the server, so
nothing is believed but the server's own note with the client's address.
"""

import re
from enum import StrEnum
from typing import Final

from headertls.parser.parts import NOTE_ROLES, PEER_ROLES, Part, name_letters


class Style(StrEnum):
    """Where a product puts the HELO argument; told by its marker, which a client cannot forge."""

    ANY = "any"
    PEER = "peer"
    """`from ARGUMENT (RDNS [IP])`: Courier, Cyrus, Haraka."""
    FIRST = "first"
    """The same, but brackets behind a note of the login may be of the login name."""
    QMAIL = "qmail"
    """`from RDNS (HELO ARGUMENT) (IP)`: qpsmtpd, indimail."""
    EXIM = "exim"
    """`from RDNS ([IP] helo=ARGUMENT)`."""
    BRACKETED = "bracketed"
    """`from [IP] (ARGUMENT)`: chasquid up to 1.11, CommuniGate; later `from ARGUMENT ([IP])`."""
    LITERAL = "literal"
    """`from ARGUMENT [IP]`, or `from ARGUMENT ([IP] RDNS)`: ZoneMTA."""


_find_peers: Final = re.compile(r"\{(?=[^}]*[123])[^67=}]*\}").finditer
_find_exim_note: Final = re.compile(
    r"x(?P<address>L)?z*(?P<helo>h)|\{(?P<inner>[12])?[89]*(?P<value>7)"
).search
_find_yahoo: Final = re.compile(r"N(?:\{6|xH)").match
_find_helo_word: Final = re.compile(r"[6H]").search
# (Authenticated sender: USER), whole or with broken brackets; auth=yes user=USER; or nothing of it
_find_user: Final = re.compile(r"[axz]|\Z").finditer


def read_verbatim(shape: str, start: int, style: Style) -> list[Part]:
    """Read an origin whose HELO argument was copied with what it holds.

    Where the argument ends is known only from the server's own note with the client's address. On
    which side of the argument that stands depends on the product.
    """
    unclear = Part("unclear", start, start)
    return [unclear, *_read_verbatim_origin(shape, start, style)]


def _read_verbatim_origin(shape: str, start: int, style: Style) -> list[Part]:
    peers = list(_find_peers(shape, start))
    exim = _find_exim_note(shape, start)
    if style is Style.EXIM or (style is Style.ANY and exim and not _ends_with_peer(shape, peers)):
        # an address before the note and one in it: one of them is the client's
        if exim is None or (style is Style.ANY and peers and peers[0].end() <= exim.start()):
            return _nothing_but(shape, start)
        return _read_verbatim_exim(shape, start, exim)
    if style in (Style.LITERAL, Style.ANY) and (
        shape[-1] == "L" or (style is Style.LITERAL and not peers)
    ):
        return _read_verbatim_literal(shape, start)
    is_literal = shape[start] == "L"
    if is_literal and style is Style.BRACKETED:
        return [Part("name", start, start + 1), Part("verbatim_bracketed", start + 1, len(shape))]
    if not peers:
        return _read_verbatim_yahoo(shape, start, style)
    return _read_verbatim_peers(shape, start, style, peers)


def _read_verbatim_yahoo(shape: str, start: int, style: Style) -> list[Part]:
    """Read `from IP (EHLO ARGUMENT)`, of which no address stands behind."""
    m = _find_yahoo(shape, start) if style is Style.ANY else None
    if m is None:
        return _nothing_but(shape, start)
    return [Part("name", start, start + 1), Part("verbatim_helo", m.end(), len(shape))]


def _read_verbatim_peers(
    shape: str, start: int, style: Style, peers: list[re.Match[str]]
) -> list[Part]:
    """Read an origin in which a note of the peer stands; the client may have added others."""
    if style is Style.FIRST:
        user = next(_find_user(shape, start)).start()
        own = [peer for peer in peers if peer.start() < user] or peers[:1]
        return _read_verbatim_peer(shape, start, style, own[-1])
    if style is Style.ANY and "L" in shape[peers[-1].end() :]:
        # gromox writes the argument twice, the second time in the bracket with the address
        return _nothing_but(shape, start)
    helo = _find_helo_word(shape, start, peers[-1].start())
    if style is Style.ANY and helo and (shape[start] in "LN" or peers[0].end() <= helo.start()):
        # From which side of the HELO word the server tells the address is not known.
        return _nothing_but(shape, start)
    if style is Style.QMAIL or (style is Style.ANY and helo):
        return _read_verbatim_qmail(shape, start, helo, peers[-1])
    return _read_verbatim_peer(shape, start, style, peers[-1])


def _read_verbatim_literal(shape: str, start: int) -> list[Part]:
    place = shape.rfind("L")
    if place <= start:
        return _nothing_but(shape, start)
    notes = name_letters(shape, place + 1, len(shape), NOTE_ROLES)
    return [Part("verbatim", start, place), Part("address", place, place + 1), *notes]


def _ends_with_peer(shape: str, peers: list[re.Match[str]]) -> bool:
    return bool(peers) and peers[-1].end() == len(shape)


def _nothing_but(shape: str, start: int) -> list[Part]:
    return [Part("verbatim", start, len(shape))]


def _read_verbatim_exim(shape: str, start: int, note: re.Match[str]) -> list[Part]:
    parts = [Part("name", start, start + 1)] if note.start() == start + 1 else []
    parts += [
        Part("address", note.start(group), note.end(group))
        for group in ("address", "inner")
        if note[group]
    ]
    place = max(note.start("helo"), note.start("value"))
    return [*parts, Part("verbatim_helo", place, len(shape))]


def _read_verbatim_qmail(
    shape: str, start: int, helo: re.Match[str] | None, peer: re.Match[str]
) -> list[Part]:
    parts: list[Part] = []
    if helo and helo.end() < peer.start():
        # the HELO word is one token behind its bracket
        if helo.start() == start + 2:
            parts.append(Part("name", start, start + 1))
        parts.append(Part("verbatim_helo", helo.end(), peer.start()))
    # the argument may hold all that follows, so no note is evidence
    return parts + [part for part in _read_notes(shape, peer) if part.role not in _EVIDENCE]


def _read_verbatim_peer(shape: str, start: int, style: Style, peer: re.Match[str]) -> list[Part]:
    parts = _read_notes(shape, peer)
    if style is Style.ANY and (shape[start] in "LN" or _find_helo_word(shape, start)):
        parts = [part for part in parts if part.role not in _EVIDENCE]
    if start < peer.start():
        parts.insert(0, Part("verbatim", start, peer.start()))
    return parts


_EVIDENCE: Final = frozenset(("tls", "auth"))


def _read_notes(shape: str, peer: re.Match[str]) -> list[Part]:
    notes = name_letters(shape, peer.start(), peer.end(), PEER_ROLES)
    notes += name_letters(shape, peer.end(), len(shape), NOTE_ROLES)
    read = {part.start for part in notes}
    return notes + [
        Part("unparsed", i, i + 1)
        for i in range(peer.end(), len(shape))
        if i not in read and shape[i] not in ";xkI"
    ]
