"""What the page says around the transport, and what it says cannot be concluded."""

from collections.abc import Iterator
from typing import Final

from headertls.models import METHOD, Authentication, Trace, Transport, Trust
from headertls.report import page_wording
from headertls.report.values import show

# Told beside the others, but about the transport: a witness, which the hops quote, and our own.
_ABOUT_TRANSPORT: Final = frozenset({"x-tls", METHOD})


def write_around(trace: Trace) -> Iterator[str]:
    """Write who sent the message as own servers found, and whether it is itself protected."""
    yield page_wording.THREE_THINGS
    told = [
        found
        for found in trace.authentication
        if any(result.method not in _ABOUT_TRANSPORT for result in found.results)
    ]
    if not told:
        yield page_wording.NO_RESULTS
    for found in told:
        yield _write_results(found)
    yield _write_protection(trace)
    if trace.tls_waived:
        yield page_wording.WAIVED


def write_limits(trace: Trace) -> Iterator[str]:
    """Write what cannot be concluded from the lines that are there."""
    verdicts = [hop.verdict for hop in trace if hop.verdict]
    transports = {verdict.transport for verdict in verdicts}
    limits = (
        (Transport.PLAINTEXT in transports, page_wording.LIMIT_PLAINTEXT),
        (Transport.ENCRYPTED in transports, page_wording.LIMIT_ENCRYPTED),
        (
            any(hop.tls and hop.tls.client_certificate for hop in trace),
            page_wording.LIMIT_CERTIFICATE,
        ),
        (Transport.NOT_RECORDED in transports, page_wording.LIMIT_SILENT),
        (any(v.trust is Trust.CLAIM for v in verdicts), page_wording.LIMIT_CLAIMS),
    )
    yield from (text for applies, text in limits if applies)
    yield page_wording.LIMIT_MISSING


def _write_results(found: Authentication) -> str:
    who = show(found.authserv_id) if found.authserv_id else page_wording.UNNAMED_WRITER
    what = ", ".join(
        f"{show(result.method.upper())} {show(result.result)}"
        for result in found.results
        if result.method not in _ABOUT_TRANSPORT
    )
    told = page_wording.RESULTS.format(who=who, what=what)
    return told if found.complete else f"{told} {page_wording.PARTIAL}"


def _write_protection(trace: Trace) -> str:
    protection = trace.protection
    if protection is None:
        return page_wording.NO_PROTECTION
    told = page_wording.PROTECTED.format(how=page_wording.PROTECTIONS[protection])
    return f"{told} {page_wording.SUBJECT_NOTE}" if protection.is_secret else told
