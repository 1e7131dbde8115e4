"""The columns: derived from the rows of `report.frame`, where each is named, typed and described.

Texts are plain strings, for the reason that Spark takes no dictionaries; Parquet files have their
own, so that nothing is lost.
"""
# pyright: basic

import ast
import inspect
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final, get_args, get_type_hints

import pyarrow as pa

from headertls.report.frame import HopRow, MessageRow

SCHEMA_VERSION: Final = "1.0"
"""Version of the columns: the minor number grows with new ones, the major with changed ones."""

_TYPES: Final[Mapping[type, pa.DataType]] = MappingProxyType(
    {
        bool: pa.bool_(),
        int: pa.int64(),
        float: pa.float64(),
        str: pa.string(),
        datetime: pa.timestamp("us", tz="UTC"),
    }
)


def make_schema(name: str, row: type[Any]) -> pa.Schema:
    """Make the schema of the columns that hold the fields of *row*, a `NamedTuple`.

    Each field has its `description` in its metadata, and the `values` of an enum; the schema has
    its own name and `SCHEMA_VERSION`.

    >>> field = make_schema("hops", HopRow).field("transport")
    >>> field.type, field.nullable, field.metadata[b"values"]
    (DataType(string), True, b'encrypted plaintext not_recorded not_applicable')
    """
    texts = _read_descriptions(row)
    hints = get_type_hints(row)
    fields = [_make_field(field, hints[field], texts.get(field)) for field in row._fields]
    return pa.schema(fields, {"headertls.table": name, "headertls.schema_version": SCHEMA_VERSION})


def describe(field: "pa.Field[Any]") -> str:
    """Tell what a column holds.

    >>> describe(HOP_SCHEMA.field("rule"))
    'The row that decided the transport.'
    """
    return (field.metadata or {}).get(b"description", b"").decode()


def _make_field(
    name: str,
    hint: Any,  # noqa: ANN401  # a type, or a union of one and None
    text: str | None,
) -> "pa.Field[Any]":
    kinds: tuple[type, ...] = get_args(hint) or (hint,)
    [kind] = [kind for kind in kinds if kind is not type(None)]
    metadata: dict[str | bytes, str | bytes] = {}
    if issubclass(kind, StrEnum):
        text = text or inspect.cleandoc(kind.__doc__ or "").partition("\n")[0]
        metadata["values"] = " ".join(member.value for member in kind)
        kind = str
    if text:
        metadata["description"] = text
    return pa.field(name, _TYPES[kind], nullable=type(None) in kinds, metadata=metadata)


def _read_descriptions(row: type[Any]) -> dict[str, str]:
    """Read the texts that stand below the fields, as pydantic does it for the models."""
    try:
        source = inspect.getsource(row)
    except OSError:  # installed without sources
        return {}
    return dict(_iter_descriptions(ast.parse(source).body[0]))


def _iter_descriptions(definition: ast.AST) -> Iterator[tuple[str, str]]:
    for field, below in pairwise(ast.iter_child_nodes(definition)):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, " ".join(text.split())
            case _:
                pass


HOP_SCHEMA: Final = make_schema("hops", HopRow)
"""A row for each hop: the fields of `headertls.report.frame.HopRow`."""

MESSAGE_SCHEMA: Final = make_schema("messages", MessageRow)
"""A row for each message: the fields of `headertls.report.frame.MessageRow`."""

SCHEMAS: Final[Mapping[str, pa.Schema]] = MappingProxyType(
    {"hops": HOP_SCHEMA, "messages": MESSAGE_SCHEMA}
)
