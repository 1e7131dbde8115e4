"""From the value of one `Received` field to a `Hop`: the values in the places that a plan names."""

import re
from collections.abc import Iterable
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from headertls.models import (
    Auth,
    Client,
    Defect,
    DefectKind,
    Evidence,
    Hop,
    Tls,
    TlsVersion,
)
from headertls.models.build import new_hop
from headertls.parser.addresses import strip_brackets
from headertls.parser.client import Writer, read_client
from headertls.parser.comments import read_comment
from headertls.parser.dates import find_plain_date, parse_date
from headertls.parser.encryption import find_client_notes, read_encryption
from headertls.parser.frames import find_framed
from headertls.parser.lexer import MAX_FIELD, join_second_with, lex
from headertls.parser.line import Line
from headertls.parser.marks import read_marks
from headertls.parser.mending import find_joined, find_mended
from headertls.parser.plan import NONE, find_plan
from headertls.parser.server import read_comments, read_server
from headertls.parser.software import (
    NO_AUTH_BEFORE_BY,
    NO_TLS_BEFORE_BY,
    PROTOCOL_MARKERS,
    STYLES,
    SUITE_VERSION_WRITERS,
    USER_NOTE_LAST,
)
from headertls.parser.surrogates import replace_surrogates
from headertls.parser.tail import Parted, part_tail
from headertls.parser.tls import is_unread_tls_text
from headertls.parser.verbatim import Style
from headertls.parser.vocabulary import AuthWords, ProtocolWords, read_protocol

# Reaching one of these bounds leaves part of the line unread.
BOUNDS: Final = frozenset(
    (
        DefectKind.FIELD_TOO_LONG,
        DefectKind.TOO_MANY_TOKENS,
        DefectKind.COMMENT_TOO_DEEP,
        DefectKind.TLS_TEXT_TOO_LONG,
    )
)
_NO_PROTOCOL: Final = ProtocolWords("")


def parse_received(value: str) -> Hop:
    """Read the value of one `Received` field.

    Never raises on content: deviations are `Hop.defects`, what no rule read is in `Hop.unparsed`,
    and the line stays whole in `Hop.raw`. Only the facts are read; `Hop.verdict` is `None`.

    Args:
        value: The text behind `Received:`, folded or not (RFC 5321, 4.4; RFC 5322, 3.6.7).

    Raises:
        TypeError: *value* is not a `str`.

    >>> hop = parse_received(
    ...     "from mail.example (mail.example [81.2.69.144]) by mx.example (Postfix)"
    ...     " with ESMTPS id 4Q1; Tue, 29 Aug 2023 10:11:12 +0200"
    ... )
    >>> hop.client.helo, str(hop.client.address), hop.protocol
    ('mail.example', '81.2.69.144', 'ESMTPS')
    """
    _require_text(value)
    defects: list[Defect] = []
    if not value.isascii():
        value = _without_surrogates(value, defects)
    if mended := find_mended(value):
        return mended.restore(_read_value(mended.text, defects))
    return _read_value(value, defects)


def _require_text(value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"a str is needed, not {type(value).__name__}")


def _read_value(value: str, defects: list[Defect]) -> Hop:
    hop = _read_framed(value, defects)
    if "\n" not in value:
        return hop
    is_odd = bool(hop.comments or hop.unparsed or hop.defects)
    is_odd = is_odd or (" " in (hop.protocol or "") and _has_odd_protocol(hop))
    if is_odd and (joined := find_joined(value)):
        other = joined.restore(_read_framed(joined.text, defects))
        # the damage itself is a defect more
        return other if _count_unread(other) <= _count_unread(hop) else hop
    return hop


def _count_unread(hop: Hop) -> int:
    unread = len(hop.comments) + len(hop.unparsed) + len(hop.defects)
    return unread + 1 if _has_odd_protocol(hop) else unread


def _has_odd_protocol(hop: Hop) -> bool:
    """Whether the protocol is of several words that no product is known by."""
    return " " in (hop.protocol or "") and hop.protocol not in PROTOCOL_MARKERS


def _read_framed(value: str, defects: list[Defect]) -> Hop:
    if framed := find_framed(value):  # what is left may stand in another frame
        return framed.restore(_read_framed(framed.text, defects))
    return _read_field(value, defects)


def _read_field(value: str, defects: list[Defect]) -> Hop:
    parted = part_tail(value) if len(value) <= MAX_FIELD else Parted(value, "")
    hop = _read_text(value, parted.head, defects)
    if parted.is_second_half:
        hop, parted = _choose(hop, _read_text(value, value, defects), parted)
    return _add_tail(hop, parted.tail) if parted.tail else hop


