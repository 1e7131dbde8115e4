"""Texts of lines that no rule knows, counted by their form.

A form is the text with placeholders for whatever is somebody's: see `redaction.templates`.
"""

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Final, NamedTuple

from headertls.classifier.families import is_known_comment, is_known_product, is_known_word
from headertls.classifier.products import iter_leading_names, read_product
from headertls.classifier.writers import find_writer
from headertls.corpus.tally import Sort, Tally
from headertls.models import DefectKind, EvidenceKind, Hop, Trace, Trust
from headertls.models.forms import FormKind
from headertls.parser.software import MARKERS, PROTOCOL_MARKERS, find_product
from headertls.redaction.templates import make_template, write_form, write_line_form

UNREAD: Final = frozenset({FormKind.TLS, FormKind.LINE, FormKind.WORDS})
"""Kinds for which a part of a line was not read."""


class Unknown(NamedTuple):
    """A text as it stands in a line."""

    kind: FormKind
    text: str


def count_unread_forms(tally: Tally, trace: Trace, place: str) -> None:
    """Count what was not read of *trace*, with the place of the first message that has it."""
    for hop in trace.hops:
        if hop.unparsed or hop.defects:
            unread = [found for found in iter_unknown(hop) if found.kind in UNREAD]
            for key in sorted(_write_keys(unread, trace)):
                tally.count_at(place, Sort.FORM, *key)


def count_forms(tally: Tally, trace: Trace) -> None:
    """Count all that no rule knows of *trace*, with the form of the first line that has it."""
    for hop in trace.hops:
        tally.count(Sort.LINE, "")
        is_own = hop.verdict is not None and hop.verdict.trust is not Trust.CLAIM
        for key in sorted(_write_keys(iter_unknown(hop), trace)):
            if tally.find_example(Sort.FORM, *key) is None:
                line = write_line_form(hop, make_template(trace.hops))
                tally.count_at(line, Sort.FORM, *key)
            else:
                tally.count(Sort.FORM, *key)
            if is_own:
                tally.count(Sort.OWN_FORM, *key)


def iter_unknown(hop: Hop) -> Iterator[Unknown]:
    """Give the texts of *hop* that no rule knows.

    >>> from headertls import parse_received
    >>> line = "from a.example by b.example (Foomail 3) with FOO id 1 (bar); x"
    >>> [(found.kind.value, found.text) for found in iter_unknown(parse_received(line))]
    [('protocol', 'FOO'), ('product', 'Foomail 3'), ('comment', 'bar')]
    """
    if any(defect.kind is DefectKind.NO_CLAUSES for defect in hop.defects):
        yield Unknown(FormKind.LINE, hop.raw)
        return
    speaking = [d.text for d in hop.defects if d.kind is DefectKind.TLS_TEXT_UNREAD]
    yield from (Unknown(FormKind.TLS, text) for text in speaking)
    if hop.protocol and not is_known_word(hop.protocol) and not _tells_of_tls(hop):
        yield Unknown(FormKind.PROTOCOL, hop.protocol)
    words = " ".join(hop.unparsed)
    if words and words not in speaking:
        yield Unknown(FormKind.WORDS, words)
    software = hop.server.software if hop.server else None
    if software and find_writer(hop) is None and not _is_known_software(software):
        yield Unknown(FormKind.PRODUCT, software)
    for comment in hop.comments:
        if comment not in speaking and not _is_known_comment(comment):
            yield Unknown(FormKind.COMMENT, comment)


def _write_keys(unknown: Iterable[Unknown], trace: Trace) -> set[tuple[str, str]]:
    """Write the forms of what is unknown in one line; most lines have none."""
    found = list(unknown)
    if not found:
        return set()
    template = make_template(trace.hops)
    return {(kind.value, write_form(text, template)) for kind, text in found}


def _tells_of_tls(hop: Hop) -> bool:
    """Tell whether the words behind `with` were read as words of TLS."""
    evidence = hop.tls.evidence if hop.tls else ()
    return any(piece.kind is EvidenceKind.PROTOCOL for piece in evidence)


@lru_cache(maxsize=2048)
def _is_known_comment(text: str) -> bool:
    return is_known_comment(text) or find_product(text) is not None


@lru_cache(maxsize=2048)
def _is_known_software(software: str) -> bool:
    if is_known_comment(software):  # (`[unix socket]`), behind `by`
        return True
    names = iter_leading_names(read_product(software).name)
    return any(is_known_product(name) or name in _list_marked_products() for name in names)


@cache
def _list_marked_products() -> frozenset[str]:
    """Products that the parser knows, be it only to find the name in a comment."""
    return frozenset(
        name.lower() for name in (*(row.name for row in MARKERS), *PROTOCOL_MARKERS.values())
    )
