"""A trace in sentences."""

import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import Final

from headertls.models import Defect, Finding, Headline, Hop, Trace, Transport, Trust, Verdict
from headertls.report import wording
from headertls.report.escape import clip, escape
from headertls.report.values import (
    find_entry,
    find_grade,
    format_time,
    name_client,
    name_server,
    show,
    spell_delay,
)

MAX_QUOTE: Final = 300
"""Characters of a message, an evidence or a defect that are shown; honest ones are shorter."""

MIN_WIDTH: Final = 40
MAX_WIDTH: Final = 100
"""Longer lines are hard to read."""

_FOLD: Final = re.compile(r"\r?\n[ \t]+")


def explain(trace: Trace, *, width: int = 80) -> str:
    """Tell in sentences what happened at each hop and how we know, and what was found.

    Header text is shown so that it cannot steer a terminal.

    Args:
        trace: Of one message.
        width: Columns to which the text is wrapped.

    >>> print(explain(Trace()))
    The message has no trace: it holds no Received line.
    <BLANKLINE>
    Findings: none.
    """
    entry = find_entry(trace)
    groups = (
        [write_headline(trace)],
        [
            _explain_hop(hop, number, is_entry=number == entry)
            for number, hop in enumerate(trace, 1)
        ],
        ["Findings:" if trace.findings else "Findings: none.", *write_findings(trace)],
        list(write_defects(trace)),
    )
    return "\n\n".join("\n".join(_wrap_all(group, width)) for group in groups if group)


def wrap(paragraph: str, width: int) -> list[str]:
    """Break *paragraph* into lines, the later ones indented."""
    return textwrap.wrap(
        paragraph,
        min(max(width, MIN_WIDTH), MAX_WIDTH),
        subsequent_indent="  ",
        break_on_hyphens=False,
    )


def write_heading(name: str) -> str:
    r"""Write the heading of one message among several.

    >>> write_heading("inbox/\x1b[2J.eml")
    '== inbox/\\x1b[2J.eml =='
    """
    return f"== {clip(escape(name), MAX_QUOTE)} =="


def write_headline(trace: Trace) -> str:
    """Write how the message came in, in one sentence.

    >>> write_headline(Trace())
    'The message has no trace: it holds no Received line.'
    """
    entry = trace.entry
    if entry is None and trace.headline not in {Headline.INTERNAL_ONLY, Headline.NO_TRACE}:
        sentence = wording.GAP
    else:
        confidence = entry.verdict.confidence if entry and entry.verdict else None
        sentence = wording.HEADLINES[trace.headline].format(
            **_name_ends(entry), probably=wording.CONFIDENCES[confidence]
        )
    if trace.boundary_inferred:
        return wording.INFERRED + sentence
    return _capitalize(sentence)


def write_findings(trace: Trace) -> Iterator[str]:
    """Write each finding, the gravest first, with the hops that it is about."""
    for finding in dict.fromkeys(trace.findings):
        where = _number_hops(trace, finding)
        message = clip(escape(finding.message), MAX_QUOTE)
        severity = wording.SEVERITIES[finding.severity]
        yield f"{severity}{where}: {message} ({finding.code.value})"


def write_defects(trace: Trace) -> Iterator[str]:
    """Write what is odd about the message as a whole: lines may have been left out."""
    for defect in trace.defects:
        yield f"Odd about the message: {_describe_defect(defect)}."


def _wrap_all(paragraphs: Iterable[str], width: int) -> Iterator[str]:
    for paragraph in paragraphs:
        yield from wrap(paragraph, width)


def _number_hops(trace: Trace, finding: Finding) -> str:
    numbers = [
        str(number)
        for number, hop in enumerate(trace, 1)
        if hop.verdict and finding in hop.verdict.findings
    ]
    return f", hop {' and '.join(numbers)}" if numbers else ""


def _describe_defect(defect: Defect) -> str:
    return f"{defect.kind} ({_quote(defect.text)})" if defect.text else defect.kind.value


def _explain_hop(hop: Hop, number: int, *, is_entry: bool) -> str:
    sentences = [f"{number}. {_write_time(hop)}: {_write_event(hop)}."]
    if hop.verdict:
        sentences += [escape(hop.verdict.reason), _write_grounds(hop, hop.verdict)]
    if is_entry:
        sentences.append(wording.ENTRY)
    if hop.defects:
        kinds = dict.fromkeys(defect.kind.value for defect in hop.defects)
        sentences.append(f"Odd about the line: {', '.join(kinds)}.")
    return " ".join(sentences)


def _write_time(hop: Hop) -> str:
    time = format_time(hop.timestamp, "%Y-%m-%d %H:%M:%S UTC") or "no time told"
    delay = hop.verdict.delay if hop.verdict else None
    return time if delay is None else f"{time} ({spell_delay(delay)})"


def _write_event(hop: Hop) -> str:
    ends = _name_ends(hop)
    if hop.verdict is None:
        return "{server} took the message from {client}".format(**ends)
    claim = wording.CLAIM if hop.verdict.trust is Trust.CLAIM else ""
    where = wording.SCOPES[hop.verdict.scope]
    return claim + wording.EVENTS[hop.verdict.kind].format(**ends, where=where)


def _write_grounds(hop: Hop, verdict: Verdict) -> str:
    """Say how we know."""
    told = _quote_evidence(hop, verdict)
    rule = f"rule {verdict.rule}"
    confidence = f", confidence {verdict.confidence}" if verdict.confidence else ""
    return f"How we know: {told}{rule}{confidence}."


def _quote_evidence(hop: Hop, verdict: Verdict) -> str:
    quotes = [_quote(evidence.text) for evidence in hop.tls.evidence] if hop.tls else []
    if quotes:
        grade = find_grade(hop)
        graded = f", graded {grade}" if grade else ""
        return f"the line says {' and '.join(quotes)}{graded}; "
    if hop.protocol and verdict.transport is not Transport.NOT_APPLICABLE:
        return f'the protocol word is "{show(hop.protocol)}"; '
    return ""


def _quote(text: str) -> str:
    unfolded = _FOLD.sub(" ", text)
    return f'"{clip(escape(unfolded), MAX_QUOTE)}"'


def _name_ends(hop: Hop | None) -> dict[str, str]:
    client = name_client(hop) if hop else None
    server = name_server(hop) if hop else None
    return {"client": client or "an unnamed client", "server": server or "an unnamed server"}


def _capitalize(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]
