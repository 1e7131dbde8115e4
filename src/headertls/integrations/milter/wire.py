"""The frames of the milter protocol, version 6.

Flags, negotiation and what the server is told are written by `kilter.protocol`. What a client can
put into a frame is read here, octet by octet: kilter decodes a HELO by IDNA and macros as ASCII,
and raises on names that are neither.
"""

import struct
from asyncio import IncompleteReadError, StreamReader
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from kilter.protocol import ActionFlags, Negotiate, ProtocolFlags, Stage
from kilter.protocol.buffer import SimpleBuffer
from kilter.protocol.messages import Message

MAX_FRAME: Final = 1 << 21
"""Octets of a frame: more than Postfix (`header_size_limit`) or sendmail send of one field."""

_MAX_ANSWER: Final = 1 << 14
"""Octets of what the server is told at once: more than a field of results can have."""

_SIZE: Final = struct.Struct("!L")
_PORT: Final = struct.Struct("!H")

_TLS: Final = ("{tls_version}", "{cipher}", "{cipher_bits}")
_MACROS: Final[Mapping[Stage, tuple[str, ...]]] = MappingProxyType(
    {
        Stage.CONNECT: ("j", "{client_addr}", "{client_name}", "{client_port}", "{client_resolve}"),
        Stage.HELO: _TLS,
        # TLS once more: after STARTTLS a client need not greet again
        Stage.ENVELOPE_FROM: (*_TLS, "{auth_authen}", "{auth_type}", "i"),
        # Postfix has no queue id before the first recipient, and sendmail tells none at the end
        Stage.END_MESSAGE: ("i",),
    }
)
"""What is asked for, so that nobody has to set it in the server's configuration."""

_UNUSED: Final = (
    ProtocolFlags.NO_RECIPIENT
    | ProtocolFlags.NO_DATA
    | ProtocolFlags.NO_UNKNOWN
    | ProtocolFlags.NO_BODY
    | ProtocolFlags.NO_END_OF_HEADERS
)
_UNANSWERED: Final = MappingProxyType(
    {
        b"C": ProtocolFlags.NR_CONNECT,
        b"H": ProtocolFlags.NR_HELO,
        b"M": ProtocolFlags.NR_SENDER,
        b"R": ProtocolFlags.NR_RECIPIENT,
        b"T": ProtocolFlags.NR_DATA,
        b"U": ProtocolFlags.NR_UNKNOWN,
        b"L": ProtocolFlags.NR_HEADER,
        b"N": ProtocolFlags.NR_END_OF_HEADERS,
        b"B": ProtocolFlags.NR_BODY,
    }
)
"""Steps to which the server need not wait for an answer."""

STEPS: Final = frozenset(_UNANSWERED)
"""What the server says on the way to the end of a message."""

_ACTIONS: Final = (
    ActionFlags.ADD_HEADERS
    | ActionFlags.CHANGE_HEADERS
    | ActionFlags.QUARANTINE
    | ActionFlags.SETSYMLIST
)
_VERSION: Final = 6


class WireError(Exception):
    """What came is not the milter protocol."""


class Frame(NamedTuple):
    """What the server says."""

    command: bytes
    """One letter."""
    payload: bytes


class Peer(NamedTuple):
    """The client, as the server's connection tells."""

    name: str
    address: str | None
    port: int | None


class Terms(NamedTuple):
    """What was agreed upon with the server."""

    actions: ActionFlags
    options: ProtocolFlags

    @property
    def is_asked_for_macros(self) -> bool:
        """Whether the server sends the macros that are needed, however it is configured."""
        return ActionFlags.SETSYMLIST in self.actions

    @property
    def has_leading_space(self) -> bool:
        """Whether values come, and go, with the blank behind the colon."""
        return ProtocolFlags.HEADER_LEADING_SPACE in self.options

    def awaits_answer(self, command: bytes) -> bool:
        """Tell whether the server waits for an answer to *command*."""
        return _UNANSWERED[command] not in self.options


NO_TERMS: Final = Terms(ActionFlags.NONE, ProtocolFlags.NONE)


async def read_frame(reader: StreamReader) -> Frame | None:
    """Read what the server says next; `None` at the end.

    Raises:
        WireError: It is no frame.
    """
    try:
        size = _SIZE.unpack(await reader.readexactly(_SIZE.size))[0]
        if not 0 < size <= MAX_FRAME:
            raise WireError(f"a frame of {size} octets")
        data = await reader.readexactly(size)
    except IncompleteReadError as error:
        if error.partial:
            raise WireError("a frame that breaks off") from error
        return None
    return Frame(data[:1], data[1:])


def write_message(message: Message) -> bytes:
    """Write what the server is told."""
    buffer = SimpleBuffer(_MAX_ANSWER)
    message.pack(buffer)
    return buffer[:].tobytes()


def negotiate(payload: bytes) -> tuple[Terms, Negotiate]:
    """Choose from what the server offers.

    Raises:
        WireError: The offer cannot be read.
    """
    try:
        offer = Negotiate.from_buffer(memoryview(payload))
    except (ValueError, struct.error) as error:
        raise WireError("an offer that cannot be read") from error
    wanted = _UNUSED | ProtocolFlags.HEADER_LEADING_SPACE
    for flag in _UNANSWERED.values():
        wanted |= flag
    terms = Terms(offer.action_flags & _ACTIONS, offer.protocol_flags & wanted)
    answer = Negotiate(min(offer.version, _VERSION), *terms)
    if terms.is_asked_for_macros:
        answer.macros = _MACROS
    return terms, answer


def read_texts(payload: bytes) -> list[str]:
    r"""Read texts of which each ends with a NUL; octets beyond UTF-8 become lone surrogates.

    >>> read_texts(b"j\0mx.site.example\0")
    ['j', 'mx.site.example']
    """
    return [part.decode("utf-8", "surrogateescape") for part in payload.split(b"\0")][:-1]


def read_macros(payload: bytes) -> tuple[bytes, dict[str, str]]:
    r"""Read for which step macros are sent, and the macros, without brackets around names.

    >>> read_macros(b"Hj\0mx.site.example\0{cipher}\0TLS_AES_256_GCM_SHA384\0")
    (b'H', {'j': 'mx.site.example', 'cipher': 'TLS_AES_256_GCM_SHA384'})
    """
    texts = read_texts(payload[1:])
    pairs = zip(texts[::2], texts[1::2], strict=False)
    return payload[:1], {name.strip("{}"): value for name, value in pairs}


def read_peer(payload: bytes) -> Peer:
    r"""Read who connected.

    >>> read_peer(b"out.shop.example\x004\x09\x1981.2.69.144\0")
    Peer(name='out.shop.example', address='81.2.69.144', port=2329)
    >>> read_peer(b"localhost\0U")
    Peer(name='localhost', address=None, port=None)
    """
    name, _, rest = payload.partition(b"\0")
    text = name.decode("utf-8", "surrogateescape")
    family, port = rest[:1], rest[1:3]
    if family not in (b"4", b"6") or len(port) < _PORT.size:
        return Peer(text, None, None)
    address = rest[3:].partition(b"\0")[0].decode("ascii", "replace")
    return Peer(text, address, _PORT.unpack(port)[0])


def read_field(payload: bytes) -> tuple[bytes, bytes]:
    r"""Read name and value of a header field.

    >>> read_field(b"Subject\0 Lunch\0")
    (b'Subject', b' Lunch')
    """
    name, _, value = payload.partition(b"\0")
    return name, value.removesuffix(b"\0")
