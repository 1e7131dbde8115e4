"""Messages attached to a message."""

import base64
import email
import io
import quopri
from email import policy
from email.message import EmailMessage
from email.message import Message as StdlibMessage

import pytest

from headertls.source import MAX_ATTACHED, MAX_ATTACHED_DEPTH, read_attached, read_message
from timing import assert_takes_at_most

HOP = "from home.example by mx.example with SMTP (a=3Db);\n\tMon, 23 Nov 2026 10:11:12 +0000"
INNER = f"Received: {HOP}\nSubject: Größe\n\nbody\n".encode()
HEADER = f"Received: {HOP}\nSubject: Größe\n\n".encode()


def attach(
    content: bytes, kind: str = "message/rfc822", encoding: str = "", more: str = ""
) -> bytes:
    encoded = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}
    content = encoded.get(encoding.lower(), bytes)(content)
    fields = f"Content-Type: {kind}\n{more}"
    if encoding:
        fields += f"Content-Transfer-Encoding: {encoding}\n"
    return fields.encode() + b"\n" + content


def join(*parts: bytes, kind: str = "mixed") -> bytes:
    lines = [f'Content-Type: multipart/{kind}; boundary="=-"\n\npreface'.encode(), *parts, b""]
    return b"\n--=-\n".join(lines[:-1]) + b"\n--=---\n"


def find_values(source: object) -> list[tuple[str, ...]]:
    return [read_message(header).received for header in read_attached(source)]


@pytest.mark.parametrize("kind", ["message/rfc822", "Message/RFC822; x=y", "message/global"])
@pytest.mark.parametrize("encoding", ["", "7bit", "8bit", "base64", "BASE64", "quoted-printable"])
def test_attached(kind, encoding):
    """An attached message is given as the octets of its header, however it is encoded."""
    data = join(b"Content-Type: text/plain\n\nReceived: no", attach(INNER, kind, encoding))

    assert [HEADER] == list(read_attached(data))


@pytest.mark.parametrize("encoding", ["", "base64", "quoted-printable"])
@pytest.mark.parametrize("rules", [policy.compat32, policy.default])
def test_attached_to_an_object(rules, encoding):
    """A message that the standard library has parsed gives the same trace lines."""
    message = email.message_from_bytes(join(attach(INNER, encoding=encoding)), policy=rules)

    assert [(HOP,)] == find_values(message)
    assert message.policy is rules


def test_encoded_multipart_in_an_object():
    """Of an encoded message with parts, the library leaves the header, and that is decoded."""
    inner = f"Received: {HOP}\nMIME-Version: 1.0\n".encode() + join(INNER)
    message = email.message_from_bytes(join(attach(inner, encoding="quoted-printable")))

    assert 1 == len(find_values(message))


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/global-headers"])
@pytest.mark.parametrize("encoding", ["", "base64"])
def test_returned_header(kind, encoding):
    """A bounce may return no more than the header."""
    data = attach(HEADER, kind, encoding)

    assert [(HOP,)] == find_values(data)
    assert [(HOP,)] == find_values(email.message_from_bytes(data))


@pytest.mark.parametrize(
    "more",
    [
        "Content-Disposition: attachment; filename=lunch.eml\n",
        'Content-Disposition: attachment; size=7; filename="our lunch.EML"; x=y\n',
        "Content-Disposition: attachment;\n filename*=utf-8''our%20lunch.eml\n",
        "Content-Disposition: attachment; filename*0=our; filename*1*=lunch.eml\n",
    ],
)
@pytest.mark.parametrize("encoding", ["base64", "", "quoted-printable"])
def test_file(more, encoding):
    """A file with the name of a message is one, whatever its type."""
    data = join(attach(INNER, "application/octet-stream", encoding, more))

    assert [HEADER] == list(read_attached(data))
    assert [(HOP,)] == find_values(email.message_from_bytes(data, policy=policy.default))


def test_named_in_the_type():
    """The name may stand in the type, as it did before there was a disposition."""
    assert [HEADER] == list(read_attached(attach(INNER, 'text/plain; name="a.eml"', "base64")))


