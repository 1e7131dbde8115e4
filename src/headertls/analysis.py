"""The way of the data, end to end: source → parser → classifier."""

from collections.abc import Iterator

from headertls.classifier import judge
from headertls.models import Trace
from headertls.parser import parse_received
from headertls.source import Message, Source, read_attached, read_message


def analyze(source: Source) -> Trace:
    r"""Read the trace of one message and judge every hop.

    Only the header block is read, whatever the size of the body. Content never raises: what is odd
    about the message is in `Trace.defects`, what is odd about a line in `Hop.defects`.

    Args:
        source: The message as `bytes`, as `str` (its text, not a file's name), as a path object, as
            a binary file object, or as an `email.message.Message`.

    Raises:
        OSError: The file cannot be read.
        TypeError: *source* is of another type, or a file opened in text mode.
        ValueError: *source* is a `str` without any header field.

    >>> trace = analyze(
    ...     b"Received: from shop.example (shop.example [81.2.69.144])\n"
    ...     b"\tby mx.site.example (Postfix) with ESMTP id 4Q1;\n"
    ...     b"\tTue, 29 Aug 2023 10:11:12 +0200\n\n"
    ... )
    >>> trace.headline, trace.findings[0].code.value
    (<Headline.ENTERED_PLAINTEXT: 'entered_plaintext'>, 'plaintext-public-hop')
    """
    return _judge(read_message(source))


def attached(source: Source) -> Iterator[Trace]:
    """Read the traces of the messages attached to a message, outermost first.

    Analysts get suspicious mail forwarded as an attachment (`message/rfc822`); the trace that they
    want is the attached one. Here the whole message is read.

    Args:
        source: As for `analyze`.

    Raises:
        OSError: The file cannot be read.
        TypeError: *source* is of another type.
        ValueError: *source* is a `str` without any header field.
    """
    for block in read_attached(source):
        yield _judge(read_message(block))


def _judge(message: Message) -> Trace:
    return judge([parse_received(value) for value in message.received], message.defects)
