"""Hops and messages as PySpark data frames: `headertls.arrow.analyze_batches` in every task.

PySpark is the caller's: nothing of it is imported here, its data frames are taken as they come.
The workers need headertls with the extra `arrow`, too.
"""
# pyright: basic

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final, Protocol, Self, TypeVar

try:
    from headertls.arrow import analyze_batches
except ImportError as error:
    if error.name != "pyarrow":
        raise
    raise ImportError(
        "headertls.spark needs pyarrow: pip install 'headertls[spark]'", name="pyarrow"
    ) from None
from headertls.arrow.columns import Keep, check_names, name_kept
from headertls.arrow.schema import SCHEMAS, describe
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
"""Spark's names of the types that our columns have."""


class DataFrame(Protocol):
    """What is needed of `pyspark.sql.DataFrame`, be it a classic one or one of Spark Connect."""

    @property
    def schema(self) -> Any:  # noqa: ANN401  # a StructType
        """Names and types of the columns."""

    def selectExpr(self, *expr: str) -> Self:  # noqa: N802
        """Choose columns."""
        ...

    def mapInArrow(  # noqa: N802
        self,
        func: Callable[[Iterator[Any]], Iterator[Any]],
        schema: Any,  # noqa: ANN401
    ) -> Self:
        """Make of the record batches of each partition others."""
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
    """Make a data frame with a row for each hop of each message, as `headertls.arrow` has it.

    Nothing is read until Spark is asked for rows. The column `message` counts the messages of a
    partition: join by a kept column.

    Args:
        df: Holds a message in each row.
        column: The messages, as binaries or strings.
        site: As for `headertls.analyze`.
        policy: As for `headertls.analyze`.
        keep: As for `headertls.arrow.analyze_batches`.

    Raises:
        KeyError: There is no such column, or more than one of that name.
        ValueError: A kept column has the name of one of the output's own.
    """
    return _map(df, column, keep, {"rows": "hops", "site": site, "policy": policy})


def messages(
    df: Frame,
    column: str = "raw",
    site: Site | None = None,
    policy: Policy | None = None,
    *,
    keep: Keep = (),
) -> Frame:
    """Make a data frame with a row for each message: as `hops` does, also of those without hops.

    Where there is no message but a null, the column `error` says so.

    Args:
        df: As for `hops`.
        column: As for `hops`.
        site: As for `headertls.analyze`.
        policy: As for `headertls.analyze`.
        keep: As for `headertls.arrow.analyze_batches`.

    Raises:
        KeyError: There is no such column, or more than one of that name.
        ValueError: A kept column has the name of one of the output's own.
    """
    return _map(df, column, keep, {"rows": "messages", "site": site, "policy": policy})


def _map(df: Frame, column: str, keep: Keep, options: Mapping[str, Any]) -> Frame:
    source, kept, made = df.schema, name_kept(keep), SCHEMAS[options["rows"]]
    check_names(column, kept, source.names, made.names)
    target = type(source)()
    for name, new in kept.items():
        target.add(new, source[name].dataType, source[name].nullable)
    for field in made:
        comment = {"comment": describe(field)}
        target.add(field.name, _TYPES[str(field.type)], field.nullable, comment)
    # Only what is needed travels to Python, renamed on the way, since mapInArrow takes no dots in
    # names. The messages get the name of a column that is made: no kept one has it.
    needed = [(column, made.names[0]), *kept.items()]
    chosen = df.selectExpr(*(f"{_quote(name)} AS {_quote(new)}" for name, new in needed))
    job = partial(analyze_batches, column=made.names[0], keep=tuple(kept.values()), **options)
    return chosen.mapInArrow(job, target)


def _quote(name: str) -> str:
    return f"`{name.replace('`', '``')}`"
