"""The grammar over shapes: from the classes of a field's tokens to the parts that they play.

A shape is read in two halves, parted at the last ``by`` outside brackets. Whatever a client may put
verbatim into its HELO argument (Cyrus, Twisted mail, Exim with a wide `helo_allow_chars`, Courier,
qpsmtpd, Haraka) stands before the ``by`` of the server; behind it, client text is quoted.

* The **origin** is read strictly: `ORIGIN` lists the forms that servers write, and only in those
  may comments be evidence. What fits no form is read by `_read_verbatim`, which believes the
  client's address and nothing else.
* The **receiver** is a run of `CLAUSES` in any order; what no clause takes is left over.
"""
# pyright: basic

import re
from enum import StrEnum
from typing import Final, NamedTuple

import pyparsing as pp


class Part(NamedTuple):
    """The tokens from *start* to before *end* play *role*."""

    role: str
    start: int
    end: int


def _part(pattern: str, role: str) -> pp.ParserElement:
    """Classes that match *pattern* play *role*."""

    def build(loc: int, tokens: pp.ParseResults) -> Part:
        return Part(role, loc, loc + len(tokens[0]))

    return pp.Regex(pattern).set_parse_action(build)


def _parts(roles: dict[str, str]) -> pp.ParserElement:
    """One class, whose letter tells the role."""

    def build(loc: int, tokens: pp.ParseResults) -> Part:
        return Part(roles[str(tokens[0])], loc, loc + 1)

    letters = "".join(roles)
    return pp.Regex(f"[{re.escape(letters)}]").set_parse_action(build)


def _skip(pattern: str) -> pp.ParserElement:
    return pp.Regex(pattern).suppress()


def _finish(name: str, element: pp.ParserElement) -> pp.ParserElement:
    """Pin white space, and make the grammar ready for threads.

    Other users of pyparsing may change the default white space process-wide; and a grammar that is
    not streamlined gives wrong answers when several threads parse with it for the first time.
    """
    grammar = (element + pp.StringEnd()).set_name(name)
    for part in grammar.visit_all():
        part.leave_whitespace(recursive=False)
    return grammar.streamline()


_opt = pp.Opt
_many = pp.ZeroOrMore

# Words before `from`: `indimail-mta smtpd 41`, `Received`, `Message`; comments of qmail-queue.
_from = _opt(_part(r"[^FB{]+(?=F)", "prelude")) + _skip("F")
_name = _part(r"[wMNLAQSzH]w*", "name")
_literal = _part("L", "address")

# ([IP]), (RDNS [IP] (may be forged)), (IDENT@IP), (IP), ([IP]:PORT), (RDNS port=N [IP])
_peer_token = (
    _parts({"1": "address", "2": "address", "3": "address", "5": "rdns", "4": "rdns",
            "8": "port", "9": "ident"})
    | _skip(r"\+") + _part("5", "method")
    | _skip("[0_+-]")
)  # fmt: skip
_peer = _part(r"\{(?=[^67=}]*[123][^67=}]*\})", "peer") + _many(_peer_token) + _skip(r"\}")
# (HELO NAME), (EHLO [IP]), (account U HELO NAME)
_helo_note = (
    _part(r"\{(?=[^123}]*6)", "peer")
    + _skip("[^6]*6")
    + _opt(_part(r"[^}]", "helo"))
    + _skip(r"\}")
)
# ([IP] helo=NAME), (port=N helo=NAME ident=X)
_exim_note = (
    _part(r"\{(?=[^}]*[78])", "peer")
    + _many(_part("[12]", "address") | _parts({"8": "port", "9": "ident"}) | _skip("[05_4-]"))
    + _opt(_part("7", "helo"))
    + _many(_parts({"8": "port", "9": "ident"}))
    + _skip(r"\}")
)
# ([IP]:N "EHLO NAME" flags): ZMailer
_zmailer_note = (
    _part(r"\{(?=[^}]*=)", "peer")
    + _many(_part("[12]", "address"))
    + _part("=", "helo")
    + _skip(r"[^}]*\}")
)

