"""What a site's own mail teaches: which writers mark TLS, which senders always use it."""

import json
import os
import re
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

import headertls
from headertls import (
    Calibration,
    FindingCode,
    Headline,
    Marking,
    Outcome,
    SenderEvidence,
    Site,
    WriterEvidence,
    analyze,
    calibrate,
    format_site,
    read_site,
)
from headertls.classifier.transport_rules import RULES
from headertls.cli import main, scanning
from headertls.corpus import evidence, habits, tally
from headertls.corpus.calibration import SENDER_LINES, SENDER_WEEKS, conclude
from headertls.corpus.evidence import SILENT_RULES, State
from headertls.corpus.habits import FEW_LINES, MANY_LINES, Logins, find_marking, find_outcome
from headertls.corpus.tally import OTHERS, Sort, Tally
from headertls.models.calibration import WriterEvidence as Evidence
from headertls.report.calibration_text import Rules, write_calibration
from mailbox_files import make_mbox, save
from terminals import run_unread

SITE: Final = Site(hosts=("site.example",))
HOUSE: Final = "relay.site.example (Housemail 3.1)"
POSTFIX: Final = "mx.site.example (Postfix)"

# Operators that always use TLS, and a shop that is known from its lines alone.
GOOGLE: Final = "mail-a1.google.com [209.85.220.41]"
SENDGRID: Final = "o1.outbound-mail.sendgrid.net [168.245.125.9]"
AMAZON: Final = "a8-1.smtp-out.amazonses.com [54.240.8.1]"
SHOP: Final = "out.shop.example [81.2.69.144]"
BANK: Final = "out.bank.example [89.160.20.112]"
SURE: Final = (GOOGLE, SENDGRID, AMAZON)


class Lines(NamedTuple):
    """Messages that are alike."""

    count: int
    client: str = SHOP
    by: str = POSTFIX
    protocol: str = "ESMTPS"
    more: str = ""
    """Further fields."""


