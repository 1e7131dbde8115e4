"""A part of a long file, which moves forwards: searching without holding the whole."""

from typing import Final, Protocol, runtime_checkable

CHUNK: Final = 1 << 20
"""Octets that are read at once, and searched at once."""

MAX_AHEAD: Final = 1 << 24
"""Octets that are held to look ahead in what cannot be read twice."""


class Reader(Protocol):
    """Whatever gives octets, one after the other."""

    def read(self, size: int, /) -> bytes:
        """Return at most *size* octets, and none at the end."""
        ...


@runtime_checkable
class SeekableFile(Protocol):
    """A file that can be read from any place."""

    def read(self, size: int, /) -> bytes:
        """Return at most *size* octets, and none at the end."""
        ...

    def seek(self, place: int, /) -> int:
        """Go to a place."""
        ...


class Window:
    r"""The octets of a file from `start` to `end`, as far as they are held.

    All places are counted from the beginning of the file.

    >>> import io
    >>> window = Window(io.BytesIO(b"one\ntwo\nthree"))
    >>> window.find(b"\nt", 0), window.find(b"\nt", 4), window.find(b"\nt", 8)
    (3, 7, None)
    """

    def __init__(self, file: Reader, start: int = 0) -> None:
        self._file = file
        # Members of archives have `seek`, but going back is slow or fails.
        self._seek = file.seek if isinstance(file, SeekableFile) else None
        self._data = b""
        self._wanted = start
        self.start = start
        self.is_ended = False
        self.failure: Exception | None = None
        """What was raised in the place of further octets; what is held can be used."""

    @property
    def end(self) -> int:
        """Where the octets end that are held."""
        return self.start + len(self._data)

    def find(self, word: bytes, place: int) -> int | None:
        """Find *word* from *place* on; what stands before may be forgotten, but a few octets."""
        while True:
            at = self._data.find(word, max(place - self.start, 0))
            if at >= 0:
                return self.start + at
            place = max(place, self.end - len(word) + 1)
            self.forget(place - _BEFORE)
            if not self._grow():
                return None

    def hold(self, place: int) -> None:
        """Read on until *place* is held, or the file ends."""
        while self.end < place and self._grow():
            pass

    def take(self, start: int, end: int) -> bytes:
        """Return the octets between two places, as far as they are held."""
        return self._data[max(start - self.start, 0) : max(end - self.start, 0)]

    def look(self, place: int, size: int) -> bytes | None:
        """Return *size* octets from a place far ahead, or `None` where that cannot be done."""
        if self._seek is None or place + size <= self.end:
            if place + size - self.start > MAX_AHEAD:
                return None
            self.hold(place + size)
            return self.take(place, place + size)
        try:
            self._seek(place)
            return self._file.read(size)
        except OSError:
            return None

    def forget(self, place: int) -> None:
        """Let what stands before *place* go with the next reading."""
        self._wanted = min(place, self.end)

    def jump(self, place: int) -> None:
        """Go on from *place*, which `look` has seen."""
        if self._seek is None or place <= self.end:
            self.forget(place)
            return
        self._data = b""
        self.start = self._wanted = place
        self.is_ended = False

    def _grow(self) -> bool:
        """Read on, and tell whether there was more."""
        if self.is_ended:
            return False
        if self._seek is not None:
            self._seek(self.end)
        chunk = self._read()
        self.is_ended = not chunk
        if self._wanted > self.start:
            self._data = self._data[self._wanted - self.start :]
            self.start = self._wanted
        self._data += chunk
        return not self.is_ended

    def _read(self) -> bytes:
        try:
            return self._file.read(CHUNK)
        except Exception as error:  # noqa: BLE001  # whatever a library says of a damaged file
            self.failure = error
            return b""


_BEFORE: Final = 4
"""Octets that stay before the place of a search, to see whether a blank line stands there."""
