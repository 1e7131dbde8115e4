"""Who speaks in an `Authentication-Results` field, and how its value is parted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headertls.parser.fields.resinfo import (
    MAX_AUTHSERV_ID,
    MAX_RESULTS_TEXT,
    read_authserv_id,
    split_results,
)
from timing import assert_takes_at_most

PIECES = [
    "mx.example", "1", " ", "\r\n ", "\n\t", "(", ")", "(a)", '"', "\\", ";", "=", "spf=pass",
    "x-tls=pass", "smtp.version=TLSv1.3", "none", "\0", "\r", "é", "/",
]  # fmt: skip
VALUES = st.lists(st.sampled_from(PIECES) | st.text(max_size=3)).map("".join)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # RFC 8601, appendix B
        ("example.org 1; none", "example.org"),
        ("example.com;\n          spf=pass smtp.mailfrom=example.net", "example.com"),
        (
            "foo.example.net (foobar) 1 (baz);\n dkim (Because I like it) / 1 = pass",
            "foo.example.net",
        ),
        ("mx.google.com;\r\n\tdkim=pass", "mx.google.com"),
        ("MX.Example ; none", "MX.Example"),
        ("(a (b (c)) \\) ) (d)\r\n mx.example;", "mx.example"),
        ('"mx.example";', "mx.example"),
        (r'"mx\.ex\"ample" 1;', 'mx.ex"ample'),
        ('" mx.example";', " mx.example"),
        ("a_b!c;", "a_b!c"),
    ],
)
def test_authserv_id(value, expected):
    """Tokens, quoted strings, versions and comments are read by the rules of RFC 8601, 2.2."""
    assert expected == read_authserv_id(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        ";",
        "mx.example",
        "mx.example spf=pass;",
        "mx.example, mx.other;",
        "spf=pass (sender IP is 1.2.3.4) smtp.mailfrom=a.example; dkim=none",
        "i=1; mx.example; spf=pass",
        "mx.example 2; none",
        "mx.example 11; none",
        "mx.example\N{ARABIC-INDIC DIGIT ONE};",
        "mx.example \N{ARABIC-INDIC DIGIT ONE};",
        '"mx.example"1;',
        '"mx.example;',
        '"";',
        '"mx.\r\n example";',
        '"mx.example\0";',
        '"mx.example" mx.other;',
        "mx.example(;",
        "mx.example);",
        "(((((mx.example;)))) mx.example;",
        "(mx.example;",
        "mx.example\0;",
        "mx.example\r;",
        "mx.example\n;",
        "mx.example\v;",
        "mx.example\N{NO-BREAK SPACE};",
        "mx.exam\N{SOFT HYPHEN}ple;",
        "m\N{CYRILLIC SMALL LETTER HA}.example;",
        "mx.example\N{FULLWIDTH SEMICOLON}",
        "\N{KELVIN SIGN}x.example;",
        '"\N{LATIN SMALL LETTER LONG S}.example";',
        "a@mx.example;",
        "mx.example/x;",
        "=?utf-8?q?mx.example?=;",
        "x" * MAX_AUTHSERV_ID + ";",
        " " * MAX_AUTHSERV_ID + "mx.example;",
    ],
)
def test_hostile_authserv_ids(value):
    """What is not by the rules names nobody, however like an id it looks."""
    assert None is read_authserv_id(value)


@pytest.mark.parametrize(
    ("value", "expected", "complete"),
    [
        ("a; b=c (d;e) f", [["a"], ["b=c", "(d;e)", "f"]], True),
        ('a="b\\";c"d;e', [['a="b\\";c"d'], ["e"]], True),
        ('(a"b) c; d', [['(a"b)', "c"], ["d"]], True),
        ("a=b(c)d", [["a=b", "(c)", "d"]], True),
        ("a;;", [["a"], [], []], True),
        ("a; b (c; d", [["a"]], False),
        ("a; b) c; d", [["a"]], False),
        ('a; b "c; d', [["a"]], False),
        ("a; (((((b)))))", [["a"]], False),
        ("a;" + "b" * MAX_RESULTS_TEXT, [["a"]], False),
    ],
)
def test_parts(value, expected, complete):
    """Semicolons part, but in strings and comments; behind what is broken nothing is believed."""
    found = split_results(value)

    assert expected == [[word.text for word in part] for part in found.parts]
    assert complete == found.complete


@given(VALUES)
def test_words_stand_where_they_say(value):
    """No value raises, and each word is found at its place."""
    for part in split_results(value).parts:
        for word in part:
            assert word.text == value[word.start : word.end]
            assert word.is_comment == word.text.startswith("(")
    authserv_id = read_authserv_id(value)

    assert authserv_id is None or (authserv_id != "" and authserv_id.isascii())


@pytest.mark.parametrize(
    "unit", ["(", ")", "()", "(()", '"', "\\", '"\\', ";", " ", "a", "a ", '"a"']
)
@pytest.mark.parametrize("start", ["", "mx.example;", "(", '"', "((("])
def test_time_is_bounded(start, unit):
    """A long value takes no longer than one at the bound."""
    value = start + unit * (100_000 // len(unit))

    # A hundredth of this was measured.
    assert_takes_at_most(0.5, lambda: (read_authserv_id(value), split_results(value)))