def write_messages(*lines: Lines) -> list[bytes]:
    """Write messages, each with its Message-ID, one a week."""
    found: list[bytes] = []
    for number, row in enumerate(kind for kind in lines for _ in range(kind.count)):
        name, _, address = row.client.partition(" ")
        day = f"{1 + number % 28:02} {('Jan', 'Feb', 'Mar')[number % 3]} 2026"
        found.append(
            f"Received: from {name} ({name} {address})\n\tby {row.by} with {row.protocol}"
            f" id 4Q{number}; {day} 10:11:12 +0000\n{row.more}Message-ID: <{number}@x>\n\n".encode()
        )
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for mail."""
    return tmp_path / "mail"


def learn(folder: Path, *lines: Lines, site: Site | None = SITE) -> Calibration:
    """Calibrate by messages."""
    save(folder, {"a.mbox": make_mbox(write_messages(*lines))})
    return calibrate(folder, site)


def spread(count: int, senders: Iterable[str], by: str, protocol: str = "ESMTPS") -> list[Lines]:
    """Share *count* messages among senders."""
    names = list(senders)
    return [Lines(count // len(names), name, by, protocol) for name in names]


def find(rows: Iterable[WriterEvidence], name: str) -> tuple[Marking | None, Outcome]:
    """What came of a writer."""
    [row] = [row for row in rows if row.name == name]
    return row.found, row.outcome


# From mail to a site, and back


def test_silent_writer_is_learned_and_heeded(folder: Path) -> None:
    """A writer that is silent on TLS mail is learned; its silence means nothing afterwards."""
    found = learn(folder, *spread(60, SURE, HOUSE, "ESMTP"))
    message = write_messages(Lines(1, SHOP, HOUSE, "ESMTP"))[0]
    path = folder / "site.toml"
    path.write_text(format_site(found.site))

    before, after = analyze(message, SITE), analyze(message, read_site(path))
    assert (Marking.NEVER, Outcome.LEARNED) == find(found.software, "housemail")
    assert (Marking.NEVER, Outcome.COVERED) == find(found.hosts, "relay.site.example")
    assert (Headline.ENTERED_PLAINTEXT, Headline.ENTERED_NOT_RECORDED) == (
        before.headline,
        after.headline,
    )
    assert found.site == read_site(path)


def test_marking_writer_is_learned_and_heeded(folder: Path) -> None:
    """A writer that marks all TLS mail is learned; its silence is firm afterwards."""
    found = learn(folder, *spread(120, SURE, HOUSE))
    message = write_messages(Lines(1, SHOP, HOUSE, "ESMTP"))[0]
    path = folder / "site.toml"
    path.write_text(format_site(found.site))
    entries = [analyze(message, site).entry for site in (SITE, read_site(path))]

    assert (Marking.ALWAYS, Outcome.LEARNED) == find(found.software, "housemail")
    assert ["medium", "high"] == [hop.verdict.confidence for hop in entries if hop and hop.verdict]


def test_sender_is_learned_and_heeded(folder: Path) -> None:
    """A sender that always encrypts is learned; its plaintext is out of character afterwards."""
    found = learn(folder, Lines(60), Lines(60, BANK), Lines(1, BANK, protocol="ESMTP"))
    message = write_messages(Lines(1, protocol="ESMTP"))[0]
    path = folder / "site.toml"
    path.write_text(format_site(found.site))

    assert ("shop.example",) == read_site(path).encrypted_senders
    assert [("bank.example", 60, 1, False), ("shop.example", 60, 0, True)] == [
        (row.domain, row.encrypted, row.plaintext, row.learned) for row in found.senders
    ]
    codes = {
        site: [finding.code for finding in analyze(message, site).findings]
        for site in (SITE, read_site(path))
    }
    assert [False, True] == [
        FindingCode.PLAINTEXT_OUT_OF_CHARACTER in told for told in codes.values()
    ]


def test_customers_have_habits_of_their_own() -> None:
    """A provider's customer, named by its address, is not held to what the provider does."""
    site = Site(hosts=("site.example",), encrypted_senders=("shop.example",))
    customer = Lines(1, "dyn-81-2-69-144.shop.example [81.2.69.144]", protocol="ESMTP")
    codes = [
        {finding.code for finding in analyze(write_messages(row)[0], site).findings}
        for row in (Lines(1, protocol="ESMTP"), customer)
    ]

    assert [True, False] == [FindingCode.PLAINTEXT_OUT_OF_CHARACTER in told for told in codes]


# Who teaches


def test_claims_teach_nothing(folder: Path) -> None:
    """Lines that came with the message, however many and however good, are not counted."""
    forged = "".join(
        f"Received: from {name.replace(' ', ' (x ')})\n\tby relay.site.example (Housemail 3.1)"
        " with ESMTP id 1; 5 Jan 2026 10:11:11 +0000\n"
        for name in SURE
    )
    found = learn(folder, Lines(60, more=forged))

    assert ["postfix"] == [row.name for row in found.software]
    assert ["mx.site.example"] == [row.name for row in found.hosts]
    assert SITE.writers == found.site.writers


def test_foreign_mail_teaches_nothing(folder: Path) -> None:
    """With a site that names none of the writers nothing is learned."""
    found = learn(folder, *spread(60, SURE, HOUSE, "ESMTP"), site=Site(hosts=("else.example",)))

    assert ((), ()) == (found.software, found.senders)


def test_inferred_servers_are_told(folder: Path) -> None:
    """Without a site the newest writers teach, and it is told of how many messages that is."""
    found = learn(folder, *spread(60, SURE, HOUSE, "ESMTP"), site=None)

    assert 60 == found.inferred
    assert (("housemail", Marking.NEVER),) == found.site.writers
    assert 0 == learn(folder, Lines(1)).inferred


def test_copies_teach_once(folder: Path) -> None:
    """A message that is there several times is one observation."""
    messages = write_messages(*spread(30, SURE, HOUSE, "ESMTP"))
    save(folder, {"a.mbox": make_mbox(messages[:20] * 3)})
    found = calibrate(folder, SITE)

    assert (20, 40, Outcome.TOO_FEW) == (
        found.messages,
        found.duplicates,
        find(found.software, "housemail")[1],
    )


