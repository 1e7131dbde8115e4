"""From the parts of a shape to a plan: which token is what, remembered by shape.

About 140 shapes cover tens of thousands of real lines, so the grammar is seldom asked twice.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from headertls.models import DefectKind
from headertls.parser.grammar import read_shape
from headertls.parser.parts import Part
from headertls.parser.verbatim import Style

NONE: Final = (-1, -1)
"""The span of what is not there."""


class Plan(NamedTuple):
    """Indices and spans (first, past-last) of tokens; ``-1`` or empty where there is nothing."""

    shape: str
    name: tuple[int, int]
    """The words behind `from`."""
    single: int
    """A one-word comment behind them."""
    rdns: int
    helo: int
    """The word behind HELO or EHLO, or the `helo=` token."""
    address: int
    port: int
    ident: int
    method: int
    verbatim: tuple[int, int]
    """A HELO argument that was copied with brackets or blanks, and with what stands around it."""
    verbatim_form: str
    is_unclear: bool
    """The origin fits no form that servers write."""
    by: tuple[int, int]
    by_address: int
    product_address: int
    """An address, or a version that looks like one, in the comment of the product."""
    by_comments: tuple[int, ...]
    """Comments directly behind the host, where most products put their name."""
    protocol: tuple[int, int]
    via: tuple[int, int]
    via_peer: bool
    """A `via` and a second peer stand before `by`: Roundcube's way, or a HELO argument."""
    id: int
    recipients: tuple[int, ...]
    envelope_from: int
    envelope_comments: tuple[int, ...]
    date: tuple[int, int]
    zone: int
    clause: tuple[int, int]
    """The `tls` clause of RFC 8314."""
    tls: tuple[int, ...]
    auth: tuple[int, ...]
    pairs: tuple[int, ...]
    comments: tuple[int, ...]
    unparsed: tuple[tuple[int, int], ...]
    defects: tuple[DefectKind, ...]
    may_speak_of_tls: bool
    """Whether a place other than the transmission type may speak of TLS."""
    has_two_literals: bool
    """`from [A] ([B])`."""
    may_tell_auth: bool
    may_tell_sender: bool
    has_leftovers: bool
    """Tokens may be left over that no rule reads."""
    is_bare: bool
    """A peer in round brackets, a host, a protocol and a date, and no more: what qmail writes."""
    has_early_notes: bool
    """Notes of TLS or authentication stand before `by`."""
    foreign: tuple[int, ...]
    """Comments known to be a part of what the client said of itself."""
    has_plain_client: bool
    """The client's side is a name with a note of the peer behind it, and no more."""
    peer_tail: tuple[int, int]
    """Words behind the address in the note of the peer."""

    def notes_behind(self, place: int) -> Iterator[int]:
        """The comments that begin at *place*, with none but comments between them."""
        while 0 <= place < len(self.shape) and self.shape[place] in _COMMENT_CLASSES:
            yield place
            place = self.shape.find("}", place) + 1 if self.shape[place] == "{" else place + 1


@lru_cache(maxsize=4096)
def find_plan(shape: str, style: Style = Style.ANY) -> Plan:
    """Plan how to read the tokens of *shape*."""
    origin, receiver = read_shape(shape, style)
    return _Builder(shape, origin, receiver).build()


