"""The fixtures of `tests/received`: one trace line each, and the whole hop expected of it.

A case is a table with `title`, `source`, `text`, `hop` and, where it is beyond doubt, `verdict`.
"""

from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from tomllib import TOMLDecodeError, loads
from typing import Any, Final, NamedTuple, cast

import pytest
from pydantic import BaseModel, ConfigDict

from headertls import parse_received
from headertls.classifier import classify
from headertls.models import CipherSuite, Defect, Hop, Verdict

FOLDER: Final = Path(__file__).parent / "received"

# Tests of their own look at the evidence; the verdict is no fact of the line.
LEFT_OUT: Final = frozenset({"raw", "verdict", "evidence", "marks", "live"})


class Case(BaseModel):
    """One line and what is expected of it; a misspelt key is an error, not a silent gap."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    source: str
    text: str
    hop: dict[str, Any]
    verdict: dict[str, Any] | None = None


class Named(NamedTuple):
    """A case and the name by which pytest shows it."""

    name: str
    case: Case


def read_cases(path: Path) -> list[Named]:
    """Read the cases of one file; TOML itself drops the newline that follows the quotes."""
    try:
        tables = loads(path.read_text(encoding="utf-8"))["case"]
        cases = [Case.model_validate(table) for table in tables]
    except (KeyError, TOMLDecodeError, ValueError) as error:
        error.add_note(f"while reading {path.name}")
        raise
    return [Named(f"{path.stem}::{case.title}", case) for case in cases]


def project(value: object) -> Any:  # noqa: PLR0911  # one row for each kind of value
    """Reduce a part of a hop to the plain values that the fixtures state.

    Absent fields are left out, enums and suites become their names, addresses and times text
    that does not depend on the Python version.
    """
    match value:
        case CipherSuite():
            return value.name
        case Defect():
            return value.kind.value
        case IPv6Address() if value.ipv4_mapped:
            return f"::ffff:{value.ipv4_mapped}"
        case IPv4Address() | IPv6Address():
            return str(value)
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case tuple():
            return [project(item) for item in cast("tuple[object, ...]", value)]
        case BaseModel():
            fields = {name: getattr(value, name) for name in type(value).model_fields}
            return {
                name: project(field)
                for name, field in fields.items()
                if name not in LEFT_OUT and field is not None and field != ()
            }
        case _:
            return value


def project_hop(hop: Hop) -> dict[str, Any]:
    """Project a whole hop: `complete` only when false, ends only when something is known."""
    fields: dict[str, Any] = project(hop)
    if hop.complete:
        del fields["complete"]
    for end in ("client", "server"):
        if not fields.get(end, True):
            del fields[end]
    if hop.defects:
        fields["defects"] = sorted(set(fields["defects"]))
    if hop.tls and hop.tls.conflicts:
        fields["tls"]["conflicts"] = sorted(fields["tls"]["conflicts"])
    return fields


def project_verdict(verdict: Verdict) -> dict[str, Any]:
    """Project what a fixture states of a verdict; wording, rule and grade have other tests."""
    fields = {
        "kind": verdict.kind.value,
        "scope": verdict.scope.value,
        "transport": verdict.transport.value,
        "confidence": verdict.confidence and verdict.confidence.value,
        "findings": [finding.code.value for finding in verdict.findings],
    }
    return {name: field for name, field in fields.items() if field not in (None, [])}


CASES: Final = [named for path in sorted(FOLDER.glob("*.toml")) for named in read_cases(path)]


def params(cases: list[Named]) -> list[Any]:
    """Give each case its `file::title` as the test's name."""
    return [pytest.param(case, id=name) for name, case in cases]


@pytest.mark.parametrize("case", params(CASES))
def test_line_is_read_whole(case: Case) -> None:
    """Every field of the hop is as stated: nothing missing, nothing extra."""
    assert case.hop == project_hop(parse_received(case.text))


@pytest.mark.parametrize("case", params([named for named in CASES if "tls" in named.case.hop]))
def test_evidence_points_at_its_text(case: Case) -> None:
    """A hop that says TLS shows the pieces of its raw text that say so."""
    hop = parse_received(case.text)
    assert hop.tls is not None
    assert hop.tls.evidence
    expected = [evidence.text for evidence in hop.tls.evidence]
    assert expected == [hop.raw[piece.start : piece.end] for piece in hop.tls.evidence]


@pytest.mark.parametrize("case", params(CASES))
def test_marks_point_at_their_text(case: Case) -> None:
    """Words on which a verdict may rest besides stand where the hop says."""
    hop = parse_received(case.text)

    assert [mark.text for mark in hop.marks] == [hop.raw[m.start : m.end] for m in hop.marks]


@pytest.mark.parametrize("case", params([named for named in CASES if named.case.verdict]))
def test_verdict_of_the_line_alone(case: Case) -> None:
    """The line, judged as the only one of its message, means what the fixture states."""
    assert case.verdict == project_verdict(classify(parse_received(case.text)))


def test_titles_are_unique() -> None:
    """No two cases of a file share a title, so that a failing test names one case."""
    names = [name for name, _ in CASES]
    assert sorted(set(names)) == sorted(names)