def test_unreadable_messages_are_counted(folder: Path) -> None:
    """What cannot be read is told, and the rest teaches."""
    save(folder, {"a.gz": b"\x1f\x8b\x08", "b.mbox": make_mbox(write_messages(Lines(2)))})

    found = calibrate([folder], SITE)
    assert (2, 1) == (found.messages, found.unreadable)


# What counts


@pytest.mark.parametrize(
    ("more", "found", "outcome"),
    [
        # Shop and bank are shown to use TLS by Postfix; the writer in question is silent on them.
        ([Lines(20, SHOP), Lines(20, BANK)], Marking.NEVER, Outcome.LEARNED),
        # One plaintext line elsewhere, and nobody knows of the sender any more.
        (
            [Lines(20, SHOP), Lines(1, SHOP, protocol="ESMTP"), Lines(20, BANK)],
            None,
            Outcome.TOO_FEW,
        ),
        # Too few lines elsewhere.
        ([Lines(9, SHOP), Lines(20, BANK)], None, Outcome.TOO_FEW),
        # A writer that is known to be silent says nothing against a sender.
        (
            [Lines(20, SHOP), Lines(20, BANK), Lines(9, SHOP, "q.site.example (PowerMTA)", "SMTP")],
            Marking.NEVER,
            Outcome.LEARNED,
        ),
    ],
)
def test_reference_senders(
    folder: Path, more: list[Lines], found: Marking | None, outcome: Outcome
) -> None:
    """A sender's lines teach where those at the other writers are enough, and all marked."""
    learned = learn(folder, *spread(40, (SHOP, BANK), HOUSE, "ESMTP"), *more)

    assert (found, outcome) == find(learned.software, "housemail")


def test_own_lines_make_no_reference(folder: Path) -> None:
    """What a writer marks itself does not show that a sender always uses TLS."""
    found = learn(folder, *spread(400, (SHOP, BANK), HOUSE))

    [row] = found.software
    assert (400, 0, 0, Outcome.TOO_FEW) == (
        row.marked,
        row.reference_marked,
        row.senders,
        row.outcome,
    )


def test_known_product_that_is_silent(folder: Path) -> None:
    """Of a server that is known to mark TLS silence is no habit: it, or a proxy, says the truth."""
    found = learn(folder, *spread(60, SURE, POSTFIX, "ESMTP"))

    assert (Marking.NEVER, Outcome.CONTRADICTS) == find(found.hosts, "mx.site.example")
    assert () == found.site.writers
    text = write_calibration(found, Rules("", ""))
    assert "mx.site.example: its product marks TLS, but no line has a mark" in text


def test_witnesses_prove_silence(folder: Path) -> None:
    """Where another field tells of TLS, the line's silence is proven, whatever the product."""
    witness = "Authentication-Results: mx.site.example; x-tls=pass smtp.version=TLSv1.3\n"
    site = Site(hosts=("site.example",), authserv_ids=("mx.site.example",))
    found = learn(folder, Lines(40, protocol="ESMTP", more=witness), site=site)

    [row] = found.hosts
    assert (40, 0) == (row.proven_unmarked, row.unmarked)
    assert (("postfix", Marking.NEVER),) == found.site.writers
    assert "make sure that it offers TLS" not in write_calibration(found, Rules("", ""))


def test_hosts_that_differ_have_their_own_rows(folder: Path) -> None:
    """A product whose hosts differ gets no row; each host that is clear gets one."""
    mute, other = "a.site.example (Housemail 3)", "b.site.example (Housemail 3)"
    found = learn(folder, *spread(60, SURE, mute, "ESMTP"), *spread(60, SURE, other))

    assert (None, Outcome.MIXED) == find(found.software, "housemail")
    assert (("a.site.example", Marking.NEVER), ("b.site.example", Marking.LIKELY)) == (
        found.site.writers
    )


