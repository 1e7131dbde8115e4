"""What holds for every text: hostile, damaged, or written by a real server in another layout."""

import re
import tomllib
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from headertls import analyze, parse_received
from headertls.classifier import classify
from headertls.models import DefectKind, Evidence, Hop, Trace, Transport
from headertls.parser import lexer
from headertls.parser.comments import MAX_COMMENT_DEPTH
from headertls.parser.frames import find_framed
from headertls.parser.lexer import MAX_FIELD, MAX_TOKENS
from headertls.parser.tls import MAX_TLS_TEXT
from timing import take_time

# A first parse of a new shape takes long; what a parse costs is tested by ratios below.
settings.register_profile("headertls", deadline=None)
settings.load_profile("headertls")

CASES: Final[list[dict[str, Any]]] = [
    case
    for path in sorted((Path(__file__).parent / "received").glob("*.toml"))
    for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
]
LINES: Final = [case["text"] for case in CASES]

# fmt: off
WORDS: Final = (
    "from", "by", "with", "id", "for", "via", "tls", "group", "envelope-from", "From", "BY",
    "WITH", "(", ")", "((", "))", ";", "<", ">", "[", "]", '"', '"x', "\\", ":", "=", ",", "/",
    "@", "-", " ", "  ", "\t", "\r\n\t", "\n ", "\r", "\x00", "\x0b", "\x85", "\xa0", "\u2028",
    "é", "\ud800", "mx.a.example", "localhost", "unknown", "81.2.69.144", "[81.2.69.144]",
    "[IPv6:2a02:c207::1]", "::ffff:10.0.0.1", "fe80::1%eth0", "999.1.1.1", "(HELO x)", "(EHLO",
    "helo=", "ident=", "port=25", "SMTP", "ESMTP", "ESMTPS", "ESMTPSA", "LMTP", "HTTP", "mapi",
    "local", "SMTPS", "essmtp", "Microsoft SMTP Server", "Microsoft SMTPSVC(6.0)",
    "over TLS secured channel", "with STARTTLS", "(Postfix)", "(Exim 4.96)", "(8.17.1/8.17.1)",
    "(amavisd-new, port 10024)", "(qmail 1 invoked", "TLS1_2", "TLSv1.3", "TLSv1/SSLv3", "SSLv3",
    "TLS", "NONE", "version=", "cipher=", "bits=256/256", "verify=NO", "version=3DTLS1_2",
    "using TLSv1.3 with cipher ", "TLS_AES_256_GCM_SHA384", "ECDHE-RSA-AES128-GCM-SHA256",
    "NULL-SHA", "EXP-RC4-MD5", " encrypted", "plain text!", "(256/256 bits)",
    "key-exchange X25519", "server-signature RSA-PSS (2048 bits)", 'Client CN "', '", Issuer "',
    "(verified OK)", "No client certificate requested", "Authenticated sender: ",
    "(authenticated bits=0)", "AUTH: LOGIN u", "auth=yes", "user=u", "<a@b.example>",
    '<"x) (y"@b.example>', "a@b.example", "Tue, 29 Aug 2023 10:11:12 +0200", "29 Aug 23 1:2:3",
    "31 Feb 2023 10:11:12 +0000", "+9999", "(CEST)", "(UTC)", "Aug 29 10:11:12 2023", "&lt;",
    "=3D", "via Frontend Transport", "0x1301",
)
# fmt: on


def splice(lines: tuple[str, str], cuts: tuple[float, float], filling: str) -> str:
    """Cut two lines anywhere and join their pieces: the damage of real life, and of attackers."""
    head, tail = lines
    return head[: int(cuts[0] * len(head))] + filling + tail[int(cuts[1] * len(tail)) :]


def pick(items: list[str]) -> st.SearchStrategy[str]:
    """One of *items*; `sampled_from` would show all of them in every report."""
    return st.integers(0, len(items) - 1).map(items.__getitem__)


