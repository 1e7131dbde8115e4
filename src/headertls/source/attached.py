"""The messages attached to a message: forwarded ones, bounced ones, `.eml` files."""

import copy
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MissingHeaderBodySeparatorDefect
from email.message import Message as EmailMessage
from email.policy import compat32
from typing import Final, cast

from headertls.source.block import cut_header
from headertls.source.opening import Source, join_header, read_whole
from headertls.source.reader import read_message

MAX_ATTACHED: Final = 100
"""Attached messages that are given out; digests hold some dozens."""

MAX_ATTACHED_DEPTH: Final = 10
"""How many messages may be nested in each other."""

MESSAGE_TYPES: Final = frozenset(
    {
        "message/rfc822",  # RFC 2046, 5.2.1
        "message/global",  # RFC 6532, 3.7
        "text/rfc822-headers",  # RFC 6522, 4: only the header of a bounced message
        "message/global-headers",  # RFC 6533, 6
    }
)

# RFC 2046, 5.2.1 forbids them for message/rfc822, and Exchange uses them.
_ENCODINGS: Final = frozenset({"base64", "quoted-printable"})

# Mail clients attach .eml files as application/octet-stream, in RFC 2231 form or not.
_EML_NAME: Final = re.compile(r"(?i)name(?:\*\d*)*\s*=[^;=]*\.eml[\s\"']*(?:;|\Z)")
_NAMING_FIELDS: Final = ("content-disposition", "content-type")


def read_attached(source: Source) -> Iterator[bytes]:
    r"""Give the header of each message attached to *source*, for `read_message` to read.

    An attached message comes before those that it holds itself. The whole of *source* is read.

    Args:
        source: As in `read_message`.

    Raises:
        TypeError: *source* is of another type, or a file opened in text mode.
        ValueError: *source* is a `str` without any header field.
        OSError: The file cannot be read.

    >>> report = b"Content-Type: message/rfc822\n\nReceived: from a.example; date\n\nHello"
    >>> list(read_attached(report))
    [b'Received: from a.example; date\n\n']
    """
    if isinstance(source, EmailMessage):
        return _walk(source)
    if isinstance(source, str):
        read_message(source)
    return _walk(_parse(read_whole(source)))


class _Part(EmailMessage):
    """Keeps the parser from entering attached messages.

    So their octets stay as they stood, encoded ones can be decoded, and a message of a thousand
    nested ones costs no recursion.
    """

    def get_content_maintype(self) -> str:
        maintype = super().get_content_maintype()
        return "application" if maintype == "message" else maintype


def _walk(outer: EmailMessage) -> Iterator[bytes]:
    count = 0
    parts = [(outer, 0)]
    while parts and count < MAX_ATTACHED:
        part, depth = parts.pop()
        part = _plain(part)
        if not _is_message(part):
            parts.extend((child, depth) for child in reversed(_children(part)))
        elif depth < MAX_ATTACHED_DEPTH:
            header, inner = _open(part)
            yield header
            count += 1
            parts.append((inner, depth + 1))


def _parse(data: bytes) -> EmailMessage:
    try:
        return message_from_bytes(data, _Part)
    except RecursionError:  # hundreds of nested multiparts, which no honest program writes
        return EmailMessage()


def _plain(part: EmailMessage) -> EmailMessage:
    """Return *part* under the policy that takes values as they are; others parse, and may raise."""
    plain = copy.copy(part)
    plain.policy = compat32
    return plain


def _is_message(part: EmailMessage) -> bool:
    if part.get_content_type() in MESSAGE_TYPES:
        return True
    if part.is_multipart():
        return False
    return any(_EML_NAME.search(str(part.get(name, ""))) for name in _NAMING_FIELDS)


def _children(part: EmailMessage) -> list[EmailMessage]:
    payload: object = part.get_payload()
    items = cast("list[object]", payload) if isinstance(payload, list) else []
    return [item for item in items if isinstance(item, EmailMessage)]


def _open(part: EmailMessage) -> tuple[bytes, EmailMessage]:
    """Return the header of the message in *part*, and the message."""
    children = _children(part)
    if children and _encoding(part) not in _ENCODINGS:
        return join_header(children[0]), children[0]
    data = (_encode_again(part, children[0]) if children else part).get_payload(decode=True)
    octets = data if isinstance(data, bytes) else b""
    return cut_header(octets), _parse(octets)


def _encoding(part: EmailMessage) -> str:
    return str(part.get("content-transfer-encoding", "")).lower()


def _encode_again(part: EmailMessage, inner: EmailMessage) -> EmailMessage:
    """Undo that the standard library read the encoded text of *part* as the message *inner*."""
    encoded = join_header(inner).decode("ascii", "surrogateescape")
    if not any(isinstance(defect, MissingHeaderBodySeparatorDefect) for defect in inner.defects):
        encoded += "\n"
    body = inner.get_payload()
    leaf = EmailMessage()
    leaf["Content-Transfer-Encoding"] = _encoding(part)
    leaf.set_payload(encoded + body if isinstance(body, str) else encoded)
    return leaf
