"""The published JSON Schema: it is what the models say, and documents keep to it."""

import json
import runpy
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from headertls import SCHEMA_VERSION, LiveConnection, Trace, analyze, attached
from headertls.report.schema import DIALECT, build_schema, name_schema, read_schema

ROOT: Final = Path(__file__).parents[1]
EXAMPLES: Final = sorted((ROOT / "examples").glob("*.eml"))
TOOL: Final[dict[str, Any]] = runpy.run_path(str(ROOT / "tools" / "write_schema.py"))
VALIDATOR: Final = Draft202012Validator(
    json.loads(read_schema()), format_checker=Draft202012Validator.FORMAT_CHECKER
)


def drop_words(schema: Any) -> Any:
    """Leave out what is there for people only: better words are no new version."""
    if isinstance(schema, dict):
        rest = {k: v for k, v in schema.items() if isinstance(v, dict) or k not in WORDS}
        return {key: drop_words(value) for key, value in rest.items()}
    return [drop_words(value) for value in schema] if isinstance(schema, list) else schema


WORDS: Final = frozenset({"title", "description"})


def test_published_schema_is_what_the_models_say() -> None:
    """When the models change, so does the version: see `tools/write_schema.py`."""
    assert drop_words(json.loads(read_schema())) == drop_words(build_schema())


def test_schema_is_a_schema_and_says_which() -> None:
    """It is one of the edition that it names, and has the version in its name."""
    schema = json.loads(read_schema())
    Draft202012Validator.check_schema(schema)

    assert schema["$schema"] == DIALECT
    assert schema["$id"] == f"urn:headertls:trace:{SCHEMA_VERSION}"
    assert schema["properties"]["schema_version"]["const"] == SCHEMA_VERSION


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_documents_keep_to_it(path: Path) -> None:
    """Every example gives a valid document, also served live, and attached messages do."""
    live = LiveConnection(address="81.2.69.144", tls_version="TLSv1.3")
    for trace in (analyze(path), analyze(path, live=live), *attached(path)):
        VALIDATOR.validate(json.loads(trace.model_dump_json()))


@pytest.mark.parametrize(
    "change", [{"schema_version": "1.0"}, {"headline": "fine"}, {"counts": None}, {"more": 1}]
)
def test_other_documents_do_not(change: dict[str, Any]) -> None:
    """A document of another version, or with other fields or values, is not valid."""
    document = {**Trace().model_dump(mode="json"), **change}

    assert not VALIDATOR.is_valid(document)


def test_tool_changes_no_published_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The tool writes a new version, and another text for an old one only when told to."""
    main = TOOL["main"]
    monkeypatch.setitem(main.__globals__, "FOLDER", tmp_path / "data")
    path = tmp_path / "data" / name_schema()

    assert main(may_replace=False) == 0
    assert json.loads(path.read_text(encoding="utf-8")) == build_schema()
    path.write_text("{}", encoding="utf-8")
    assert main(may_replace=False) == 1
    assert "raise SCHEMA_VERSION" in capsys.readouterr().out
    assert path.read_text(encoding="utf-8") == "{}"
    assert main(may_replace=True) == 0
