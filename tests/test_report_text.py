"""What the sentences say, and what they never say or let through."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headertls import analyze
from headertls.models import (
    Client,
    Confidence,
    Continuity,
    Counts,
    Defect,
    DefectKind,
    Evidence,
    EvidenceKind,
    EvidenceLevel,
    Finding,
    FindingCode,
    Grade,
    Headline,
    Hop,
    Kind,
    MessageProtection,
    Profile,
    Reorigin,
    Scope,
    Server,
    Severity,
    Tls,
    Trace,
    Transport,
    Trust,
    Verdict,
)
from headertls.report import page_wording, wording
from headertls.report.advice import ADVICE
from headertls.report.escape import clip, escape
from headertls.report.ndjson import write_json_line
from headertls.report.sentences import MAX_WIDTH, write_heading, write_headline
from headertls.report.text import explain
from headertls.report.values import (
    find_entry,
    find_worst,
    format_delay,
    format_time,
    format_tls,
    is_flagged,
    name_client,
    name_client_briefly,
    name_server,
    show,
    spell_delay,
)
from headertls.tls import EDITIONS

EXAMPLES: Final = sorted((Path(__file__).parents[1] / "examples").glob("*.eml"))
HOSTILE: Final = "\x1b[31m\x9b2J\r\n\t\x07\u202e\u2066\u200b\x7f\u2028\x00[bold]x[/bold]"


def make_note(level: EvidenceLevel, text: str) -> Evidence:
    """Make evidence of *text*; its place does not matter here."""
    return Evidence(kind=EvidenceKind.NOTE, level=level, text=text, start=0, end=0)


RELAY: Final = Verdict(
    kind=Kind.RELAY,
    scope=Scope.PUBLIC,
    transport=Transport.PLAINTEXT,
    confidence=Confidence.HIGH,
    grade=Grade.PLAINTEXT,
    trust=Trust.BOUNDARY,
    rule="some-rule",
    reason="This line records no TLS.",
)
FINDING: Final = Finding(
    code=FindingCode.PLAINTEXT_PUBLIC_HOP, severity=Severity.HIGH, message="A hop without TLS."
)
HOP: Final = Hop(
    raw="",
    client=Client(rdns="shop.example", address="81.2.69.144"),
    server=Server(name="mx.site.example"),
    protocol="ESMTP",
    timestamp=datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
    verdict=RELAY,
)


def make_hop(**fields: Any) -> Hop:
    """A relay hop, changed in some fields; `verdict` holds changes of the verdict."""
    verdict = RELAY.model_copy(update=fields.pop("verdict", {}))
    return HOP.model_copy(update={**fields, "verdict": verdict})


def make_trace(*hops: Hop, headline: Headline = Headline.ENTERED_PLAINTEXT) -> Trace:
    """A trace that was entered by its last hop."""
    findings = tuple(finding for hop in hops if hop.verdict for finding in hop.verdict.findings)
    return Trace(hops=hops, entry=hops[-1], headline=headline, findings=findings)


def unwrap(text: str) -> str:
    """Undo the wrapping: paragraphs go on after two or four blanks, or at the margin."""
    return re.sub(r"\n(?:    |  (?=[^ ]))?", " ", text)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("mx.example", "mx.example"),
        ("grün 郵便", "grün 郵便"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b2J\x7f", "\\x9b2J\\x7f"),
        ("a\r\n\tb", "a\\r\\n\\tb"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_escape(raw: str, shown: str) -> None:
    """What is printed as a character of its own stays, all else is written out."""
    assert shown == escape(raw)


@given(st.text())
def test_escape_leaves_nothing_that_steers(text: str) -> None:
    """Whatever comes in, only printable characters come out."""
    assert escape(text).isprintable()


@given(st.text(), st.integers(min_value=3, max_value=40))
def test_clip_is_bounded(text: str, length: int) -> None:
    """A clipped text is as long as allowed at most, and unchanged when it was short enough."""
    clipped = clip(text, length)

    assert len(clipped) <= length
    assert (clipped == text) == (len(text) <= length)


def test_show_bounds_what_it_escapes() -> None:
    """A flood of control characters does not grow by being written out."""
    assert len(show("\x07" * 10_000)) == 100


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        (wording.HEADLINES, Headline),
        (wording.KINDS, Kind),
        (wording.EVENTS, Kind),
        (wording.SCOPES, Scope),
        (wording.PLACES, Scope),
        (wording.TRANSPORTS, Transport),
        (wording.CONFIDENCES, (None, *Confidence)),
        (wording.DOUBTS, (None, *Confidence)),
        (wording.SEVERITIES, Severity),
        (page_wording.COUNTED, Transport),
        (page_wording.STATES, Transport),
        (page_wording.GRADES, Grade),
        (page_wording.SPEAKERS, EvidenceKind),
        (page_wording.CHAIN, Continuity),
        (page_wording.REORIGINS, Reorigin),
        (page_wording.PROTECTIONS, MessageProtection),
        (page_wording.LISTS, [EDITIONS.get(profile, profile.value) for profile in Profile]),
        (ADVICE, FindingCode),
    ],
)
def test_every_member_has_its_words(table: Mapping[Any, str], keys: Any) -> None:
    """No enum has a member that cannot be told, and nobody changes the tables."""
    assert list(keys) == list(table)
    assert isinstance(table, MappingProxyType)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_wording_is_about_the_record(path: Path) -> None:
    """No report says *secure*, and none says what a sender can do."""
    text = unwrap(explain(analyze(path))).lower()

    assert "secure" not in text
    assert "support" not in text


def test_wording_never_says_secure() -> None:
    """The word is in no text of the tables."""
    values = [*vars(wording).values(), *vars(page_wording).values()]
    texts = [value for value in values if isinstance(value, str)]
    tables = [value for value in values if isinstance(value, MappingProxyType)]
    texts += [text for table in tables for text in table.values()]
    texts += [text for advice in ADVICE.values() for text in advice]

    assert len(texts) > 150
    assert not [text for text in texts if "secure" in text.lower()]


PAGE: Final = Path(__file__).parent / "report" / "forged-trace.txt"


def test_explain_is_a_whole_page() -> None:
    """The page of one message, as people read it."""
    path = next(path for path in EXAMPLES if path.stem == "forged-trace")

    assert PAGE.read_text(encoding="utf-8") == analyze(path).explain(width=80) + "\n"


def test_explain_runs_from_the_newest_line_down() -> None:
    """The lines stand as in the header, with the boundary before the first claim."""
    claim = make_hop(verdict={"trust": Trust.CLAIM})
    lines = explain(Trace(hops=(claim, claim, HOP, HOP), boundary_inferred=True)).split("\n")
    titles = [line[:25] for line in lines if line.startswith(("Hop ", "-- "))]

    assert [title.split(",")[0] for title in titles] == [
        "Hop 4",
        "Hop 3",
        "-- trust boundary (inferr",
        "Hop 2",
        "Hop 1",
    ]
    declared = explain(Trace(hops=(claim,)))
    assert "-- trust boundary (declared): what follows came with the message ---" in declared


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"boundary_inferred": True},
            (
                "It came in by hop 1 of 1. mx.site.example took it there and wrote the line, so the"
                " sender could not choose what it says of the session. Which servers are the"
                " reader's own was not declared,"
            ),
        ),
        ({}, "of the session. Which servers are the reader's own was declared by the reader,"),
        (
            {"entry": None, "headline": Headline.ENTERED_NOT_RECORDED},
            "No line that can be trusted tells of a connection from outside.",
        ),
        (
            {"hops": (HOP.model_copy(update={"live": True}),), "entry": None},
            "No line that can be trusted",
        ),
    ],
)
def test_explain_tells_who_wrote_the_line(fields: dict[str, Any], expected: str) -> None:
    """The opening says by which hop it came in, who says so, and how we know the boundary."""
    trace = make_trace(HOP).model_copy(update=fields)

    assert expected in unwrap(explain(trace))


def test_explain_names_the_running_server() -> None:
    """A live connection is told by no line."""
    text = unwrap(explain(make_trace(make_hop(live=True))))

    assert "the connection that mx.site.example was serving" in text
    assert page_wording.SERVING in text
    assert page_wording.DECLARED not in text


@pytest.mark.parametrize(
    ("trusted", "counts", "expected"),
    [
        (
            Counts(encrypted=2),
            Counts(encrypted=3, plaintext=1),
            (
                "Lines of own servers: 2 (2 encrypted). All lines, claims among them:"
                " 4 (3 encrypted, 1 in plaintext)."
            ),
        ),
        (
            Counts(not_recorded=1, not_applicable=1),
            Counts(not_recorded=1, not_applicable=1),
            (
                "Lines of own servers: 2 (1 that do not tell, 1 without a connection). There are no"
                " others."
            ),
        ),
        (
            Counts(),
            Counts(encrypted=1),
            (
                "Lines of own servers: none, which is no proof of encryption. All lines, claims"
                " among them: 1 (1 encrypted)."
            ),
        ),
        (
            Counts(not_applicable=1),
            Counts(not_applicable=1),
            "1 (1 without a connection), none of which tells of encryption either way. There are",
        ),
    ],
)
def test_explain_counts(trusted: Counts, counts: Counts, expected: str) -> None:
    """Lines are counted down to the boundary and altogether; none at all proves nothing."""
    trace = make_trace(HOP).model_copy(update={"trusted_counts": trusted, "counts": counts})

    assert expected in unwrap(explain(trace))


def test_explain_tells_the_session_and_its_grade() -> None:
    """Version, suite, group and certificate are told, with the grade and by whose list."""
    encrypted = {"transport": Transport.ENCRYPTED, "grade": Grade.MODERN}
    tls = Tls(version="TLSv1.3", cipher="X", bits=256, group="x25519", client_certificate="no")
    told = make_hop(tls=tls, verdict=encrypted)
    bare = make_hop(tls=Tls(), verdict={**encrypted, "grade": Grade.UNKNOWN})
    elsewhere = make_hop(verdict={**encrypted, "tls": Tls(version="TLSv1.2", cipher="Y")})
    trace = make_trace(told, bare, elsewhere).model_copy(update={"profile": "of-my\x07-own"})
    text = unwrap(explain(trace))

    assert (
        'Session: TLSv1.3, X, 256 bits, key exchange x25519, the client\'s certificate: "no";'
        " grade modern (of-my\\x07-own)."
    ) in text
    assert "Session: the line tells no detail; grade not known (of-my\\x07-own)." in text
    assert "Session: TLSv1.2, Y; grade modern (of-my\\x07-own)." in text
    assert "to modern, by of-my\\x07-own." in text


def test_explain_quotes_what_speaks_for_and_against() -> None:
    """Words are quoted with the field and the place where they stand."""
    note = make_note(EvidenceLevel.DETAIL, "(using\r\n TLSv1.3)").model_copy(
        update={"start": 3, "end": 20}
    )
    live = make_note(EvidenceLevel.LIVE, "no TLS").model_copy(
        update={"kind": EvidenceKind.LIVE, "field": None}
    )
    hop = make_hop(verdict={"evidence_for": (note, live), "evidence_against": (note,)})
    text = unwrap(explain(make_trace(hop)))

    quoted = '"(using TLSv1.3)" (a remark of the server\'s, Received 3-20)'
    assert f'Speaks for it: {quoted}; "no TLS" (the running server).' in text
    assert f"Outweighed: {quoted}." in text


@pytest.mark.parametrize("continuity", [None, *Continuity])
@pytest.mark.parametrize("reorigin", [None, *Reorigin])
def test_explain_tells_how_lines_join(
    continuity: Continuity | None, reorigin: Reorigin | None
) -> None:
    """A weak joint, a break and a new journey are told."""
    hop = make_hop(verdict={"continuity": continuity, "reorigin": reorigin})
    text = unwrap(explain(make_trace(hop)))

    assert continuity is None or page_wording.CHAIN[continuity] in text
    assert reorigin is None or page_wording.REORIGINS[reorigin] in text


def test_explain_marks_claims() -> None:
    """What a line below the boundary says is told as a claim."""
    claim = make_hop(verdict={"trust": Trust.CLAIM})

    assert (
        "A claim that cannot be checked says that mx.site.example took"
        " the message from shop.example [81.2.69.144], over the public internet."
    ) in unwrap(explain(make_trace(claim, HOP)))


def test_explain_tells_oddities() -> None:
    """Defects of a line and of the message are told, each kind of a line once."""
    odd = Defect(kind=DefectKind.NO_ZONE)
    hop = make_hop(defects=(odd, Defect(kind=DefectKind.HELO_SYNTAX), odd))
    cut = Defect(kind=DefectKind.TOO_MANY_HOPS, text="300 trace\x07lines")
    trace = make_trace(hop).model_copy(update={"defects": (odd, cut)})
    text = explain(trace)

    assert "Odd about the line: no-zone, helo-syntax." in unwrap(text)
    assert (
        "\nNone.\nOdd about the message: no-zone."
        '\nOdd about the message: too-many-hops ("300 trace\\x07lines").\n'
    ) in text


def test_explain_does_without_anything() -> None:
    """A hop of which nothing is known, not even a verdict, is still told."""
    text = unwrap(explain(Trace(hops=(Hop(raw=""),), headline=Headline.INTERNAL_ONLY)))

    assert "Hop 1, no time told An unnamed server took the message from an unnamed client." in text


def test_explain_keeps_the_letters_of_names() -> None:
    """A sentence that starts with a host's name does not make it large."""
    list_ = make_hop(verdict={"kind": Kind.LIST})
    text = unwrap(explain(make_trace(list_, HOP)))

    assert " UTC: the way in mx.site.example took the message" in text
    assert " UTC A mailing list at mx.site.example sent the message out anew." in text