def test_product_has_no_row_where_a_host_says_otherwise(folder: Path) -> None:
    """A product that looks clear gets none where one of its hosts, under a name above, is not."""
    low, high = "a.site.example (Housemail 3)", "site.example"
    found = learn(
        folder,
        *spread(60, SURE, low, "ESMTP"),
        *spread(60, SURE, f"{high} (Otherware 1)"),
        *spread(60, SURE, f"{high} (Housemail 3)", "ESMTP"),
    )

    assert (None, Outcome.MIXED) == find(found.software, "housemail")
    assert (None, Outcome.MIXED) == find(found.software, "otherware")
    assert (None, Outcome.MIXED) == find(found.hosts, high)
    assert (Marking.NEVER, Outcome.LEARNED) == find(found.hosts, "a.site.example")


def test_logins_are_looked_at(folder: Path) -> None:
    """A writer that marks other mail, and never a login, marks TLS by a rule that is not known."""
    logins = Lines(5, SHOP, HOUSE, "ESMTPA")
    found = learn(folder, *spread(60, SURE, HOUSE), logins)

    assert (None, Outcome.MIXED) == find(found.software, "housemail")
    marked = learn(folder, *spread(60, SURE, HOUSE), logins, logins._replace(protocol="ESMTPSA"))
    assert (Marking.LIKELY, Outcome.LEARNED) == find(marked.software, "housemail")


def test_declared_writers_stay(folder: Path) -> None:
    """What the given site says of a writer is not changed, by host or by product."""
    for name in ("housemail", "site.example"):
        site = Site(hosts=("site.example",), writers={name: "likely"})  # type: ignore[arg-type]
        found = learn(folder, *spread(60, SURE, HOUSE, "ESMTP"), site=site)

        assert (Marking.NEVER, Outcome.AGREES) == find(found.software, "housemail")
        assert site == found.site


def test_given_site_is_kept(folder: Path) -> None:
    """What was learned is added to all that is given."""
    site = Site(
        hosts=("site.example",),
        networks=("192.0.2.0/24",),  # type: ignore[arg-type]
        tls_terminators=("10.0.0.1",),
        encrypted_senders=("bank.example",),
    )
    found = learn(folder, Lines(60), Lines(60, BANK), site=site)

    assert site.model_copy(update={"encrypted_senders": ("bank.example", "shop.example")}) == (
        found.site
    )
    assert [(True, False), (False, True)] == [(row.known, row.learned) for row in found.senders]


def test_silent_writers_say_nothing_against_a_sender(folder: Path) -> None:
    """Lines by writers that never mark TLS, known or just learned, are no plaintext of a sender."""
    found = learn(
        folder,
        Lines(60),
        Lines(20, SHOP, "q.site.example (PowerMTA)", "SMTP"),
        *spread(60, (*SURE, SHOP), HOUSE, "ESMTP"),
    )

    [shop] = [row for row in found.senders if row.domain == "shop.example"]
    assert (60, 0, True) == (shop.encrypted, shop.plaintext, shop.learned)


def test_plaintext_counts_against_a_sender(folder: Path) -> None:
    """So does plaintext by other words than silence: HELO at Postfix, an outright denial."""
    denied = Lines(1, SHOP, "c.site.example (8.17.1/8.17.1)", "ESMTP (version=NONE cipher=NONE)")
    found = learn(folder, Lines(60), Lines(1, protocol="SMTP"), denied)

    [shop] = found.senders
    assert (2, False) == (shop.plaintext, shop.learned)


def test_one_week_is_one_observation(folder: Path) -> None:
    """However many messages come in one week, they do not make a habit."""
    messages = [
        re.sub(rb"\d\d \w{3} 2026", b"06 Jan 2026", text) for text in write_messages(Lines(200))
    ]
    save(folder, {"a.mbox": make_mbox(messages)})

    [shop] = calibrate(folder, SITE).senders
    assert (200, 1, False) == (shop.encrypted, shop.weeks, shop.learned)


@pytest.mark.parametrize(
    ("lines", "times"),
    [
        (Lines(1, "shop.example"), 0),  # no address
        (Lines(1, "x [10.1.2.3]"), 0),  # inside
        (Lines(1, protocol="ESMTPSA"), 0),  # a login
        (Lines(1, protocol="LMTP"), 0),
        (Lines(1, by="mx.site.example (Otherware)", protocol="bizsmtp"), 0),
        (Lines(1), 1),
    ],
)
def test_lines_that_count(folder: Path, lines: Lines, times: int) -> None:
    """Only mail taken over public addresses from other servers counts."""
    assert times == sum(row.marked + row.unmarked for row in learn(folder, lines).software)


