"""The option `--html` of `headertls trace`."""

import io
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import pytest

from headertls import Trace
from headertls.cli import main
from headertls.report import html

EXAMPLES: Final = Path(__file__).parents[1] / "examples"


def run(*arguments: object) -> int:
    return main(["trace", *map(str, arguments)])


def test_page_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All messages come into one file, and nothing is printed."""
    page = tmp_path / "report.html"
    names = [EXAMPLES / "exim.eml", EXAMPLES / "forwarded-phish.eml"]

    assert 0 == run("--html", page, "--attached", *names)
    written = page.read_text(encoding="utf-8")
    assert 3 == written.count("<bdi class=htls-name>")
    assert "forwarded-phish.eml, attached message 1" in written
    assert ("", "") == capsys.readouterr()


def test_page_of_the_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message can come through a pipe."""
    data = (EXAMPLES / "exim.eml").read_bytes()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))

    assert 0 == run("--html", tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_status_is_kept(tmp_path: Path) -> None:
    """Findings and unreadable inputs set the exit status, as without a page."""
    page = tmp_path / "report.html"

    assert 1 == run("--html", page, "--fail-on", "high", EXAMPLES / "plaintext-entry.eml")
    assert 2 == run("--html", page, tmp_path / "none.eml", EXAMPLES / "exim.eml")
    assert "Came in encrypted" in page.read_text(encoding="utf-8")


def test_page_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The complaint names the page."""
    assert 2 == run("--html", tmp_path, EXAMPLES / "exim.eml")
    assert f"headertls: {tmp_path}: is a folder, and no file\n" == capsys.readouterr().err


def test_page_is_refused_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No input is read for a page that cannot be written, and nothing is left of the attempt."""
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "link.html").symlink_to("none/x.html")

    for name, told in (
        ("no/x.html", "there is no such folder"),
        ("loop", "File exists"),
        ("link.html", "No such file or directory"),
        ("x" * 300, "File name too long"),
    ):
        for command in ("trace", "scan"):
            assert 2 == main([command, "--html", str(tmp_path / name), "/nowhere"])
            out, err = capsys.readouterr()
            assert "" == out
            assert f"headertls: {tmp_path / name}: {told}\n" == err
    assert ["link.html", "loop"] == sorted(path.name for path in tmp_path.iterdir())


def test_page_may_be_a_device(capsys: pytest.CaptureFixture[str]) -> None:
    """What is neither a file nor a folder is opened once, when there is something to write."""
    assert 0 == run("--html", "/dev/null", EXAMPLES / "exim.eml")
    assert ("", "") == capsys.readouterr()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_disk_that_is_full_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    """What nobody could know before is told after the work."""
    assert 2 == run("--html", "/dev/full", EXAMPLES / "exim.eml")
    assert "headertls: /dev/full: No space left on device\n" == capsys.readouterr().err


def test_page_is_one_output_among_others(tmp_path: Path) -> None:
    """It goes with none of the other forms."""
    assert 2 == run("--html", tmp_path / "x.html", "--json", EXAMPLES / "exim.eml")


def test_page_takes_names_as_text() -> None:
    """The name of a file is no markup either."""
    assert "<b>x" not in html(dict.fromkeys(("<b>x.eml", "y.eml"), Trace()))


def test_message_is_not_taken_for_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who forgets the page's name keeps the message; a page, or an empty file, is written anew."""
    mail, page = tmp_path / "1.eml", tmp_path / "report.html"
    data = (EXAMPLES / "exim.eml").read_bytes()
    mail.write_bytes(data)
    page.write_bytes(b"")

    assert 2 == run("--html", mail, EXAMPLES / "exim.eml")
    assert data == mail.read_bytes()
    assert "1.eml: is there already, and no HTML page" in capsys.readouterr().err
    assert [0, 0] == [run("--html", page, mail) for _ in range(2)]
