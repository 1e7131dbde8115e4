"""The result of an analysis as an `Authentication-Results` field: the words, and the syntax."""

import re
from ipaddress import ip_address

import authres
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headertls import (
    AuthenticationResult,
    Boundary,
    Confidence,
    Grade,
    Headline,
    LiveConnection,
    ResultField,
    ResultWord,
    Severity,
    Site,
    TraceResult,
    analyze,
    find_result_fields,
    make_result_field,
    parse_result_field,
)
from headertls.authresults import check_authserv_id, make_error_field
from headertls.authresults.fields import GAP, INSIDE, NO_OWN_LINE, SILENT
from headertls.report.text import explain
from judging import DATE
from timing import assert_takes_at_most

ID = "mx.site.example"
SITE = Site(hosts=("site.example",))
TLS = (
    "from out.shop.example (out.shop.example [81.2.69.144]) by mx.site.example (Postfix)"
    " with ESMTPS (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"
    " key-exchange X25519) id 4"
)
PLAIN = (
    "from out.shop.example (out.shop.example [81.2.69.144]) by mx.site.example (Postfix)"
    " with ESMTP id 4"
)
QMAIL = "from unknown (HELO out.shop.example) (81.2.69.144) by mx.site.example with SMTP"
LAN = (
    "from mx.site.example (mx.site.example [10.0.0.1]) by store.site.example (Postfix) with {} id 5"
)
LOCAL = "by mx.site.example (Postfix, from userid 0) id 6"
AMAVIS = "from localhost (localhost [127.0.0.1]) by mx.site.example (Postfix) with ESMTP id 7"
ORGANIZATION = (
    "from mx.site.example (mx.site.example [81.2.69.150]) by store.site.example (Postfix)"
    " with ESMTP id 8"
)
CLAIM = (
    "from a.bank.example (a.bank.example [89.160.20.112]) by out.shop.example (Postfix)"
    " with ESMTP id 9"
)


def read_result(*lines, site=SITE, live=None):
    """Judge a message with these `Received` lines, newest first, and make its result."""
    fields = "".join(f"Received: {line}{DATE}\n" for line in lines) or "Subject: none\n"
    return make_result_field(analyze(fields.encode(), site, live=live), ID).result


def word_of(*lines, **settings):
    result = read_result(*lines, **settings)
    return result.word.value, result.reason, result.boundary, result.confidence


def test_encrypted_entry_passes():
    """A session over TLS by which a message came in is a `pass`, with all that is known of it."""
    expected = TraceResult(
        word=ResultWord.PASS,
        headline=Headline.ENTERED_ENCRYPTED,
        boundary=Boundary.DECLARED,
        confidence=Confidence.HIGH,
        version="TLSv1.3",
        cipher="TLS_AES_256_GCM_SHA384",
        group="x25519",
        grade=Grade.MODERN,
        profile="default-2026",
        hops=1,
        plaintext=0,
        remote_ip=ip_address("81.2.69.144"),
        helo="out.shop.example",
    )

    assert expected == read_result(TLS)


def test_plaintext_entry_fails():
    """Plaintext over the internet, told by a declared server, is a `fail`, without any suite."""
    result = read_result(PLAIN, CLAIM)

    assert (ResultWord.FAIL, Confidence.HIGH) == (result.word, result.confidence)
    assert (Headline.ENTERED_PLAINTEXT, Grade.PLAINTEXT) == (result.headline, result.grade)
    assert (Severity.HIGH, 1, 1) == (result.severity, result.hops, result.plaintext)
    assert (None, None, None) == (result.version, result.cipher, result.group)
    assert [True, True, False, False] == [
        result.reaches(level) for level in (Severity.LOW, Severity.HIGH, Severity.CRITICAL, None)
    ]


def test_claims_say_nothing():
    """What came with the message changes nothing: not a word, not the gravest finding."""
    assert read_result(TLS) == read_result(TLS, CLAIM)
    assert not read_result(TLS, CLAIM).reaches(Severity.INFO)


@pytest.mark.parametrize(
    ("lines", "settings", "expected"),
    [
        ((), {}, ("none", None, None, None)),
        ((LOCAL,), {}, ("none", None, Boundary.DECLARED, None)),
        ((AMAVIS, TLS), {}, ("pass", None, Boundary.DECLARED, Confidence.HIGH)),
        ((LAN.format("ESMTPS"), TLS), {}, ("pass", None, Boundary.DECLARED, Confidence.HIGH)),
        ((LAN.format("ESMTP"), TLS), {}, ("neutral", INSIDE, Boundary.DECLARED, None)),
        ((LAN.format("ESMTP"), QMAIL), {}, ("neutral", SILENT, Boundary.DECLARED, None)),
        ((LAN.format("ESMTP"), PLAIN), {}, ("fail", None, Boundary.DECLARED, Confidence.HIGH)),
        ((ORGANIZATION, TLS), {}, ("softfail", None, Boundary.DECLARED, Confidence.HIGH)),
        ((QMAIL,), {}, ("neutral", SILENT, Boundary.DECLARED, None)),
        ((TLS,), {"site": None}, ("pass", None, Boundary.INFERRED, Confidence.MEDIUM)),
        ((PLAIN,), {"site": None}, ("softfail", None, Boundary.INFERRED, Confidence.MEDIUM)),
        ((LAN.format("ESMTPS"), CLAIM), {}, ("neutral", GAP, Boundary.MISSING, None)),
        ((CLAIM,), {}, ("permerror", NO_OWN_LINE, Boundary.MISSING, None)),
        (("by mx.site.example (Postfix) id 6",), {}, ("neutral", SILENT, Boundary.DECLARED, None)),
    ],
)
def test_words(lines, settings, expected):
    """Each state of a trace has its word, which is never firmer than what it rests on."""
    assert expected == word_of(*lines, **settings)


