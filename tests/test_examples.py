"""The messages of `examples`: each tells what was expected of it by hand, and the script runs."""

import ast
import json
import re
import runpy
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import BaseModel

from headertls import Headline, LiveConnection, analyze, attached, read_policy, read_site
from headertls.models import Hop, Trace, Verdict

FOLDER: Final = Path(__file__).parents[1] / "examples"
EXPECTED: Final[list[dict[str, Any]]] = tomllib.loads(
    (Path(__file__).parent / "mail" / "examples.toml").read_text(encoding="utf-8")
)["example"]


def describe_hop(hop: Hop) -> str:
    """Write a hop as `examples.toml` does."""
    assert hop.verdict is not None
    verdict = hop.verdict
    parts = (verdict.kind, verdict.scope, verdict.transport, verdict.trust)
    return " ".join(part.value for part in parts)


def project(trace: Trace) -> dict[str, Any]:
    """Write a trace as `examples.toml` does: what is absent is left out."""
    fields: dict[str, Any] = {
        "headline": trace.headline.value,
        "hops": [describe_hop(hop) for hop in trace],
    }
    if trace.entry is not None:
        fields["entry"] = trace.hops.index(trace.entry)
    if trace.findings:
        fields["findings"] = [f"{f.severity.value} {f.code.value}" for f in trace.findings]
    return fields


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda expected: expected["file"])
def test_message_tells_what_is_expected(expected: dict[str, Any]) -> None:
    """Headline, entry, findings and every hop are as stated, also of attached messages."""
    path = FOLDER / expected["file"]
    actual = {"file": path.name, **project(analyze(path))}
    if traces := list(attached(path)):
        actual["attached"] = [project(trace) for trace in traces]

    assert expected == actual


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda expected: expected["file"])
def test_message_is_read_without_a_rest(expected: dict[str, Any]) -> None:
    """The examples are honest lines: every word is read, and no defect is met."""
    path = FOLDER / expected["file"]
    for trace in (analyze(path), *attached(path)):
        assert () == trace.defects
        assert [] == [(hop.unparsed, hop.defects) for hop in trace if hop.unparsed or hop.defects]


def test_every_message_has_an_expectation() -> None:
    """No message of the folder goes unchecked."""
    assert sorted(path.name for path in FOLDER.glob("*.eml")) == sorted(
        expected["file"] for expected in EXPECTED
    )


def test_every_message_has_a_row_in_the_table() -> None:
    """The folder's README names each message with the headline that it really has."""
    table = (FOLDER / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+\.eml)` \|.*\| `(\w+)` \|$", table, re.MULTILINE)

    assert {e["file"]: e["headline"] for e in EXPECTED} == dict(rows)


def test_script_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The example script shows each message with its headline, attached ones too."""
    monkeypatch.setattr(sys, "argv", ["use_headertls.py"])
    runpy.run_path(str(FOLDER / "use_headertls.py"), run_name="__main__")
    printed = capsys.readouterr().out

    headlines = [e["headline"] for e in EXPECTED]
    headlines += [e["headline"] for outer in EXPECTED for e in outer.get("attached", [])]
    shown = re.findall(r"^ +(\w+)(?: from \S+)?, hops: \d+$", printed, re.MULTILINE)
    assert sorted(headlines) == sorted(shown)
    files = re.findall(r"^\S+\.eml$", printed, re.MULTILINE)
    assert sorted(e["file"] for e in EXPECTED) == files


@pytest.mark.parametrize(("version", "expected"), [("TLSv1.3", True), (None, False)])
def test_script_asks_for_a_server(version: str | None, *, expected: bool) -> None:
    """What a running server knows of its connection decides, whatever the header says."""
    script = runpy.run_path(str(FOLDER / "use_headertls.py"))
    live = LiveConnection(
        address="89.160.20.123", helo="mail.heron.example", tls_version=version, protocol="ESMTP"
    )

    assert expected == script["is_welcome"](b"Subject: Lunch\n\n", live)


def test_files_of_settings_are_read() -> None:
    """The site draws the boundary of its own mail, and the policy grades it."""
    site, policy = read_site(FOLDER / "site.toml"), read_policy(FOLDER / "policy.toml")
    trace = analyze(FOLDER / "witness.eml", site=site, policy=policy)

    assert not trace.boundary_inferred
    assert (trace.profile, trace.headline) == ("ncsc-nl-2025", Headline.ENTERED_ENCRYPTED)


def test_script_takes_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example script reads another folder when one is named."""
    (tmp_path / "draft.eml").write_bytes((FOLDER / "no-trace.eml").read_bytes())
    monkeypatch.setattr(sys, "argv", ["use_headertls.py", str(tmp_path)])
    runpy.run_path(str(FOLDER / "use_headertls.py"), run_name="__main__")

    assert "draft.eml\n  no_trace, hops: 0\n" == capsys.readouterr().out


@pytest.mark.parametrize("arguments", [("a", "b"), ("none",)])
def test_script_tells_how_it_is_called(
    arguments: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What is no folder with messages is told with the usage."""
    monkeypatch.setattr(sys, "argv", ["use_headertls.py", *arguments])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(FOLDER / "use_headertls.py"), run_name="__main__")

    assert 2 == ended.value.code
    assert capsys.readouterr().err.startswith("usage: use_headertls.py")


@pytest.mark.parametrize("name", ["mailbox", "one-phish", "own-policy"])
def test_notebook_is_committed_with_its_outputs(name: str) -> None:
    """Whoever reads it without running it sees all, and nothing of the machine it ran on."""
    path = FOLDER / f"{name}.ipynb"
    book = json.loads(path.read_text(encoding="utf-8"))
    cells = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    outputs = [output for cell in cells for output in cell["outputs"]]

    assert path.stat().st_size < MAX_NOTEBOOK
    assert list(range(1, len(cells) + 1)) == [cell["execution_count"] for cell in cells]
    assert [] == [cell["metadata"] for cell in book["cells"] if cell["metadata"]]
    assert {"name": "python"} == book["metadata"]["language_info"]
    assert outputs
    assert {"execute_result", "stream"} >= {output["output_type"] for output in outputs}
    assert {"stdout"} == {output.get("name", "stdout") for output in outputs}
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == sum("headertls.plots." in "".join(cell["source"]) for cell in cells)


def test_outputs_of_the_notebook_are_of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    """A field that a model gains, or a word of its view, does not leave the notebook behind."""
    book = json.loads((FOLDER / "one-phish.ipynb").read_text(encoding="utf-8"))
    shown: list[Any] = []
    monkeypatch.chdir(FOLDER)
    monkeypatch.setattr(sys, "displayhook", shown.append)
    names: dict[str, Any] = {}
    kept: list[dict[str, Any]] = []
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            *statements, last = ast.parse("".join(cell["source"])).body
            exec(compile(ast.Module(statements, []), "cell", "exec"), names)
            exec(compile(ast.Interactive([last]), "cell", "single"), names)
            kept += [out["data"] for out in cell["outputs"] if "data" in out]

    values = [value for value in shown if value is not None]
    pairs = [(v, d) for v, d in zip(values, kept, strict=True) if isinstance(v, BaseModel)]
    assert [repr(value) for value, _ in pairs] == ["".join(d["text/plain"]) for _, d in pairs]
    views = [(v, d) for v, d in pairs if isinstance(v, (Trace, Hop, Verdict))]
    assert [v._repr_html_() for v, _ in views] == ["".join(d["text/html"]) for _, d in views]
    assert views


MAX_NOTEBOOK: Final = 400_000
"""In bytes: it is kept in the repository with each change of its pictures."""
