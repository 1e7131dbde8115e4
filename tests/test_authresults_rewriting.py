"""Changes to a message: forged results go, the own one comes, and nothing else moves."""

import email
import email.policy
import io
import re
import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from headertls import (
    LiveConnection,
    ResultField,
    ResultWord,
    Site,
    TraceResult,
    add_result_field,
    find_result_fields,
    strip_result_fields,
)
from headertls.authresults import Marker, mark_stream, marking
from headertls.authresults.rewriting import find_header_end
from headertls.authresults.streams import CHUNK
from timing import assert_takes_at_most

ID = "mx.site.example"
FIELD = ResultField(authserv_id=ID, result=TraceResult(word=ResultWord.PASS))
LINES = b"Authentication-Results: mx.site.example;\n    x-tls-trace=pass\n"
GUARD = b"X-Lines-Without-Field:\n"
PLAIN = (
    b"Received: from out.shop.example (out.shop.example [81.2.69.144])\r\n"
    b"\tby mx.site.example (Postfix) with ESMTP id 4; Tue, 05 Mar 2024 10:11:12 +0000\r\n"
)

FORGED = {
    "plain": b"Authentication-Results: mx.site.example; x-tls-trace=pass\r\n",
    "another method": b"Authentication-Results: mx.site.example; spf=pass\r\n",
    "no result": b"Authentication-Results: mx.site.example; none\r\n",
    "case": b"AUTHENTICATION-results: MX.Site.EXAMPLE; x-tls-trace=pass\r\n",
    "no blank": b"Authentication-Results:mx.site.example;x-tls-trace=pass\r\n",
    "blank before the colon": b"Authentication-Results \t: mx.site.example; x-tls-trace=pass\r\n",
    "no semicolon": b"Authentication-Results: mx.site.example\r\n",
    "dot at the end": b"Authentication-Results: mx.site.example.; x-tls-trace=pass\r\n",
    "version": b"Authentication-Results: mx.site.example 1; x-tls-trace=pass\r\n",
    "another version": b"Authentication-Results: mx.site.example 99; x-tls-trace=pass\r\n",
    "version behind a slash": b"Authentication-Results: mx.site.example/1; x-tls-trace=pass\r\n",
    "fold": b"Authentication-Results:\r\n mx.site.example\r\n\t; x-tls-trace=pass\r\n",
    "empty folds": b"Authentication-Results: \r\n \r\n\t\r\n mx.site.example; x-tls-trace=pass\r\n",
    "quotes": b'Authentication-Results: "mx.site.example"; x-tls-trace=pass\r\n',
    "quoted pairs": b'Authentication-Results: "m\\x.s\\ite.example"; x-tls-trace=pass\r\n',
    "quote without partner": b'Authentication-Results: "mx.site.example; x-tls-trace=pass\r\n',
    "comment": b"Authentication-Results: (a; (b\\) c)) mx.site.example (d) ; x-tls-trace=pass\r\n",
    "comment between": b"Authentication-Results: mx.site.example(a)1(b); x-tls-trace=pass\r\n",
    "comment without partner": b"Authentication-Results: (a mx.site.example; x-tls-trace=pass\r\n",
    "in a comment": b"Authentication-Results: a.example (mx.site.example; x-tls-trace=pass)\r\n",
    "in a string": b'Authentication-Results: a.example; x="mx.site.example; x-tls-trace=pass"\r\n',
    "second name": b"Authentication-Results: a.example mx.site.example; x-tls-trace=pass\r\n",
    "brackets": b"Authentication-Results: <mx.site.example>; x-tls-trace=pass\r\n",
    "NUL": b"Authentication-Results: mx.si\0te.example; x-tls-trace=pass\r\n",
    "encoded word": b"Authentication-Results: =?utf-8?q?mx=2Esite=2Eexample?=; x=pass\r\n",
    "encoded word with a language": b"Authentication-Results: =?utf-8*en?q?mx=2Esite=2Eexample?=;"
    b" x-tls-trace=pass\r\n",
    "encoded word of no charset": b"Authentication-Results: =?x?b?bXguc2l0ZS5leGFtcGxl?=;"
    b" x-tls-trace=pass\r\n",
    "encoded word of a codec for names": b"Authentication-Results: =?idna?q?mx.site.example?=;"
    b" x-tls-trace=pass\r\n",
    "encoded word beside a broken one": b"Authentication-Results: =?utf-8?q?mx.site.example?=;"
    b" x-tls-trace=pass reason==?x?b?!a?=\r\n",
    "encoded word in a broken one": b"Authentication-Results: =?utf-8?q?a "
    b"=?utf-8?q?mx.site.example?=; x-tls-trace=pass\r\n",
    "encoded word in parts": b"Authentication-Results: =?utf-8?q?mx.si?=\r\n"
    b" =?utf-8?b?dGUuZXhhbXBsZQ?=; x-tls-trace=pass\r\n",
    "encoded word in a very long one": b"Authentication-Results: =?utf-8?q?mx=2Esite.example?=;"
    b" x-tls-trace=pass " + b"a=b " * 5_000 + b"\r\n",
    "wide letters": "Authentication-Results: \uff4dx.site.example; x-tls-trace=pass\r\n".encode(),
    "ideographic dot": "Authentication-Results: mx\u3002site.example; x=pass\r\n".encode(),
    "soft hyphen": "Authentication-Results: mx.si\u00adte.example; x-tls-trace=pass\r\n".encode(),
    "very long": b"Authentication-Results: (" + b"a" * 20_000 + b") mx.site.example; x=pass\r\n",
}
OTHERS = {
    "another server": b"Authentication-Results: mx.other.example; x-tls-trace=pass\r\n",
    "a server of the site": b"Authentication-Results: mx2.site.example; x-tls-trace=pass\r\n",
    "the domain": b"Authentication-Results: site.example; x-tls-trace=pass\r\n",
    "longer": b"Authentication-Results: mx.site.example.org; x-tls-trace=pass\r\n",
    "longer at the start": b"Authentication-Results: amx.site.example; x-tls-trace=pass\r\n",
    "a value": b"Authentication-Results: a.example; spf=pass smtp.helo=mx.site.example\r\n",
    "no name": b"Authentication-Results: spf=pass smtp.mailfrom=a.example\r\n",
    "empty": b"Authentication-Results:\r\n",
    "a broken word": b"Authentication-Results: =?x?q?a?= =?utf-8?b?!?=; spf=pass\r\n",
    "no label": "Authentication-Results: a..\u00e9; spf=pass\r\n".encode(),
    "another field": b"X-Authentication-Results: mx.site.example; x-tls-trace=pass\r\n",
    "ARC": b"ARC-Authentication-Results: i=1; mx.site.example; x-tls-trace=pass\r\n",
    "subject": b"Subject: Authentication-Results: mx.site.example; x-tls-trace=pass\r\n",
    "very long": b"Authentication-Results: a.example; " + b"a=b " * 5_000 + b"\r\n",
}


