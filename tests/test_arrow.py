"""Traces as Arrow tables, and record batches of messages as record batches of rows."""

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import NoneType
from typing import Any, Final, get_args, get_type_hints

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from headertls import Hop, Policy, Site, Trace, analyze
from headertls.arrow import (
    HOP_SCHEMA,
    MESSAGE_SCHEMA,
    SCHEMA_VERSION,
    analyze_batches,
    batches,
    messages_to_table,
    schema,
    to_batches,
    to_table,
)
from headertls.corpus.rows import PlaceRow
from headertls.report.frame import HopRow, MessageRow, iter_rows
from headertls.rows import make_message_row
from headertls.source import MAX_HEADER

# The first parse of a new shape takes long.
settings.register_profile("headertls", deadline=None)
settings.load_profile("headertls")

ROOT: Final = Path(__file__).parents[1]
EXAMPLES: Final = sorted((ROOT / "examples").glob("*.eml"))
RAW: Final = [path.read_bytes() for path in EXAMPLES]
PLAIN: Final = (ROOT / "examples" / "plaintext-entry.eml").read_bytes()
SILENT: Final = b"Subject: Lunch\n\n"

PIECES: Final = (
    *("Received: ", "\nReceived: ", "from ", " by ", " with ESMTPS", " (TLSv1.3)", "mx.a.example"),
    *("[81.2.69.144]", "; Tue, 29 Aug 2023 10:11:12 +0200", "; 31 Dec 9999 23:59:59 -0500", "\n "),
    *("\n\n", "\0", "\ud800", "\udce9", "é", "(", "<b@b.example>", "Subject: Lunch"),
)
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=30).map("".join)
octets = st.binary(max_size=200) | texts.map(lambda text: text.encode("utf-8", "surrogatepass"))
messages = octets | st.sampled_from(RAW)


def show(traces: list[Trace]) -> list[dict[str, Any]]:
    """The rows as the models have them."""
    return [row._asdict() for row in iter_rows(traces)]


def read(source: Any, column: str = "raw", **options: Any) -> pa.Table:
    """Analyze batches to the end."""
    return analyze_batches(source, column, **options).read_all()


@given(st.lists(messages, max_size=4))
@example([])
@example([SILENT])
def test_rows_equal_the_models(raw: list[bytes]) -> None:
    """A table holds what the models say: each value, its type, and no row more or less."""
    traces = [analyze(octets) for octets in raw]
    table = to_table(traces)
    table.validate(full=True)

    assert HOP_SCHEMA == table.schema
    assert show(traces) == table.to_pylist()


@given(st.lists(st.none() | messages, max_size=4))
def test_batches_say_what_analyze_says(raw: list[bytes | None]) -> None:
    """A column of any octets gives the rows of `analyze`, counted through; a null gives none."""
    traces = [Trace() if octets is None else analyze(octets) for octets in raw]
    batch = pa.record_batch({"raw": pa.array(raw, pa.binary())})

    assert show(traces) == read([batch]).to_pylist()


@given(st.lists(st.none() | messages, max_size=4))
@example([None, SILENT, b"Message-ID: <1@a.example>\nDate: 1 Jan 2024 10:00:00 +0100\n"])
def test_messages_have_a_row_each(raw: list[bytes | None]) -> None:
    """Also those without hops, and a null, which says that it is none."""
    rows = [
        MessageRow(number, batches.NULL)
        if octets is None
        else make_message_row(number, analyze(octets), octets)
        for number, octets in enumerate(raw)
    ]
    batch = pa.record_batch({"raw": pa.array(raw, pa.binary())})
    table = read([batch], rows="messages")
    table.validate(full=True)

    assert MESSAGE_SCHEMA == table.schema
    assert [row._asdict() for row in rows] == table.to_pylist()


@given(st.lists(messages, max_size=4))
def test_traces_have_a_row_each(raw: list[bytes]) -> None:
    """A table of traces is that of their messages, but for what a trace does not hold."""
    table = messages_to_table(map(analyze, raw))
    lost = ["message_id", "date"]
    full = read([pa.record_batch({"raw": pa.array(raw, pa.binary())})], rows="messages")

    assert MESSAGE_SCHEMA == table.schema
    assert full.drop_columns(lost) == table.drop_columns(lost)
    assert len(raw) == table["message_id"].null_count == table["date"].null_count