def test_live_session_needs_no_site():
    """What a running server knows of its session is certain without any declaration."""
    plain = LiveConnection(address="81.2.69.144", helo="out.shop.example")
    sealed = plain.model_copy(update={"tls_version": "TLSv1.2", "cipher": "no such suite"})

    assert ("fail", None, Boundary.LIVE, Confidence.HIGH) == word_of(site=None, live=plain)
    assert ("pass", None, Boundary.LIVE, Confidence.HIGH) == word_of(site=None, live=sealed)
    assert "no?such?suite" == read_result(site=None, live=sealed).cipher


def test_zone_of_an_address_is_left_out():
    """The zone of an address means something on one machine alone."""
    live = LiveConnection(address="2a02:cf40::1%eth0", tls_version="TLSv1.3")

    assert "2a02:cf40::1" == str(read_result(live=live).remote_ip)


def test_field_is_folded():
    """The field has lines of at most 78 columns, and its value reads the same on one line."""
    field = ResultField(authserv_id=ID, result=read_result(TLS))

    assert str(field) == field.text == f"Authentication-Results: {field.folded_value}"
    assert "\n    " in field.folded_value
    assert max(map(len, field.text.split("\n"))) <= 78
    assert "\n" not in field.value
    assert field.value == re.sub(r"\n +", " ", field.folded_value)


HOSTILE = [
    'x"; spf=pass',
    "a\r\nBcc: you@a.example",
    "a\rb",
    "(a; x-tls-trace=pass",
    "mx.site.example; x-tls-trace=pass",
    "a\\",
    "é\u2028\x00\x85",
    "\udce9",
    "a" * 5000,
    "policy.tls=TLSv1.3",
    "=?utf-8?q?a?=",
    "[IPv6:2001:db8::1]",
    "",
]
texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=40),
    st.lists(st.sampled_from([*'";()\\=\r\n\t ,', "x-tls-trace=pass", "a"])).map("".join),
)
connections = st.builds(
    LiveConnection,
    address=st.one_of(st.none(), st.ip_addresses()),
    helo=st.one_of(st.none(), texts),
    server=st.one_of(st.none(), texts),
    tls=st.one_of(st.none(), st.booleans()),
    tls_version=st.one_of(st.none(), texts, st.sampled_from(["TLSv1.3", "TLS1_2", "none"])),
    cipher=st.one_of(st.none(), texts, st.just("TLS_AES_256_GCM_SHA384")),
    group=st.one_of(st.none(), texts, st.just("X25519")),
)


def check_syntax(field):
    """Hold a field to what readers rely on, however naive they are."""
    value = field.value
    assert re.fullmatch(r"[ -~]+", value)
    assert 1 == value.count(";")
    assert not re.search(r"[()\\]", value)
    assert re.fullmatch(r'[^"\n]*(?:"[^"=;]*"[^"\n]*)*', value)
    assert all(len(line) <= 998 for line in field.text.split("\n"))
    assert all(line.startswith("    ") and line.strip() for line in field.text.split("\n")[1:])
    [result] = authres.AuthenticationResultsHeader.parse_value(value).results
    assert ("x-tls-trace", field.result.word.value) == (result.method, result.result)
    assert all(item.type in {"policy", "smtp"} for item in result.properties)


@given(connections)
def test_live_facts_come_back(live):
    """Whatever a client calls itself, the field keeps to the grammar and reads back the same."""
    field = make_result_field(analyze(b"", live=live), ID)

    check_syntax(field)
    assert field == parse_result_field(field.value) == parse_result_field(field.folded_value)


def test_quoted_values_come_back():
    """With as many properties as there are, and quotes around two, none is lost."""
    live = LiveConnection(
        address="192.0.2.1", helo="x?", tls_version="TLSv1", cipher="TLS_AES_256_GCM_SHA384",
        group="y?",
    )  # fmt: skip
    field = make_result_field(analyze(b"", live=live), ID)

    assert 2 == field.value.count('="')
    assert 13 == len(re.findall(r" (?:policy|smtp)\.", field.value))
    assert field == parse_result_field(field.value)


@given(texts, texts, st.sampled_from([None, SITE]))
def test_lines_come_back(helo, words, site):
    """The same of what stands in a trace line, which a sender wrote or had copied."""
    line = f"Received: from {helo} ({words} [81.2.69.144]) by {ID} (Postfix) with ESMTPS\n"
    field = make_result_field(analyze(line.encode(errors="replace"), site), ID)

    check_syntax(field)
    assert field == parse_result_field(field.value)