def test_explain_tells_what_stands_around() -> None:
    """Results on the sender, protection of the message itself and a waiver are told."""
    trace = make_trace(HOP).model_copy(
        update={
            "authentication_results": (
                "mx.example; spf=pass smtp.mailfrom=a.example; x-tls=pass; dkim=fail",
                "spf=none; nonsense",
                "mx.example; none",
                "mx.example; x-tls=pass",
            ),
            "protection": MessageProtection.PGP_ENCRYPTED,
            "tls_waived": True,
        }
    )
    text = unwrap(explain(trace))

    assert page_wording.THREE_THINGS in text
    assert "- Who sent it: mx.example found SPF pass, DKIM fail." in text
    assert (
        "- Who sent it: an own server, which does not name itself, found SPF none."
        " Part of the field could not be read."
    ) in text
    assert "announced as encrypted from end to end by PGP." in text
    assert page_wording.SUBJECT_NOTE in text
    assert page_wording.WAIVED in text
    signed = trace.model_copy(update={"protection": MessageProtection.SMIME_SIGNED})
    assert page_wording.SUBJECT_NOTE not in unwrap(explain(signed))
    bare = unwrap(explain(make_trace(HOP)))
    assert page_wording.NO_RESULTS in bare
    assert page_wording.NO_PROTECTION in bare
    assert page_wording.WAIVED not in bare


