"""Results of SPF, DKIM, DMARC and ARC."""

import subprocess
import sys
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headertls import Authentication, AuthenticationResult
from headertls.parser.fields.authentication import MAX_RESULTS, parse_authentication
from headertls.parser.fields.resinfo import MAX_RESULTS_TEXT
from timing import assert_takes_at_most

GOOGLE = """mx.google.com;
       dkim=pass header.i=@a.example header.s=s1 header.b="QT1h/6y+";
       arc=pass (i=1 spf=pass spfdomain=a.example dkim=pass);
       spf=pass (google.com: domain of bounce@a.example designates 81.2.69.142 as permitted
 sender) smtp.mailfrom="bounce 1@a.example";
       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=a.example"""
MICROSOFT = """spf=pass (sender IP is 81.2.69.142)
 smtp.mailfrom=a.example; dkim=none (message not signed)
 header.d=none;dmarc=bestguesspass action=none
 header.from=a.example;compauth=pass reason=109"""
YAHOO = """atlas-production.omega.yahoo.example;
 dkim=unknown;
 spf=none smtp.mailfrom=a.example;
 dmarc=unknown header.from=a.example;
"""
ODD = """mx.example 1; spf=none smtp.mailfrom=<>; arc=pass smtp.remote-ip=2001:4860::1 header.d=x;
 x-tls=pass smtp.bits="256/256" smtp.version=TLSv1.3; dkim/1 = fail reason="bad (key)" header.s=é"""


def shorten(found: Authentication | None) -> list[tuple[object, ...]]:
    assert found is not None
    return [
        (item.method, item.result, item.reason, {p.name: p.value for p in item.properties})
        for item in found.results
    ]


def test_google():
    """A value by the rules, with a string in quotes before another property."""
    found = parse_authentication(GOOGLE)

    assert found is not None
    assert ("mx.google.com", True) == (found.authserv_id, found.complete)
    assert [
        ("dkim", "pass", None,
         {"header.i": "@a.example", "header.s": "s1", "header.b": "QT1h/6y+"}),
        ("arc", "pass", None, {}),
        ("spf", "pass", None, {"smtp.mailfrom": "bounce 1@a.example"}),
        ("dmarc", "pass", None, {"header.from": "a.example"}),
    ] == shorten(found)  # fmt: skip
    assert "a.example" == found.results[-1].find_property("header.from")
    assert [found.results[1]] == list(found.find_results("arc"))


def test_microsoft():
    """No authserv-id, a comment without blank behind it, and properties of no type."""
    found = parse_authentication(MICROSOFT)

    assert found is not None
    assert (None, True) == (found.authserv_id, found.complete)
    assert [
        ("spf", "pass", None, {"smtp.mailfrom": "a.example"}),
        ("dkim", "none", None, {"header.d": "none"}),
        ("dmarc", "bestguesspass", None, {"header.from": "a.example"}),
        ("compauth", "pass", "109", {}),
    ] == shorten(found)


def test_yahoo():
    """A semicolon at the end is no result."""
    found = parse_authentication(YAHOO)

    assert found is not None
    assert found.complete
    assert ["dkim", "spf", "dmarc"] == [item.method for item in found.results]


def test_odd_properties():
    """Values that should stand in quotes are read; what is beyond that costs itself only."""
    found = parse_authentication(ODD)

    assert found is not None
    assert [
        ("spf", "none", None, {"smtp.mailfrom": "<>"}),
        ("arc", "pass", None, {"smtp.remote-ip": "2001:4860::1", "header.d": "x"}),
        ("x-tls", "pass", None, {"smtp.bits": "256/256", "smtp.version": "TLSv1.3"}),
    ] == shorten(found)
    assert not found.complete


def test_none_with_more():
    """`none` that goes on is neither no result nor one."""
    expected = Authentication(authserv_id="mx.example", complete=False)

    assert expected == parse_authentication("mx.example; none header.d=x")