def test_helo_cannot_speak():
    """A HELO that holds a result of its own becomes a text that nobody takes for one."""
    live = LiveConnection(address="81.2.69.144", helo='x"; x-tls-trace=pass\r\nFrom: me', tls=False)
    field = make_result_field(analyze(b"", live=live), ID)

    assert 'smtp.helo="x???x-tls-trace?pass??From:?me"' in field.value
    assert 1 == field.value.count("x-tls-trace=")


@pytest.mark.parametrize("name", ["", "a b", "a;b", "bücher.example", "a\n", '"a"', "a" * 256])
def test_authserv_id_is_a_token(name):
    """A name that would need quotes, or is no ASCII, is refused when it is given."""
    with pytest.raises(ValueError, match="is no authserv-id"):
        check_authserv_id(name)
    with pytest.raises(ValueError, match="is no authserv-id"):
        make_result_field(analyze(b""), name)
    with pytest.raises(ValueError, match="is no authserv-id"):
        make_error_field(name, "no")


def test_errors_are_results():
    """A message that could not be judged has a result, too, which reads back."""
    field = make_error_field(ID, "judging failed", ResultWord.PERMERROR)

    assert 'mx.site.example; x-tls-trace=permerror reason="judging failed"' == field.value
    assert field == parse_result_field(field.value)


@pytest.mark.parametrize(
    "value",
    [
        "x-tls-trace=pass",
        "x-tls-trace=pass; spf=pass",
        "mx.site.example; spf=pass",
        "mx.site.example; spf=pass reason=x-tls-trace",
        "mx.site.example; x-tls-trace=perhaps",
        "mx.site.example; x-tls-trace=pass; x-tls-trace=fail",
        "mx.site.example; (x-tls-trace=pass)",
        "mx.site.example 2; x-tls-trace=pass",
        'mx.site.example; spf="; x-tls-trace=pass',
        "",
    ],
)
def test_what_is_no_result(value):
    """A value that is not clearly one result by a named server is none."""
    assert parse_result_field(value) is None


def test_strange_properties_are_passed_over():
    """What another version wrote, or somebody by hand, does not stand in the way of the rest."""
    field = parse_result_field(
        "mx.site.example 1; dkim=pass header.d=a.example; X-TLS-Trace=Pass (odd) reason=why"
        " policy.grade=superb policy.hops=many policy.hops=3 smtp.remote-ip=a.example"
        ' policy.tls=TLSv1.3 policy.tls=SSLv3 policy.new=1 smtp.helo="a b"'
    )

    assert field is not None
    assert (
        TraceResult(word=ResultWord.PASS, reason="why", version="TLSv1.3", hops=3, helo="a b")
        == field.result
    )


def test_own_fields_are_found():
    """Of all results in a message, those of the own name are given, topmost first."""
    found = find_result_fields(
        b"Authentication-Results: MX.Site.Example;\r\n x-tls-trace=fail\r\n"
        b"Authentication-Results: mx.site.example; spf=pass\r\n"
        b"Authentication-Results: mx.other.example; x-tls-trace=pass\r\n"
        b'authentication-results : "mx.site.example" 1; x-tls-trace=none\r\n\r\n'
        b"Authentication-Results: mx.site.example; x-tls-trace=pass\r\n",
        "mx.site.example.",
    )

    assert ["fail", "none"] == [field.result.word.value for field in found]


@pytest.mark.parametrize("mark", [b"> ", b">", b"\r ", b" ", b"=20", b"| "])
def test_nothing_is_repaired(mark):
    """A line that is a field only after repair, such as a quoted one, is no result."""
    line = mark + b"Authentication-Results: mx.site.example; x-tls-trace=pass\r\n"

    assert () == find_result_fields(b"Subject: a\r\n" + line + b"\r\n", ID)
    assert () == find_result_fields(line + b"\r\n", ID)


def test_result_is_no_authentication_of_the_sender():
    """The page for people does not list the result among those on who sent the message."""
    value = "mx.site.example; x-tls-trace=pass"
    trace = analyze(f"Authentication-Results: {value}\nReceived: {TLS}{DATE}\n", SITE)

    assert (value,) == trace.authentication_results
    assert [AuthenticationResult(method="x-tls-trace", result="pass")] == [
        result for found in trace.authentication for result in found.results
    ]
    assert "X-TLS-TRACE" not in explain(trace)


def test_result_is_no_witness():
    """A result is not taken for evidence when the message is judged again."""
    field = "Authentication-Results: mx.site.example; x-tls-trace=pass policy.tls=TLSv1.3\n"
    trace = analyze(f"{field}Received: {PLAIN}{DATE}\n", SITE)

    assert Headline.ENTERED_PLAINTEXT == trace.headline


def test_reading_takes_bounded_time():
    """A value of a megabyte is refused or read in a moment."""
    value = "mx.site.example; x-tls-trace=pass " + "policy.x=a " * 100_000

    assert parse_result_field(value) is None
    assert_takes_at_most(2, lambda: parse_result_field(value))
