"""`headertls filter`: whatever happens, no message is lost, and no half of one is passed on."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest

from headertls import LiveConnection, ResultWord, cli, find_result_fields
from headertls.authresults import Marker, marking
from headertls.cli import filter as command

ID: Final = "mx.site.example"
PLAIN: Final = (
    b"Received: from out.shop.example (out.shop.example [81.2.69.144])\n"
    b"\tby mx.site.example (Postfix) with ESMTP id 4; Tue, 05 Mar 2024 10:11:12 +0000\n"
    b"Subject: Lunch\n\nHello.\n"
)
FORGED: Final = b"Authentication-Results: mx.site.example; x-tls-trace=pass\n"
OTHER: Final = b"Authentication-Results: mx.site.example; dkim=pass header.d=a.example\n"
DONE, TRY_AGAIN, REFUSED = 0, 75, 77
BASE: Final = ("filter", "--authserv-id", ID)

Capture = pytest.CaptureFixture[bytes]
TypeIn = Callable[[bytes], None]


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> TypeIn:
    """Put octets into the standard input."""

    def _type_in(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    return _type_in


@pytest.fixture
def site(tmp_path: Path) -> str:
    """A file that declares the own servers."""
    path = tmp_path / "site.toml"
    path.write_text('hosts = ["site.example"]\nauthserv_ids = ["mx.site.example"]\n')
    return str(path)


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a process of its own."""
    words = (sys.executable, "-m", "headertls", *arguments)
    return subprocess.run(words, check=False, capture_output=True, timeout=60, **options)  # noqa: S603


def test_result_comes_on_top(type_in: TypeIn, capsysbinary: Capture) -> None:
    """The message is written as it came, with the field on top of it, and without forged ones."""
    type_in(FORGED + OTHER + PLAIN)

    assert DONE == cli.main(BASE)
    out, err = capsysbinary.readouterr()
    assert Marker(ID).mark(FORGED + OTHER + PLAIN).head == out
    assert out.endswith(b"\n" + OTHER + PLAIN)
    assert b"" == err


def test_process_writes_octets() -> None:
    """As a process of its own it does the same, with octets of any sort."""
    message = PLAIN.replace(b"\n", b"\r\n") + bytes(range(256)) * 100
    done = run(*BASE, input=message)

    assert (DONE, b"") == (done.returncode, done.stderr)
    assert Marker(ID).mark(message).head == done.stdout


def test_options_tell_how_to_judge(
    type_in: TypeIn, capsysbinary: Capture, site: str, tmp_path: Path
) -> None:
    """Site and policy are those of the other commands; the site can name the server, too."""
    policy = tmp_path / "policy.toml"
    policy.write_text('[severities]\nplaintext-public-hop = "low"\n')
    type_in(FORGED + OTHER + PLAIN)

    assert DONE == cli.main(["filter", "--border", "--site", site, "--policy", str(policy)])
    out, _ = capsysbinary.readouterr()
    assert out.endswith(b"\n" + PLAIN)
    assert OTHER not in out
    [field] = find_result_fields(out, ID)
    assert (ResultWord.FAIL, "low") == (field.result.word, field.result.severity)


def test_refusal(type_in: TypeIn, capsysbinary: Capture) -> None:
    """A finding of the given level is told by the status; the message is written all the same."""
    for level, status in (("high", REFUSED), ("critical", DONE)):
        type_in(PLAIN)

        assert status == cli.main([*BASE, "--fail-on", level])
        out, err = capsysbinary.readouterr()
        assert out.endswith(PLAIN)
        assert (status == REFUSED) == (b"headertls: the message is refused: mx.site" in err)


def test_claims_refuse_nothing(type_in: TypeIn) -> None:
    """Plaintext of which only the sender's own lines tell is no reason to refuse the message."""
    claim = PLAIN.replace(b"mx.site", b"mx.shop").replace(b"out.shop", b"a.bank")
    line = b"Received: from mx.shop.example (mx.shop.example [81.2.69.150]) by mx.site.example"
    type_in(line + b" (Postfix) with ESMTPS id 5; Tue, 05 Mar 2024 10:11:13 +0000\n" + claim)

    assert DONE == cli.main([*BASE, "--fail-on", "info"])


