"""One connection of the server: what it says, and what it is told, without any input or output."""

import logging
from collections import ChainMap, Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from kilter.protocol import (
    ChangeHeader,
    Continue,
    InsertHeader,
    Quarantine,
    ReplyCode,
)
from kilter.protocol.messages import Message

from headertls.integrations.milter.facts import make_live
from headertls.integrations.milter.judge import Judge, Judgement, OnFail
from headertls.integrations.milter.wire import (
    NO_TERMS,
    STEPS,
    Frame,
    Peer,
    WireError,
    negotiate,
    read_field,
    read_macros,
    read_peer,
    read_texts,
    write_message,
)
from headertls.report.escape import escape
from headertls.source import MAX_HEADER

_logger: Final = logging.getLogger(__name__)

NAME: Final = "Authentication-Results"

_REASON: Final = "headertls: the policy of this server asks for a better transport"
_REPLY: Final = b"550 5.7.1 The policy of this server asks for a better transport\0"
_NOBODY: Final = Peer("", None, None)
_NEWEST_FIRST: Final = (b"E", b"M", b"H", b"C")
"""The steps of which macros are used."""


class Session:
    """What is known of a connection."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._terms = NO_TERMS
        self.is_ended = False
        """The server said that it is done."""
        self._forget_client()

    def _forget_client(self) -> None:
        self._peer = _NOBODY
        self._helo: str | None = None
        self._macros: dict[bytes, dict[str, str]] = {}
        self._forget_message()

    def _forget_message(self) -> None:
        self.is_open = False
        """A message was begun, and neither taken nor given up."""
        for step in (b"M", b"E"):
            self._macros.pop(step, None)
        self._begin()

    def _begin(self) -> None:
        self._header = bytearray()
        self._numbers: Counter[bytes] = Counter()
        self._changes: list[Message] = []

    def take(self, frame: Frame) -> bytes:
        """Take what the server says, and give what it is told; often that is nothing.

        Raises:
            WireError: It is nothing that a server says.
        """
        command, payload = frame
        match command:
            case b"O":
                self._terms, answer = negotiate(payload)
                return write_message(answer)
            case b"D":
                step, macros = read_macros(payload)
                self._macros[step] = macros
            case b"A":
                self._forget_message()
            case b"K":
                self._forget_client()
            case b"Q":
                self.is_ended = True
            case b"E":
                return self._finish()
            case _ if command in STEPS:
                return self._note(command, payload)
            case _:
                raise WireError(f"a frame that begins with {command!r}")
        return b""

    def _note(self, command: bytes, payload: bytes) -> bytes:
        match command:
            case b"C":
                self._peer = read_peer(payload)
            case b"H":
                self._helo = next(iter(read_texts(payload)), None)
            case b"M":
                self._begin()
                self.is_open = True
            case b"L":
                self._add_field(*read_field(payload))
            case _:
                pass
        return write_message(Continue()) if self._terms.awaits_answer(command) else b""

    def _add_field(self, name: bytes, value: bytes) -> None:
        # the server counts fields of one name, in any case
        self._numbers[name.lower()] += 1
        left = self._judge.clean(name, value)
        if left != value and name.isascii():
            number = self._numbers[name.lower()]
            self._changes.append(ChangeHeader(number, name.decode("ascii"), left))
        if (left or not value) and len(self._header) < MAX_HEADER:
            blank = b"" if self._terms.has_leading_space else b" "
            self._header += b"%b:%b%b\n" % (name, blank, left)

    def _finish(self) -> bytes:
        macros = ChainMap(*(self._macros.get(step, {}) for step in _NEWEST_FIRST))
        live = make_live(self._peer, self._helo, macros, datetime.now(UTC))
        is_told = self._terms.is_asked_for_macros or live.is_encrypted
        judgement = (
            self._judge.judge(bytes(self._header) + b"\n", live)
            if is_told
            else self._judge.refuse()
        )
        result = judgement.field.result
        _logger.info(
            "%s: %s%s, %s, from %s",
            escape(macros.get("i", "?")),
            result.word,
            "" if judgement.action is OnFail.NONE else f" ({judgement.action})",
            escape(live.tls_version or "no TLS"),
            live.address or "no address",
        )
        answer = b"".join(map(write_message, self._answer(judgement)))
        self._forget_message()
        return answer

    def _answer(self, judgement: Judgement) -> Iterator[Message]:
        if judgement.action is OnFail.REJECT:
            yield ReplyCode(_REPLY)
            return
        # from below, so that no number changes on the way
        yield from reversed(self._changes)
        blank = " " if self._terms.has_leading_space else ""
        yield InsertHeader(0, NAME, f"{blank}{judgement.field.folded_value}".encode())
        if judgement.action is OnFail.QUARANTINE:
            yield Quarantine(_REASON)
        yield Continue()
