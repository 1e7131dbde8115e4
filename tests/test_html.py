"""The HTML views, read as markup: what is in them, and that nothing of a header becomes markup."""

import ast
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import headertls
from headertls import (
    Client,
    Continuity,
    Evidence,
    EvidenceKind,
    EvidenceLevel,
    Finding,
    FindingCode,
    Headline,
    Hop,
    Kind,
    LiveConnection,
    Reorigin,
    Scope,
    Severity,
    Tls,
    Trace,
    Transport,
    Trust,
    Verdict,
)
from headertls.report import page_wording
from headertls.report.spans import MAX_LINE, MEANINGS, Role
from headertls.report.web import labels, page

ROOT: Final = Path(__file__).parents[1]
EXAMPLES: Final = sorted((ROOT / "examples").glob("*.eml"))
HOSTILE: Final = ROOT / "tests" / "browser" / "hostile.eml"
VOID: Final = frozenset({"meta"})


class Outline(HTMLParser):
    """Reads markup, and holds it against the rules of well-formed elements."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Hold an end against its start."""
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        """Gather what is read."""
        if "style" not in self.open:
            self.text += data

    @property
    def classes(self) -> list[str]:
        """Give all classes, as often as they stand."""
        return [name for _, attrs in self.tags for name in (attrs.get("class") or "").split()]


def outline(markup: str) -> Outline:
    reader = Outline()
    reader.feed(markup)
    reader.close()
    assert [] == reader.open
    return reader


def view(shown: Any) -> Outline:
    return outline(shown._repr_html_())


def make_verdict(**changes: Any) -> Verdict:
    facts: dict[str, Any] = {
        "kind": Kind.RELAY,
        "scope": Scope.PUBLIC,
        "transport": Transport.PLAINTEXT,
        "rule": "a-rule",
        "reason": "A reason.",
    }
    return Verdict(**(facts | changes))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_view_of_a_trace_has_all(path: Path) -> None:
    """Each hop with its number, its line and its server, and each finding, is in the view."""
    trace = headertls.analyze(path)
    seen = view(trace)

    assert labels.HEADLINES[trace.headline] in seen.text
    assert len(trace) == seen.classes.count("htls-hop")
    for number, hop in enumerate(trace, 1):
        assert f"hop {number} " in seen.text
        assert "".join(hop.raw.split()) in "".join(seen.text.split())
        assert hop.server is None or (hop.server.name or "") in seen.text
    for finding in trace.findings:
        assert finding.message in seen.text
        assert finding.code.value in seen.text


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_evidence_is_marked_in_place(path: Path) -> None:
    """The words on which a verdict rests are marked in the line."""
    for hop in headertls.analyze(path):
        assert hop.verdict is not None
        markup = hop._repr_html_()
        marked = re.findall(
            r"<mark>(.*?)</mark>", markup.split("</style>")[1].split("</pre>")[0], re.DOTALL
        )
        told = [e.text for e in hop.verdict.evidence_for if e.field == headertls.models.RECEIVED]

        assert sorted("".join(t.split()) for t in told) == sorted(
            "".join(outline(m).text.split()) for m in marked
        )


def test_views_hold_no_reference() -> None:
    """No script, identifier, address or inline style; nothing but `details` can be worked."""
    traces = {path.name: headertls.analyze(path) for path in [*EXAMPLES, HOSTILE]}
    for markup in (
        headertls.show(traces)._repr_html_(),
        headertls.report.html(traces),
    ):
        seen = outline(markup)
        names = {name for _, attrs in seen.tags for name in attrs}
        assert {"script", "img", "link", "a", "iframe", "object"}.isdisjoint(
            tag for tag, _ in seen.tags
        )
        assert {"id", "src", "href", "style"}.isdisjoint(names)
        assert not [name for name in names if name.startswith("on")]
        assert not re.search(r"url\(|@import|https?:", page.read_style())


