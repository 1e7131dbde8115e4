"""The lines of a trace for a terminal, as they stand in the header, with the deciding words marked.

Where the terminal has colours, the words themselves are set off; elsewhere signs stand below them,
so that a line can be copied as it is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Final, NamedTuple

from rich.console import Console
from rich.text import Text

from headertls.models import Hop, Trace
from headertls.report import page_wording
from headertls.report.escape import escape
from headertls.report.hop_text import draw_boundary, is_claim, iter_hops, write_title, write_verdict
from headertls.report.rows import Alphabet
from headertls.report.sentences import MIN_WIDTH, quote, wrap
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
from headertls.report.terminal import choose_alphabet, is_coloured, measure, render_lines

SIGNS: Final[Mapping[Role | None, str]] = MappingProxyType(
    {None: " ", Role.FOR: "^", Role.AGAINST: "-", Role.FOUND: "=", Role.TOLD: "^"}
)
"""What stands below the words."""

STYLES: Final[Mapping[Role | None, str]] = MappingProxyType(
    {
        None: "",
        Role.FOR: "bold underline",
        Role.AGAINST: "dim underline",
        Role.FOUND: "bold yellow underline",
        Role.TOLD: "bold underline",
    }
)
_INDENT: Final = "  "
_TAB: Final = "    "


class _Page(NamedTuple):
    """What all lines have in common."""

    width: int
    alphabet: Alphabet
    is_coloured: bool


class _Letter(NamedTuple):
    """A character as it is shown, which is more than one where it would steer the terminal."""

    text: str
    role: Role | None
    cells: int


def render_raw(trace: Trace, console: Console) -> str:
    """Write the lines of *trace* newest first, each with its verdict; nothing where there is none.

    A margin is drawn along the lines: nothing that a sender wrote can pass for our own words.

    >>> render_raw(Trace(), Console(width=80))
    ''
    """
    page = _Page(max(console.width, MIN_WIDTH), choose_alphabet(console), is_coloured(console))
    return render_lines(_iter_lines(trace, page), console)


def _iter_lines(trace: Trace, page: _Page) -> Iterator[Text]:
    if not len(trace):
        return
    yield from _wrap(page_wording.RAW, page, "bold")
    yield from _draw_key(trace, page)
    is_below = False
    for number, hop in iter_hops(trace):
        yield Text()
        if is_claim(hop) and not is_below:
            is_below = True
            yield from (Text(line, "dim") for line in draw_boundary(trace, page.width))
            yield Text()
        yield from _wrap(write_title(trace, number, hop), page, "bold")
        yield from _draw_hop(hop, page)


def _wrap(text: str, page: _Page, style: str = "", indent: str = "") -> Iterator[Text]:
    told = wrap(page.alphabet.spell(text), page.width, indent, indent + _INDENT)
    return (Text(line, style) for line in told)


def _draw_key(trace: Trace, page: _Page) -> Iterator[Text]:
    """Show each sort of marks on the words that tell its meaning."""
    roles = {span.role for hop in trace for span in find_spans(hop)}
    for role in filter(roles.__contains__, Role):
        yield from _draw_line(list(_spell(MEANINGS[role], role, page.alphabet)), _INDENT, page)


def _draw_hop(hop: Hop, page: _Page) -> Iterator[Text]:
    if not hop.raw:
        yield from _wrap(page_wording.NO_LINE, page, indent=_INDENT)
    for line in _split(cut(hop.raw, find_spans(hop)), page.alphabet):
        margin = page.alphabet.margin
        for part in _break(line, page.width - len(_INDENT)):
            yield from _draw_line(part, f"{margin} ", page)
            margin = page.alphabet.margin_again
    if (left := len(hop.raw) - MAX_LINE) > 0:
        yield from _wrap(f"... and {left} characters more", page, indent=_INDENT)
    if hop.verdict:
        yield from _wrap(write_verdict(hop.verdict), page, indent=_INDENT)
    for role, evidence in iter_elsewhere(hop):
        where = escape(evidence.field).title() if evidence.field else "The running server"
        told = f"{where}: {quote(evidence.text)} {MEANINGS[role]}."
        yield from _wrap(told, page, indent=_INDENT)


def _split(pieces: Iterable[Piece], alphabet: Alphabet) -> Iterator[list[_Letter]]:
    """Give the letters of each line of a field: it goes on in a new one where it was folded."""
    line: list[_Letter] = []
    for text, role in pieces:
        first, *others = FOLD.split(text)
        line += _spell(first, role, alphabet)
        for other in others:
            yield line
            words = other.lstrip(" \t")
            blanks = other[: len(other) - len(words)]
            line = [*_spell(blanks, None, alphabet), *_spell(words, role, alphabet)]
    if line:
        yield line


def _spell(text: str, role: Role | None, alphabet: Alphabet) -> Iterator[_Letter]:
    text = text.replace("\t", _TAB)
    if text.isascii() and text.isprintable():
        yield from (_Letter(char, role, 1) for char in text)
        return
    for char in text:
        shown = alphabet.spell(escape(char))
        yield _Letter(shown, role, measure(shown))


def _break(line: Sequence[_Letter], width: int) -> Iterator[Sequence[_Letter]]:
    """Break *line* behind a blank, or else where the room ends."""
    start = 0
    while start < len(line):
        end = _find_end(line, start, width)
        yield line[start:end]
        start = end


def _find_end(line: Sequence[_Letter], start: int, width: int) -> int:
    end, room = start, width
    while end < len(line) and (room := room - line[end].cells) >= 0:
        end += 1
    if end == len(line):
        return end
    if line[end].text == " ":
        return end + 1
    words = next((place for place in range(start, end) if line[place].text != " "), end)
    blanks = (place for place in range(end, words, -1) if line[place - 1].text == " ")
    return next(blanks, end)


def _draw_line(letters: Sequence[_Letter], margin: str, page: _Page) -> Iterator[Text]:
    shown = [
        (role, "".join(letter.text for letter in run))
        for role, run in groupby(letters, key=lambda letter: letter.role)
    ]
    if page.is_coloured:
        yield _trim(Text.assemble((margin, "dim"), *((text, STYLES[role]) for role, text in shown)))
        return
    yield _trim(Text(margin + "".join(text for _, text in shown)))
    signs = "".join(SIGNS[letter.role] * letter.cells for letter in letters)
    if signs := signs[: page.width - len(margin)].rstrip():
        yield Text(" " * len(margin) + signs)


def _trim(line: Text) -> Text:
    line.rstrip()
    return line
