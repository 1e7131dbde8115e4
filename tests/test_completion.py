"""`headertls completion`: what real shells make of its scripts."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from headertls.cli import main
from terminals import Terminal

PROFILES: Final = "bcp195", "ncsc-nl-2025"
LINE: Final = "THE-LINE:"


@pytest.fixture
def script(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> str:
    """The script for the shell of the test's parameter, which is to be installed."""
    shell = request.param
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    assert 0 == main(["completion", shell])
    return capsys.readouterr().out


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two files and a folder in it."""
    folder = tmp_path / "mail"
    (folder / "inbox").mkdir(parents=True)
    (folder / "inbox" / "lunch.eml").touch()
    (folder / "a letter.eml").touch()
    return folder


in_bash: Final = pytest.mark.parametrize("script", ["bash"], indirect=True)
in_fish: Final = pytest.mark.parametrize("script", ["fish"], indirect=True)
in_line_editor: Final = pytest.mark.parametrize(
    ("script", "start"),
    [
        ("bash", "bash --noprofile --norc -i"),
        ("zsh", "zsh -f -i"),
    ],
    indirect=["script"],
)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_is_for_the_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whether or not the shell is there, its script is printed, and knows the commands."""
    assert 0 == main(["completion", shell])
    out, err = capsys.readouterr()

    assert "" == err
    assert {"trace", "redact", "schema", "completion"} <= set(re.findall(r"\w+", out))
    assert re.search(r"^ *comp(lete|def) .*\bheadertls\b", out, re.MULTILINE)


@in_bash
def test_bash_reads_the_script(script: str) -> None:
    """The script is valid."""
    done = subprocess.run(["bash", "-n"], input=script.encode(), check=False, capture_output=True)  # noqa: S607

    assert (0, b"", b"") == (done.returncode, done.stdout, done.stderr)


COMPLETED: Final = [
    (["tr"], ["trace"]),
    (
        [""],
        [
            *("calibrate", "completion", "filter", "forms", "milter", "redact", "scan", "schema"),
            "trace",
        ],
    ),
    (["completion", ""], ["bash", "fish", "zsh"]),
    (["trace", "--fail-on", "h"], ["high"]),
    (["trace", "--policy", "mozilla-m"], ["mozilla-modern"]),
    (["trace", "--exp"], ["--explain"]),
    (["trace", "in"], ["inbox"]),
    (["trace", "--json", "a"], ["a letter.eml"]),
    (["trace", "--site", "a"], ["a letter.eml"]),
    (["trace", "--html", "a"], ["a letter.eml"]),
    (["redact", "in"], ["inbox"]),
]


@in_bash
@pytest.mark.parametrize(("words", "expected"), COMPLETED)
def test_bash_completes(script: str, words: list[str], expected: list[str], folder: Path) -> None:
    """The function that the script registers finds commands, options, their values and files."""
    call = 'complete -p headertls; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
    call += 'f=$(complete -p headertls); f=${f#*-F }; ${f%% *}; printf "%s\\n" "${COMPREPLY[@]}"'
    command = ["bash", "--noprofile", "--norc", "-uc", f"{script}\n{call}", "bash"]
    done = subprocess.run(  # noqa: S603
        [*command, "headertls", *words], check=True, capture_output=True, text=True, cwd=folder
    )
    registered, *shown = done.stdout.splitlines()

    assert "complete -F _headertls_files headertls" == registered
    assert "" == done.stderr
    assert expected == sorted(shown)


@in_fish
@pytest.mark.parametrize(("words", "expected"), COMPLETED)
def test_fish_completes(script: str, words: list[str], expected: list[str], folder: Path) -> None:
    """Fish finds commands, options, their values and files."""
    line = " ".join(["headertls", *words])
    done = subprocess.run(  # noqa: S603
        ["fish", "--no-config", "--command", f"{script}\ncomplete --do-complete '{line}'"],  # noqa: S607
        check=True,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "HOME": str(folder)},
    )
    found = {shown.partition("\t")[0].rstrip("/") for shown in done.stdout.splitlines()}

    assert set(expected) <= found
    assert "" == done.stderr


@in_line_editor
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("headertls tr\t", "headertls trace"),
        ("headertls trace --pol\tboth", "headertls trace --policy both"),
        ("headertls trace --fail-on hi\t", "headertls trace --fail-on high"),
        ("headertls trace --policy nc\t", "headertls trace --policy ncsc-nl-2025"),
        ("headertls trace inb\tlu\t", "headertls trace inbox/lunch.eml"),
        ("headertls redact a\\ l\t", "headertls redact a\\ letter.eml"),
        ("headertls completion f\t", "headertls completion fish"),
    ],
)
def test_line_is_completed(
    script: str, start: str, typed: str, expected: str, folder: Path
) -> None:
    """Who types a part and the tabulator has the whole in the line."""
    (folder.parent / "script").write_text(script)
    prepare = "autoload -U compinit && compinit -D -u;" if start.startswith("zsh") else ""

    # zsh takes the blank back that it set behind the word
    assert expected == complete(start, f"{prepare} . ../script", typed, folder).rstrip(" ")


@pytest.mark.parametrize("script", ["zsh"], indirect=True)
def test_zsh_finds_the_script(script: str, folder: Path) -> None:
    """In a folder of $fpath, the script works from the first time on."""
    (folder.parent / "functions").mkdir()
    (folder.parent / "functions" / "_headertls").write_text(script)
    prepare = "fpath=($PWD/../functions $fpath); autoload -U compinit && compinit -D -u"

    assert "headertls trace" == complete("zsh -f -i", prepare, "headertls tr\t", folder).rstrip(" ")


def complete(start: str, prepare: str, typed: str, folder: Path) -> str:
    """Start a shell in *folder*, type, and give the line that stands there then."""
    env = {"HOME": str(folder), "PATH": os.environ["PATH"], "TERM": "xterm", "PS1": "", "LANG": "C"}
    with Terminal(start.split(), env, columns=200) as terminal:
        terminal.type(f"cd {folder}; {prepare}; echo READY-$((6*7))\r")
        terminal.wait_for("READY-42")
        # The line is not run, but printed: it is set in quotes behind another command.
        terminal.type(f"{typed}\x05'\x01echo $((6*7)){LINE}'\r")
        terminal.wait_for(f"42{LINE}")
        terminal.type("exit\r")
        screen = terminal.read_all()
    return screen.partition(f"42{LINE}")[2].partition("\n")[0]