@pytest.mark.parametrize(
    ("hop", "limit"),
    [
        (HOP, page_wording.LIMIT_PLAINTEXT),
        (make_hop(verdict={"transport": Transport.ENCRYPTED}), page_wording.LIMIT_ENCRYPTED),
        (make_hop(verdict={"transport": Transport.NOT_RECORDED}), page_wording.LIMIT_SILENT),
        (make_hop(verdict={"trust": Trust.CLAIM}), page_wording.LIMIT_CLAIMS),
        (make_hop(tls=Tls(client_certificate="no")), page_wording.LIMIT_CERTIFICATE),
        (Hop(raw=""), page_wording.LIMIT_MISSING),
    ],
)
def test_explain_tells_its_limits(hop: Hop, limit: str) -> None:
    """What cannot be concluded is told where it matters, and only there."""
    assert limit in unwrap(explain(make_trace(hop)))
    is_general = limit == page_wording.LIMIT_MISSING
    assert (limit in unwrap(explain(Trace()))) == is_general


@pytest.mark.parametrize("width", [-1, 0, 40, 80, 100, 500])
def test_explain_keeps_to_the_width(width: int) -> None:
    """Lines are as wide as asked for, within what can be read well."""
    hop = make_hop(server=Server(name="x" * 300), verdict={"findings": (FINDING,)})
    lines = explain(make_trace(hop), width=width).splitlines()

    assert max(map(len, lines)) <= min(max(width, 40), MAX_WIDTH)
    assert max(map(len, lines)) > min(max(width, 40), MAX_WIDTH) - 10