@pytest.mark.parametrize("name", ["localhost", "10.1.2.3", "b\u00e9.x", "a_b.site.example"])
def test_names_that_are_no_keys(folder: Path, name: str) -> None:
    """A host that a site could not name, or only with others, gets no row."""
    site = Site(hosts=(), networks=("10.0.0.0/8",))  # type: ignore[arg-type]
    save(folder, {"a.mbox": make_mbox(write_messages(Lines(1, by=f"{name} (Postfix)")))})

    expected = ["a_b.site.example"] if "_" in name else ["xn--b-bga.x"] if "\u00e9" in name else []
    assert expected == [row.name for row in calibrate(folder, site.model_copy()).hosts]


def test_rules_have_the_names_that_are_asked_for() -> None:
    """Each rule by which lines are told apart is a row of the table."""
    names = {rule.name for rule in RULES}

    assert SILENT_RULES | evidence.MARKED_RULES <= names


def test_hops_without_much_are_passed_over() -> None:
    """Nothing raises on hops without verdict, server or client."""
    counts = Tally()
    bare = headertls.parse_received("nonsense")
    line = "from a.example ([81.2.69.144]) with ESMTPS id 1; 5 Jan 2026 10:11:12 +0000"
    verdict = analyze(write_messages(Lines(1))[0], SITE).hops[0].verdict
    assert verdict is not None
    hop = headertls.parse_received(line).model_copy(update={"verdict": verdict, "server": None})
    lost = hop.model_copy(update={"client": None})
    evidence.count_evidence(counts, headertls.Trace(hops=(bare, hop, lost)), None)

    assert 2 == sum(counts.get(Sort.RELAY_LINE).values())
    assert ((), ()) == (conclude(counts).software, conclude(counts).hosts)