line = pick(LINES)
place = st.floats(0, 1)
word_salad = st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=80).map(" ".join)
glued_salad = st.lists(st.sampled_from(WORDS), max_size=80).map("".join)
spliced = st.builds(splice, st.tuples(line, line), st.tuples(place, place), glued_salad)
# st.characters() gives lone surrogates, too, as the email package leaves them
hostile = st.one_of(st.text(st.characters()), word_salad, glued_salad, spliced, line)


@given(hostile)
@settings(max_examples=600)
@example("")
@example(" \r\n\t ")
@example(";")
@example("from\x00by")
def test_content_never_raises(text: str) -> None:
    """Whatever the text is, parsing and judging it give an answer, and the same one each time."""
    hop = parse_received(text)
    verdict = classify(hop)

    assert (hop, verdict) == (parse_received(text), classify(hop))


@given(hostile)
@settings(max_examples=300)
def test_evidence_points_at_its_text(text: str) -> None:
    """Evidence can be shown in the raw text: `raw[start:end]` is what was taken for it."""
    hop = parse_received(text)
    pieces = hop.tls.evidence if hop.tls else ()

    assert [piece.text for piece in pieces] == [hop.raw[p.start : p.end] for p in pieces]
    assert all(piece.text for piece in pieces)
    assert (hop.tls is None) == (not pieces)


@given(hostile)
@settings(max_examples=300)
def test_hop_survives_json(text: str) -> None:
    """A hop written as JSON and read again is the same hop."""
    hop = parse_received(text)

    assert hop == Hop.model_validate_json(hop.model_dump_json())


def write_header(texts: list[str]) -> bytes:
    """Write a header block of `Received` fields; texts may break out of their field."""
    fields = [f"Received: {text}\r\n" for text in texts]
    return "".join(fields).encode("utf-8", "surrogatepass")


octets = st.binary() | st.lists(hostile, max_size=6).map(write_header)


@given(octets, octets)
def test_trace_survives_json(head: bytes, tail: bytes) -> None:
    """So is a trace, whatever the header block holds."""
    trace = analyze(head + tail)

    assert trace == Trace.model_validate_json(trace.model_dump_json())


@given(octets, octets)
def test_analysis_never_raises(head: bytes, tail: bytes) -> None:
    """Any octets are a message with an answer, the same one each time."""
    trace = analyze(head + tail)

    assert trace == analyze(head + tail)
    assert trace.entry is None or trace.entry in trace.hops
    assert all(hop.verdict is not None for hop in trace)


@given(hostile)
@settings(max_examples=300)
def test_unread_text_accuses_nobody(text: str) -> None:
    """Where a bound left text unread, the hop is never called plaintext."""
    hop = parse_received(text + " (" * MAX_COMMENT_DEPTH + "(" + ")" * (MAX_COMMENT_DEPTH + 1))

    assert hop.complete or classify(hop).transport is not Transport.PLAINTEXT


# -- layout

# Only honest lines: what a defect leaves in place of a value may well depend on the layout, and so
# does a date that is damaged already, `10: 11: 12`.
_is_damaged: Final = re.compile(r"\d: \d").search
# The folds of some lines are a part of what they say.
HONEST: Final = [
    case["text"]
    for case in CASES
    if not (case["hop"].get("defects") or _is_damaged(case["text"]) or find_framed(case["text"]))
]

FOLDS: Final = (" ", "  ", "\t", "\r\n ", "\r\n\t", "\n        ", "\r\n \t ")
KEYWORDS: Final = frozenset({"from", "by", "with", "id", "for", "via"})