@given(st.lists(st.text(), max_size=4))
@example(["no header at all"])
@example(["C:\\mail\\a.eml"])
def test_any_text_is_a_message(texts: list[str]) -> None:
    """A string never raises, though `analyze` refuses one that has no field at all."""
    traces = [analyze(text.encode()) for text in texts]

    assert (
        show(traces) == read([pa.record_batch({"raw": pa.array(texts, pa.string())})]).to_pylist()
    )


def test_lone_surrogates_become_escapes() -> None:
    """Arrow takes none, and models made by hand may hold them."""
    trace = Trace(hops=(Hop(raw="caf\udce9", id="\ud800"), Hop(raw="")))

    assert [
        {"raw": "caf\\udce9", "id": "\\ud800", "via": None},
        {"raw": "", "id": None, "via": None},
    ] == (to_table([trace]).select(["raw", "id", "via"]).to_pylist())


def test_table_survives_parquet(tmp_path: Path) -> None:
    """A file gives back the rows, the types and the descriptions."""
    table = to_table(map(analyze, RAW))
    pq.write_table(table, tmp_path / "hops.parquet")
    back = pq.read_table(tmp_path / "hops.parquet")

    assert table.equals(back)
    assert table.schema.equals(back.schema, check_metadata=True)


def test_batches_are_cut() -> None:
    """Each batch but the last has as many rows as was asked for, and no trace is read early."""
    taken: list[int] = []

    def give() -> Iterator[Trace]:
        for number, raw in enumerate(RAW):
            taken.append(number)
            yield analyze(raw)

    batches = to_batches(give(), max_rows=4)
    first = next(batches)
    assert (4, True) == (first.num_rows, len(taken) < len(RAW))
    rest = list(batches)
    assert {4} == {batch.num_rows for batch in rest[:-1]}
    assert to_table(map(analyze, RAW)) == pa.Table.from_batches([first, *rest])


def test_no_rows_are_no_size() -> None:
    """A batch without rows would never come to an end."""
    with pytest.raises(ValueError, match="at least one row"):
        next(to_batches([analyze(PLAIN)], max_rows=0))


def test_trace_gives_its_table() -> None:
    """`Trace.to_arrow` is the table of one trace."""
    trace = analyze(PLAIN)

    assert to_table([trace]) == trace.to_arrow()


# The columns


@pytest.mark.parametrize(("table", "row"), [(HOP_SCHEMA, HopRow), (MESSAGE_SCHEMA, MessageRow)])
def test_columns_are_the_fields(table: pa.Schema, row: type[Any]) -> None:
    """A column for each field of the row: absent values and enums as annotated, and described."""
    hints = get_type_hints(row)
    assert list(hints) == table.names
    for field in table:
        assert (NoneType in get_args(hints[field.name])) is field.nullable
        assert schema.describe(field)
        [kind] = {*(get_args(hints[field.name]) or [hints[field.name]])} - {NoneType}
        values = field.metadata.get(b"values", b"").decode().split()
        assert values == ([member.value for member in kind] if issubclass(kind, StrEnum) else [])


def test_columns_are_described_by_their_docstrings() -> None:
    """What stands below a field, or in its enum, stands in the schema."""
    assert "The row that decided the transport." == schema.describe(HOP_SCHEMA.field("rule"))
    assert "What event a line records." == schema.describe(HOP_SCHEMA.field("kind"))
    assert schema.describe(HOP_SCHEMA.field("grade")).startswith("Strength of the session")


