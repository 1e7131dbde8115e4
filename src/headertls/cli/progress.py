"""The bar that shows on a terminal how far a scan is."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from headertls.corpus.run import Progress
from headertls.mailboxes import measure

MEASURING: Final = 2.0
"""Seconds that may be spent to find out how much there is to read."""

EVERY: Final = 0.1
"""Seconds after which the bar is drawn anew."""


@contextmanager
def showing(paths: Sequence[str]) -> Generator[Callable[[Progress], None] | None]:
    """Show a bar on the standard error, if that is a terminal, while *paths* are scanned."""
    console = Console(stderr=True)
    if not console.is_terminal or console.is_dumb_terminal:
        yield None
        return
    # No thread draws: processes are forked while it is shown, and a fork must not meet threads.
    bar = Bar(
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[messages]:,} messages"),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
        auto_refresh=False,
        transient=True,
    )
    total = measure(paths, MEASURING)
    row = bar.add_task("", total=total, messages=0, rate="")
    start = last = monotonic()

    def show(done: Progress) -> None:
        nonlocal last
        now = monotonic()
        is_due = now - last >= EVERY
        last = now if is_due else last
        bar.update(
            row,
            completed=done.octets,
            messages=done.messages,
            rate=f"{done.fresh / (now - start):,.0f}/s" if now > start else "",
            refresh=is_due,
        )

    with bar:
        yield show
