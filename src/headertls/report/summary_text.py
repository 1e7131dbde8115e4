"""A summary as text, for terminals and for files."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from headertls.models.summary import Summary
from headertls.report.escape import clip
from headertls.report.sentences import wrap
from headertls.report.summary import Section, list_sections, write_opening

ROWS: Final = 12
"""Rows of a section that are shown."""

_GAP: Final = "  "
_MIN_CELL: Final = 12


def write_summary(summary: Summary, *, width: int = 80) -> str:
    r"""Write what a scan says, section by section.

    Args:
        summary: Of the scan.
        width: Columns that the text may take.

    >>> write_summary(Summary(read=2))
    '2 messages: 2 read.'
    """
    return write_sections(write_opening(summary), list_sections(summary, ROWS), width=width)


def write_sections(opening: str, sections: Iterable[Section], *, width: int = 80) -> str:
    """Write an *opening*, and *sections* below it.

    >>> print(write_sections("All.", [Section("One", ("", "lines"), (("a", "2"),))]))
    All.
    <BLANKLINE>
    ONE
       lines
    a      2
    """
    return "\n\n".join([opening, *("\n".join(_write_section(s, width)) for s in sections)])


def _write_section(section: Section, width: int) -> Iterator[str]:
    yield section.title.upper()
    rows = [section.heads, *section.rows]
    widths = _fit([max(map(len, column)) for column in zip(*rows, strict=True)], width)
    for row in rows:
        cells = (
            _set(cell, size, is_number=section.is_number(column))
            for column, (cell, size) in enumerate(zip(row, widths, strict=True))
        )
        yield _GAP.join(cells).rstrip()
    if section.left:
        yield f"({section.left:,} more)"
    yield from wrap(section.note, width, hanging="")


def _set(cell: str, size: int, *, is_number: bool) -> str:
    short = clip(cell, size)
    return short.rjust(size) if is_number else short.ljust(size)


def _fit(widths: Sequence[int], width: int) -> list[int]:
    """Take from the widest columns until all fit."""
    fitted = list(widths)
    room = width - len(_GAP) * (len(fitted) - 1)
    while sum(fitted) > room and max(fitted) > _MIN_CELL:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted
