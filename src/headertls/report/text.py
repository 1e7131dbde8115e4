"""The page that `Trace.explain` writes: how a message came in, hop by hop, and how we know."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from headertls.models import Counts, Trace, Transport
from headertls.report import page_wording
from headertls.report.advice import ADVICE
from headertls.report.around import write_around, write_limits
from headertls.report.hop_text import draw_boundary, is_claim, iter_hops, write_hop, write_title
from headertls.report.sentences import (
    name_ends,
    wrap,
    write_defects,
    write_finding,
    write_headline,
)
from headertls.report.values import find_entry, show

_INDENT: Final = "  "
_HANGING: Final = "    "


def explain(trace: Trace, *, width: int = 80) -> str:
    r"""Tell in sentences what happened at each hop and how we know, and what was found.

    Header text is shown so that it cannot steer a terminal.

    Args:
        trace: Of one message.
        width: Columns to which the text is wrapped.

    >>> print(explain(Trace()).partition("\n")[0])
    The message has no trace: it holds no Received line.
    """
    sections = [_write_opening(trace, width)]
    if len(trace):
        sections.append(["HOP BY HOP", *_write_hops(trace, width)])
    sections += [
        ["FINDINGS", *_write_findings(trace, width)],
        ["AROUND THE TRANSPORT", *_list_points(write_around(trace), width)],
        ["WHAT CANNOT BE CONCLUDED", *_list_points(write_limits(trace), width)],
    ]
    return "\n\n".join("\n".join(section) for section in sections)


def _write_opening(trace: Trace, width: int) -> list[str]:
    paragraphs = [write_headline(trace)]
    if len(trace):
        paragraphs += ["", _write_writer(trace), "", _write_counts(trace)]
    return list(chain.from_iterable(wrap(text, width, hanging="") or [""] for text in paragraphs))


def _write_writer(trace: Trace) -> str:
    """Write who wrote the line of the entry, and how that is known."""
    known = page_wording.SERVING if trace.hops[-1].live else page_wording.DECLARED
    drawn = page_wording.INFERRED if trace.boundary_inferred else known
    number = find_entry(trace)
    if number is None or trace.entry is None:
        return f"{page_wording.NO_ENTRY} {drawn}"
    pattern = page_wording.LIVE_WRITER if trace.entry.live else page_wording.WRITER
    told = pattern.format(number=number, count=len(trace), server=name_ends(trace.entry)["server"])
    return f"{told} {drawn}"


def _write_counts(trace: Trace) -> str:
    trusted = f"Lines of own servers: {_count(trace.trusted_counts)}."
    if trace.counts == trace.trusted_counts:
        return f"{trusted} There are no others."
    return f"{trusted} All lines, claims among them: {_count(trace.counts)}."


def _count(counts: Counts) -> str:
    """Write how many lines there are of each sort; of none at all, that it proves nothing."""
    numbers = {transport: getattr(counts, transport.value) for transport in Transport}
    told = [
        page_wording.COUNTED[which].format(number) for which, number in numbers.items() if number
    ]
    if not told:
        return page_wording.NO_LINES
    listed = f"{sum(numbers.values())} ({', '.join(told)})"
    if any(number for which, number in numbers.items() if which is not Transport.NOT_APPLICABLE):
        return listed
    return f"{listed}, {page_wording.NO_CONNECTION}"


def _write_hops(trace: Trace, width: int) -> Iterator[str]:
    yield from wrap(f"{page_wording.ORDER} {_write_list(trace)}", width, hanging="")
    is_below = False
    for number, hop in iter_hops(trace):
        yield ""
        if is_claim(hop) and not is_below:
            is_below = True
            yield from draw_boundary(trace, width)
            yield ""
        yield from wrap(write_title(trace, number, hop), width)
        for text in write_hop(hop, trace.profile):
            yield from wrap(text, width, _INDENT, _HANGING)


def _write_list(trace: Trace) -> str:
    named = page_wording.LISTS.get(trace.profile)
    return page_wording.GRADED.format(list=named or show(trace.profile))


def _write_findings(trace: Trace, width: int) -> Iterator[str]:
    findings = dict.fromkeys(trace.findings)
    if not findings:
        yield "None."
    told = set[str]()
    for finding in findings:
        yield from wrap(write_finding(trace, finding), width)
        # said once, however many hops have it
        if finding.code not in told:
            told.add(finding.code)
            advice = ADVICE[finding.code]
            yield from wrap(f"What it means: {advice.meaning}", width, _INDENT, _HANGING)
            yield from wrap(f"What to do: {advice.action}", width, _INDENT, _HANGING)
    for defect in write_defects(trace):
        yield from wrap(defect, width)


def _list_points(points: Iterable[str], width: int) -> Iterator[str]:
    for point in points:
        yield from wrap(f"- {point}", width)
