"""The console on which the command writes."""

import shutil

from rich.console import Console


def make_console() -> Console:
    """Find out what the standard output can show, and how wide it is."""
    console = Console()
    if console.is_dumb_terminal:
        # rich gives it 80 columns, whatever it has
        columns, lines = shutil.get_terminal_size()
        console.size = (columns, lines)
    return console
