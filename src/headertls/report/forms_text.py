"""What no rule knows, as a text that can be sent as it is."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Final

from headertls.models.forms import Form, FormKind, Forms
from headertls.report.escape import escape
from headertls.report.sentences import wrap

_TITLES: Final[Mapping[FormKind, str]] = MappingProxyType(
    {
        FormKind.TLS: "seem to speak of TLS",
        FormKind.LINE: "lines without clauses",
        FormKind.PROTOCOL: "words behind with",
        FormKind.WORDS: "words between clauses",
        FormKind.PRODUCT: "products",
        FormKind.COMMENT: "comments",
    }
)
_INDENT: Final = "    "


def write_forms(found: Forms, *, width: int = 80) -> str:
    r"""Write the forms by kind, each with its count and a line that has it.

    Args:
        found: What no rule knows.
        width: Columns that the text may take.

    >>> form = Form(kind="comment", text="quux N", lines=2, own=1, example="by HOST (quux N)")
    >>> print(write_forms(Forms(messages=2, unreadable=0, lines=3, forms=(form,))))
    2 messages with 3 lines: 1 form that no rule knows.
    <BLANKLINE>
    COMMENTS
    2 lines, 1 of own servers: quux N
        by HOST (quux N)
    """
    parts = [_write_opening(found)]
    for kind, forms in groupby(found.forms, key=lambda form: form.kind):
        lines = (line for form in forms for line in _write_form(form, width))
        parts.append("\n".join((_TITLES[kind].upper(), *lines)))
    if found.left_out:
        parts.append(f"{found.left_out:,} lines have more forms, which were not counted apart.")
    return "\n\n".join(parts)


def _write_opening(found: Forms) -> str:
    count = len(found.forms)
    unreadable = f" ({found.unreadable:,} could not be read)" if found.unreadable else ""
    messages = "1 message" if found.messages == 1 else f"{found.messages:,} messages"
    lines = "1 line" if found.lines == 1 else f"{found.lines:,} lines"
    forms = "1 form" if count == 1 else f"{count:,} forms" if count else "no form"
    return f"{messages}{unreadable} with {lines}: {forms} that no rule knows."


def _write_form(form: Form, width: int) -> Iterator[str]:
    lines = "1 line" if form.lines == 1 else f"{form.lines:,} lines"
    own = f", {form.own:,} of own servers" if form.own else ""
    yield from wrap(f"{lines}{own}: {escape(form.text)}", width, hanging=_INDENT)
    yield from wrap(escape(form.example), width, indent=_INDENT, hanging=_INDENT)
