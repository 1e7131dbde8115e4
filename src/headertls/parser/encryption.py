"""What a line says about TLS, gathered from the places that only the server fills."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from headertls.models import CipherSuite, Evidence, EvidenceKind, Tls, TlsConflict, TlsVersion
from headertls.parser.comments import read_comment
from headertls.parser.line import Line
from headertls.parser.plan import NONE
from headertls.parser.tls import TlsWords, find_tls_words
from headertls.parser.vocabulary import ProtocolWords
from headertls.tls import (
    effective_version,
    find_cipher_group,
    find_group,
    find_suite,
    find_version,
    is_conflict,
)


class Statement(NamedTuple):
    """One piece of text that speaks of TLS, and what it says."""

    words: TlsWords
    start: int
    text: str


def read_encryption(line: Line, protocol: ProtocolWords) -> Tls | None:
    """Gather what *line* says about TLS; `None` when it says nothing."""
    plan = line.plan
    if not (plan.tls or protocol.tls or plan.clause != NONE or plan.via != NONE):
        return None
    statements = _find_statements(line, protocol)
    return _build(statements, protocol) if statements else None


def _find_statements(line: Line, protocol: ProtocolWords) -> list[Statement]:
    plan, tokens = line.plan, line.tokens
    statements: list[Statement] = []
    for index in plan.tls:
        token = tokens[index]
        words = (
            read_comment(token).tls if token[0] == "(" else find_tls_words(" ".join(token.split()))
        )
        if words and words.kind:
            statements.append(Statement(words, line.spot(index), token))
    if plan.clause != NONE:
        statements.append(_read_clause(line))
    if plan.via != NONE and line.words(plan.via).upper() in ("SSL", "TLS"):
        words = TlsWords("via", EvidenceKind.KEYWORD)
        statements.append(Statement(words, line.spot(plan.via[0]), tokens[plan.via[0]]))
    if protocol.tls:
        words = TlsWords("protocol", protocol.tls, cipher=protocol.cipher)
        start = line.spot(plan.protocol[0])
        last = plan.protocol[1] - 1
        end = line.spot(last) + len(tokens[last])
        statements.append(Statement(words, start, line.raw[start:end]))
    return statements


def _read_clause(line: Line) -> Statement:
    """`tls SUITE [group NAME]` (RFC 8314, 4.3)."""
    first, end = line.plan.clause
    start = line.spot(first)
    stop = line.spot(end - 1) + len(line.tokens[end - 1])
    group = line.tokens[first + 3] if end - first > 2 else None  # noqa: PLR2004  # tls X group Y
    words = TlsWords("clause", EvidenceKind.DETAIL, cipher=line.tokens[first + 1], group=group)
    return Statement(words, start, line.raw[start:stop])


class _Resolved(NamedTuple):
    version: TlsVersion | None
    suite: CipherSuite | None
    group: str | None
    conflict: bool


@lru_cache(maxsize=2048)
def _resolve(stated: str | None, cipher: str | None, group: str | None) -> _Resolved:
    version = find_version(stated) if stated else None
    suite = find_suite(cipher, version) if cipher else None
    if group:
        known = find_group(group)
        group = known.name if known else group
    elif cipher:
        group = find_cipher_group(cipher)
    return _Resolved(
        effective_version(version, suite), suite, group, is_conflict(version, suite)
    )


def _build(statements: list[Statement], protocol: ProtocolWords) -> Tls:
    first = statements[0].words
    if len(statements) > 1:
        first = _merge(statements)
    resolved = _resolve(first.version, first.cipher, first.group)
    evidence = tuple(
        Evidence(kind=kind, text=text, start=start, end=start + len(text))
        for words, start, text in statements
        if (kind := words.kind)
    )
    return Tls(
        version=resolved.version,
        stated_version=_stated(first.version),
        cipher=first.cipher,
        suite=resolved.suite,
        bits=first.bits,
        group=resolved.group,
        signature=first.signature,
        client_certificate=first.certificate,
        evidence=evidence,
        conflicts=_find_conflicts(statements, protocol, resolved),
    )


def _merge(statements: list[Statement]) -> TlsWords:
    """The first statement on each point counts."""
    merged = statements[0].words
    for statement in statements[1:]:
        merged = TlsWords(
            *(
                old if old is not None else new
                for old, new in zip(merged, statement.words, strict=True)
            )
        )
    return merged


_is_bare: Final = re.compile(r"(?:TLS|SSL)", re.IGNORECASE).fullmatch


def _stated(version: str | None) -> str | None:
    # `(TLS)` and `using TLS` name no version
    return None if version is None or _is_bare(version) else version


def _find_conflicts(
    statements: list[Statement], protocol: ProtocolWords, resolved: _Resolved
) -> tuple[TlsConflict, ...]:
    conflicts: list[TlsConflict] = []
    if protocol.registered and not protocol.tls:
        conflicts.append(TlsConflict.KEYWORD_UNDERSTATES)
    if resolved.conflict:
        conflicts.append(TlsConflict.VERSION_SUITE)
    if len(statements) > 1:
        versions = {find_version(s.words.version) for s in statements if s.words.version} - {None}
        suites = {s.words.cipher for s in statements if s.words.cipher}
        if len(versions) > 1:
            conflicts.append(TlsConflict.VERSIONS_DIFFER)
        if len(suites) > 1:
            conflicts.append(TlsConflict.SUITES_DIFFER)
    return tuple(conflicts)
