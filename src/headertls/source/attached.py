"""The messages that are attached to a message: forwarded ones, and those that bounced."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message as EmailMessage
from typing import Final

from headertls.source.opening import Source, encode_text, join_header, read_whole

MAX_ATTACHED: Final = 100
"""Attached messages that are given out; digests have some dozens."""

MAX_ATTACHED_DEPTH: Final = 10
"""How many attached messages may be nested in each other."""

MESSAGE_TYPES: Final = frozenset({
    "message/rfc822",  # RFC 2046, 5.2.1
    "message/global",  # RFC 6532, 3.7
    "message/rfc822-headers",  # seen in place of the next one
    "text/rfc822-headers",  # RFC 6522, 4: the header of a bounced message
    "message/global-headers",  # RFC 6533, 6
})
ENCODINGS: Final = frozenset({"base64", "quoted-printable"})
