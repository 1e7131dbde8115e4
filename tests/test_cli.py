"""The command: what it reads, what it writes where, and what it exits with."""

import importlib
import io
import json
import os
import re
import runpy
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headertls import Severity, Trace, analyze, cli
from headertls.cli.streams import HINT
from headertls.report.schema import read_schema
from headertls.report.terminal import measure

PLAIN: Final = b"""\
Received: from shop.example (shop.example [81.2.69.144])
\tby mx.site.example (Postfix) with ESMTP id 4Q1; Tue, 29 Aug 2023 10:11:12 +0200
Subject: Lunch

Hello.
"""
ENCRYPTED: Final = b"""\
Received: from a.shop.example (a.shop.example [81.2.69.145])
\tby mx.site.example (Postfix) with ESMTPS id 4Q2; Tue, 29 Aug 2023 10:11:12 +0200

Hello.
"""
FORWARDED: Final = (
    b"Received: from desk.site.example (desk.site.example [10.1.2.3])\n"
    b"\tby mx.site.example (Postfix) with ESMTPS id 9; Tue, 29 Aug 2023 10:11:12 +0200\n"
    b"MIME-Version: 1.0\nContent-Type: message/rfc822\n\n" + PLAIN
)
HOSTILE: Final = """\
Received: from evil\x1b\x9b1m\u202e\u2066 (unknown [81.2.69.144])
\tby mx.example (Postfix) with ESMTP id 4Q1; Tue, 29 Aug 2023 10:11:12 +0200

""".encode()

EXAMPLES: Final = sorted((Path(__file__).parents[1] / "examples").glob("*.eml"))
PIECES: Final = (
    *(b"Received: ", b"from a.example", b" by b.example", b" with ESMTPS", b" (", b")", b"\n"),
    *(b"; Tue, 29 Aug 2023 10:11:12 +0200", b"[81.2.69.144]", b"TLSv1.3", b"@", b'"', b"\n "),
    *(b"\xff\xfe", b"\x00", b"\x7f", b"\x1b[2J", b"\xed\xa0\x80", "\u202e".encode(), b"\r"),
)


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the terminal in which it is run."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def save(tmp_path: Path) -> Callable[[str, bytes], str]:
    """Write a message into a file and give its name."""

    def _save(name: str, data: bytes) -> str:
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)

    return _save


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], io.BytesIO]:
    """Put octets into the standard input."""

    def _type_in(data: bytes) -> io.BytesIO:
        buffer = io.BytesIO(data)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(buffer))
        return buffer

    return _type_in


Save = Callable[[str, bytes], str]
TypeIn = Callable[[bytes], io.BytesIO]
Capture = pytest.CaptureFixture[str]


def test_table_is_the_default(save: Save, capsys: Capture) -> None:
    """One message is shown as a table, without a heading."""
    assert not cli.main(["trace", save("a.eml", PLAIN)])
    out, err = capsys.readouterr()

    assert out.startswith("As far as the lines show, the message came in from shop.example")
    assert re.search(
        r"^▲1» 08:11.* shop\.example +mx\.site\.example +ESMTP .* PLAINTEXT$", out, re.MULTILINE
    )
    assert out.endswith("(plaintext-public-hop)\n")
    assert not err


@pytest.mark.parametrize("arguments", [[], ["-"], ["--", "-"], ["--attached"], ["--attached", "-"]])
def test_stdin(arguments: list[str], type_in: TypeIn, capsys: Capture) -> None:
    """The standard input is read to its end, when named and when no file is."""
    buffer = type_in(PLAIN + b"x" * 200_000)

    assert not cli.main(["trace", *arguments])
    assert "▲1» 08:11" in capsys.readouterr().out
    assert not buffer.read()


