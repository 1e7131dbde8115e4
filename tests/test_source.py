"""One message, from whatever holds it."""

import io
import mailbox
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage, Message as StdlibMessage
from pathlib import Path

import pytest

from headertls.models import Defect, DefectKind
from headertls.source import (
    MAX_HEADER,
    MAX_HOPS,
    WITNESS_FIELDS,
    Message,
    Source,
    read_message,
)
from headertls.source.opening import CHUNK

NEWER = "from relay.example ([81.2.69.142])\n\tby mx.example with ESMTPS id 7;\n\tMon, 23 Nov 2026 10:11:13 +0000"
OLDER = "from home.example by relay.example with ESMTP id 6; Mon, 23 Nov 2026 10:11:12 +0000"
HEADER = f"Received: {NEWER}\nReceived: {OLDER}\nSubject: Lunch\nX-TLS: yes\n"
RAW = f"{HEADER}\nReceived: from the.body by another.body; never\n".encode()


def kinds(message: Message) -> list[DefectKind]:
    return [defect.kind for defect in message.defects]


class CountingFile(io.BytesIO):
    """Counts the octets that are read from it."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.count += len(data)
        return data


class Pipe:
    """Gives few octets at a time, as sockets do, and knows nothing but `read`."""

    def __init__(self, data: bytes, step: int = 1) -> None:
        self.rest = data
        self.step = step

    def read(self, size: int = -1, /) -> bytes:
        assert size > 0
        data, self.rest = self.rest[: self.step], self.rest[self.step :]
        return data


class FsPath:
    """A path that is no `pathlib.Path`."""

    def __init__(self, path: str | bytes) -> None:
        self.path = path

    def __fspath__(self) -> str | bytes:
        return self.path


def make_sources(path: Path) -> Iterator[tuple[str, object]]:
    yield "bytes", RAW
    yield "bytearray", bytearray(RAW)
    yield "memoryview", memoryview(RAW)
    yield "every second octet", memoryview(b"".join(bytes([o, 0]) for o in RAW))[::2]
    yield "str", RAW.decode()
    yield "path", path
    yield "path of str", FsPath(str(path))
    yield "path of bytes", FsPath(bytes(path))
    yield "file", io.BytesIO(RAW)
    yield "pipe", Pipe(RAW)
    yield "message", message_from_bytes(RAW)
    yield "modern message", message_from_bytes(RAW, policy=policy.default)
    yield "strict message", message_from_bytes(RAW, policy=policy.SMTP)
    yield "mailbox message", mailbox.mboxMessage(message_from_bytes(RAW))


def test_sources_agree(tmp_path):
    """Whatever holds the message, the same trace lines come out."""
    path = tmp_path / "lunch.eml"
    path.write_bytes(RAW)

    for name, source in make_sources(path):
        message = read_message(source)

        assert (name, NEWER, OLDER) == (name, *message.received)
        assert () == message.defects
        assert "Lunch" == message.find_field("subject")


@pytest.mark.parametrize("source", [None, 7, ["Received: x"], object(), RAW.split(b"\n"), b"".join])
def test_other_types(source):
    """What cannot hold a message is a `TypeError` that names what can."""
    with pytest.raises(TypeError, match=r"a file opened in binary mode .* not as"):
        read_message(source)


def test_text_file(tmp_path):
    """A file in text mode is a `TypeError` that tells how to open it."""
    path = tmp_path / "lunch.eml"
    path.write_bytes(RAW)

    with path.open() as file, pytest.raises(TypeError, match='open it in binary mode: open.*"rb"'):
        read_message(file)


def test_text_reader():
    """So is anything else that reads as text."""

    class Texts:
        def read(self, size: int = -1, /) -> str:
            return HEADER[:size]

    with pytest.raises(TypeError, match="binary mode"):
        read_message(Texts())


def test_missing_file(tmp_path):
    """A file that is not there is the usual error."""
    with pytest.raises(FileNotFoundError):
        read_message(tmp_path / "none.eml")


def test_body_is_not_read():
    """Of a message with an attachment of 50 MB one chunk is read."""
    file = CountingFile(RAW + b"A" * 50_000_000)

    assert (NEWER, OLDER) == read_message(file).received
    assert CHUNK == file.count


def test_header_longer_than_a_chunk():
    """Chunks are read until the blank line has come, and no further."""
    filler = b"X-Filler: " + b"y" * 60 + b"\r\n"
    file = CountingFile(filler * 2000 + RAW + b"A" * 1_000_000)

    assert (NEWER, OLDER) == read_message(file).received
    assert (len(filler) * 2000 // CHUNK + 1) * CHUNK == file.count


@pytest.mark.parametrize("step", [1, 2, 3, 5, 100])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_pipe_is_left_at_the_body(step, end):
    """A socket that gives little at a time is not asked for more than the header."""
    header = b"\n\nFrom me Mon Nov 23\n" + HEADER.encode()
    pipe = Pipe((header + b"\nbody" * 99).replace(b"\n", end), step)

    assert 2 == len(read_message(pipe).received)
    assert len(pipe.rest) > len(end + b"body") * 98 - step


def test_pipe_without_data():
    """A file that would block, and so gives None, has ended."""

    class Blocked:
        def read(self, size: int = -1, /) -> None:
            return None

    assert Message() == read_message(Blocked())


def test_file_is_read_from_where_it_stands():
    """The caller may have read the line that goes before a message in a spool file."""
    file = io.BytesIO(b"no field\n" + RAW)
    file.readline()

    assert (NEWER, OLDER) == read_message(file).received


@pytest.mark.parametrize("source", [b"", "", " \r\n\n", b"\r\n\r\n", io.BytesIO(), EmailMessage()])
def test_nothing(source):
    """An empty source is an empty message."""
    assert Message() == read_message(source)


@pytest.mark.parametrize(
    "text",
    [
        "lunch.eml",
        "/var/mail/lunch.eml",
        r"C:\mail\lunch.eml",
        "C:/mail/lunch.eml",
        "file:///mail/lunch.eml",
        "from home.example by relay.example with ESMTP; Mon, 23 Nov 2026 10:11:12 +0000",
        "Hello Bob,\nhow are you?\n",
    ],
)
def test_text_without_field(text):
    """Text that is no message is an error that tells what was probably meant."""
    with pytest.raises(ValueError, match=r"give a pathlib\.Path.* call parse_received"):
        read_message(text)


def test_octets_without_field():
    """Octets that are no message are a message with a defect, since pipelines must go on."""
    message = read_message(b"Hello Bob,\nhow are you?\n\nReceived: no")

    assert Message(defects=(Defect(kind=DefectKind.BAD_FIELD, text="Hello Bob,"),)) == message


def test_body_at_once():
    """A message that begins with its body has a defect, and no hop from there."""
    message = read_message(b"Subject: Lunch\nHello Bob,\nhow are you?\n\nReceived: no")

    assert () == message.received
    assert [DefectKind.BAD_FIELD] == kinds(message)
    assert "Lunch" == message.find_field("Subject")


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
    assert [DefectKind.UNDECODABLE] == kinds(read_message(b"Received: x\nSubject: \xff\n\n"))
    assert [] == kinds(read_message(b"Received: x\nSubject: y\n\n\xff\0"))


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
        assert [DefectKind.HEADER_TOO_LONG] == kinds(message)
        assert message.block.endswith(b"X-Filler: y\n")
        assert len(message.block) < MAX_HEADER


def test_field_beyond_the_bound():
    """A trace line that the bound cuts could lose its evidence, and is left out as a whole."""
    message = read_message(b"Received: from x\nReceived: from z" + b"\n y" * MAX_HEADER)

    assert ("from x",) == message.received
    assert [DefectKind.HEADER_TOO_LONG] == kinds(message)


def test_bound_inside_a_body():
    """A body that begins at once may reach the bound; the last field is whole nevertheless."""
    message = read_message(b"Received: from x; 10:11:12 +0000\nHello,\n " + b"y" * MAX_HEADER)

    assert ("from x; 10:11:12 +0000",) == message.received
    assert [DefectKind.HEADER_TOO_LONG, DefectKind.BAD_FIELD] == kinds(message)


@pytest.mark.parametrize("length", range(MAX_HEADER - 4, MAX_HEADER + 5))
@pytest.mark.parametrize("blank", [b"", b"\r\n", b"\r\nbody"])
def test_header_about_the_bound(length, blank):
    """A block is whole as long as it ends, or its blank line does, within the bound."""
    start = b"Received: from x\r\nSubject: "
    data = start + b"y" * (length - len(start) - 2) + b"\r\n" + blank
    message = read_message(data)
    is_whole = length + min(len(blank), 2) <= MAX_HEADER

    assert ("from x",) == message.received
    assert ([] if is_whole else [DefectKind.HEADER_TOO_LONG]) == kinds(message)


def test_too_many_hops():
    """The newest trace lines are kept, and 20,000 of them take no time."""
    data = b"".join(b"Received: from h%d.example by x; d\n" % i for i in range(20_000))
    start = time.perf_counter()
    message = read_message(data + b"\n")

    assert time.perf_counter() - start < 1
    assert [f"from h{i}.example by x; d" for i in range(MAX_HOPS)] == list(message.received)
    assert (Defect(kind=DefectKind.TOO_MANY_HOPS, text="20000 trace lines"),) == message.defects


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
    """Nobody can write a header that takes long to read."""
    data = start + unit * (MAX_HEADER // len(unit) + 1)
    begin = time.perf_counter()
    read_message(data)

    assert time.perf_counter() - begin < 3


def test_message_values_keep_their_folds():
    """The standard library's own folding does not touch the values."""
    long = "from relay.example\n (" + "x" * 200 + ")\n\tby mx.example"
    data = f"Received: {long}\n\n".encode()

    for kind in (policy.compat32, policy.default, policy.SMTPUTF8):
        assert (long,) == read_message(message_from_bytes(data, policy=kind)).received


