"""The header block: where it begins and ends, its lines, its characters, its bounds."""

import io
from email import message_from_bytes

import pytest

from headertls.models import Defect, DefectKind
from headertls.source import FIELDS, MAX_FIELDS, MAX_HEADER, MAX_HOPS, Field, Message, read_message
from headertls.source.careful import read_carefully
from headertls.source.clean import read_clean
from headertls.source.opening import CHUNK
from timing import assert_takes_at_most

NEWER = (
    "from relay.example ([81.2.69.142])\n\tby mx.example with ESMTPS id 7;\n"
    "\tMon, 23 Nov 2026 10:11:13 +0000"
)
OLDER = "from home.example by relay.example with ESMTP id 6; Mon, 23 Nov 2026 10:11:12 +0000"
HEADER = f"Received: {NEWER}\nReceived: {OLDER}\nSubject: Lunch\n"
RAW = f"{HEADER}\nReceived: from the.body by another.body; never\n".encode()


def find_kinds(message: Message) -> list[DefectKind]:
    return [defect.kind for defect in message.defects]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_line_ends(end):
    """The style of the line ends changes nothing but itself."""
    message = read_message(RAW.decode().replace("\n", end).encode())

    assert [NEWER.split(), OLDER.split()] == [value.split() for value in message.received]
    assert () == message.defects


def test_mixed_line_ends():
    """LF and CRLF may stand in one block, and either may end it."""
    for end in (b"\n\r\n", b"\n\n", b"\r\n\n", b"\r\n\r\n"):
        data = b"Received: a\r\n by b\nReceived: c\n\td\r\nSubject: Lunch" + end + b"Received: no\n"

        assert ("a\r\n by b", "c\n\td") == read_message(data).received


def test_cr_inside_a_line():
    """A CR ends no line where there are LFs: a HELO may hold one, and what follows is his too."""
    forged = "from x\rReceived: from y with ESMTPS (TLSv1.3); z\r\r (81.2.69.142) by mx.example; d"
    message = read_message(f"Received: {forged}\r\nSubject: a\rReceived: b\r\n\r\n".encode())

    assert (forged,) == message.received
    assert () == message.defects


@pytest.mark.parametrize(
    "lead",
    [
        b"\n\r\n \t\r\n",
        b"From me@home.example Mon Nov 23 10:11:12 2026\n",
        b">From me@home.example Mon Nov 23 10:11:12 2026\r\n",
        b"\nFrom - Mon Nov 23 10:11:12 2026\r\nFrom me Mon Nov 23\n",
        b"\xef\xbb\xbf",
        b"\xef\xbb\xbf\r\n",
    ],
)
def test_lead(lead):
    """Blank lines, the line of mbox files and a byte order mark may go before the header."""
    message = read_message(lead + RAW)

    assert (NEWER, OLDER) == message.received
    assert () == message.defects


def test_lead_alone():
    """The line of mbox files is no header; a blank line after it ends the empty one."""
    assert Message() == read_message(b"From me@home.example Mon Nov 23 10:11:12 2026\n\n" + RAW)
    assert Message() == read_message(b"From me@home.example Mon Nov 23 10:11:12 2026")


def test_from_field_with_blanks():
    """`From : me` is a field in the old syntax, not the line of mbox files."""
    message = read_message(b"From : me@home.example\nReceived : from x\n\n")

    assert ("from x",) == message.received
    assert "me@home.example" == message.find_field("from")
    assert () == message.defects


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16(encoding):
    """A file that a Windows editor saved as UTF-16 is read by its byte order mark."""
    mark = b"" if encoding == "utf-16" else "\ufeff".encode(encoding)
    data = mark + RAW.decode().encode(encoding)

    assert (NEWER, OLDER) == read_message(data).received
    assert (NEWER, OLDER) == read_message(io.BytesIO(data)).received


def test_long_utf_16():
    """An octet pair that looks like a blank line, such as U+0A0A, does not end the reading."""
    text = f"\ufeffSubject: \u0a0a\nX-Filler: {'y' * CHUNK}\nReceived: from x\n\nbody"

    assert ("from x",) == read_message(io.BytesIO(text.encode("utf-16-le"))).received


@pytest.mark.parametrize("name", ["Received", "received", "RECEIVED", "rEcEiVeD", "Received \t"])
def test_name(name):
    """The case of the name does not matter, nor blanks before the colon."""
    data = f"To: you@home.example\n{name}: from x\nX: y\nX-Received: from z\nReceived-SPF: pass\n"

    assert ("from x",) == read_message(data).received
    assert ("from x",) == read_message(data.partition("\n")[2]).received


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Received:from x", "from x"),
        ("Received:\r\n\tfrom x\r\n  by y", "from x\r\n  by y"),
        ("Received: from x\r\n \t\r\n by y \t", "from x\r\n \t\r\n by y"),
        ("Received:", ""),
        ("Received: from x: y", "from x: y"),
        ("Received: from x\n > by y", "from x\n > by y"),
        ("Received: from x (version=3DTLS1_2)", "from x (version=3DTLS1_2)"),
        ("Received: from x for <y>", "from x for <y>"),
        ("Received: from \N{NO-BREAK SPACE} x", "from \N{NO-BREAK SPACE} x"),
    ],
)
def test_value(field, value):
    """A value comes out as it stands, without the blanks around it."""
    message = read_message(f"Subject: Lunch\r\n{field}\r\nTo: you@home.example\r\n\r\n".encode())

    assert (value,) == message.received
    assert () == message.defects
    assert ("you@home.example",) == message.find_fields("to")


