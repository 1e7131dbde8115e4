"""Traces as figures of matplotlib, which is loaded when a plot is asked for.

Each function returns a `matplotlib.figure.Figure` that belongs to nobody else: pyplot does not know
it, so nothing is shown twice, and nothing has to be closed. It is drawn where it is the last line
of a notebook's cell; elsewhere call its `savefig`, or change its axes first.
"""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING

from headertls.models import Trace

if TYPE_CHECKING:
    from headertls.plots.canvas import Figure

__all__ = ["plot_delays", "plot_plaintext_share", "plot_tls_versions"]


@contextmanager
def _asking_for_matplotlib() -> Generator[None, None, None]:
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != "matplotlib":
            raise
        text = "plots need matplotlib: pip install 'headertls[plot]'"
        raise ImportError(text, name="matplotlib") from None


def plot_delays(trace: Trace) -> "Figure":
    """Draw when each hop of *trace* took place: a bar for each, as long as the message waited.

    The oldest hop is on top. A bar begins at the next older time stamp and tells its delay, which
    is negative where two clocks disagree, and what the line says about encryption. A hop without a
    time stamp has its row, but no bar; of more than 40 hops the newest are drawn.

    Args:
        trace: As of `headertls.analyze`.

    Raises:
        ImportError: matplotlib is not installed.

    >>> figure = plot_delays(Trace())
    >>> figure.axes[0].texts[0].get_text()
    'No hop to draw: the message has no trace.'
    """
    with _asking_for_matplotlib():
        from headertls.plots.delays import draw_delays  # noqa: PLC0415  # slow to load
    return draw_delays(trace)


def plot_tls_versions(traces: Trace | Iterable[Trace]) -> "Figure":
    """Draw over time how many messages came in by which version of TLS.

    Each message counts once, by the hop through which it came in from outside (`Trace.entry`), in
    the day, week, month or year (UTC) of that hop's time stamp, whichever gives a fit number of
    bars. Plaintext and hops that do not tell are drawn apart from each other. What cannot be drawn
    is counted below: messages without an entry, without its time, or dated far from all others.

    Args:
        traces: As of `headertls.analyze`, in any order; one alone may be given as it is.

    Raises:
        ImportError: matplotlib is not installed.

    >>> plot_tls_versions([]).axes[0].texts[0].get_text()
    'No message to draw: none was given.'
    """
    with _asking_for_matplotlib():
        from headertls.plots.versions import draw_versions  # noqa: PLC0415  # slow to load
    return draw_versions(traces)


def plot_plaintext_share(traces: Trace | Iterable[Trace]) -> "Figure":
    """Draw for each sending organisation which share of its messages came in plaintext.

    The organisation is the registrable domain of the client from which the message came in. Names
    that the server found by itself are kept apart from those that clients only gave themselves
    (marked `~`), because anyone can use another's name. The share is that among messages whose
    transport is recorded, with its 95 % interval (Wilson); those that do not tell are counted
    beside it and never taken for plaintext. Twenty organisations are drawn, first those that most
    surely send plaintext; the others are summed up.

    Args:
        traces: As of `headertls.analyze`, in any order; one alone may be given as it is.

    Raises:
        ImportError: matplotlib is not installed.

    >>> plot_plaintext_share([]).axes[0].texts[0].get_text()
    'No message to draw: none was given.'
    """
    with _asking_for_matplotlib():
        from headertls.plots.shares import draw_shares  # noqa: PLC0415  # slow to load
    return draw_shares(traces)
