"""A large mailbox with damage in it: nothing is lost, and the counts add up.

`HEADERTLS_MESSAGES` says how many messages; `.ci/run` takes 100,000.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any, Final

import pytest

from headertls import Headline
from headertls.corpus.run import Order, run_scan
from headertls.corpus.summary import sum_up
from headertls.corpus.wanted import Wanted
from headertls.corpus.work import make_job
from headertls.models.summary import Summary
from mailbox_files import LINE, make_message

MESSAGES: Final = int(os.environ.get("HEADERTLS_MESSAGES", "3000"))
WORDS: Final = ("ESMTPS", "ESMTP")
EVERY: Final = 100
"""One message of so many is damaged."""


def damage(message: bytes, chance: Random) -> bytes:
    """Do to *message* what disks, transfers and bad programs do."""
    cut = chance.randrange(len(message))
    noise = chance.randbytes(200).replace(b"\n", b" ")
    return (
        message[:cut],
        message.partition(b"\n\n")[2],
        message[:cut] + bytes(50) + message[cut:],
        message[:cut] + noise + message[cut:],
        b"X-Long: " + b"y" * 300_000 + b"\n" + message,
        message.replace(b"\n", b"\r"),
        noise,
        b"",
    )[chance.randrange(8)]


def make_mail() -> Iterator[tuple[bytes, bool]]:
    """Make the messages, and tell which are damaged."""
    chance = Random(20260101)  # noqa: S311  # only has to be the same in each run
    for number in range(MESSAGES):
        message = make_message(str(number), protocol=WORDS[number % 2])
        is_damaged = number % EVERY == EVERY // 2
        yield damage(message, chance) if is_damaged else message, is_damaged


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Summary, list[dict[str, Any]]]:
    """The summary of a scan by two processes, and the rows of its messages."""
    room = tmp_path_factory.mktemp("scale")
    mbox, rows = room / "all.mbox", room / "messages.ndjson"
    with mbox.open("wb") as file:
        for message, _ in make_mail():
            file.write(LINE + message + b"\n\n")
    wanted = (Wanted(rows, "messages"),)
    job = make_job(None, None)._replace(messages=wanted[0].form)
    outcome = run_scan(Order((str(mbox),), job, wanted, workers=2))
    assert outcome.is_complete
    lines = rows.read_text(encoding="utf-8").split("\n")
    return sum_up(outcome.tally), [json.loads(line) for line in lines if line]


def test_every_message_has_its_row(scanned: tuple[Summary, list[dict[str, Any]]]) -> None:
    """Each message, whole or damaged, is there once, in the order of the file."""
    _, rows = scanned
    offsets = [row["offset"] for row in rows]

    assert MESSAGES == len(rows)
    assert sorted(set(offsets)) == offsets


def test_damage_stays_where_it_is(scanned: tuple[Summary, list[dict[str, Any]]]) -> None:
    """What stands beside a damaged message is judged as ever."""
    _, rows = scanned
    expected = (Headline.ENTERED_ENCRYPTED.value, Headline.ENTERED_PLAINTEXT.value)
    wrong = [
        number
        for number, ((_, is_damaged), row) in enumerate(zip(make_mail(), rows, strict=True))
        if not is_damaged and row["headline"] != expected[number % 2]
    ]

    assert [] == wrong


def test_counts_add_up(scanned: tuple[Summary, list[dict[str, Any]]]) -> None:
    """Headlines, weeks and rows tell of the same messages."""
    summary, rows = scanned
    headlines = Counter(row["headline"] for row in rows)

    assert MESSAGES == summary.messages
    assert summary.unreadable == headlines.pop(None, 0)
    assert {name.value: times for name, times in summary.headlines} == headlines
    assert summary.read == sum(sum(week[1:]) for week in summary.weeks)
    assert summary.unreadable == sum(error.times for error in summary.errors)