def test_nothing_is_learned_from_counts_that_are_not_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where not all can be counted apart, what is missing could speak against anyone."""
    monkeypatch.setattr(tally, "MAX_PAIRS", 2)
    lines = spread(60, SURE, HOUSE, "ESMTP")
    found = learn(folder, *lines, Lines(60))

    assert (False, (), ()) == (found.complete, found.software, found.site.writers)
    assert "nothing was learned" in " ".join(write_calibration(found, Rules("", "")).split())


def test_logins_that_cannot_be_counted_apart() -> None:
    """The same holds for lines on logins, and weeks that are lumped together are no weeks."""
    counts = Tally()
    counts.count(Sort.LOGIN_LINE, "a.example", "x", "", State.MARKED)
    counts.counts[Sort.LOGIN_LINE][OTHERS] = 1
    assert not evidence.is_complete(counts)
    assert ["a.example"] == [line.writer.host for line in evidence.list_lines(counts)]

    counts = Tally()
    key = ("mx.site.example", "postfix", "always", State.MARKED, "shop.example", "", "shop.example")
    for _ in range(SENDER_LINES):
        counts.count(Sort.RELAY_LINE, *key)
    counts.counts[Sort.ENCRYPTED_WEEK] = {OTHERS: 40, ("shop.example", ""): 5}
    [shop] = conclude(counts).senders
    assert (0, False) == (shop.weeks, shop.learned)
    assert SENDER_WEEKS > 1


# The statistics


def make_evidence(**counts: Any) -> WriterEvidence:
    """Evidence with these counts."""
    nothing = dict.fromkeys(
        ("marked", "unmarked", "reference_marked", "reference_unmarked", "proven_unmarked"), 0
    )
    told = {"name": "x", "senders": 3, "known": (), "found": None, "outcome": Outcome.TOO_FEW}
    return Evidence.model_validate({**nothing, **told, **counts})


@pytest.mark.parametrize(
    ("counts", "logins", "marking"),
    [
        ({"marked": 100, "reference_marked": MANY_LINES}, Logins(), Marking.ALWAYS),
        ({"marked": 99, "reference_marked": MANY_LINES - 1}, Logins(), Marking.LIKELY),
        ({"marked": 100, "reference_marked": 100, "senders": 2}, Logins(), Marking.LIKELY),
        ({"marked": 100, "reference_marked": 100, "senders": 1}, Logins(), None),
        ({"marked": 29, "reference_marked": FEW_LINES - 1}, Logins(), None),
        # one silent line in ten thousand, and the silence of a line is no proof any more
        ({"marked": 9999, "reference_marked": 9999, "reference_unmarked": 1}, Logins(), None),
        ({"reference_unmarked": FEW_LINES}, Logins(), Marking.NEVER),
        ({"reference_unmarked": FEW_LINES, "senders": 1}, Logins(), None),
        ({"reference_unmarked": FEW_LINES - 1}, Logins(), None),
        ({"reference_unmarked": 30, "marked": 1}, Logins(), None),
        ({"reference_unmarked": 30}, Logins(marked=1), None),
        ({"proven_unmarked": FEW_LINES, "senders": 0}, Logins(), Marking.NEVER),
        ({"proven_unmarked": FEW_LINES - 1, "senders": 0}, Logins(), None),
        # logins without a mark, and no login with one: it may mark only other mail
        ({"marked": 100, "reference_marked": 100}, Logins(unmarked=1), None),
        ({"marked": 100, "reference_marked": 100}, Logins(1, 1), Marking.ALWAYS),
    ],
)
def test_what_counts_say(counts: dict[str, int], logins: Logins, marking: Marking | None) -> None:
    """How many lines, of how many senders, without exception."""
    assert marking is find_marking(make_evidence(**counts), logins)


@pytest.mark.parametrize(
    ("counts", "found", "known", "outcome"),
    [
        ({}, Marking.ALWAYS, {None}, Outcome.LEARNED),
        ({}, Marking.ALWAYS, {Marking.LIKELY}, Outcome.LEARNED),
        ({}, Marking.ALWAYS, {Marking.NEVER}, Outcome.LEARNED),
        ({}, Marking.LIKELY, {Marking.ALWAYS}, Outcome.AGREES),
        ({}, Marking.LIKELY, {Marking.LIKELY}, Outcome.AGREES),
        ({}, Marking.NEVER, {Marking.LIKELY}, Outcome.LEARNED),
        ({}, Marking.NEVER, {Marking.ALWAYS}, Outcome.CONTRADICTS),
        ({"proven_unmarked": 30}, Marking.NEVER, {Marking.ALWAYS}, Outcome.LEARNED),
        # versions of a product that differ: the table knows more than the counts
        ({}, Marking.ALWAYS, {Marking.ALWAYS, Marking.NEVER}, Outcome.AGREES),
        ({"marked": 9, "reference_marked": 9}, None, {None}, Outcome.TOO_FEW),
        (
            {"marked": 99, "reference_marked": 99, "reference_unmarked": 1},
            None,
            {None},
            Outcome.MIXED,
        ),
        ({"marked": 1, "reference_unmarked": 28}, None, {None}, Outcome.TOO_FEW),
        ({"reference_unmarked": 40, "senders": 1}, None, {None}, Outcome.TOO_FEW),
        ({"marked": 99, "reference_marked": 99}, None, {None}, Outcome.MIXED),
        ({"marked": 99, "reference_marked": 99, "senders": 1}, None, {None}, Outcome.TOO_FEW),
    ],
)
def test_what_comes_of_it(
    counts: dict[str, int], found: Marking | None, known: set[Marking | None], outcome: Outcome
) -> None:
    """Only what says more than was known is learned, and nothing against what is proven."""
    assert outcome is find_outcome(make_evidence(**counts), found, known)


def test_bounds_hold() -> None:
    """As many lines as are asked for leave less than one chance in twenty for the other habit."""
    assert (1 - 1 / 33) ** habits.MANY_LINES < 0.05
    assert (1 - 1 / 10) ** habits.FEW_LINES < 0.05
    assert (1 - 1 / 17) ** SENDER_LINES < 0.05


# The site as a file


def test_site_as_text_can_be_read_back(tmp_path: Path) -> None:
    """Whatever a site holds, the text says the same."""
    site = Site(
        hosts=("site.example", "m\u00fcnchen.example"),
        networks=("10.0.0.0/8", "fd00::/8"),  # type: ignore[arg-type]
        authserv_ids=("\u202e\U0001f4a9",),
        tls_terminators=("10.0.0.1/32",),
        writers={"communigate pro": "always", 'a "b" \\ \x7f': "never"},  # type: ignore[arg-type]
        encrypted_senders=("shop.example", "bank.example"),
    )
    path = tmp_path / "site.toml"
    notes = {"shop.example": "one\ntwo \x1b", "communigate pro": "x"}
    path.write_text(format_site(site, notes), encoding="ascii")

    assert site == read_site(path)
    assert '    "shop.example",  # one two \\U0000001b\n    "bank.example",\n' in path.read_text()
    assert "" == format_site(Site())
    assert '[writers]\n"a" = "never"\n' == format_site(Site(writers=(("a", Marking.NEVER),)))


# The command


@pytest.fixture
def mail(folder: Path) -> Path:
    """Mail of which something is to be learned, and a site."""
    lines = [*spread(60, SURE, HOUSE, "ESMTP"), Lines(60)]
    save(folder, {"a.mbox": make_mbox(write_messages(*lines))})
    (folder.parent / "site.toml").write_text('hosts = ["site.example"]\n')
    return folder


def run(*arguments: object) -> int:
    """Run the command in this process."""
    return main(["calibrate", "--workers", "1", *map(str, arguments)])


def test_site_is_printed_with_the_evidence(
    mail: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a file for it all is TOML, the tables as comments."""
    assert 0 == run("--site", tmp_path / "site.toml", mail)
    out, err = capsys.readouterr()
    (tmp_path / "new.toml").write_text(out)
    site = read_site(tmp_path / "new.toml")

    assert "" == err
    assert re.search(
        r"^# housemail +0 of 60 +60 of 60 +3 +unknown +never, learned$", out, re.MULTILINE
    )
    assert re.search(r"^# shop.example +60 +13 +learned$", out, re.MULTILINE)
    assert re.search(r"^# relay.site.example: silent, though", out, re.MULTILINE)
    assert (("housemail", Marking.NEVER),) == site.writers
    assert (("site.example",), ("shop.example",)) == (site.hosts, site.encrypted_senders)
    assert '"housemail" = "never"  # 60 of 60 lines known to have used TLS are unmarked' in out
    assert '"shop.example",  # 60 encrypted lines in 13 weeks' in out


