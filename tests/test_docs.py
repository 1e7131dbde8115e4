"""The documentation is complete, and what it shows is what happens.

That pages link to each other rightly is for Sphinx to tell: see `.ci/run`. Doctests run besides.
"""

import re
import runpy
import shlex
import tomllib
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple
from xml.etree import ElementTree as ET

import pytest
from pydantic import BaseModel

import headertls
from headertls import FindingCode, Policy, Profile, Site, arrow
from headertls.cli.commands import app
from headertls.cli.statuses import Status

ROOT: Final = Path(__file__).parents[1]
DOCS: Final = ROOT / "docs"
PAGES: Final = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
CONSOLE: Final[dict[str, Any]] = runpy.run_path(str(ROOT / "tools" / "console_blocks.py"))
CHECK: Final[dict[str, Any]] = runpy.run_path(str(ROOT / "tools" / "check_pages.py"))
PICTURES: Final[dict[str, Any]] = runpy.run_path(str(ROOT / "tools" / "make_screenshots.py"))
TABLES: Final[dict[str, Any]] = runpy.run_path(str(DOCS / "_extension" / "tables.py"))
PUBLIC: Final = {name: getattr(headertls, name) for name in headertls.__all__}


class Block(NamedTuple):
    """A block of code, and the page on which it stands."""

    page: str
    text: str


def iter_blocks(language: str) -> Iterator[Block]:
    """Give the blocks of *language* of all pages."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for found in re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            yield Block(page.name, found)


@pytest.mark.parametrize("page", list(CONSOLE["iter_pages"]()), ids=lambda page: page.name)
def test_console_blocks_show_what_is_printed(page: Path) -> None:
    """Each command prints what stands below it: see `tools/console_blocks.py --write`."""
    assert page.read_text(encoding="utf-8") == CONSOLE["run_blocks"](page)


def test_console_blocks_are_run() -> None:
    """The tool runs a page's commands in one folder, and keeps files and the last status."""
    commands = ["$ cat > a.txt <<'END'\n> one\n> END\n", "$ false\n", "$ echo $?\n"]
    commands += ["$ cat a.txt\n", "$ headertls trace none.eml\n", "$ echo $?\n"]
    missing = "headertls: none.eml: No such file or directory\n"

    assert ["", "", "1\n", "one\n", missing, "2\n"] == CONSOLE["run_session"](commands, 80)


@pytest.mark.parametrize("block", list(iter_blocks("sh")), ids=lambda block: block.page)
def test_commands_have_the_options_that_there_are(block: Block) -> None:
    """What the pages tell to type is understood by the command line."""
    for line in block.text.splitlines():
        for part in re.split(r"[|<>&]+", line.partition("#")[0]):
            if part.split()[:1] == ["headertls"]:
                words = ["\0" if word == "-" else word for word in shlex.split(part)[1:]]
                app.parse_args(words, print_error=False, exit_on_error=False)


@pytest.mark.parametrize("block", list(iter_blocks("toml")), ids=lambda block: block.page)
def test_settings_are_understood(block: Block) -> None:
    """Each file of settings on a page is a site or a policy; the others are fixtures."""
    table = tomllib.loads(block.text)
    if "case" not in table:
        model = Site if table.keys() <= Site.model_fields.keys() else Policy
        model.model_validate(table)


def test_every_public_name_has_its_entry() -> None:
    """The reference has all that the package shows, once."""
    reference = "\n".join(p.read_text(encoding="utf-8") for p in (DOCS / "reference").glob("*.md"))
    entries = re.findall(r"^\.\. auto\w+:: ([\w.]+)$", reference, re.MULTILINE)
    names = [name for name, value in PUBLIC.items() if not isinstance(value, ModuleType)]
    names += [f"headertls.plots.{name}" for name in headertls.plots.__all__]
    names += [f"headertls.arrow.{name}" for name in arrow.__all__]
    names += ["headertls.report.html", "HopRow"]
    names += ["headertls.spark.hops", "headertls.spark.messages"]
    names += ["headertls.integrations.metrics.Metrics", "headertls.integrations.lines.write_line"]
    names += ["headertls.parser.caches.count_caches", "headertls.parser.caches.CacheCount"]
    names += ["headertls.mailboxes.Place"]

    assert sorted(names) == sorted(entries)


@pytest.mark.parametrize("name", list(PUBLIC))
def test_every_public_name_is_described(name: str) -> None:
    """Each field of a model and each member of an enum has words of its own."""
    value = PUBLIC[name]
    if isinstance(value, type) and issubclass(value, BaseModel):
        assert [] == [key for key, field in value.model_fields.items() if not field.description]
    elif isinstance(value, type) and issubclass(value, Enum):
        assert {member.name for member in value} <= TABLES["find_member_docs"](value).keys()
    if callable(value):
        assert value.__doc__