@pytest.mark.parametrize(
    ("headline", "confidence", "expected"),
    [
        (Headline.ENTERED_ENCRYPTED, Confidence.HIGH, "which records TLS."),
        (Headline.ENTERED_PLAINTEXT, Confidence.HIGH, "no TLS: it came in plaintext."),
        (Headline.ENTERED_PLAINTEXT, Confidence.MEDIUM, "no TLS: it probably came in plaintext."),
        (Headline.ENTERED_PLAINTEXT, Confidence.LOW, "no TLS: it perhaps came in plaintext."),
        (Headline.ENTERED_NOT_RECORDED, None, "which does not record whether TLS was used."),
    ],
)
def test_headline_of_an_entry(
    headline: Headline, confidence: Confidence | None, expected: str
) -> None:
    """The sentence names both ends and says what the record holds, as firmly as it stands."""
    trace = make_trace(make_hop(verdict={"confidence": confidence}), headline=headline)
    sentence = write_headline(trace)

    start = "The message came in from shop.example [81.2.69.144] to mx.site.example, "
    assert sentence.startswith(start)
    assert sentence.endswith(expected)


def test_headline_without_entry() -> None:
    """A gap is told as such, and so is mail that came from nowhere."""
    gap = Trace(hops=(HOP,), headline=Headline.ENTERED_NOT_RECORDED, boundary_inferred=True)
    inside = Trace(hops=(HOP,), headline=Headline.INTERNAL_ONLY)
    expected = (
        "As far as the lines show, " + wording.GAP,
        "The message never left the house: no line records a connection from outside.",
    )

    assert expected == (write_headline(gap), write_headline(inside))


