"""Rows of hops as a data frame; the one home of pandas, which is loaded when it is asked for."""
# pyright: basic

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from headertls.models import Trace
from headertls.report.frame import BOOLEANS, CATEGORIES, INTEGERS, ORDERED, HopRow, iter_rows

if TYPE_CHECKING:
    from pandas import DataFrame as DataFrame  # noqa: PLC0414  # `models.traces` names it, too
    from pandas import Series


def to_frame(traces: Trace | Iterable[Trace]) -> "DataFrame":
    """Make a pandas `DataFrame` with a row for each hop of each of *traces*, oldest hops first.

    The columns are the fields of `headertls.report.frame.HopRow`, always all of them and of the
    same types, whatever the traces hold: categories for enums (`severity` and `tls_version` in
    rising order), `datetime64[us, UTC]`, nullable integers and booleans, `float64`, `string`.

    Args:
        traces: As of `headertls.analyze`, or one trace alone; a message without hops has no row.

    Raises:
        ImportError: pandas is not installed.

    >>> from headertls.models import Hop
    >>> frame = to_frame([Trace(hops=(Hop(raw="from a.example"),))])
    >>> frame[["message", "hop", "raw"]].to_dict("records")
    [{'message': 0, 'hop': 0, 'raw': 'from a.example'}]
    """
    try:
        import pandas as pd  # noqa: PLC0415  # an extra, and slow to load
    except ModuleNotFoundError as error:
        if error.name != "pandas":
            raise
        text = "data frames need pandas: pip install 'headertls[pandas]'"
        raise ImportError(text, name="pandas") from None
    rows = list(iter_rows(traces))
    columns = zip(*rows, strict=True) if rows else ((),) * len(HopRow._fields)
    named = zip(HopRow._fields, columns, strict=True)
    return pd.DataFrame({name: _make_column(name, values) for name, values in named})


def _make_column(name: str, values: tuple[object, ...]) -> "Series":
    import pandas as pd  # noqa: PLC0415  # see above

    if (members := CATEGORIES.get(name)) is not None:
        kind = pd.CategoricalDtype([member.value for member in members], ordered=name in ORDERED)
        texts = [value.value if isinstance(value, StrEnum) else None for value in values]
        return pd.Series(texts, dtype=kind)
    if name == "timestamp":
        return pd.Series(values, dtype="datetime64[us, UTC]")
    if name == "delay":
        return pd.Series(values, dtype="float64")
    if name in INTEGERS:
        return pd.Series(values, dtype="Int64")
    return pd.Series(values, dtype="boolean" if name in BOOLEANS else "string")
