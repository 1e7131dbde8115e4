"""How much there is to read: for those who wait."""

import os
from collections.abc import Iterable
from time import monotonic

from headertls.mailboxes.folder import walk


def measure(paths: Iterable[str], seconds: float) -> int | None:
    """Add up the octets of all files below *paths*.

    Args:
        paths: Files and folders.
        seconds: How long this may take; if that is not enough, the answer is `None`.
    """
    due = monotonic() + seconds
    total = 0
    for path in paths:
        names = (entry.path for entry in walk(path)) if os.path.isdir(path) else (path,)
        for name in names:
            if monotonic() > due:
                return None
            total += _measure_file(name)
    return total


def _measure_file(name: str) -> int:
    try:
        return os.stat(name).st_size
    except OSError:  # the scan will tell
        return 0
