"""Rows as octets, ready to be written: made where the messages are judged.

The number of a message is not known there, since other processes count other messages. So rows of
text leave out the first column, `message`, and Arrow's count from 0.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from headertls.corpus.rows import (
    HOP_COLUMNS,
    MESSAGE_COLUMNS,
    Judged,
    iter_placed_rows,
)
from headertls.rows import Rows


class Form(StrEnum):
    """A form of output."""

    NDJSON = "ndjson"
    CSV = "csv"
    ARROW = "arrow"
    """Record batches, of which Parquet files are made, too."""


COLUMNS: Final[Mapping[Rows, Sequence[str]]] = MappingProxyType(
    {"hops": HOP_COLUMNS, "messages": MESSAGE_COLUMNS}
)

Encoded = tuple[tuple[int, bytes], ...] | bytes
"""Lines without their first column, each with the number of its message in the batch; or a stream
of Arrow's record batches."""


def encode(form: Form | None, rows: Rows, judged: Sequence[Judged]) -> Encoded:
    """Write the rows of some messages."""
    if form is None:
        return ()
    made = iter_placed_rows(rows, judged)
    if form is Form.ARROW:
        from headertls.corpus.arrow_rows import encode_arrow  # noqa: PLC0415  # an extra

        return encode_arrow(rows, list(made))
    if form is Form.CSV:
        return tuple((row[0], _write_csv(row[1:])) for row in made)
    names = COLUMNS[rows][1:]
    return tuple((row[0], _write_json(names, row[1:])) for row in made)


def write_head(form: Form, rows: Rows) -> bytes:
    """Write what stands before the first row."""
    return _write_csv(COLUMNS[rows]) if form is Form.CSV else b""


def number_lines(form: Form, lines: Sequence[tuple[int, bytes]], numbers: Sequence[int]) -> bytes:
    r"""Set the number of its message before each line.

    Args:
        form: Of the lines.
        lines: As `encode` gave them.
        numbers: The numbers of the messages of the batch, negative for those that are left out.

    >>> number_lines(Form.CSV, [(0, b"a\r\n"), (1, b"b\r\n")], [-1, 7])
    b'7,b\r\n'
    """
    start = b"%d," if form is Form.CSV else b'{"message":%d,'
    return b"".join([start % numbers[place] + line for place, line in lines if numbers[place] >= 0])


def _write_default(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


# ASCII only, so that no letter of a stranger's steers a screen.
_encode_json: Final = json.JSONEncoder(separators=(",", ":"), default=_write_default).encode


def _write_json(names: Sequence[str], values: tuple[Any, ...]) -> bytes:
    line = _encode_json(dict(zip(names, values, strict=True)))
    # The one control character that JSON lets stand.
    return line[1:].replace("\x7f", "\\u007f").encode("ascii") + b"\n"


def _write_csv(values: Sequence[Any]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([_spell(value) for value in values])
    return buffer.getvalue().encode("utf-8", "backslashreplace")


def _spell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else value
