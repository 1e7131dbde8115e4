"""What a line says about TLS, gathered from the places that only the server fills."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

from headertls.models import (
    CipherSuite,
    DefectKind,
    Evidence,
    EvidenceKind,
    EvidenceLevel,
    Tls,
    TlsConflict,
    TlsVersion,
)
from headertls.models.build import new_evidence
from headertls.parser.comments import read_comment
from headertls.parser.line import Line
from headertls.parser.plan import NONE
from headertls.parser.tls import TlsWords, find_tls_words
from headertls.parser.vocabulary import ProtocolWords, find_login_note, read_protocol
from headertls.tls import (
    effective_version,
    find_cipher_group,
    find_group,
    find_suite,
    find_version,
    is_conflict,
)

_T = TypeVar("_T")


class Piece(NamedTuple):
    """A piece of the line that may speak of TLS."""

    place: EvidenceKind
    text: str
    start: int


class Statement(NamedTuple):
    """A piece that does speak of TLS, and what it says."""

    words: TlsWords
    piece: Piece


def read_encryption(line: Line, protocol: ProtocolWords) -> Tls | None:
    """Gather what *line* says about TLS; `None` when it says nothing."""
    if not (line.plan.may_speak_of_tls or protocol.tls):
        return None
    pieces = _find_pieces(line, protocol)
    return _read_pieces(tuple(pieces), protocol) if pieces else None


def _find_pieces(line: Line, protocol: ProtocolWords) -> list[Piece]:
    plan, tokens = line.plan, line.tokens
    pieces = [
        Piece(EvidenceKind.NOTE, tokens[index], line.spot(index))
        for index in _find_notes(line, protocol)
    ]
    if plan.clause != NONE:
        clause = _find_span(EvidenceKind.CLAUSE, line, plan.clause)
        if _is_clause(clause.text):
            pieces.append(clause)
        else:
            line.note(DefectKind.TLS_TEXT_UNREAD, clause.text)
    # a `via` before `by` may be the client's
    if plan.via[0] > plan.by[0] and _read_link(line.words(plan.via)):
        pieces.append(_find_span(EvidenceKind.VIA, line, plan.via))
    if protocol.tls:
        pieces.append(_find_span(EvidenceKind.PROTOCOL, line, plan.protocol))
    return pieces


def _find_notes(line: Line, protocol: ProtocolWords) -> Iterable[int]:
    """The notes of TLS that count.

    A login name or an ident may hold brackets, so what stands behind one may be the client's, too:
    that needs the protocol word's support. And what the server denies outright, a client has added.
    """
    notes = line.plan.tls
    if not notes:
        return notes
    doubtful = [index for index in notes if _is_glued(line, index)]
    if not protocol.tls:
        if find_denials(line):
            return ()
        doubtful += find_client_notes(line, notes)
        if protocol.authenticated:
            doubtful += [index for index in notes if _is_login_of_courier(line.tokens[index])]
    for index in doubtful:
        line.note(DefectKind.TLS_TEXT_UNREAD, line.tokens[index])
    return [index for index in notes if index not in doubtful] if doubtful else notes


def _is_glued(line: Line, index: int) -> bool:
    """Whether the note at *index* goes on an address without angle brackets: `for a@b(TLSv1.3)`.

    Brackets are allowed in an address (RFC 5321, 4.1.2, by way of RFC 5322), and what stands in
    them is the client's.
    """
    plan = line.plan
    if index - 1 not in plan.recipients and index - 1 != plan.envelope_from:
        return False
    is_closed = line.tokens[index - 1][-1] in '>";'  # <a@b>, "a@b" of chasquid, &lt;a@b&gt;
    return not is_closed and line.raw[line.spot(index) - 1] > " "


def _is_login_of_courier(note: str) -> bool:
    """Whether the name of a login may have made the TLS part of `(AUTH: LOGIN NAME, TLS: …)`.

    Courier has both A and S in its protocol word, or neither of them (up to 0.65.1).
    """
    return note.startswith("(AUTH: ")


def find_client_notes(line: Line, notes: Iterable[int]) -> list[int]:
    """Those of *notes* that a login name or an ident answer may hold, in its half of the line."""
    plan, tokens = line.plan, line.tokens
    starts = [_find_client_text(index, tokens[index]) for index in (*plan.tls, *plan.auth)]
    if plan.is_unclear and (m := find_login_note(line.raw)):  # the name may have broken its note
        starts.append(next(i for i in range(len(tokens)) if line.spot(i) >= m.start()))
    by = plan.by[0]
    return [
        index
        for index in notes
        if any(
            start is not None
            and start < index
            and (start > by or index < by)
            and tokens[start] != tokens[index]  # an opened comment, both its ends
            for start in starts
        )
    ]


def _find_client_text(index: int, token: str) -> int | None:
    """Behind which place the text of a note with a login name or an ident answer may reach."""
    if token[0] != "(":
        return None
    comment = read_comment(token)
    if comment.text.startswith("IDENT: "):
        return index - 1  # nobody has to log in for that, so the note itself may be made up
    # a name that begins with a bracket leaves the note without one
    is_named = comment.auth and (comment.auth.user or comment.text == "Authenticated sender:")
    return index if is_named else None


# The classes of comments that may deny encryption, see `comments`.
_DENIALS: Final = frozenset("ek")


def find_denials(line: Line) -> list[int]:
    """`plain text!` of chasquid, `unencrypted` of fdm; before `by` the client may say so."""
    shape, tokens = line.plan.shape, line.tokens
    if _DENIALS.isdisjoint(shape):
        return []
    return [
        index
        for index in range(max(line.plan.by[0], 0), len(shape))
        if shape[index] in _DENIALS
        and tokens[index][0] == "("
        and (words := read_comment(tokens[index]).tls)
        and words.level is None
    ]


def _find_span(place: EvidenceKind, line: Line, span: tuple[int, int]) -> Piece:
    start, end = line.reach(span)
    return Piece(place, line.raw[start:end], start)


def _read_piece(piece: Piece, protocol: ProtocolWords) -> TlsWords | None:
    if piece.place is EvidenceKind.PROTOCOL:
        return TlsWords("protocol", protocol.tls, version=protocol.version, cipher=protocol.cipher)
    if piece.place is EvidenceKind.VIA:
        return _read_link(" ".join(piece.text.split()))
    if piece.place is EvidenceKind.CLAUSE:
        m = _is_clause(piece.text)
        return m and TlsWords("clause", EvidenceLevel.DETAIL, cipher=m[1], group=m[2])
    if piece.text[0] == "(":
        return read_comment(piece.text).tls
    return find_tls_words(" ".join(piece.text.split()))


def _read_link(text: str) -> TlsWords | None:
    """Words behind `via` that speak of TLS: `SSL`, `TLSv1.2`, a transmission type with S."""
    tls = read_protocol(text).tls
    return find_tls_words(text) or (TlsWords("via", tls) if tls else None)


# RFC 8314, 4.3; a dash where a server took OpenSSL's name
_is_clause: Final = re.compile(
    r"tls\s+([a-z][\w-]*|0x[\da-f]{4})(?:\s+group\s+([\w-]+))?", re.IGNORECASE
).fullmatch


# The same texts stand at the same places again and again, so most answers are known.
@lru_cache(maxsize=4096)
def _read_pieces(pieces: tuple[Piece, ...], protocol: ProtocolWords) -> Tls | None:
    statements = [
        Statement(words, piece)
        for piece in pieces
        if (words := _read_piece(piece, protocol)) and words.level
    ]
    return _build(statements, protocol) if statements else None


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
    return _Resolved(effective_version(version, suite), suite, group, is_conflict(version, suite))


def _build(statements: list[Statement], protocol: ProtocolWords) -> Tls:
    first = statements[0].words
    if len(statements) > 1:
        first = _merge(statements)
    resolved = _resolve(first.version, first.cipher, first.group)
    evidence = tuple(
        new_evidence(
            {
                "kind": piece.place,
                "level": level,
                "text": piece.text,
                "start": piece.start,
                "end": piece.start + len(piece.text),
            }
        )
        for words, piece in statements
        if (level := words.level)
    )
    return _describe(first, resolved, evidence, _find_conflicts(statements, protocol, resolved))


def describe_session(words: TlsWords, evidence: tuple[Evidence, ...]) -> Tls:
    """What *words* say that do not stand in a trace line, resolved as those of a line are."""
    resolved = _resolve(words.version, words.cipher, words.group)
    conflicts = (TlsConflict.VERSION_SUITE,) if resolved.conflict else ()
    return _describe(words, resolved, evidence, conflicts)


def _describe(
    words: TlsWords,
    resolved: _Resolved,
    evidence: tuple[Evidence, ...],
    conflicts: tuple[TlsConflict, ...],
) -> Tls:
    return Tls(
        version=resolved.version,
        stated_version=_stated(words.version),
        cipher=words.cipher,
        suite=resolved.suite,
        bits=words.bits,
        group=resolved.group,
        signature=words.signature,
        client_certificate=words.certificate,
        evidence=evidence,
        conflicts=conflicts,
    )


def _merge(statements: list[Statement]) -> TlsWords:
    """The first statement on each point counts."""
    told = [statement.words for statement in statements]
    return TlsWords(
        told[0].form,
        told[0].level,
        version=_first(_stated(words.version) for words in told),
        cipher=_first(words.cipher for words in told),
        bits=_first(words.bits for words in told),
        group=_first(words.group for words in told),
        signature=_first(words.signature for words in told),
        certificate=_first(words.certificate for words in told),
    )


def _first(values: Iterable[_T | None]) -> _T | None:
    return next((value for value in values if value is not None), None)


_is_bare: Final = re.compile(r"(?:TLS|SSL)", re.IGNORECASE).fullmatch


def _stated(version: str | None) -> str | None:
    # `(TLS)` and `using TLS` name no version
    return None if version is None or _is_bare(version) else version


def _names_session(statements: list[Statement]) -> bool:
    """Whether a version or cipher is told, beyond the bare words TLS and SSL."""
    return any(s.words.cipher or _stated(s.words.version) for s in statements)


def _find_conflicts(
    statements: list[Statement], protocol: ProtocolWords, resolved: _Resolved
) -> tuple[TlsConflict, ...]:
    conflicts: list[TlsConflict] = []
    if protocol.registered and not protocol.tls and _names_session(statements):
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