def _read_text(raw: str, text: str, defects: list[Defect]) -> Hop:
    """Read *text*, the whole or a part of *raw*."""
    shape, tokens, lexer_defects = lexed = lex(text)
    plan = find_plan(shape)
    if plan.defects and DefectKind.DUPLICATE_CLAUSE in plan.defects:
        shape, tokens, lexer_defects = join_second_with(text, lexed)
        plan = find_plan(shape)
    line = Line(raw, tokens, plan, [*defects, *lexer_defects])
    for kind in plan.defects:
        line.note(kind)
    return _read(line)


def _choose(head: Hop, whole: Hop, parted: Parted) -> tuple[Hop, Parted]:
    """Of two ways to read a line, one of them meant by the sender, take what claims less."""
    address = _find_ends(head)[0]
    if address != _find_ends(whole)[0] and not (address and address.is_global):
        # either may be the sender's; this one would count as the house's own
        head = head.model_copy(update={"client": Client()})
    if bool(whole.tls) == bool(head.tls) or (whole.tls and parted.is_sure):
        return head, parted
    if head.tls and _find_ends(head) == _find_ends(whole):
        return whole, Parted(whole.raw, "")
    # an encrypted session must not be accused, nor a claim be believed
    unread = Defect(kind=DefectKind.TLS_TEXT_UNREAD, text=parted.head[:MAX_SHOWN])
    update = {"tls": None, "protocol": None, "defects": (*head.defects, unread)}
    return head.model_copy(update=update), parted


def _find_ends(hop: Hop) -> tuple[IPv4Address | IPv6Address | None, str | None]:
    """The client's address and the server's name, on which trust depends."""
    return hop.client.address if hop.client else None, hop.server.name if hop.server else None


def _add_tail(hop: Hop, tail: str) -> Hop:
    """Keep *tail* as text that was not read."""
    defect = Defect(kind=DefectKind.TEXT_AFTER_DATE, text=tail[:MAX_SHOWN])
    update = {"unparsed": (*hop.unparsed, *tail.split()), "defects": (*hop.defects, defect)}
    return hop.model_copy(update=update)


MAX_SHOWN: Final = 80
"""Characters of text behind the date that its defect shows."""


def _without_surrogates(value: str, defects: list[Defect]) -> str:
    clean = replace_surrogates(value)
    if clean != value:
        defects.append(Defect(kind=DefectKind.UNDECODABLE))
    return clean


def _read(line: Line) -> Hop:
    plan, tokens, raw = line.plan, line.tokens, line.raw
    protocol = _read_protocol(line) if plan.protocol != NONE else _NO_PROTOCOL
    if plan.via_peer and protocol.protocol != "HTTP":
        line = _take_via_for_helo(line)
        plan = line.plan
    software, comments, product, late = read_comments(line, protocol)
    if software and (plan.is_unclear or plan.has_early_notes):
        line = _reconsider(line, software)
        if plan.is_unclear or line.plan.foreign:
            _, comments, product, late = read_comments(line, protocol)
        plan = line.plan
    if plan.zone >= 0 and "@" in tokens[plan.zone]:  # (added by postmaster@HOST), not a zone's name
        comments = (*comments, read_comment(tokens[plan.zone]).text)
    client = read_client(line, Writer(protocol.protocol, software))
    tls = _read_tls(line, protocol, software)
    _note_damage(line)
    timestamp = _read_date(line) if plan.date != NONE else None
    unparsed = _read_unparsed(line, protocol) if plan.has_leftovers or protocol.rest else ()
    if tls is None and (comments or unparsed or plan.peer_tail != NONE):
        tail = line.words(plan.peer_tail) if plan.peer_tail != NONE else ""
        own = late if line.defects and _is_silent_before_by(software) else comments
        _note_unread_tls(line, (*own, " ".join(unparsed), tail))
    unparsed += tuple([line.words((i, i + 1)) for i in plan.foreign])
    auth = _read_auth(line, protocol) if _may_tell_auth(line, protocol) else None
    marks: tuple[Evidence, ...] = ()
    if client is not None and (tls is None or tls.conflicts or auth):
        marks = read_marks(line, protocol, tls, product)
    defects = line.defects
    return new_hop(
        {
            "raw": raw,
            "client": client,
            "server": read_server(line, software),
            "protocol": protocol.protocol or None,
            "via": strip_brackets(line.words(plan.via)) if plan.via != NONE else None,
            "id": _read_id(tokens[plan.id]) if plan.id >= 0 else protocol.id,
            "recipients": tuple([_read_path(tokens[i]) for i in plan.recipients]),
            "envelope_from": _read_envelope_from(line) if plan.may_tell_sender else None,
            "auth": auth,
            "tls": tls,
            "timestamp": timestamp,
            "comments": comments,
            "unparsed": unparsed,
            "marks": marks,
            "defects": tuple(defects),
            "complete": not (defects and any(defect.kind in BOUNDS for defect in defects)),
        }
    )


