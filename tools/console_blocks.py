"""Hold the console blocks of README.md and docs/ against what the commands really print.

    python tools/console_blocks.py            # name the pages that differ
    python tools/console_blocks.py --write    # put what is printed into the pages

A page's blocks are one session, in an empty folder in which `examples` is: files stay from one
command to the next, variables do not. A line that begins with `$ ` is a command, lines with `> ` go
on with it, and what follows is what it prints.
"""

import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Final
from unittest import mock

import headertls
from headertls import cli

ROOT: Final = Path(__file__).parents[1]
WIDTH: Final = 80
"""Columns of the terminal, as many as one has that nobody made wider."""

_BLOCK: Final = re.compile(r"^( *)```console\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_COMMAND: Final = re.compile(r"^\$ .*\n(?:> .*\n)*", re.MULTILINE)
_PLAIN: Final = {
    # the package that this program has, wherever a command is run
    "PYTHONPATH": str(Path(headertls.__file__).parents[1]),
    "NO_COLOR": "1",
    "PYTHONIOENCODING": "utf-8",
    "LC_ALL": "C.UTF-8",
}
"""What a terminal without colours would set."""


def iter_pages() -> Iterator[Path]:
    """Give the pages that have console blocks."""
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        if _BLOCK.search(page.read_text(encoding="utf-8")):
            yield page


def run_blocks(page: Path) -> str:
    """Give the text of *page* with what its commands print now."""
    text = page.read_text(encoding="utf-8")
    commands = [command for block in _BLOCK.finditer(text) for command in _iter_commands(block)]
    printed = iter(run_session(commands, WIDTH))

    def fill(block: re.Match[str]) -> str:
        shown = "".join(command + next(printed) for command in _iter_commands(block))
        indent = block[1]
        lines = (
            indent + line if line.strip() else line for line in shown.splitlines(keepends=True)
        )
        return f"{indent}```console\n{''.join(lines)}{indent}```"

    return _BLOCK.sub(fill, text)


def _iter_commands(block: re.Match[str]) -> Iterator[str]:
    text = re.sub(f"^{block[1]}", "", block[2], flags=re.MULTILINE)
    yield from _COMMAND.findall(text)


def run_session(commands: list[str], width: int) -> list[str]:
    """Run *commands* one after the other in one folder, and give what each prints."""
    shown: list[str] = []
    status = 0
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        Path("examples").symlink_to(ROOT / "examples")
        for command in map(_read_command, commands):
            words = _read_words(command)
            with mock.patch.dict(os.environ, _PLAIN | {"COLUMNS": str(width)}):
                status, text = _run_here(words) if words else _run_in_shell(command, status)
            shown.append(text)
    return shown


def _read_words(command: str) -> list[str] | None:
    """Take a call of `headertls` apart; the shell is asked only where more is to be done."""
    words = shlex.split(command)
    is_plain = words[0] == "headertls" and not set(command) & set("|<>&;$*")
    return words[1:] if is_plain else None


def _run_here(words: list[str]) -> tuple[int, str]:
    """Run `headertls` within this process, which saves its start."""
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        status = cli.main(words)
    return status, printed.getvalue()


def _run_in_shell(command: str, status: int) -> tuple[int, str]:
    script = (
        f'python() {{ "{sys.executable}" "$@"; }}\nheadertls() {{ python -m headertls "$@"; }}\n'
        f"(exit {status})\n{command}"
    )
    done = subprocess.run(  # noqa: S603  # the pages' own commands
        ["/bin/bash", "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout


def _read_command(shown: str) -> str:
    """Take the prompts off."""
    return "\n".join(line[2:] for line in shown.splitlines())


def main(*, may_write: bool) -> int:
    """Name the pages whose blocks differ, or mend them."""
    wrong = 0
    for page in iter_pages():
        now = run_blocks(page)
        if now == page.read_text(encoding="utf-8"):
            continue
        wrong += not may_write
        print(f"{page.relative_to(ROOT)}: {'written anew' if may_write else 'differs'}")
        if may_write:
            page.write_text(now, encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(may_write="--write" in sys.argv[1:]))
