"""What callers keep in files: their site and their policy, as TOML."""

import tomllib
from os import PathLike
from pathlib import Path

from headertls.models import Policy, Site


def read_site(path: str | PathLike[str]) -> Site:
    """Read a `Site` from a TOML file, whose keys are the fields of the model.

    ```toml
    hosts = ["mx.site.example", "relay.site.example"]
    networks = ["192.0.2.0/24"]
    authserv_ids = ["mx.site.example"]
    [writers]
    "relay.site.example" = "never"
    ```

    Args:
        path: The file's name.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no TOML, or says something that a site does not have.
    """
    return Site.model_validate(_read_toml(path))


def read_policy(path: str | PathLike[str]) -> Policy:
    """Read a `Policy` from a TOML file, whose keys are the fields of the model.

    ```toml
    profile = "ncsc-nl-2025"
    minimum_grade = "good"
    [severities]
    "plaintext-private" = "low"
    ```

    Args:
        path: The file's name.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no TOML, or says something that a policy does not have.
    """
    return Policy.model_validate(_read_toml(path))


def _read_toml(path: str | PathLike[str]) -> dict[str, object]:
    return tomllib.loads(Path(path).read_text(encoding="utf-8"))