def test_classes_are_ours() -> None:
    """Every class has the prefix, in the views and in the sheet; two others ask for no TeX."""
    seen = view(headertls.show([headertls.analyze(path) for path in [*EXAMPLES, HOSTILE]]))
    others = {name for name in seen.classes if name.partition("-")[0] != "htls"}
    sheet = (files("headertls.report.web") / "style.css").read_text(encoding="utf-8")
    rules = re.sub(r"/\*.*?\*/|\{[^{}]*\}", "", sheet)

    assert {"tex2jax_ignore", "mathjax_ignore"} == others
    selectors = [part for part in re.split(r"[,{}]", rules) if part.strip()]
    assert [] == [
        part
        for part in selectors
        if ".htls" not in part and not part.strip().startswith(("@media", "@container", ".htls"))
    ]


def test_hostile_text_stays_text() -> None:
    """Markup of a header is shown as it was written, and opens no element."""
    trace = headertls.analyze(HOSTILE)
    seen = view(trace)

    assert {"script", "svg", "img", "a"}.isdisjoint(tag for tag, _ in seen.tags)
    assert 1 == sum(tag == "style" for tag, _ in seen.tags)
    for piece in ("<script>alert(1)</script>", "<img src=http://evil.example/pixel.png", "&amp;"):
        assert piece in seen.text
    assert "\\u202e" in seen.text
    assert "\\x1b[31m" in seen.text
    assert {"\u202e", "\x1b"}.isdisjoint(seen.text)


@settings(deadline=None)  # the first example reads the style sheet
@given(st.text(), st.text())
def test_any_text_stays_text(name: str, raw: str) -> None:
    """Whatever a line holds, the elements of its view are the same."""
    verdict = make_verdict(
        findings=(Finding(code=FindingCode.MAIL_LOOP, severity="low", message=raw),)
    )
    plain = view(Hop(raw="x", client=Client(helo="x"), protocol="x", verdict=verdict))
    seen = view(
        Hop(raw=f"x{raw}", client=Client(helo=f"x{name}"), protocol=f"x{raw}", verdict=verdict)
    )

    assert [tag for tag, _ in plain.tags] == [tag for tag, _ in seen.tags]


def test_only_one_module_makes_markup() -> None:
    """Text becomes `Html` in `markup` alone, where it is escaped."""
    folder = ROOT / "src" / "headertls" / "report" / "web"
    makers = {
        path.stem
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Html"
    }

    assert {"markup"} == makers


def test_boundary_is_drawn_once_below_the_claims() -> None:
    """The line of the trust boundary stands between the last claim and the entry hop."""
    markup = headertls.analyze(ROOT / "examples" / "forged-trace.eml")._repr_html_()
    body = markup.split("</style>")[1]
    places = [body.index(word) for word in ("hop 2<", labels.BOUNDARY, "hop 3<")]

    assert sorted(places) == places
    assert 1 == body.count("htls-boundary")
    assert labels.BOUNDARY_NOTE in body
    assert body.rindex("htls-claim") < body.index("htls-boundary")


def test_plaintext_is_unmistakable_without_style() -> None:
    """Without any style, a plaintext stretch is told by a word in capitals and by the headline."""
    seen = view(headertls.analyze(ROOT / "examples" / "plaintext-entry.eml"))

    assert "PLAINTEXT" in seen.text
    assert "Came in plaintext" in seen.text


def test_gaps_and_new_origins_are_told() -> None:
    """A line that does not continue the one below it, and a list, are written on the path."""
    first = Hop(raw="one", verdict=make_verdict(trust=Trust.OWN))
    second = Hop(
        raw="two",
        verdict=make_verdict(continuity=Continuity.BREAK, reorigin=Reorigin.LIST, trust=Trust.OWN),
    )
    seen = view(Trace(hops=(first, second)))

    assert labels.GAPS[Continuity.BREAK] in seen.text
    assert labels.REORIGINS[Reorigin.LIST] in seen.text
    assert "htls-boundary" not in seen.classes


