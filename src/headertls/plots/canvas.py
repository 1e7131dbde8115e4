"""What all plots share: the figure, the looks of things, and how foreign text is written."""
# pyright: basic

from collections.abc import Collection, Mapping
from io import BytesIO
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from matplotlib.axes import Axes as Axes  # noqa: PLC0414  # the other modules name it, too
from matplotlib.axis import Axis
from matplotlib.figure import Figure as Figure  # noqa: PLC0414
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from headertls.models import Transport
from headertls.report import wording
from headertls.report.escape import clip, escape

WIDTH: Final = 7.2
"""Inches; more would be hard to read on a narrow screen, where the whole is shrunk."""

SMALL: Final = "small"
"""The size of texts in and beside the axes."""

LITERALLY: Final[Mapping[str, Any]] = MappingProxyType({"parse_math": False, "usetex": False})
"""For texts of strangers: a `$` begins no formula, and TeX never sees them."""


class Look(NamedTuple):
    """A colour, and a pattern for those who do not see it."""

    color: str
    hatch: str = ""


# Colours of Okabe and Ito, which people with any kind of colour vision tell apart.
TRANSPORTS: Final[Mapping[Transport | None, Look]] = MappingProxyType(
    {
        Transport.ENCRYPTED: Look("#0072B2"),
        Transport.PLAINTEXT: Look("#D55E00", "////"),
        Transport.NOT_RECORDED: Look("#EEEEEE", "..."),
        Transport.NOT_APPLICABLE: Look("#BBBBBB"),
        None: Look("#FFFFFF"),
    }
)
EDGE: Final = "#222222"

UNJUDGED: Final = "not judged"
"""The word for a hop without a verdict."""


class PlotFigure(Figure):
    """A figure that notebooks draw by itself, whether pyplot is in use or not."""

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        buffer = BytesIO()
        self.savefig(buffer, format="png")
        return buffer.getvalue(), {"alt": str(self.get_label())}


def start_figure(title: str, height: float) -> PlotFigure:
    """Make a figure of *height* inches, whose title is what those get who cannot see it."""
    figure = PlotFigure(figsize=(WIDTH, height), dpi=100, layout="constrained")
    figure.set_label(title)
    return figure


def say_nothing_to_draw(title: str, reason: str) -> PlotFigure:
    """Make a figure that tells in words why it is empty."""
    figure = start_figure(f"{title}: {reason}", 1.6)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_title(title)
    axes.text(0.5, 0.5, reason, ha="center", va="center", wrap=True, **LITERALLY)
    return figure


def spell(text: str, length: int) -> str:
    r"""Write what strangers wrote so that any font has its signs, in *length* characters.

    >>> spell("b\u00fccher\x07.example", 100)
    'b\\xfccher\\x07.example'
    """
    return clip(escape(text).encode("ascii", "backslashreplace").decode(), length)


def count_whole(axis: Axis) -> None:
    """Let *axis* have ticks at whole numbers only."""
    axis.set_major_locator(MaxNLocator(6, integer=True))


def explain_looks(figure: Figure, looks: Mapping[str, Look], note: str = "") -> None:
    """Put a legend below the axes: a *note*, and a word for each of *looks*."""
    patches = [
        Patch(facecolor=look.color, hatch=look.hatch, edgecolor=EDGE, label=word)
        for word, look in looks.items()
    ]
    figure.legend(
        handles=patches,
        loc="outside lower center",
        ncols=4,
        fontsize=SMALL,
        frameon=False,
        title=note or None,
        title_fontsize=SMALL,
    )


def explain_transports(figure: Figure, seen: Collection[Transport | None], note: str = "") -> None:
    """Put a legend below the axes: a *note*, and those transports that are *seen*."""
    looks = {
        wording.TRANSPORTS[transport] if transport else UNJUDGED: look
        for transport, look in TRANSPORTS.items()
        if transport in seen
    }
    explain_looks(figure, looks, note)
