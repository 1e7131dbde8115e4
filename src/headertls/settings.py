"""What callers keep in files: their site and their policy, as TOML."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar, cast

from pydantic import ValidationError

from headertls.models import Policy, Site

_Settings = TypeVar("_Settings", Site, Policy)

MAX_LENGTH: Final = 1 << 22
"""Characters of a file that are read: more than a site of 50,000 senders has."""

MAX_DEPTH: Final = 64
"""Parts of a key. tomllib takes time by their square: minutes for a hundred thousand."""

# Also within texts, where a host name may have that many.
_DEEP_KEY: Final = re.compile(
    rf"""(?<![\w"'-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){{{MAX_DEPTH}}}"""
)

# pydantic's words are about Python; these are about TOML.
_PLAIN: Final = MappingProxyType(
    {
        "extra_forbidden": "is no key of such a file",
        "tuple_type": "should be a list",
        "string_type": "should be a text, in quotes",
        "float_type": "should be a number of seconds",
        "greater_than_equal": "should be 0 or more",
    }
)


def read_site(path: str | PathLike[str]) -> Site:
    """Read a `Site` from a TOML file, whose keys are the fields of the model.

    For example::

        hosts = ["mx.site.example", "relay.site.example"]
        networks = ["192.0.2.0/24"]
        authserv_ids = ["mx.site.example"]
        [writers]
        "relay.site.example" = "never"

    Args:
        path: The file's name.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no TOML, or says something that a site does not have.
    """
    return _read(path, Site)


def read_policy(path: str | PathLike[str]) -> Policy:
    """Read a `Policy` from a TOML file, whose keys are the fields of the model.

    For example::

        profile = "ncsc-nl-2025"
        minimum_grade = "good"
        [severities]
        "plaintext-private" = "low"

    Args:
        path: The file's name.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no TOML, or says something that a policy does not have.
    """
    return _read(path, Policy)


def format_site(site: Site, notes: Mapping[str, str] = MappingProxyType({})) -> str:
    r"""Write *site* as the text of a TOML file that `read_site` reads.

    Args:
        site: The site; what it does not say is left out.
        notes: Comments on writers and senders, by their names.

    >>> site = Site(hosts=("site.example",), writers={"mx.site.example": "never"})
    >>> print(format_site(site, {"mx.site.example": "seen in June"}), end="")
    hosts = ["site.example"]
    <BLANKLINE>
    [writers]
    "mx.site.example" = "never"  # seen in June
    """
    lists = [
        line
        for key in type(site).model_fields
        if key != "writers" and getattr(site, key)
        for line in _format_list(key, map(str, getattr(site, key)), notes)
    ]
    rows = [
        f"{_quote(name)} = {_quote(marking.value)}{_format_note(name, notes)}"
        for name, marking in dict(site.writers).items()
    ]
    # Keys behind a table's head would be the table's.
    table = [*([""] if lists else []), "[writers]", *rows] if rows else []
    return "".join(f"{line}\n" for line in (*lists, *table))


def _format_list(key: str, values: Iterable[str], notes: Mapping[str, str]) -> Iterator[str]:
    """Write a list on one line, or below each other where something is to be said of them."""
    items = list(values)
    if not any(item in notes for item in items):
        yield f"{key} = [{', '.join(map(_quote, items))}]"
        return
    yield f"{key} = ["
    yield from (f"    {_quote(item)},{_format_note(item, notes)}" for item in items)
    yield "]"


def _format_note(name: str, notes: Mapping[str, str]) -> str:
    note = notes.get(name, "")
    # A comment ends with its line, and holds no control characters.
    return f"  # {_escape(' '.join(note.split()))}" if note else ""


def _quote(text: str) -> str:
    escaped = _escape(text.replace("\\", "\\\\")).replace('"', '\\"')
    return f'"{escaped}"'


def _escape(text: str) -> str:
    return "".join(c if " " <= c <= "~" else f"\\U{ord(c):08x}" for c in text)


def _read(path: str | PathLike[str], model: type[_Settings]) -> _Settings:
    # Editors of Windows set a mark of the byte order before a file.
    with Path(path).open(encoding="utf-8-sig") as file:
        text = file.read(MAX_LENGTH + 1)
    if len(text) > MAX_LENGTH:
        raise ValueError(f"is longer than {MAX_LENGTH:,} characters")
    if _DEEP_KEY.search(text):
        raise ValueError(f"a key has more than {MAX_DEPTH} parts")
    try:
        table = tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("lists or tables are nested too deeply") from error
    try:
        return model.model_validate(table)
    except ValidationError as error:
        raise ValueError(_describe(error, table)) from error


def _describe(error: ValidationError, table: Mapping[str, object]) -> str:
    """Write in one line which keys are wrong, and why."""
    return "; ".join(
        f"{_write_key(found['loc'], table)}: {_tell_why(found['type'], found)}"
        for found in error.errors()
    )


def _tell_why(sort: str, found: Mapping[str, Any]) -> str:
    if sort == "value_error":
        return str(found["ctx"]["error"])
    if sort == "enum":
        return f"{found['input']!r} should be {found['ctx']['expected']}"
    return _PLAIN.get(sort, found["msg"])


def _write_key(place: tuple[int | str, ...], table: Mapping[str, object]) -> str:
    """Write a key, and behind it the name within its table, or the number within its list."""
    key, *rest = place
    given = table.get(str(key))
    if not rest:
        return str(key)
    number = int(rest[0])
    if isinstance(given, dict):
        return f"{key}.{list(cast('dict[str, object]', given))[number]}"
    return f"{key}, entry {number + 1}"