def test_findings_name_their_hops_once() -> None:
    """A finding that two hops share is told once; one that is of no hop goes without number."""
    hop = make_hop(verdict={"findings": (FINDING,)})
    other = FINDING.model_copy(update={"severity": Severity.INFO, "message": "Odd."})
    trace = make_trace(hop, HOP, hop).model_copy(update={"findings": (FINDING, FINDING, other)})
    text = explain(trace).partition("FINDINGS\n")[2].partition("\n\n")[0]

    meaning, action = ADVICE[FINDING.code]
    assert unwrap(text) == (
        "HIGH, hop 1 and 3: A hop without TLS. (plaintext-public-hop)"
        f" What it means: {meaning} What to do: {action}"
        " INFO: Odd. (plaintext-public-hop)"
    )


@settings(deadline=None)  # under coverage, on a busy machine
@given(st.text(alphabet=HOSTILE + "a.", max_size=60))
def test_explain_lets_nothing_through(text: str) -> None:
    """Whatever the fields hold, lines are printable and hold no surprise."""
    finding = FINDING.model_copy(update={"message": text})
    hop = make_hop(
        client=Client(helo=text),
        server=Server(name=text),
        protocol=text,
        tls=Tls(cipher=text, group=text, client_certificate=text),
        verdict={
            "findings": (finding,),
            "reason": text,
            "rule": text,
            "evidence_for": (make_note(EvidenceLevel.DETAIL, text),),
        },
    )
    odd = Defect(kind=DefectKind.BAD_FIELD, text=text)
    trace = make_trace(hop).model_copy(
        update={
            "defects": (odd,),
            "profile": text,
            "authentication_results": (f"{text}; spf=pass",),
        }
    )

    assert all(line.isprintable() for line in explain(trace).split("\n"))


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        (None, None),
        (Client(), None),
        (Client(rdns="a.example", helo="b"), "a.example"),
        (Client(rdns="a.example", address="81.2.69.1"), "a.example [81.2.69.1]"),
        (Client(address="81.2.69.1"), "81.2.69.1"),
        (Client(helo="b.example", address="81.2.69.1"), "81.2.69.1 (calling itself b.example)"),
        (Client(helo="b.example"), "a client calling itself b.example"),
    ],
)
def test_name_client(client: Client | None, expected: str | None) -> None:
    """What the server saw comes first; what the client said of itself is told as such."""
    assert expected == name_client(make_hop(client=client))


