"""Compares what headertls reads in a recorded line with the truth of the session."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.header import decode_header, make_header
from typing import Final

from headertls import Confidence, FindingCode, Hop, Scope, Transport, analyze, parse_received
from lab.names import LOOPBACK
from lab.truth import Fact, Session

_SLACK: Final = timedelta(minutes=2)
_PLAINTEXT: Final = frozenset({FindingCode.PLAINTEXT_PUBLIC_HOP, FindingCode.CLEARTEXT_CREDENTIALS})
# What listens on loopback sees no client of another host, whatever the lab does.
_is_by_loopback: Final = re.compile(
    r"\n\s+by localhost (?:\(\S+ )?\[(?:127\.0\.0\.1|IPv6:::1)\]"
).search
# Groups by the names that OpenSSL takes.
_GROUPS: Final = {"X25519": "x25519", "prime256v1": "secp256r1", "secp384r1": "secp384r1"}


def find_misreadings(session: Session) -> list[str]:
    """Say each fact that is read otherwise than it was, or not read though it was told."""
    hop = parse_received(session.line)
    return [*_compare_facts(session, hop), *_compare_time(session, hop), *_judge(session)]


def _compare_facts(session: Session, hop: Hop) -> Iterator[str]:
    truths = dict(_iter_truths(session)) | session.shown
    for fact, look in _LOOKS.items():
        read, truth = _unfold(look(hop)), _unfold(truths.get(fact))
        if fact is Fact.HELO:  # which is no different with a last dot, or in other letters
            read, truth = _plain(read), _plain(truth) or None
        is_told = fact in session.told
        if read != truth and (is_told or read is not None):
            told = "" if is_told else ", though the line does not tell it"
            yield f"{fact} is {truth!r}, read as {read!r}{told}"


def _iter_truths(session: Session) -> Iterator[tuple[Fact, object]]:
    """Give what the facts are, in the form in which the looks below give them."""
    truth = session.truth
    yield Fact.HELO, truth.helo
    yield Fact.ADDRESS, truth.address
    yield Fact.NAME, truth.name
    yield Fact.IDENT, truth.ident
    yield Fact.SENDER, truth.sender
    yield Fact.RECIPIENT, truth.recipient
    if truth.auth or Fact.AUTH in session.told:  # some say A of clients that did not log in
        yield Fact.AUTH, True
    if truth.auth:
        yield Fact.USER, truth.auth.user
    if tls := truth.tls:
        yield Fact.VERSION, tls.version
        yield Fact.SUITE, hex(tls.code)
        yield Fact.BITS, tls.bits
        yield Fact.GROUP, _GROUPS.get(tls.group or "")
        yield Fact.CERTIFICATE, tls.certificate


def _unfold(text: object) -> object:
    """A text with its folds, which a writer may put anywhere, read as single blanks."""
    return " ".join(text.split()) if isinstance(text, str) else text


def _plain(helo: object) -> object:
    """A literal without its brackets, a name in lower case and without its last dot."""
    if not isinstance(helo, str):
        return helo
    if "=?" in helo:  # a writer may encode words that it copies
        helo = " ".join(str(make_header(decode_header(helo))).split())
    return helo.removeprefix("[").removesuffix("]").removesuffix(".").lower()


def _read_certificate(hop: Hop) -> str | None:
    text = hop.tls.client_certificate if hop.tls else None
    if text is None or not text.startswith('Client CN "'):
        return None
    return text.removeprefix('Client CN "').partition('", Issuer')[0]


_LOOKS: Final[dict[Fact, Callable[[Hop], object]]] = {
    Fact.HELO: lambda hop: hop.client and hop.client.helo,
    Fact.ADDRESS: lambda hop: hop.client and hop.client.address and str(hop.client.address),
    Fact.NAME: lambda hop: hop.client and hop.client.rdns,
    Fact.IDENT: lambda hop: hop.client and hop.client.ident,
    Fact.SENDER: lambda hop: hop.envelope_from,
    Fact.RECIPIENT: lambda hop: hop.recipients[0] if hop.recipients else None,
    Fact.AUTH: lambda hop: True if hop.auth else None,
    Fact.USER: lambda hop: hop.auth and hop.auth.user,
    Fact.VERSION: lambda hop: hop.tls and hop.tls.version and hop.tls.version.value,
    Fact.SUITE: lambda hop: hop.tls and hop.tls.suite and hex(hop.tls.suite.code),
    Fact.BITS: lambda hop: hop.tls and hop.tls.bits,
    Fact.GROUP: lambda hop: hop.tls and hop.tls.group,
    Fact.CERTIFICATE: _read_certificate,
}


def _compare_time(session: Session, hop: Hop) -> Iterator[str]:
    if hop.timestamp is None:
        if Fact.TIME in session.told:
            yield "no time read"
    elif abs(hop.timestamp - session.truth.at) > _SLACK:
        yield f"time is {session.truth.at}, read as {hop.timestamp}"


def _judge(session: Session) -> Iterator[str]:
    """Compare the verdict of a message whose only line this is."""
    trace = analyze(f"Received: {session.line}\n\n".encode())
    verdict = trace.hops[0].verdict
    if verdict is None:
        yield "no verdict"
        return
    expected = expect_transport(session)
    if verdict.transport is Transport.NOT_APPLICABLE and _is_by_loopback(session.line):
        return
    if session.is_unsure and verdict.confidence is not Confidence.HIGH:
        return
    if verdict.transport is not expected:
        yield f"transport is {expected.value}, read as {verdict.transport.value} ({verdict.rule})"
    flags = _PLAINTEXT.intersection(finding.code for finding in verdict.findings)
    if flags and session.truth.tls:
        yield f"flagged as plaintext: {', '.join(sorted(flags))}"
    is_public = verdict.scope is Scope.PUBLIC and session.truth.greeting != "LHLO"
    if not flags and is_public and expected is Transport.PLAINTEXT:
        yield "plaintext over the internet is not flagged"


def expect_transport(session: Session) -> Transport:
    """What the record says: nothing, where the server writes both states alike.

    A line without its client is the server's note about itself.
    """
    truth = session.truth
    is_within = truth.greeting == "LHLO" and truth.address == LOOPBACK.address and not truth.tls
    if not truth.greeting or is_within:  # handed over on the machine itself
        return Transport.NOT_APPLICABLE
    if Fact.TLS not in session.told:
        has_client = session.line.startswith("from ")
        return Transport.NOT_RECORDED if has_client else Transport.NOT_APPLICABLE
    return Transport.ENCRYPTED if session.truth.tls else Transport.PLAINTEXT