# Notes that a server adds behind the client's address. The TLS phrases among them are those that
# servers are known to put here; others (`t`) are left unread.
_note = (
    _parts({"u": "tls", "v": "tls", "y": "tls", "a": "auth", "e": "envelope_comment",
            "o": "comment", "c": "comment", "t": "comment", "d": "comment"})
    | _skip("[;xk]")
    | _skip("I") + _part("[wAM]", "id")
)  # fmt: skip
_notes = _many(_note)
_comments = _part("[oc]*", "comments")

# fmt: off
ORIGIN: Final[dict[str, pp.ParserElement]] = {
    # from HELO (RDNS [IP]) (using …) · from RDNS (HELO NAME) (IP) · from RDNS (EHLO NAME) ([IP])
    "peer": _from + _opt(_name) + _opt(_helo_note) + _peer + _notes,
    # from [IP] (using …): MessageLabs. A note without a blank in it may be the HELO argument, see
    # "literal"; such are of the classes o and t.
    "address": _from + _part("[LN]", "name") + _many(~pp.Regex("[ot]") + _note),
    # from USER (uid N) id N · from foo [IP] · from NAME (NAME)
    "bare": _from + _part("[wMAQSz]w*", "name") + _opt(_literal) + _opt(_part("o", "single"))
            + _notes,
    # from RDNS ([IP] helo=NAME): the HELO argument comes last, so nothing behind it is evidence
    "exim": _from + _opt(_name) + _exim_note + _comments,
    "zmailer": _from + _opt(_name) + _zmailer_note + _comments,
    # from IP (EHLO NAME) · from unknown [IP] (EHLO NAME) · from [IP] (account U HELO NAME)
    # (a date in the place of the address is the mark of a forger)
    "helo": _from + _opt(_name) + _opt(_literal) + _helo_note + _opt(_part("d", "bad_address")),
    # from [IP] (NAME): chasquid <= 1.11, where NAME is the HELO argument
    "literal": _from + _part("L", "name") + _part("o", "single"),
    # from RDNS (IP) via RDNS (IP): Roundcube
    "via": _from + _name + _peer + _skip("V") + _part("w", "via") + _part(r"\{[^}]*\}", "comment")
           + _notes,
    # from NAME ([IP] helo=NAME — Twisted mail never closes the bracket
    "twisted": _from + _name + _skip("x") + _literal + _part("h", "helo"),
}
NAMELESS_ORIGIN: Final[dict[str, pp.ParserElement]] = {
    # a note of a server about itself: (qmail 1 invoked by uid 0) · mail pickup service
    "note": _many(_parts({"o": "comment", "c": "comment", "t": "comment", "a": "comment",
                          "v": "comment", "e": "comment", "d": "comment", "S": "name",
                          "w": "prelude"}) | _skip("[;k]")),
    # ([IP]) · (helo=NAME) · from left out: NAME (RDNS [IP])
    "nameless": _opt(_part("w", "name")) + (_peer + _notes | _exim_note),
}

