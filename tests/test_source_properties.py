"""What holds for every header block."""

import email
import gzip
import io
import itertools
import json
import os
import re
from email import policy
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from headertls.models import DefectKind
from headertls.source import Message, read_attached, read_message
from headertls.source.careful import read_carefully
from headertls.source.clean import read_clean
from headertls.source.opening import encode_text

# Words of the field, and of what befalls it.
PIECES = [
    "Received:", "received :", "X-TLS:", "Subject: ", "from x", " by y", "(TLSv1.3)", "10:11:12",
    " +0000", "(UTC)", "18:36 z", "=3D", "=", "=20", "&lt;", "&gt;", "&nbsp;", "<br>", ">", "> ",
    "\n", "\r\n", "\r", "\n ", "\n\t", "\n\n", " ", "\t", "\0", "\N{NO-BREAK SPACE}",
    "\N{SOFT HYPHEN}", "\ufeff", "ü", "\udcff", "\ud83d", "From x\n", ":", '"', "\u2028", "\x85",
    "Content-Type: message/rfc822\n", "Content-Type: multipart/mixed; boundary=b\n", "\n--b\n",
    "Content-Transfer-Encoding: base64\n", "Content-Disposition: x; filename=a.eml\n",
    "Content-Type: multipart/digest; boundary=b\n", "Content-Transfer-Encoding: x-uuencode\n",
    "Content-Transfer-Encoding: quoted-printable\n", "begin 644 x\n", "charset=\x00", ";",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=40).map("".join)
OCTETS = st.binary(max_size=300) | TEXTS.map(lambda text: text.encode(errors="surrogatepass"))

# A block in order: names, values and folds without anything odd, which the fast way can read.
NAMES = st.sampled_from([
    "Received", "RECEIVED", "received", "Received-SPF", "X-TLS", "R", "to", "X-Proto", "X-A",
    "Content-Type", "tls-required", "Authentication-Results", "Aut", "c",
])  # fmt: skip
WORDS = st.text("abcXYZ019 ()<>[]@.;:=-&\xfc", max_size=20)
FOLDS = st.sampled_from(["\n ", "\n\t", "\n  ", "\n \n "])
VALUES = st.lists(WORDS | FOLDS, max_size=6).map("".join)
FIELDS = st.lists(st.tuples(NAMES, VALUES), min_size=1, max_size=8)
BLOCKS = FIELDS.map(lambda fields: "".join(f"{name}: {value}\n" for name, value in fields))
BODIES = st.sampled_from(["", "\n", "\nbody", "\nReceived: no\n", "\n\n> Received: no\n"])


@given(OCTETS)
@example(b"\r")
@example(b" ")
@example(b"From ")
@example(b"\xff\xfe")
@example(b"\xfe\xff\xd8\x00")
@example(b"\xef\xbb\xbf")
def test_any_octets_are_read(data):
    """No octets raise, and what holds them makes no difference."""
    message = read_message(data)

    assert message == read_message(memoryview(data))
    assert message == read_message(io.BytesIO(data))


@given(OCTETS)
def test_json(data):
    """All that comes out can be written as UTF-8, and holds no NUL."""
    message = read_message(data)
    texts = [*message.received, *(field.value for field in message.fields)]
    texts += [defect.text for defect in message.defects]

    assert texts == json.loads(json.dumps(texts, ensure_ascii=False).encode())
    assert not [text for text in texts if "\0" in text]
    assert [text.strip(" \t\r\n") for text in message.received] == list(message.received)


@given(TEXTS)
def test_any_text_is_read(text):
    """Text is read as its octets are, or holds no field."""
    message = read_message(encode_text(text))

    if message.block or not text.strip():
        assert message == read_message(text)
    else:
        with pytest.raises(ValueError, match="no header field"):
            read_message(text)


@given(OCTETS)
def test_attached_never_raises(data):
    """Whatever is attached is given as octets that can be read."""
    for rules in (None, policy.compat32, policy.default):
        source = data if rules is None else email.message_from_bytes(data, policy=rules)
        headers = list(read_attached(source))

        assert len(headers) == sum(isinstance(read_message(header), Message) for header in headers)


