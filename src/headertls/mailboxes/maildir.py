"""Maildir: a file a message in `new` and `cur`, which mail programs move while we read."""

import os
from typing import Final

FOLDERS: Final = ("new", "cur")
"""In the order in which messages pass through them: listed so, none is missed. What stands in
`tmp` is not delivered yet."""

_FLAGS: Final = ":"
"""Before the flags of a message in `cur`; where names cannot hold it, programs take others."""
_OTHER_FLAGS: Final = (";2,", "!2,")


def is_maildir(folder: str) -> bool:
    """Tell whether *folder* is a Maildir.

    >>> is_maildir("/")
    False
    """
    return all(os.path.isdir(os.path.join(folder, name)) for name in ("cur", "new"))


def list_maildir(folder: str) -> list[str]:
    """List the messages of a Maildir, by the names that stay the same when they are moved.

    Raises:
        OSError: A folder cannot be read.
    """
    found: dict[str, str] = {}
    for name in FOLDERS:
        part = os.path.join(folder, name)
        with os.scandir(part) as entries:
            found.update(
                (find_base(entry.name), entry.path)
                for entry in entries
                if not entry.name.startswith(".") and not entry.is_dir(follow_symlinks=False)
            )
    return [found[base] for base in sorted(found)]


def find_base(path: str) -> str:
    """The part of a message's name that never changes: without folder and flags.

    >>> find_base("box/cur/1700000000.M1P2.host:2,S")
    '1700000000.M1P2.host'
    """
    name = os.path.basename(path).partition(_FLAGS)[0]
    for mark in _OTHER_FLAGS:
        name = name.partition(mark)[0]
    return name


def find_moved(path: str) -> str | None:
    """Find where the message is now that stood at *path*, if it still is in its Maildir."""
    base = find_base(path)
    folder = os.path.dirname(os.path.dirname(path))
    # The other way round: a message may be moved from `new` to `cur` between two looks.
    for name in reversed(FOLDERS):
        part = os.path.join(folder, name)
        try:
            found = next((n for n in os.listdir(part) if find_base(n) == base), None)
        except OSError:
            continue
        if found is not None:
            return os.path.join(part, found)
    return None
