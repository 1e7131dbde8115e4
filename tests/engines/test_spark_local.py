"""A real PySpark on this machine: the rows that a cluster makes are those of one process.

Without PySpark or Java each test is skipped by its name.
"""

import os
import runpy
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from headertls import Policy, Site, scan
from headertls.arrow import HOP_SCHEMA, to_table
from headertls.arrow.schema import describe
from headertls.spark import hops, messages

ROOT: Final = Path(__file__).parents[2]
EXAMPLES: Final = sorted((ROOT / "examples").glob("*.eml"))

pytestmark = [
    pytest.mark.engines,
    # of PySpark's own code: in 4.3 with pandas 3, and in 3.5
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore:distutils Version classes are deprecated"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    """Spark with two workers, in another time zone than UTC."""
    sql = pytest.importorskip("pyspark.sql")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        pytest.skip("no Java")
    builder = sql.SparkSession.builder.master("local[2]")
    for name, value in (
        ("spark.driver.bindAddress", "127.0.0.1"),
        ("spark.driver.host", "127.0.0.1"),
        ("spark.sql.session.timeZone", "Asia/Kolkata"),
        ("spark.sql.shuffle.partitions", "2"),
        ("spark.ui.enabled", "false"),
    ):
        builder = builder.config(name, value)
    interrupt = signal.getsignal(signal.SIGINT)  # which Spark takes over for good
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        made = builder.getOrCreate()
        yield made
        made.stop()
    signal.signal(signal.SIGINT, interrupt)


def read(frame: Any) -> list[dict[str, Any]]:
    """The rows as Python has them; a partition's own count of messages is left out."""
    rows = [row.asDict() for row in frame.drop("message").collect()]
    return sorted(rows, key=lambda row: (row["path"], row["hop"]))


def expect(*view: Any) -> list[dict[str, Any]]:
    """The rows of one process."""
    rows = []
    for result in scan(EXAMPLES, *view):
        for row in to_table([result.trace]).drop_columns("message").to_pylist():
            # Spark gives times as the process's own zone has them, without naming it
            stamp = row["timestamp"] and row["timestamp"].astimezone().replace(tzinfo=None)
            rows.append({"path": Path(result.place.path).name, **row, "timestamp": stamp})
    return rows


def test_rows_are_those_of_one_process(session: Any) -> None:
    """The files of a folder, read by Spark, are those of a scan, also with a site and a policy."""
    files = session.read.format("binaryFile").option("pathGlobFilter", "*.eml")
    mail = files.load(str(ROOT / "examples")).repartition(3)
    view = (Site(hosts=("ferryhouse.example",)), Policy(profile="iana"))
    made = hops(mail, "content", *view, keep=["path"])
    rows = [{**row, "path": Path(row["path"]).name} for row in read(made)]

    assert expect(*view) == rows
    assert ["path", *HOP_SCHEMA.names] == made.columns
    comments = {field.name: field.metadata.get("comment") for field in made.schema}
    assert describe(HOP_SCHEMA.field("rule")) == comments["rule"]


def test_strings_nulls_and_empty_partitions(session: Any) -> None:
    """Messages as strings, rows without one, partitions without rows, and columns of any name."""
    given = [(path.read_text(encoding="utf-8"), path.name) for path in EXAMPLES[:3]]
    rows = [*given, (None, "none")]
    mail = session.createDataFrame(rows, "raw string, `a.b` string").repartition(7)
    made = hops(mail, keep={"a.b": "path"})

    assert [row for row in expect() if row["path"] <= EXAMPLES[2].name] == read(made)
    assert 0 == hops(mail.where("raw IS NULL")).count()
    assert 0 == hops(mail.where("false")).count()
    told = messages(mail, keep={"a.b": "path"}).orderBy("path").select("path", "hops", "error")
    assert [("none", None, "the value is null")] == [
        tuple(row) for row in told.collect() if row["error"]
    ]
    assert len(rows) == told.count()


def test_wrong_columns_are_told_before_a_job(session: Any) -> None:
    """By the driver, and without a trace from a worker."""
    mail = session.createDataFrame([("", 1)], "raw string, id int")
    with pytest.raises(KeyError, match="no column is named 'content' in: raw, id"):
        hops(mail, "content")
    with pytest.raises(ValueError, match="would be named 'id'"):
        hops(mail, keep=["id"])


def test_job_writes_hops(session: Any, tmp_path: Path) -> None:
    """The example job, from a folder of files to Parquet."""
    source, target = tmp_path / "mail", tmp_path / "hops"
    for number, path in enumerate(EXAMPLES):
        folder = source / str(number % 2)
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder)
    job = runpy.run_path(str(ROOT / "examples" / "spark_job.py"))
    job["write_hops"](session, str(source), str(target))
    written = [
        {**row, "path": Path(row["path"]).name} for row in read(session.read.parquet(str(target)))
    ]

    assert expect() == sorted(written, key=lambda row: (row["path"], row["hop"]))
