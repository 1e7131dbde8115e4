"""Files that a command writes: refused before the work, where they cannot be written after it."""

import os
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

LOCK: Final = ".lock"
"""Behind the name of a file that a scan is writing."""

# Windows knows no such flag.
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)

PATIENCE: Final = 2.0
"""Seconds that the processes of a scan that was killed may need to their end."""


def check_folder(path: Path) -> None:
    """Refuse the name of a file that could be none.

    Raises:
        ValueError: It is a folder, or would be in none.
    """
    with refusing(path):
        if path.is_dir():
            raise ValueError(f"{path}: is a folder, and no file")
        if not path.absolute().parent.is_dir():
            raise ValueError(f"{path}: there is no such folder")


def check_target(path: Path) -> None:
    """Refuse a file that cannot be written; it is left as it is, or not there, as before.

    Raises:
        ValueError: It cannot be written.
    """
    check_folder(path)
    place = Path(os.path.realpath(path))
    with refusing(path):
        if not place.exists():
            place.open("xb").close()
            place.unlink()
        # of a pipe, somebody else would see it opened and closed
        elif place.is_file():
            place.open("ab").close()


@contextmanager
def refusing(path: Path) -> Generator[None]:
    """Refuse *path* where the system does, with its reason."""
    try:
        yield
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror or error}") from error


@contextmanager
def claiming(paths: Sequence[Path]) -> Generator[None]:
    """Keep all other scans from writing to *paths*, also those that were started at the same time.

    The system lets go of a lock when the process ends, however it ends.

    Raises:
        ValueError: Another scan is writing there.
        OSError: A lock cannot be made.
    """
    if not paths:
        yield
        return
    from filelock import FileLock, Timeout  # noqa: PLC0415  # slow to load

    with ExitStack() as stack:
        for path in paths:
            name = path.with_name(path.name + LOCK)
            # What keeps it from being made filelock would take for another one's lock.
            os.close(os.open(name, os.O_RDWR | os.O_CREAT | _NO_LINK, 0o644))
            lock = FileLock(name, timeout=PATIENCE)
            try:
                stack.enter_context(lock)
            except Timeout as error:
                raise ValueError(f"{path}: another scan is writing it") from error
            # Who waits for the lock sees that its file is gone, and makes a new one.
            stack.callback(_remove, name)
        yield


def _remove(name: Path) -> None:
    # Windows removes no file that is open
    with suppress(OSError):
        name.unlink()
