"""From messages that were judged to rows of their hops, or one row each."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from headertls.models import Trace
from headertls.report.frame import HopRow, MessageRow, iter_rows
from headertls.rows.messages import make_message_row

Rows = Literal["hops", "messages"]
"""Of what there is a row each."""


class JudgedMessage(NamedTuple):
    """What is known of a message."""

    trace: Trace | None = None
    error: str | None = None
    """Why there is no trace."""
    block: bytes = b""
    """The message as far as the end of its header, or further; empty where only the trace is."""


def iter_hop_rows(messages: Iterable[JudgedMessage], start: int) -> Iterator[HopRow]:
    """Give a row for each hop; the first message has the number *start*."""
    for number, message in enumerate(messages, start):
        if message.trace is not None:
            yield from iter_rows((message.trace,), number)


def iter_message_rows(messages: Iterable[JudgedMessage], start: int) -> Iterator[MessageRow]:
    """Give a row for each message, of which the first has the number *start*."""
    for number, (trace, error, block) in enumerate(messages, start):
        if trace is None:
            yield MessageRow(number, error)
        else:
            yield make_message_row(number, trace, block)


_Maker = Callable[[Iterable[JudgedMessage], int], Iterator[tuple[Any, ...]]]

MAKERS: Final[Mapping[str, _Maker]] = MappingProxyType(
    {"hops": iter_hop_rows, "messages": iter_message_rows}
)
"""What makes the rows, each of which begins with the number of its message."""
