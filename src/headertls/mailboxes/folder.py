"""Folders: which files in them hold mail, in an order that is the same each time.

A folder is a Maildir, a folder of MH or any other; all may stand within each other. Of the names
in one folder numbers come first, by their worth (MH), then the others, by their letters.
"""

import os
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from headertls.mailboxes.errors import explain
from headertls.mailboxes.maildir import find_base, is_maildir, list_maildir

Key = tuple[tuple[int, int, str], ...]
"""What the order goes by, a part for each folder on the way and one for the file."""

# What mail programs and desktops keep beside the messages.
IGNORED_NAMES: Final = frozenset(
    {
        *("maildirfolder", "maildirsize", "subscriptions", "courierimapkeywords"),  # Maildir
        *("thumbs.db", "desktop.ini"),
    }
)
IGNORED_STARTS: Final = (
    ".",
    ",",  # MH: taken for deleted
    "#",
    "dovecot",
    "courierimap",
)
IGNORED_ENDS: Final = (
    ".msf",  # Thunderbird's index
    ".partial",  # our own output
    ".state",
    "~",
)


class Entry(NamedTuple):
    """A file that may hold mail, or a folder that cannot be read."""

    path: str
    key: Key = ()
    is_message: bool = False
    """Whatever it begins with: its folder holds messages only."""
    error: str | None = None


def walk(folder: str, key: Key = ()) -> Iterator[Entry]:
    """Give the files below *folder*; those of one folder are listed when their turn comes."""
    try:
        if is_maildir(folder):
            yield from _walk_maildir(folder, key)
        else:
            yield from _walk_plain(folder, key)
    except OSError as error:
        yield Entry(folder, key, error=explain(error))


def _walk_maildir(folder: str, key: Key) -> Iterator[Entry]:
    for path in list_maildir(folder):
        yield Entry(path, (*key, (0, 0, find_base(path))), is_message=True)
    # Maildir++: `.Sent`; Dovecot's other layout: `Sent`
    for name in sorted(_list_folders(folder)):
        yield from walk(os.path.join(folder, name), (*key, (1, 0, name)))


def _list_folders(folder: str) -> Iterator[str]:
    own = {"cur", "new", "tmp"}
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name not in own and entry.is_dir(follow_symlinks=False):
                yield entry.name


def _walk_plain(folder: str, key: Key) -> Iterator[Entry]:
    files, folders = _list_plain(folder)
    is_numbered = ".mh_sequences" in files
    names = [name for name in (*files, *folders) if name in folders or not is_ignored(name)]
    for part in sort_names(names):
        name = part[2]
        path = os.path.join(folder, name)
        if name in folders:
            yield from walk(path, (*key, part))
        else:
            yield Entry(path, (*key, part), is_message=is_numbered and part[0] == 0)


def _list_plain(folder: str) -> tuple[list[str], set[str]]:
    """List the files and the folders in *folder*; links to folders may lead in circles."""
    files: list[str] = []
    folders: set[str] = set()
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith(".") or is_maildir(entry.path):
                    folders.add(entry.name)
            elif not _is_link_to_folder(entry):
                files.append(entry.name)
    return files, folders


def _is_link_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_symlink() and entry.is_dir()
    except OSError:  # to itself, or to where nobody may look: the others are to be read
        return False


def sort_names(names: Iterable[str]) -> Iterator[tuple[int, int, str]]:
    """Sort names, numbers first, and give what the order goes by.

    >>> [name for _, _, name in sort_names(["b", "10", "9", "a"])]
    ['9', '10', 'a', 'b']
    """
    numbers: list[str] = []
    others: list[str] = []
    for name in names:
        (numbers if name.isdecimal() and name.isascii() else others).append(name)
    yield from ((0, int(name), name) for name in sorted(numbers, key=lambda n: (int(n), n)))
    others.sort()
    yield from ((1, 0, name) for name in others)


def is_ignored(name: str) -> bool:
    """Tell by its name that a file holds no mail, but what programs note for themselves.

    >>> is_ignored("dovecot-uidlist"), is_ignored("INBOX")
    (True, False)
    """
    lower = name.lower()
    return (
        lower in IGNORED_NAMES or lower.startswith(IGNORED_STARTS) or lower.endswith(IGNORED_ENDS)
    )