@pytest.mark.parametrize("name", ["2fa-code", "_x", "(odd)", '"Message-ID', "x(y)"])
def test_odd_names(name):
    """Names that RFC 5322 allows are no defect, however odd."""
    stamped = f"{OLDER.rpartition(' ')[0]} +0000 (UTC)"
    message = read_message(f"Received: {stamped}\n{name}: 7\n more\nReceived: {OLDER}\n\n".encode())

    assert (stamped, OLDER) == message.received
    assert "7\n more" == message.find_field(name)
    assert () == message.defects


def test_utf_8():
    """UTF-8 is text like any other (RFC 6532)."""
    message = read_message("Received: from bücher.example by x; d\nSubject: Öl\n\n".encode())

    assert ("from bücher.example by x; d",) == message.received
    assert "Öl" == message.find_field("subject")
    assert () == message.defects


def test_undecodable():
    """Other octets become escapes, so that no lone surrogate gets into JSON."""
    data = b"Subject: ok\nReceived: from b\xfccher.example by x\nSubject: \xc3\x9cber \xff\n\n"
    expected = Defect(kind=DefectKind.UNDECODABLE, text="Received: from b\\xfccher.example by x")

    for source in (data, data.decode(errors="surrogateescape"), message_from_bytes(data)):
        message = read_message(source)

        assert (r"from b\xfccher.example by x",) == message.received
        assert (expected,) == message.defects
        assert ("ok", r"Über \xff") == message.find_fields("Subject")


def test_undecodable_elsewhere():
    """The defect tells of octets in any field of the block, but not of the body."""
    assert [DefectKind.UNDECODABLE] == find_kinds(read_message(b"Received: x\nSubject: \xff\n\n"))
    assert [] == find_kinds(read_message(b"Received: x\nSubject: y\n\n\xff\0"))


def test_surrogates():
    """Text with surrogates that stand for no octet is read, too."""
    assert ("from \\udcfc \\ud83d",) == read_message("Received: from \udcfc \ud83d\n").received


def test_nul():
    """NUL octets become escapes."""
    message = read_message(b"Received: from x\0 by y\nSubject: \0\n\n")

    assert (r"from x\x00 by y",) == message.received
    assert (Defect(kind=DefectKind.NUL_OCTET, text="2 of them"),) == message.defects
    assert r"\x00" == message.find_field("subject")


def test_header_too_long():
    """Beyond the bound nothing is read, and a field that the bound cuts is left out."""
    data = b"Received: from x\n" + b"X-Filler: y\n" * 100_000 + b"Received: from z\n\n"

    for source in (data, data.decode(), io.BytesIO(data), memoryview(data)):
        message = read_message(source)

        assert ("from x",) == message.received
        assert [DefectKind.HEADER_TOO_LONG] == find_kinds(message)
        assert message.block.endswith(b"X-Filler: y\n")
        assert len(message.block) < MAX_HEADER


def test_field_beyond_the_bound():
    """A trace line that the bound cuts could lose its evidence, and is left out as a whole."""
    start = b"Received: from x\nReceived: from z"

    for filler in (b"y" * MAX_HEADER, b"\n y" * MAX_HEADER, b"\n\ty" + b"y" * MAX_HEADER):
        message = read_message(start + filler)

        assert ("from x",) == message.received
        assert [DefectKind.HEADER_TOO_LONG] == find_kinds(message)


def test_field_before_the_bound():
    """A trace line that ends right at the bound stays only if nothing continues it."""
    start = b"Received: from x\nReceived: from z"
    start += b"y" * (MAX_HEADER - len(start) - 1) + b"\n"

    assert 2 == len(read_message(start + b"Subject: Lunch\n").received)
    assert 1 == len(read_message(start + b" by x\n").received)


def test_bound_inside_a_body():
    """A body that begins at once may reach the bound; the last field is whole nevertheless."""
    message = read_message(b"Received: from x; 10:11:12 +0000\nHello,\n " + b"y" * MAX_HEADER)

    assert ("from x; 10:11:12 +0000",) == message.received
    assert [DefectKind.HEADER_TOO_LONG, DefectKind.BAD_FIELD] == find_kinds(message)