class _Builder:
    """Collects parts by role; the first of each clause counts, later ones are left over."""

    def __init__(self, shape: str, origin: tuple[Part, ...], receiver: tuple[Part, ...]) -> None:
        self.shape = shape
        self.roles: dict[str, list[Part]] = {}
        self.defects: list[DefectKind] = []
        for part in (*origin, *_without_second_clauses(receiver, self.defects)):
            self.roles.setdefault(part.role, []).append(part)

    def first(self, role: str) -> int:
        parts = self.roles.get(role)
        return parts[0].start if parts else -1

    def last(self, role: str) -> int:
        parts = self.roles.get(role)
        return parts[-1].start if parts else -1

    def span(self, role: str) -> tuple[int, int]:
        parts = self.roles.get(role)
        return (parts[0].start, parts[0].end) if parts else NONE

    def each(self, *roles: str) -> tuple[int, ...]:
        """All tokens of *roles*, in the order of the line."""
        parts = (part for role in roles for part in self.roles.get(role, ()))
        return tuple(sorted(i for part in parts for i in range(part.start, part.end)))

    def build(self) -> Plan:
        verbatim = next((r for r in _VERBATIM if _is_filled(self.span(r))), "")
        self._find_defects()
        return Plan(
            shape=self.shape,
            name=self.span("name") if "name" in self.roles else self.span("late_name"),
            single=self.first("single"),
            rdns=self._find_rdns(),
            helo=self.first("helo"),
            address=self._find_address(),
            port=self.first("port"),
            ident=self.first("ident"),
            method=self.first("method"),
            verbatim=self.span(verbatim),
            verbatim_form=verbatim,
            is_unclear="unclear" in self.roles,
            by=self.span("by"),
            by_address=self._find_address_in("by_address"),
            product_address=self._find_address_in("by_comment"),
            by_comments=tuple(part.start for part in self.roles.get("by_comment", ())),
            protocol=self.span("protocol"),
            via=self.span("via"),
            via_peer="via_peer" in self.roles,
            id=self.first("id"),
            recipients=tuple(i for i in self.each("recipient") if self.shape[i] != "k"),
            envelope_from=self.first("envelope_from"),
            envelope_comments=self.each("envelope_comment"),
            date=self._find_date(),
            zone=self.last("zone"),
            clause=self.span("clause"),
            tls=self._find_tls(),
            auth=self.each("auth", "peer"),
            pairs=self.each("pair"),
            comments=self._find_comments(),
            unparsed=self._find_unparsed(),
            defects=tuple(dict.fromkeys(self.defects)),
            may_speak_of_tls=not {"tls", "clause", "via_word"}.isdisjoint(self.roles),
            may_tell_sender="b" in self.shape
            or not {"envelope_from", "envelope_comment"}.isdisjoint(self.roles),
            has_leftovers=self._has_leftovers(),
            has_two_literals=self.shape.startswith("FL{1}"),
            may_tell_auth=not {"a", "y", "=", "U"}.isdisjoint(self.shape)
            or not {"method", "pair"}.isdisjoint(self.roles),
            is_bare=self._is_bare(),
            has_early_notes=any(i < self.shape.rfind("B") for i in self.each("tls", "auth")),
            foreign=(),
            has_plain_client=self._has_plain_client(),
            peer_tail=self._find_peer_tail(),
        )

    def _find_address(self) -> int:
        """The last address.

        But what stands behind `ident=` is the word of the client's host, and what stands behind a
        SASL mechanism is the server's own address (Yahoo: `USER@IP with plain [IP]`). In an unclear
        origin those words may be of a HELO argument that stands in the bracket: then none counts.
        """
        ends = [i for i in (self.first("ident"), self.first("method")) if i >= 0]
        end = min(ends, default=len(self.shape))
        places = self.each("address")
        if "unclear" in self.roles and places and places[-1] > end:
            return -1
        return next((i for i in places[::-1] if i < end), -1)

    def _find_rdns(self) -> int:
        """The name in the note of the peer.

        Beside an ident answer the name stands behind its at sign, or there is none: other words in
        the note are of the answer, which may hold anything.
        """
        places = [part.start for part in self.roles.get("rdns", ())]
        named = [i for i in places if self.shape[i] == "4"]
        if any(self.shape[i] == "3" for i in self.each("address")):
            return -1
        return named[-1] if named else next(iter(places), -1)

    def _is_bare(self) -> bool:
        needed = {"address", "by", "protocol", "date"}
        foreign = {"id", "recipient", "by_comment", "by_address", "via", "tls"}
        return (
            needed <= self.roles.keys()
            and foreign.isdisjoint(self.roles)
            and self.shape[self.last("address")] in "23"
        )

    def _find_address_in(self, role: str) -> int:
        """The address that plays *role*: a literal, or one in an opened comment."""
        places = (i for part in self.roles.get(role, ()) for i in range(part.start, part.end))
        return next((i for i in places if self.shape[i] in "12L"), -1)

    def _find_peer_tail(self) -> tuple[int, int]:
        # a note in which the client itself speaks (HELO, ident) tells nothing by its end
        m = _has_peer_tail(self.shape, 0, max(self.shape.rfind("B"), 0))
        return m.span(1) if m else NONE

    def _has_leftovers(self) -> bool:
        start, end = self.span("by")
        return bool(self._find_unparsed() or "pair" in self.roles or end - start > 1)

    def _has_plain_client(self) -> bool:
        start, end = self.span("name")
        special = {"helo", "single", "port", "ident", "method", *_VERBATIM}
        return (
            end - start == 1
            and self.shape[start] == "w"
            and len(self.roles.get("address", ())) == 1
            and self.shape[self.first("address")] != "3"
            and not ("a" in self.shape or "y" in self.shape)
            and all(self.shape[part.start] != "4" for part in self.roles.get("rdns", ()))
            and special.isdisjoint(self.roles)
        )

    def _find_date(self) -> tuple[int, int]:
        dates = self.roles.get("date") or self.roles.get("date_words")
        return (dates[-1].start, dates[-1].end) if dates else NONE

    def _find_tls(self) -> tuple[int, ...]:
        end = self._find_lonely()
        return tuple(i for i in self.each("tls") if i < end)

    def _find_lonely(self) -> int:
        """The first bracket without partner behind `by`.

        An address of the client's has broken the brackets, and what looks like a comment behind it
        may be a part of the address.
        """
        place = self.shape.find("x", max(self.shape.rfind("B"), 0))
        return place if place >= 0 else len(self.shape)

    def _find_comments(self) -> tuple[int, ...]:
        # an opened comment has its text at its first token
        starts = [
            part.start
            for role in ("comment", "via_peer")
            for part in self.roles.get(role, ())
            if self.shape[part.start] not in "LN"
        ]
        broken = (i for i in self.each("tls") if i >= self._find_lonely())
        return tuple(sorted({*starts, *self.each("comments"), *broken}))

    def _find_unparsed(self) -> tuple[tuple[int, int], ...]:
        unread = [*self.roles.get("unparsed", ()), *self.roles.get("date", ())[:-1]]
        if DefectKind.NO_CLAUSES in self.defects:
            unread += self.roles.get("prelude", ())
        return tuple(sorted((part.start, part.end) for part in unread))

    def _find_defects(self) -> None:
        shape = self.shape
        start, end = self.span("name")
        unclear = "unclear" in self.roles
        if unclear or end - start > 1:
            self.defects.append(DefectKind.HELO_SYNTAX)
        if unclear and (shape.count("B") > 1 or "W" in shape[: max(shape.rfind("B"), 0)]):
            self.defects.append(DefectKind.DUPLICATE_CLAUSE)
        if "bad_address" in self.roles:
            self.defects.append(DefectKind.BAD_ADDRESS)
        if "empty" in self.roles or ("B" in shape and "by" not in self.roles):
            self.defects.append(DefectKind.EMPTY_CLAUSE)
        date = self._find_date()
        if date == NONE:
            self.defects.append(DefectKind.NO_DATE)
        elif ";" not in shape[max(shape.rfind("B"), 0) : date[0]]:
            self.defects.append(DefectKind.NO_SEMICOLON)
        if not ("name" in self.roles or "by" in self.roles or _is_note(shape)):
            self.defects.append(DefectKind.NO_CLAUSES)


