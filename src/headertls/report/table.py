"""A trace as a table for a terminal, one line a hop."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from types import MappingProxyType
from typing import Final, NamedTuple

from rich.cells import set_cell_size
from rich.console import Console
from rich.text import Text

from headertls.models import Hop, Severity, Trace, Transport, Trust
from headertls.report import wording
from headertls.report.rows import (
    FORMS,
    HEADS,
    Alphabet,
    Form,
    Row,
    RowWriter,
    write_legend,
)
from headertls.report.sentences import (
    wrap,
    write_defects,
    write_finding,
    write_headline,
    write_notes,
)
from headertls.report.terminal import choose_alphabet, measure, render_lines
from headertls.report.values import find_worst

MIN_NAME: Final = 6
"""Cells below which no name is shortened; a terminal too narrow for that breaks the lines."""

SEVERITY_STYLES: Final[Mapping[Severity | None, str]] = MappingProxyType(
    {
        None: "",
        Severity.INFO: "",
        Severity.LOW: "bold yellow",
        Severity.MEDIUM: "bold yellow",
        Severity.HIGH: "bold red",
        Severity.CRITICAL: "bold red",
    }
)
_GAP: Final = " "
_CLIENT: Final = Row._fields.index("client")
_SERVER: Final = Row._fields.index("server")
_PROTOCOL: Final = Row._fields.index("protocol")
_TLS: Final = Row._fields.index("tls")


def render(trace: Trace, console: Console) -> str:
    """Write *trace* as *console* can show it: the headline, a line for each hop, the findings.

    Header text never reaches the terminal raw, and is never read as markup.

    >>> render(Trace(), Console(width=80))
    'The message has no trace: it holds no Received line.'
    """
    return render_lines(_iter_lines(trace, console.width, choose_alphabet(console)), console)


def _iter_lines(trace: Trace, width: int, alphabet: Alphabet) -> Iterator[Text]:
    def paragraph(text: str, style: str) -> Iterator[Text]:
        return (Text(line, style) for line in wrap(alphabet.spell(text), width))

    yield from paragraph(write_headline(trace), "bold")
    if len(trace):
        layout = _lay_out(trace, width, alphabet)
        yield Text()
        yield from _write_table(trace, layout, alphabet)
        yield from paragraph(write_legend(trace, layout.form, alphabet), "dim")
    if trace.findings or trace.defects:
        yield Text()
    for finding in dict.fromkeys(trace.findings):
        if finding.severity is not Severity.INFO:
            yield from paragraph(f"{alphabet.flag} {write_finding(trace, finding)}", "bold")
    if notes := write_notes(trace):
        yield from paragraph(notes, "")
    for defect in write_defects(trace):
        yield from paragraph(defect, "")


class _Layout(NamedTuple):
    """A table before its cells are cut to size."""

    form: Form
    rows: Sequence[Row]
    widths: list[int]
    """The cells that each column wants."""
    room: int
    """The cells that the other columns leave to the names."""

    @property
    def fits(self) -> bool:
        """Whether names have the room that the form wants for them; the last form has no choice."""
        wanted = (self.widths[_CLIENT], self.widths[_SERVER])
        needed = sum(min(width, self.form.name_width) for width in wanted)
        return self.form is FORMS[-1] or needed <= self.room


def _lay_out(trace: Trace, width: int, alphabet: Alphabet) -> _Layout:
    writer = RowWriter(trace, alphabet)
    layouts = (_try_form(form, [HEADS, *writer.write(form)], width) for form in FORMS)
    layout = next(layout for layout in layouts if layout.fits)
    room = max(layout.room, 2 * MIN_NAME)
    client, server = layout.widths[_CLIENT], layout.widths[_SERVER]
    # Fair shares, but what one name does not need the other may have.
    layout.widths[_CLIENT] = min(client, max(room // 2, room - server))
    layout.widths[_SERVER] = min(server, room - layout.widths[_CLIENT])
    return layout


def _try_form(form: Form, rows: Sequence[Row], width: int) -> _Layout:
    widths = [max(map(measure, column)) for column in zip(*rows, strict=True)]
    widths[_PROTOCOL] = min(widths[_PROTOCOL], form.protocol_width)
    widths[_TLS] = min(widths[_TLS], form.tls_width)
    others = _add_up(widths) - widths[_CLIENT] - widths[_SERVER]
    return _Layout(form, rows, widths, room=width - others)


def _add_up(widths: Sequence[int]) -> int:
    """The width of a line; a column without width is left out, with its gap."""
    return sum(width + len(_GAP) for width in widths if width) - len(_GAP)


def _write_table(trace: Trace, layout: _Layout, alphabet: Alphabet) -> Iterator[Text]:
    styles = ({"": "bold"}, *map(_find_styles, trace))
    claims = sum(hop.verdict is not None and hop.verdict.trust is Trust.CLAIM for hop in trace)
    for place, (row, style) in enumerate(zip(layout.rows, styles, strict=True)):
        yield _write_line(row, layout.widths, style, alphabet)
        # Claims are the oldest lines, so they stand first, below the head.
        if claims and place == claims:
            yield Text(_draw_boundary(layout.widths, alphabet), "dim")


def _write_line(
    row: Row, widths: Sequence[int], style: Mapping[str, str], alphabet: Alphabet
) -> Text:
    cells = {
        column: _fit(_shorten(cell, width, alphabet.dots), width)
        for column, cell, width in zip(Row._fields, row, widths, strict=True)
        if width
    }
    line = Text(_GAP.join(cells.values()).rstrip(), style[""])
    start = 0
    for column, cell in cells.items():
        if column in style:
            line.stylize(style[column], start, start + len(cell))
        start += len(cell) + len(_GAP)
    return line


def _draw_boundary(widths: Sequence[int], alphabet: Alphabet) -> str:
    width = _add_up(widths)
    name, note = wording.BOUNDARY_NAME, wording.BOUNDARY_NOTE
    line = f"{alphabet.rule * 2} {name}: {note} "
    if len(line) > width:
        line = f"{alphabet.rule * 2} {name} "
    return line.ljust(width, alphabet.rule)


def _find_styles(hop: Hop) -> Mapping[str, str]:
    """The style of the whole line, as that of column "", and of single columns."""
    if hop.verdict is None:
        return {"": ""}
    loud = SEVERITY_STYLES[find_worst(hop)]
    if not loud and hop.verdict.transport is Transport.ENCRYPTED:
        loud = "green"
    return {
        "": "dim" if hop.verdict.trust is Trust.CLAIM else "",
        "hop": SEVERITY_STYLES[find_worst(hop)],
        "verdict": loud,
    }


def _shorten(text: str, width: int, dots: str) -> str:
    """Leave out the middle of *text*: of a host name, the end tells most."""
    if measure(text) <= width:
        return text
    room = width - measure(dots)
    head = _take(text, room // 3)
    return head + dots + _take(text[::-1], room - measure(head))[::-1]


def _take(text: str, width: int) -> str:
    """The start of *text* that fits into *width* cells."""
    if text.isascii():
        return text[:width]
    return text[: sum(end <= width for end in accumulate(map(measure, text)))]


def _fit(text: str, width: int) -> str:
    return text.ljust(width) if text.isascii() else set_cell_size(text, width)
