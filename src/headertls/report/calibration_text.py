"""What was learned of writers and senders, as a text with the evidence, and as notes on a site."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from headertls.models import Marking
from headertls.models.calibration import Calibration, Outcome, SenderEvidence, WriterEvidence
from headertls.models.summary import Summary
from headertls.report.escape import clip, escape
from headertls.report.sentences import wrap
from headertls.report.summary import MAX_CELL, Section, write_opening
from headertls.report.summary_text import write_sections

ROWS: Final = 40
"""Rows of a section that are shown; those of which something was learned are always shown."""

_WORDS: Final[Mapping[Outcome, str]] = MappingProxyType(
    {
        Outcome.LEARNED: "learned",
        Outcome.COVERED: "by software",
        Outcome.AGREES: "agrees",
        Outcome.CONTRADICTS: "contradicts",
        Outcome.MIXED: "mixed",
        Outcome.TOO_FEW: "too few lines",
    }
)
_TAKEN: Final = frozenset({Outcome.LEARNED, Outcome.COVERED})
_NOTABLE: Final = frozenset({Outcome.LEARNED, Outcome.CONTRADICTS, Outcome.MIXED})

INFERRED: Final = (
    "The own servers of {count:,} of the messages were inferred from the lines: a --site that names"
    " them makes sure that nobody else teaches."
)
INCOMPLETE: Final = (
    "There are more different writers and senders than can be counted apart, so nothing was"
    " learned: take part of the mail."
)
CONTRADICTION: Final = (
    "{name}: its product marks TLS, but no line has a mark, though the senders always use TLS. It"
    " offers no TLS, or TLS ends in a proxy before it (tls_terminators)."
)
DOUBT: Final = (
    "{name}: silent, though the senders always use TLS. Before you take that over, make sure that"
    " it offers TLS: of a server that does not, the silence is true."
)


class Rules(NamedTuple):
    """By what rules the findings were made, in sentences."""

    writers: str
    senders: str


def write_calibration(found: Calibration, rules: Rules, *, width: int = 80) -> str:
    """Write what was learned, with the evidence for it.

    Args:
        found: What was learned, and from what.
        rules: What is said below the tables.
        width: Columns that the text may take.
    """
    opening = write_opening(Summary(found.messages, found.unreadable, found.duplicates))
    sections = (
        _write_writers("What software marks", "software", found.software),
        _write_writers("What hosts mark", "host", found.hosts),
        _write_senders(found.senders),
    )
    text = write_sections(opening, [s for s in sections if s.rows], width=width)
    notes = (
        *((rules.writers,) if found.software or found.hosts else ()),
        *((rules.senders,) if found.senders else ()),
        *_iter_warnings(found),
    )
    return "\n\n".join((text, *("\n".join(wrap(note, width, hanging="")) for note in notes)))


def list_notes(found: Calibration) -> dict[str, str]:
    """List comments on what was learned, by the names of writers and senders."""
    notes = {
        row.name: f"{_write_silent(row)} lines known to have used TLS are unmarked"
        for row in (*found.software, *found.hosts)
        if row.outcome is Outcome.LEARNED
    }
    return notes | {
        row.domain: f"{row.encrypted:,} encrypted lines in {row.weeks:,} weeks"
        for row in found.senders
        if row.learned
    }


def _iter_warnings(found: Calibration) -> Iterator[str]:
    if not found.complete:
        yield INCOMPLETE
    if found.inferred:
        yield INFERRED.format(count=found.inferred)
    for row in found.hosts:
        if row.outcome is Outcome.CONTRADICTS:
            yield CONTRADICTION.format(name=_show(row.name))
        elif row.found is Marking.NEVER and not row.proven_unmarked and row.outcome in _TAKEN:
            yield DOUBT.format(name=_show(row.name))


def _write_writers(title: str, head: str, rows: Sequence[WriterEvidence]) -> Section:
    shown = [row for place, row in enumerate(rows) if place < ROWS or row.outcome in _NOTABLE]
    cells = tuple(
        (
            _show(row.name),
            f"{row.marked:,} of {row.marked + row.unmarked + row.proven_unmarked:,}",
            _write_silent(row),
            f"{row.senders:,}" if row.senders else "",
            "/".join(row.known) or "unknown",
            ", ".join((*((row.found.value,) if row.found else ()), _WORDS[row.outcome])),
        )
        for row in shown
    )
    heads = (head, "marked", "silent", "senders", "before", "found")
    return Section(title, heads, cells, left=len(rows) - len(shown))


def _write_silent(row: WriterEvidence) -> str:
    """Write how many of the lines that are known to have used TLS are silent."""
    silent = row.reference_unmarked + row.proven_unmarked
    known = silent + row.reference_marked
    return f"{silent:,} of {known:,}" if known else ""


def _write_senders(rows: Sequence[SenderEvidence]) -> Section:
    shown = [row for place, row in enumerate(rows) if place < ROWS or row.learned]
    cells = tuple(
        (
            _show(row.domain),
            f"{row.encrypted:,}",
            f"{row.plaintext:,}" if row.plaintext else "",
            f"{row.weeks:,}",
            "learned" if row.learned else "known" if row.known else "",
        )
        for row in shown
    )
    heads = ("sender", "encrypted", "plaintext", "weeks", "always")
    return Section("Who sends encrypted", heads, cells, left=len(rows) - len(shown))


def _show(text: str) -> str:
    return clip(escape(text), MAX_CELL)
