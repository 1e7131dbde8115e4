"""What the table shows, in what room, with which signs, and that nothing hostile gets through."""

import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from headertls import analyze
from headertls.models import (
    Client,
    Confidence,
    Defect,
    DefectKind,
    Finding,
    FindingCode,
    Grade,
    Headline,
    Hop,
    Kind,
    Scope,
    Server,
    Severity,
    Tls,
    Trace,
    Transport,
    Trust,
    Verdict,
)
from headertls.report.rows import ASCII, FORMS, UNICODE, write_legend
from headertls.report.table import render

EXAMPLES: Final = sorted((Path(__file__).parents[1] / "examples").glob("*.eml"))
HOSTILE: Final = "\x1b[31m\x9b\r\n\t\x07\u202e\u2066\u200b\x7f\u2028\x00[bold]/:x.é郵\u0301🏴"
RELAY: Final = Verdict(
    kind=Kind.RELAY,
    scope=Scope.PUBLIC,
    transport=Transport.ENCRYPTED,
    confidence=Confidence.HIGH,
    grade=Grade.MODERN,
    trust=Trust.OWN,
    rule="some-rule",
    reason="This line gives details.",
)
HOP: Final = Hop(
    raw="",
    client=Client(rdns="mail.shop.example", address="81.2.69.144"),
    server=Server(name="mx.site.example"),
    protocol="ESMTPS",
    tls=Tls(version="TLSv1.3"),
    timestamp=datetime(2024, 5, 6, 23, 59, 58, tzinfo=UTC),
    verdict=RELAY,
)
PLAIN: Final = {"transport": Transport.PLAINTEXT, "grade": Grade.PLAINTEXT}


def make_finding(severity: Severity) -> Finding:
    """A finding of some gravity."""
    message = "A hop without TLS."
    return Finding(code=FindingCode.PLAINTEXT_PUBLIC_HOP, severity=severity, message=message)


def make_hop(**fields: Any) -> Hop:
    """A relay hop, changed in some fields; `verdict` holds changes of the verdict."""
    verdict = RELAY.model_copy(update=fields.pop("verdict", {}))
    return HOP.model_copy(update={**fields, "verdict": verdict})


def make_flagged(severity: Severity = Severity.HIGH, **verdict: Any) -> Hop:
    """A plaintext hop that has a finding."""
    finding = make_finding(severity)
    return make_hop(
        protocol="ESMTP", tls=None, verdict={**PLAIN, "findings": (finding,), **verdict}
    )


def make_trace(*hops: Hop, **fields: Any) -> Trace:
    """A trace of *hops* with their findings, entered by the last one."""
    findings = tuple(finding for hop in hops if hop.verdict for finding in hop.verdict.findings)
    return Trace(
        hops=hops,
        entry=hops[-1],
        headline=Headline.ENTERED_PLAINTEXT,
        findings=findings,
        **fields,
    )


