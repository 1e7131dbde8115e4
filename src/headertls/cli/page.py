"""The option `--html`: one page on all messages."""

from collections.abc import Callable, Mapping
from pathlib import Path

from headertls.cli.printing import complain, complain_of_input
from headertls.cli.statuses import Status
from headertls.cli.streams import CHUNK
from headertls.models import Trace
from headertls.report import html


def write_page(path: Path, drawn: Mapping[str, Trace]) -> Status:
    """Write a page on the traces *drawn*, by their titles, into the file *path*."""
    return write_html(path, lambda: html(drawn))


def write_html(path: Path, make: Callable[[], str]) -> Status:
    """Write the page that *make* gives into the file *path*."""
    try:
        if _is_other_file(path):
            complain(f"{path}: is there already, and no HTML page, so it is left as it is")
            return Status.FAILED
        path.write_text(make(), encoding="utf-8")
    except OSError as error:
        complain_of_input(str(path), error)
        return Status.FAILED
    return Status.DONE


def _is_other_file(path: Path) -> bool:
    """Tell whether *path* is no page: who forgets its name would lose a message."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(CHUNK)
    return start.strip() != b"" and not start.lstrip().lower().startswith(b"<!doctype html")
