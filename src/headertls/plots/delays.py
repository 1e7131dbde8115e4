"""The hops of one message on a line of time."""
# pyright: basic

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from headertls.models import Hop, Trace, Transport, Trust
from headertls.plots.canvas import (
    EDGE,
    LITERALLY,
    SMALL,
    TRANSPORTS,
    UNJUDGED,
    Axes,
    Figure,
    explain_transports,
    say_nothing_to_draw,
    spell,
    start_figure,
)
from headertls.report import wording
from headertls.report.values import ABSENT, find_entry, format_time, name_server

MAX_HOPS: Final = 40
"""Honest messages have fewer; each takes its height."""

TITLE: Final = "Hop delays"

_ENTRY: Final = ">"
_CLAIM: Final = "~"

_MAX_NAME: Final = 34
_ROOM_FOR_TEXT: Final = 0.5
"""Beside the bars, as a part of their span."""
_FAINT: Final = 0.4
_WHOLE: Final = 100
"""Numbers from here on are written without a fraction."""


class Unit(NamedTuple):
    """In what times are told."""

    start: int
    """Seconds from which on they are told so."""
    size: int
    """Its own."""
    name: str
    sign: str


UNITS: Final = (
    Unit(63_115_200, 31_557_600, "years", "y"),
    Unit(172_800, 86_400, "days", "d"),
    Unit(7200, 3600, "hours", "h"),
    Unit(120, 60, "minutes", "min"),
    Unit(0, 1, "seconds", "s"),
)


class Step(NamedTuple):
    """A hop, as it is drawn."""

    name: str
    transport: Transport | None
    text: str
    is_claim: bool
    start: float | None
    """In seconds; none where the hop has no time stamp."""
    end: float | None


def find_unit(seconds: float) -> Unit:
    """Find the unit in which a time is read with ease.

    >>> find_unit(-7140.0).name
    'minutes'
    """
    return next(unit for unit in UNITS if abs(seconds) >= unit.start)


def write_delay(seconds: float) -> str:
    """Write a time as exactly as a bar shows it.

    >>> write_delay(7140.0), write_delay(-2.0), write_delay(1.5e11)
    ('119 min', '-2 s', '4,753 y')
    """
    unit = find_unit(seconds)
    count = seconds / unit.size
    return f"{count:.3g} {unit.sign}" if abs(count) < _WHOLE else f"{count:,.0f} {unit.sign}"


def draw_delays(trace: Trace) -> Figure:
    """Draw the hops of *trace*: see `headertls.plots.plot_delays`."""
    if not trace.hops:
        return say_nothing_to_draw(TITLE, "No hop to draw: the message has no trace.")
    steps = list(iter_steps(trace))[-MAX_HOPS:]
    figure = start_figure(_write_title(trace), 1.7 + 0.36 * len(steps))
    axes = figure.subplots()
    axes.set_title(_write_title(trace), fontsize="medium")
    _draw_steps(axes, steps)
    explain_transports(figure, [step.transport for step in steps], _write_note(steps))
    return figure


def iter_steps(trace: Trace) -> Iterator[Step]:
    """Give the hops of *trace* with their times, in seconds since the oldest time stamp."""
    entry, first, older = find_entry(trace), None, None
    for number, hop in enumerate(trace, 1):
        stamp = _find_stamp(hop)
        if first is None:
            first = older = stamp
        start = end = delay = None
        if stamp and first and older:
            start, end = (older - first).total_seconds(), (stamp - first).total_seconds()
            delay = end - start if older is not stamp else None
        is_claim = hop.verdict is not None and hop.verdict.trust is Trust.CLAIM
        sign = _CLAIM if is_claim else _ENTRY if number == entry else " "
        yield Step(
            name=f"{spell(name_server(hop) or ABSENT, _MAX_NAME)} {number}{sign}",
            transport=hop.verdict.transport if hop.verdict else None,
            text=_write_text(hop, stamp, delay),
            is_claim=is_claim,
            start=start,
            end=end,
        )
        older = stamp or older


def _find_stamp(hop: Hop) -> datetime | None:
    # One without a zone could be any of two dozen moments.
    stamp = hop.timestamp
    return stamp if stamp and stamp.utcoffset() is not None else None


def _write_text(hop: Hop, stamp: datetime | None, delay: float | None) -> str:
    verdict = hop.verdict
    word = wording.TRANSPORTS[verdict.transport] if verdict else UNJUDGED
    doubt = wording.DOUBTS[verdict.confidence] if verdict else ""
    time = "no time" if stamp is None else "start" if delay is None else write_delay(delay)
    return f"{time}, {word}{doubt}"


def _write_title(trace: Trace) -> str:
    stamps = [stamp for hop in trace if (stamp := _find_stamp(hop))]
    since = format_time(stamps[0], "%Y-%m-%d %H:%M:%S") if stamps else None
    left_out = len(trace) - MAX_HOPS
    note = f" ({left_out} older hops are not drawn)" if left_out > 0 else ""
    return f"{TITLE} since {since} UTC{note}" if since else f"{TITLE}: the time is unknown{note}"


def _draw_steps(axes: Axes, steps: Sequence[Step]) -> None:
    ends = [place for step in steps for place in (step.start, step.end) if place is not None]
    low, high = min(ends, default=0.0), max(ends, default=0.0)
    size = find_unit(high - low).size
    span = (high - low) / size or 1.0
    for row, step in enumerate(steps):
        _draw_step(axes, row, step, size, span)
    axes.set_yticks(range(len(steps)), [step.name for step in steps], fontsize=SMALL, **LITERALLY)
    axes.set_ylim(len(steps) - 0.4, -0.6)
    axes.set_xlim(low / size - 0.03 * span, high / size + _ROOM_FOR_TEXT * span)
    axes.set_xlabel(find_unit(high - low).name, fontsize=SMALL)
    if not ends:
        axes.set_xticks(())
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)


def _write_note(steps: Sequence[Step]) -> str:
    signs = {step.name[-1] for step in steps}
    notes = ((_ENTRY, wording.ENTRY_NOTE), (_CLAIM, wording.CLAIM_NOTE))
    return "    ".join(f"{sign} {note}" for sign, note in notes if sign in signs)


def _draw_step(axes: Axes, row: int, step: Step, size: int, span: float) -> None:
    look = TRANSPORTS[step.transport]
    right = 0.0
    if step.start is not None and step.end is not None:
        left, right = sorted((step.start / size, step.end / size))
        # a pass within a second is seen, too
        width = max(right - left, 0.008 * span)
        axes.barh(
            row,
            width,
            left=left,
            height=0.62,
            color=look.color,
            hatch=look.hatch,
            edgecolor=EDGE,
            alpha=_FAINT if step.is_claim else None,
        )
    axes.text(right + 0.025 * span, row, step.text, va="center", fontsize=SMALL, **LITERALLY)
