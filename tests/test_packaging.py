"""What is installed is what pyproject.toml and the README promise."""

import re
import runpy
import stat
import tomllib
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[1]
PROJECT: Final[dict[str, Any]] = tomllib.loads(
    (ROOT / "pyproject.toml").read_text(encoding="utf-8")
)["project"]
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
INSTALLED: Final = distribution("headertls")


def test_version_is_the_one_declared() -> None:
    """The installed package has the version of pyproject.toml."""
    assert PROJECT["version"] == INSTALLED.version


def test_changelog_knows_the_version() -> None:
    """A version has a section of its own, or stands in the one of what is to be released."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## \[?([\w.]+)", changelog, re.MULTILINE)

    assert {PROJECT["version"], "Unreleased"} & set(sections)


def test_types_are_shipped() -> None:
    """Type checkers find the marker of PEP 561 beside the modules."""
    assert files("headertls").joinpath("py.typed").is_file()


def test_tables_are_shipped() -> None:
    """Every table that the sources hold is among the installed resources."""
    source = ROOT / "src" / "headertls"
    tables = [path.relative_to(source) for path in source.rglob("data/*.*")]

    assert tables
    assert [] == [path for path in tables if not files("headertls").joinpath(str(path)).is_file()]


def test_command_is_installed() -> None:
    """The command of the README leads to something that can be called."""
    [script] = [p for p in INSTALLED.entry_points if p.group == "console_scripts"]

    assert "headertls" == script.name
    assert callable(script.load())


def test_requirements_are_the_third_parties() -> None:
    """What the rooms of the house may import is what is required, and nothing else."""
    rooms = runpy.run_path(str(ROOT / "tests" / "test_layers.py"))["THIRD_PARTIES"]
    extras = PROJECT["optional-dependencies"]
    parts = ("arrow", "cli", "metrics", "milter", "msg", "pandas", "plot", "smtpd")
    required = [*PROJECT["dependencies"], *(name for part in parts for name in extras[part])]
    names = {re.split("[><=]", requirement)[0] for requirement in required}

    other = {
        "dateutil": "python-dateutil",
        "kilter": "kilter.protocol",
        "prometheus_client": "prometheus-client",
    }
    assert {other.get(package, package) for package in rooms} == names


def test_lowest_versions_are_plain() -> None:
    """Each requirement has a lower bound, and no other, so that the oldest set can be tested."""
    tool = runpy.run_path(str(ROOT / "tools" / "lowest_versions.py"))
    required = list(tool["iter_requirements"]())

    assert [f"{name}>={lowest}" for name, lowest in tool["iter_lowest"]()] == [
        re.sub(r"\[.*\]|; .*", "", requirement) for requirement in required
    ]
    assert set(PROJECT["dependencies"]) <= set(required)


def test_lowest_version_is_compared_as_a_version() -> None:
    """`2.10` is the version `2.10.0`, and not `2.1`."""
    is_same_version = runpy.run_path(str(ROOT / "tools" / "lowest_versions.py"))["is_same_version"]

    assert is_same_version("2.10.0", "2.10")
    assert is_same_version("2.9.0.post0", "2.9.0.post0")
    assert not is_same_version("2.10.1", "2.10")
    assert not is_same_version("2.10", "2.1")


@pytest.mark.parametrize("label", ["try", "test"])
def test_readme_command_is_one_line(label: str) -> None:
    """Each labelled command stands alone in its block, on one line, with a fresh environment."""
    [block] = re.findall(rf"<!-- command: {label} -->\n```sh\n((?s:.*?))```", README)

    assert 1 == block.count("\n")
    assert block.startswith("python3 -m venv --clear ")


def test_ci_script_can_be_run() -> None:
    """`.ci/run` is executable, and stops at the first failure."""
    script = ROOT / ".ci" / "run"

    assert script.stat().st_mode & stat.S_IXUSR
    assert "set -euo pipefail" in script.read_text(encoding="utf-8").splitlines()
