"""The options `--site` and `--policy`: files, or the name of a list."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from headertls.models import Policy, Profile, Site
from headertls.settings import read_policy, read_site

_Read = TypeVar("_Read", Site, Policy)


class Settings(NamedTuple):
    """How the caller wants messages judged."""

    site: Site | None
    policy: Policy | None


class SettingsError(Exception):
    """A file of settings cannot be read; the text says which one, and why."""


def read_settings(site: Path | None, policy: Profile | Path | None) -> Settings:
    """Read what the options name.

    Args:
        site: The name of a file.
        policy: The name of a list of grades, or of a file.

    Raises:
        SettingsError: One of them cannot be read.
    """
    return Settings(
        site=None if site is None else _read_file(site, read_site),
        policy=None if policy is None else _read_policy(policy),
    )


def _read_policy(given: Profile | Path) -> Policy:
    if isinstance(given, Profile):
        return Policy(profile=given)
    # not `Path.exists`, which raises where a folder must not be looked into
    if not os.path.exists(given):  # noqa: PTH110
        known = ", ".join(Profile)
        raise SettingsError(f"{given}: is neither a file nor one of the profiles {known}")
    return _read_file(given, read_policy)


def _read_file(path: Path, read: Callable[[Path], _Read]) -> _Read:
    try:
        return read(path)
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror or error}") from error
    except ValueError as error:
        raise SettingsError(f"{path}: {error}") from error