_find_pieces: Final = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>\s]*>|[()]|\s+|[^\s()<>"]+|.').findall


def rewrite(text: str, change: Callable[[str, int], str]) -> str:
    """Put *change* of each piece of *text*, given the depth of brackets, in its place."""
    depth = 0
    pieces = []
    for piece in _find_pieces(text):
        depth += (piece == "(") - (piece == ")")
        pieces.append(change(piece, depth))
    return "".join(pieces)


def project(hop: Hop) -> dict[str, Any]:
    """All of a hop but `raw` and places in it; evidence in one layout and case."""
    fields = hop.model_dump(exclude={"raw"})
    if hop.tls:
        fields["tls"]["evidence"] = [_project_piece(piece) for piece in hop.tls.evidence]
    fields["marks"] = [_project_piece(mark) for mark in hop.marks]
    return fields


def _project_piece(piece: Evidence) -> tuple[str, str, str]:
    return piece.kind, piece.level, " ".join(piece.text.split()).lower()


@given(pick(HONEST), st.randoms(use_true_random=False))
@settings(max_examples=400)
def test_folding_changes_nothing(text: str, chance: Random) -> None:
    """White space between the clauses may be blanks, tabs or folds, of any length."""

    def fold(piece: str, depth: int) -> str:
        return chance.choice(FOLDS) if piece.isspace() and depth == 0 else piece

    assert project(parse_received(text)) == project(parse_received(rewrite(text, fold)))


@given(pick(HONEST), st.randoms(use_true_random=False))
@settings(max_examples=400)
def test_folding_comments_changes_nothing(text: str, chance: Random) -> None:
    """Relays fold inside comments, too."""

    def fold(piece: str, depth: int) -> str:
        return chance.choice(FOLDS) if piece.isspace() and depth > 0 else piece

    assert project(parse_received(text)) == project(parse_received(rewrite(text, fold)))


@given(pick(HONEST), st.randoms(use_true_random=False))
@settings(max_examples=400)
def test_keyword_case_changes_nothing(text: str, chance: Random) -> None:
    """Clause keywords may be written in any case (RFC 5321, 4.4)."""

    def recase(piece: str, depth: int) -> str:
        if depth or piece.lower() not in KEYWORDS:
            return piece
        return "".join(chance.choice((str.upper, str.lower))(letter) for letter in piece)

    assert project(parse_received(text)) == project(parse_received(rewrite(text, recase)))


@pytest.mark.parametrize("fold", FOLDS, ids=repr)
def test_one_layout_for_all_changes_nothing(fold: str) -> None:
    """Nor does it matter to any line when all its white space is of one kind."""

    def refold(piece: str, _depth: int) -> str:
        return fold if piece.isspace() else piece

    read = [(text, parse_received(text), parse_received(rewrite(text, refold))) for text in HONEST]
    assert [] == [text for text, hop, refolded in read if project(hop) != project(refolded)]


def test_rewriting_changes_text() -> None:
    """The tests above do not compare a line with itself."""
    line = "from a (b [c]) by\td"

    assert "from_a_(b [c])_by_d" == rewrite(line, lambda p, d: "_" if p.isspace() and not d else p)
    assert "from a (b_[c]) by\td" == rewrite(line, lambda p, d: "_" if p.isspace() and d else p)
    assert line == rewrite(line, lambda piece, _: piece)
    assert len(HONEST) > len(LINES) // 2


# -- bounds


def find_bounds(hop: Hop) -> set[DefectKind]:
    """The defects of a hop that stand for a bound."""
    return {defect.kind for defect in hop.defects} & {
        DefectKind.FIELD_TOO_LONG,
        DefectKind.TOO_MANY_TOKENS,
        DefectKind.COMMENT_TOO_DEEP,
        DefectKind.TLS_TEXT_TOO_LONG,
    }


BOUNDS: Final = {
    # a bound: the longest text within it, and one that goes beyond it by one
    DefectKind.FIELD_TOO_LONG: lambda extra: "x" * (MAX_FIELD + extra),
    DefectKind.TOO_MANY_TOKENS: lambda extra: " ".join("x" * (MAX_TOKENS + extra)),
    DefectKind.COMMENT_TOO_DEEP: lambda extra: (
        "(" * (MAX_COMMENT_DEPTH + extra) + ")" * (MAX_COMMENT_DEPTH + extra)
    ),
    DefectKind.TLS_TEXT_TOO_LONG: lambda extra: (
        "by a.example (cipher=" + "x" * (MAX_TLS_TEXT + extra - len("cipher=")) + ")"
    ),
}


@pytest.mark.parametrize("kind", BOUNDS)
def test_bound_is_told(kind: DefectKind) -> None:
    """Up to the bound all is read; one more, and the hop says that it is incomplete, and why."""
    within, beyond = (parse_received(BOUNDS[kind](extra)) for extra in (0, 1))

    assert (set(), True) == (find_bounds(within), within.complete)
    assert ({kind}, False) == (find_bounds(beyond), beyond.complete)


@given(st.lists(hostile, min_size=1, max_size=4).map(" ".join), st.integers(1, 40_000))
def test_bounds_hold_for_any_text(text: str, size: int) -> None:
    """However long the text: what is beyond a bound is not read, and raw keeps it all."""
    text = (text + " ") * (size // (len(text) + 1) + 1)
    hop = parse_received(text)

    assert hop.complete == (not find_bounds(hop))
    assert hop.complete or classify(hop).transport is not Transport.PLAINTEXT
    assert len(text.rstrip()) <= MAX_FIELD or not hop.complete
    assert len(hop.raw) >= len(text)


# -- time

# fmt: off
FAMILIES: Final = (
    "(", ")", "((", "(a ", "(a) ", "()", '"', '"x', '"x@', "\\", '"\\', "<", "<a", '<"', ">", "[",
    "[1", "[1.2.3.4] ", ";", "; ", " ;", "from ", "from a ", "by ", "with ", "with TLS ", "id ",
    "for ", "for <a@b> ", "via ", "tls ", "a", "a ", "a.", "1.", "1:", ":", "::", "=", "a=",
    "a=b ", "@", "a@", " ", "\r\n ", "\t", "&lt;", "=3D", "(HELO ", "(HELO a) ", "(helo=",
    "(TLS ", "(using TLSv1.3 ", "(version=", "version=TLS1_2 ", "cipher=a ", "(Client CN ",
    '(Client CN "', '(Client CN ")" ', "over TLS secured channel ", "with STARTTLS ",
    "TLS version=a ", "mail pickup service ", "by TLS ", "Tue, 29 Aug 2023 10:11:12 +0200 ",
    "; Tue, 29 Aug 2023 10:11:12 +0200", "29 Aug ", "1 Jan 1 1:1:1 ", "Tue, ", "(UTC) ", "\x00",
    "é", "\ud800", "\udce9", "(\x85", '("(', '<"x) (y"@b>', '("x)"@',
)
# fmt: on

_fresh = count()


def time_parse(text: str) -> float:
    """Seconds for *text*, the best of three; caches must not help, so it never comes twice."""
    fresh = [f"{text} v{next(_fresh)}" for _ in range(3)]
    return min(take_time(partial(parse_received, value)) for value in fresh)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("prefix", ["", "from a (b [1.2.3.4]) by c with "])
def test_time_grows_linearly(prefix: str, family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight times the text takes nothing like 64 times the time, even where no bound would cut."""
    monkeypatch.setattr(lexer, "MAX_FIELD", 8 * MAX_FIELD)
    short, long = ((prefix + family * size)[:size] for size in (MAX_FIELD // 2, 4 * MAX_FIELD))

    assert time_parse(long) < 32 * max(time_parse(short), 0.0005)


@pytest.mark.parametrize("family", ["(", "a ", "from ", '"', "; "])
def test_time_beyond_the_bound(family: str) -> None:
    """What is cut off costs next to nothing: a hundredfold text does not take ten times as long."""
    bounded, boundless = ((family * size)[:size] for size in (MAX_FIELD, 100 * MAX_FIELD))

    assert time_parse(boundless) < 10 * max(time_parse(bounded), 0.002)