def wrap(lines, ending=b"\r\n"):
    """Put lines of a header between others, with the same lines in the body."""
    message = b"From: a@a.example\r\n" + lines + b"Subject: Lunch\r\n\r\n" + lines + b"body\r\n"
    return message.replace(b"\r\n", ending)


@pytest.mark.parametrize("ending", [b"\r\n", b"\n", b"\r\r\n"])
@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_forged_fields_go(forged, ending):
    """However a field says that it is by the own servers, it is taken out, and nothing else."""
    message = wrap(forged, ending)
    kept = message.replace(forged.replace(b"\r\n", ending), b"", 1)

    assert kept == strip_result_fields(message, ID)
    assert kept == strip_result_fields(kept, ID)


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_other_fields_stay(other):
    """What others say, or may be read as their word only, is left alone."""
    assert wrap(other) == strip_result_fields(wrap(other), ID)


def test_international_names_are_one():
    """A name with `xn--` labels is claimed by its letters, too."""
    for name in ("mx.bücher.example", "MX.BÜCHER.example", "mx.xn--bcher-kva.example"):
        forged = f"Authentication-Results: {name}; x-tls-trace=pass\r\n".encode()

        assert b"Subject: a\r\n\r\n" == strip_result_fields(
            forged + b"Subject: a\r\n\r\n", "mx.xn--bcher-kva.example"
        )


def test_results_of_own_programs_stay():
    """Behind other programs of the site, only fields with results of the own method are forged."""
    genuine = b"Authentication-Results: mx.site.example; dkim=pass header.d=a.example\r\n"
    tricky = b"Authentication-Results: mx.site.example; dkim=pass;\r\n X-TLS-\r\n Trace=pass\r\n"
    encoded = b"Authentication-Results: mx.site.example; =?utf-8?q?x-tls-trace=3Dpass?=\r\n"
    message = wrap(genuine + FORGED["plain"] + tricky + encoded)
    kept = strip_result_fields(message, ID, method="x-tls-trace")

    assert b"From: a@a.example\r\n" + genuine + b"Subject" == kept[: kept.index(b": Lunch")]


