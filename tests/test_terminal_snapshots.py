"""What a terminal shows of messages, whole: `tests/terminal` holds it.

With HEADERTLS_WRITE_SNAPSHOTS=1 the files are written anew, to be looked at before they are kept;
those that end in `.ansi` want `less -R`.
"""

import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from headertls.cli import main
from headertls.report.terminal import measure

FOLDER: Final = Path(__file__).parent / "terminal"
EXAMPLES: Final = Path(__file__).parents[1] / "examples"
STYLE: Final = re.compile(r"\x1b\[[0-9;]*m")
WRITE: Final = "HEADERTLS_WRITE_SNAPSHOTS"

HOSTILE: Final = b"""\
Received: from evil\x1b[2J\x1b]0;owned\x07.example (unknown [81.2.69.144])\r
\tby mx.site.example (Postfix) with ESMTP id [red]4Q1[/red]\r
\t(\xe2\x80\xae gnissap ,TLSv1.3\xe2\x80\xac \xc2\x9b1m \x00 \xff)\r
\tfor <ann@site.example>; Tue, 29 Aug 2023 10:11:12 +0200\r
Received: from [bold]x[/bold].example (\xe9\x83\xb5\xe4\xbe\xbf.e\xcc\x81.example [81.2.69.145])\r
\tby evil.example\x0bHop 9 with ESMTPS (\xe2\x94\x82 Encrypted: trust me)\r
\t(version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);\r
\tTue, 29 Aug 2023 10:11:10 +0200\r
Subject: [link=https://evil.example]here[/link]\r
\r
"""

NAMES: Final = ("plaintext-entry", "forged-trace", "mailing-list", "no-trace", "hostile")


class Look(NamedTuple):
    """What the terminal can show."""

    ending: str
    encoding: str
    is_coloured: bool


LOOKS: Final = (
    Look(".txt", "utf-8", is_coloured=False),
    Look(".ansi", "utf-8", is_coloured=True),
    Look("-ascii.txt", "ascii", is_coloured=False),
)


def iter_cases() -> Iterator[tuple[str, int, Look]]:
    """Give the cases, each of which has its file."""
    return ((name, width, look) for name in NAMES for width in (80, 140) for look in LOOKS)


def name_file(name: str, width: int, look: Look) -> str:
    """Name the file of a case."""
    return f"{name}-{width}{look.ending}"


@pytest.fixture(autouse=True)
def _messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The messages are in the current folder, the hostile one, too."""
    for name in NAMES:
        example = EXAMPLES / f"{name}.eml"
        data = HOSTILE if name == "hostile" else example.read_bytes()
        (tmp_path / example.name).write_bytes(data)
    monkeypatch.chdir(tmp_path)


def show(
    name: str, width: int, look: Look, monkeypatch: pytest.MonkeyPatch, *options: str
) -> bytes:
    """Run the command on the message called *name*, and give the octets that it writes."""
    for variable in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", str(width))
    if look.is_coloured:
        monkeypatch.setenv("FORCE_COLOR", "1")
    stdout = io.TextIOWrapper(io.BytesIO(), look.encoding, newline="\n")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stdout)
        assert 0 == main(["trace", *options, f"{name}.eml"])
    octets = stdout.detach()
    octets.seek(0)
    return octets.read()


@pytest.mark.parametrize(
    ("name", "width", "look"), [pytest.param(*case, id=name_file(*case)) for case in iter_cases()]
)
def test_terminal_shows(name: str, width: int, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table and the lines below it are, octet by octet, what the file holds."""
    file = FOLDER / name_file(name, width, look)
    shown = show(name, width, look, monkeypatch, "--raw")
    if os.environ.get(WRITE):
        assert not os.environ.get("CI"), "what is to be checked here is not to be written here"
        file.write_bytes(shown)

    assert file.read_bytes().decode() == shown.decode()


@pytest.mark.parametrize("name", NAMES)
def test_table_is_the_upper_part(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `--raw`, the lines are left out, and nothing else changes."""
    both = show(name, 80, LOOKS[0], monkeypatch, "--raw").decode()
    table = show(name, 80, LOOKS[0], monkeypatch).decode()

    assert both.partition("\nThe lines as they stand")[0] == table


@pytest.mark.parametrize("file", sorted(FOLDER.iterdir()), ids=lambda file: file.name)
def test_files_hold_what_they_should(file: Path) -> None:
    """Each file belongs to a case, fits its width, and steers a terminal only by styles of ours."""
    _, width, look = next(case for case in iter_cases() if name_file(*case) == file.name)
    text = file.read_text(encoding="utf-8")
    lines = STYLE.sub("", text).split("\n")

    assert look.is_coloured == (lines != text.split("\n"))
    assert all(line.isprintable() for line in lines)
    assert max(map(measure, lines)) <= width
    assert look.encoding != "ascii" or text.isascii()
