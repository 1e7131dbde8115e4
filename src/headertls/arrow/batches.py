"""From record batches of messages to record batches of what they say: what every engine runs."""
# pyright: basic

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

import pyarrow as pa

from headertls.analysis import analyze
from headertls.arrow.columns import Keep, check_names, name_kept
from headertls.arrow.schema import SCHEMAS
from headertls.arrow.tables import MAX_ROWS, cut, make_arrays
from headertls.models import Policy, Site
from headertls.rows import MAKERS, JudgedMessage, Rows
from headertls.source import MAX_HEADER

NULL: Final = "the value is null"
"""The error of a message that is not there."""

_View = tuple[Site | None, Policy | None]
_IS_TEXT: Final = (
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_binary_view,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_null,  # a column of which no value is known
)


@runtime_checkable
class ArrowStream(Protocol):
    """A table of any library that can be read as Arrow's PyCapsule interface lays down."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> Any:  # noqa: ANN401
        """Give a capsule that holds a C stream of record batches."""


class _Plan(NamedTuple):
    """What is read, what is kept, and what comes out."""

    column: str
    kept: tuple[str, ...]
    make: Callable[[Iterable[JudgedMessage], int], Iterator[tuple[Any, ...]]]
    """What makes the rows."""
    types: Mapping[str, pa.DataType]
    """Of the column and those kept: all batches have the same."""
    rows: pa.Schema
    target: pa.Schema
    """The kept columns, and those of `rows`."""


def analyze_batches(  # noqa: PLR0913  # two positions as `analyze`, the rest by name
    batches: Iterable[pa.RecordBatch] | ArrowStream,
    column: str = "raw",
    site: Site | None = None,
    policy: Policy | None = None,
    *,
    keep: Keep = (),
    rows: Rows = "hops",
    max_rows: int = MAX_ROWS,
) -> pa.RecordBatchReader:
    r"""Analyze the messages in a column of record batches, one input batch at a time.

    The first batch is taken at once, to find the columns; the others when the result is read.
    Content never raises. A null is no message: it has no hops, and among messages a row with an
    `error`.

    Args:
        batches: Record batches of one schema, or a table of any library that speaks Arrow: of
            pyarrow, pandas, Polars, DuckDB and others.
        column: The messages, as binaries or strings; of each the header is read.
        site: As for `headertls.analyze`.
        policy: As for `headertls.analyze`.
        keep: Columns to repeat beside each row, so that it can be joined with what it came from;
            a mapping gives them other names, for `id` and `raw` are columns of the hops.
        rows: What there is a row for: each of the `hops`, or each of the `messages`.
        max_rows: Rows of an output batch at most; no batch holds rows of two input batches.

    Returns:
        An iterator of record batches that knows its `schema`: the kept columns, then `HOP_SCHEMA`
        or `MESSAGE_SCHEMA`. The column `message` counts the input's rows from 0.

    Raises:
        KeyError: There is no such column, or more than one of that name.
        TypeError: The column does not hold binaries or strings, or *batches* no record batches.
        ValueError: A kept column has the name of one of the output's own.

    >>> mail = b"Received: from a.example by b.example; yesterday\n\n"
    >>> batch = pa.record_batch({"raw": [mail, None], "path": ["1.eml", "2.eml"]})
    >>> hops = analyze_batches([batch], keep=["path"])
    >>> hops.read_all().select(["path", "message", "server_name"]).to_pylist()
    [{'path': '1.eml', 'message': 0, 'server_name': 'b.example'}]
    """
    kept = name_kept(keep)
    schema, stream = _open(batches)
    if schema is None:  # no batch at all: nothing is known of its columns
        schema = pa.schema([(name, pa.null()) for name in dict.fromkeys((column, *kept))])
    check_names(column, kept, schema.names, SCHEMAS[rows].names)
    plan = _make_plan(schema, column, kept, rows)
    made = _iter_batches(stream, plan, (site, policy), max_rows)
    return pa.RecordBatchReader.from_batches(plan.target, made)


def _open(
    batches: Iterable[pa.RecordBatch] | ArrowStream,
) -> tuple[pa.Schema | None, Iterator[pa.RecordBatch]]:
    if isinstance(batches, ArrowStream):
        reader = pa.RecordBatchReader.from_stream(batches)
        return reader.schema, reader
    stream = iter((batches,) if isinstance(batches, pa.RecordBatch) else batches)
    first = next(stream, None)
    if not isinstance(first, pa.RecordBatch | None):
        raise TypeError(f"record batches or a table are needed, not {type(first).__name__}")
    return (None, stream) if first is None else (first.schema, chain((first,), stream))


def _make_plan(source: pa.Schema, column: str, kept: Mapping[str, str], rows: Rows) -> _Plan:
    kind = source.field(column).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if not any(is_text(kind) for is_text in _IS_TEXT):
        raise TypeError(f"messages are binaries or strings; column {column!r} holds {kind}")
    fields = [source.field(name).with_name(new) for name, new in kept.items()]
    made = SCHEMAS[rows]
    target = pa.schema([*fields, *made]).with_metadata(made.metadata)
    types = {name: source.field(name).type for name in (column, *kept)}
    return _Plan(column, tuple(kept), MAKERS[rows], types, made, target)


def _iter_batches(
    batches: Iterable[pa.RecordBatch], plan: _Plan, view: _View, max_rows: int
) -> Iterator[pa.RecordBatch]:
    seen = 0
    for batch in batches:
        for name, kind in plan.types.items():
            if batch.schema.field(name).type != kind:
                raise TypeError(f"a batch holds {name!r} in another type than {kind}")
        kept = [batch.column(name) for name in plan.kept]
        messages = _iter_judged(batch.column(plan.column), view)
        for rows in cut(plan.make(messages, seen), max_rows):
            places = [row[0] - seen for row in rows]
            arrays = [_repeat(values, places) for values in kept]
            arrays += make_arrays(rows, plan.rows)
            yield pa.RecordBatch.from_arrays(arrays, schema=plan.target)
        seen += batch.num_rows


def _iter_judged(values: "pa.Array[Any]", view: _View) -> Iterator[JudgedMessage]:
    if isinstance(values, pa.DictionaryArray):
        values = values.dictionary_decode()
    value: Any
    for value in values:
        if value.is_valid:
            # strings as octets, too, so that any text is a message; and no more than is read
            yield _judge(bytes(memoryview(value.as_buffer())[: MAX_HEADER + 1]), view)
        else:
            yield JudgedMessage(error=NULL)


def _judge(block: bytes, view: _View) -> JudgedMessage:
    try:
        return JudgedMessage(analyze(block, *view), block=block)
    except Exception as error:  # noqa: BLE001  # one message must not end the work on millions
        return JudgedMessage(error=f"{type(error).__name__}: {error}")


def _repeat(values: "pa.Array[Any]", places: Sequence[int]) -> "pa.Array[Any]":
    # `take` knows neither views, which Polars gives, nor all that is nested
    return pa.concat_arrays([values.slice(place, 1) for place in places])