def test_lone_carriage_return_begins_a_line():
    """A field behind a CR is one to some readers; the field that it was hidden in stays."""
    hidden = b"Subject: a\rAuthentication-Results: mx.site.example; x-tls-trace=pass"

    assert b"Subject: a\r\nTo: b\r\n\r\n" == strip_result_fields(hidden + b"\r\nTo: b\r\n\r\n", ID)
    assert b"Subject: a\rX: b\r\n\r\n" == strip_result_fields(hidden + b"\rX: b\r\n\r\n", ID)
    assert b"X: b\r\n\r\n" == strip_result_fields(hidden[11:] + b"\rX: b\r\n\r\n", ID)
    twice = hidden + hidden[10:]
    assert b"Subject: a\r\nTo: b\r\n\r\n" == strip_result_fields(twice + b"\r\nTo: b\r\n\r\n", ID)
    empty = b"Authentication-Results:\r" + hidden[11:] + b"\r\n"
    assert b"Authentication-Results:\r\n" == strip_result_fields(empty, ID)
    assert b"Subject: a\r" == strip_result_fields(hidden, ID)


@pytest.mark.parametrize(
    "forged",
    [
        b"Authentication-Results:\rmx.site.example; x-tls-trace=pass\r\n",
        b"Authentication-Results: \r\rmx.site.example; x-tls-trace=pass\r\n",
        b"Authentication-Results: mx.site.example\r; x-tls-trace=pass\r\n",
        b"Authentication-Results: (\rX: a)\r\n mx.site.example; x-tls-trace=pass\r\n",
        b"Authentication-Results: mx.si\rte.example; x-tls-trace=pass\n",
        b"Authentication-Results: mx.site.example; spf=pass\r; x-tls-trace=pass\r\r\n",
        b"Authentication-Results\r: mx.site.example; x-tls-trace=pass\r\n",
    ],
)
def test_lone_carriage_return_hides_no_claim(forged: bytes):
    """Readers who take a CR for a blank, or for nothing, find no forged field either."""
    head, rest = b"From: a@a.example\r\n", b"Subject: Lunch\r\n\r\nbody\r"

    assert head + rest == strip_result_fields(head + forged + rest, ID, method="x-tls-trace")


def test_body_stays_where_lines_end_by_carriage_returns():
    """A line feed at the end of such a message makes no field of its body."""
    message = b"Authentication-Results: a.example; spf=pass\r" + FORGED["plain"].strip()

    assert b"\r\rbody\n" == strip_result_fields(message + b"\r\rbody\n", ID)[-7:]
    other = b"Authentication-Results: a.example; spf=pass\rX: mx.site.example; a\r\rbody\n"
    assert b"body\n" == strip_result_fields(other, ID)


def test_header_without_body():
    """A field that ends with the message is taken out as well."""
    for forged in (FORGED["plain"], FORGED["plain"].rstrip()):
        assert b"Subject: a\r\n" == strip_result_fields(b"Subject: a\r\n" + forged, ID)


def test_all_is_body_behind_an_empty_line():
    """A message that begins with its blank line has no header, so nothing is taken out."""
    message = b"\r\n" + FORGED["plain"]

    assert message == strip_result_fields(message, ID)


def test_mbox_line_begins_no_body():
    """Behind the line of an mbox file the header is looked at as ever."""
    assert b"From a Mon\n\n" == strip_result_fields(b"From a Mon\n" + LINES + b"\n", ID)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"Subject: a\n\nbody", LINES + b"Subject: a\n\nbody"),
        (b"Subject: a\r\n\r\nb\n", LINES.replace(b"\n", b"\r\n") + b"Subject: a\r\n\r\nb\n"),
        (b"Subject: a\r\rbody", LINES.replace(b"\n", b"\r") + b"Subject: a\r\rbody"),
        (b"From a Mon\nTo: b\n\n", b"From a Mon\n" + LINES + b"To: b\n\n"),
        (b">From a\n>>From b\nTo: b\n", b">From a\n>>From b\n" + LINES + b"To: b\n"),
        (b"From : b\n\n", LINES + b"From : b\n\n"),
        (b" ; spf=pass\n\t\nTo: b\n\n", LINES + GUARD + b" ; spf=pass\n\t\nTo: b\n\n"),
        (b"\t; spf=pass", LINES + GUARD + b"\t; spf=pass"),
        (b"From a", LINES + b"From a"),
        (b"\nbody", LINES + b"\nbody"),
        (b"no header\n", LINES + b"no header\n"),
        (b"", LINES),
    ],
)
def test_field_stands_on_top(message, expected):
    """The field is the first one, in the line ends of the message, whatever that begins with."""
    assert expected == add_result_field(message, FIELD)