def test_columns_are_there_without_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only byte code is installed, the descriptions are missing and nothing else."""

    def refuse(row: object) -> str:
        raise OSError(f"no source of {row}")

    monkeypatch.setattr(inspect, "getsource", refuse)
    made = schema.make_schema("hops", HopRow)
    assert HOP_SCHEMA == made
    assert "" == schema.describe(made.field("rule"))


@pytest.mark.parametrize("rows", ["hops", "messages"])
def test_schema_tells_its_version(rows: Any) -> None:
    """Also of what engines have written to a file."""
    expected = {
        b"headertls.table": rows.encode(),
        b"headertls.schema_version": SCHEMA_VERSION.encode(),
    }
    batch = pa.record_batch({"raw": [PLAIN], "path": ["1.eml"]})
    assert expected == schema.SCHEMAS[rows].metadata
    assert expected == analyze_batches([batch], keep="path", rows=rows).schema.metadata


def test_scans_add_the_place() -> None:
    """Behind the number of the message, so that these names can be kept in other tables."""
    reference = (ROOT / "docs" / "reference" / "tables.md").read_text(encoding="utf-8")
    for name in PlaceRow._fields:
        assert f"`{name}`" in reference
        assert name not in {*HOP_SCHEMA.names, *MESSAGE_SCHEMA.names}


def write_cells(field: pa.Field) -> list[str]:
    """Write the row of a column as the reference has it."""
    values = field.metadata.get(b"values", b"").decode().split()
    told = f" One of {', '.join(f'`{value}`' for value in values)}." if values else ""
    kind = f"{field.type}{', null' if field.nullable else ''}"
    return [f"`{field.name}`", kind, schema.describe(field) + told]


@pytest.mark.parametrize("name", sorted(schema.SCHEMAS))
def test_schema_is_the_published_one(name: str) -> None:
    """A column that is added, changed or taken out shows in the reference, with a new version."""
    reference = (ROOT / "docs" / "reference" / "tables.md").read_text(encoding="utf-8")
    rows = reference.partition(f"\n| {name} |")[2].partition("\n\n")[0].splitlines()[2:]

    assert f"\nVersion {SCHEMA_VERSION}: " in reference
    assert [write_cells(field) for field in schema.SCHEMAS[name]] == [
        [cell.strip() for cell in row.strip("| ").split(" | ")] for row in rows
    ]


# From batches to batches


@pytest.mark.parametrize(
    "kind",
    [
        *(pa.binary(), pa.large_binary(), pa.binary_view()),
        *(pa.string(), pa.large_string(), pa.string_view()),
        *(pa.dictionary(pa.int8(), pa.string()), pa.dictionary(pa.int32(), pa.binary())),
    ],
    ids=str,
)
def test_column_may_have_any_type_of_text(kind: pa.DataType) -> None:
    """Octets and strings in every layout that engines give, with nulls among them."""
    told = kind.value_type if pa.types.is_dictionary(kind) else kind
    is_octets = "binary" in str(told)
    values = [raw if is_octets else raw.decode() for raw in (PLAIN, SILENT)]
    column = pa.array([values[0], None, values[1], values[0]], told)
    if pa.types.is_dictionary(kind):
        column = column.dictionary_encode()
    table = read([pa.record_batch({"raw": column})])

    assert show([analyze(PLAIN), Trace(), Trace(), analyze(PLAIN)]) == table.to_pylist()


def test_column_may_hold_nothing() -> None:
    """A column of nulls that has no type yet, as data frames have it."""
    batch = pa.record_batch({"raw": pa.nulls(3)})
    assert HOP_SCHEMA.empty_table() == read([batch])


def test_rows_of_the_input_are_counted() -> None:
    """Also over batches, slices and empty batches."""
    whole = pa.record_batch({"raw": [b"", *RAW, b""], "path": ["", *map(str, EXAMPLES), ""]})
    parts = [whole.slice(1, 3), whole.slice(4, 0), whole.slice(4, len(RAW) - 3)]
    table = read(iter(parts), keep="path")
    expected = [
        {"path": str(EXAMPLES[row["message"]]), **row} for row in show([*map(analyze, RAW)])
    ]

    assert expected == table.to_pylist()


@pytest.mark.parametrize(
    "kept",
    [
        pa.array([1, 2, None]),
        pa.array(["a", None, "c"]).dictionary_encode(),
        pa.array(["a", "b" * 20, None], pa.string_view()),
        pa.array([[1, 2], None, []], pa.list_(pa.int64())),
        pa.array([{"a": 1}, None, {"a": 3}]),
        pa.nulls(3),
    ],
    ids=lambda array: str(array.type),
)
def test_any_column_is_kept(kept: pa.Array) -> None:
    """A kept column has its value beside each row of its message, and its type."""
    count = len(analyze(PLAIN))
    batch = pa.record_batch({"raw": [PLAIN, SILENT, PLAIN], "mine": kept})
    table = read([batch.slice(0, 2), batch.slice(2)], keep=["mine"], max_rows=2)

    assert kept.type == table.schema.field("mine").type
    values = kept.to_pylist()
    assert [values[0]] * count + [values[2]] * count == table["mine"].to_pylist()


def test_kept_columns_get_other_names() -> None:
    """The names of the hops' own columns are taken."""
    batch = pa.record_batch({"raw": [PLAIN], "id": [7], "path": ["1.eml"]})
    table = read([batch], keep={"id": "mail_id", "path": "path", "raw": "whole"})

    assert ["mail_id", "path", "whole", *HOP_SCHEMA.names] == table.column_names
    assert {7} == {*table["mail_id"].to_pylist()}
    assert {PLAIN} == {*table["whole"].to_pylist()}