def test_arguments_of_the_process(
    save: Save, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Without arguments of its own, the function takes those of the process."""
    monkeypatch.setattr(sys, "argv", ["headertls", "trace", save("a.eml", PLAIN)])

    assert not cli.main()
    assert "▲1»" in capsys.readouterr().out


def test_several_messages_have_headings(save: Save, type_in: TypeIn, capsys: Capture) -> None:
    """Each of several messages goes by the name of its file."""
    type_in(ENCRYPTED)
    name = save("a.eml", PLAIN)

    assert not cli.main(["trace", name, "-", "--explain"])
    headings = [line for line in capsys.readouterr().out.split("\n") if line.startswith("==")]
    assert headings == [f"== {name} ==", "== standard input =="]


def test_attached_messages(save: Save, capsys: Capture) -> None:
    """Attached messages come after the one that holds them, only when asked for."""
    name = save("a.eml", FORWARDED)

    assert not cli.main(["trace", name])
    assert "shop.example" not in capsys.readouterr().out
    assert not cli.main(["trace", "--attached", name])
    outer, inner = capsys.readouterr().out.split(f"== {name}, attached message 1 ==\n")
    assert outer.startswith(f"== {name} ==\n")
    assert "shop.example" not in outer
    assert "▲1»" in inner


def test_json_is_a_line_for_each_message(save: Save, capsys: Capture) -> None:
    """Each message is one line, the trace with the name of its file, attached messages too."""
    a, b = save("a.eml", FORWARDED), save("b.eml", ENCRYPTED)

    assert cli.main(["trace", "--json", "--attached", a, "missing.eml", b]) == 2
    traces = [Trace.model_validate_json(line) for line in capsys.readouterr().out.splitlines()]
    expected = [(a, FORWARDED), (a, PLAIN), (b, ENCRYPTED)]
    assert [
        analyze(octets).model_copy(update={"path": path}) for path, octets in expected
    ] == traces


def test_json_of_a_strange_name_is_valid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Octets of a file's name that are no UTF-8 are written out."""
    monkeypatch.chdir(tmp_path)
    Path("caf\udce9.eml").write_bytes(ENCRYPTED)

    assert not cli.main(["trace", "--json", "caf\udce9.eml"])
    assert Trace.model_validate_json(capsys.readouterr().out).path == "caf\\xe9.eml"


def test_json_of_the_standard_input_has_no_path(type_in: TypeIn, capsys: Capture) -> None:
    """What has no file has no name."""
    type_in(ENCRYPTED)

    assert not cli.main(["trace", "--json", "-"])
    assert analyze(ENCRYPTED) == Trace.model_validate_json(capsys.readouterr().out)


def test_explain(save: Save, capsys: Capture) -> None:
    """Sentences take the place of the table."""
    assert not cli.main(["trace", "--explain", save("a.eml", ENCRYPTED)])
    out = capsys.readouterr().out

    assert "\nHop 1, 2023-08-29 08:11:12 UTC: the way in\n  mx.site.example took the message" in out
    assert "\n\nFINDINGS\nNone.\n" in out


def test_columns_are_heard(save: Save, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """COLUMNS is the width of table and sentences."""
    name = save("a.eml", PLAIN)
    monkeypatch.setenv("COLUMNS", "150")

    assert not cli.main(["trace", name])
    assert "2023-08-29 08:11:12     shop.example [81.2.69.144]" in capsys.readouterr().out
    monkeypatch.setenv("COLUMNS", "50")
    assert not cli.main(["trace", "--explain", name])
    assert max(map(len, capsys.readouterr().out.split("\n"))) <= 50


@pytest.mark.parametrize(
    ("message", "level", "expected"),
    [
        (PLAIN, None, 0),
        (PLAIN, Severity.CRITICAL, 0),
        (PLAIN, Severity.HIGH, 1),
        (PLAIN, Severity.INFO, 1),
        (ENCRYPTED, Severity.INFO, 0),
        (b"Subject: Lunch\n\n", Severity.INFO, 0),
    ],
)
def test_fail_on(message: bytes, level: Severity | None, expected: int, save: Save) -> None:
    """The status tells whether a finding is as grave as the level, if there is one."""
    option = [] if level is None else ["--fail-on", level.value]

    assert expected == cli.main(["trace", *option, save("a.eml", message)])


def test_fail_on_looks_at_all_that_is_shown(save: Save) -> None:
    """One message of several is enough, and an attached one is."""
    plain, good = save("a.eml", PLAIN), save("b.eml", ENCRYPTED)
    forwarded = save("c.eml", FORWARDED)

    assert cli.main(["trace", "--fail-on=high", plain, good]) == 1
    assert cli.main(["trace", "--fail-on=high", good, forwarded]) == 0
    assert cli.main(["trace", "--fail-on=high", "--attached", good, forwarded]) == 1


@pytest.mark.parametrize("option", ["--json", "--explain", "--attached"])
def test_unreadable_inputs(option: str, tmp_path: Path, save: Save, capsys: Capture) -> None:
    """What cannot be read is told in one line each; the rest is shown; that outweighs findings."""
    missing = str(tmp_path / "no\x1b[2J.eml")
    names = [missing, save("a.eml", PLAIN), str(tmp_path)]

    assert cli.main(["trace", option, "--fail-on=info", *names]) == 2
    out, err = capsys.readouterr()
    assert err.split("\n") == [
        f"headertls: {tmp_path}/no\\x1b[2J.eml: No such file or directory",
        f"headertls: {tmp_path}: Is a directory",
        "",
    ]
    assert "shop.example" in out


@pytest.mark.parametrize("option", ["--json", "--attached"])
def test_closed_stdin(option: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """A process that was started without standard input says so."""
    monkeypatch.setattr(sys, "stdin", None)

    assert cli.main(["trace", option]) == 2
    assert capsys.readouterr().err == "headertls: standard input: is closed\n"


class Keyboard(io.BytesIO):
    """A terminal at which somebody pastes, and ends it once."""

    def __init__(self, pasted: bytes) -> None:
        super().__init__(pasted)
        self.reads = 0

    def isatty(self) -> bool:
        """It is one."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Give all at once, or a part."""
        self.reads += 1
        return super().read(size)


@pytest.mark.parametrize("arguments", [["trace"], ["trace", "--attached"], ["redact"]])
def test_terminal_is_asked_once(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """What is awaited is told on the standard error, and the terminal is read in one go."""
    keyboard = Keyboard(PLAIN)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=keyboard))

    assert not cli.main(arguments)
    out, err = capsys.readouterr()
    assert out
    assert f"headertls: {HINT}\n" == err
    assert 1 == keyboard.reads


def test_closed_stderr(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """Without a standard error the complaint goes nowhere, least of all to the output."""
    monkeypatch.setattr(sys, "stderr", None)

    assert cli.main(["trace", "/nowhere.eml"]) == 2
    assert not capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["trace", "--jsno"],
        ["trace", "--fail-on", "bad\x1b[2J\n"],
        ["trace", "--fail-on", "-"],
        ["trace", "--json", "--explain"],
        ["trace", "--raw", "--json"],
        ["completion"],
        ["completion", "csh"],
        ["trace", "--site"],
        ["schema", "2.0"],
        ["trcae"],
    ],
)
def test_wrong_arguments(arguments: list[str], capsys: Capture) -> None:
    """A wrong argument is told in one line, and the status is not that of findings."""
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()

    assert not out
    command = arguments[0] if arguments[0] in {"trace", "completion", "schema"} else ""
    tried = f"Try: headertls {command} --help".replace("  ", " ")
    assert re.fullmatch(rf"headertls: [ -~]+ {tried}\n", err)


PRIVATE: Final = b"""\
Received: from a.site.example (a.site.example [10.1.2.3])
\tby mx.site.example (Postfix) with ESMTP id 4Q1; Tue, 29 Aug 2023 10:11:12 +0200

"""


@pytest.mark.parametrize("option", [[], ["--json"], ["--explain"], ["--attached"]])
def test_site_draws_the_boundary(option: list[str], save: Save, capsys: Capture) -> None:
    """With a site the boundary is declared, also for attached messages."""
    site = save("site.toml", b'hosts = ["desk.example"]\n')

    assert not cli.main(["trace", *option, "--site", site, save("a.eml", FORWARDED)])
    out = capsys.readouterr().out
    assert "As far as the lines show" not in out
    assert ('"boundary_inferred":false' in out) == (option == ["--json"])


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ('[severities]\n"plaintext-private" = "medium"\n', 1),
        ('ignored = ["plaintext-private"]\n', 0),
        ('profile = "iana"\n', 0),
    ],
)
def test_policy_decides_on_the_status(policy: str, expected: int, save: Save) -> None:
    """What `--fail-on` looks at is judged by the policy."""
    names = [save("policy.toml", policy.encode()), save("a.eml", PRIVATE)]

    assert cli.main(["trace", "--fail-on=low", "--policy", *names]) == expected
    assert cli.main(["trace", "--attached", "--fail-on=low", "--policy", *names]) == expected