def test_hop_without_verdict_has_a_view() -> None:
    """Facts of one line are shown without judgement."""
    hop = headertls.parse_received(
        "from a.example (a.example [81.2.69.144]) by b.example with ESMTPS id 1; yesterday"
    )
    seen = view(hop)

    assert "b.example took the message from a.example [81.2.69.144]." in seen.text
    assert "Odd about the line: bad-date." in seen.text
    assert "speaks of the transport" in seen.text
    assert "htls-none" in seen.classes
    assert "unnamed server" in view(Hop(raw="")).text
    assert "htls-strip" in view(headertls.show([Trace(hops=(hop,))])).classes


def test_evidence_of_other_places_is_quoted() -> None:
    """What no line tells is quoted with the field that does; a running server has no line."""
    told = [
        Evidence(
            kind=EvidenceKind.WITNESS,
            level=EvidenceLevel.DETAIL,
            text=text,
            start=0,
            end=2,
            field=field,
        )
        for text, field in (("<b>", "x-field"), ("ab", None))
    ]
    verdict = make_verdict(evidence_for=told[:1], evidence_against=told[1:])
    seen = view(Hop(raw="", verdict=verdict))
    live = headertls.analyze(
        b"Subject: x\n\n", live=LiveConnection(address="81.2.69.144", tls_version="TLSv1.3")
    )

    assert f"x-field: <b> {MEANINGS[Role.FOR]}." in seen.text
    assert f"The running server: ab {MEANINGS[Role.AGAINST]}." in seen.text
    assert page_wording.NO_LINE in view(live).text
    assert f"<b> {MEANINGS[Role.FOR]}" in view(verdict).text
    assert f"ab {MEANINGS[Role.AGAINST]}" in view(verdict).text


def test_long_lines_are_cut() -> None:
    """A line of any length makes a view of bounded size, and says what was left out."""
    raw = "x" * MAX_LINE + "secret"
    seen = view(Hop(raw=raw))

    assert "… and 6 characters more" in seen.text
    assert "secret" not in seen.text


def test_marks_do_not_overlap() -> None:
    """Where pieces of evidence overlap, or have a wrong place, each word is shown once."""
    pieces = [
        Evidence(
            kind=EvidenceKind.NOTE, level=EvidenceLevel.DETAIL, text=text, start=start, end=end
        )
        for text, start, end in (("abcd", 0, 4), ("cdef", 2, 6), ("zz", 6, 8), ("", 1, 1))
    ]
    seen = view(Hop(raw="abcdefgh", verdict=make_verdict(evidence_for=pieces)))

    assert 1 == seen.text.count("abcdefgh")


def test_view_of_a_verdict() -> None:
    """A verdict tells its words, its evidence and its findings."""
    entry = headertls.analyze(ROOT / "examples" / "plaintext-entry.eml").entry
    assert entry is not None
    assert entry.verdict is not None
    seen = view(entry.verdict)
    graded = view(make_verdict(transport=Transport.ENCRYPTED, grade="good", confidence="medium"))

    for piece in ("PLAINTEXT", "scope internet", entry.verdict.rule, entry.verdict.reason, "HIGH"):
        assert piece in seen.text
    assert "encrypted?" in graded.text
    assert "htls-good" in graded.classes


def test_show_takes_what_people_have() -> None:
    """One trace, a list, a generator, or a mapping of names; the text form is short."""
    trace = Trace(headline=Headline.INTERNAL_ONLY)

    assert "message 1: internal_only" == repr(headertls.show(trace))
    assert "message 1: internal_only\nmessage 2: no_trace" == repr(
        headertls.show(t for t in (trace, Trace()))
    )
    assert r"\x1b.eml: internal_only" == repr(headertls.show({"\x1b.eml": trace}))


def test_page_of_one_message() -> None:
    """A report on one message has the drawing, the explanation, and no summary."""
    trace = headertls.analyze(ROOT / "examples" / "plaintext-entry.eml")
    written = headertls.report.html(trace, title="Ticket <1>")
    seen = outline(written)

    assert "<title>Ticket &lt;1&gt;</title>" in written
    assert labels.EXPLANATION in seen.text
    assert trace.explain().split("\n")[0] in seen.text
    assert "table" not in {tag for tag, _ in seen.tags}


