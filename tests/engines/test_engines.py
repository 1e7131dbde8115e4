"""The examples of other engines, and the ready-made SQL: the same rows as without them.

An engine that is not installed has its tests skipped by name; the extra `engines` has them all.
"""

import re
import runpy
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headertls import TlsVersion, Trace, analyze
from headertls.arrow import HOP_SCHEMA, analyze_batches, to_table
from headertls.arrow.schema import SCHEMAS
from headertls.cli import main
from headertls.report.frame import HopRow, iter_rows
from headertls.rows import make_message_row

pytestmark = pytest.mark.engines

ROOT: Final = Path(__file__).parents[2]
EXAMPLES: Final = sorted((ROOT / "examples").glob("*.eml"))
SQL: Final = ROOT / "examples" / "sql"
TRACES: Final[list[Trace]] = [analyze(path) for path in EXAMPLES]
HOPS: Final[list[HopRow]] = list(iter_rows(TRACES))
MESSAGES: Final = [make_message_row(number, trace) for number, trace in enumerate(TRACES)]
ENTRIES: Final = [(EXAMPLES[row.message].name, row.transport) for row in HOPS if row.is_entry]
SCRIPT: Final = runpy.run_path(str(ROOT / "examples" / "engines.py"))


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    """The examples as a table with a message in each row."""
    path = tmp_path / "mail.parquet"
    SCRIPT["write_mail"](ROOT / "examples", path)
    return path


def test_duckdb_asks(mail: Path) -> None:
    """DuckDB gives a relation, and asks the batches in SQL."""
    pytest.importorskip("duckdb")
    assert ENTRIES == SCRIPT["with_duckdb"](mail)


def test_polars_makes_a_frame(mail: Path) -> None:
    """Polars gives a data frame, and takes one."""
    pytest.importorskip("polars")
    assert ENTRIES == SCRIPT["with_polars"](mail).rows()


def test_pandas_makes_a_frame(mail: Path) -> None:
    """So does pandas."""
    frame = SCRIPT["with_pandas"](mail)
    assert ENTRIES == list(frame.itertuples(index=False, name=None))


def test_pyarrow_writes_a_file(mail: Path, tmp_path: Path) -> None:
    """From file to file, without a table of either; the schema is kept."""
    table = SCRIPT["with_pyarrow"](mail, tmp_path / "hops.parquet")
    assert ENTRIES == [(row["path"], row["transport"]) for row in table.to_pylist()]
    written = pq.read_schema(tmp_path / "hops.parquet")
    assert HOP_SCHEMA.metadata == written.metadata
    assert ["path", *HOP_SCHEMA.names] == written.names


def test_script_shows_them(capsys: pytest.CaptureFixture[str], mail: Path) -> None:
    """The script runs with an engine's name, also over a table of one's own."""
    for arguments in (("pandas",), ("pandas", str(mail)), ("pyarrow",)):
        SCRIPT["main"](arguments)
        assert "amavis.eml" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [(), ("none",), ("pandas", "/none.parquet"), ("a", "b", "c")])
