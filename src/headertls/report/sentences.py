"""Sentences that the table and the page of `Trace.explain` share."""

import re
import textwrap
from collections.abc import Iterator
from typing import Final

from headertls.models import Defect, Finding, Headline, Hop, Severity, Trace
from headertls.report import wording
from headertls.report.escape import clip, escape
from headertls.report.values import name_client, name_server

MAX_QUOTE: Final = 300
"""Characters of a message, an evidence or a defect that are shown; honest ones are shorter."""

MIN_WIDTH: Final = 40
MAX_WIDTH: Final = 100
"""Longer lines are hard to read."""

_FOLD: Final = re.compile(r"\r?\n[ \t]+")


def fit_width(width: int) -> int:
    """Keep *width* within what can be read well."""
    return min(max(width, MIN_WIDTH), MAX_WIDTH)


def wrap(paragraph: str, width: int, indent: str = "", hanging: str = "  ") -> list[str]:
    """Break *paragraph* into lines, the first after *indent*, the others after *hanging*."""
    return textwrap.wrap(
        paragraph,
        fit_width(width),
        initial_indent=indent,
        subsequent_indent=hanging,
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
            **name_ends(entry), probably=wording.CONFIDENCES[confidence]
        )
    if trace.boundary_inferred:
        return wording.INFERRED + sentence
    return capitalize(sentence)


def write_finding(trace: Trace, finding: Finding) -> str:
    """Write one finding with the hops that it is about."""
    where = _number_hops(trace, finding)
    message = clip(escape(finding.message), MAX_QUOTE)
    severity = wording.SEVERITIES[finding.severity]
    return f"{severity}{where}: {message} ({finding.code.value})"


def write_notes(trace: Trace) -> str | None:
    """Count the findings that are for information only, by code; `None` where there is none."""
    notes = [f for f in dict.fromkeys(trace.findings) if f.severity is Severity.INFO]
    if not notes:
        return None
    told = (
        code.value + "".join(_number_hops(trace, f) for f in notes if f.code is code)
        for code in dict.fromkeys(f.code for f in notes)
    )
    return f"{len(notes)} for information: {'; '.join(told)}. {wording.NOTES_HINT}"


def write_defects(trace: Trace) -> Iterator[str]:
    """Write what is odd about the message as a whole: lines may have been left out."""
    for defect in trace.defects:
        yield f"Odd about the message: {_describe_defect(defect)}."


def _number_hops(trace: Trace, finding: Finding) -> str:
    numbers = [
        str(number)
        for number, hop in enumerate(trace, 1)
        if hop.verdict and finding in hop.verdict.findings
    ]
    return f", hop {' and '.join(numbers)}" if numbers else ""


def _describe_defect(defect: Defect) -> str:
    return f"{defect.kind} ({quote(defect.text)})" if defect.text else defect.kind.value


def quote(text: str) -> str:
    r"""Quote header text as one line, escaped and of bounded length.

    >>> print(quote("(using\r\n TLSv1.3)"))
    "(using TLSv1.3)"
    """
    unfolded = _FOLD.sub(" ", text)
    return f'"{clip(escape(unfolded), MAX_QUOTE)}"'


def name_ends(hop: Hop | None) -> dict[str, str]:
    """Name client and server, also where the line does not."""
    client = name_client(hop) if hop else None
    server = name_server(hop) if hop else None
    return {"client": client or "an unnamed client", "server": server or "an unnamed server"}


def capitalize(sentence: str) -> str:
    """Write the first letter large, and leave the others, as of names, alone."""
    return sentence[0].upper() + sentence[1:]