def test_page_of_several_messages() -> None:
    """A report on several counts headlines and findings, and names each message."""
    traces = {path.name: headertls.analyze(path) for path in EXAMPLES}
    seen = outline(headertls.report.html(traces))
    rows = [tag for tag, _ in seen.tags].count("tr")
    kinds = {(f.severity, f.code) for trace in traces.values() for f in trace.findings}

    assert len({trace.headline for trace in traces.values()}) + len(kinds) == rows
    assert [] == [name for name in traces if name not in seen.text]
    assert f"{len(EXAMPLES)} messages." in seen.text
    assert sum(map(len, traces.values())) == seen.classes.count("htls-hop")


def test_page_of_few_messages_is_open() -> None:
    """Few messages are shown open, many are folded away."""

    def count_open(number: int) -> int:
        written = headertls.report.html([Trace()] * number)
        return sum("open" in attrs for _, attrs in outline(written).tags)

    assert (3, 0) == (count_open(3), count_open(4))


def test_page_of_none() -> None:
    """A report on nothing says so."""
    seen = outline(headertls.report.html([]))

    assert "0 messages." in seen.text
    assert labels.NO_FINDINGS in seen.text


def test_policy_fits_the_style() -> None:
    """Nothing may be loaded or run, and the one style that may apply is the page's own."""
    written = headertls.report.html([])

    assert "default-src &#x27;none&#x27;; style-src &#x27;sha256-" in written
    assert "unsafe" not in written
    assert 1 == written.count("<style>")


def test_large_report_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that would grow too large draws the gravest messages, and counts the others."""
    grave = headertls.analyze(ROOT / "examples" / "plaintext-entry.eml")
    traces = {f"plain {n}": Trace() for n in range(30)} | {"grave": grave}
    monkeypatch.setattr(page, "MAX_DRAWINGS", 13_000)
    seen = outline(headertls.report.html(traces))

    assert "31 messages." in seen.text
    assert [] == [name for name in traces if name not in seen.text]
    assert len(grave) == seen.classes.count("htls-hop")
    assert re.search(r"\d+ messages, the least grave, are not drawn", seen.text)
    assert labels.EXPLANATION not in seen.text


def test_report_on_a_thousand_messages_can_be_sent() -> None:
    """A thousand messages make a file of less than 5 MB, in which none is missing."""
    several = [headertls.analyze(path) for path in EXAMPLES]
    long = headertls.analyze(
        b"".join(
            b"Received: from a.example by b.example (%s) with SMTP\n" % (b"x" * 2000,)
            for _ in range(9)
        )
        + b"\n"
    )
    written = headertls.report.html([*[long] * 40, *several * 60][:1000])

    assert len(written.encode()) < 5_000_000
    assert 1000 == written.count("<bdi class=htls-name>")


def test_report_on_a_thousand_different_messages_draws_them_all() -> None:
    """Messages such as those of `examples` leave room: each is drawn, and none only named."""
    blocks = [path.read_bytes() for path in EXAMPLES]
    traces = {
        f"{number}.eml": headertls.analyze(
            blocks[number % len(blocks)].replace(b".example", b"-%d.example" % number)
        )
        for number in range(1000)
    }
    written = headertls.report.html(traces)

    assert len(written.encode()) < 4_400_000
    assert 1000 == written.count("<details class=htls-message>")
    assert "are not drawn" not in written


def test_severities_are_loud_from_low_on() -> None:
    """Red is for what a person should act on: plaintext for information only is not."""

    def classes(severity: Severity) -> list[str]:
        finding = Finding(code=FindingCode.PLAINTEXT_PRIVATE, severity=severity, message="x")
        return view(Hop(raw="x", tls=Tls(), verdict=make_verdict(findings=(finding,)))).classes

    assert "htls-loud" not in classes(Severity.INFO)
    assert "htls-loud" in classes(Severity.LOW)
