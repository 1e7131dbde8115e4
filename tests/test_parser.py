"""The parser's bounds, memories and corners that no line of a server shows."""

import pytest

from headertls import DefectKind, Hop, parse_received
from headertls.parser import comments, lexer
from headertls.parser.dates import parse_date
from headertls.parser.grammar import CLAUSES, NAMELESS_ORIGIN, ORIGIN
from headertls.parser.tail import part_tail
from headertls.parser.tls import MAX_TLS_TEXT, find_tls_words

LINE = (
    "from mail.orchard.example (mail.orchard.example [81.2.69.80]) by mx.site.example (Postfix)"
    " with ESMTPS id 77cg; Tue, 14 May 2019 10:28:35 +0000"
)


def defects_of(hop: Hop) -> set[DefectKind]:
    return {defect.kind for defect in hop.defects}


def test_field_is_cut_at_its_bound() -> None:
    """A field longer than the bound is read up to it and says so; the raw text stays whole."""
    value = LINE.replace("77cg", "7" * lexer.MAX_FIELD)

    hop = parse_received(value)

    assert DefectKind.FIELD_TOO_LONG in defects_of(hop)
    assert not hop.complete
    assert value == hop.raw


def test_longest_field_is_whole() -> None:
    """A field of just the bound is complete."""
    value = LINE.replace("77cg", "7" * (lexer.MAX_FIELD - len(LINE) + 4))

    assert len(value) == lexer.MAX_FIELD
    assert parse_received(value).complete


def test_tokens_are_bounded() -> None:
    """Reading stops at the bound of tokens and says so."""
    hop = parse_received(LINE.replace("; ", " x" * lexer.MAX_TOKENS + "; "))

    assert DefectKind.TOO_MANY_TOKENS in defects_of(hop)
    assert not hop.complete
    assert hop.timestamp is None


@pytest.mark.parametrize(
    ("depth", "complete"),
    [(comments.MAX_COMMENT_DEPTH, True), (comments.MAX_COMMENT_DEPTH + 1, False)],
)
def test_comment_depth_is_bounded(*, depth: int, complete: bool) -> None:
    """A comment may nest to the bound; deeper ones stay unread and say so."""
    nested = "(" * depth + "x" + ")" * depth
    hop = parse_received(LINE.replace(" with", f" {nested} with"))

    assert complete == hop.complete
    assert complete == (DefectKind.COMMENT_TOO_DEEP not in defects_of(hop))
    assert hop.protocol == "ESMTPS"


def test_tls_text_is_bounded() -> None:
    """A comment that may speak of TLS but is too long is not read, and the hop is incomplete."""
    comment = f"(TLSv1.3:{'A' * MAX_TLS_TEXT}:256)"
    hop = parse_received(LINE.replace("ESMTPS", f"ESMTP {comment}"))

    assert {DefectKind.TLS_TEXT_TOO_LONG} == defects_of(hop)
    assert not hop.complete
    assert hop.tls is None


@pytest.mark.parametrize("text", ["nothing of the kind", 'subject="/O=TLS Makers"', "T" * 2000])
def test_text_without_a_phrase_is_none(text: str) -> None:
    """What no phrase reads from end to end says nothing."""
    assert find_tls_words(text) is None