def test_message_cannot_smuggle():
    """A value that a program set may hold line feeds, which begin no field."""
    message = StdlibMessage()
    message["Received"] = "from x\nReceived: from y\r\rReceived: z\r\n\n by w"
    message["Bad Name"] = "never"
    message["Subject"] = "Lunch"

    read = read_message(message)

    assert ("from x\n Received: from y\r \r Received: z\r\n \n by w",) == read.received
    assert "Lunch" == read.find_field("subject")
    assert () == read.defects


def test_witnesses():
    """The fields that may bear on a verdict are found by name, in any case and number."""
    data = b"x-tls: a\n b\nDate: Mon\nReceived: x\nX-TLS-More: no\nX-Tls : c\nTo: d\n\nX-TLS: e\n"
    message = read_message(data)

    assert (("x-tls", "a\n b"), ("date", "Mon"), ("x-tls", "c")) == message.witnesses
    assert ("a\n b", "c") == message.find_fields("X-TLS")
    assert None is message.find_field("from")
    assert () == message.find_fields("\ud83d.*")
    assert all(name == name.lower() for name in WITNESS_FIELDS)


def test_source_type():
    """The alias names each type that is taken."""
    assert bytes in Source.__args__
    assert str in Source.__args__
    assert StdlibMessage in Source.__args__
