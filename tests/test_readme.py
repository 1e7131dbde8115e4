"""The README says what the library does, and leads to where more is told."""

import re
import tomllib
from pathlib import Path
from typing import Final

from headertls.models import Headline, Transport

ROOT: Final = Path(__file__).parents[1]
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")


def test_words_of_enums_are_told() -> None:
    """Transports and headlines are named, all of them."""
    assert [str(transport) for transport in Transport] == re.findall(
        r"^\| `(\w+)` \|", README.partition("| `transport` |")[2], re.MULTILINE
    )
    assert [] == [word for word in Headline if f"`{word}`" not in README]


def test_links_lead_somewhere() -> None:
    """Every file that the README links to, pictures among them, is in the repository."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)

    assert "docs/images/report.png" in links
    assert [] == [link for link in links if not (ROOT / link).is_file()]


def test_compared_version_is_the_installed_one() -> None:
    """Figures and comparison are about the version of mail-parser that benchmarks are run with."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [pin] = [r for r in project["optional-dependencies"]["dev"] if r.startswith("mail-parser")]

    assert {pin.removeprefix("mail-parser==").removesuffix(".*")} == set(
        re.findall(r"mail-parser (\d+\.\d+)", README)
    )
