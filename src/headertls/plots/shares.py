"""Which share of an organisation's messages came in plaintext."""
# pyright: basic

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from headertls.models import Hop, Kind, Trace, Transport
from headertls.models.traces import iter_traces
from headertls.net.domains import find_registrable_domain
from headertls.plots.canvas import (
    EDGE,
    LITERALLY,
    SMALL,
    TRANSPORTS,
    Axes,
    Figure,
    count_whole,
    explain_transports,
    say_nothing_to_draw,
    spell,
    start_figure,
)
from headertls.report import wording

MAX_ORGANISATIONS: Final = 20

TITLE: Final = "Plaintext by sending organisation"

LOGGED_IN: Final = "people who logged in"
"""Their address is that of a provider, who has no part in it."""
NAMELESS: Final = "no registered name"

CLAIM: Final = "~ "
CLAIM_NOTE: Final = "~ only the client itself says so, and anyone can."

_NORMAL: Final = 1.96
"""Standard deviations around 95 % of all cases."""

_MAX_NAME: Final = 30
_SEEN: Final = (Transport.PLAINTEXT, Transport.ENCRYPTED, Transport.NOT_RECORDED)


class Share(NamedTuple):
    """A sending organisation, and how many of its messages came in by which transport."""

    name: str
    plaintext: int
    encrypted: int
    not_recorded: int

    @property
    def recorded(self) -> int:
        """The messages of which the share is one."""
        return self.plaintext + self.encrypted

    @property
    def value(self) -> float | None:
        """The plaintext share, from 0 to 1; none where nothing is recorded."""
        return self.plaintext / self.recorded if self.recorded else None

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share is in 95 % of cases: the whole range where nothing is recorded."""
        return find_interval(self.plaintext, self.recorded)

    @property
    def key(self) -> tuple[float, int, str]:
        """What sorts those to the front that most surely send plaintext, then those with most."""
        return (-self.interval[0], -(self.recorded + self.not_recorded), self.name)


def draw_shares(traces: Trace | Iterable[Trace]) -> Figure:
    """Draw the shares of *traces*: see `headertls.plots.plot_plaintext_share`."""
    ways_in = [trace.entry for trace in iter_traces(traces)]
    entries = [
        (hop, hop.verdict.transport)
        for hop in ways_in
        if hop is not None and hop.verdict is not None
    ]
    if not entries:
        reason = "none came in from outside." if ways_in else "none was given."
        return say_nothing_to_draw(TITLE, f"No message to draw: {reason}")
    shares = sum_up(count_shares(entries))
    title = f"{TITLE}, {len(entries)} messages"
    figure = start_figure(title, 1.9 + 0.34 * len(shares))
    figure.suptitle(title, fontsize="medium")
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    _draw_shares(left, shares)
    _draw_counts(right, shares)
    notes = (
        (any(share.name.startswith(CLAIM) for share in shares), CLAIM_NOTE),
        (
            len(ways_in) > len(entries),
            f"Not drawn: {len(ways_in) - len(entries)} without a judged way in.",
        ),
    )
    explain_transports(figure, _SEEN, "\n".join(note for applies, note in notes if applies))
    return figure


def find_interval(hits: int, count: int) -> tuple[float, float]:
    """Find the Wilson score interval (95 %) of a share of *hits* among *count*.

    >>> low, high = find_interval(5, 10)
    >>> round(low, 3), round(high, 3)
    (0.237, 0.763)
    """
    if count == 0:
        return 0.0, 1.0
    share, square = hits / count, _NORMAL**2
    middle = share + square / (2 * count)
    reach = _NORMAL * math.sqrt(share * (1 - share) / count + square / (4 * count**2))
    whole = 1 + square / count
    return max(0.0, (middle - reach) / whole), min(1.0, (middle + reach) / whole)


def count_shares(entries: Iterable[tuple[Hop, Transport]]) -> list[Share]:
    """Count the messages of each organisation, those first that most surely send plaintext."""
    counts: dict[str, Counter[Transport]] = {}
    for hop, transport in entries:
        counts.setdefault(name_sender(hop), Counter())[transport] += 1
    shares = [
        Share(
            name,
            by[Transport.PLAINTEXT],
            by[Transport.ENCRYPTED],
            by[Transport.NOT_RECORDED] + by[Transport.NOT_APPLICABLE],
        )
        for name, by in counts.items()
    ]
    return sorted(shares, key=lambda share: share.key)


def name_sender(hop: Hop) -> str:
    """Name the organisation of the client of *hop*; a `~` says that only the client says so."""
    kind = hop.verdict.kind if hop.verdict else None
    if hop.auth is not None or kind in {Kind.SUBMISSION, Kind.WEB}:
        return LOGGED_IN
    client = hop.client
    if client is not None and client.rdns and (domain := find_registrable_domain(client.rdns)):
        return domain
    if client is not None and client.helo and (domain := find_registrable_domain(client.helo)):
        return CLAIM + domain
    return NAMELESS


def sum_up(shares: Sequence[Share]) -> list[Share]:
    """Keep as many of *shares* as are drawn, and make one of the others."""
    kept, others = list(shares[:MAX_ORGANISATIONS]), shares[MAX_ORGANISATIONS:]
    if not others:
        return kept
    name = f"{len(others)} others"
    return [
        *kept,
        Share(
            name,
            sum(share.plaintext for share in others),
            sum(share.encrypted for share in others),
            sum(share.not_recorded for share in others),
        ),
    ]


def _draw_shares(axes: Axes, shares: Sequence[Share]) -> None:
    look = TRANSPORTS[Transport.PLAINTEXT]
    # of the reader's own style, which may be dark
    ink = axes.spines["left"].get_edgecolor()
    for row, share in enumerate(shares):
        if share.value is None:
            axes.text(2, row, "not recorded", va="center", fontsize=SMALL, style="italic")
            continue
        low, high = share.interval
        axes.barh(
            row, 100 * share.value, height=0.62, color=look.color, hatch=look.hatch, edgecolor=EDGE
        )
        axes.hlines(row, 100 * low, 100 * high, color=ink, linewidth=1.4)
        text = f"{share.plaintext} of {share.recorded}"
        axes.text(100 * high + 2, row, text, va="center", fontsize=SMALL)
    names = [spell(share.name, _MAX_NAME) for share in shares]
    axes.set_yticks(range(len(shares)), names, fontsize=SMALL, **LITERALLY)
    axes.set_ylim(len(shares) - 0.4, -0.6)
    axes.set_xlim(0, 125)
    axes.set_xticks((0, 25, 50, 75, 100))
    axes.set_xlabel("% of those recorded, with the 95 % interval", fontsize=SMALL)
    axes.set_title("share in plaintext", fontsize=SMALL)


def _draw_counts(axes: Axes, shares: Sequence[Share]) -> None:
    rows, lefts = range(len(shares)), [0] * len(shares)
    for transport, counts in (
        (Transport.PLAINTEXT, [share.plaintext for share in shares]),
        (Transport.ENCRYPTED, [share.encrypted for share in shares]),
        (Transport.NOT_RECORDED, [share.not_recorded for share in shares]),
    ):
        look, word = TRANSPORTS[transport], wording.TRANSPORTS[transport]
        axes.barh(
            rows,
            counts,
            left=lefts,
            height=0.62,
            color=look.color,
            hatch=look.hatch,
            edgecolor=EDGE,
            label=word,
        )
        lefts = [sum(pair) for pair in zip(lefts, counts, strict=True)]
    axes.set_xlim(0, 1.06 * max(lefts))
    count_whole(axes.xaxis)
    axes.set_xlabel("messages", fontsize=SMALL)
    axes.set_title("all, by what is recorded", fontsize=SMALL)
