"""From traces to record batches and tables."""
# pyright: basic

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

import pyarrow as pa
from pyarrow import Table as Table  # noqa: PLC0414  # `models.traces` names it, too

from headertls.arrow.judged import MAKERS, Judged, Rows
from headertls.arrow.schema import HOP_SCHEMA, MESSAGE_SCHEMA, SCHEMAS
from headertls.models import Trace
from headertls.models.traces import iter_traces

MAX_ROWS: Final = 8192
"""Rows of a record batch, unless the caller wants other ones; a hop takes about a kilobyte."""

_Row = TypeVar("_Row")


def to_table(traces: Trace | Iterable[Trace]) -> Table:
    r"""Make an Arrow table with a row for each hop of each of *traces*, oldest hops first.

    The columns are those of `HOP_SCHEMA`, whatever the traces hold; a message without hops has no
    row. Texts are as the lines have them; lone surrogates, which Arrow does not take, are written
    as escapes.

    Args:
        traces: As of `headertls.analyze`; one alone may be given as it is.

    >>> from headertls import analyze
    >>> table = to_table([analyze(b"Received: from a.example by b.example; yesterday\n")])
    >>> table.select(["client_helo", "defects"]).to_pylist()
    [{'client_helo': 'a.example', 'defects': 'bad-date'}]
    """
    return Table.from_batches(to_batches(traces), HOP_SCHEMA)


def messages_to_table(traces: Trace | Iterable[Trace]) -> Table:
    """Make an Arrow table with a row for each of *traces*, by `MESSAGE_SCHEMA`.

    A trace does not hold the Message-ID and the author's date: these columns are empty. Of
    messages `analyze_batches` fills them.

    Args:
        traces: As of `headertls.analyze`; one alone may be given as it is.

    >>> messages_to_table([Trace()]).select(["message", "headline", "hops"]).to_pylist()
    [{'message': 0, 'headline': 'no_trace', 'hops': 0}]
    """
    return Table.from_batches(to_batches(traces, rows="messages"), MESSAGE_SCHEMA)


def to_batches(
    traces: Trace | Iterable[Trace], max_rows: int = MAX_ROWS, *, rows: Rows = "hops"
) -> Iterator[pa.RecordBatch]:
    """Make record batches, one after the other.

    Args:
        traces: As for `to_table`; so many of them are taken as the next batch needs.
        max_rows: Rows of a batch; only the last one has fewer.
        rows: What there is a row for: each of the `hops`, or each of the `messages`.

    >>> from headertls import Hop
    >>> [batch.num_rows for batch in to_batches([Trace(hops=(Hop(raw=""),) * 5)], max_rows=3)]
    [3, 2]
    """
    schema = SCHEMAS[rows]
    for piece in cut(MAKERS[rows](map(Judged, iter_traces(traces)), 0), max_rows):
        yield pa.RecordBatch.from_arrays(make_arrays(piece, schema), schema=schema)


def cut(rows: Iterator[_Row], size: int) -> Iterator[list[_Row]]:
    """Cut *rows* into lists of *size*, the last of which may be shorter."""
    if size < 1:
        raise ValueError("a batch has at least one row")
    while piece := list(islice(rows, size)):
        yield piece


def make_arrays(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> "list[pa.Array[Any]]":
    """Make the columns of *rows*, of which there is one at least."""
    columns = zip(*rows, strict=True)
    return [_make_array(values, kind) for values, kind in zip(columns, schema.types, strict=True)]


def _make_array(values: tuple[Any, ...], kind: pa.DataType) -> "pa.Array[Any]":
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:  # models made by hand may hold lone surrogates
        return pa.array([_escape(value) for value in values], kind)


def _escape(text: str | None) -> str | None:
    return None if text is None else text.encode("utf-8", "backslashreplace").decode()
