"""The report: one file that holds everything, to be attached to a ticket or printed."""

from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from typing import Final

from headertls.models import Headline, Trace
from headertls.report import wording
from headertls.report.text import explain
from headertls.report.web import labels
from headertls.report.web.markup import Html, document, join, lines, style, tag, void
from headertls.report.web.view import (
    ROOT_CLASS,
    Named,
    Traces,
    draw_banner,
    draw_body,
    draw_message,
    draw_row,
    name_traces,
    read_style,
)

MAX_DRAWINGS: Final = 4_400_000
"""Octets of drawings in one report, so that it can be sent and opened."""

MAX_EXPLAINED: Final = 20
"""Messages up to which each is explained in sentences besides; the drawings hold the same."""

EXPLAINED_WIDTH: Final = 60
"""Columns of the explanation: its letters are of one width, and fit into a narrow window."""

MAX_OPEN: Final = 3
"""Messages up to which each is shown open."""


def html(traces: Traces, *, title: str = "") -> str:
    r"""Write a report on one message or several: a page that needs no other file and no network.

    Args:
        traces: A trace, several, or a mapping of names, such as those of files, to traces.
        title: The heading, such as a ticket's number.

    >>> html([]).partition("\n")[0]
    '<!DOCTYPE html>'
    """
    named = tuple(name_traces(traces))
    heading = title or (labels.TITLE if len(named) == 1 else labels.TITLE_OF_MANY)
    body = tag(
        "body",
        tag(
            "main",
            tag("h1", heading),
            _draw_summary([trace for _, trace in named]) if len(named) != 1 else None,
            _draw_alone(named[0]) if len(named) == 1 else _draw_all(named),
            tag("footer", tag("p", labels.ABOUT), _draw_origin(named)),
            class_=ROOT_CLASS,
        ),
        class_="htls-page",
    )
    return document(write_head(heading), body)


def write_head(title: str) -> Html:
    """Write the head of a page of ours."""
    sheet = read_style()
    digest = b64encode(sha256(sheet.encode()).digest()).decode()
    # Nothing is loaded, nothing runs, and no style but ours applies, whatever a header says.
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return join(
        (
            void("meta", charset="utf-8"),
            void("meta", http_equiv="Content-Security-Policy", content=policy),
            void("meta", name="viewport", content="width=device-width, initial-scale=1"),
            void("meta", name="referrer", content="no-referrer"),
            void("meta", name="color-scheme", content="light dark"),
            tag("title", title),
            style(sheet),
        )
    )


def _draw_origin(named: Sequence[Named]) -> Html:
    profiles = ", ".join(dict.fromkeys(trace.profile for _, trace in named))
    graded = f"; grades by {profiles}" if profiles else ""
    return tag("p", f"Written by headertls {_read_version()}{graded}.")


@cache
def _read_version() -> str:
    return version("headertls")


def _draw_alone(named: Named) -> Html:
    return tag(
        "section",
        draw_banner(named.trace),
        draw_body(named.trace),
        _draw_explanation(named.trace),
    )


def _draw_explanation(trace: Trace) -> Html:
    told = lines(explain(trace, width=EXPLAINED_WIDTH).split("\n"))
    return tag("details", tag("summary", labels.EXPLANATION), tag("pre", told), class_="htls-told")


def _draw_summary(traces: Sequence[Trace]) -> Html:
    count = len(traces)
    return tag(
        "section",
        tag("p", f"{count} message{'' if count == 1 else 's'}."),
        _draw_counts(traces),
        _draw_codes(traces),
        aria_label="Summary",
    )


def _draw_counts(traces: Sequence[Trace]) -> Html:
    counts = Counter(trace.headline for trace in traces)
    rows = [
        _draw_row(
            labels.HEADLINES[headline],
            counts[headline],
            len(traces),
            labels.HEADLINE_CLASSES[headline],
        )
        for headline in Headline
        if counts[headline]
    ]
    return tag("table", _caption("How they came in"), *rows, class_="htls-counts")


def _draw_codes(traces: Sequence[Trace]) -> Html | None:
    counts = Counter(
        kind
        for trace in traces
        for kind in {(finding.severity, finding.code) for finding in trace.findings}
    )
    kinds = sorted(counts, key=lambda kind: (-kind[0].rank, -counts[kind], kind[1]))
    rows = [
        _draw_row(
            join(
                (
                    tag("b", wording.SEVERITIES[severity], class_=f"htls-sev htls-{severity}"),
                    tag("code", code.value),
                ),
                " ",
            ),
            counts[severity, code],
            len(traces),
            "",
        )
        for severity, code in kinds
    ]
    if not rows:
        return tag("p", labels.NO_FINDINGS)
    return tag("table", _caption("Findings, by messages"), *rows, class_="htls-counts")


def _caption(words: str) -> Html:
    return tag("caption", words)


def _draw_row(name: Html | str, count: int, total: int, class_: str) -> Html:
    """A row with a bar; the sizes of a drawing are no style, so the policy lets them be."""
    share = f"{100 * count / total:.1f}%"
    bar = tag("svg", tag("rect", width=share, height="100%"), aria_hidden="true")
    return tag(
        "tr",
        tag("th", name, scope="row"),
        tag("td", str(count), class_="htls-count"),
        tag("td", bar, class_="htls-share"),
        class_=class_,
    )


def _draw_all(named: Sequence[Named]) -> Html:
    is_explained, is_open = len(named) <= MAX_EXPLAINED, len(named) <= MAX_OPEN
    drawn: dict[int, Html] = {}
    room = MAX_DRAWINGS
    for place in _order(named):
        drawing = draw_message(
            named[place],
            _draw_explanation(named[place].trace) if is_explained else None,
            is_open=is_open,
        )
        room -= len(drawing.text.encode())
        if room < 0:
            break
        drawn[place] = drawing
    left = len(named) - len(drawn)
    note = f"{left} messages, the least grave, are not drawn: the report would be too large."
    return tag(
        "section",
        tag("h2", labels.MESSAGES),
        tag("p", note) if left else None,
        *(drawn.get(place) or _draw_briefly(named[place]) for place in range(len(named))),
    )


def _draw_briefly(named: Named) -> Html:
    """A row for a message for whose drawing there is no room."""
    class_ = labels.HEADLINE_CLASSES[named.trace.headline]
    row = tag("div", draw_row(named), class_=f"htls-row {class_}")
    return tag("div", row, class_="htls-message")


def _order(named: Sequence[Named]) -> Iterable[int]:
    """The places of the messages, those with the gravest findings first: these are drawn."""

    def weigh(place: int) -> int:
        worst = named[place].trace.worst
        return -worst.rank if worst else 1

    return sorted(range(len(named)), key=weigh)
