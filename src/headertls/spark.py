"""Hops and messages as PySpark data frames: `analyze_batches` in every task of a cluster.

PySpark is the caller's: this module takes its data frames and imports nothing of it.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final, Protocol, Self, TypeVar

from headertls.arrow import SCHEMAS, Keep, Rows, analyze_batches
from headertls.arrow.batches import name_kept
from headertls.models import Policy, Site

_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "bool": "boolean",
        "int64": "long",
        "double": "double",
        "string": "string",
        "timestamp[us, tz=UTC]": "timestamp",
    }
)
"""What Spark calls the types of our columns."""


class DataFrame(Protocol):
    """What is needed of `pyspark.sql.DataFrame`, be it a classic one or one of Spark Connect."""

    @property
    def schema(self) -> Any:  # noqa: ANN401  # a StructType
        """Names and types of the columns."""

    def select(self, *cols: str) -> Self:
        """Choose columns."""
        ...

    def mapInArrow(  # noqa: N802
        self,
        func: Callable[[Iterator[Any]], Iterator[Any]],
        schema: Any,  # noqa: ANN401
    ) -> Self:
        """Map the record batches of each partition."""
        ...


Frame = TypeVar("Frame", bound=DataFrame)


def hops(
    df: Frame,
    column: str = "raw",
    site: Site | None = None,
    policy: Policy | None = None,
    *,
    keep: Keep = (),
) -> Frame:
    return _map(df, column, keep, "hops", partial(analyze_batches, column=column, site=site, policy=policy, keep=keep))

def _map(df, column, keep, rows, function):
    kept = name_kept(keep)
    source = df.schema
    target = type(source)()
    for name, new in kept.items():
        target.add(new, source[name].dataType, nullable=True)
    for field in SCHEMAS[rows]:
        text = (field.metadata or {}).get(b"description", b"").decode()
        target.add(field.name, _TYPES[str(field.type)], field.nullable, {"comment": text})
    needed = df.select(*(f"`{name.replace('`', '``')}`" for name in dict.fromkeys((column, *kept))))
    return needed.mapInArrow(function, target)
