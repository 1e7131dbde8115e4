"""Compressed files, unpacked as far as they are read."""

import bz2
import lzma
import sys
import zlib
from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final, Protocol, cast

from headertls.mailboxes.errors import UnreadableError
from headertls.mailboxes.kinds import PACKED_SUFFIXES, Kind, find_suffix
from headertls.mailboxes.window import Reader

CHUNK: Final = 1 << 16


class Decompressor(Protocol):
    """What `bz2`, `lzma` and `compression.zstd` have in common."""

    @property
    def eof(self) -> bool:
        """The end of a compressed stream was met; another one may follow in the file."""
        ...

    @property
    def needs_input(self) -> bool:
        """There is nothing more to give without further octets."""
        ...

    @property
    def unused_data(self) -> bytes:
        """Octets behind the end."""
        ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Take *data*, and give at most *max_length* octets."""
        ...


class _GzipDecompressor:
    """The same for gzip, which the standard library offers only from Python 3.12, and hidden."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


def _make_zstd() -> Decompressor:
    is_new = sys.version_info >= (3, 14)
    name = "compression.zstd" if is_new else "backports.zstd"
    try:
        module = import_module(name)
    except ModuleNotFoundError as error:
        raise UnreadableError("needs backports.zstd: pip install 'headertls[zstd]'") from error
    return cast("Decompressor", module.ZstdDecompressor())


_MAKERS: Final[Mapping[Kind, Callable[[], Decompressor]]] = MappingProxyType(
    {
        Kind.GZIP: _GzipDecompressor,
        Kind.BZIP2: bz2.BZ2Decompressor,
        Kind.XZ: lzma.LZMADecompressor,
        Kind.ZSTD: _make_zstd,
    }
)

PACKED: Final = frozenset(_MAKERS)


class Unpacked:
    r"""What is inside a compressed file, which may be several streams behind each other.

    Never more is unpacked than is asked for, however much a few octets may hold; and of a damaged
    file all is given that stands before the damage.

    >>> import gzip, io
    >>> Unpacked(io.BytesIO(gzip.compress(b"Subject: Lunch\n\n")), Kind.GZIP).read(7)
    b'Subject'

    Raises:
        UnreadableError: The package that unpacks it is not installed.
    """

    def __init__(self, file: Reader, kind: Kind) -> None:
        self._file = file
        self._make = _MAKERS[kind]
        self._inner = self._make()
        self._rest = b""
        self._is_started = False

    def read(self, size: int, /) -> bytes:
        """Return at most *size* octets, and none at the end.

        Raises:
            EOFError: The file is cut off.
        """
        while True:
            if self._inner.eof and not self._start_next():
                return b""
            data = b""
            if self._inner.needs_input:
                data = self._rest or self._file.read(CHUNK)
                self._rest = b""
                if not data:
                    return self._end()
            self._is_started = True
            found = self._inner.decompress(data, size)
            if found:
                return found

    def _start_next(self) -> bool:
        """Begin the next stream, if one follows; zeros are what tapes were filled up with."""
        rest = self._inner.unused_data or self._file.read(CHUNK)
        while rest and not rest.strip(b"\0"):
            rest = self._file.read(CHUNK)
        self._rest = rest.lstrip(b"\0")
        self._inner = self._make()
        self._is_started = False
        return bool(self._rest)

    def _end(self) -> bytes:
        if self._is_started:
            raise EOFError
        return b""


def strip_suffix(name: str) -> str:
    """The name of what is inside.

    >>> strip_suffix("inbox.mbox.gz"), strip_suffix("mails.tgz")
    ('inbox.mbox', 'mails.tgz')
    """
    suffix = find_suffix(name)
    return name[: -len(suffix)] if suffix in PACKED_SUFFIXES else name