CLAUSES: Final[dict[str, pp.ParserElement]] = {
    # a date, and the comment with the name of its zone, which may be cut off
    "date": _part("D", "date") + _opt(_part("[ocd]", "zone") | _skip("xw$")),
    # phrases of TLS, notes, SASL facts outside brackets (auth=yes user=U: OpenSMTPD)
    "note": _parts({"t": "tls", "u": "tls", "v": "tls", "y": "tls", "s": "tls", "a": "auth",
                    "e": "envelope_comment", "z": "pair", "o": "comment", "c": "comment",
                    "d": "comment", "S": "name"}),
    # whatever stands in the place of the date
    "semicolon": _part(";", "semicolon")
                 + _opt(_part(r"(?=[^;D]*$)[wNMz][wNMzIRGTVo]*", "date_words")),
    # with ESMTPS · with (CIPHER encrypted) SMTP · with Microsoft SMTP Server
    "with": _part("W(?=t?[wMNzS])", "with") + _opt(_part("t", "tls"))
            + _part("[wMNzS]+", "protocol"),
    "id": _part("I(?=[wANMLQz])", "id_word") + _part("[wANMLQz]", "id"),
    "for": _part("R(?=[AMQw])", "for") + _part("[AMQw]", "recipient")
           + _many(_part("[AMQ]", "recipient")),
    "via": _part("V(?=[wNLM])", "via_word") + _part("[wNLM]+", "via"),
    # RFC 8314, 4.3: tls SUITE [group NAME]
    "tls": _part("Tw(?:Gw)?", "clause"),
    # Haraka: envelope-from <ADDR>, not in a comment. IBM, XMail: for <A> from <B>
    "envelope": _skip("E(?=[AMQw])|F(?=[AMQ])") + _part("[AMQw]", "envelope_from"),
    # SLmail: by X from Y (…)
    "from": _skip("F(?=[wNL])") + _part("[wNL]", "late_name"),
    "comment": _part(r"\{[^}]*\}", "comment"),
    # a keyword without value
    "empty": _part("[BWIRVTGEF]", "empty"),
    "nothing": _skip("[xk]"),
    "rest": _part(".", "unparsed"),
}
# fmt: on
_by = (
    _skip("Bk*")
    + _opt(_part("[wMNAQSzhH]+|L", "by"))
    + _opt(_part("L", "by_address"))  # msmtpd: by NAME [IP]
    + _many(
        _part(r"\{[^}67]*1[^}67]*\}|\{2\}", "by_address")  # (HOST [IP]), ([IP]), (IP)
        | _part(r"\{[^}]*\}|[ocd]", "by_comment")  # (KumoMTA IP), (Postfix)
    )
)

_ORIGIN: Final = tuple(_finish(name, element) for name, element in ORIGIN.items())
_NAMELESS: Final = tuple(_finish(name, element) for name, element in NAMELESS_ORIGIN.items())
_RECEIVER: Final = _finish("receiver", _opt(_by) + _many(pp.MatchFirst(list(CLAUSES.values()))))


class Style(StrEnum):
    """Where a product puts the HELO argument; told by its marker, which a client cannot forge."""

    ANY = "any"
    PEER = "peer"
    """`from ARGUMENT (RDNS [IP])`: Courier, Cyrus, Haraka, Postfix."""
    QMAIL = "qmail"
    """`from RDNS (HELO ARGUMENT) (IP)`: qpsmtpd, indimail."""
    EXIM = "exim"
    """`from RDNS ([IP] helo=ARGUMENT)`."""
    BRACKETED = "bracketed"
    """`from [IP] (ARGUMENT)`: chasquid up to 1.11."""


