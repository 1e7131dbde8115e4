"""The console on which the command writes."""

import shutil

from rich.console import Console


def make_console() -> Console:
    """Find out what the standard output can show, and how wide it is."""
    console = Console()
    # rich gives dumb terminals 80 columns, whatever they have, and writes nothing for COLUMNS=0
    if console.is_dumb_terminal or not console.width:
        columns, lines = shutil.get_terminal_size()
        console.size = (columns, lines)
    return console
