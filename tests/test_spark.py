"""The way to Spark and back, by a double of its data frames; `tests/engines` has the real ones."""

import importlib
import pickle
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Self

import pyarrow as pa
import pytest

from headertls import Policy, Site
from headertls.arrow import HOP_SCHEMA, MESSAGE_SCHEMA, analyze_batches
from headertls.arrow.schema import describe
from headertls.spark import hops, messages

EXAMPLES: Final = sorted((Path(__file__).parents[1] / "examples").glob("*.eml"))


class Field:
    """A column as PySpark describes it."""

    def __init__(
        self, name: str, data_type: object, nullable: object, metadata: object = None
    ) -> None:
        self.name, self.dataType, self.nullable = name, data_type, nullable
        self.metadata = metadata


class Struct(list[Field]):
    """What is used of `pyspark.sql.types.StructType`."""

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [field.name for field in self]

    def __getitem__(self, name: Any) -> Any:
        [found] = [field for field in self if field.name == name]
        return found

    def add(self, *parts: Any) -> Self:
        """Add a column."""
        self.append(Field(*parts))
        return self


class Frame:
    """A data frame of two partitions, of which the second has no batch."""

    def __init__(self, batch: pa.RecordBatch, target: Struct | None = None) -> None:
        self.batch, self.target = batch, target

    @property
    def schema(self) -> Struct:
        """The columns."""
        return Struct(Field(f.name, f"spark {f.type}", f.nullable) for f in self.batch.schema)

    def selectExpr(self, *expr: str) -> "Frame":  # noqa: N802
        """Choose columns by their quoted names, and rename them."""
        pairs = [re.fullmatch(r"`((?:[^`]|``)+)` AS `((?:[^`]|``)+)`", text) for text in expr]
        names = [[name.replace("``", "`") for name in pair.groups()] for pair in pairs if pair]
        assert len(expr) == len(names)
        columns = {new: self.batch.column(name) for name, new in names}
        return Frame(pa.record_batch(columns))

    def mapInArrow(self, func: Callable[[Iterator[Any]], Iterator[Any]], schema: Struct) -> "Frame":  # noqa: N802
        """Send the function to a worker, and run it there."""
        there = pickle.loads(pickle.dumps(func))  # noqa: S301  # our own
        made = [*there(iter([self.batch])), *there(iter([]))]
        assert all(type(batch) is pa.RecordBatch for batch in made)
        [batch] = made
        return Frame(batch, schema)


@pytest.fixture
def frame() -> Frame:
    """The examples, with columns of which one is not wanted."""
    return Frame(
        pa.record_batch(
            {
                "raw": [path.read_bytes() for path in EXAMPLES],
                "a.`b": [path.name for path in EXAMPLES],
                "other": pa.nulls(len(EXAMPLES)),
            }
        )
    )


def test_rows_are_those_of_the_batches(frame: Frame) -> None:
    """Spark runs what everybody runs, also with a site and a policy, and keeps columns."""
    site, policy = Site(hosts=("ferryhouse.example",)), Policy(profile="iana")
    keep = {"a.`b": "path"}
    for rows, function in (("hops", hops), ("messages", messages)):
        made = function(frame, "raw", site, policy, keep=keep)
        expected = analyze_batches([frame.batch], "raw", site, policy, keep=keep, rows=rows)
        assert [made.batch] == list(expected)


def test_columns_have_types_of_spark(frame: Frame) -> None:
    """The columns are named, typed and described as in the schema; a kept one stays as it was."""
    target = hops(frame, keep={"a.`b": "path", "other": "other"}).target
    assert target is not None
    assert ["path", "other", *HOP_SCHEMA.names] == target.names
    assert [("spark string", True), ("spark null", True)] == [
        (field.dataType, field.nullable) for field in list(target)[:2]
    ]
    assert {"boolean", "long", "double", "string", "timestamp"} == {
        field.dataType for field in list(target)[2:]
    }
    more = messages(frame).target
    assert more is not None
    for ours, theirs in zip(
        [*HOP_SCHEMA, *MESSAGE_SCHEMA], [*list(target)[2:], *more], strict=True
    ):
        assert ({"comment": describe(ours)}, ours.nullable) == (theirs.metadata, theirs.nullable)


def test_names_are_checked_before_a_job_starts(frame: Frame) -> None:
    """The driver tells what would fail in every task."""
    with pytest.raises(KeyError, match="no column is named 'content' in: raw"):
        hops(frame, "content")
    with pytest.raises(KeyError, match="no column is named 'path'"):
        hops(frame, keep=["path"])
    with pytest.raises(ValueError, match="would be named 'raw'"):
        hops(frame, keep=["raw"])


@pytest.mark.parametrize(
    ("missing", "words"),
    [("pyarrow", r"pip install 'headertls\[spark\]'"), ("headertls.arrow.columns", "columns")],
)
def test_want_of_pyarrow_is_told(missing: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the extra with which Spark works, and takes nothing else for its want."""
    for name in [n for n in sys.modules if n.startswith(("headertls.arrow", "headertls.spark"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)  # type: ignore[arg-type]

    with pytest.raises(ImportError, match=words):
        importlib.import_module("headertls.spark")
