"""Markup that cannot be injected: text becomes markup in this module, and nowhere else.

A header is what strangers wrote. All text that is not `Html` is escaped where it meets an element,
so forgetting to escape is not possible; the standard library's `html.escape` does the work. A
template engine would do the same, but views are wanted wherever the library is installed, and a
few nested elements need no templates.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape as escape_markup
from typing import Final, TypeAlias

from headertls.report.escape import escape


@dataclass(frozen=True, slots=True)
class Html:
    """Markup, ready to be shown. It is made by the functions of this module only."""

    text: str


Content: TypeAlias = Html | str | None
"""What an element may hold: markup as it is, text to be escaped, or nothing."""

_NAME: Final = re.compile(r"[A-Za-z0-9-]+")


def text(value: str) -> Html:
    r"""Escape *value*: as markup, and what steers a screen or turns its writing direction.

    >>> text("<b>\x1b[31m\u202e&")
    Html(text='&lt;b&gt;\\x1b[31m\\u202e&amp;')
    """
    return Html(_escape(value))


def lines(value: Iterable[str]) -> Html:
    r"""Escape each line, and set them below each other.

    >>> lines(["a", "<b>"])
    Html(text='a\n&lt;b&gt;')
    """
    return Html("\n".join(map(_escape, value)))


def join(parts: Iterable[Content], separator: str = "") -> Html:
    """Put *parts* behind each other; what is nothing leaves no separator."""
    shown = filter(None, map(_render, parts))
    return Html((_escape(separator) if separator else "").join(shown))


def tag(name: str, /, *content: Content, **attributes: str | bool) -> Html:
    """Make an element.

    Args:
        name: Of the element; no text of a header.
        content: Text is escaped.
        attributes: `class_` for `class`, `aria_label` for `aria-label`. True writes the name
            alone, False and the empty text leave it out.

    >>> tag("a", "<b>", href="#x", class_="y", hidden=False)
    Html(text='<a href="#x" class=y>&lt;b&gt;</a>')
    """
    inside = "".join(map(_render, content))
    return Html(f"<{name}{_write_attributes(attributes)}>{inside}</{name}>")


def void(name: str, /, **attributes: str | bool) -> Html:
    """Make an element that holds nothing, such as `meta`."""
    return Html(f"<{name}{_write_attributes(attributes)}>")


def style(sheet: str) -> Html:
    """Make a style element of a sheet of our own."""
    return Html(f"<style>{sheet}</style>")


def document(head: Html, body: Html) -> str:
    """Write a whole page."""
    page = tag("html", tag("head", head), body, lang="en")
    return f"<!DOCTYPE html>\n{page.text}\n"


def _escape(value: str) -> str:
    return escape_markup(escape(value))


def _render(part: Content) -> str:
    if isinstance(part, Html):
        return part.text
    return _escape(part) if part else ""


def _write_attributes(attributes: dict[str, str | bool]) -> str:
    if not attributes:
        return ""
    written: list[str] = []
    for key, value in attributes.items():
        name = key.rstrip("_").replace("_", "-")
        if value is True:
            written.append(f" {name}")
        elif value:
            shown = _escape(value)
            # HTML, 13.1.2.3: a name needs no quotes, and reports hold thousands
            written.append(f" {name}={shown}" if _NAME.fullmatch(shown) else f' {name}="{shown}"')
    return "".join(written)
