"""`headertls redact`: one message in, its header for the public out."""

import io
import sys
from pathlib import Path
from typing import Final

import pytest

from headertls import analyze
from headertls.cli import main

EXAMPLE: Final = Path(__file__).parents[1] / "examples" / "plaintext-entry.eml"


class Pipe:
    """A standard input that holds octets."""

    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


def test_file_is_redacted(capsys: pytest.CaptureFixture[str]) -> None:
    """The output is a header of the same headline."""
    assert 0 == main(["redact", str(EXAMPLE)])
    shown = capsys.readouterr().out
    assert analyze(EXAMPLE).headline == analyze(shown).headline
    assert "tollgate" not in shown
    assert not shown.endswith("\n\n")


@pytest.mark.parametrize("arguments", [["redact"], ["redact", "-"]])
def test_standard_input_is_read_to_its_end(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever writes to the pipe does not find it closed."""
    pipe = Pipe(EXAMPLE.read_bytes() + b"x" * 1_000_000)
    monkeypatch.setattr(sys, "stdin", pipe)
    assert 0 == main(arguments)
    assert b"" == pipe.buffer.read()
    assert capsys.readouterr().out.startswith("Received: ")


def test_nothing_to_show_is_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A message without a trace gives no line, not even a blank one."""
    path = tmp_path / "draft.eml"
    path.write_bytes(b"Subject: Lunch\n\n")
    assert 0 == main(["redact", str(path)])
    assert "" == capsys.readouterr().out


def test_missing_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message names the file, and the exit status is that of failure."""
    assert 2 == main(["redact", str(tmp_path / "no.eml")])
    assert "no.eml: No such file" in capsys.readouterr().err


def test_closed_input_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A process may be started without standard input."""
    monkeypatch.setattr(sys, "stdin", None)
    assert 2 == main(["redact"])
    assert "standard input: is closed" in capsys.readouterr().err
