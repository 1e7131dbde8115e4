"""The path of a message, drawn: hosts as dots on a line, and how each stretch was crossed.

Oldest hop first, as in the table. The drawing is a list of text with lines beside it, so it needs
no text alternative, breaks where a window is narrow, and can be searched and copied.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from headertls.models import Client, Grade, Hop, Trace, Transport, Trust, Verdict
from headertls.report import wording
from headertls.report.sentences import name_ends
from headertls.report.values import (
    ABSENT,
    find_entry,
    find_grade,
    find_session,
    format_time,
    format_tls,
    is_flagged,
    name_client_briefly,
    name_server,
    show,
    spell_delay,
)
from headertls.report.web import labels
from headertls.report.web.line import draw_line
from headertls.report.web.markup import Html, join, tag

_DATE: Final = "%Y-%m-%d"
_TIME: Final = "%H:%M:%S UTC"


def draw_path(trace: Trace) -> Html:
    """Draw all hops of *trace*, with the trust boundary between the hosts where it runs."""
    entry, boundary = find_entry(trace), _find_boundary(trace.hops)
    line = _draw_boundary(trace, has_claims=boundary > 1)
    items = [
        draw_hop(
            hop,
            number=number,
            after=trace.hops[number - 2] if number > 1 else None,
            boundary=line if number == boundary else None,
            is_entry=number == entry,
        )
        for number, hop in enumerate(trace, 1)
    ]
    return tag("ol", *items, class_="htls-path", role="list", aria_label=labels.PATH)


def draw_hop(
    hop: Hop,
    *,
    number: int = 0,
    after: Hop | None = None,
    boundary: Html | None = None,
    is_entry: bool = False,
) -> Html:
    """Draw one hop: the client, the stretch, the server.

    Args:
        hop: As `analyze` or `parse_received` gave it.
        number: Its place in the trace, from 1; 0 for a hop alone.
        after: The next older hop; its server is the client here where the two are joined.
        boundary: What is drawn across the path above the client.
        is_entry: Whether the message came in by this hop.
    """
    verdict = hop.verdict
    # Beyond the boundary are claims: there the client is drawn as this line saw it.
    is_joined = bool(not boundary and after and verdict and verdict.continuity in labels.JOINED)
    return tag(
        "li",
        _draw_gap(hop, after),
        boundary,
        _draw_seen(hop, after) if after and is_joined else _draw_client(hop),
        tag(
            "div",
            _draw_facts(hop, number, after, is_entry=is_entry),
            _draw_evidence(hop, number),
            class_="htls-link",
        ),
        _draw_host("to", name_ends(hop)["server"], [_name_software(hop)]),
        class_=f"htls-hop {find_class(hop)}",
    )


def draw_strip(trace: Trace) -> Html:
    """Draw the path as one short strip, a stroke for each hop, to be seen among others."""
    strokes: list[Html] = []
    words: list[str] = []
    boundary = _find_boundary(trace.hops)
    for number, hop in enumerate(trace, 1):
        if number == boundary:
            strokes.append(tag("i", class_="htls-bar"))
            words.append(labels.BOUNDARY.lower())
        strokes.append(tag("i", class_=find_class(hop)))
        words.append(wording.TRANSPORTS[hop.verdict.transport] if hop.verdict else ABSENT)
    if not strokes:
        return tag("span", class_="htls-strip")
    return tag("span", *strokes, class_="htls-strip", role="img", aria_label=", ".join(words))


def find_class(hop: Hop) -> str:
    """The classes that set the style of a stretch."""
    verdict = hop.verdict
    if verdict is None:
        return labels.TRANSPORT_CLASSES[None]
    classes = [labels.TRANSPORT_CLASSES[verdict.transport]]
    if is_flagged(hop):
        classes.append("htls-loud")
    if verdict.trust is Trust.CLAIM:
        classes.append("htls-claim")
    return " ".join(classes)


def draw_transport(hop: Hop) -> Html | None:
    """Draw the word for the transport, loud where plaintext is flagged."""
    verdict = hop.verdict
    if verdict is None:
        return None
    if verdict.transport is Transport.NOT_APPLICABLE:
        return tag("span", labels.SESSIONLESS[verdict.kind], class_="htls-pill")
    word = wording.TRANSPORTS[verdict.transport]
    is_loud = verdict.transport is Transport.PLAINTEXT and is_flagged(hop)
    doubt = wording.DOUBTS[verdict.confidence]
    return tag(
        "b",
        (word.upper() if is_loud else word) + doubt,
        class_="htls-pill",
        title=wording.DOUBT_NOTE if doubt else "",
    )


def write_event(hop: Hop) -> str:
    """Say what happened, in a sentence."""
    ends = name_ends(hop)
    if hop.verdict is None:
        return "{server} took the message from {client}.".format(**ends)
    claim = wording.CLAIM if hop.verdict.trust is Trust.CLAIM else ""
    pattern = claim + wording.EVENTS[hop.verdict.kind]
    # Names of hosts stay as they are.
    start = pattern[0] if pattern.startswith("{") else pattern[0].upper()
    return f"{start}{pattern[1:]}.".format(**ends, where=wording.SCOPES[hop.verdict.scope])


def _find_boundary(hops: Sequence[Hop]) -> int:
    """The number of the hop that crosses the trust boundary, 0 where none does."""
    for number, hop in enumerate(hops, 1):
        trust = hop.verdict.trust if hop.verdict else None
        if trust is not Trust.CLAIM:
            return number if trust is Trust.BOUNDARY or number > 1 else 0
    return 0


def _draw_boundary(trace: Trace, *, has_claims: bool) -> Html:
    name = labels.BOUNDARY_INFERRED if trace.boundary_inferred else labels.BOUNDARY
    note = tag("small", labels.BOUNDARY_NOTE) if has_claims else None
    return tag("div", tag("b", name), " ", note, class_="htls-boundary")


def _draw_gap(hop: Hop, after: Hop | None) -> Html | None:
    gap = labels.GAPS[hop.verdict.continuity] if hop.verdict and after else ""
    return tag("div", gap, class_="htls-gap") if gap else None


def _draw_client(hop: Hop) -> Html | None:
    if hop.client is None:
        return None
    name = name_client_briefly(hop, is_full=False)
    return _draw_host("from", name, list(_iter_other_names(hop, name)))


def _draw_seen(hop: Hop, after: Hop) -> Html | None:
    """Tell by what other names the next line calls a host that is drawn already."""
    name = name_client_briefly(hop, is_full=False)
    names = [name, *_iter_other_names(hop, name)]
    others = [other for other in names if other not in {name_server(after), ABSENT}]
    return tag("div", "seen as ", ", ".join(others), class_="htls-seen") if others else None


def _iter_other_names(hop: Hop, name: str) -> Iterator[str]:
    client = hop.client or Client()
    if client.address and show(client.address) != name:
        yield f"[{show(client.address)}]"
    if client.helo and show(client.helo) not in {name, show(client.address)}:
        yield f"called itself {show(client.helo)}"


def _draw_host(role: str, name: str, notes: Sequence[str | None]) -> Html:
    small = [tag("small", note) for note in notes if note]
    parts = (tag("small", role), tag("bdi", name), *small)
    return tag("div", join(parts, " "), class_="htls-host")


def _name_software(hop: Hop) -> str | None:
    return show(hop.server.software) if hop.server and hop.server.software else None


def _draw_facts(hop: Hop, number: int, after: Hop | None, *, is_entry: bool) -> Html:
    verdict = hop.verdict
    parts = (
        tag("small", f"hop {number}") if number else None,
        draw_transport(hop),
        tag("b", wording.ENTRY_NOTE, class_="htls-tag") if is_entry else None,
        tag("i", labels.CLAIM, class_="htls-tag") if _is_claim(verdict) else None,
        _draw_tls(hop),
        _write_place(verdict),
        _draw_protocol(hop.protocol),
        labels.REORIGINS[verdict.reorigin] if verdict else None,
        _draw_time(hop, after),
    )
    return tag("div", *map(_wrap, parts), class_="htls-facts")


def _wrap(part: Html | str | None) -> Html | None:
    """Set text apart from what stands beside it, also where no style is applied."""
    if not part:
        return None
    return join((part if isinstance(part, Html) else tag("span", part), " "))


def _is_claim(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.trust is Trust.CLAIM


def _write_place(verdict: Verdict | None) -> str | None:
    if verdict is None or verdict.transport is Transport.NOT_APPLICABLE:
        return None
    return wording.PLACES[verdict.scope]


def _draw_protocol(protocol: str | None) -> Html | None:
    return tag("span", show(protocol)) if protocol else None


def _draw_tls(hop: Hop) -> Html | None:
    if find_session(hop) is None:
        return None
    grade = find_grade(hop)
    words = format_tls(hop, is_full=True)
    told = tag("code", words.removesuffix(f" {grade}") if grade else words)
    return join((told, draw_grade(grade) if grade else None), " ")


def draw_grade(grade: Grade) -> Html:
    """Draw the grade of a session on its scale."""
    return tag("span", grade.value, class_=f"htls-grade htls-{grade.value}")


def _draw_time(hop: Hop, after: Hop | None) -> Html | None:
    """Draw the time, with its date where that is another one than on the next older line."""
    date = format_time(hop.timestamp, _DATE)
    is_known = after is not None and date == format_time(after.timestamp, _DATE)
    stamp = format_time(hop.timestamp, _TIME if is_known else f"{_DATE} {_TIME}")
    delay = hop.verdict.delay if hop.verdict else None
    parts = (
        tag("time", stamp) if stamp else None,
        tag("b", spell_delay(delay)) if delay is not None else None,
    )
    both = join(parts, ", ")
    return tag("span", both) if both.text else None


def _draw_evidence(hop: Hop, number: int) -> Html:
    return tag(
        "details",
        tag(
            "summary",
            f"Line {number}, {labels.EVIDENCE}" if number else f"The line, {labels.EVIDENCE}",
        ),
        tag("p", write_event(hop), " ", _write_reason(hop.verdict)),
        draw_line(hop),
        _draw_defects(hop),
    )


def _write_reason(verdict: Verdict | None) -> str | None:
    if verdict is None:
        return None
    confidence = f", confidence {verdict.confidence.value}" if verdict.confidence else ""
    return f"{verdict.reason} (Rule {verdict.rule}{confidence}.)"


def _draw_defects(hop: Hop) -> Html | None:
    kinds = dict.fromkeys(defect.kind.value for defect in hop.defects)
    return tag("p", f"Odd about the line: {', '.join(kinds)}.") if kinds else None