words = st.sampled_from(
    [
        *(b"\r\n", b"\n", b"\r", b" ", b"\t", b"a", b": ", b"From x\n", b"\n\n", b"\r\n\r\n"),
        *(b"Subject: a\r\n", b"Received: from a by b; c\r\n", b"; x-tls-trace=pass", b"\xff"),
        *(b"(", b'"', b"\0", b"Authentication-Results:", b" mx.site.example"),
        *(FORGED["plain"], OTHERS["subject"]),
    ]
)
messages = st.lists(words, max_size=30).map(b"".join)


@given(messages)
@example(b"Subject: a\r\r\n\r\nbody")
def test_body_is_never_touched(message):
    """Whatever the octets, all from the blank line on stays, and the rest but for forged fields."""
    body = message[find_header_end(message) :]
    stripped = strip_result_fields(message, ID)
    marked = add_result_field(stripped, FIELD)

    assert message.endswith(body)
    assert stripped.endswith(body)
    assert marked.endswith(body)
    assert len(stripped) == len(message) or b"mx.site.example" in message
    assert stripped == strip_result_fields(stripped, ID) or b"\r" in stripped


@given(messages)
def test_own_result_is_the_only_one(message):
    """After the work of a server at the border, readers find one own result: the server's."""
    marked = Marker(ID, is_border=True).mark(message)
    parsed = email.message_from_bytes(marked.head, policy=email.policy.compat32)
    values = [
        str(value)
        for value in parsed.get_all("Authentication-Results", [])
        if re.match(rf"\s*{re.escape(ID)}(?:[\s;]|$)", str(value).lower())
    ]

    assert marked.failure is None
    assert marked.field is not None
    assert [marked.field] == list(find_result_fields(marked.head, ID))
    assert 1 == len(values)


@given(messages)
def test_marking_changes_the_top_only(message):
    """Without forged fields a message stays as it is, with lines added at one place."""
    marked = Marker("mx.else.example").mark(message).head
    added = len(marked) - len(message)

    assert any(
        message == marked[:start] + marked[start + added :]
        for start in range(len(message) + 1)
        if marked[start:].startswith(b"Authentication-Results: mx.else.example;")
    ) or message.startswith((b" ", b"\t"))


def test_marking_tells_what_is_known():
    """The field is the result of the trace, with the facts of a running server where there are."""
    marker = Marker(ID, Site(hosts=("site.example",)))
    live = LiveConnection(address="81.2.69.144", tls_version="TLSv1.3")
    alone, with_live = marker.mark(PLAIN + b"\r\n"), marker.mark(PLAIN + b"\r\n", live)

    assert alone.trace is not None
    assert [alone.field] == list(find_result_fields(alone.head, ID))
    assert [ResultWord.FAIL, ResultWord.PASS] == [
        marked.field and marked.field.result.word for marked in (alone, with_live)
    ]


def test_border_takes_out_all_own_names():
    """At the border the names of other own servers are forged, too; inside they may be genuine."""
    site = Site(authserv_ids=("inner.site.example",))
    message = LINES.replace(b"mx.", b"inner.") + b"Subject: a\n\n"

    assert Marker(ID, site).mark(message).head.endswith(message)
    assert b"inner" not in Marker(ID, site, is_border=True).mark(message).head


@pytest.mark.parametrize("error", [ZeroDivisionError("no"), MemoryError(), RecursionError("deep")])
def test_failed_judgement_is_a_result(monkeypatch, error):
    """A mistake in judging costs the judgement, and neither the message nor the strip."""

    def fail(*_):
        raise error

    monkeypatch.setattr(marking, "analyze", fail)
    marked = Marker(ID).mark(FORGED["plain"] + b"Subject: a\r\n\r\nbody")

    assert marked.head.endswith(b'reason="judging failed"\r\nSubject: a\r\n\r\nbody')
    assert marked.field is not None
    assert ResultWord.TEMPERROR == marked.field.result.word
    assert (None, f"{type(error).__name__}{': ' if str(error) else ''}{error}") == (
        marked.trace,
        marked.failure,
    )


