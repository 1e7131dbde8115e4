"""A file of lines that is whole after a crash, too: one writer, and what is written is on disk."""

import fcntl
import os
from pathlib import Path

LONGEST = 1 << 22
"""Octets within which a line ends."""


class Lines:
    """Appends lines to a file, or to the standard output (`-`)."""

    def __init__(self, path: str) -> None:
        """Open the file, and cut off the half line that a crash may have left.

        Raises:
            OSError: It cannot be opened, or another worker writes to it.
        """
        self._path = None if path == "-" else Path(path)
        self._file = 1 if self._path is None else _open(self._path)

    def write(self, octets: bytes) -> None:
        """Append whole lines: all are on disk when this is done, or none are in the file.

        Raises:
            OSError: They cannot be written.
        """
        if self._path is None:
            _write(self._file, octets)
            return
        if not _is_at(self._file, self._path):  # it was renamed, by logrotate for example
            os.close(self._file)
            self._file = _open(self._path)
        size = os.fstat(self._file).st_size
        try:
            _write(self._file, octets)
            os.fsync(self._file)
        except OSError:
            os.ftruncate(self._file, size)
            raise


def _write(file: int, octets: bytes) -> None:
    rest = memoryview(octets)
    while rest:
        rest = rest[os.write(file, rest) :]


def _is_at(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _open(path: Path) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(file)
        raise OSError(error.errno, "another worker writes to it", str(path)) from None
    size = os.fstat(file).st_size
    start = max(size - LONGEST, 0)
    end = start + os.pread(file, size - start, start).rfind(b"\n") + 1
    if end < size:
        os.ftruncate(file, end)
    folder = os.open(path.parent, os.O_RDONLY)  # so that the name itself is on disk
    os.fsync(folder)
    os.close(folder)
    return file