_COMMENT_CLASSES: Final = frozenset("{octuvyabedk")
_has_peer_tail: Final = re.compile(r"\{[450_]*[12]([5_-]+)\}").search
_VERBATIM: Final = ("verbatim", "verbatim_helo", "verbatim_bracketed")
_SINGLE_CLAUSES: Final = {
    "with": "protocol",
    "id_word": "id",
    "for": "recipient",
    "via_word": "via",
}


def _is_filled(span: tuple[int, int]) -> bool:
    return span[0] < span[1]


def _is_note(shape: str) -> bool:
    """A comment and a date are all that qmail-queue, nullmailer or Haraka outbound write."""
    return shape[:1] in ("o", "c", "d", "t", "{") and "F" not in shape and "B" not in shape


def _without_second_clauses(parts: tuple[Part, ...], defects: list[DefectKind]) -> list[Part]:
    """Leave the second clause of a kind unread, with the TLS note behind a second `with`."""
    seen: set[str] = set()
    kept: list[Part] = []
    dropped = ""
    for part in parts:
        role = part.role
        if role in _SINGLE_CLAUSES:
            dropped = _SINGLE_CLAUSES[role] if role in seen else ""
            seen.add(role)
            if dropped:
                defects.append(DefectKind.DUPLICATE_CLAUSE)
        elif dropped and role == dropped:
            role = "unparsed"
        elif dropped == "protocol" and role == "tls":
            role = "comment"
        kept.append(part._replace(role=role))
    return kept
