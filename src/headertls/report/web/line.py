"""A `Received` line as it stood, with the words marked on which the verdict rests."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from headertls.models import Evidence, Hop
from headertls.report import page_wording
from headertls.report.escape import clip
from headertls.report.sentences import MAX_QUOTE
from headertls.report.spans import (
    FOLD,
    MAX_LINE,
    MEANINGS,
    Piece,
    Role,
    cut,
    find_spans,
    iter_elsewhere,
)
from headertls.report.web.markup import Html, join, lines, tag

_CLASSES: Final[Mapping[Role, str]] = MappingProxyType(
    {Role.FOR: "", Role.AGAINST: "htls-against", Role.FOUND: "htls-found", Role.TOLD: ""}
)


def draw_line(hop: Hop) -> Html:
    """Draw the line, the key to its marks, and what is told elsewhere."""
    if not hop.raw:
        return join((tag("p", page_wording.NO_LINE), *_quote_others(hop)))
    spans = find_spans(hop)
    # Most often all marks are of the one sort that the key below the path explains.
    roles = dict.fromkeys(span.role for span in spans if span.role is not Role.FOR)
    keys = [draw_key(role) for role in roles]
    return join(
        (
            tag("pre", *_draw_pieces(hop.raw, cut(hop.raw, spans))),
            tag("p", join(keys, " ")) if keys else None,
            *_quote_others(hop),
        )
    )


def quote(piece: Evidence) -> str:
    """Quote the words of a piece of evidence, on one line."""
    return clip(" ".join(piece.text.split()), MAX_QUOTE)


def draw_key(role: Role) -> Html:
    """Draw what a mark means."""
    return tag("mark", MEANINGS[role], class_=_CLASSES[role])


def _draw_pieces(raw: str, pieces: Iterable[Piece]) -> Iterator[Html]:
    for text, role in pieces:
        drawn = _unfold(text)
        yield drawn if role is None else tag("mark", drawn, class_=_CLASSES[role])
    if len(raw) > MAX_LINE:
        yield tag("i", f" … and {len(raw) - MAX_LINE} characters more")


def _unfold(piece: str) -> Html:
    """Break where the line was folded, whatever blanks it was folded with."""
    return lines(part.replace("\t", "    ") for part in FOLD.split(piece))


def _quote_others(hop: Hop) -> Iterator[Html]:
    """Quote evidence that stands in other fields."""
    for role, piece in iter_elsewhere(hop):
        where = piece.field or "The running server"
        yield tag("p", where, ": ", tag("q", quote(piece)), f" {MEANINGS[role]}.")
