"""Views for notebooks: each holds its own style, no script, no identifier and no reference.

Without identifiers no two views of a page can collide, and a view is the same each time it is
made. TeX is not set: a header may hold dollar signs.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple, TypeAlias, cast

from headertls.models import Evidence, Finding, Hop, Trace, Verdict
from headertls.models.traces import iter_traces
from headertls.report import wording
from headertls.report.escape import clip, escape
from headertls.report.sentences import MAX_QUOTE, write_defects, write_headline
from headertls.report.spans import MEANINGS, Role
from headertls.report.values import find_grade
from headertls.report.web import labels
from headertls.report.web.line import draw_key, quote
from headertls.report.web.markup import Content, Html, join, style, tag
from headertls.report.web.path import (
    draw_grade,
    draw_hop,
    draw_path,
    draw_strip,
    draw_transport,
    find_class,
)

ROOT_CLASS: Final = "htls tex2jax_ignore mathjax_ignore"

Traces: TypeAlias = Trace | Iterable[Trace] | Mapping[str, Trace]
"""One trace, several, or several by name."""


class Named(NamedTuple):
    """A trace and what it is called."""

    name: str
    trace: Trace


class View:
    """Several traces, to be looked at in a notebook."""

    def __init__(self, named: tuple[Named, ...]) -> None:
        self._named = named

    def __repr__(self) -> str:
        return "\n".join(f"{escape(n.name)}: {n.trace.headline.value}" for n in self._named)

    def _repr_html_(self) -> str:
        rows = tag("div", *map(draw_message, self._named))
        return _wrap(labels.TITLE_OF_MANY, rows)


def show(traces: Traces) -> View:
    """Look at several traces at once: a line for each, which opens to the whole view.

    In a notebook, let it be the last line of a cell, or hand it to `display`.

    Args:
        traces: Traces, or a mapping of names, such as those of files, to traces.

    >>> show({"draft.eml": Trace()})
    draft.eml: no_trace
    """
    return View(tuple(name_traces(traces)))


def name_traces(traces: Traces) -> Iterator[Named]:
    """Give each trace with its name, or with its place where it has none.

    >>> [name for name, _ in name_traces([Trace(), Trace()])]
    ['message 1', 'message 2']
    """
    if isinstance(traces, Mapping):
        yield from itertools.starmap(Named, cast("Mapping[str, Trace]", traces).items())
    else:
        numbered = enumerate(iter_traces(traces), 1)
        yield from (Named(f"message {number}", trace) for number, trace in numbered)


def view_trace(trace: Trace) -> str:
    """Write the view of a trace: the headline, the path, the findings."""
    return _wrap(labels.TITLE, draw_banner(trace), draw_body(trace))


def view_hop(hop: Hop) -> str:
    """Write the view of one hop."""
    findings = hop.verdict.findings if hop.verdict else ()
    path = tag("ol", draw_hop(hop), class_="htls-path", role="list")
    return _wrap(labels.HOP, path, _draw_findings((finding, "") for finding in findings))


def view_verdict(verdict: Verdict) -> str:
    """Write the view of a verdict: what it says, and on what it rests."""
    facts = (
        ("kind", wording.KINDS[verdict.kind]),
        ("scope", wording.PLACES[verdict.scope]),
        ("confidence", verdict.confidence and verdict.confidence.value),
        ("trust", verdict.trust and verdict.trust.value),
        ("rule", verdict.rule),
    )
    hop = Hop(raw="", verdict=verdict)
    grade = find_grade(hop)
    head = (draw_transport(hop), draw_grade(grade) if grade else None)
    return _wrap(
        labels.VERDICT,
        tag(
            "div",
            join((*head, *(f"{name} {fact}" for name, fact in facts if fact)), " · "),
            class_=find_class(hop),
        ),
        tag("p", verdict.reason),
        _quote_all(MEANINGS[Role.FOR], verdict.evidence_for),
        _quote_all(MEANINGS[Role.AGAINST], verdict.evidence_against),
        _draw_findings((finding, "") for finding in verdict.findings),
    )


def draw_banner(trace: Trace) -> Html:
    """Draw the headline."""
    return tag(
        "div",
        tag("strong", labels.HEADLINES[trace.headline]),
        " ",
        tag("span", write_headline(trace)),
        class_=f"htls-banner {labels.HEADLINE_CLASSES[trace.headline]}",
    )


def draw_body(trace: Trace) -> Html:
    """Draw the path, the findings, and what is odd about the message."""
    found = ((finding, _number_hops(trace, finding)) for finding in dict.fromkeys(trace.findings))
    return join(
        (
            draw_path(trace) if len(trace) else None,
            tag("p", labels.KEY, draw_key(Role.FOR), ".", class_="htls-key")
            if len(trace)
            else None,
            _draw_findings(found) if trace.findings else tag("p", labels.NO_FINDINGS),
            *(tag("p", defect) for defect in write_defects(trace)),
        )
    )


def draw_message(named: Named, *more: Content, is_open: bool = False) -> Html:
    """Draw one message among others: a line that opens to the whole, with *more* at its end."""
    trace = named.trace
    return tag(
        "details",
        tag("summary", draw_row(named), class_=labels.HEADLINE_CLASSES[trace.headline]),
        draw_banner(trace),
        draw_body(trace),
        *more,
        class_="htls-message",
        open=is_open,
    )


def draw_row(named: Named) -> Html:
    """Draw one message as a row: its name, its path, its headline, the gravest finding."""
    trace, worst = named.trace, named.trace.worst
    parts = (
        tag("bdi", clip(named.name, MAX_QUOTE), class_="htls-name"),
        draw_strip(trace),
        tag("b", labels.HEADLINES[trace.headline], class_="htls-word"),
        tag("b", wording.SEVERITIES[worst], class_=_rank(worst)) if worst else tag("i"),
    )
    return join(parts, " ")


@cache
def read_style() -> str:
    """Read the sheet, without its comments and indents."""
    sheet = (files("headertls.report.web") / "style.css").read_text(encoding="utf-8")
    return "".join(line.strip() for line in sheet.splitlines() if not line.startswith("/*"))


def _wrap(name: str, *content: Content) -> str:
    root = tag("div", *content, class_=ROOT_CLASS, role="group", aria_label=name)
    return join((style(read_style()), root)).text


def _draw_findings(found: Iterable[tuple[Finding, str]]) -> Html | None:
    items = [
        tag(
            "li",
            tag("b", wording.SEVERITIES[finding.severity], class_=_rank(finding.severity)),
            f" {where}: " if where else " ",
            clip(finding.message, MAX_QUOTE),
            " ",
            tag("code", finding.code.value),
        )
        for finding, where in found
    ]
    if not items:
        return None
    return tag("ul", *items, class_="htls-findings", role="list", aria_label=labels.FINDINGS)


def _rank(severity: str) -> str:
    return f"htls-sev htls-{severity}"


def _number_hops(trace: Trace, finding: Finding) -> str:
    numbers = [
        str(number)
        for number, hop in enumerate(trace, 1)
        if hop.verdict and finding in hop.verdict.findings
    ]
    return f"hop {' and '.join(numbers)}" if numbers else ""


def _quote_all(meaning: str, evidence: Iterable[Evidence]) -> Html | None:
    quotes = [tag("q", quote(piece)) for piece in evidence]
    return tag("p", join(quotes, ", "), f" {meaning}") if quotes else None
