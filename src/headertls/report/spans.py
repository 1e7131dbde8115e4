"""The words on which a verdict and its findings rest, found in the line."""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from headertls.models import RECEIVED, Evidence, Hop

MAX_LINE: Final = 4000
"""Characters of a line that are shown; honest ones are shorter."""

FOLD: Final = re.compile(r"\r?\n(?=[ \t])")
"""Where a field goes on in the next line of the header."""


class Role(StrEnum):
    """What words do for the verdict. Of words with two roles, the one declared first counts."""

    FOR = "for"
    AGAINST = "against"
    FOUND = "found"
    TOLD = "told"
    """Where there is no verdict yet."""


MEANINGS: Final[Mapping[Role, str]] = MappingProxyType(
    {
        Role.FOR: "speaks for the verdict",
        Role.AGAINST: "speaks against it, and was outweighed",
        Role.FOUND: "is what a finding is about",
        Role.TOLD: "speaks of the transport",
    }
)


class Span(NamedTuple):
    """A stretch of the line that is marked."""

    start: int
    end: int
    role: Role


class Piece(NamedTuple):
    """A stretch of the line, marked or not."""

    text: str
    role: Role | None


def find_spans(hop: Hop) -> list[Span]:
    """Find the stretches to mark, in order; where two overlap, the earlier role has the words."""
    spans: list[Span] = []
    for role, piece in _iter_evidence(hop):
        is_here = piece.field == RECEIVED and hop.raw[piece.start : piece.end] == piece.text
        is_free = all(piece.end <= s.start or s.end <= piece.start for s in spans)
        if is_here and is_free and 0 <= piece.start < piece.end <= MAX_LINE:
            spans.append(Span(piece.start, piece.end, role))
    return sorted(spans, key=lambda span: span.start)


def cut(raw: str, spans: Sequence[Span]) -> Iterator[Piece]:
    """Cut the line *raw*, as far as it is shown, where *spans* begin and end."""
    place = 0
    for start, end, role in spans:
        yield Piece(raw[place:start], None)
        yield Piece(raw[start:end], role)
        place = end
    yield Piece(raw[place : max(place, MAX_LINE)], None)


def iter_elsewhere(hop: Hop) -> Iterator[tuple[Role, Evidence]]:
    """Give the evidence that stands in other fields, or in none."""
    return (found for found in _iter_evidence(hop) if found[1].field != RECEIVED)


def _iter_evidence(hop: Hop) -> Iterator[tuple[Role, Evidence]]:
    verdict = hop.verdict
    if verdict is None:
        told = (*(hop.tls.evidence if hop.tls else ()), *hop.marks)
        yield from ((Role.TOLD, piece) for piece in told)
        return
    yield from ((Role.FOR, piece) for piece in verdict.evidence_for)
    yield from ((Role.AGAINST, piece) for piece in verdict.evidence_against)
    for finding in verdict.findings:
        yield from ((Role.FOUND, piece) for piece in finding.evidence)
