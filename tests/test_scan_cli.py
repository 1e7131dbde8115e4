"""`headertls scan`: what it shows and writes, what it exits with, how it ends before its end."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pytest

from headertls import FindingCode, Grade, Headline, Severity, Transport
from headertls.cli import main, scanning
from headertls.cli import scan as command
from headertls.cli.progress import showing
from headertls.corpus.run import Outcome, Progress
from headertls.corpus.tally import Tally
from headertls.mailboxes import measure
from headertls.mailboxes import measure as measure_module
from headertls.models.summary import Counted, Found, Route, Sender, Summary, Week
from headertls.report.summary import list_sections, write_opening
from headertls.report.summary_text import write_summary
from headertls.report.web.summary_page import write_summary_page
from mailbox_files import LINE, make_mbox, make_message, save
from terminals import Terminal, run_unread

EXAMPLES: Final = Path(__file__).parents[1] / "examples"
COMMAND: Final = (sys.executable, "-m", "headertls", "scan")
ENVIRONMENT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLUMNS": "100",
    }
)


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    """A mailbox file and some messages."""
    many = [make_message(str(n), protocol=("ESMTP", "ESMTPS")[n % 2]) for n in range(40)]
    return save(tmp_path / "mail", {"1.mbox": make_mbox(many), "2.eml": many[1]})


def run(*arguments: object) -> int:
    """Run the command in this process."""
    return main(["scan", "--workers", "1", *map(str, arguments)])


def start(*arguments: object, **more: Any) -> "subprocess.Popen[str]":
    """Start the command as a process with pipes."""
    return subprocess.Popen(  # noqa: S603
        (*COMMAND, *map(str, arguments)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
        **more,
    )


# What it shows


def test_summary_is_shown(mail: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The summary goes to the standard output, and nothing to the other."""
    assert 0 == run(mail)
    out, err = capsys.readouterr()

    assert out.startswith("41 messages: 41 read.\n\nHOW MAIL CAME IN\n")
    assert re.search(r"^Came in plaintext +20 +48.8 %$", out, re.MULTILINE)
    assert re.search(r"^2023-W35 +21 +20$", out, re.MULTILINE)
    assert re.search(r"^shop.example +20 +48.8 % +21 +0$", out, re.MULTILINE)
    assert re.search(r"^shop.example +mx.site.example +20 +/", out, re.MULTILINE)
    assert "" == err