@pytest.mark.parametrize(
    ("client", "scope", "brief", "full"),
    [
        (None, Scope.PUBLIC, "-", "-"),
        (Client(rdns="a.example"), Scope.PUBLIC, "a.example", "a.example"),
        (
            Client(rdns="a.example", helo="b", address="81.2.69.1"),
            Scope.PUBLIC,
            "a.example",
            "a.example [81.2.69.1]",
        ),
        (
            Client(helo="b.example", address="81.2.69.1"),
            Scope.PUBLIC,
            "81.2.69.1",
            "81.2.69.1 (b.example)",
        ),
        (
            Client(helo="b.example", address="10.0.0.1"),
            Scope.PRIVATE,
            "b.example",
            "b.example [10.0.0.1]",
        ),
        (Client(address="10.0.0.1"), Scope.PRIVATE, "10.0.0.1", "10.0.0.1"),
    ],
)
def test_name_client_briefly(client: Client | None, scope: Scope, brief: str, full: str) -> None:
    """A stranger goes by his address, a client inside by its name."""
    hop = make_hop(client=client, verdict={"scope": scope})

    assert brief == name_client_briefly(hop, is_full=False)
    assert full == name_client_briefly(hop, is_full=True)


def test_name_client_briefly_without_verdict() -> None:
    """A hop that nobody judged is named, too."""
    client = Client(helo="b.example", address="81.2.69.1")

    assert client.helo == name_client_briefly(Hop(raw="", client=client), is_full=False)


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        (None, None),
        (Server(), None),
        (Server(name="mx.example", address="10.0.0.1"), "mx.example"),
        (Server(address="10.0.0.1"), "10.0.0.1"),
    ],
)
def test_name_server(server: Server | None, expected: str | None) -> None:
    """A server goes by its name, or else by its address."""
    assert expected == name_server(make_hop(server=server))


def test_format_time_at_the_ends_of_time() -> None:
    """A time that UTC does not have is none; others are written in UTC."""
    no_utc = datetime.fromisoformat("0001-01-01T00:00:00+14:00")
    new_year = datetime.fromisoformat("2025-01-01T01:00:00+02:00")
    expected = [None, None, "2024-12-31"]

    assert expected == [format_time(stamp, "%Y-%m-%d") for stamp in (None, no_utc, new_year)]


@pytest.mark.parametrize(
    ("seconds", "brief", "words"),
    [
        (0.0, "0s", "0 seconds later"),
        (0.9, "0s", "0 seconds later"),
        (59.0, "59s", "59 seconds later"),
        (-1.0, "-1s", "1 second earlier"),
        (120.0, "2m", "2 minutes later"),
        (3600.0, "1h", "1 hour later"),
        (200_000.0, "2d", "2 days later"),
        (-40_000_000.0, "-1y", "1 year earlier"),
    ],
)
def test_delays(seconds: float, brief: str, words: str) -> None:
    """A delay is told in its largest unit, with its direction."""
    assert (brief, words) == (format_delay(seconds), spell_delay(seconds))


SUITE_LINE: Final = (
    "from a.example (a.example [81.2.69.1]) (using {}) by b.example (Postfix) with ESMTPS id 1;"
    " Tue, 29 Aug 2023 10:11:12 +0200"
)