def test_policy_by_name(type_in: TypeIn, capsys: Capture) -> None:
    """The name of a profile is a policy."""
    type_in(ENCRYPTED)

    assert not cli.main(["trace", "--json", "--policy=ncsc-nl-2025", "-"])
    assert json.loads(capsys.readouterr().out)["profile"] == "ncsc-nl-2025"


@pytest.mark.parametrize(
    ("option", "text", "complaint"),
    [
        ("--site", b"hosts = [", "Invalid value"),
        ("--site", b'hosts = "a"\nx\x1b = 1', "Expected '='"),
        ("--site", b'hosts = "a"\nhost = 1', "hosts: should be a list; host: is no key of such a"),
        (
            "--site",
            b'networks = ["1.2.3"]',
            "networks, entry 1: '1.2.3' is no network such as '192.0.2.0/24'",
        ),
        ("--policy", b'profile = "best"', "profile: 'best' should be 'default', "),
        ("--policy", b"\xff", "'utf-8' codec can't decode"),
        ("--policy", None, "neither a file nor one of the profiles default, bcp195, "),
        ("--site", None, "No such file or directory"),
        ("--policy", b'profile = "b\xc3', "'utf-8' codec can't decode"),
    ],
)
def test_wrong_settings(
    option: str, text: bytes | None, complaint: str, save: Save, capsys: Capture
) -> None:
    """A file of settings that is wrong is told in one line, and no message is judged."""
    message = save("a.eml", PLAIN)
    name = f"{message}.toml" if text is None else save("settings.toml", text)

    assert cli.main(["trace", option, name, message]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert re.fullmatch(rf"headertls: {re.escape(name)}: [ -~]+\n", err)
    assert complaint in err


def test_policy_that_is_no_file(save: Save, capsys: Capture) -> None:
    """A name that the system refuses is no output that cannot be written."""
    assert cli.main(["trace", "--policy", "x" * 300, save("a.eml", PLAIN)]) == 2
    assert "is neither a file nor one of the profiles" in capsys.readouterr().err


def test_schema(capsys: Capture) -> None:
    """The schema is printed as it was published."""
    assert not cli.main(["schema"])
    assert json.loads(capsys.readouterr().out) == json.loads(read_schema())


def test_version(capsys: Capture) -> None:
    """The version is the package's."""
    assert not cli.main(["--version"])
    assert capsys.readouterr().out == f"{version('headertls')}\n"


@pytest.mark.parametrize("command", ["", "trace", "redact", "schema", "completion"])
def test_help(command: str, capsys: Capture) -> None:
    """Every help fits 80 columns, tells the use, and shows examples that are commands."""
    assert not cli.main([*command.split(), "--help"])
    out, err = capsys.readouterr()
    examples = re.findall("^    headertls (.+)$", out, re.MULTILINE)

    assert not err
    assert out.startswith(f"Usage: headertls {command}")
    assert max(map(len, out.split("\n"))) <= 80
    assert "\n\nFor example:\n    headertls " in out
    for example in examples:
        assert example.startswith(command)
        assert not cli.main([example.split()[0], "--help"])


def test_help_of_trace(capsys: Capture) -> None:
    """The help tells every option, the statuses, and the choices; each as one paragraph."""
    assert not cli.main(["trace", "--help"])
    out = capsys.readouterr().out

    for text in ("--json", "--explain", "--attached", "--fail-on", "--site", "--policy", "FILE|-"):
        assert text in out
    for text in ("--raw", "--html", "mozilla-intermediate", "critical", "Exit status:\n    0  all"):
        assert text in out
    shown = " ".join(out.replace("│", " ").split())
    assert "declares the own mail servers; without it they are inferred" in shown


def test_no_command_is_a_wish_for_help(capsys: Capture) -> None:
    """Without arguments, the commands are listed."""
    assert not cli.main([])
    assert "trace" in capsys.readouterr().out


@pytest.mark.parametrize("option", [[], ["--raw"], ["--explain"]], ids=str)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_narrow_terminals(
    example: Path, option: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Everything fits 40 columns."""
    monkeypatch.setenv("COLUMNS", "40")

    assert not cli.main(["trace", *option, str(example)])
    assert max(map(measure, capsys.readouterr().out.split("\n"))) <= 40


@pytest.mark.parametrize("columns", ["0", "-1", "wide", ""])
@pytest.mark.parametrize("option", ["--raw", "--explain", "--help"])
def test_width_that_no_terminal_has(
    columns: str, option: str, save: Save, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """A nonsensical COLUMNS is not heard."""
    name = save("a.eml", PLAIN)
    assert not cli.main(["trace", option, name])
    monkeypatch.setenv("COLUMNS", columns)
    before = capsys.readouterr().out

    assert not cli.main(["trace", option, name])
    assert before == capsys.readouterr().out


@pytest.mark.parametrize("option", [[], ["--raw"], ["--explain"], ["--json"]])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
def test_nothing_hostile_reaches_the_terminal(
    option: list[str], encoding: str, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control characters, escapes and overrides of headers and file names are written out."""
    buffer = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(buffer, encoding=encoding, newline="\n"))
    names = [save("\x1b[2J\u202e.eml", HOSTILE), save("ü.eml", HOSTILE)]

    assert not cli.main(["trace", *option, *names])
    out = buffer.getvalue().decode(encoding)
    assert all(line.isprintable() for line in out.split("\n"))
    assert "81.2.69.144" in out
    assert "\\u202e" in out


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join))
def test_any_input_gives_valid_json(capsys: Capture, type_in: TypeIn, data: bytes) -> None:
    """Whatever is read, the line is JSON of plain ASCII, and the other forms are printable."""
    for option in (["--json"], ["--explain"], ["--raw"], []):
        type_in(data)
        assert not cli.main(["trace", *option])
        out = capsys.readouterr().out
        assert all(line.isprintable() for line in out.split("\n"))
        if option == ["--json"]:
            assert out.isascii()
            assert out.count("\n") == 1
            assert json.loads(out)["schema_version"]


