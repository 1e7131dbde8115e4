"""What is common to all that is made for a terminal: its letters, their cells, its lines."""

from collections.abc import Iterable

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from headertls.report.rows import ASCII, UNICODE, Alphabet


def choose_alphabet(console: Console) -> Alphabet:
    """Find out which letters *console* can show.

    >>> choose_alphabet(Console()).dots in {"..", "…"}
    True
    """
    return UNICODE if console.encoding.startswith("utf") else ASCII


def is_coloured(console: Console) -> bool:
    """Tell whether *console* shows colours, so that style alone can carry a meaning.

    >>> is_coloured(Console(color_system=None))
    False
    """
    return console.color_system is not None and not console.no_color


def measure(text: str) -> int:
    """Count the cells that *text*, which holds no control characters, takes.

    >>> measure("mx.example"), measure("郵便")
    (10, 4)
    """
    return len(text) if text.isascii() else cell_len(text)


def render_lines(lines: Iterable[Text], console: Console) -> str:
    """Write *lines* for *console*: nothing is wrapped, highlighted or read as markup."""
    with console.capture() as capture:
        # Lines have their width already: rich is not to break them once more.
        console.print(Text("\n").join(lines), soft_wrap=True, highlight=False)
    return capture.get().removesuffix("\n")
