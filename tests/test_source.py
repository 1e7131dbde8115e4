"""One message, from whatever holds it."""

import io
import mailbox
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.message import Message as StdlibMessage
from pathlib import Path

import pytest

from headertls.models import Defect, DefectKind
from headertls.source import Message, read_message
from headertls.source.opening import CHUNK

NEWER = (
    "from relay.example ([81.2.69.142])\n\tby mx.example with ESMTPS id 7;\n"
    "\tMon, 23 Nov 2026 10:11:13 +0000"
)
OLDER = "from home.example by relay.example with ESMTP id 6; Mon, 23 Nov 2026 10:11:12 +0000"
HEADER = f"Received: {NEWER}\nReceived: {OLDER}\nSubject: Lunch\nX-TLS: yes\n"
RAW = f"{HEADER}\nReceived: from the.body by another.body; never\n".encode()


def find_kinds(message: Message) -> list[DefectKind]:
    return [defect.kind for defect in message.defects]


class CountingFile(io.BytesIO):
    """Counts the octets that are read from it."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, and count."""
        data = super().read(size)
        self.count += len(data)
        return data


class Pipe:
    """Gives few octets at a time, as sockets do, and has nothing but `read`."""

    def __init__(self, data: bytes, step: int = 1) -> None:
        self.rest = data
        self.step = step

    def read(self, size: int = -1, /) -> bytes:
        """Read at most `step` octets."""
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

    with path.open() as file, pytest.raises(TypeError, match="open it in binary mode"):
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
        def read(self, _size: int = -1, /) -> None:
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
    assert [DefectKind.BAD_FIELD] == find_kinds(message)
    assert "Lunch" == message.find_field("Subject")


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
