"""What a message says, in one row."""

from datetime import datetime

from headertls.models import Counts, Trace
from headertls.parser.dates import parse_date
from headertls.report.frame import MessageRow, find_entry_place, find_instant
from headertls.report.values import find_session
from headertls.rows.senders import name_sender
from headertls.source.block import cut_header
from headertls.source.message import Message


def find_message_id(block: bytes) -> str | None:
    r"""Find the Message-ID, without angle brackets.

    >>> find_message_id(b"Message-Id:\n <1@a.example> \n\nbody")
    '1@a.example'
    """
    told = Message(block=cut_header(block)).find_field("message-id")
    return None if told is None else told.strip().removeprefix("<").removesuffix(">") or None


def _find_date(block: bytes) -> datetime | None:
    told = Message(block=cut_header(block)).find_field("date")
    return None if told is None else find_instant(parse_date(told).timestamp)


def make_message_row(number: int, trace: Trace, block: bytes = b"") -> MessageRow:
    """Make the row of a message.

    Args:
        number: The number of the message among others.
        trace: What is known of it.
        block: Its header, or the whole of it, for what a trace does not hold.

    >>> make_message_row(0, Trace()).hops
    0
    """
    row = MessageRow(
        number,
        message_id=find_message_id(block),
        date=_find_date(block),
        headline=trace.headline,
        boundary_inferred=trace.boundary_inferred,
        profile=trace.profile,
        hops=len(trace.hops),
        severity=trace.worst,
        findings=" ".join(dict.fromkeys(found.code.value for found in trace.findings)),
        defects=" ".join(dict.fromkeys(defect.kind.value for defect in trace.defects)),
        tls_waived=trace.tls_waived,
        protection=trace.protection,
    )
    return _add_entry(_add_counts(row, trace.counts, trace.trusted_counts), trace)


def _add_counts(row: MessageRow, counts: Counts, trusted: Counts) -> MessageRow:
    return row._replace(
        encrypted=counts.encrypted,
        plaintext=counts.plaintext,
        not_recorded=counts.not_recorded,
        not_applicable=counts.not_applicable,
        trusted_encrypted=trusted.encrypted,
        trusted_plaintext=trusted.plaintext,
        trusted_not_recorded=trusted.not_recorded,
        trusted_not_applicable=trusted.not_applicable,
    )


def _add_entry(row: MessageRow, trace: Trace) -> MessageRow:
    number = find_entry_place(trace)
    if number is None:
        return row
    hop = trace.hops[number]
    verdict, session, client = hop.verdict, find_session(hop), hop.client
    row = row._replace(
        entry_hop=number,
        entry_timestamp=find_instant(hop.timestamp),
        entry_sender=name_sender(hop),
        entry_client_helo=client.helo if client else None,
        entry_client_rdns=client.rdns if client else None,
        entry_client_address=str(client.address) if client and client.address else None,
        entry_server_name=hop.server.name if hop.server else None,
        entry_protocol=hop.protocol,
    )
    if session is not None:
        row = row._replace(
            entry_tls_version=session.version,
            entry_tls_suite=session.suite.name if session.suite else None,
            entry_tls_group=session.group,
        )
    if verdict is None:
        return row
    return row._replace(
        entry_kind=verdict.kind,
        entry_scope=verdict.scope,
        entry_transport=verdict.transport,
        entry_confidence=verdict.confidence,
        entry_grade=verdict.grade,
    )