def test_site_is_written_to_a_new_file(
    mail: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file is the site, the tables go to the standard output, and no file is overwritten."""
    new = tmp_path / "new.toml"
    assert 0 == run("--site", tmp_path / "site.toml", "--output", new, mail)
    out, _ = capsys.readouterr()
    assert out.startswith("120 messages: 120 read.\n\nWHAT SOFTWARE MARKS\n")
    assert ("shop.example",) == read_site(new).encrypted_senders

    text = new.read_text()
    assert 2 == run("--site", tmp_path / "site.toml", "--output", new, mail)
    assert "new.toml: is there already" in capsys.readouterr().err
    assert text == new.read_text()


def test_site_that_cannot_be_written(
    mail: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The tables are shown all the same, and a file that came meanwhile is left as it is."""
    new = tmp_path / "new.toml"
    really_run = scanning.run_scan

    def come_between(*arguments: Any) -> Any:
        new.write_text("x = 1")
        return really_run(*arguments)

    monkeypatch.setattr(scanning, "run_scan", come_between)

    assert 2 == run("--site", tmp_path / "site.toml", "--output", new, mail)
    out, err = capsys.readouterr()
    assert "WHAT SOFTWARE MARKS" in out
    assert "new.toml: File exists" in err
    assert "x = 1" == new.read_text()


def test_site_is_refused_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A link to nowhere is not followed, and a folder is no file; no mail is read."""
    (tmp_path / "link.toml").symlink_to(tmp_path / "other.toml")

    for name, told in (
        ("link.toml", "is there already"),
        (".", "is there already"),
        ("no/new.toml", "there is no such folder"),
        ("x" * 300, "File name too long"),
    ):
        assert 2 == run("--output", tmp_path / name, tmp_path)
        out, err = capsys.readouterr()
        assert "" == out
        assert told in err
    assert not (tmp_path / "other.toml").exists()


def test_site_is_written_whoever_reads_the_tables(mail: Path, tmp_path: Path) -> None:
    """`headertls calibrate --output site.toml … | head -1` writes the whole site."""
    new = tmp_path / "new.toml"
    arguments = ("calibrate", "--site", tmp_path / "site.toml", "--output", new, mail)

    assert (141, b"") == run_unread(*arguments)
    assert ("shop.example",) == read_site(new).encrypted_senders


def test_workers_do_not_change_what_is_learned(mail: Path) -> None:
    """The counts are the same however many share the work."""
    assert calibrate(mail, SITE) == calibrate([str(mail)], SITE, workers=2)


def test_nothing_learned_is_a_site_all_the_same(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file can be read, and says nothing."""
    save(folder, {"a.mbox": make_mbox(write_messages(Lines(2)))})
    new = tmp_path / "new.toml"

    assert 0 == run("--output", new, folder)
    assert "inferred" in capsys.readouterr().out
    assert Site() == read_site(new)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "a PATH is needed: a file or a folder. Try: headertls calibrate --help"),
        (("mail", "--site", "nothing.toml"), "nothing.toml: No such file"),
        (("mail", "--output", "no/new.toml"), "no/new.toml: there is no such folder"),
        (("nothing",), "nothing: is not there"),
    ],
)
def test_failures_are_told(
    mail: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    complaint: str,
) -> None:
    """What cannot be done is told in one line, and is the status."""
    monkeypatch.chdir(mail.parent)

    assert 2 == run(*arguments)
    assert capsys.readouterr().err.startswith(f"headertls: {complaint}")


