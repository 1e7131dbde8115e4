"""The generated mailbox: always the same, of many makes, and read without a rest."""

import mailbox
import runpy
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import headertls

TOOL: Final = Path(__file__).parents[1] / "tools" / "make_mailbox.py"
TOOLS: Final[dict[str, Any]] = runpy.run_path(str(TOOL))
make_messages: Final[Callable[..., Iterator[bytes]]] = TOOLS["make_messages"]


def write(path: Path, *words: str, **environment: str) -> None:
    """Run the tool as people do."""
    command = [sys.executable, str(TOOL), *words, str(path)]
    subprocess.run(command, check=True, env=environment)  # noqa: S603  # our own interpreter


@pytest.fixture(scope="module")
def traces() -> list[headertls.Trace]:
    """Enough messages to meet every shape with and without TLS."""
    return [headertls.analyze(message) for message in make_messages(600, seed=1, body_bytes=100)]


def test_messages_are_the_same_everywhere(tmp_path: Path) -> None:
    """Neither the hash seed nor the time zone of the process changes a byte, but the seed does."""
    options = ("--count", "40", "--as", "mbox")
    write(tmp_path / "one", *options, PYTHONHASHSEED="1", TZ="Asia/Tokyo", LC_ALL="C")
    write(tmp_path / "two", *options, PYTHONHASHSEED="2", TZ="America/Lima", LC_ALL="C.UTF-8")
    write(tmp_path / "other", *options, "--seed", "2")

    first = (tmp_path / "one").read_bytes()
    assert first == (tmp_path / "two").read_bytes()
    assert first != (tmp_path / "other").read_bytes()


def test_folder_and_mbox_hold_the_messages(tmp_path: Path) -> None:
    """Both forms hold what `make_messages` gives, in its order, with bodies of the size asked."""
    options = ("--count", "30", "--body-kilobytes", "30", "--seed", "3")
    write(tmp_path / "folder", *options)
    write(tmp_path / "mbox", *options, "--as", "mbox")
    expected = list(make_messages(30, seed=3, body_bytes=30_000))

    assert expected == [path.read_bytes() for path in sorted((tmp_path / "folder").iterdir())]
    box = mailbox.mbox(tmp_path / "mbox", create=False)
    assert expected == [box.get_bytes(key) for key in box.keys()]  # noqa: SIM118  # no mapping
    box.close()
    sizes = [len(message.partition(b"\n\n")[2]) for message in expected]
    assert [] == [size for size in sizes if not 29_000 <= size <= 30_000]


def test_every_shape_is_read_without_a_rest(traces: list[headertls.Trace]) -> None:
    """The lines are as real servers write them: no word is left over, and nothing is odd."""
    assert [] == [hop.raw for trace in traces for hop in trace if hop.unparsed or hop.defects]
    assert [] == [trace.defects for trace in traces if trace.defects]


def test_messages_are_of_many_makes(traces: list[headertls.Trace]) -> None:
    """There are all products, all ways to come in, all TLS versions, and short and long paths."""
    software = {hop.server.software for trace in traces for hop in trace if hop.server}
    headlines = Counter(trace.headline.value for trace in traces)
    versions = {trace.entry.tls.version for trace in traces if trace.entry and trace.entry.tls}
    scopes = {hop.verdict.scope.value for trace in traces for hop in trace if hop.verdict}

    assert {"Postfix", "Gmail", "Exchange", "Exim 4.92", "Exim 4.98.2", "amavisd-new"} <= software
    assert {"sendmail 8.17.1", "fetchmail 6.4.37"} <= software
    assert {"entered_encrypted", "entered_plaintext", "entered_not_recorded"} == set(headlines)
    assert 20 < min(headlines.values())
    assert {"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3", None} == versions
    assert {"public", "private", "local"} <= scopes
    assert {1, 2, 3, 4, 5} <= {len(trace) for trace in traces}


def test_plaintext_follows_the_sender(traces: list[headertls.Trace]) -> None:
    """The careful sender never comes in plaintext, the careless one mostly does."""
    seen: dict[str, list[bool]] = {}
    for trace in traces:
        assert trace.entry is not None
        assert trace.entry.client is not None
        domain = (trace.entry.client.helo or "").partition(".")[2]
        is_plain = trace.headline is headertls.Headline.ENTERED_PLAINTEXT
        seen.setdefault(domain, []).append(is_plain)
    shares = {domain: sum(plain) / len(plain) for domain, plain in seen.items()}

    assert sorted(shares) == sorted({row.domain for row in TOOLS["SENDERS"]} | LISTS)
    assert 0 == shares["quarrypress.example"]
    assert 0.6 < shares["tollgate.example"]


LISTS: Final = {"lathe.example"}
"""The list sends what it was sent."""


def test_dates_rise_over_two_years(traces: list[headertls.Trace]) -> None:
    """The mailbox is in the order of time, and TLS gets newer in it."""
    times = [trace.entry.timestamp for trace in traces if trace.entry and trace.entry.timestamp]
    versions = [trace.entry.tls.version for trace in traces if trace.entry and trace.entry.tls]
    half = len(versions) // 2

    assert 600 == len(times)
    assert 700 < (max(times) - min(times)).days <= 731
    assert versions[:half].count("TLSv1.3") < versions[half:].count("TLSv1.3")
    assert versions[half:].count("TLSv1.0") < versions[:half].count("TLSv1.0")