def read_shape(shape: str, style: Style = Style.ANY) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Tell the parts of the origin half and of the receiver half of *shape*.

    Args:
        shape: Classes of tokens, see `headertls.parser.lexer`.
        style: Given when the origin is known to fit no form and the product is known.

    >>> [part.role for part in read_shape("Fw{51}BwoWwIw;D")[0]]
    ['name', 'peer', 'rdns', 'address']
    """
    cut = shape.rfind("B")
    if cut < 0:
        cut = _end_of_origin(shape)
    verbatim = style != Style.ANY or shape.count("B") > 1
    origin = _read_origin(shape[:cut], style, verbatim=verbatim)
    receiver = [
        Part(part.role, part.start + cut, part.end + cut)
        for part in _RECEIVER.parse_string(shape[cut:])
    ]
    return tuple(origin), tuple(receiver)


def _end_of_origin(shape: str) -> int:
    """Where the origin of a line without `by` ends: at the first other clause."""
    match = re.search("[WIRVTED;]", shape)
    return match.start() if match else len(shape)


def _read_origin(shape: str, style: Style, *, verbatim: bool) -> list[Part]:
    if not verbatim:
        for form in _ORIGIN if "F" in shape else _NAMELESS:
            try:
                return list(form.parse_string(shape))
            except pp.ParseException:
                continue
    start = shape.find("F") + 1
    if not start:
        return [Part("prelude", 0, len(shape))] if shape else []
    return _read_verbatim(shape, start, style) if start < len(shape) else []


# -- origins in which the HELO argument holds brackets, keywords or blanks

_find_peers: Final = re.compile(r"\{(?=[^}]*[123])[^67=}]*\}").finditer
_find_exim_note: Final = re.compile(
    r"x(?P<address>L)?(?P<helo>h)|\{(?P<inner>[12])?[89]*(?P<value>7)"
).search
_find_helo_word: Final = re.compile(r"[6H]").search


def _read_verbatim(shape: str, start: int, style: Style) -> list[Part]:
    """Read an origin whose HELO argument was copied with what it holds.

    Where the argument ends is known only from the server's own note with the client's address. On
    which side of the argument that stands depends on the product.
    """
    unclear = Part("unclear", start, start)
    return [unclear, *_read_verbatim_origin(shape, start, style)]


def _read_verbatim_origin(shape: str, start: int, style: Style) -> list[Part]:
    peers = list(_find_peers(shape, start))
    exim = _find_exim_note(shape, start)
    if style is Style.EXIM or (style is Style.ANY and exim and not _ends_with_peer(shape, peers)):
        return _read_verbatim_exim(shape, start, exim) if exim else _nothing_but(shape, start)
    in_brackets = shape[start] == "L" and not _ends_with_named_peer(shape, peers)
    if style is Style.BRACKETED or (style is Style.ANY and in_brackets):
        return [Part("name", start, start + 1), Part("verbatim_bracketed", start + 1, len(shape))]
    if not peers:
        return _nothing_but(shape, start)
    helo = _find_helo_word(shape, start, peers[-1].start())
    if style is Style.QMAIL or (style is Style.ANY and helo and shape[start] != "L"):
        return _read_verbatim_qmail(shape, start, helo, peers[-1])
    return _read_verbatim_peer(shape, start, style, peers[-1])


def _ends_with_peer(shape: str, peers: list[re.Match[str]]) -> bool:
    return bool(peers) and peers[-1].end() == len(shape)


def _ends_with_named_peer(shape: str, peers: list[re.Match[str]]) -> bool:
    """A name and an address have a blank between them, which chasquid lets nobody write."""
    return bool(peers) and len(peers[-1][0]) > 3 and peers[-1].end() == len(shape)  # noqa: PLR2004


def _nothing_but(shape: str, start: int) -> list[Part]:
    return [Part("verbatim", start, len(shape))]


def _read_verbatim_exim(shape: str, start: int, note: re.Match[str]) -> list[Part]:
    parts = [Part("name", start, start + 1)] if note.start() == start + 1 else []
    parts += [
        Part("address", note.start(group), note.end(group))
        for group in ("address", "inner")
        if note[group]
    ]
    place = max(note.start("helo"), note.start("value"))
    return [*parts, Part("verbatim_helo", place, len(shape))]


def _read_verbatim_qmail(
    shape: str, start: int, helo: re.Match[str] | None, peer: re.Match[str]
) -> list[Part]:
    parts: list[Part] = []
    if helo and helo.end() < peer.start():
        # the HELO word is one token behind its bracket
        if helo.start() == start + 2:
            parts.append(Part("name", start, start + 1))
        parts.append(Part("verbatim_helo", helo.end(), peer.start()))
    # the argument may hold all that follows, so no note is evidence
    return parts + [part for part in _read_notes(shape, peer) if part.role not in _EVIDENCE]


def _read_verbatim_peer(shape: str, start: int, style: Style, peer: re.Match[str]) -> list[Part]:
    parts = _read_notes(shape, peer)
    if style is Style.ANY and shape[start] in "LN":
        parts = [part for part in parts if part.role not in _EVIDENCE]
    if start < peer.start():
        parts.insert(0, Part("verbatim", start, peer.start()))
    return parts


_EVIDENCE: Final = frozenset(("tls", "auth"))


def _read_notes(shape: str, peer: re.Match[str]) -> list[Part]:
    return [
        Part(part.role, part.start + peer.start(), part.end + peer.start())
        for part in _VERBATIM_NOTE.parse_string(shape[peer.start() :])
    ]


_VERBATIM_NOTE: Final = _finish("verbatim note", _peer + _notes + _many(_part(".", "unparsed")))
