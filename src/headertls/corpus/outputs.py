"""Files of rows, which are whole or not there.

While a scan runs, they have the name with `.partial` behind it; at its end they get their own. What
is broken off can be used, and gone on with: a file of lines as it stands, and the folder of an
Arrow or Parquet output holds whole files, one for each piece of the scan.
"""

import os
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

from headertls.corpus.encoding import Encoded, Form, number_lines, write_head
from headertls.corpus.wanted import Wanted


class Output(Protocol):
    """A file of rows that is being written."""

    wanted: Wanted

    def write(self, encoded: Encoded, numbers: Sequence[int]) -> None:
        """Write the rows of a batch.

        Args:
            encoded: As `encode` gave them.
            numbers: Of the messages; negative for those that are left out.

        Raises:
            OSError: They cannot be written.
        """
        ...

    def save(self) -> int:
        """Make all that was written safe, and tell how much it is: `open_output` goes on there.

        Raises:
            OSError: It cannot be written.
        """
        ...

    def seal(self) -> None:
        """Make the file whole; nothing more is written.

        Raises:
            OSError: It cannot be written.
        """
        ...

    def finish(self) -> None:
        """Give the whole file its name.

        Raises:
            OSError: It cannot be renamed.
        """
        ...

    def close(self) -> None:
        """Let go of the file as it is."""
        ...


def open_output(wanted: Wanted, saved: int | None = None) -> Output:
    """Open an output, anew or to go on.

    Args:
        wanted: What is to be written.
        saved: What the last `save` of a scan told that was broken off.

    Raises:
        OSError: It cannot be opened.
        StateError: Some of what was saved is not there any more.
        ValueError: No form has the ending of its name.
        ImportError: pyarrow is not installed.
    """
    if wanted.form is Form.ARROW:
        # Arrow's usual pool keeps 40 MB more.
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
        import_module("headertls.arrow")  # it tells what to install
        from headertls.corpus.arrow_output import ArrowOutput  # noqa: PLC0415  # an extra

        return ArrowOutput(wanted, saved)
    return LineOutput(wanted, saved)


class LineOutput:
    """A file of lines: NDJSON or CSV."""

    def __init__(self, wanted: Wanted, saved: int | None = None) -> None:
        self.wanted = wanted
        self._form = wanted.form
        # unbuffered: what cannot be written is known at once
        self._file = wanted.partial.open("wb" if saved is None else "r+b", buffering=0)
        if saved is None:
            self._write(write_head(self._form, wanted.rows))
        else:
            if os.fstat(self._file.fileno()).st_size < saved:
                self._file.close()
                raise wanted.make_loss()
            self._file.truncate(saved)
            self._file.seek(saved)

    def write(self, encoded: Encoded, numbers: Sequence[int]) -> None:
        """Write the rows of a batch; all of them or none."""
        lines = cast("tuple[tuple[int, bytes], ...]", encoded)
        start = self._file.tell()
        try:
            self._write(number_lines(self._form, lines, numbers))
        except OSError:
            self._file.truncate(start)
            self._file.seek(start)
            raise

    def _write(self, octets: bytes) -> None:
        rest = memoryview(octets)
        while rest:
            rest = rest[self._file.write(rest) :]

    def save(self) -> int:
        """Make the lines safe, and tell how many octets they are."""
        os.fsync(self._file.fileno())
        return self._file.tell()

    def seal(self) -> None:
        """Make the file whole."""
        self._file.close()

    def finish(self) -> None:
        """Give the whole file its name."""
        self.wanted.partial.replace(self.wanted.path)

    def close(self) -> None:
        """Let go of the file as it is."""
        self._file.close()