def test_interrupt_writes_no_site(
    mail: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of part of the mail the evidence is shown, and nothing is written that somebody might use."""
    really_run = scanning.run_scan

    def interrupt(*arguments: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return really_run(*arguments)

    monkeypatch.setattr(scanning, "run_scan", interrupt)
    messages = write_messages(Lines(200))
    save(mail, {f"{n}.eml": text for n, text in enumerate(messages)})
    new = tmp_path / "new.toml"

    for options in (("--output", new), ()):
        assert 130 == run(*options, mail)
        out, err = capsys.readouterr()
        assert "WHAT SOFTWARE MARKS" in out
        assert "[writers]" not in out
        assert "headertls: broken off: what is shown is of what was read until then\n" == err
    assert not new.exists()


def test_text_shows_hostile_names_escaped() -> None:
    """Names that somebody chose steer no terminal; rows are cut, but not what was learned."""
    rows = [make_evidence(name=f"x{n}", known=(Marking.ALWAYS,) if n else ()) for n in range(100)]
    rows[99] = rows[99].model_copy(
        update={"name": "\x1b[2J", "found": Marking.LIKELY, "outcome": Outcome.LEARNED}
    )
    senders = [
        SenderEvidence(
            domain=f"d{n}.example", encrypted=60, plaintext=0, weeks=9, known=False, learned=n == 99
        )
        for n in range(100)
    ]
    found = Calibration(
        messages=1,
        unreadable=1,
        duplicates=0,
        inferred=0,
        complete=True,
        software=tuple(rows),
        hosts=(),
        senders=tuple(senders),
        site=Site(),
    )
    text = write_calibration(found, Rules("The rule.", "The other."), width=80)

    assert "\x1b" not in text
    assert re.search(r"^\\x1b\[2J +0 of 0 +3 +always +likely, learned$", text, re.MULTILINE)
    assert "d99.example" in text
    assert 2 == text.count("(59 more)")
    assert text.endswith("\n\nThe rule.\n\nThe other.")
    assert json.loads(found.model_dump_json())["software"][0]["known"] == []