def test_failed_rewriting_leaves_the_message(monkeypatch):
    """Where not even the field can be added, the message goes on as it came."""

    def fail(*_):
        raise ValueError("a mistake")

    monkeypatch.setattr(marking, "add_result_field", fail)

    assert marking.Marked(b"Subject: a\n", failure="ValueError: a mistake") == Marker(ID).mark(
        b"Subject: a\n"
    )


def test_header_beyond_the_bound(monkeypatch):
    """A header that is longer than what is read gets a result that says so, and stays whole."""
    monkeypatch.setattr(marking, "MAX_REWRITTEN", 100)
    header = b"Subject: " + b"a" * 100 + b"\n" + LINES + b"\n"
    marked = Marker(ID).mark(header)

    assert marked.head.endswith(header)
    assert marked.field is not None
    assert (ResultWord.PERMERROR, "the header is too long") == (
        marked.field.result.word,
        marked.failure,
    )
    assert Marker(ID).mark(b"Subject: a\n\n" + b"b" * 200).failure is None


def copy(message, marker, **settings):
    out = io.BytesIO()
    marked = mark_stream(io.BytesIO(message).read, out.write, marker, **settings)
    return out.getvalue(), marked


@pytest.mark.parametrize("size", [0, 1, CHUNK - 20, CHUNK, 3 * CHUNK + 1])
@pytest.mark.parametrize("fill", [b"x", b"\r\n"])
def test_stream_is_the_message_with_a_field(size, fill):
    """What is written is what `Marker.mark` makes of the whole message."""
    message = wrap(FORGED["plain"]) + (fill * size)[:size]
    marker = Marker(ID)
    written, marked = copy(message, marker)

    assert marker.mark(message).head == written
    assert marker.mark(message).field == marked.field


@given(messages)
def test_any_stream_comes_through(message):
    """The same of whatever octets."""
    written, _ = copy(message, Marker(ID))

    assert written == (Marker(ID).mark(message).head if message else b"")


def test_long_header_is_read_whole():
    """A header of many chunks is judged by its end, too."""
    header = b"X: y\n" * CHUNK + LINES + b"\n"
    written, marked = copy(header + b"z" * CHUNK, Marker(ID))

    assert header.replace(LINES, b"") + b"z" * CHUNK == written[-len(header) + len(LINES) - CHUNK :]
    assert marked.failure is None


def test_empty_stream_stays_empty():
    """Out of nothing no message is made."""
    written, marked = copy(b"", Marker(ID))

    assert (b"", "the message is empty") == (written, marked.failure)


def test_header_without_end_is_held_within_bounds():
    """Lines without end are copied, too, though only a bounded part of them is held at once."""
    chunk = b"X: y\r\n" * 10_000
    left = iter([chunk] * 700)
    written = 0

    def write(data):
        nonlocal written
        written += len(data)

    marked = mark_stream(lambda _: next(left, b""), write, Marker(ID))

    assert marked.failure == "the header is too long"
    assert 700 * len(chunk) < written < 700 * len(chunk) + 200


def test_memory_does_not_grow_with_the_body():
    """A body of 200 MB passes in less than two of memory."""
    chunk = b"x" * CHUNK
    left = iter([b"Subject: a\n\n", *([chunk] * 3200)])
    tracemalloc.start()
    mark_stream(lambda _: next(left, b""), len, Marker(ID))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 2_000_000


@pytest.mark.parametrize(
    "filler",
    [
        b"Authentication-Results: (((((" * 20_000,
        b"Authentication-Results: a.example;\r\n" * 30_000,
        b"Authentication-Results: \xc3\xa9 \xc3\xa9" + b" \xc3\xa9\xc3\xa9" * 250_000,
        b"Authentication-Results: " + b"=?utf-8?q?a?= " * 70_000,
        b"Authentication-Results: " + b"\r\n " * 300_000,
        b"Authentication-Results: " + b"=?utf-8?q?a?= \xc3\xa9 " * 600,
        b"Authentication-Results: " + b"\r" * 1_000_000,
        b"A: \r" * 250_000,
        b"From a\n" * 150_000,
    ],
    ids=["brackets", "many", "letters", "words", "folds", "short", "returns", "lone", "mbox"],
)
def test_hostile_headers_take_bounded_time(filler):
    """A megabyte that was made to be slow takes no more than four seconds."""
    message = filler + b"\r\n\r\nbody"

    assert_takes_at_most(4, lambda: strip_result_fields(message, ID))
    assert_takes_at_most(4, lambda: add_result_field(message, FIELD))
