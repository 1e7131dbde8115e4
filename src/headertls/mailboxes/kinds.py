"""What a file holds, told by its first octets and its name."""

import re
from collections.abc import Mapping
from enum import StrEnum, auto
from types import MappingProxyType
from typing import Final


class Kind(StrEnum):
    """A form in which mail is kept."""

    MESSAGE = auto()
    EMLX = auto()
    """Apple Mail: a count of octets on a line of its own, then the message."""
    MBOX = auto()
    OUTLOOK = auto()
    ZIP = auto()
    TAR = auto()
    GZIP = auto()
    BZIP2 = auto()
    XZ = auto()
    ZSTD = auto()
    NDJSON = auto()
    CSV = auto()
    PARQUET = auto()
    EMPTY = auto()
    """A mailbox without messages."""
    OTHER = auto()
    """No mail."""


MAGIC: Final[tuple[tuple[bytes, Kind], ...]] = (
    # RFC 1952, 2.3.1
    (b"\x1f\x8b", Kind.GZIP),
    (b"BZh", Kind.BZIP2),
    (b"\xfd7zXZ\x00", Kind.XZ),
    # RFC 8878, 3.1.1
    (b"\x28\xb5\x2f\xfd", Kind.ZSTD),
    # APPNOTE.TXT, 4.3.7 and 4.3.16
    (b"PK\x03\x04", Kind.ZIP),
    (b"PK\x05\x06", Kind.ZIP),
    # [MS-CFB], 2.2
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OUTLOOK),
    (b"PAR1", Kind.PARQUET),
)
_FIRST_OCTETS: Final = frozenset(magic[:1] for magic, _ in MAGIC)

# POSIX, pax Interchange Format: the word `ustar` of the first header
_TAR_AT: Final = 257
_TAR: Final = b"ustar"

SUFFIXES: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        ".emlx": Kind.EMLX,
        ".ndjson": Kind.NDJSON,
        ".jsonl": Kind.NDJSON,
        ".csv": Kind.CSV,
        ".tsv": Kind.CSV,
    }
)
"""Forms that have no mark of their own, by the ending of the name."""

MESSAGE_SUFFIXES: Final = frozenset({".eml", ".mail", ".msg", ".rfc822"})
"""Files of these names hold one message, however it begins."""

PACKED_SUFFIXES: Final = frozenset({".gz", ".bz2", ".xz", ".zst"})
"""Taken off a name to get the name of what is inside."""

# What may begin a header block: a field, a quoted or indented one, blank lines, a byte order mark.
_HEADER: Final = re.compile(
    rb"(?>(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff|[\s>])*)(?:[!-9;-~\x00]+[ \t\x00]*:|From )"
)
MBOX_LINE: Final = re.compile(rb"From [^\r\n]*\r?\n")


def recognise(name: str, head: bytes, *, is_message: bool = False) -> Kind:
    r"""Tell what a file holds.

    Args:
        name: Of the file; its ending counts where the octets do not tell.
        head: Its first octets, some hundreds of them.
        is_message: The folder in which it stands holds messages only.

    >>> recognise("inbox", b"From me@a.example Mon Nov 23 10:11:12 2026\nSubject: Lunch\n\n")
    <Kind.MBOX: 'mbox'>
    """
    if head[:1] in _FIRST_OCTETS:
        for magic, kind in MAGIC:
            if head.startswith(magic):
                return kind
    suffix = find_suffix(name)
    if is_message or suffix in MESSAGE_SUFFIXES:
        return Kind.MESSAGE
    return SUFFIXES.get(suffix) or _recognise_text(head)


def find_suffix(name: str) -> str:
    """The ending of a name, in lower case.

    >>> find_suffix("mails/in.v2/INBOX.EML"), find_suffix("in.v2/inbox")
    ('.eml', '')
    """
    dot = name.rfind(".")
    if dot < 0 or "/" in name[dot:] or "\\" in name[dot:]:
        return ""
    return name[dot:].lower()


def _recognise_text(head: bytes) -> Kind:
    if not head.strip():
        return Kind.EMPTY
    if head.startswith(_TAR, _TAR_AT):
        return Kind.TAR
    if MBOX_LINE.match(head.lstrip()):
        return Kind.MBOX
    if head.lstrip().startswith(b'{"'):
        return Kind.NDJSON
    return Kind.MESSAGE if _HEADER.match(head) else Kind.OTHER
