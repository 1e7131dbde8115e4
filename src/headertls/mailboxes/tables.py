"""Tables with a column of raw headers: NDJSON, CSV and Parquet."""

import json
from collections.abc import Iterator, Sequence
from importlib.util import find_spec, module_from_spec
from typing import IO, Any, Final, NamedTuple, cast

from headertls.mailboxes.errors import UnreadableError
from headertls.mailboxes.window import Reader
from headertls.source import MAX_HEADER
from headertls.source.opening import encode_text

COLUMNS: Final = (
    *("headers", "header", "raw_headers", "raw_header", "header_block"),
    *("raw", "raw_message", "raw_email", "message", "email", "eml", "rfc822", "content", "mail"),
)
"""Names of the column that are known, the likeliest first; upper and lower case are one."""

MAX_ROW: Final = 1 << 26
"""Octets of a row that are read."""

ROWS: Final = 256
"""Rows of a Parquet file that are held at once."""

_CHUNK: Final = 1 << 18
_DELIMITERS: Final = (",", ";", "\t", "|")
_MAX_TOLD: Final = 12

NEEDS_PYARROW: Final = "needs pyarrow: pip install 'headertls[arrow]'"
NO_HEADER: Final = "has no header in this row"
NO_OBJECT: Final = "is no JSON object in this row"
TOO_LONG: Final = "is too long in this row"


def _load_csv() -> Any:  # noqa: ANN401  # a module
    """Load a copy of the standard library's `_csv`, whose limit of a cell is ours alone.

    The module has one limit for the whole process, 128 KiB, and a caller may rely on it.
    """
    spec = cast("Any", find_spec("_csv"))
    module = cast("Any", module_from_spec(spec))
    spec.loader.exec_module(module)
    module.field_size_limit(MAX_ROW)
    return module


_csv: Final = _load_csv()


class Cell(NamedTuple):
    """A row's header, or why there is none."""

    block: bytes
    error: str | None = None


def iter_ndjson(file: Reader, column: str | None) -> Iterator[Cell]:
    r"""Give the header of each line.

    >>> import io
    >>> list(iter_ndjson(io.BytesIO(b'{"headers": "To: a@a.example\\n"}'), None))
    [Cell(block=b'To: a@a.example\n', error=None)]
    """
    for line in _iter_lines(file):
        if line is None:
            yield Cell(b"", TOO_LONG)
        elif line.strip():
            yield _read_object(line, column)


def iter_csv(file: Reader, column: str | None) -> Iterator[Cell]:
    """Give the header of each row; the first row names the columns.

    Raises:
        UnreadableError: No column is known to hold headers.
    """
    lines = _Lines(_iter_text(file))
    first = next(lines, "")
    delimiter = max(_DELIMITERS, key=first.count)
    names = [name for row in _csv.reader([first], delimiter=delimiter) for name in row]
    place = names.index(choose_column(names, column))
    rows = _csv.reader(lines, delimiter=delimiter)
    while True:
        lines.quotes = 0
        try:
            row = next(rows)
        except StopIteration:
            return
        except _csv.Error as error:
            yield Cell(b"", f"cannot be read: {error}")
            lines.leave_cell()
            continue
        if row:
            yield _make_cell(row[place] if place < len(row) else None)


class _Lines:
    """Lines of CSV, with which the end of a row can be found that is too long for the reader.

    It would take the rest of a long cell for rows: lines of a body for headers of messages.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.quotes = 0
        """Since the beginning of the row."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.quotes += line.count('"')
        return line

    def leave_cell(self) -> None:
        """Pass over the rest of a cell that is open; quotes within it are doubled."""
        while self.quotes % 2 and next(self, None) is not None:
            pass


def iter_parquet(file: Reader, column: str | None) -> Iterator[Cell]:
    """Give the header of each row.

    Raises:
        UnreadableError: No column is known to hold headers, or pyarrow is not installed.
    """
    try:
        from pyarrow import parquet  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]
    except ModuleNotFoundError as error:
        raise UnreadableError(NEEDS_PYARROW) from error
    with cast("Any", parquet).ParquetFile(cast("IO[bytes]", file)) as table:
        name = choose_column(table.schema_arrow.names, column)
        for batch in table.iter_batches(batch_size=ROWS, columns=[name]):
            for value in batch.column(0).to_pylist():
                yield _make_cell(value)


def _iter_text(file: Reader) -> Iterator[str]:
    for number, line in enumerate(_iter_lines(file)):
        if line is None:
            raise UnreadableError(TOO_LONG)
        yield line.decode("utf-8" if number else "utf-8-sig", "surrogateescape")


def choose_column(names: Sequence[str], column: str | None) -> str:
    """Choose the column that holds the headers.

    Raises:
        UnreadableError: There is none of the given name, or of a known one.

    >>> choose_column(["id", "Raw_Headers"], None)
    'Raw_Headers'
    """
    wanted = COLUMNS if column is None else (column.lower(),)
    by_name = {name.lower(): name for name in reversed(names)}
    for name in wanted:
        if name in by_name:
            return by_name[name]
    told = ", ".join(names[:_MAX_TOLD])
    sought = "of raw headers" if column is None else f"called {column}"
    raise UnreadableError(f"has no column {sought}: it has {told or 'none'}")


def _read_object(line: bytes, column: str | None) -> Cell:
    try:
        row: object = json.loads(line)
    except (ValueError, RecursionError):
        return Cell(b"", NO_OBJECT)
    if not isinstance(row, dict):
        return Cell(b"", NO_OBJECT)
    values = cast("dict[str, object]", row)
    try:
        return _make_cell(values[choose_column(list(values), column)])
    except UnreadableError as error:
        return Cell(b"", str(error))


def _make_cell(value: object) -> Cell:
    if isinstance(value, str) and value:
        return Cell(encode_text(value[: MAX_HEADER + 1]))
    if isinstance(value, bytes) and value:
        return Cell(value[: MAX_HEADER + 1])
    return Cell(b"", NO_HEADER)


def _iter_lines(file: Reader) -> Iterator[bytes | None]:
    """Give the lines with their ends, and `None` for one that is too long to be held."""
    rest = bytearray()  # grows in place: a long line is not copied anew with each chunk of it
    is_skipping = False
    while chunk := file.read(_CHUNK):
        *lines, tail = chunk.split(b"\n")
        for line in lines:
            yield None if is_skipping else bytes(rest) + line + b"\n"
            rest.clear()
            is_skipping = False
        rest += tail
        if len(rest) > MAX_ROW:
            rest.clear()
            is_skipping = True
    if rest or is_skipping:
        yield None if is_skipping else bytes(rest)
