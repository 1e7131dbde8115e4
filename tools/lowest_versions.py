"""Print the lowest versions that pyproject.toml allows, as constraints for pip.

    python tools/lowest_versions.py > lowest.txt
    python -m pip install --constraint lowest.txt --editable ".[engines]"

With --check, hold the versions installed beside this interpreter against them instead.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).parents[1] / "pyproject.toml"
EXTRAS: Final = (
    *("arrow", "cli", "engines", "metrics", "milter", "msg", "pandas", "plot", "smtpd", "spark"),
    *("test", "zstd"),
)
"""The extras that the tests need."""

_LOWER_BOUND: Final = re.compile(
    r"(?P<name>[\w.-]+)(?:\[[\w,-]+\])?>=(?P<version>[\w.]+)(?P<marker>;.*)?$"
)


def iter_requirements() -> Iterator[str]:
    """Give the requirements of the package and of `EXTRAS`, without the package itself."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    yield from project["dependencies"]
    for extra in EXTRAS:
        for requirement in project["optional-dependencies"][extra]:
            if not requirement.startswith(f"{project['name']}["):
                yield requirement


def iter_lowest() -> Iterator[tuple[str, str]]:
    """Give name and lowest version of each requirement.

    Raises:
        ValueError: A requirement states no lower bound, or more than that.
    """
    for requirement in iter_requirements():
        bound = _LOWER_BOUND.match(requirement)
        if bound is None:
            raise ValueError(f"no plain lower bound: {requirement}")
        yield bound["name"], bound["version"]


def is_same_version(one: str, other: str) -> bool:
    """Tell whether two versions are one: `2.10` is `2.10.0` (PEP 440)."""
    first, second = (re.sub(r"(\.0)+$", "", text) for text in (one, other))
    return first == second


def check() -> int:
    """Print what is installed, and count what is not at its lowest version."""
    wrong = 0
    for name, lowest in iter_lowest():
        try:
            installed = version(name)
        except PackageNotFoundError:  # pip left it out, since a marker excludes this Python
            print(f"{name} is not needed here")
            continue
        is_right = is_same_version(installed, lowest)
        wrong += not is_right
        print(f"{name} {installed}" if is_right else f"{name} {installed}, not {lowest}")
    return wrong


def main() -> int:
    """Print constraints, or check them."""
    if sys.argv[1:] == ["--check"]:
        return 1 if check() else 0
    for name, lowest in iter_lowest():
        print(f"{name}=={lowest}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