@pytest.mark.parametrize("length", range(MAX_HEADER - 4, MAX_HEADER + 5))
@pytest.mark.parametrize("blank", [b"", b"\r\n", b"\r\nbody"])
def test_header_about_the_bound(length, blank):
    """A block is whole as long as it ends, or its blank line does, within the bound."""
    start = b"Received: from x\r\nSubject: "
    data = start + b"y" * (length - len(start) - 2) + b"\r\n" + blank
    message = read_message(data)
    is_whole = length + min(len(blank), 2) <= MAX_HEADER

    assert ("from x",) == message.received
    assert ([] if is_whole else [DefectKind.HEADER_TOO_LONG]) == find_kinds(message)


def test_too_many_hops():
    """The newest trace lines are kept, and 20,000 of them take no time."""
    data = b"".join(b"Received: from h%d.example by x; d\n" % i for i in range(20_000))
    message = read_message(data + b"\n")

    assert [f"from h{i}.example by x; d" for i in range(MAX_HOPS)] == list(message.received)
    assert (Defect(kind=DefectKind.TOO_MANY_HOPS, text="20000 trace lines"),) == message.defects
    # A thirteenth of this was measured with coverage.
    assert_takes_at_most(4, lambda: read_message(data + b"\n"))


def test_most_hops():
    """As many trace lines as the bound allows are no defect."""
    message = read_message(b"Received: x\n" * MAX_HOPS)

    assert ("x",) * MAX_HOPS == message.received
    assert () == message.defects


@pytest.mark.parametrize(
    "unit",
    [
        b"a\n",
        b"a b\n ",
        b"a:\n",
        b"Received:x\n\xff",
        b"Received:x\ny\n",
        b"Received:x=\n\xc2\xa0\n",
        b"Received: &nbsp;\n\xc2\xa0 ",
        b"> > ",
        b">\n",
        b"&gt;",
        b"\xc2\xa0",
        b"\xc2\xa0x",
        b" \n\0",
        b"\r",
        b"\n",
        b"=3D =\n",
        b"<br\t",
        b"(10:11 ",
        b"10:11:12 +0000 ((",
    ],
)
@pytest.mark.parametrize(
    "start", [b"", b"Received: ", b"Received: =3D&gt;\nx\n", b" Received: x\n>"]
)
def test_time_is_bounded(start, unit):
    """Nobody can write a header that takes long to read: time grows with length, not faster."""
    data = start + unit * (MAX_HEADER // 8 // len(unit))

    # A twentieth of this was measured, a sixth with coverage; what is quadratic takes longer.
    assert_takes_at_most(8, lambda: read_message(data))


def test_any_field():
    """Any field of the block can be looked up, by its name in any case."""
    message = read_message(b"x-tls: a\n b\nX-TLS-More: no\nX-Tls : c\n\nX-TLS: e\n")

    assert ("a\n b", "c") == message.find_fields("X-TLS")
    assert None is message.find_field("from")
    assert () == message.find_fields("\ud83d.*")


def test_fields():
    """The fields around the trace lines are found in any case and number, with their place."""
    data = (
        b"x-tls: a\n b\nDate: Mon\nReceived: x\nX-TLS-More: no\nX-Tls : c\nTo: d\n"
        b"AUTHENTICATION-RESULTS:e; f\nreceived: y\ncontent-type:\n\nX-TLS: g\n"
    )
    expected = (
        Field("x-tls", "a\n b", 0),
        Field("x-tls", "c", 1),
        Field("authentication-results", "e; f", 1),
        Field("content-type", "", 2),
    )

    assert expected == read_message(data).fields
    assert expected == read_carefully(data).fields
    assert expected == read_message(message_from_bytes(data.replace(b" :", b":"))).fields


@pytest.mark.parametrize("name", sorted(FIELDS))
@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_field_of_any_name(name, change, end):
    """Each of the fields is found by the fast way, at the top and further down; no longer name."""
    lines = [f"{change(name)}: a", "Received: x", f"{change(name)}:b", f"{name}x: c", f"x{name}: d"]
    message = read_clean(end.join(lines).encode())

    assert name == name.lower()
    assert message is not None
    assert (Field(name, "a", 0), Field(name, "b", 1)) == message.fields


def test_field_values_are_text():
    """Values of the fields may be UTF-8; other octets become escapes, as in trace lines."""
    assert (Field("x-tls", "Über", 0),) == read_message("X-TLS: Über\n").fields
    assert (Field("x-tls", r"a\xff", 0),) == read_message(b"X-TLS: a\xff\n").fields


@pytest.mark.parametrize("count", [MAX_FIELDS, MAX_FIELDS + 1, 5 * MAX_FIELDS])
def test_number_of_fields_is_bounded(count):
    """Of a heap of fields the topmost are kept; own servers write on top."""
    message = read_message("".join(f"X-TLS: {i}\n" for i in range(count)))

    assert [str(i) for i in range(MAX_FIELDS)] == [field.value for field in message.fields]