@pytest.mark.parametrize(
    ("options", "live"),
    [
        (
            (
                "--client-address 81.2.69.144 --tls-version TLSv1.3 --server-name mx.site.example"
                " --cipher TLS_AES_128_GCM_SHA256 --helo out.shop.example"
                " --client-name out.shop.example"
            ),
            LiveConnection(
                address="81.2.69.144",
                tls_version="TLSv1.3",
                cipher="TLS_AES_128_GCM_SHA256",
                helo="out.shop.example",
                rdns="out.shop.example",
                server="mx.site.example",
            ),
        ),
        ("--client-address 81.2.69.150 --tls-version=", LiveConnection(address="81.2.69.150")),
        (
            "--client-address 81.2.69.150 --cipher none --helo=",
            LiveConnection(address="81.2.69.150"),
        ),
        (
            "--client-address=81.2.69.150 --cipher= --helo=--border",
            LiveConnection(address="81.2.69.150", helo="--border"),
        ),
        ("--client-address= --tls-version TLSv1.3", None),
        ("--tls-version TLSv1.3", None),
        ("--client-address unknown --tls-version TLSv1.3", None),
    ],
)
def test_facts_of_the_server(
    options: str, live: LiveConnection | None, type_in: TypeIn, capsysbinary: Capture
) -> None:
    """What the mail server knows of the connection counts; what is no address does not."""
    type_in(PLAIN)

    assert DONE == cli.main([*BASE, *options.split()])
    out, err = capsysbinary.readouterr()
    assert Marker(ID).mark(PLAIN, live).head == out
    assert ("unknown" in options) == (b"unknown is no IP address" in err)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["filter"], b"--authserv-id: is needed"),
        (["filter", "--authserv-id", "a b"], b"'a b' is no authserv-id"),
        (["filter", "--authserv-id"], b"requires an argument"),
        ([*BASE, "--fail-onn", "high"], b"Unknown option"),
        (["--nosuch", *BASE], b"Unknown"),
        ([*BASE, "--fail-on", "worst"], b"Invalid value"),
        ([*BASE, "--site", "none.toml"], b"none.toml: No such file"),
        ([*BASE, "--policy", "none"], b"none: is neither a file nor"),
        ([*BASE, "--client-address", "81.2.69.144"], b"needs --tls-version or --cipher"),
    ],
)
def test_mistakes_of_the_administrator_lose_nothing(
    arguments: list[str], reason: bytes, type_in: TypeIn, capsysbinary: Capture
) -> None:
    """With wrong arguments or settings nothing is written, and the server is asked to wait."""
    type_in(PLAIN)

    assert TRY_AGAIN == cli.main(arguments)
    out, err = capsysbinary.readouterr()
    assert b"" == out
    assert reason in b" ".join(err.split())


@pytest.mark.parametrize(
    ("name", "reason"), [("./none", b"./none: No such file"), ("/", b"/: Permission denied")]
)
def test_command_that_cannot_be_called(name: str, reason: bytes, tmp_path: Path) -> None:
    """Without the command the server is asked to wait, too."""
    done = run(*BASE, "--", name, input=PLAIN, cwd=tmp_path)

    assert (TRY_AGAIN, b"") == (done.returncode, done.stdout)
    assert reason in done.stderr


def test_other_commands_keep_their_status() -> None:
    """Commands that are not in the path of mail fail with the status that they always had."""
    assert 2 == run("trace", "--bad").returncode


@pytest.mark.parametrize(("name", "status"), [("filter", TRY_AGAIN), ("trace", 2)])
def test_missing_extra(name: str, status: int) -> None:
    """Without the packages of the extra `cli` the server is asked to wait, too."""
    code = (
        "import sys; sys.modules['cyclopts'] = None; sys.argv = ['headertls', sys.argv[1]];"
        "import headertls.cli"
    )
    done = subprocess.run(  # noqa: S603
        (sys.executable, "-c", code, name), check=False, capture_output=True, timeout=60
    )

    assert status == done.returncode
    assert b"pip install 'headertls[cli]'" in done.stderr


def test_failed_judgement_passes(
    monkeypatch: pytest.MonkeyPatch, type_in: TypeIn, capsysbinary: Capture
) -> None:
    """A message that cannot be judged is passed on, and it is told why."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError("a mistake")

    monkeypatch.setattr(marking, "analyze", fail)
    type_in(PLAIN)

    assert DONE == cli.main([*BASE, "--fail-on", "info"])
    out, err = capsysbinary.readouterr()
    assert out.endswith(PLAIN)
    assert ResultWord.TEMPERROR == find_result_fields(out, ID)[0].result.word
    assert b"headertls: ZeroDivisionError: a mistake, so the message passes as a temperror\n" == err


def test_failed_rewriting_passes(
    monkeypatch: pytest.MonkeyPatch, type_in: TypeIn, capsysbinary: Capture
) -> None:
    """Where no field can be added, the message is passed on as it came."""
    monkeypatch.setattr(marking, "add_result_field", lambda *_: 1 / 0)
    type_in(PLAIN)

    assert DONE == cli.main([*BASE, "--fail-on", "info"])
    out, err = capsysbinary.readouterr()
    assert PLAIN == out
    assert b"so the message passes as it came" in err


def test_empty_input(type_in: TypeIn, capsysbinary: Capture) -> None:
    """Nothing stays nothing."""
    type_in(b"")

    assert DONE == cli.main(BASE)
    assert (b"", b"headertls: the message is empty, so the message passes as it came\n") == (
        capsysbinary.readouterr()
    )


@pytest.mark.parametrize("error", [MemoryError(), KeyError("a mistake")])
def test_mistakes_in_copying_lose_nothing(
    error: Exception, monkeypatch: pytest.MonkeyPatch, type_in: TypeIn, capsysbinary: Capture
) -> None:
    """Where the copy itself fails, the server is asked to try again."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(command, "mark_stream", fail)
    type_in(PLAIN)

    assert TRY_AGAIN == cli.main(BASE)
    out, err = capsysbinary.readouterr()
    assert b"" == out
    assert type(error).__name__.encode() in err