def _take_via_for_helo(line: Line) -> Line:
    """Plan again: `via` and the peer behind it are what the client said of itself."""
    shape = line.plan.shape
    style = Style.LITERAL if shape[line.plan.via[0]] in "LN" else Style.PEER
    line.note(DefectKind.HELO_SYNTAX)
    return line._replace(plan=find_plan(shape, style))


def _read_protocol(line: Line) -> ProtocolWords:
    text = line.words(line.plan.protocol)
    if text[0] == "[":
        text = " ".join((text, *_find_parted(line)))
    return read_protocol(text)


def _find_parted(line: Line) -> list[str]:
    """Words of a protocol that a comment has parted: `[XMail 1.21 (Linux/Ix86) ESMTP Server]`."""
    plan, tokens = line.plan, line.tokens
    start, end = plan.protocol
    if start < 0 or tokens[start] != "[" or "]" in tokens[end - 1]:
        return []
    words = [tokens[i] for start, end in plan.unparsed for i in range(start, end)]
    return words[: next((i for i, word in enumerate(words, 1) if word.endswith("]")), 0)]


# Exchange's id=14.3.498.0; debbugs means its `id=`
_is_build: Final = re.compile(r"\d+(?:\.\d+){2,}").fullmatch


def _note_damage(line: Line) -> None:
    """Note what mail programs and web pages do to a line that is copied out of them."""
    plan, raw = line.plan, line.raw
    if ("&" in raw and ("&lt;" in raw or "&#" in raw)) or "=3D" in raw:
        line.note(DefectKind.TRANSPORT_DAMAGE)
    if plan.id > 0 and line.tokens[plan.id - 1][-1] == "=" and _is_build(line.tokens[plan.id]):
        line.note(DefectKind.TRANSPORT_DAMAGE)


def _read_tls(line: Line, protocol: ProtocolWords, software: str | None) -> Tls | None:
    tls = read_encryption(line, protocol)
    if tls and software and software.startswith(SUITE_VERSION_WRITERS):
        return _without_early_version(tls)
    return tls


def _without_early_version(tls: Tls) -> Tls:
    """Forget a version that only is the lowest one in which the suite exists.

    From TLS 1.2 on it is that of the session, too.
    """
    is_early = tls.version is not None and tls.version.rank < TlsVersion.TLSV1_2.rank
    return tls.model_copy(update={"version": None}) if is_early else tls


def _is_silent_before_by(software: str | None) -> bool:
    return software is not None and software.partition(" ")[0] in NO_TLS_BEFORE_BY


def _note_unread_tls(line: Line, texts: tuple[str, ...]) -> None:
    """Silence is no evidence where there are words that were not understood."""
    for text in texts:
        if is_unread_tls_text(text):
            line.note(DefectKind.TLS_TEXT_UNREAD, text)


def _reconsider(line: Line, software: str) -> Line:
    """Plan again, now that the product is known: it tells whose words those before `by` are."""
    name = software.partition(" ")[0]
    plan = line.plan
    style = STYLES.get(name)
    if plan.is_unclear and style:
        plan = find_plan(plan.shape, style)
    by = plan.shape.rfind("B")
    if name in NO_TLS_BEFORE_BY:
        plan = plan._replace(tls=tuple(i for i in plan.tls if i > by))
    if name in NO_AUTH_BEFORE_BY:
        plan = plan._replace(auth=tuple(i for i in plan.auth if i > by))
    line = line._replace(plan=plan)
    return _part_client_notes(line, by) if name in USER_NOTE_LAST else line


def _part_client_notes(line: Line, by: int) -> Line:
    """Take out what stands behind the note of the user, before `by`: it is of the user's name."""
    plan = line.plan
    foreign = find_client_notes(line, [i for i in (*plan.tls, *plan.comments) if i < by])
    if not foreign:
        return line
    own = plan._replace(
        tls=tuple(i for i in plan.tls if i not in foreign),
        comments=tuple(i for i in plan.comments if i not in foreign),
        foreign=tuple(sorted(foreign)),
    )
    return line._replace(plan=own)


# -- clauses


