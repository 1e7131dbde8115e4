"""By which versions of TLS messages came in, over time."""
# pyright: basic

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median_low
from types import MappingProxyType
from typing import Final, NamedTuple

from headertls.models import Hop, TlsVersion, Trace, Transport
from headertls.models.traces import iter_traces
from headertls.plots.canvas import (
    EDGE,
    SMALL,
    TRANSPORTS,
    Axes,
    Figure,
    Look,
    count_whole,
    explain_looks,
    say_nothing_to_draw,
    start_figure,
)
from headertls.report import wording
from headertls.report.values import find_session

TITLE: Final = "TLS versions of the way in"

UNTOLD: Final = "TLS, no version told"

LOOKS: Final[Mapping[str, Look]] = MappingProxyType(
    {
        # from the bottom of a bar to its top
        TlsVersion.TLSV1_3.value: Look("#0072B2"),
        TlsVersion.TLSV1_2.value: Look("#56B4E9", "\\\\"),
        TlsVersion.TLSV1_1.value: Look("#F0E442", "|||"),
        TlsVersion.TLSV1_0.value: Look("#E69F00", "---"),
        TlsVersion.SSLV3.value: Look("#CC79A7", "xxx"),
        TlsVersion.SSLV2.value: Look("#CC79A7", "+++"),
        UNTOLD: Look("#009E73", "oo"),
        wording.TRANSPORTS[Transport.PLAINTEXT]: TRANSPORTS[Transport.PLAINTEXT],
        wording.TRANSPORTS[Transport.NOT_RECORDED]: TRANSPORTS[Transport.NOT_RECORDED],
    }
)

FAR_OFF: Final = timedelta(days=20 * 365)
"""A clock or a forger that is so far from the middle of all dates is left out, and counted."""


class Arrival(NamedTuple):
    """When a message came in, and by what."""

    moment: datetime
    """In UTC."""
    word: str


class Unit(NamedTuple):
    """A span of time for which there is one bar."""

    name: str
    pattern: str
    """How its first day is written."""
    longest: int
    """Days, after which the next one has begun and the one after that has not."""
    limit: int
    """Bars beyond which a coarser unit is taken."""

    def find_first_day(self, day: date) -> date:
        """Find the first day of the unit in which *day* is."""
        if self.name == "week from":
            return day - timedelta(days=day.weekday())
        if self.name == "month":
            return day.replace(day=1)
        return day.replace(month=1, day=1) if self.name == "year" else day

    def iter_first_days(self, start: date, end: date) -> Iterator[date]:
        """Give the first day of each unit from *start* to *end*, those without mail too."""
        day, last = self.find_first_day(start), self.find_first_day(end)
        yield day
        while day < last:
            day = self.find_first_day(day + timedelta(days=self.longest))
            yield day


UNITS: Final = (
    Unit("day", "%Y-%m-%d", 1, 14),
    Unit("week from", "%Y-%m-%d", 7, 53),
    Unit("month", "%Y-%m", 31, 60),
    Unit("year", "%Y", 366, date.max.year),
)
_MAX_LABELS: Final = 12


def draw_versions(traces: Trace | Iterable[Trace]) -> Figure:
    """Draw the versions of *traces*: see `headertls.plots.plot_tls_versions`."""
    left_out: Counter[str] = Counter()
    arrivals = _keep_near(list(_iter_arrivals(iter_traces(traces), left_out)), left_out)
    if not arrivals:
        reason = _write_left_out(left_out) if left_out else "none was given."
        return say_nothing_to_draw(TITLE, f"No message to draw: {reason}")
    unit, days = find_unit([arrival.moment for arrival in arrivals])
    title = f"{TITLE}, {len(arrivals)} messages"
    figure = start_figure(title, 4.4)
    axes = figure.subplots()
    axes.set_title(title, fontsize="medium")
    looks = _draw_bars(axes, unit, days, arrivals)
    note = f"Not drawn: {_write_left_out(left_out)}" if left_out else ""
    axes.set_xlabel(f"{unit.name} (UTC)", fontsize=SMALL)
    axes.set_ylabel("messages", fontsize=SMALL)
    explain_looks(figure, looks, note)
    return figure


def find_unit(moments: Sequence[datetime]) -> tuple[Unit, list[date]]:
    """Find the finest unit that gives no more bars than fit, and the first days of its bars."""
    start, end = min(moments).date(), max(moments).date()
    choices = ((unit, list(unit.iter_first_days(start, end))) for unit in UNITS)
    return next((unit, days) for unit, days in choices if len(days) <= unit.limit)


def _iter_arrivals(traces: Iterable[Trace], left_out: Counter[str]) -> Iterator[Arrival]:
    for trace in traces:
        if trace.entry is None:
            left_out["without a way in"] += 1
        elif (word := find_word(trace.entry)) is None:
            left_out["not judged"] += 1
        elif (moment := _find_moment(trace.entry.timestamp)) is None:
            left_out["without a time"] += 1
        else:
            yield Arrival(moment, word)


def find_word(hop: Hop) -> str | None:
    """Find the word for how a message came in by *hop*, one of `LOOKS`; none without a verdict."""
    if hop.verdict is None:
        return None
    if hop.verdict.transport is Transport.ENCRYPTED:
        session = find_session(hop)
        return session.version.value if session and session.version else UNTOLD
    if hop.verdict.transport is Transport.PLAINTEXT:
        return wording.TRANSPORTS[Transport.PLAINTEXT]
    return wording.TRANSPORTS[Transport.NOT_RECORDED]


def _find_moment(stamp: datetime | None) -> datetime | None:
    if stamp is None or stamp.utcoffset() is None:
        return None
    try:
        return stamp.astimezone(UTC)
    except OverflowError:  # year 1 or 9999, and an offset that leads out of it
        return None


def _keep_near(arrivals: Sequence[Arrival], left_out: Counter[str]) -> list[Arrival]:
    if not arrivals:
        return []
    middle = median_low(arrival.moment for arrival in arrivals)
    near = [arrival for arrival in arrivals if abs(arrival.moment - middle) <= FAR_OFF]
    if len(near) < len(arrivals):
        left_out["dated far from the others"] += len(arrivals) - len(near)
    return near


def _write_left_out(left_out: Counter[str]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in left_out.items()) + "."


def _draw_bars(
    axes: Axes, unit: Unit, days: Sequence[date], arrivals: Sequence[Arrival]
) -> dict[str, Look]:
    """Stack a bar for each of *days*, and give the looks that are in them."""
    counts = Counter((unit.find_first_day(moment.date()), word) for moment, word in arrivals)
    seen = {word for _, word in arrivals}
    looks = {word: look for word, look in LOOKS.items() if word in seen}
    bottoms = [0] * len(days)
    for word, look in looks.items():
        heights = [counts[day, word] for day in days]
        axes.bar(
            range(len(days)),
            heights,
            bottom=bottoms,
            width=0.85,
            color=look.color,
            hatch=look.hatch,
            edgecolor=EDGE,
            linewidth=0.6,
            label=word,
        )
        bottoms = [sum(pair) for pair in zip(bottoms, heights, strict=True)]
    step = -(-len(days) // _MAX_LABELS)
    labels = [day.strftime(unit.pattern) for day in days[::step]]
    axes.set_xticks(range(0, len(days), step), labels, fontsize=SMALL, rotation=45, ha="right")
    axes.set_ylim(0, 1.06 * max(bottoms))
    count_whole(axes.yaxis)
    return looks