@given(BLOCKS, BODIES)
def test_both_ways_agree(block, body):
    """The thorough way reads a block in order as the fast way does."""
    data = (block + body).encode()
    fast, thorough = read_clean(data), read_carefully(data)

    assert fast is None or (fast.received, (), fast.fields) == (
        thorough.received,
        thorough.defects,
        thorough.fields,
    )


@given(FIELDS, BODIES)
def test_fast_way_is_taken(fields, body):
    """The fast way reads all blocks in order, but for the few that may be encoded."""
    block = "".join(f"{name}: {value}\n" for name, value in fields)
    is_plain = all(value.isascii() and not value.strip().endswith(">") for _, value in fields)

    assert read_clean((block + body).encode()) is not None or not is_plain


@given(FIELDS, BODIES)
def test_values_come_out(fields, body):
    """The values of a block in order come out as they went in, whatever the body."""
    block = "".join(f"{name}: {value}\n" for name, value in fields)
    expected = [value.strip(" \t\n") for name, value in fields if name.lower() == "received"]
    message = read_message((block + body).encode())

    assert expected == list(message.received)
    assert () == message.defects


@given(BLOCKS, st.sampled_from(["\r\n", "\r", "\r\r\n"]))
def test_line_ends(block, end):
    """The style of the line ends changes nothing but itself."""
    expected = read_message(block.encode())
    message = read_message(block.replace("\n", end).encode())

    # A text without LF comes out with LF.
    assert expected.received == tuple(value.replace(end, "\n") for value in message.received)
    assert expected.defects == message.defects


@given(BLOCKS, st.lists(st.booleans(), min_size=1))
def test_mixed_line_ends(block, choices):
    """LF and CRLF may change from line to line."""
    lines = zip(block.splitlines(), itertools.cycle(choices), strict=False)
    mixed = "".join(line + ("\r\n" if choice else "\n") for line, choice in lines)
    message = read_message(mixed.encode())

    assert read_message(block.encode()).received == tuple(
        value.replace("\r\n", "\n") for value in message.received
    )


@given(BLOCKS)
def test_standard_library_agrees(block):
    """The standard library finds the same values."""
    parsed = email.message_from_bytes(block.encode()).raw_items()
    expected = [value for name, value in parsed if name.lower() == "received"]
    values = read_message(block.encode()).received

    assert [encode_text(value).decode().split() for value in expected] == [
        value.split() for value in values
    ]


@given(BLOCKS, st.sampled_from(["> ", ">", "> > ", "  ", "\t", "\N{NO-BREAK SPACE}"]))
def test_quoting_is_undone(block, mark):
    """A block that is quoted or indented as a whole reads as it did before."""
    # A blank fold becomes the blank line, and what looks like quoted-printable is decoded.
    block = re.sub(r"\n[ \t]*(?=\n)", "", block).replace("=", "-")
    quoted = re.sub("(?m)^(?=.)", mark, block)
    message = read_message(quoted)
    expected = read_message(block)

    assert [value.split() for value in expected.received] == [
        value.split() for value in message.received
    ]
    assert DefectKind.PASTED in [defect.kind for defect in message.defects]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_complete_lines_are_safe(text):
    """Nothing that follows a complete trace line changes it, unless it is folded into it."""
    value = "from x (HELO y) by z with SMTP; Mon, 23 Nov 2026 10:11:12 +0000 (UTC)"
    assume(not text.startswith((" ", "\t")))
    message = read_message(encode_text(f"Received: {value}\n{text}"))

    assert value == message.received[0]


@pytest.mark.corpus
def test_corpus():
    """On real header blocks the values are those of the standard library."""
    folder = os.environ.get("HEADERTLS_CORPUS")
    if folder is None:
        pytest.skip("HEADERTLS_CORPUS is not set")
    paths = list(Path(folder).glob("header-blocks*.jsonl.gz"))
    assert paths
    for path in paths:
        with gzip.open(path, "rt") as file:
            blocks = [encode_text(json.loads(line)["headers"]) for line in file]
        for block in blocks:
            parsed = email.message_from_bytes(block).get_all("received", [])
            expected = [encode_text(str(value)).decode(errors="replace") for value in parsed]
            message = read_message(block)

            assert [value.split() for value in expected] == [v.split() for v in message.received]
            assert () == message.defects
