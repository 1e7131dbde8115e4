"""`headertls trace --raw`: the lines as they stand, what is marked in them, and nothing hostile."""

import io
import re
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from headertls import (
    Evidence,
    EvidenceKind,
    EvidenceLevel,
    Finding,
    FindingCode,
    Hop,
    Kind,
    LiveConnection,
    Scope,
    Severity,
    Trace,
    Transport,
    Verdict,
    analyze,
    parse_received,
)
from headertls.report import page_wording
from headertls.report.raw import SIGNS, STYLES, render_raw
from headertls.report.rows import ASCII, UNICODE
from headertls.report.spans import MAX_LINE, MEANINGS, Role
from headertls.report.terminal import measure

EXAMPLES: Final = sorted((Path(__file__).parents[1] / "examples").glob("*.eml"))
RAW: Final = "from a.example by b.example (Postfix) with ESMTP id 7"
HOSTILE: Final = "\x1b[31m\x9b\r\n\t \x07\u202e\u2066\u200b\x7f\u2028\x00[red]/:x.é郵\u0301🏴│┆|:"


def make_console(width: int = 80, encoding: str = "utf-8", **options: Any) -> Console:
    """A console that is no terminal unless *options* say so, whatever the environment is."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    return Console(file=file, width=width, _environ={}, **options)


def list_lines(trace: Trace, width: int = 80, **options: Any) -> list[str]:
    """The lines that are shown of a trace."""
    return render_raw(trace, make_console(width, **options)).split("\n")


def make_evidence(raw: str, *words: str, field: str | None = "Received") -> tuple[Evidence, ...]:
    """Evidence of *words*, at the places where they first stand in *raw*."""
    return tuple(
        Evidence(
            kind=EvidenceKind.NOTE,
            level=EvidenceLevel.DETAIL,
            text=text,
            start=max(raw.find(text), 0),
            end=max(raw.find(text), 0) + len(text),
            field=field,
        )
        for text in words
    )


def make_trace(raw: str = RAW, **evidence: tuple[Evidence, ...]) -> Trace:
    """A trace of one line, with evidence by the names of roles."""
    finding = Finding(
        code=FindingCode.VERSION_CONFLICT,
        severity=Severity.LOW,
        message="Odd.",
        evidence=evidence.get("found", ()),
    )
    verdict = Verdict(
        kind=Kind.RELAY,
        scope=Scope.PUBLIC,
        transport=Transport.PLAINTEXT,
        rule="some-rule",
        reason="So it is.",
        evidence_for=evidence.get("for_", ()),
        evidence_against=evidence.get("against", ()),
        findings=(finding,),
    )
    return Trace(hops=(Hop(raw=raw, verdict=verdict),))


def test_no_line_is_nothing() -> None:
    """A message without a trace has no lines to show."""
    assert "" == render_raw(Trace(), make_console())


def test_signs_stand_below_the_words() -> None:
    """Each sort of evidence has its sign, which the key shows; words with two roles have one."""
    trace = make_trace(
        for_=make_evidence(RAW, "ESMTP"),
        against=make_evidence(RAW, "(Postfix)"),
        found=make_evidence(RAW, "id 7", "ESMTP id"),
    )

    assert [
        "The lines as they stand in the header, newest first.",
        "  speaks for the verdict",
        "  ^^^^^^^^^^^^^^^^^^^^^^",
        "  speaks against it, and was outweighed",
        "  -------------------------------------",
        "  is what a finding is about",
        "  ==========================",
        "",
        "Hop 1, no time told",
        "│ from a.example by b.example (Postfix) with ESMTP id 7",
        "                              ---------      ^^^^^ ====",
        "  Plaintext: So it is. (rule some-rule)",
    ] == list_lines(trace)


def test_colours_take_the_place_of_signs() -> None:
    """Where there are colours, the words themselves are set off, and no signs are needed."""
    trace = make_trace(for_=make_evidence(RAW, "ESMTP"), against=make_evidence(RAW, "(Postfix)"))
    shown = list_lines(trace, color_system="standard", force_terminal=True)

    assert "\x1b[2m│ \x1b[0mfrom a.example by b.example \x1b[2;4m(Postfix)\x1b[0m with" in shown[5]
    assert "with \x1b[1;4mESMTP\x1b[0m id 7" in shown[5]
    assert not any("^^" in line for line in shown)


def test_signs_are_there_without_colours() -> None:
    """A terminal that is to show no colours has signs, and no style in the lines."""
    trace = make_trace(for_=make_evidence(RAW, "ESMTP"))
    shown = list_lines(trace, color_system="standard", force_terminal=True, no_color=True)

    assert f"│ {RAW}" in shown
    assert any(line.endswith(" ^^^^^") for line in shown)


def test_roles_have_words_and_signs() -> None:
    """Every role is told apart by its meaning, its sign and its style."""
    assert set(Role) == set(MEANINGS) == set(SIGNS) - {None} == set(STYLES) - {None}
    judged = set(Role) - {Role.TOLD}
    assert len(judged) == len({SIGNS[role] for role in judged})
    assert len(judged) == len({STYLES[role] for role in judged})


def test_line_that_nobody_judged() -> None:
    """A line without a verdict is shown with the words that speak of the transport."""
    hop = parse_received("from a.example by b.example (Postfix) with ESMTPS id 7; 1 Jan 2024")
    shown = list_lines(Trace(hops=(hop,)))

    assert "  speaks of the transport" in shown
    assert f"│ {hop.raw}" in shown
    assert " " * shown[5].index("ESMTPS") + "^^^^^^" == shown[6]
    assert len(shown) == 7


def test_folds_are_kept() -> None:
    """A line is broken where the header breaks it; the blanks of a fold are not marked."""
    raw = "from a.example\r\n\t(using TLSv1.3\r\n\t with all) by\tb\n  with X"
    trace = make_trace(raw, for_=make_evidence(raw, "(using TLSv1.3\r\n\t with all)"))

    assert [
        "│ from a.example",
        "│     (using TLSv1.3",
        "      ^^^^^^^^^^^^^^",
        "│      with all) by    b",
        "       ^^^^^^^^^",
        "│   with X",
    ] == list_lines(trace)[5:11]


def test_long_lines_are_broken_by_words() -> None:
    """What is too long goes on behind another margin; words stay whole while they have room."""
    words = " ".join(f"word{number:02}" for number in range(12))
    long = "x" * 60
    trace = make_trace(f"{words} {long} end", for_=make_evidence(words, "word05 word06"))

    assert [
        "│ word00 word01 word02 word03 word04",
        "┆ word05 word06 word07 word08 word09",
        "  ^^^^^^^^^^^^^",
        "┆ word10 word11",
        f"┆ {'x' * 38}",
        f"┆ {'x' * 22} end",
    ] == list_lines(trace, 40)[6:12]


def test_blank_at_the_margin_is_no_word() -> None:
    """A blank for which there is no room is left out, and its mark does not stick out."""
    raw = f"{'x' * 38} yz"
    trace = make_trace(raw, for_=make_evidence(raw, raw))

    assert [
        f"│ {'x' * 38}",
        f"  {'^' * 38}",
        "┆ yz",
        "  ^^",
    ] == list_lines(trace, 40)[6:10]


def test_length_is_bounded() -> None:
    """Of a line of any length a part is shown, and it is told how much is left out."""
    shown = list_lines(make_trace("x" * MAX_LINE + "secret"), 140)

    assert "  ... and 6 characters more" in shown
    assert MAX_LINE == "".join(shown[3:-2]).count("x")


def test_evidence_of_other_fields_is_quoted() -> None:
    """What no line tells is quoted with the field that does; a running server has no line."""
    trace = make_trace(
        for_=make_evidence("", "x-tls=pass\x1b", field="authentication-results"),
        against=make_evidence("", "TLSv1.3", field=None),
    )
    live = analyze(
        b"Subject: x\n\n", live=LiveConnection(address="81.2.69.144", tls_version="TLSv1.3")
    )

    assert [
        '  Authentication-Results: "x-tls=pass\\x1b" speaks for the verdict.',
        '  The running server: "TLSv1.3" speaks against it, and was outweighed.',
    ] == list_lines(trace)[-2:]
    assert f"  {page_wording.NO_LINE}" in list_lines(live)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_lines_are_whole(path: Path) -> None:
    """Without margins and blanks, what is shown is what stands in the header, newest line first."""
    trace = analyze(path)
    shown = "".join(line[2:] for line in list_lines(trace, 60) if re.match("[│┆] ", line))

    assert "".join("".join(hop.raw.split()) for hop in reversed(trace.hops)) == "".join(
        shown.split()
    )


@pytest.mark.parametrize("alphabet", [UNICODE, ASCII], ids=["unicode", "ascii"])
@given(
    raw=st.text(st.sampled_from(HOSTILE) | st.characters(codec="utf-8"), min_size=1, max_size=200),
    width=st.integers(0, 90),
)
def test_nothing_hostile_gets_through(alphabet: Any, raw: str, width: int) -> None:
    """Whatever a line holds: it is printable, stays behind its margin and within the width."""
    encoding = "ascii" if alphabet.is_ascii else "utf-8"
    plain, shown = (
        list_lines(Trace(hops=(Hop(raw=text),)), width, encoding=encoding) for text in ("x", raw)
    )
    margins = alphabet.margin, alphabet.margin_again

    assert all(line.isprintable() for line in shown)
    assert not alphabet.is_ascii or "".join(shown).isascii()
    assert max(map(measure, shown)) <= max(width, 40)
    own = [line for line in shown if not line.startswith(margins)]
    assert own == [line for line in plain if not line.startswith(margins)]