@pytest.mark.parametrize("keep", ["id", ["id"], {"path": "id"}, {"path": "p", "mail": "p"}])
def test_names_are_given_once(keep: Any) -> None:
    """A table with two columns of one name cannot be asked for either."""
    batch = pa.record_batch({"raw": [PLAIN], "id": [7], "path": ["1.eml"], "mail": ["x"]})
    with pytest.raises(ValueError, match=r"two columns of the output would be named '(id|p)'"):
        analyze_batches([batch], keep=keep)


@pytest.mark.parametrize(
    ("column", "keep", "told"),
    [
        ("body", (), "no column is named 'body' in: raw, path, path"),
        ("raw", ["mail"], "no column is named 'mail' in: raw, path, path"),
        ("raw", ["path"], "two columns are named 'path' in: raw, path, path"),
    ],
)
def test_missing_columns_are_told_at_once(column: str, keep: list[str], told: str) -> None:
    """Before a row is asked for, and with the names that there are."""
    arrays = [pa.array([PLAIN]), pa.array(["1.eml"]), pa.array(["2.eml"])]
    batch = pa.RecordBatch.from_arrays(arrays, names=["raw", "path", "path"])
    with pytest.raises(KeyError, match=told):
        analyze_batches([batch], column, keep=keep)


@pytest.mark.parametrize(
    "column", [pa.array([1]), pa.array([[b"a"]]), pa.array([b"a"], pa.binary(1))]
)
def test_wrong_types_are_told_at_once(column: pa.Array) -> None:
    """Numbers and lists are no messages."""
    with pytest.raises(TypeError, match=re.escape(f"column 'raw' holds {column.type}")):
        analyze_batches([pa.record_batch({"raw": column})])


@pytest.mark.parametrize("source", [[PLAIN], [{"raw": PLAIN}], [pa.table({"raw": [PLAIN]})]])
def test_other_things_are_refused_at_once(source: Any) -> None:
    """A list of messages or of tables is none of record batches."""
    with pytest.raises(TypeError, match="record batches or a table are needed, not "):
        analyze_batches(source)


def test_batches_of_other_types_are_refused() -> None:
    """What follows the first batch has to be like it, or a value would be taken for another."""
    batches = [pa.record_batch({"raw": [PLAIN], "mine": [mine]}) for mine in (1, "1")]
    with pytest.raises(TypeError, match="holds 'mine' in another type than int64"):
        read(batches, keep="mine")


def test_batches_may_have_more_columns() -> None:
    """Columns that nobody asked for do not matter."""
    batches = [pa.record_batch({"raw": [PLAIN], name: [1]}) for name in ("a", "b")]

    assert 2 * len(analyze(PLAIN)) == read(batches).num_rows


def test_no_batches_are_an_empty_table() -> None:
    """An empty partition is none of a failure."""
    table = read([], keep={"id": "mail_id"})

    assert (0, ["mail_id", *HOP_SCHEMA.names]) == (table.num_rows, table.column_names)


def test_batches_are_taken_one_at_a_time() -> None:
    """The first one when called, and the next one when the rows of that are read."""
    taken: list[int] = []

    def give() -> Iterator[pa.RecordBatch]:
        for number in range(3):
            taken.append(number)
            yield pa.record_batch({"raw": [PLAIN]})

    hops = analyze_batches(give(), max_rows=3)
    assert [0] == taken
    assert [3, 2] == [next(hops).num_rows, next(hops).num_rows]
    assert [0] == taken
    assert [3, 2, 3, 2] == [batch.num_rows for batch in hops]