def make_console(width: int = 80, encoding: str = "utf-8", **options: Any) -> Console:
    """A console that is no terminal unless *options* say so, whatever the environment is."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    return Console(file=file, width=width, _environ={}, **options)


def list_rows(trace: Trace, width: int = 80, encoding: str = "utf-8") -> list[str]:
    """The lines of the table: the head, and one for each hop."""
    text = render(trace, make_console(width, encoding))
    lines = [line for line in text.split("\n") if "trust boundary:" not in line]
    start = next(place for place, line in enumerate(lines) if line.startswith("hop "))
    return lines[start : start + len(trace) + 1]


def test_whole_report() -> None:
    """Headline above, a line for each hop, its signs, and the findings below."""
    day = timedelta(days=1)
    claim = make_hop(verdict={"trust": Trust.CLAIM})
    local = make_hop(
        client=None,
        protocol="local",
        tls=None,
        verdict={"kind": Kind.LOCAL, "transport": Transport.NOT_APPLICABLE, "trust": Trust.OWN},
        timestamp=HOP.timestamp and HOP.timestamp + day,
    )
    entry = make_flagged(trust=Trust.BOUNDARY, delay=2.0)
    trace = make_trace(claim, local, entry, boundary_inferred=True)

    assert render(trace, make_console()) == (
        "As far as the lines show, the message came in from mail.shop.example\n"
        "  [81.2.69.144] to mx.site.example, which records no TLS: it came in plaintext.\n"
        "\n"
        "hop UTC   lag from              to              protocol TLS        verdict\n"
        " 1~ 23:59     mail.shop.example mx.site.example ESMTPS   1.3 modern encrypted\n"
        "── trust boundary: the lines above are claims ───────────────────────────────\n"
        " 2  23:59     -                 mx.site.example local    -          (local)\n"
        "▲3» 23:59 2s  mail.shop.example mx.site.example ESMTP    -          PLAINTEXT\n"
        "Since 2024-05-06.  ▲ flagged  » the way in  ~ a claim: cannot be checked\n"
        "\n"
        "▲ HIGH, hop 3: A hop without TLS. (plaintext-public-hop)"
    )


def test_boundary_stands_below_the_claims() -> None:
    """A line shows where own lines begin; without claims, or without own lines, as it has to."""
    claim, own = make_hop(verdict={"trust": Trust.CLAIM}), make_hop()
    text = render(make_trace(claim, claim, own), make_console(encoding="ascii"))
    lines = text.partition("hop ")[2].split("\n")

    assert lines[3].startswith("-- trust boundary: the lines above are claims ---")
    assert "trust boundary" not in render(make_trace(own), make_console())
    only = render(make_trace(claim), make_console()).partition("hop ")[2].split("\n")
    assert only[2].startswith("── trust boundary")


def test_notes_are_told_in_brief() -> None:
    """Findings for information flag nothing, and stand together in one paragraph."""
    note = make_finding(Severity.INFO)
    other = note.model_copy(update={"code": FindingCode.TRACE_GAP})
    hop = make_hop(verdict={**PLAIN, "findings": (note,)})
    last = make_hop(verdict={"findings": (note.model_copy(update={"message": "B"}), other)})
    text = render(make_trace(hop, last), make_console())

    assert "▲" not in text
    assert "PLAINTEXT" not in text
    assert text.endswith(
        "\n\n3 for information: plaintext-public-hop, hop 1, hop 2; trace-gap, hop 2.\n"
        "  --explain tells what they mean."
    )


def test_trace_without_hops() -> None:
    """Where there is no hop there is no table, only the headline and what was odd."""
    odd = Defect(kind=DefectKind.BAD_FIELD, text="nonsense")
    text = render(Trace(defects=(odd,)), make_console())

    assert text == (
        "The message has no trace: it holds no Received line.\n"
        "\n"
        'Odd about the message: bad-field ("nonsense").'
    )


def test_output_without_unicode_is_ascii() -> None:
    """Where the output is not UTF-8, signs, dots and header text are ASCII."""
    name = Server(name="grün." + "x" * 60)
    trace = make_trace(
        make_flagged(trust=Trust.CLAIM), make_hop(server=name), make_flagged(trust=Trust.BOUNDARY)
    )
    text = render(trace, make_console(encoding="latin-1"))

    assert text.isascii()
    marks = [row[:4] for row in list_rows(trace, encoding="latin-1")]
    assert marks == ["hop ", "!!1~", "  2 ", "!!3>"]
    assert " gr\\xf..xxx" in text
    assert "!! flagged  > the way in  ~ a claim" in text
    assert "!! HIGH, hop 1 and 3: " in text


def test_flagged_hops_stand_out_without_colour() -> None:
    """Plaintext that is flagged has a mark and is written large; other plaintext is not."""
    rows = list_rows(make_trace(make_flagged(), make_hop(verdict=PLAIN)))

    assert (rows[1][0], rows[1].split()[-1]) == ("▲", "PLAINTEXT")
    assert (rows[2][0], rows[2].split()[-1]) == (" ", "plaintext")


def test_only_plaintext_is_called_plaintext() -> None:
    """A finding on another transport marks the hop, and leaves its verdict as it is."""
    row = list_rows(make_trace(make_hop(verdict={"findings": (make_finding(Severity.LOW),)})))[1]

    assert (row[0], row.split()[-1]) == ("▲", "encrypted")


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        ({"confidence": Confidence.MEDIUM}, "encrypted?"),
        ({**PLAIN, "confidence": Confidence.LOW}, "plaintext?"),
        ({"transport": Transport.NOT_RECORDED, "confidence": None}, "unrecorded"),
        ({"transport": Transport.NOT_APPLICABLE, "kind": Kind.OTHER}, "(not SMTP)"),
    ],
)
def test_verdicts(verdict: dict[str, Any], expected: str) -> None:
    """Doubt has a sign, and where there was no session the kind tells why."""
    trace = make_trace(make_hop(verdict=verdict))

    assert list_rows(trace)[1].endswith(f" {expected}")
    assert ("? not certain" in render(trace, make_console())) == expected.endswith("?")


def test_hop_without_anything() -> None:
    """A hop of which nothing is known, not even a verdict, has its line."""
    trace = Trace(hops=(Hop(raw=""),), headline=Headline.INTERNAL_ONLY)

    assert list_rows(trace)[1].split() == ["1", "-", "-", "-", "-", "-", "-"]


def test_legend_explains_what_stands_there_only() -> None:
    """Signs that do not occur are not explained, and a date in each row needs no note."""
    detailed, *_, tightest = FORMS
    calm = Trace(hops=(HOP,))
    timeless = Trace(hops=(make_hop(timestamp=None),))

    legends = [write_legend(calm, form, UNICODE) for form in (detailed, tightest)]
    assert legends == ["", "Since 2024-05-06."]
    assert not write_legend(timeless, tightest, ASCII)


@pytest.mark.parametrize(
    ("width", "who", "how"),
    [
        (
            200,
            "2024-05-06 23:59:58 mail.shop.example [81.2.69.144] mx.example",
            "Microsoft SMTP Server TLSv1.3 x25519 modern plaintext (internet)",
        ),
        (
            125,
            "23:59:58 mail.shop.example [81.2.69.144] mx.example",
            "Microsoft SMTP Server TLSv1.3 x25519 modern plaintext (internet)",
        ),
        (
            105,
            "23:59:58 mail.shop.example mx.example",
            "Microsoft SMTP Server TLSv1.3 x25519 modern plaintext",
        ),
        (80, "23:59 mail.shop.example mx.example", "MS SMTP 1.3 x25519 modern plaintext"),
    ],
)
def test_room_is_used(width: int, who: str, how: str) -> None:
    """A wide terminal is told more than a narrow one."""
    hop = make_hop(
        server=Server(name="mx.example"),
        protocol="Microsoft SMTP Server",
        tls=Tls(version="TLSv1.3", group="x25519"),
        verdict={"transport": Transport.PLAINTEXT},
    )
    row = list_rows(make_trace(hop), width)[1]

    assert ["1»", *who.split(), *how.split()] == row.split()


def test_long_names_are_shortened_in_the_middle() -> None:
    """Both names get their fair share, and keep more of the end than of the start."""
    client = Client(rdns=f"start.{'c' * 60}.client.example")
    server = Server(name=f"first.{'s' * 60}.server.example")
    row = list_rows(make_trace(make_hop(client=client, server=server)))[1]

    assert len(row) == 80
    assert " start…ent.example first…rver.example " in row


@pytest.mark.parametrize("is_long_client", [True, False])
def test_name_takes_what_the_other_leaves(*, is_long_client: bool) -> None:
    """Beside a short name a long one has more room."""
    names = ["x" * 90, "mx.example"]
    client, server = names if is_long_client else reversed(names)
    hop = make_hop(client=Client(rdns=client), server=Server(name=server))
    row = list_rows(make_trace(hop))[1]

    assert len(row) == 80
    assert " mx.example " in row
    assert len(re.sub(r"[^x…]", "", row.replace("mx.example", ""))) == 25


def test_narrow_terminal_keeps_something_of_the_names() -> None:
    """However narrow the terminal: names do not vanish, and nothing breaks."""
    row = list_rows(make_trace(HOP), width=1)[1]

    assert " m…mple m…mple encrypted" in row


def test_many_hops_stay_in_line() -> None:
    """The numbers of hops stand below each other."""
    rows = list_rows(make_trace(*[make_hop(id=str(number)) for number in range(10)]))

    assert (rows[1][:5], rows[10][:5]) == ("  1  ", " 10» ")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("width", [80, 100, 140, 200])
def test_real_messages_fit(path: Path, width: int) -> None:
    """No line of a report is wider than the terminal."""
    lines = render(analyze(path), make_console(width)).split("\n")

    assert max(map(cell_len, lines)) <= width


def test_colours_are_for_terminals() -> None:
    """On a terminal flagged hops are red, encrypted ones green, claims dim; else all is plain."""
    trace = make_trace(
        make_hop(verdict={"trust": Trust.CLAIM}), make_hop(), make_flagged(Severity.CRITICAL)
    )
    coloured = make_console(force_terminal=True, color_system="standard")
    text = render(trace, coloured)

    assert "\x1b[2m 1~ 23:59" in text
    assert "\x1b[32mencrypted\x1b[0m" in text
    assert "\x1b[1;31mPLAINTEXT\x1b[0m" in text
    assert "\x1b[1;31m▲3»\x1b[0m" in text
    assert render(trace, make_console()) == re.sub(r"\x1b\[[\d;]*m", "", text)


def test_no_color_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR a terminal gets bold and dim at most."""
    monkeypatch.setenv("NO_COLOR", "1")
    file = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    console = Console(file=file, width=80, force_terminal=True, color_system="standard")
    codes = set(re.findall(r"\x1b\[([\d;]*)m", render(make_trace(make_flagged()), console)))

    assert codes <= {"0", "1", "2", "1;2"}


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@settings(deadline=None)  # under coverage, on a busy machine
@given(st.text(alphabet=HOSTILE + "ab", max_size=150))
def test_nothing_hostile_gets_through(encoding: str, text: str) -> None:
    """Whatever the fields hold, each hop has one printable line of at most 80 columns."""
    finding = make_finding(Severity.LOW).model_copy(update={"message": text})
    hop = make_hop(
        client=Client(helo=text, rdns=text),
        server=Server(name=text),
        protocol=text,
        tls=Tls(cipher=text, stated_version=text, group=text),
        verdict={"findings": (finding,), **PLAIN, "grade": Grade.BROKEN},
    )
    odd = Defect(kind=DefectKind.BAD_FIELD, text=text)
    trace = make_trace(hop, hop, defects=(odd,))
    rows = list_rows(trace, encoding=encoding)

    assert all(line.isprintable() for line in render(trace, make_console()).split("\n"))
    assert [row.lstrip("▲! ")[0] for row in rows] == ["h", "1", "2"]
    assert max(map(cell_len, rows)) <= 80


def test_markup_is_text() -> None:
    """Square brackets and emoji names of a header are shown as they are."""
    name = Server(name="[red]:skull:[/]")

    assert "[red]:skull:[/]" in list_rows(make_trace(make_hop(server=name)))[1]
