"""Why something could not be read, in words; a scan never ends because of it."""

import os
import zlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from headertls.models import HeaderTlsError


class UnreadableError(HeaderTlsError):
    """A message or a mailbox cannot be read; the text says why."""


VANISHED: Final = "is not there any more: the folder changed while it was read"
DEAD_LINK: Final = "is a link to what is not there"
CHANGED: Final = "changed while it was read: no message begins where one began"
NO_FILE: Final = "is neither a file nor a folder"
NO_MAIL: Final = "is no mail: it begins with no header field, and is no mailbox of a known form"
NESTED: Final = "is an archive inside an archive, or compressed twice: not opened"

MAX_REASON: Final = 200
"""Characters of a foreign exception's text that are told."""

# The words of the libraries are about their own calls.
_PLAIN: Final[Mapping[type[Exception], str]] = MappingProxyType(
    {
        FileNotFoundError: "is not there",
        PermissionError: "must not be read: permission denied",
        IsADirectoryError: NO_FILE,
        EOFError: "ends before its end: it is cut off",
        zlib.error: "is damaged: it cannot be unpacked",
        MemoryError: "needs more memory than there is",
        RecursionError: "is nested too deeply",
    }
)


def explain(error: Exception) -> str:
    """Tell why something cannot be read.

    >>> explain(FileNotFoundError(2, "No such file or directory"))
    'is not there'
    """
    if isinstance(error, UnreadableError):
        return str(error)
    plain = _PLAIN.get(type(error))
    if plain is not None:
        return plain
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    told = " ".join(str(error).split())[:MAX_REASON]
    return f"cannot be read: {told or type(error).__name__}"
