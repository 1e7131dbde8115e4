"""The option `--html`: one page on all messages."""

from collections.abc import Callable, Mapping
from pathlib import Path

from headertls.cli.printing import complain_of_input
from headertls.cli.statuses import Status
from headertls.cli.streams import CHUNK
from headertls.cli.targets import check_target, refusing
from headertls.models import Trace
from headertls.report import html


def check_page(path: Path) -> None:
    """Refuse a page that could not be written when the long work is done.

    Raises:
        ValueError: It cannot be written, or something else is there.
    """
    check_target(path)
    with refusing(path):
        if _is_other_file(path):
            raise ValueError(f"{path}: is there already, and no HTML page, so it is left as it is")


def write_page(path: Path, drawn: Mapping[str, Trace]) -> Status:
    """Write a page on the traces *drawn*, by their titles, into the file *path*."""
    return write_html(path, lambda: html(drawn))


def write_html(path: Path, make: Callable[[], str]) -> Status:
    """Write the page that *make* gives into the file *path*."""
    try:
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
