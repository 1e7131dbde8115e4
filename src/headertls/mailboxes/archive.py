"""Archives: their files are read where they stand, and nothing is ever written by their names."""

import tarfile
import zipfile
from collections.abc import Iterator
from typing import IO, Any, Final, NamedTuple, cast

from headertls.mailboxes.errors import explain
from headertls.mailboxes.window import Reader

LOCKED: Final = "is locked with a password"
_ENCRYPTED: Final = 1
"""APPNOTE.TXT, 4.4.4: the first of the general purpose bits."""


class Member(NamedTuple):
    """A file inside an archive."""

    name: str
    file: Reader | None
    """To be read before the next member is asked for."""
    error: str | None = None
    """Why there is none."""


def iter_zip(file: Reader) -> Iterator[Member]:
    """Give the files of a zip archive in the order of its directory.

    Raises:
        BadZipFile: The directory, which stands at the end, is damaged.
    """
    with zipfile.ZipFile(cast("IO[bytes]", file)) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            if info.flag_bits & _ENCRYPTED:
                yield Member(info.filename, None, LOCKED)
                continue
            try:
                member = archive.open(info)
            except Exception as error:  # noqa: BLE001  # one damaged member is not the others' end
                yield Member(info.filename, None, explain(error))
                continue
            with member:
                yield Member(info.filename, member)


def iter_tar(file: Reader, *, can_seek: bool) -> Iterator[Member]:
    """Give the files of a tar archive; links, devices and folders are left out.

    Raises:
        TarError: The archive is damaged; what stands before was given.
    """
    stream = cast("IO[bytes]", file)
    # one of the two literals, as the type checkers want it
    with (
        tarfile.open(fileobj=stream, mode="r:")
        if can_seek
        else tarfile.open(fileobj=stream, mode="r|")
    ) as archive:
        while (info := archive.next()) is not None:
            # tarfile keeps them all
            cast("Any", archive).members = []
            if info.isreg() and (member := archive.extractfile(info)) is not None:
                with member:
                    yield Member(info.name, member)
