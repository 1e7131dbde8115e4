"""The way of the data, end to end: source → parser → classifier."""

from collections.abc import Iterator

from headertls.classifier import Statement, Surroundings, judge
from headertls.models import LiveConnection, Policy, Site, Trace
from headertls.parser import (
    find_protection,
    is_tls_demanded,
    is_tls_waived,
    join_live,
    parse_received,
    parse_witness,
    read_authserv_id,
)
from headertls.source import Field, Message, Source, read_attached, read_message


def analyze(
    source: Source,
    site: Site | None = None,
    policy: Policy | None = None,
    live: LiveConnection | None = None,
) -> Trace:
    r"""Read the trace of one message and judge every hop.

    Only the header block is read, whatever the size of the body. Content never raises: what is odd
    about the message is in `Trace.defects`, what is odd about a line in `Hop.defects`.

    Args:
        source: The message as `bytes`, as `str` (its text, not a file's name), as a path object, as
            a binary file object, or as an `email.message.Message`.
        site: The own mail servers. Without them the trust boundary is inferred from the lines.
        policy: How grades, severities and times are judged.
        live: The connection over which the caller's own server is taking the message just now.

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
    return _judge(read_message(source), site, policy, live)


def attached(
    source: Source, site: Site | None = None, policy: Policy | None = None
) -> Iterator[Trace]:
    """Read the traces of the messages attached to a message, outermost first.

    Analysts get suspicious mail forwarded as an attachment (`message/rfc822`); the trace that they
    want is the attached one. Here the whole message is read.

    At most 100 traces are given (`headertls.source.MAX_ATTACHED`), of messages that are nested at
    most 10 deep (`MAX_ATTACHED_DEPTH`). What is beyond is left out, and no defect tells of it.

    Args:
        source: As for `analyze`.
        site: As for `analyze`.
        policy: As for `analyze`.

    Raises:
        OSError: The file cannot be read.
        TypeError: *source* is of another type.
        ValueError: *source* is a `str` without any header field.
    """
    for block in read_attached(source):
        yield _judge(read_message(block), site, policy, None)


def _judge(
    message: Message, site: Site | None, policy: Policy | None, live: LiveConnection | None
) -> Trace:
    hops = [parse_received(value) for value in message.received]
    if live is not None:
        hops = join_live(hops, live)
    return judge(
        hops,
        message.defects,
        site=site,
        policy=policy,
        surroundings=_read_surroundings(message.fields),
    )


def _read_surroundings(fields: tuple[Field, ...]) -> Surroundings:
    """Read what bears on the verdict; who wrote it is for the classifier to tell."""
    by_name: dict[str, list[Field]] = {}
    for field in fields:
        by_name.setdefault(field.name, []).append(field)
    witnesses = (parse_witness(*field) for field in fields)
    demands = by_name.get("require-tls-esmtp", ())
    types = by_name.get("content-type", ())
    return Surroundings(
        witnesses=tuple(witness for witness in witnesses if witness is not None),
        statements=tuple(
            Statement(field.value, read_authserv_id(field.value), field.received_above)
            for field in by_name.get("authentication-results", ())
        ),
        is_waived=is_tls_waived(field.value for field in by_name.get("tls-required", ())),
        required_below=max(
            (field.received_above for field in demands if is_tls_demanded((field.value,))),
            default=None,
        ),
        is_listed="list-id" in by_name,
        protection=find_protection(types[0].value) if types else None,
    )