def _read_id(token: str) -> str:
    return strip_brackets(token.removesuffix(",").strip('"'))


# White space around these is no part of an address (RFC 5322, 4.4).
_join_parts: Final = re.compile(r"\s*([.@])\s*").sub


def _read_path(token: str) -> str:
    """An address as written, brackets off; `<"NAME" <a@b>>` names its address last."""
    path = strip_brackets(token)
    if not (path.isprintable() and " " not in path) and '"' not in path:
        path = " ".join(_join_parts(r"\1", path).split())
    if path.endswith(">") and "<" in path:
        path = path[path.rindex("<") + 1 :]
    return path.strip("<>")


def _read_envelope_from(line: Line) -> str | None:
    plan = line.plan
    if plan.envelope_from >= 0:
        return _read_path(line.tokens[plan.envelope_from])
    # chasquid has it in its TLS comment: (over SMTP, TLS 1.3, envelope from "ADDR")
    comments = line.comments((*plan.envelope_comments, *plan.tls))
    texts = (comment.envelope_from for comment in comments)
    return next((strip_brackets(text) for text in texts if text is not None), None)


def _may_tell_auth(line: Line, protocol: ProtocolWords) -> bool:
    return line.plan.may_tell_auth or protocol.authenticated or "s" in line.plan.shape


def _read_auth(line: Line, protocol: ProtocolWords) -> Auth | None:
    plan, tokens = line.plan, line.tokens
    found: AuthWords | None = AuthWords() if protocol.authenticated else None
    notes = (*plan.auth, *plan.tls)
    for comment in line.comments(notes):
        found = comment.auth or found
    if user := next((i + 1 for i in plan.auth if plan.shape[i : i + 2] == "Uo"), 0):
        found = AuthWords(read_comment(tokens[user]).text)  # [Authenticated ID (USER)]: Runbox
    elif found is None:
        found = _find_auth_phrase((tokens[i] for i in notes), protocol.protocol)
    if plan.method > plan.address >= 0 and not plan.is_unclear:  # (USER@IP with plain): Yahoo Japan
        found = AuthWords(tokens[plan.address].rpartition("@")[0] or None, tokens[plan.method])
    if plan.pairs:  # auth=yes user=U: OpenSMTPD
        pairs = _read_pairs(line)
        if pairs.get("auth", "").lower() == "yes":
            found = AuthWords(user=pairs.get("user"))
    return Auth(user=found.user, method=found.method) if found else None


_WEB: Final = frozenset(("HTTP", "HTTPS"))


def _find_auth_phrase(texts: Iterable[str], protocol: str) -> AuthWords | None:
    """Read a set phrase about a login among *texts*."""
    for words in map(str.split, texts):
        if words[-1].upper() == "AUTH":  # with AUTH, with both STARTTLS and AUTH: Mimecast
            return AuthWords()
        if words[0].lower() == "as" and protocol in _WEB:  # as user USER: IMP
            return AuthWords(user=words[-1])
    return None


def _read_pairs(line: Line) -> dict[str, str]:
    """The words `key=value` of the line; the first of each key counts."""
    pairs: dict[str, str] = {}
    for index in line.plan.pairs:
        key, _, value = line.tokens[index].partition("=")
        pairs.setdefault(key.lower(), value)
    return pairs


def _read_date(line: Line) -> datetime | None:
    start, end = line.plan.date
    text = line.tokens[start] if end - start == 1 else line.words((start, end))
    if moment := find_plain_date(text):
        return moment
    moment, defect = parse_date(text)
    if defect is DefectKind.NO_ZONE and line.plan.zone >= 0:
        moment, defect = parse_date(text, read_comment(line.tokens[line.plan.zone]).text)
    if defect:
        line.note(defect, text)
    return moment


_READ_PAIRS: Final = ("auth=", "user=")


def _read_unparsed(line: Line, protocol: ProtocolWords) -> tuple[str, ...]:
    plan = line.plan
    texts = [line.tokens[i] for start, end in plan.unparsed for i in range(start, end)]
    del texts[: len(_find_parted(line))]
    texts += [
        line.tokens[i] for i in plan.pairs if not line.tokens[i].lower().startswith(_READ_PAIRS)
    ]
    if _has_loose_by_words(line):
        texts[:0] = line.tokens[plan.by[0] + 1 : plan.by[1]]
    if protocol.rest:
        texts += protocol.rest.split()
    return tuple(texts)


def _has_loose_by_words(line: Line) -> bool:
    start, end = line.plan.by
    return end - start > 1 and "." in line.tokens[start]