def test_memories_start_anew_when_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full memory is emptied, and the answers stay the same."""
    expected = parse_received(LINE)
    monkeypatch.setattr(lexer, "MAX_MEMO", 3)
    monkeypatch.setattr(comments, "MAX_MEMO", 1)
    monkeypatch.setattr(lexer, "_MEMO", {})
    monkeypatch.setattr(comments, "_MEMO", {})

    assert expected == parse_received(LINE)
    assert len(lexer._MEMO) <= 3  # noqa: SLF001  # the bound is what is tested
    assert len(comments._MEMO) <= 1  # noqa: SLF001


@pytest.mark.parametrize("value", [None, 7, b"from a by b"])
def test_other_types_are_type_errors(value: object) -> None:
    """Only text can be a field."""
    with pytest.raises(TypeError, match=f"a str is needed, not {type(value).__name__}"):
        parse_received(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "raw"),
    [
        ("from r\udcf6pt by x", "from r\\xf6pt by x"),
        ("from r\ud800pt by x", "from r\\ud800pt by x"),
    ],
)
def test_surrogates_become_escapes(value: str, raw: str) -> None:
    """Octets that the email package smuggled through do not break JSON."""
    hop = parse_received(value)

    assert raw == hop.raw
    assert DefectKind.UNDECODABLE in defects_of(hop)
    assert Hop.model_validate_json(hop.model_dump_json()) == hop


def test_utf8_is_kept() -> None:
    """Internationalised addresses stay as they are (RFC 6531)."""
    hop = parse_received("from grün.example by mx with UTF8SMTPS for <röpt@lab.example>; x")

    assert hop.client is not None
    assert hop.client.helo == "grün.example"
    assert hop.recipients == ("röpt@lab.example",)


def test_doubled_defect_is_told_once() -> None:
    """Two bad addresses of one line are one defect."""
    hop = parse_received(
        "from x ([300.1.1.1]) by y ([300.1.1.2]) with SMTP; 1 Jan 2020 00:00:00 GMT"
    )

    assert [defect.kind for defect in hop.defects] == [DefectKind.BAD_ADDRESS]


def test_origin_that_is_all_note() -> None:
    """A false `by` with nothing before the peer's note leaves no HELO argument to cut out."""
    hop = parse_received("from ([81.2.69.80]) by a by mx.site.example with SMTP; x")

    assert hop.client is not None
    assert hop.client.helo is None
    assert str(hop.client.address) == "81.2.69.80"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tue, 29 Aug 2023 10:11:12 +0200", "2023-08-29T10:11:12+02:00"),
        ("29 Aug 1950 10:11:12 +0200", DefectKind.BAD_DATE),
        ("29 Aug 2023 10:11:12 +9959", DefectKind.NO_ZONE),
        ("32 Aug 2023 10:11:12 +0200", DefectKind.BAD_DATE),
        ("29 Xyz 2023 10:11:12 +0200", DefectKind.BAD_DATE),
        ("2023-13-29 10:11:12 +0200", DefectKind.BAD_DATE),
        ("29 Aug 2023 10:11", DefectKind.NO_ZONE),
        ("10:11:12 +0200", DefectKind.BAD_DATE),
        ("August 29th, 2023 10:11:12 UTC", "2023-08-29T10:11:12+00:00"),
        ("August 29th, 2023 10:11:12", DefectKind.NO_ZONE),
        ("August 29th, 2023 10:11:12 " + "x" * 80, DefectKind.BAD_DATE),
        ("no date", DefectKind.BAD_DATE),
        ("30 Jun 2015 23:59:60 +0000", "2015-06-30T23:59:59+00:00"),
        ("29 Aug 123 10:11:12 GMT", "2023-08-29T10:11:12+00:00"),
    ],
)
def test_date(text: str, expected: str | DefectKind) -> None:
    """A date is an instant or says why not."""
    read = parse_date(text)

    assert expected == (read.timestamp.isoformat() if read.timestamp else read.defect)


def test_zone_comes_from_the_comment() -> None:
    """A date without zone takes the one that the comment behind it names."""
    hop = parse_received("by mx.site.example id 1; Tue, 29 Aug 2023 10:11:12 (CEST)")

    assert hop.timestamp is not None
    assert hop.timestamp.isoformat() == "2023-08-29T10:11:12+02:00"


@pytest.mark.parametrize(
    "value",
    [
        "a <b",
        "x) y",
        "[",
        "from",
        "from x (a (b) by",
        "(" * 300 + " x)" * 300,
        "(a) " * 300 + "(",
        'from x by y (z for "a(b"@c.example',
        "from a b) (81.2.69.80) by x (qpsmtpd/0.94) with SMTP",
        "from a b) (HELO c)(d) (81.2.69.80) by x (qpsmtpd/0.94) with SMTP",
        "from x (a [81.2.69.80]) y (a [81.2.69.80]) ([81.2.69.81]) by z with SMTP",
    ],
)
def test_scraps_are_read(value: str) -> None:
    """What is no line at all still gives a hop that keeps the text."""
    assert parse_received(value).raw == value


def test_same_word_twice_is_found_in_its_place() -> None:
    """Evidence points at the right one of two equal texts."""
    value = "from ESMTPS (ESMTPS [81.2.69.80]) by ESMTPS with ESMTPS id 1; x"
    tls = parse_received(value).tls

    assert tls is not None
    expected = [value.index("with ESMTPS") + 5]
    assert expected == [piece.start for piece in tls.evidence]


def test_rows_have_names_of_their_own() -> None:
    """No form of an origin shadows another."""
    assert not set(ORIGIN) & set(NAMELESS_ORIGIN)
    assert len(CLAUSES) > 10


@pytest.mark.parametrize("text", ["", "\n", "\n\nab", ";\n\n1", ";\n\n+0000", "11:00\n with x"])
def test_short_and_folded_texts_have_a_tail_or_none(text):
    """However short a field is, looking for text behind its date finds an answer."""
    parted = part_tail(text)

    assert text.startswith(parted.head)


@pytest.mark.parametrize(
    "form",
    [
        "from [1.2.3.4]:{} by b",
        "from x (a [1.2.3.4]:{}) by b",
        "from x ([IPv6:2001:db8::1]:{}) by b",
        "from unknown (HELO a) ([1.2.3.4]:{}) by b",
        "from [1.2.3.4] (port={} helo=a) by b",
    ],
)
def test_ports_of_any_length(form):
    """Python refuses to read numbers of thousands of digits; no field may raise for that."""
    for digits in ("9" * 5000, "\u0663" * 5000, "65536"):
        hop = parse_received(form.format(digits))
        assert hop.client is None or hop.client.port is None
    assert parse_received(form.format("2525")).client.port == 2525
