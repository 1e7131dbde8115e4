"""A trace as a table for a terminal, one line a hop."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from headertls.models import Hop, Severity, Trace, Transport, Trust
from headertls.report.rows import (
    ASCII,
    FORMS,
    HEADS,
    UNICODE,
    Alphabet,
    Form,
    Row,
    write_legend,
    write_rows,
)
from headertls.report.text import wrap, write_defects, write_findings, write_headline
from headertls.report.values import find_worst

MIN_NAME: Final = 6
"""Cells below which no name is shortened; a terminal too narrow for that breaks the lines."""

SEVERITY_STYLES: Final[Mapping[Severity | None, str]] = MappingProxyType(
    {
        None: "",
        Severity.INFO: "bold",
        Severity.LOW: "bold yellow",
        Severity.MEDIUM: "bold yellow",
        Severity.HIGH: "bold red",
        Severity.CRITICAL: "bold red",
    }
)
_GAP: Final = " "
_CLIENT: Final = Row._fields.index("client")
_SERVER: Final = Row._fields.index("server")


def render(trace: Trace, console: Console) -> str:
    """Write *trace* as *console* can show it: the headline, a line for each hop, the findings.

    Header text never reaches the terminal raw, and is never read as markup.

    >>> render(Trace(), Console(width=80))
    'The message has no trace: it holds no Received line.'
    """
    alphabet = UNICODE if console.encoding.startswith("utf") else ASCII
    with console.capture() as capture:
        for line in _iter_lines(trace, console.width, alphabet):
            # Lines have their width already: rich is not to break them once more.
            console.print(line, soft_wrap=True, highlight=False)
    return capture.get().removesuffix("\n")


def _iter_lines(trace: Trace, width: int, alphabet: Alphabet) -> Iterator[Text]:
    def paragraph(text: str, style: str) -> Iterator[Text]:
        return (Text(line, style) for line in wrap(alphabet.spell(text), width))

    yield from paragraph(write_headline(trace), "bold")
    if len(trace):
        form, rows = _choose_form(trace, alphabet, width)
        yield Text()
        yield from _write_table(trace, rows, _share_out(rows, width), alphabet)
        yield from paragraph(write_legend(trace, form, alphabet), "dim")
    if trace.findings or trace.defects:
        yield Text()
    for finding in write_findings(trace):
        yield from paragraph(f"{alphabet.flag} {finding}", "bold")
    for defect in write_defects(trace):
        yield from paragraph(defect, "")


def _choose_form(trace: Trace, alphabet: Alphabet, width: int) -> tuple[Form, Sequence[Row]]:
    *detailed, tightest = FORMS
    for form in detailed:
        rows = [HEADS, *write_rows(trace, form, alphabet)]
        widths = _measure(rows)
        wanted = sum(min(widths[name], form.name_width) for name in (_CLIENT, _SERVER))
        if wanted <= _find_room(widths, width):
            return form, rows
    return tightest, [HEADS, *write_rows(trace, tightest, alphabet)]


def _measure(rows: Sequence[Row]) -> list[int]:
    """The cells that each column takes if nothing is shortened."""
    return [max(map(cell_len, column)) for column in zip(*rows, strict=True)]


def _find_room(widths: Sequence[int], width: int) -> int:
    """The cells that the other columns leave to the names."""
    return width - sum(widths) - len(_GAP) * (len(widths) - 1) + widths[_CLIENT] + widths[_SERVER]


def _share_out(rows: Sequence[Row], width: int) -> list[int]:
    """The cells of each column: the names get what the others leave, in fair shares."""
    widths = _measure(rows)
    room = max(_find_room(widths, width), 2 * MIN_NAME)
    client, server = widths[_CLIENT], widths[_SERVER]
    # What one name does not need, the other may have.
    widths[_CLIENT] = min(client, max(room // 2, room - server))
    widths[_SERVER] = min(server, room - widths[_CLIENT])
    return widths


def _write_table(
    trace: Trace, rows: Sequence[Row], widths: Sequence[int], alphabet: Alphabet
) -> Iterator[Text]:
    styles = ({"": "bold"}, *map(_find_styles, trace))
    for row, style in zip(rows, styles, strict=True):
        line = Text(style=style[""])
        for column, cell, width in zip(Row._fields, row, widths, strict=True):
            short = _shorten(cell, width, alphabet.dots)
            line.append(set_cell_size(short, width), style.get(column))
            line.append(_GAP)
        line.rstrip()
        yield line


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
    if cell_len(text) <= width:
        return text
    room = width - cell_len(dots)
    head = _take(text, room // 3)
    return head + dots + _take(text[::-1], room - cell_len(head))[::-1]


def _take(text: str, width: int) -> str:
    """The start of *text* that fits into *width* cells."""
    taken = 0
    for place, char in enumerate(text):
        taken += cell_len(char)
        if taken > width:
            return text[:place]
    return text
