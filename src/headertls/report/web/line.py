"""A `Received` line as it stood, with the words marked on which the verdict rests."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from headertls.models import RECEIVED, Evidence, Hop
from headertls.report.escape import clip
from headertls.report.sentences import MAX_QUOTE
from headertls.report.web import labels
from headertls.report.web.markup import Html, join, lines, tag

MAX_LINE: Final = 4000
"""Characters of a line that are shown; honest ones are shorter."""

_FOLD: Final = re.compile(r"\r?\n(?=[ \t])")


class Part(NamedTuple):
    """One role of evidence: what it is called, and how it is marked."""

    class_: str
    meaning: str
    evidence: tuple[Evidence, ...]


class Span(NamedTuple):
    """A stretch of the line that is marked."""

    start: int
    end: int
    part: Part


def draw_line(hop: Hop) -> Html:
    """Draw the line, the key to its marks, and what is told elsewhere."""
    if not hop.raw:
        return join((tag("p", labels.NO_LINE), *_quote_others(hop)))
    parts = list(_iter_parts(hop))
    spans = _lay_out(hop.raw, parts)
    marked = dict.fromkeys(span.part for span in spans)
    # Most often all marks are of the one sort that the key below the path explains.
    keys = [draw_key(part.meaning, part.class_) for part in marked if part.meaning != labels.FOR]
    return join(
        (
            tag(
                "pre",
                *_iter_pieces(hop.raw, spans),
            ),
            tag("p", join(keys, " ")) if keys else None,
            *_quote_others(hop),
        )
    )


def quote(piece: Evidence) -> str:
    """Quote the words of a piece of evidence, on one line."""
    return clip(" ".join(piece.text.split()), MAX_QUOTE)


def draw_key(meaning: str, class_: str = "") -> Html:
    """Draw what a mark means."""
    return tag("mark", meaning, class_=class_)


def _iter_parts(hop: Hop) -> Iterator[Part]:
    verdict = hop.verdict
    if verdict is None:
        told = (*(hop.tls.evidence if hop.tls else ()), *hop.marks)
        yield Part("", "speaks of the transport", told)
        return
    yield Part("", labels.FOR, verdict.evidence_for)
    yield Part("htls-against", labels.AGAINST, verdict.evidence_against)
    found = tuple(piece for finding in verdict.findings for piece in finding.evidence)
    yield Part("htls-found", labels.FLAGGED, found)


def _lay_out(raw: str, parts: Iterable[Part]) -> list[Span]:
    """Find the stretches to mark, in order; where two overlap, the earlier role has the words."""
    spans: list[Span] = []
    for part in parts:
        for piece in part.evidence:
            is_here = piece.field == RECEIVED and raw[piece.start : piece.end] == piece.text
            is_free = all(piece.end <= s.start or s.end <= piece.start for s in spans)
            if is_here and is_free and 0 <= piece.start < piece.end <= MAX_LINE:
                spans.append(Span(piece.start, piece.end, part))
    return sorted(spans, key=lambda span: span.start)


def _iter_pieces(raw: str, spans: Iterable[Span]) -> Iterator[Html]:
    place = 0
    for start, end, part in spans:
        yield _unfold(raw[place:start])
        yield tag("mark", _unfold(raw[start:end]), class_=part.class_)
        place = end
    yield _unfold(raw[place : max(place, MAX_LINE)])
    if len(raw) > MAX_LINE:
        yield tag("i", f" … and {len(raw) - MAX_LINE} characters more")


def _unfold(piece: str) -> Html:
    """Break where the line was folded, whatever blanks it was folded with."""
    return lines(part.replace("\t", "    ") for part in _FOLD.split(piece))


def _quote_others(hop: Hop) -> Iterator[Html]:
    """Quote evidence that stands in other fields."""
    for part in _iter_parts(hop):
        for piece in part.evidence:
            if piece.field != RECEIVED:
                where = piece.field or "The running server"
                yield tag("p", where, ": ", tag("q", quote(piece)), f" {part.meaning}.")
