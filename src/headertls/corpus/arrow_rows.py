"""Rows as record batches of Arrow."""
# pyright: basic

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import pyarrow as pa

from headertls.arrow.schema import HOP_SCHEMA, MESSAGE_SCHEMA, make_schema
from headertls.arrow.tables import make_arrays
from headertls.corpus.rows import PlaceRow
from headertls.rows import Rows

_PLACE: Final = make_schema("places", PlaceRow)


def _add_place(schema: pa.Schema) -> pa.Schema:
    return pa.schema([schema.field(0), *_PLACE, *list(schema)[1:]]).with_metadata(schema.metadata)


SCHEMAS: Final[Mapping[Rows, pa.Schema]] = MappingProxyType(
    {"hops": _add_place(HOP_SCHEMA), "messages": _add_place(MESSAGE_SCHEMA)}
)
"""The columns `HOP_COLUMNS` and `MESSAGE_COLUMNS`."""


def encode_arrow(rows: Rows, values: Sequence[tuple[Any, ...]]) -> bytes:
    """Write rows as a stream of one record batch; of none as no octets."""
    if not values:
        return b""
    schema = SCHEMAS[rows]
    batch = pa.RecordBatch.from_arrays(make_arrays(values, schema), schema=schema)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as stream:
        stream.write_batch(batch)
    return sink.getvalue().to_pybytes()


def number_batch(octets: bytes, numbers: Sequence[int]) -> pa.RecordBatch | None:
    """Read what `encode_arrow` wrote, with the numbers of the messages.

    Args:
        octets: One record batch.
        numbers: The numbers of the messages of the batch, negative for those that are left out.
    """
    if not octets:
        return None
    with pa.ipc.open_stream(octets) as stream:
        batch = stream.read_next_batch()
    places = batch.column(0)
    column = pa.array(numbers, pa.int64()).take(places)
    batch = pa.RecordBatch.from_arrays([column, *batch.columns[1:]], schema=batch.schema)
    if min(numbers) < 0:
        batch = batch.filter(pa.array(batch.column(0).to_numpy() >= 0))
    return batch