def test_closed_streams(
    monkeypatch: pytest.MonkeyPatch, type_in: TypeIn, capsysbinary: Capture
) -> None:
    """A process that was started without input or output asks the server to try again."""
    type_in(PLAIN)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", None)
        assert TRY_AGAIN == command.filter_message(authserv_id=ID)
    monkeypatch.setattr(sys, "stdin", None)

    assert TRY_AGAIN == cli.main(BASE)
    out, err = capsysbinary.readouterr()
    assert b"" == out
    assert [b"the standard output is closed", b"the standard input is closed"] == [
        line.removeprefix(b"headertls: cannot pass the message on: ") for line in err.splitlines()
    ]


def test_broken_pipe(monkeypatch: pytest.MonkeyPatch, type_in: TypeIn, tmp_path: Path) -> None:
    """When whoever takes the message goes away, the server is asked to try again."""

    class Gone(io.BytesIO):
        def write(self, _: object) -> int:
            raise BrokenPipeError

    with (tmp_path / "out").open("wb") as file:
        stdout = SimpleNamespace(buffer=Gone(), fileno=file.fileno, encoding="utf-8")
        type_in(PLAIN)
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", stdout)
            assert TRY_AGAIN == command.filter_message(authserv_id=ID)


def test_nobody_hears_complaints(monkeypatch: pytest.MonkeyPatch, type_in: TypeIn) -> None:
    """A broken standard error does not make a message that was passed on be sent again."""

    class Broken(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Broken())
    type_in(b"")

    assert DONE == cli.main(BASE)


def test_reader_gone() -> None:
    """When whoever takes the message goes away, the server is asked to try again."""
    read, write = os.pipe()
    os.close(read)
    words = (sys.executable, "-m", "headertls", *BASE)
    done = subprocess.run(  # noqa: S603
        words, check=False, input=PLAIN, stdout=write, stderr=subprocess.PIPE, timeout=60
    )
    os.close(write)

    assert TRY_AGAIN == done.returncode
    assert b"headertls: whoever should take the message has gone\n" == done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_disk() -> None:
    """When the message cannot be written, the server is asked to try again."""
    words = (sys.executable, "-m", "headertls", *BASE)
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(  # noqa: S603
            words, check=False, input=PLAIN, stdout=full, stderr=subprocess.PIPE, timeout=60
        )

    assert TRY_AGAIN == done.returncode
    assert b"cannot pass the message on: No space left on device" in done.stderr


def test_large_body_takes_no_memory() -> None:
    """The process takes hardly more memory for 200 MB of body than for none."""
    peaks = [_measure(size) for size in (0, 200)]

    assert peaks[1] - peaks[0] < 8_000


