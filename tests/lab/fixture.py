"""Writes a recording as TOML, for people to read: lines stand as the server wrote them."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from lab.truth import Recording

_is_literal: Final = re.compile(r"[\t\n\x20-\x7e\xa0-\U0010ffff]*").fullmatch


def write_recording(recording: Recording, path: Path) -> None:
    """Write *recording*; what has its default value is left out."""
    tables = recording.model_dump(mode="python", exclude_defaults=True)
    parts = [
        "# Recorded by tests/lab/record: not to be edited by hand.\n",
        *_write_table("server", tables.pop("server")),
    ]
    for name, rows in tables.items():
        for row in rows:
            parts.extend(_write_table(name, row, many=True))
    path.write_text("\n".join(parts), encoding="utf-8")


def _write_table(name: str, table: Mapping[str, Any], *, many: bool = False) -> Iterator[str]:
    """Write plain values first, tables below: TOML has no way back up."""
    yield f"[[{name}]]" if many else f"[{name}]"
    for key, value in table.items():
        if not isinstance(value, Mapping):
            yield f"{key} = {_write_value(value)}"
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from (f"{key}.{row}" for row in _write_rows(value) if value)
    yield ""


def _write_rows(table: Mapping[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            pairs = ", ".join(f"{name} = {_write_value(item)}" for name, item in value.items())
            yield f"{key} = {{ {pairs} }}"
        else:
            yield f"{key} = {_write_value(value)}"


def _write_value(value: object) -> str:
    match value:
        case bool() | int():
            return str(value).lower()
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case tuple() | list():
            return _write_array([_write_value(item) for item in value])
        case str() if "\n" in value and "'''" not in value and _is_literal(value):
            return f"'''\n{value}'''"
        case _:
            return json.dumps(str(value), ensure_ascii=False)


def _write_array(items: list[str]) -> str:
    if any("\n" in item for item in items):
        return "\n".join(["[", *(f"{item}," for item in items), "]"])
    return f"[{', '.join(items)}]"
