"""Hops and messages as columns of Arrow: for tables, and for every engine that reads batches.

The one home of pyarrow, which is in the extra `arrow` and is loaded when this module is asked for.
"""

from importlib import import_module

try:
    import_module("pyarrow")
except ModuleNotFoundError as error:
    if error.name != "pyarrow":
        raise
    raise ImportError(
        "Arrow tables need pyarrow: pip install 'headertls[arrow]'", name="pyarrow"
    ) from None

from headertls.arrow.batches import analyze_batches
from headertls.arrow.schema import HOP_SCHEMA, MESSAGE_SCHEMA, SCHEMA_VERSION
from headertls.arrow.tables import MAX_ROWS, messages_to_table, to_batches, to_table

__all__ = [
    "HOP_SCHEMA",
    "MAX_ROWS",
    "MESSAGE_SCHEMA",
    "SCHEMA_VERSION",
    "analyze_batches",
    "messages_to_table",
    "to_batches",
    "to_table",
]