@pytest.mark.parametrize("rows", ["hops", "messages"])
def test_one_failure_does_not_end_the_work(rows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that cannot be analyzed has no hops, and tells of it among the messages."""

    def fail(block: bytes, *view: Any) -> Trace:
        if block == SILENT:
            raise RecursionError("too deep")
        return analyze(block, *view)

    monkeypatch.setattr(batches, "analyze", fail)
    table = read([pa.record_batch({"raw": [PLAIN, SILENT, PLAIN]})], rows=rows)
    if rows == "hops":
        assert {0, 2} == {*table["message"].to_pylist()}
    else:
        assert [None, "RecursionError: too deep", None] == table["error"].to_pylist()


def test_bodies_are_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a message of any size no more is taken than a header may have."""
    taken: list[int] = []

    def measure(block: bytes, *view: Any) -> Trace:
        taken.append(len(block))
        return analyze(block, *view)

    monkeypatch.setattr(batches, "analyze", measure)
    read([pa.record_batch({"raw": [PLAIN + b"x" * (1 << 22)]})])
    assert [MAX_HEADER + 1] == taken


def test_failures_of_the_source_come_through() -> None:
    """What the caller's own iterator raises is not changed."""

    def give() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"raw": [PLAIN]})
        raise ConnectionError("the source is gone")

    with pytest.raises(ConnectionError, match="the source is gone"):
        read(give())


@pytest.mark.parametrize(
    "wrap",
    [
        lambda batch: batch,
        lambda batch: pa.Table.from_batches([batch, batch])[:1],
        lambda batch: pa.RecordBatchReader.from_batches(batch.schema, iter([batch])),
        lambda batch: batch.to_pandas(),
    ],
    ids=["batch", "table", "reader", "pandas"],
)
def test_any_table_is_a_source(wrap: Any) -> None:
    """A table of each library that speaks Arrow is taken as it is."""
    batch = pa.record_batch({"raw": [PLAIN], "path": ["1.eml"]})

    assert read([batch], keep="path").to_pylist() == read(wrap(batch), keep="path").to_pylist()


def test_site_and_policy_are_heard() -> None:
    """Rows are judged as `analyze` judges with them."""
    site, policy = Site(hosts=("ferryhouse.example",)), Policy(profile="iana")
    batch = pa.record_batch({"raw": RAW})
    expected = show([analyze(raw, site, policy) for raw in RAW])

    assert expected == read([batch], "raw", site=site, policy=policy).to_pylist()
    assert expected != show([*map(analyze, RAW)])


def test_frames_take_the_rows() -> None:
    """A data frame has times with their zone, and numbers."""
    frame = to_table([analyze(PLAIN)]).to_pandas()

    assert isinstance(frame["timestamp"].dtype, pd.DatetimeTZDtype)
    assert [0, 1, 2, 3, 4] == list(frame["hop"])


# The extra


def block(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the import of pyarrow fail for want of *missing*."""

    def refuse(name: str) -> object:
        raise ModuleNotFoundError(f"No module named '{missing}' for {name}", name=missing)

    for name in [name for name in sys.modules if name.startswith("headertls.arrow")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr("importlib.import_module", refuse)


def test_one_trace_is_one_message() -> None:
    """A trace alone is taken for a message, as with `Trace.to_arrow`, and never for its hops."""
    trace = analyze(RAW[0])

    assert trace.to_arrow().equals(to_table(trace))
    assert messages_to_table([trace]).equals(messages_to_table(trace))
    assert [len(trace)] == [batch.num_rows for batch in to_batches(trace)]


def test_want_of_pyarrow_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to install."""
    block("pyarrow", monkeypatch)
    with pytest.raises(ImportError, match=r"pip install 'headertls\[arrow\]'"):
        Trace().to_arrow()


def test_want_of_something_else_is_another_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken pyarrow is not taken for a missing one."""
    block("libarrow", monkeypatch)
    with pytest.raises(ModuleNotFoundError, match="libarrow"):
        Trace().to_arrow()


def test_pyarrow_waits_until_it_is_asked_for() -> None:
    """Nobody pays for it who does not use it."""
    code = "import sys, headertls; sys.exit('pyarrow' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603