def test_unreadable_message_is_the_exit_status(
    mail: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All others are counted, and the reason is told with an example."""
    save(mail, {"3.gz": b"\x1f\x8b\x08"})

    assert 2 == run(mail, mail / "nothing")
    out, _ = capsys.readouterr()
    assert out.startswith("43 messages: 41 read, 2 could not be read.")
    assert re.search(r"ends before its end: it is cut off +1 +/.*3.gz", out)
    assert re.search(r"is not there +1 +/.*nothing", out)


def test_outputs_and_page(mail: Path, tmp_path: Path) -> None:
    """Rows and page are written where they are wanted, by the settings that are given."""
    names = [tmp_path / name for name in ("hops.ndjson", "messages.ndjson", "page.html")]
    options = ("--output", names[0], "--messages", names[1], "--html", names[2])
    site = tmp_path / "site.toml"
    site.write_text('hosts = ["mx.site.example"]')

    assert 0 == run(mail, *options, "--dedupe", "message-id", "--site", site, "--policy", "bcp195")

    hops, messages = ([json.loads(x) for x in n.read_text().splitlines()] for n in names[:2])
    assert (40, 40) == (len(hops), len(messages))
    assert {(False, "bcp195")} == {(m["boundary_inferred"], m["profile"]) for m in messages}
    assert "1 met before and left out" in names[2].read_text()


def test_table_with_an_unusual_column(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The column of a table can be named."""
    table = tmp_path / "x.ndjson"
    table.write_text(json.dumps({"odd": make_message("a").decode()}))

    assert (2, 0) == (run(table), run(table, "--column", "odd"))
    assert "1 message: 1 read." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "a PATH is needed: a file or a folder. Try: headertls scan --help"),
        (("mail", "--workers", "0"), "--workers: there is one at least"),
        (("mail", "--workers", "1025"), "--workers: there are 1,024 at most"),
        (("mail", "--output", "x.xlsx"), "x.xlsx: the ending is none of"),
        (("mail", "--output", "x.csv", "--messages", "x.csv"), "x.csv: hops and messages cannot"),
        (("in.csv", "--output", "in.csv"), "in.csv: is to be scanned, so it is left as it is"),
        (("mail", "--output", "no/x.csv"), "no/x.csv: there is no such folder"),
        (("mail", "--output", "taken.csv"), "taken.csv.state: Is a directory"),
        (("mail", "--output", "folder.csv"), "folder.csv: is a folder, and no file"),
        (("mail", "--output", "/proc/x.csv"), "/proc/x.csv"),
        (("mail", "--output", "x.csv", "--html", "x.csv"), "x.csv: rows and the page cannot be"),
        (("mail", "--output", "-"), "-: is the standard input, and no file for an option"),
        (("mail", "-"), "-: mail is read from files and folders, not from the standard input"),
        (("mail", "--resume"), "there is nothing to go on with, for no output is wanted"),
        (("mail", "--output", "x.csv", "--resume"), "x.csv.state: is not there, so there is no"),
        (("mail", "--site", "nothing.toml"), "nothing.toml: No such file or directory"),
    ],
)
def test_wrong_arguments(
    mail: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    complaint: str,
) -> None:
    """What cannot be done is told in one line, and nothing is overwritten."""
    monkeypatch.chdir(mail.parent)
    Path("in.csv").write_text("headers\n")
    Path("taken.csv.state").mkdir()
    Path("folder.csv").mkdir()

    assert 2 == main(["scan", *arguments])

    out, err = capsys.readouterr()
    assert "" == out
    assert err.startswith(f"headertls: {complaint}")
    assert "headers\n" == Path("in.csv").read_text()