def test_unreadable_property():
    """The result is kept where one of its properties cannot be read."""
    expected = [("dkim", "fail", None, {"header.d": "x"})]

    assert expected == shorten(parse_authentication("mx.example; dkim=fail header.s=é header.d=x"))
    assert [("dkim", "fail", None, {})] == shorten(parse_authentication("dkim=fail header.s=é"))


@pytest.mark.parametrize("value", ["mx.example; none", "mx.example 1;", "mx.example; (x) None;"])
def test_no_results(value):
    """A server may say that it found nothing."""
    assert Authentication(authserv_id="mx.example") == parse_authentication(value)


@pytest.mark.parametrize(
    "value", ["", "good", "none", "spf", "(", "é=é", "nonexist=pass", "=", "a="]
)
def test_nothing(value):
    """What holds neither a server nor a result is nothing."""
    assert None is parse_authentication(value)


@pytest.mark.parametrize(
    ("value", "methods"),
    [
        # a result that hides in a string or comment is none
        ('mx.example; spf=fail smtp.helo="a;dkim=pass"', ["spf"]),
        ('mx.example; spf=fail reason="é; dkim=pass"', ["spf"]),
        ('mx.example; spf=fail smtp.helo="a;dkim=pass" smtp.mailfrom=b', ["spf"]),
        ("mx.example; spf=fail (a; dkim=pass)", ["spf"]),
        ("mx.example; spf=fail; dkim=pass (", ["spf"]),
        ('mx.example; spf=fail smtp.helo=a"; dkim=pass', []),
    ],
)
def test_forged_results(value, methods):
    """Text of strangers makes no results."""
    found = parse_authentication(value)

    assert found is not None
    assert methods == [item.method for item in found.results]


def test_results_are_bounded():
    """So many results are read, and so many characters; the rest is said to be missing."""
    many = parse_authentication("mx.example" + ";a=b" * (MAX_RESULTS + 1))
    long = parse_authentication("mx.example; a=b; c=" + "d" * MAX_RESULTS_TEXT)

    assert many is not None
    assert long is not None
    assert (MAX_RESULTS, 1) == (len(many.results), len(long.results))
    assert not many.complete
    assert not long.complete


@pytest.mark.parametrize(
    "unit",
    [
        "(", '"', "\\", ";", " ", "é", ";a=b", "a=b ", ";a=b c.d=e", ';a=b c.d="x" e.f=g ',
        '"é((((" ', ';a=b h.x="é' + "(" * 2000 + '"', ";a=b h.d=: h.e=: h.f=: ", "h.d=: ",
        ';a=b h.d="\\', "a.", ";a=b smtp.x=<> ", " smtp.x=<> smtp.x=",
    ],
)  # fmt: skip
def test_time_is_bounded(unit):
    """No value takes long, though `authres` is slow and slower still with length."""
    for length in (MAX_RESULTS_TEXT - 30, 100_000):
        value = "mx.example; spf=pass " + unit * max(1, length // len(unit))
        # A fifth of this was measured.
        assert_takes_at_most(1, partial(parse_authentication, value))


PIECES = [
    "mx.example;", "spf=pass", "dkim", "=", "/1", ";", " ", "\n ", "(", ")", '"', "\\", "reason=",
    "smtp.mailfrom=", "header.d=a", "<>", ":", "@", "none", "é", "\0", ".",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=30).map("".join))
def test_never_raises(value):
    """No value raises, and what comes out can be written and read."""
    found = parse_authentication(value)

    if found is not None:
        assert found == Authentication.model_validate_json(found.model_dump_json())
        assert all(isinstance(item, AuthenticationResult) for item in found.results)


def test_library_is_loaded_on_demand():
    """Who asks for no results does not pay for them."""
    code = "import sys, headertls.parser.fields.authentication; assert 'authres' not in sys.modules"

    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603  # our own text
