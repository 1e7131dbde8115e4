"""A summary as one page that needs no other file and no network."""

from importlib.metadata import version
from typing import Final

from headertls.models.summary import Summary
from headertls.report.summary import Section, list_sections, write_opening
from headertls.report.web import labels
from headertls.report.web.markup import Html, document, tag
from headertls.report.web.page import write_head
from headertls.report.web.view import ROOT_CLASS

ROWS: Final = 200
"""Rows of a section that are shown."""

TITLE: Final = "How mail was transported"


def write_summary_page(summary: Summary, *, title: str = "") -> str:
    r"""Write a page on what a scan says.

    Args:
        summary: Of the scan.
        title: The heading.

    >>> write_summary_page(Summary(read=2)).partition("\n")[0]
    '<!DOCTYPE html>'
    """
    heading = title or TITLE
    sections = (_draw_section(section) for section in list_sections(summary, ROWS))
    origin = tag("p", f"Written by headertls {version('headertls')}.")
    footer = tag("footer", tag("p", labels.ABOUT), origin)
    main = tag(
        "main",
        tag("h1", heading),
        tag("p", write_opening(summary)),
        *sections,
        footer,
        class_=ROOT_CLASS,
    )
    return document(write_head(heading), tag("body", main, class_="htls-page"))


def _draw_section(section: Section) -> Html:
    heads = (
        tag("th", head, scope="col", class_=_find_class(section, column))
        for column, head in enumerate(section.heads)
    )
    rows = (
        tag(
            "tr",
            *(
                tag("td", cell, class_=_find_class(section, column))
                for column, cell in enumerate(row)
            ),
        )
        for row in section.rows
    )
    left = f"{section.left:,} more are not shown. " if section.left else ""
    note = f"{left}{section.note}"
    return tag(
        "section",
        tag("h2", section.title),
        tag("table", tag("tr", *heads), *rows, class_="htls-counts"),
        tag("p", note) if note else None,
    )


def _find_class(section: Section, column: int) -> str:
    return "htls-count" if section.is_number(column) else ""