def _measure(megabytes: int) -> int:
    """Give the kilobytes that the process takes for a message of so many megabytes."""
    code = (
        "import resource, subprocess, sys\n"
        "words = [sys.executable, '-m', 'headertls', *sys.argv[2:]]\n"
        "end = subprocess.DEVNULL\n"
        "process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=end)\n"
        "process.stdin.write(b'Subject: a\\n\\n')\n"
        "for _ in range(int(sys.argv[1])): process.stdin.write(b'x' * 1_000_000)\n"
        "process.stdin.close()\n"
        "assert process.wait(60) == 0\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    words = (sys.executable, "-c", code, str(megabytes), *BASE)
    done = subprocess.run(words, check=True, capture_output=True, timeout=120)  # noqa: S603
    return int(done.stdout)


def test_little_memory_loses_nothing() -> None:
    """Out of memory, the server is asked to try again: the message is neither cut nor dropped."""
    code = (
        "import resource, sys; from headertls.cli import main;"
        "import headertls.cli.filter, headertls.authresults.fields, headertls.parser.tls;"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize();"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 4_000_000, -1));"
        "sys.exit(main(sys.argv[1:]))"
    )
    header = b"X: y\n" * 1_000_000
    done = subprocess.run(  # noqa: S603
        (sys.executable, "-c", code, *BASE),
        check=False,
        input=header + b"\n",
        capture_output=True,
        timeout=60,
    )

    assert (TRY_AGAIN, b"") == (done.returncode, done.stdout)
    assert b"MemoryError" in done.stderr


def write_script(path: Path, text: str) -> str:
    """Write a program."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_command_gets_the_message(tmp_path: Path) -> None:
    """A command gets the whole message as its input, its arguments as given, and has the word."""
    sendmail = write_script(tmp_path / "sendmail", 'printf "%s|" "$@"; cat; exit 67')
    message = PLAIN + b"x" * 1_000_000
    done = run(*BASE, "--", sendmail, "-G", "-i", "-f", "", "--", "-", "a@b.example", input=message)

    assert 67 == done.returncode
    assert b"-G|-i|-f||--|-|a@b.example|" + Marker(ID).mark(message).head == done.stdout


def test_command_gets_no_refused_message(tmp_path: Path) -> None:
    """A refused message is given to no command."""
    mark = tmp_path / "called"
    sendmail = write_script(tmp_path / "sendmail", f"touch {mark}")
    done = run(*BASE, "--fail-on", "high", "--", sendmail, input=PLAIN)

    assert (REFUSED, b"", False) == (done.returncode, done.stdout, mark.exists())


def test_command_gets_no_half(tmp_path: Path) -> None:
    """If the filter is killed before the message has ended, the command is never called."""
    mark = tmp_path / "called"
    sendmail = write_script(tmp_path / "sendmail", f"cat > {mark}")
    words = (sys.executable, "-m", "headertls", *BASE, "--", sendmail)
    with subprocess.Popen(words, stdin=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdin is not None
        process.stdin.write(PLAIN + b"x" * 1_000_000)
        process.stdin.flush()
        process.send_signal(signal.SIGKILL)

        assert -signal.SIGKILL == process.wait(30)
    assert not mark.exists()


def test_command_is_the_process(tmp_path: Path) -> None:
    """The command takes the filter's place, so that whoever kills the one kills the other."""
    seen = tmp_path / "pid"
    sendmail = write_script(
        tmp_path / "sendmail", f"echo $$ > {seen}.new; mv {seen}.new {seen}; cat"
    )
    words = (sys.executable, "-m", "headertls", *BASE, "--", sendmail)
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603
        process.communicate(PLAIN, timeout=30)

    assert process.pid == int(seen.read_text())


def test_command_is_called_in_this_process(
    monkeypatch: pytest.MonkeyPatch, type_in: TypeIn
) -> None:
    """What is called is the command with its words; if that cannot be, the server is to wait."""
    called: list[Any] = []
    monkeypatch.setattr(
        command,
        "os",
        SimpleNamespace(dup2=lambda *_: None, execvp=lambda *words: called.append(words)),
    )
    monkeypatch.setattr(
        command,
        "signal",
        SimpleNamespace(SIGPIPE=1, SIG_DFL=2, signal=lambda *words: called.append(words)),
    )
    type_in(PLAIN)

    assert TRY_AGAIN == cli.main([*BASE, "--", "sendmail", "-"])
    assert [(1, 2), ("sendmail", ["sendmail", "-"])] == called


def test_command_is_not_there(
    monkeypatch: pytest.MonkeyPatch, type_in: TypeIn, capsysbinary: Capture
) -> None:
    """A command that is not there is named, and the server is to wait."""

    def fail(*_: object) -> None:
        raise FileNotFoundError(2, "No such file")

    monkeypatch.setattr(command, "os", SimpleNamespace(dup2=lambda *_: None, execvp=fail))
    monkeypatch.setattr(command, "signal", SimpleNamespace(SIGPIPE=1, SIG_DFL=2, signal=max))
    type_in(PLAIN)

    assert TRY_AGAIN == cli.main([*BASE, "--", "sendmail"])
    assert b"pass the message on: sendmail: No such file\n" in capsysbinary.readouterr().err


def test_refused_message_calls_nothing(monkeypatch: pytest.MonkeyPatch, type_in: TypeIn) -> None:
    """For a refused message nothing is called in this process, either."""
    monkeypatch.setattr(command, "os", SimpleNamespace())
    type_in(PLAIN)

    assert REFUSED == cli.main([*BASE, "--fail-on", "high", "--", "sendmail"])