@pytest.mark.parametrize(
    "data",
    [
        INNER,
        b"",
        b"\0\xff",
        attach(INNER, "text/plain"),
        attach(INNER, "application/octet-stream; name=a.eml.zip", "base64"),
        attach(INNER, "message/delivery-status"),
        attach(INNER, "message/partial; id=x"),
        b"Content-Type: multipart/mixed; boundary=x; name=a.eml\n\n--x\n\nReceived: no\n--x--\n",
        StdlibMessage(),
        EmailMessage(),
    ],
)
def test_nothing_attached(data):
    """Other parts are no messages."""
    assert [] == list(read_attached(data))


def test_digest():
    """The parts of a digest are messages by default."""
    data = join(b"\n" + INNER, b"\nReceived: from x\n", kind="digest")

    assert [(HOP,), ("from x",)] == find_values(data)


def test_order():
    """An outer message comes before what it holds, and all stand in their order."""
    second, third = attach(b"Received: 2\n\n"), attach(b"Received: 3\n\n", encoding="base64")
    first = b"Received: 1\n" + join(second, third).replace(b"=-", b"=+")
    data = join(attach(first), attach(b"Received: 4\n\n"))

    assert [("1",), ("2",), ("3",), ("4",)] == find_values(data)
    assert [("1",), ("2",), ("3",), ("4",)] == find_values(email.message_from_bytes(data))


def test_depth_is_bounded():
    """Messages nested ever deeper cost nothing, and the outer ones are read."""
    nested = b"".join(b"Content-Type: message/rfc822\nReceived: %d\n\n" % i for i in range(5000))

    assert [(str(i),) for i in range(1, MAX_ATTACHED_DEPTH + 1)] == find_values(nested)
    assert_takes_at_most(2, lambda: find_values(nested))


def test_deep_multiparts():
    """Parts nested deeper than the standard library can follow hold nothing."""
    parts = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (i, i) for i in range(3000)
    )

    assert [] == list(read_attached(parts + attach(INNER)))


def test_count_is_bounded():
    """No more than so many attached messages are given."""
    data = join(*[attach(b"Received: %d\n\n" % i) for i in range(MAX_ATTACHED + 1)])

    assert [(str(i),) for i in range(MAX_ATTACHED)] == find_values(data)


def test_damaged_header():
    """The octets are given as they stood, so that damage is seen, and repaired, by the reader."""
    data = join(attach(b"\r\nReceived: from x\r\nby y\r\nReceived: from z\r\n\r\nbody"))

    assert [("from x\r\n by y", "from z")] == find_values(data)


@pytest.mark.parametrize(
    "inner", [b"Received: x\rSubject: y\r\rbody", "\ufeffReceived: x\n\nbody".encode("utf-16")]
)
def test_other_line_ends(inner):
    """A header whose end is not found at once is given with what follows."""
    data = attach(inner, encoding="base64")

    assert [("x",)] == find_values(data)


def test_blank_line_first():
    """Blank lines before the header are passed over, as they are in a message of its own."""
    assert [b"\n\nReceived: x\n\n"] == list(read_attached(attach(b"\n\nReceived: x\n\nbody")))


def test_no_content():
    """A part without content is an empty message."""
    empty = StdlibMessage()
    empty["Content-Type"] = "message/rfc822"

    assert [b""] == list(read_attached(empty))


def test_sources(tmp_path):
    """All sources of `read_message` are read, to the end."""
    data = b"X-Filler: " + b"y" * 200_000 + b"\n" + join(attach(INNER))
    path = tmp_path / "lunch.eml"
    path.write_bytes(data)

    for source in (data, data.decode(), path, io.BytesIO(data), bytearray(data), memoryview(data)):
        assert [HEADER] == list(read_attached(source))


def test_wrong_sources(tmp_path):
    """What is no source is refused at once, not when the first message is asked for."""
    with pytest.raises(TypeError, match="not as int"):
        read_attached(7)
    with pytest.raises(TypeError, match="binary mode"):
        read_attached(io.StringIO("Subject: x"))
    with pytest.raises(ValueError, match="pathlib"):
        read_attached("lunch.eml")
    with pytest.raises(FileNotFoundError):
        read_attached(tmp_path / "none.eml")
