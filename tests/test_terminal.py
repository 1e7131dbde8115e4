"""The command as a process of its own: in a terminal and without, with colours, letters and room.

The terminal is a real one (a pty of the system), so what is tested is what a person sees.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pytest

from headertls import DefectKind, Trace, analyze
from headertls.cli.streams import HINT
from headertls.report.terminal import measure
from terminals import END_OF_FILE, Terminal

EXAMPLES: Final = Path(__file__).parents[1] / "examples"
MESSAGE: Final = EXAMPLES / "forged-trace.eml"
COMMAND: Final = (sys.executable, "-m", "headertls")
STYLE: Final = re.compile(r"\x1b\[([0-9;]*)m")
ENVIRONMENT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
    }
)


def show(*arguments: object, columns: int = 80, **variables: str) -> str:
    """Run the command in a terminal, and give all that it shows."""
    command = (*COMMAND, *map(str, arguments))
    with Terminal(command, {**ENVIRONMENT, **variables}, columns) as terminal:
        screen = terminal.read_all()
    assert 0 == terminal.process.returncode, screen
    return screen


def pipe(*arguments: object, **variables: str) -> str:
    """Run the command with pipes for its streams, and give what it writes."""
    done = subprocess.run(  # noqa: S603
        (*COMMAND, *map(str, arguments)),
        check=True,
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        env={**ENVIRONMENT, **variables},
        timeout=60,
    )
    assert "" == done.stderr
    return done.stdout


def find_width(screen: str) -> int:
    """The cells of the longest line, styles left out."""
    return max(map(measure, STYLE.sub("", screen).split("\n")))


def find_styles(screen: str) -> set[str]:
    """The numbers of the styles that are set."""
    return {number for codes in STYLE.findall(screen) for number in codes.split(";")}


def is_coloured(screen: str) -> bool:
    """Whether any colour is set, as against weight and underlining."""
    return any(re.fullmatch("[349][0-8]|10[0-7]", number) for number in find_styles(screen))


def test_terminal_has_colours_and_its_width() -> None:
    """In a terminal there are colours, and its width is used and kept to."""
    narrow, wide = (show("trace", MESSAGE, columns=columns) for columns in (80, 140))

    assert is_coloured(narrow)
    assert find_width(narrow) <= 80 < find_width(wide) <= 140
    assert "─" in narrow


def test_pipe_has_neither() -> None:
    """In a pipe there is no style at all, and 80 columns."""
    screen = pipe("trace", "--raw", MESSAGE)

    assert "\x1b" not in screen
    assert find_width(screen) <= 80
    assert "^^^" in screen


def test_no_color_is_heard() -> None:
    """NO_COLOR leaves no colour in a terminal, and in the lines no style; signs take its place."""
    screen = show("trace", "--raw", MESSAGE, NO_COLOR="1")

    assert not is_coloured(screen)
    assert "4" not in find_styles(screen)
    assert "^^^" in screen
    assert "PLAINTEXT" in screen


def test_no_color_is_heard_by_the_help() -> None:
    """The help has no colours either when none are wished."""
    assert not is_coloured(show("trace", "--help", NO_COLOR="1"))


def test_dumb_terminal_has_plain_text_of_its_width() -> None:
    """A terminal that can do nothing gets no style, but has its width."""
    screen = show("trace", "--raw", MESSAGE, columns=100, TERM="dumb")

    assert "\x1b" not in screen
    assert 80 < find_width(screen) <= 100
    assert find_width(show("trace", MESSAGE, columns=100, TERM="dumb", COLUMNS="60")) <= 60


def test_narrow_pipe() -> None:
    """COLUMNS is heard where there is no terminal."""
    assert 30 < find_width(pipe("trace", "--raw", MESSAGE, COLUMNS="40")) <= 40


def test_ascii_terminal() -> None:
    """A terminal that knows ASCII only is shown no other letters."""
    screen = show("trace", "--raw", MESSAGE, PYTHONIOENCODING="ascii")

    assert screen.isascii()
    assert "mx.larchfield.example" in screen


def test_ascii_help() -> None:
    """The help, too, is written in the letters that the output takes."""
    screen = pipe("trace", "--help", PYTHONIOENCODING="ascii")

    assert screen.isascii()
    assert "\x1b" not in screen
    assert find_width(screen) <= 80
    assert "\n    headertls trace --raw message.eml\n" in screen


def test_paste_into_a_terminal() -> None:
    """Without a file, the terminal tells what is awaited; one end of file ends it."""
    with Terminal((*COMMAND, "trace"), ENVIRONMENT) as terminal:
        terminal.wait_for(HINT)
        terminal.type(MESSAGE.read_text(encoding="ascii") + END_OF_FILE)
        screen = terminal.read_all()

    assert 0 == terminal.process.returncode
    assert "▲1~" in screen
    assert "the message came in from 202.196.224.9" in screen


@pytest.mark.parametrize("arguments", [["trace", "-"], ["trace", "--attached"], ["redact"]])
def test_one_end_of_file_is_enough(arguments: list[str]) -> None:
    """However the terminal is read: it is read once, to the end that is told."""
    with Terminal((*COMMAND, *arguments), ENVIRONMENT) as terminal:
        terminal.wait_for(HINT)
        terminal.type(MESSAGE.read_text(encoding="ascii") + END_OF_FILE)
        terminal.read_all()

    assert 0 == terminal.process.returncode


def break_anew(text: str) -> str:
    """Break the lines of a header elsewhere, as a web page or a mail program does that shows it."""
    return re.sub(r"(?<=\S) (?=with |id |for )", "\n", text)


def quote(text: str) -> str:
    """Quote as in a reply."""
    return "".join(f"> {line}\n" for line in text.splitlines())


@pytest.mark.parametrize("spoil", [break_anew, quote], ids=["broken", "quoted"])
def test_spoilt_paste(spoil: Callable[[str], str]) -> None:
    """A paste that was broken anew, or quoted, is read as the header that it was."""
    pasted = spoil(MESSAGE.read_text(encoding="ascii").partition("\n\n")[0] + "\n")
    with Terminal((*COMMAND, "trace", "--json"), ENVIRONMENT) as terminal:
        terminal.wait_for(HINT)
        terminal.type(pasted + END_OF_FILE)
        document = terminal.read_all().splitlines()[-1]

    expected, actual = analyze(MESSAGE), Trace.model_validate_json(document)
    assert [hop.raw.split() for hop in expected] == [hop.raw.split() for hop in actual]
    assert expected.headline is actual.headline
    assert [DefectKind.PASTED] == [defect.kind for defect in actual.defects]


def test_nothing_pasted() -> None:
    """Who presses the end of file at once is told that there is no trace."""
    with Terminal((*COMMAND, "trace"), ENVIRONMENT) as terminal:
        terminal.wait_for(HINT)
        terminal.type(END_OF_FILE)
        screen = terminal.read_all()

    assert 0 == terminal.process.returncode
    assert "The message has no trace" in screen


def test_no_hint_for_a_pipe() -> None:
    """What comes through a pipe or out of a file needs no hint."""
    with MESSAGE.open("rb") as stdin:
        done = subprocess.run(  # noqa: S603
            (*COMMAND, "trace"), check=True, capture_output=True, stdin=stdin, timeout=60
        )

    assert b"" == done.stderr
    assert b"202.196.224.9" in done.stdout
