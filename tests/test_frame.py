"""Traces as tables: one flat row a hop, columns that never change their type."""

import builtins
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pandas as pd
import pytest

import headertls
from headertls import Trace, analyze, parse_received, to_frame
from headertls.models import Kind, Severity, TlsVersion, Transport
from headertls.report.frame import BOOLEANS, CATEGORIES, INTEGERS, ORDERED, HopRow, iter_rows

EXAMPLES: Final = sorted((Path(__file__).parents[1] / "examples").glob("*.eml"))
PLAIN: Final = Path(__file__).parents[1] / "examples" / "plaintext-entry.eml"


@pytest.fixture
def trace() -> Trace:
    """A message that came in plaintext."""
    return analyze(PLAIN)


def test_a_row_is_a_hop(trace: Trace) -> None:
    """The rows stand in the order of the hops, each with what its message is."""
    rows = list(iter_rows([Trace(), trace, trace]))
    assert [1] * len(trace) + [2] * len(trace) == [row.message for row in rows]
    assert list(range(len(trace))) * 2 == [row.hop for row in rows]
    assert {trace.headline} == {row.headline for row in rows}
    assert [hop.raw for hop in trace] * 2 == [row.raw for row in rows]


def test_one_trace_is_one_message(trace: Trace) -> None:
    """A trace alone is taken for a message, as with `Trace.to_frame`, and never for its hops."""
    assert trace.to_frame().equals(to_frame(trace))


def test_one_row_is_the_entry(trace: Trace) -> None:
    """Also when the trace went through JSON, where the entry is a copy."""
    copy = Trace.model_validate_json(trace.model_dump_json())
    for given in (trace, copy):
        assert [1] == [row.hop for row in iter_rows([given]) if row.is_entry]
    assert [] == [row for row in iter_rows([Trace(hops=trace.hops)]) if row.is_entry]


def test_columns_say_what_the_hop_says() -> None:
    """Every part of a hop has its columns."""
    line = (
        "from a.example (a.example [81.2.69.144]) (using TLSv1.3 with cipher"
        " TLS_AES_256_GCM_SHA384 (256/256 bits)) (No client certificate requested)"
        " (Authenticated sender: ann) by mx.example (Postfix) with ESMTPSA id 4Q1"
        " for <bob@b.example>; Tue, 29 Aug 2023 10:11:12 +0200"
    )
    trace = analyze(f"Received: {line}\n")
    [row] = iter_rows([trace])
    assert (Kind.SUBMISSION, Transport.ENCRYPTED, None) == (row.kind, row.transport, row.severity)
    assert ("a.example", "a.example", "81.2.69.144") == (
        row.client_helo,
        row.client_rdns,
        row.client_address,
    )
    assert ("mx.example", None, "Postfix") == (
        row.server_name,
        row.server_address,
        row.server_software,
    )
    assert ("ESMTPSA", "4Q1", "bob@b.example") == (row.protocol, row.id, row.recipients)
    assert (True, "ann") == (row.is_authenticated, row.auth_user)
    assert (TlsVersion.TLSV1_3, "TLS_AES_256_GCM_SHA384") == (row.tls_version, row.tls_suite)
    assert (256, True, "No client certificate requested") == (
        row.tls_bits,
        row.tls_forward_secrecy,
        row.tls_client_certificate,
    )
    assert datetime(2023, 8, 29, 8, 11, 12, tzinfo=UTC) == row.timestamp
    assert ("", "", True) == (row.findings, row.defects, row.is_complete)


def test_hop_without_a_verdict_has_a_row() -> None:
    """What is not known is left out, whatever it is."""
    [row] = iter_rows([Trace(hops=(parse_received("by a.example ([10.1.2.3]); yesterday"),))])
    assert (None, None, None, None) == (row.kind, row.transport, row.delay, row.timestamp)
    assert ("10.1.2.3", "bad-date") == (row.server_address, row.defects)


@pytest.mark.parametrize("traces", [[], [Trace()], [analyze(path) for path in EXAMPLES]])
def test_columns_have_their_types_whatever_they_hold(traces: list[Trace]) -> None:
    """So that frames of different days can be put together."""
    frame = to_frame(traces)
    assert list(HopRow._fields) == list(frame.columns)
    assert sum(map(len, traces)) == len(frame)
    types = {name: str(dtype) for name, dtype in frame.dtypes.items()}
    assert {"datetime64[us, UTC]"} == {types.pop("timestamp")}
    assert {"float64"} == {types.pop("delay")}
    assert {"Int64"} == {types.pop(name) for name in INTEGERS}
    assert {"boolean"} == {types.pop(name) for name in BOOLEANS}
    for name, members in CATEGORIES.items():
        assert "category" == types.pop(name)
        assert [member.value for member in members] == list(frame[name].cat.categories)
        assert frame[name].cat.ordered is (name in ORDERED)
    assert {"string"} == set(types.values())


def test_frames_can_be_put_together() -> None:
    """Categories and time zones survive it."""
    frames = [to_frame([analyze(path)]) for path in EXAMPLES]
    joined = pd.concat(frames, ignore_index=True)
    assert list(frames[0].dtypes) == list(joined.dtypes)


def test_values_can_be_asked_for(trace: Trace) -> None:
    """Ordered categories compare, and times are instants."""
    frame = trace.to_frame()
    assert [1] == list(frame.loc[frame["severity"] >= Severity.HIGH.value, "hop"])
    assert ["plaintext-public-hop"] == list(frame.loc[frame["is_entry"], "findings"])
    assert trace.hops[1].timestamp == frame["timestamp"][1]
    assert frame["delay"].isna()[0]


def block(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the import of pandas fail for want of *missing*."""
    load = builtins.__import__

    def refuse(
        name: str,
        globals_: Mapping[str, object] | None = None,
        locals_: Mapping[str, object] | None = None,
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> object:
        if name == "pandas":
            raise ModuleNotFoundError(f"No module named '{missing}'", name=missing)
        return load(name, globals_, locals_, fromlist, level)

    monkeypatch.delitem(sys.modules, "pandas")
    monkeypatch.setattr(builtins, "__import__", refuse)


def test_want_of_pandas_is_told(monkeypatch: pytest.MonkeyPatch, trace: Trace) -> None:
    """The error says what to install."""
    block("pandas", monkeypatch)
    with pytest.raises(ImportError, match=r"pip install 'headertls\[pandas\]'"):
        trace.to_frame()


def test_want_of_something_else_is_another_error(
    monkeypatch: pytest.MonkeyPatch, trace: Trace
) -> None:
    """A broken pandas is not taken for a missing one."""
    block("numpy", monkeypatch)
    with pytest.raises(ModuleNotFoundError, match="numpy"):
        trace.to_frame()


def test_pandas_waits_until_it_is_asked_for() -> None:
    """Nobody pays for it who does not use it."""
    code = "import sys, headertls; sys.exit('pandas' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603
    assert headertls.to_frame is to_frame