def test_want_of_pyarrow_is_told(
    mail: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The extra is named."""
    for name in [
        n for n in sys.modules if n.startswith(("headertls.arrow", "headertls.corpus.arrow"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    assert 2 == run(mail, "--output", mail / "hops.parquet")
    assert "pip install 'headertls[arrow]'" in capsys.readouterr().err


def test_cores_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """By default there is a process for each core that may be used, as far as that is known."""
    counts: list[int] = []
    monkeypatch.setattr(
        command, "run_order", lambda order: counts.append(order.workers) or sys.exit()
    )
    monkeypatch.setattr(os, "process_cpu_count", lambda: 7, raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1, 2, 3}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    for name in ("process_cpu_count", "sched_getaffinity", "cpu_count"):
        with pytest.raises(SystemExit):
            main(["scan", "x"])
        monkeypatch.delattr(os, name)

    assert [7, 3, 1] == counts


# Progress


def test_progress_on_a_terminal(mail: Path) -> None:
    """On a terminal a bar shows the count, the rate and the time that is left; then it is gone."""
    command = (*COMMAND, str(mail))
    with Terminal(command, {k: v for k, v in ENVIRONMENT.items() if k != "COLUMNS"}, 100) as it:
        screen = it.read_all()

    assert 0 == it.process.returncode
    assert "41 messages: 41 read." in screen
    assert re.search(r"% .*0 messages", screen)


def test_bar(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bar is drawn ten times a second at most."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    times = iter([0.0, 0.05, 0.0, 2.0, 3.0])
    monkeypatch.setattr("headertls.cli.progress.monotonic", lambda: next(times))
    save(tmp_path, {"a.eml": bytes(1000)})

    with showing([str(tmp_path)]) as show:
        assert show is not None
        for octets in (100, 200, 500, 600):
            show(Progress(octets, octets, octets))

    err = capsys.readouterr().err
    assert "50 %" in err
    assert "500 messages" in err
    assert "250/s" in err
    assert "200 messages" not in err


def test_pipe_is_quiet(mail: Path) -> None:
    """In a pipe and on a dumb terminal there is no bar."""
    process = start(mail)
    out, err = process.communicate(timeout=60)
    assert ("41 messages: 41 read.", "") == (out.partition("\n")[0], err)

    with Terminal((*COMMAND, str(mail)), {**ENVIRONMENT, "TERM": "dumb"}) as terminal:
        assert terminal.read_all().startswith("41 messages")


def test_measure(mail: Path) -> None:
    """How much there is to read is known before; where that takes too long, it is not."""
    size = sum(path.stat().st_size for path in mail.iterdir())
    one = str(mail / "2.eml")

    assert size + Path(one).stat().st_size == measure([str(mail), one, str(mail / "nothing")], 60)
    assert measure([str(mail)], -1) is None
    assert measure_module is measure


# Ends before the end


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """So much mail that a scan takes some seconds."""
    message = make_message("a")
    (tmp_path / "slow.mbox").write_bytes(make_mbox([message] * 40_000))
    return tmp_path / "slow.mbox"


def wait_for(path: Path, size: int) -> None:
    """Wait until a file has so many octets."""
    due = time.monotonic() + 60
    while not path.exists() or path.stat().st_size < size:
        assert time.monotonic() < due
        time.sleep(0.02)


@pytest.mark.parametrize("workers", [1, 2])
def test_interrupt_ends_cleanly(slow: Path, workers: int) -> None:
    """After Ctrl-C what was done is shown and written, and --resume does the rest."""
    output = slow.with_name("hops.ndjson")
    options = (slow, "--output", output, "--workers", workers)
    process = start(*options, start_new_session=True)
    wait_for(slow.with_name("hops.ndjson.partial"), 100_000)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert 130 == process.returncode
    assert f"headertls: broken off: what was done is in {output}.partial; --resume goes on\n" == err
    done = int(out.partition(" ")[0].replace(",", ""))
    assert 0 < done < 40_000
    lines = output.with_name("hops.ndjson.partial").read_bytes().splitlines()
    assert list(range(done)) == [json.loads(line)["message"] for line in lines]

    # small enough for a test, and the same scan all the same
    cut = slow.read_bytes()[
        : json.loads(output.with_name("hops.ndjson.state").read_text())["mark"][3]
    ]
    slow.write_bytes(cut + make_mbox([make_message("z")] * 100))
    assert 0 == main(["scan", *map(str, options), "--resume"])
    numbers = [json.loads(line)["message"] for line in output.read_bytes().splitlines()]
    assert list(range(done + 100)) == numbers


def test_interrupt_without_outputs(
    mail: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The summary is of what was read."""
    really_run = scanning.run_scan

    def interrupt(*arguments: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return really_run(*arguments)

    monkeypatch.setattr(scanning, "run_scan", interrupt)
    save(mail, {f"{n}.eml": make_message("a") for n in range(3, 200)})

    assert 130 == run(mail)
    out, err = capsys.readouterr()
    # the first task has 64 files, and the mailbox file among them has 40 messages
    assert out.startswith("64 messages: 64 read.")
    assert "headertls: broken off: the summary is of what was read until then\n" == err


def test_second_interrupt_is_heeded_at_once(mail: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who presses Ctrl-C twice does not want to wait."""

    def hang(*_: object) -> None:
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)

    monkeypatch.setattr(scanning, "run_scan", hang)

    assert 130 == run(mail)
    assert signal.default_int_handler is signal.getsignal(signal.SIGINT)


def test_killed_scan_goes_on(slow: Path) -> None:
    """A scan that was killed goes on, and its processes do not outlive it."""
    output = slow.with_name("hops.ndjson")
    options = (slow, "--output", output, "--workers", 2)
    process = start(*options)
    wait_for(slow.with_name("hops.ndjson.partial"), 100_000)
    children = find_children(process.pid)
    process.kill()
    process.communicate(timeout=60)
    due = time.monotonic() + 60
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < due
        time.sleep(0.05)

    state = json.loads(output.with_name("hops.ndjson.state").read_text())
    slow.write_bytes(slow.read_bytes()[:300_000] if not state["messages"] else slow.read_bytes())
    assert 0 == main(["scan", *map(str, options), "--resume"])
    rows = [json.loads(line) for line in output.read_bytes().splitlines()]
    assert list(range(len(rows))) == [row["message"] for row in rows]
    assert list(range(1, len(rows) + 1)) == [row["number"] for row in rows]


@pytest.mark.parametrize("option", ["--output", "--messages"])
def test_two_scans_do_not_write_into_one_file(
    slow: Path, option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second one ends before it reads anything, and leaves the first one alone."""
    monkeypatch.setattr("headertls.cli.targets.PATIENCE", 0.1)
    output = slow.with_name("hops.ndjson")
    process = start(slow, "--output", output, "--workers", 1)
    wait_for(slow.with_name("hops.ndjson.partial"), 100_000)

    assert 2 == run(slow, option, output)
    assert 2 == run(slow, option, output, "--resume")
    told = f"headertls: {output}: another scan is writing it\n"
    assert ("", told * 2) == capsys.readouterr()
    assert process.poll() is None

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert 130 == process.returncode
    rows = output.with_name("hops.ndjson.partial").read_bytes().splitlines()
    assert list(range(len(rows))) == [json.loads(row)["message"] for row in rows]
    assert [] == list(slow.parent.glob("*.lock"))


@pytest.mark.parametrize("workers", [1, 2])
def test_lock_ends_with_the_process(slow: Path, workers: int) -> None:
    """A scan that was killed locks nobody out, not even right afterwards."""
    output = slow.with_name("hops.ndjson")
    process = start(slow, "--output", output, "--workers", workers)
    wait_for(slow.with_name("hops.ndjson.partial"), 100_000)
    process.kill()
    process.wait(60)
    slow.write_bytes(make_mbox([make_message("a")]))

    assert 0 == run(slow, "--output", output)
    process.communicate(timeout=60)
    assert 1 == len(output.read_bytes().splitlines())
    assert [] == list(slow.parent.glob("*.lock"))


def test_page_is_written_whoever_reads_the_summary(mail: Path, tmp_path: Path) -> None:
    """`headertls scan --html … | head -1` writes the whole page."""
    page = tmp_path / "page.html"

    assert (141, b"") == run_unread("scan", "--workers", "1", "--html", page, mail)
    assert page.read_text().startswith("<!DOCTYPE html>")


def find_children(pid: int) -> list[str]:
    """The processes that one has started; on Linux."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return children.read_text().split() if children.exists() else []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of this sort")
def test_full_disk_is_told(slow: Path) -> None:
    """When no more can be written, the lines that are there are whole, and --resume is named."""
    output = slow.with_name("hops.ndjson")
    limit = 300_000

    def set_limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    process = start(slow, "--output", output, "--workers", 1, preexec_fn=set_limit)
    out, err = process.communicate(timeout=120)

    assert 2 == process.returncode
    assert f"headertls: cannot write: {output}.partial: File too large\n" in err
    assert err.endswith(f"what was done is in {output}.partial; --resume goes on\n")
    lines = output.with_name("hops.ndjson.partial").read_bytes().splitlines()
    assert int(out.partition(" ")[0].replace(",", "")) == len(lines)
    assert len(lines) == json.loads(lines[-1])["message"] + 1


def test_page_that_cannot_be_written(mail: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is no page is left as it is, and that is told before the work."""
    (mail / "3.eml").write_bytes(make_message("a"))

    assert 2 == run(mail, "--html", mail / "3.eml")
    out, err = capsys.readouterr()
    assert "" == out
    assert "is there already, and no HTML page" in err
    assert make_message("a") == (mail / "3.eml").read_bytes()


def test_page_in_no_folder(mail: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A page that could not be written is refused before the work, not after it."""
    assert 2 == run(mail, "--html", mail / "none" / "report.html")
    out, err = capsys.readouterr()
    assert out == ""
    assert "report.html: there is no such folder" in err


# Ten thousand messages; tests/test_scan_scale.py has more


def test_many_messages_all_accounted_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of 10,000 messages in one file, of which 1 % are damaged, none is lost."""
    line = b"Received: from a.example by b.example with SMTP;\n Tue, 29 Aug 2023 10:11:12 +0200\n"
    good = line + b"\n>From me\n"
    damaged = (
        bytes(100) + b"\n\n",
        b"Received: from \xff\xfe\n\nbody\n",
        b"Received: by a; date",
        b"",
        b"no field at all\n\n" + b"x" * 3000 + b"\n",
        b"Received" * 3000 + b"\n",
        b"Content-Length: 99999999\n\nx\n",
        b"\n\n\n",
        good.replace(b"\n", b"\r\n"),
        b"Received: from ((((((\n\n",
    )
    path = tmp_path / "many.mbox"
    with path.open("wb") as file:
        for number in range(100):
            file.write((LINE + good + b"\n") * 99)
            file.write(LINE + damaged[number % 10] + b"\n")

    assert 0 == main(["scan", str(path)])

    out = capsys.readouterr().out
    assert out.startswith("10,000 messages: 10,000 read.")
    section = out.partition("HOW MAIL CAME IN\n")[2].partition("\n\n")[0]
    counts = re.findall(r" ([\d,]+) +[\d.]+ %", section)
    assert 10_000 == sum(int(count.replace(",", "")) for count in counts)


# Texts


FULL: Final = Summary(
    read=1000,
    errors=(Counted("is \x1b[31mdamaged", 3, "a\nb"),),
    headlines=((Headline.ENTERED_PLAINTEXT, 1),),
    weeks=(*(Week(f"2023-W{n:02}", plaintext=n) for n in range(40)), Week("", others=1)),
    versions=(Counted("", 3),),
    groups=(Counted("X25519MLKEM768", 1), Counted("", 3), Counted("x25519", 2)),
    post_quantum=1,
    grades=((Grade.GOOD, 1), (None, 2)),
    senders=tuple(Sender(f"{n}.example", plaintext=1) for n in range(300)),
    routes=(Route(FindingCode.DEPRECATED_TLS, "<b>", "x" * 300, 1, None),),
    findings=(Found(FindingCode.LONG_DELAY, Severity.INFO, 0, 4),),
    transports=((Transport.ENCRYPTED, 4),),
)


def test_text_fits_and_steers_nothing() -> None:
    """Whatever strangers wrote, no line is wider than the terminal, and no sign steers it."""
    for width in (40, 80, 200):
        text = write_summary(FULL, width=width)
        assert max(map(len, text.split("\n"))) <= max(width, 62)
        assert "\x1b" not in text
        assert all(line.isprintable() for line in text.split("\n"))
    assert "(288 more)" in text
    assert "Post-quantum: 1 of the 3 that tell it (33.3 %)." in text


def test_sections_tell_what_is_left_out() -> None:
    """The last weeks are shown, and the senders of most plaintext; empty sections are not."""
    sections = {section.title: section for section in list_sections(FULL, 10)}

    assert ("2023-W31", "not told") == tuple(sections["By week"].rows[n][0] for n in (0, -1))
    assert (31, 290) == (
        sections["By week"].left,
        sections["Organisations that still send plaintext"].left,
    )
    assert "Logins in the clear" not in sections
    assert "No line tells the group." in write_summary(Summary(1, groups=(Counted("", 1),)))
    assert "3 messages: 1 read, 1 could not be read, 1 met before and left out." == write_opening(
        Summary(1, 1, 1)
    )


class Page(HTMLParser):
    """What elements and texts a page has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.add(tag)
        assert not {"src", "href", "onload"} & {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.texts.append(data)


def test_page_stands_alone() -> None:
    """The page needs nothing else, and what strangers wrote is text in it."""
    page = Page(write_summary_page(FULL, title="<i>"))

    assert not {"b", "i", "script", "link", "img"} & page.tags
    assert {"<b>", "<i>"} <= set(page.texts)
    assert any("100 more are not shown." in text for text in page.texts)


def test_failure_of_an_output_is_told(
    mail: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where an output cannot be written on, that is said besides what is left."""
    ended = Outcome(Tally(), is_complete=False, failure="x: No space left", left=(Path("x"),))
    monkeypatch.setattr(scanning, "run_scan", lambda *_: ended)

    assert 2 == run(mail)
    assert capsys.readouterr().err == (
        "headertls: cannot write: x: No space left\n"
        "headertls: broken off: what was done is in x; --resume goes on\n"
    )