def test_script_tells_how_it_is_called(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong arguments get a usage, and no traceback."""
    with pytest.raises(SystemExit) as ended:
        SCRIPT["main"](arguments)

    assert 2 == ended.value.code
    assert capsys.readouterr().err.startswith("usage: ")


def test_polars_keeps_every_column() -> None:
    """Its strings are views, its times and lists are kept as they are."""
    pl = pytest.importorskip("polars")
    raw = EXAMPLES[0].read_bytes()
    given = pl.DataFrame({"raw": [raw, None], "tags": [["a"], []], "name": ["one" * 9, None]})
    frame = pl.from_arrow(analyze_batches(given, keep=["tags", "name"]).read_all())

    assert [(["a"], "one" * 9)] * len(analyze(raw)) == frame.select("tags", "name").rows()
    assert given.schema["tags"] == frame.schema["tags"]
    assert pl.Datetime("us", "UTC") == frame.schema["timestamp"]


def test_duckdb_reads_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of one message each need no table first."""
    duckdb = pytest.importorskip("duckdb")
    monkeypatch.chdir(ROOT)
    with duckdb.connect() as reader:
        files = reader.sql("SELECT content FROM read_blob('examples/*.eml') ORDER BY filename")
        table = analyze_batches(files, "content").read_all()

    assert to_table(TRACES) == table


# The ready-made SQL


Ask = Callable[..., list[Any]]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Run a file of SQL beside the Parquet files of a scan."""

    def run(name: str, **tables: list[Any]) -> list[Any]:
        duckdb = pytest.importorskip("duckdb")
        monkeypatch.chdir(tmp_path)
        for table, rows in tables.items():
            values = [row._asdict() for row in rows]
            pq.write_table(pa.Table.from_pylist(values, SCHEMAS[table]), f"{table}.parquet")
        with duckdb.connect() as connection:
            connection.sql("SET TimeZone = 'Pacific/Auckland'")  # it must not matter
            return connection.sql((SQL / f"{name}.sql").read_text(encoding="utf-8")).fetchall()

    return run


def test_sql_has_its_tests() -> None:
    """Each file is tested below."""
    assert ["delays-by-route", "plaintext-by-sender", "versions-by-month"] == sorted(
        path.stem for path in SQL.glob("*.sql")
    )


def test_sql_reads_what_a_scan_writes(tmp_path: Path, ask: Ask) -> None:
    """The files of `headertls scan` have the columns, and give the rows."""
    outputs = ["--output", str(tmp_path / "hops.parquet")]
    outputs += ["--messages", str(tmp_path / "messages.parquet")]
    assert 0 == main(["scan", *outputs, *map(str, EXAMPLES)])
    for name, tables in (
        ("delays-by-route", {"hops": HOPS}),
        ("plaintext-by-sender", {"messages": MESSAGES}),
        ("versions-by-month", {"messages": MESSAGES}),
    ):
        scanned = ask(name)
        assert scanned
        assert scanned == ask(name, **tables)


def test_sql_finds_plaintext_by_sender(ask: Ask) -> None:
    """Senders by how often they brought mail in plaintext, with the share of theirs."""
    plain = [row for row in MESSAGES if row.entry_transport == "plaintext"]
    row = plain[-1]
    again = row._replace(entry_transport="encrypted", entry_timestamp=None)
    nobody = row._replace(entry_sender=None)
    found = ask("plaintext-by-sender", messages=[*MESSAGES, row, again, nobody])

    assert (row.entry_sender, 2, 3, 0.67, row.entry_timestamp) == found[0]
    assert {row.entry_sender for row in plain} == {sender for sender, *_ in found}


def test_sql_counts_versions_by_month(ask: Ask) -> None:
    """Each entry counts once in its month, of UTC, and the shares of a month make up one."""
    found = ask("versions-by-month", messages=MESSAGES)
    expected = Counter(
        (f"{row.entry_timestamp:%Y-%m}", row.entry_tls_version or row.entry_transport)
        for row in MESSAGES
        if row.entry_timestamp
    )

    assert expected == {(month, version): count for month, version, count, _ in found}
    assert {TlsVersion.TLSV1_2, TlsVersion.TLSV1_3} < {version for _, version, _, _ in found}
    shares: Counter[str] = Counter()
    for month, _, _, share in found:
        shares[month] += share
    assert all(abs(share - 1) < 0.01 for share in shares.values())


def test_sql_measures_delays_by_route(ask: Ask) -> None:
    """The median and the longest delay of each pair of hosts, without clocks that disagree."""
    row = next(row for row in HOPS if row.trust == "boundary" and row.delay is not None)
    delays = [60.0, 90.0, 600.0, -5.0]
    rows = [row._replace(client_rdns="a.example", delay=delay) for delay in delays]
    claim = next(row for row in HOPS if row.trust == "claim")
    unread = claim._replace(client_rdns="a.example", server_name=row.server_name, delay=1.0)
    found = ask("delays-by-route", hops=[*HOPS, *rows, unread])

    [(hops, skewed, middle, _, longest)] = [line[2:] for line in found if line[0] == "a.example"]
    good = [delay for delay in delays if delay >= 0]
    assert (4, 1, median(good), max(good)) == (hops, skewed, middle, longest)
    assert sum(hop.delay is not None and hop.trust in {"own", "boundary"} for hop in HOPS) + 4 == (
        sum(line[2] for line in found)
    )


# The guide


def strip_lines(text: str) -> str:
    """Take the indentation and the empty lines off."""
    return "\n".join(filter(None, map(str.strip, text.splitlines())))


def test_guide_shows_what_is_tested() -> None:
    """Each block of Python in the guide stands in an example that is run by these tests."""
    guide = (ROOT / "docs" / "how-to" / "engines.md").read_text(encoding="utf-8")
    scripts = [(ROOT / "examples" / f"{name}.py").read_text() for name in ("engines", "spark_job")]
    tested = strip_lines("".join(scripts))
    blocks = [text for text in re.findall(r"```python\n((?s:.*?))```", guide) if ">>>" not in text]

    assert 6 == len(blocks)
    assert [] == [block for block in blocks if strip_lines(block) not in tested]