@pytest.mark.parametrize(
    ("told", "brief", "full"),
    [
        (
            "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519",
            "1.3 AES256 modern",
            "TLSv1.3 AES256-GCM x25519 modern",
        ),
        (
            "TLSv1.2 with cipher ECDHE-RSA-CHACHA20-POLY1305 (256/256 bits)",
            "1.2 CHACHA20 good",
            "TLSv1.2 ECDHE-CHACHA20-POLY1305 good",
        ),
        (
            "TLSv1 with cipher DES-CBC3-SHA (168/168 bits)",
            "1.0 3DES weak",
            "TLSv1.0 RSA-3DES-CBC weak",
        ),
        (
            "SSLv3 with cipher RC4-MD5 (128/128 bits)",
            "SSLv3 RC4-128 broken",
            "SSLv3 RSA-RC4-128 broken",
        ),
        (
            "TLSv1.2 with cipher FUTURE-CIPHER-9 (1/1 bits)",
            "1.2 FU...PHER-9",
            "TLSv1.2 FUTURE-CIPHER-9",
        ),
    ],
)
def test_format_tls_of_lines(told: str, brief: str, full: str) -> None:
    """Version, cipher and grade are told, briefly or with mode, key exchange and group."""
    received = f"Received: {SUITE_LINE.format(told)}\n\n"
    hop = analyze(received.encode()).hops[0]

    assert (brief, full) == (format_tls(hop, is_full=False), format_tls(hop, is_full=True))


@pytest.mark.parametrize(
    ("tls", "grade", "expected"),
    [
        (None, None, "-"),
        (Tls(), Grade.UNKNOWN, "no detail"),
        (Tls(stated_version="NONE"), Grade.PLAINTEXT, "NONE"),
        (Tls(group="x25519"), Grade.UNKNOWN, "x25519"),
        (Tls(stated_version="TLS 17.4 beta"), None, "T...eta"),
    ],
)
def test_format_tls_with_little(tls: Tls | None, grade: Grade | None, expected: str) -> None:
    """What is not known is left out, and silence is no answer."""
    assert expected == format_tls(make_hop(tls=tls, verdict={"grade": grade}), is_full=False)


def test_format_tls_without_verdict() -> None:
    """A hop that nobody judged has no grade."""
    tls = Tls(version="TLSv1.3")

    assert tls.version == format_tls(Hop(raw="", tls=tls), is_full=True)


def test_find_worst() -> None:
    """The gravest finding of a hop counts, wherever it stands."""
    mild = FINDING.model_copy(update={"severity": Severity.LOW})

    assert FINDING.severity == find_worst(make_hop(verdict={"findings": (mild, FINDING, mild)}))
    assert find_worst(HOP) is None
    assert find_worst(Hop(raw="")) is None


def test_is_flagged_from_low_on() -> None:
    """Findings for information flag no hop."""
    flagged = [
        severity
        for severity in Severity
        if is_flagged(
            make_hop(verdict={"findings": (FINDING.model_copy(update={"severity": severity}),)})
        )
    ]

    assert flagged == [severity for severity in Severity if severity is not Severity.INFO]
    assert not is_flagged(HOP)


def test_find_entry_counts_from_one() -> None:
    """The entry is found by its number, and in a trace that was read back from JSON, too."""
    trace = make_trace(make_hop(id="1"), HOP)

    again = Trace.model_validate_json(trace.model_dump_json())

    assert len(trace) == find_entry(trace) == find_entry(again)
    assert find_entry(Trace()) is None


def test_heading_is_escaped_and_bounded() -> None:
    """The name of a file cannot steer the terminal, nor fill it."""
    expected = "== \\x1b[2J\\udcff =="

    assert expected == write_heading("\x1b[2J\udcff")
    assert len(write_heading("a" * 5000)) < 400


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_json_is_the_trace_in_printable_ascii(text: str) -> None:
    """The line is plain ASCII, and reads back as the trace that it was."""
    trace = make_trace(make_hop(raw=text, server=Server(name=text)))
    line = write_json_line(trace)

    assert line.isascii()
    assert line.isprintable()
    assert json.loads(trace.model_dump_json()) == json.loads(line)
    assert trace == Trace.model_validate_json(line)
