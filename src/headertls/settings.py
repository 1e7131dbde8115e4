"""What callers keep in files: their site and their policy, as TOML."""

import tomllib
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

from pydantic import ValidationError

from headertls.models import Policy, Site

_Settings = TypeVar("_Settings", Site, Policy)

# pydantic's words are about Python; these are about TOML.
_PLAIN: Final = MappingProxyType(
    {"extra_forbidden": "is no key of such a file", "tuple_type": "should be a list"}
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


def _read(path: str | PathLike[str], model: type[_Settings]) -> _Settings:
    table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    try:
        return model.model_validate(table)
    except ValidationError as error:
        raise ValueError(_describe(error)) from error


def _describe(error: ValidationError) -> str:
    """Write in one line which keys are wrong, and why."""
    return "; ".join(
        f"{_write_key(found['loc'])}: {_PLAIN.get(found['type'], found['msg'])}"
        for found in error.errors()
    )


def _write_key(place: tuple[int | str, ...]) -> str:
    # pydantic puts the names of its validators between the keys: `lax-or-strict[...]`
    return ".".join(str(part) for part in place if "[" not in str(part))