def test_interrupt_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """Ctrl-C ends the command without a word."""

    def interrupt(*_: object) -> Trace:
        raise KeyboardInterrupt

    monkeypatch.setattr("headertls.cli.trace.analyze", interrupt)

    assert cli.main(["trace", "a.eml"]) == 130
    assert capsys.readouterr() == ("", "")


def test_closed_pipe_is_quiet(save: Save, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """When the reader has gone, the command ends without a word, at its exit, too."""
    reader, writer = os.pipe()
    os.close(reader)
    with monkeypatch.context() as patch, os.fdopen(writer, "w") as stdout:
        patch.setattr(sys, "stdout", stdout)
        status = cli.main(["trace", save("a.eml", PLAIN)])

    assert status == 141
    assert capsys.readouterr() == ("", "")


class FullDisk(io.StringIO):
    """An output that takes nothing, and is no file of the system."""

    def write(self, _: str) -> int:
        """Refuse."""
        raise OSError(28, "No space left on device")


def test_full_disk(save: Save, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """Output that cannot be written is no success, and no traceback."""
    name = save("a.eml", PLAIN)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", FullDisk())
        status = cli.main(["trace", name])

    assert status == 2
    assert capsys.readouterr().err == "headertls: cannot write: No space left on device\n"


def load_anew(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """Load the command line once more, without a module that it imports."""
    for name in [name for name in sys.modules if name.startswith("headertls.cli")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    importlib.import_module("headertls.cli")


def test_missing_extra(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """Without the extra the command says in one line what to install."""
    with pytest.raises(SystemExit) as exit_:
        load_anew(monkeypatch, "cyclopts")

    assert exit_.value.code == 2
    err = capsys.readouterr().err
    assert re.fullmatch(r"headertls: .*pip install 'headertls\[cli\]'\n", err)


def test_interrupt_while_loading_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C right after the start gives no traceback, either."""

    def interrupt(name: str, *_: object) -> None:
        if name == "headertls.cli.run":
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "meta_path", [SimpleNamespace(find_spec=interrupt), *sys.meta_path])
    with pytest.raises(SystemExit) as exit_:
        load_anew(monkeypatch, "nothing")

    assert exit_.value.code == 130


def test_other_missing_modules_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What pip would not cure is not hidden behind the hint."""
    with pytest.raises(ModuleNotFoundError):
        load_anew(monkeypatch, "headertls.report.escape")


def test_module_runs(save: Save, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """`python -m headertls` is the command, and exits with its status."""
    monkeypatch.setattr(sys, "argv", ["headertls", "trace", "--fail-on=low", save("a", PLAIN)])
    with pytest.raises(SystemExit) as exit_:
        runpy.run_module("headertls", run_name="__main__")

    assert exit_.value.code == 1
    assert "▲1»" in capsys.readouterr().out


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a process of its own."""
    command = [sys.executable, "-m", "headertls", *arguments]
    return subprocess.run(command, check=False, capture_output=True, timeout=60, **options)  # noqa: S603


def test_process_in_a_poor_locale() -> None:
    """A process whose output is ASCII writes ASCII, and gets along with names that are no text."""
    environ = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = run("trace", "-", os.fsdecode(b"/no\xff.eml"), input=PLAIN, env=environ)

    assert done.returncode == 2
    assert b"!!1>" in done.stdout
    assert done.stdout.isascii()
    assert done.stderr == b"headertls: /no\\udcff.eml: No such file or directory\n"


def test_process_with_a_gone_reader(tmp_path: Path) -> None:
    """`headertls trace … | head -1` ends without a word."""
    (tmp_path / "a.eml").write_bytes(PLAIN)
    command = [sys.executable, "-m", "headertls", "trace", *["a.eml"] * 200]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=tmp_path, **pipes) as process:  # type: ignore[call-overload]  # noqa: S603
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
        status = process.wait(60)

    assert (status, err) == (141, b"")


def test_process_that_is_interrupted() -> None:
    """Ctrl-C while the command waits for its input ends it without a word."""
    command = [sys.executable, "-m", "headertls", "trace", "a.missing", "-"]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    # A shell that starts the tests in the background has the signal ignored, and children inherit.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(command, **pipes)  # type: ignore[call-overload]  # noqa: S603
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        # Once the complaint about the first input is there, the command is at work.
        complaint = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)

    assert complaint.startswith(b"headertls: a.missing: ")
    assert (process.returncode, out, err) == (130, b"", b"")


def run_in_shell(arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command with what a shell does to its streams."""
    script = f"{sys.executable} -m headertls {arguments}"
    return subprocess.run(["sh", "-c", script], check=False, capture_output=True, timeout=60)  # noqa: S603, S607


def test_process_without_standard_streams() -> None:
    """A process that was started with its streams closed gives no traceback."""
    done = run_in_shell("trace <&- >&-")

    assert (done.returncode, done.stderr) == (2, b"headertls: standard input: is closed\n")


@pytest.mark.parametrize(
    "arguments",
    [
        *("--help", "--version", "scan --help", "schema", "completion bash"),
        *(f"{name} {EXAMPLES[0]}" for name in ("trace", "trace --json", "redact")),
        *(f"{name} /nowhere" for name in ("scan", "forms", "calibrate")),
    ],
)
def test_closed_output_is_no_success(arguments: str) -> None:
    """What nobody can have got is told, and is the exit status; long work is not begun."""
    done = run_in_shell(f"{arguments} >&-")

    assert (2, b"headertls: cannot write: the standard output is closed\n") == (
        done.returncode,
        done.stderr,
    )


def test_page_needs_no_output(tmp_path: Path) -> None:
    """What writes to a file alone does well with the output closed."""
    assert 0 == run_in_shell(f"trace --html {tmp_path}/x.html {EXAMPLES[0]} >&-").returncode
    assert (tmp_path / "x.html").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("arguments", ["trace /nowhere.eml", "trcae"])
def test_full_error_output_is_no_finding(arguments: str) -> None:
    """A complaint that cannot be written costs itself, and the status stays that of a failure."""
    done = run_in_shell(f"{arguments} 2>/dev/full")

    assert (2, b"") == (done.returncode, done.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        *(("trace", ""), ("redact", ""), ("scan", ""), ("scan", "x", "")),
        *(("trace", option, "", "x") for option in ("--site", "--policy", "--html")),
        *(("scan", option, "", "x") for option in ("--output", "--messages", "--html")),
        ("scan", "--output=", "x"),
    ],
)
def test_empty_name_is_no_folder(arguments: tuple[str, ...], capsys: Capture) -> None:
    """An empty argument, as a script gives it whose variable is unset, is not the folder here."""
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()
    assert not out
    assert "the name of a file is empty. Try: headertls" in err


@pytest.mark.parametrize("number", ["1.5", "1e1", "0x2", "", "two"])
def test_half_a_process_is_refused(number: str, capsys: Capture) -> None:
    """A number of processes is a whole one."""
    assert cli.main(["scan", "--workers", number, "x"]) == 2
    assert f'"{number}" is no whole number. Try' in capsys.readouterr().err


def test_endless_message_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """What is attached is looked for in no more than can be held."""
    monkeypatch.setattr("headertls.cli.trace.MAX_WHOLE", 1000)

    assert cli.main(["trace", "--attached", str(EXAMPLES[0])]) == 2
    assert "is longer than 1,000 octets, too long for --attached" in capsys.readouterr().err