def test_generated_tables_are_asked_for() -> None:
    """Each table is on a page, and no page asks for one that is not there."""
    marks = [
        mark
        for page in PAGES
        for mark in re.findall(
            r"^<!-- generated: ([\w-]+) -->$", page.read_text(encoding="utf-8"), re.MULTILINE
        )
    ]

    assert sorted(TABLES["GENERATED"]) == sorted(marks)


@pytest.mark.parametrize("name", list(TABLES["GENERATED"]))
def test_generated_tables_have_rows(name: str) -> None:
    """Each table can be written, and all its rows have as many cells as its head."""
    lines = [line for line in TABLES["GENERATED"][name]().splitlines() if line.startswith("| ")]

    assert name == "commands" or len(lines) > 2
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) <= 1


def test_findings_are_told() -> None:
    """The table has each finding, with its severities as the rules have them."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in TABLES["write_findings"]().splitlines()[2:]
    ]

    assert [f"`{code}`" for code in FindingCode] == [row[0] for row in rows]
    assert ["high (medium)", "low (info)"] == rows[0][2:]
    assert all(row[1] for row in rows)


def test_profiles_and_statuses_are_told() -> None:
    """The pages that explain them know each profile and each exit status."""
    grades = (DOCS / "explanation" / "grades.md").read_text(encoding="utf-8")
    command = (DOCS / "reference" / "command-line.md").read_text(encoding="utf-8")

    assert [str(profile) for profile in Profile] == re.findall(
        r"^\| `([\w-]+)` \|", grades, re.MULTILINE
    )
    assert [str(int(status)) for status in Status] == re.findall(
        r"^\| (\d+) \|", command, re.MULTILINE
    )


def test_every_command_is_in_the_reference() -> None:
    """The page has a section for the command, and one for each of its subcommands."""
    titles = re.findall(r"^## (.+)$", TABLES["write_commands"](), re.MULTILINE)

    assert {"headertls", "headertls trace", "headertls redact", "headertls schema"} <= set(titles)


def test_picture_of_the_terminal_is_of_today() -> None:
    """It shows what the command prints now; if not: `tools/make_screenshots.py`."""
    root = ET.parse(PICTURES["IMAGES"] / "terminal.svg").getroot()  # noqa: S314  # our own file
    shown = "".join(
        "".join(text.itertext())
        for group in root.iterfind(".//{*}g[@class='terminal-matrix']")
        for text in group.iterfind("{*}text")
    )
    printed = re.sub(r"\x1b\[[\d;]*m", "", PICTURES["write_terminal"]())
    command = f"$ headertls trace {PICTURES['EXAMPLE']}"

    assert "".join((command + printed).split()) == "".join(shown.split())


def test_picture_of_the_report_is_of_today() -> None:
    """It was taken of a page with the words that the report has now."""
    picture = (PICTURES["IMAGES"] / "report.png").read_bytes()

    assert PICTURES["read_words"](PICTURES["write_report"]()) == PICTURES["read_description"](
        picture
    )


def test_description_goes_into_a_picture() -> None:
    """What is put into a PNG can be read from it, and leaves the rest as it was."""
    picture = (PICTURES["IMAGES"] / "report.png").read_bytes()
    described = PICTURES["describe"](picture, "▲ words")
    names = [name for name, _ in PICTURES["iter_chunks"](described)]

    assert "▲ words" == PICTURES["read_description"](described)
    assert (b"IHDR", b"iTXt", b"IEND") == (names[0], names[1], names[-1])


def test_foreign_requests_are_found(tmp_path: Path) -> None:
    """Pictures, scripts, styles and fonts from elsewhere are told; links to follow are not."""
    (tmp_path / "page.html").write_text(
        '<link rel="canonical" href="https://a.example/"><link rel="icon" href="//b.example/i">'
        '<a href="https://c.example/">c</a><script src="https://d.example/s.js"></script>'
        '<img src="own.png"><style>@import "https://e.example/e.css";</style>'
        '<p style="background: url(http://f.example/f.png)">'
    )
    (tmp_path / "style.css").write_text("p { src: url('https://g.example/font') url(own.woff) }")
    found = [address for _, address in CHECK["iter_foreign"](tmp_path)]

    assert [
        "//b.example/i",
        "https://d.example/s.js",
        "https://e.example/e.css",
        "http://f.example/f.png",
        "https://g.example/font",
    ] == found


def test_every_room_is_told() -> None:
    """Contributors find each room of the package in the table."""
    text = (DOCS / "contributing.md").read_text(encoding="utf-8")
    table = text.partition("\n| room |")[2].partition("\n\n")[0]
    package = Path(headertls.__file__).parent
    names = {path.stem for path in package.iterdir() if path.is_dir() or path.suffix == ".py"}
    told = re.findall(r"`(\w+)(?:/|\.py)`", table)

    assert sorted(name for name in names if not name.startswith("_")) == sorted(told)
