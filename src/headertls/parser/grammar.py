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
from typing import Final, NamedTuple

import pyparsing as pp


class Part(NamedTuple):
    """The tokens from *start* to before *end* play *role*."""

    role: str
    start: int
    end: int


def _part(pattern: str, role: str) -> pp.ParserElement:
    """Classes that match *pattern* play *role*."""
    return pp.Regex(pattern).set_parse_action(lambda loc, toks: Part(role, loc, loc + len(toks[0])))


def _skip(pattern: str) -> pp.ParserElement:
    return pp.Regex(pattern).suppress()


def _finish(name: str, element: pp.ParserElement) -> pp.ParserElement:
    """Pin white space, which other users of pyparsing could change process-wide; then streamline,
    for a grammar that several threads parse with for the first time gives wrong answers.
    """
    grammar = (element + pp.StringEnd()).set_name(name)
    for part in grammar.visit_all():
        part.leave_whitespace(recursive=False)
    return grammar.streamline()


_opt = pp.Opt
_many = pp.ZeroOrMore

# Words before `from`: `indimail-mta smtpd 41`, `Received`, `Message`; comments of qmail-queue.
_prelude = _opt(_part(r"[^FB{]+(?=F)", "prelude")) + _skip("F")
_name = _part(r"[wMNLAQSz]w*", "name")
_literal = _part("L", "address")

# ([IP]), (RDNS [IP] (may be forged)), (IDENT@IP), (IP), ([IP]:PORT), (RDNS port=N [IP])
_peer_token = (
    _part("[123]", "address") | _part("[54]", "rdns") | _part("8", "port") | _part("9", "ident")
    | _skip(r"\+") + _part("5", "method") | _skip("[0_-]")
)  # fmt: skip
_peer = _part(r"\{(?=[^67=}]*[123])", "peer") + _many(_peer_token) + _skip(r"\}")
# (HELO NAME), (EHLO [IP]), (account U HELO NAME)
_helo_note = (
    _part(r"\{(?=[^123}]*6)", "peer") + _skip("[^6]*6") + _opt(_part(r"[^}]", "helo")) + _skip(r"\}")
)
# ([IP] helo=NAME), (port=N helo=NAME ident=X)
_exim_note = (
    _part(r"\{(?=[^}]*[78])", "peer")
    + _many(_part("[12]", "address") | _part("8", "port") | _part("9", "ident") | _skip("[05_4-]"))
    + _opt(_part("7", "helo"))
    + _many(_part("8", "port") | _part("9", "ident"))
    + _skip(r"\}")
)
# ([IP]:N "EHLO NAME" flags): ZMailer
_quoted_note = (
    _part(r"\{(?=[^}]*=)", "peer") + _many(_part("[12]", "address")) + _part("=", "helo")
    + _skip(r"[^}]*\}")
)  # fmt: skip

# Notes that a server adds behind the client's address. The TLS phrases among them are those that
# servers are known to put here; others (`t`) are left unread.
_note = (
    _part("u|v|y", "tls") | _part("a", "auth") | _part("e", "envelope_comment") | _part("[octd]", "comment")
    | _skip("[;xk]") | _skip("I") + _part("[wAM]", "id")
)  # fmt: skip
_notes = _many(_note)

# fmt: off
ORIGIN: Final[dict[str, pp.ParserElement]] = {
    # from HELO (RDNS [IP]) (using …) · from RDNS (HELO NAME) (IP) · from RDNS (EHLO NAME) ([IP])
    "peer": _prelude + _opt(_name) + _opt(_helo_note) + _peer + _notes,
    # from RDNS ([IP] helo=NAME): the HELO argument comes last, so nothing behind it is evidence
    "exim": _prelude + _opt(_name) + _exim_note + _part("[oc]*", "comments"),
    "zmailer": _prelude + _opt(_name) + _quoted_note + _part("[oc]*", "comments"),
    # from IP (EHLO NAME) · from unknown [IP] (EHLO NAME) · from [IP] (account U HELO NAME): likewise
    # (a date in the place of the address is the mark of a forger)
    "helo": _prelude + _opt(_name) + _opt(_literal) + _helo_note + _opt(_part("d", "bad_address")),
    # from [IP] (NAME): chasquid <= 1.11, where NAME is the HELO argument
    "literal": _prelude + _part("L", "name") + _part("o", "single"),
    # from [IP] (using …) · from USER (uid N) id N · from foo [IP] · from NAME (NAME)
    "bare": _prelude + _part("[wMAQSz]w*", "name") + _opt(_literal) + _opt(_part("o", "single"))
            + _notes,
    # a bracket without a blank in it may be the HELO argument, see "literal"
    "address": _prelude + _part("[LN]", "name") + _many(~pp.Regex("[ot]") + _note),
    # from RDNS (IP) via RDNS (IP): Roundcube
    "via": _prelude + _name + _peer + _skip("V") + _part("w", "via") + _part(r"\{[^}]*\}", "comment") + _notes,
    # from NAME ([IP] helo=NAME — Twisted mail never closes the bracket
    "twisted": _prelude + _name + _skip("x") + _literal + _part("z", "helo"),
    # ([IP]) · (helo=NAME) · from left out: NAME (RDNS [IP])
    "nameless": _opt(_part("w", "name")) + (_peer + _notes | _exim_note),
    # a note of a server about itself: (qmail 1 invoked by uid 0) · mail pickup service
    "note": _many(_part("[octaved]", "comment") | _part("S", "name") | _part("[wk]", "prelude") | _skip("[;]")),
}
# fmt: on

_by_peer = (
    _part(r"\{[^}67]*1[^}67]*\}|\{2\}", "by_address")  # (HOST [IP]), ([IP]), (IP)
    | _part(r"\{[^}]*\}", "by_comment")  # (KumoMTA IP), (SurgeMail 3.8.1.2)
)
_by_words = _part("[wMNLAQSz]+", "by")

# fmt: off
CLAUSES: Final[dict[str, pp.ParserElement]] = {
    "by": _skip("B") + _skip("k*") + _opt(_by_words)
          + _many(_by_peer | _part("[ocd]", "by_comment")),
    # with ESMTPS · with (CIPHER encrypted) SMTP · with Microsoft SMTP Server
    "with": _part("W", "with") + _opt(_part("t", "tls")) + _part("[wMNzS]+", "protocol"),
    "id": _part("I", "id_word") + _part("[wANMLQz]", "id"),
    "for": _part("R", "for") + _part("[AMQw]", "recipient") + _many(_part("[AMQ]", "recipient")),
    "via": _part("V", "via_word") + _part("[wNLM]+", "via"),
    # RFC 8314, 4.3: tls SUITE [group NAME]
    "tls": _part("Tw(?:Gw)?", "clause"),
    # Haraka: envelope-from <ADDR>, not in a comment
    "envelope": _skip("E") + _part("[AMQw]", "envelope_from"),
    # IBM, XMail: for <A> from <B>
    "sender": _skip("F") + _part("[AMQ]", "envelope_from"),
    # SLmail: by X from Y (…)
    "from": _skip("F") + _part("[wNL]", "late_name"),
    "phrase": _part("[tuvys]", "tls"),
    "auth": _part("a", "auth"),
    "sent-by": _part("e", "envelope_comment"),
    # SASL facts outside brackets: auth=yes user=U (OpenSMTPD)
    "pair": _part("z", "pair"),
    "zone": _part("(?<=D)[ocd]", "zone"),
    "comment": _part(r"[ocd]|\{[^}]*\}", "comment"),
    "date": _part("D", "date"),
    # whatever stands in the place of the date
    "date-words": _part(r"(?<=;)(?=[^;]*$)[wNMz][wNMzIRGTVo]*", "date_words"),
    "semicolon": _part(";", "semicolon"),
    "bracket": _skip("x"),
    "pickup": _part("S", "name"),
    "phrase-without-meaning": _skip("k"),
    "noise": _part("[wNMLAQ]+", "unparsed"),
    # a keyword without value
    "empty": _part("[BWIRVTGEF]", "empty"),
    "rest": _part(".", "unparsed"),
}
# fmt: on

_ORIGIN: Final = tuple(_finish(name, element) for name, element in ORIGIN.items())
_RECEIVER: Final = _finish(
    "receiver", _many(pp.MatchFirst([element for element in CLAUSES.values()]))
)

_addressed_notes: Final = re.compile(r"\{[^}]*[1237][^}]*\}").finditer


def read_shape(shape: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Tell the parts of the origin half and of the receiver half of *shape*.

    >>> [part.role for part in read_shape("Fw{51}BwoWwIw;D")[0]]
    ['name', 'peer', 'rdns', 'address']
    """
    cut = shape.rfind("B")
    if cut < 0:
        cut = _end_of_origin(shape)
    origin = _read_origin(shape[:cut], verbatim=shape.count("B") > 1)
    receiver = [
        Part(part.role, part.start + cut, part.end + cut)
        for part in _RECEIVER.parse_string(shape[cut:])
    ]
    return tuple(origin), tuple(receiver)


def _end_of_origin(shape: str) -> int:
    """Where the origin of a line without `by` ends: at the first other clause."""
    match = re.search("[WIRVTED;]", shape)
    return match.start() if match else len(shape)


def _read_origin(shape: str, *, verbatim: bool) -> list[Part]:
    if not verbatim:
        for form in _ORIGIN:
            try:
                return list(form.parse_string(shape))
            except pp.ParseException:
                continue
    return _read_verbatim(shape)


def _read_verbatim(shape: str) -> list[Part]:
    """Read an origin in which the HELO argument holds brackets, keywords or blanks.

    Where the argument ends is known only from the server's own note with the client's address,
    which is the last one, or the one that itself holds the HELO argument.
    """
    start = shape.find("F") + 1
    notes = list(_addressed_notes(shape, start))
    helo_note = next((note for note in notes if "7" in note[0]), None)
    if helo_note:  # from RDNS ([IP] helo=ARGUMENT)
        return _read_verbatim_exim(shape, start, helo_note)
    if twisted := re.search("xLz", shape):  # from ARGUMENT ([IP] helo=ARGUMENT
        return [
            Part("address", twisted.start() + 1, twisted.start() + 2),
            Part("verbatim_helo", twisted.start() + 2, len(shape)),
        ]
    if shape[start : start + 1] == "L" and shape[start + 1 : start + 2] not in ("", "{"):
        # from [IP] (ARGUMENT): chasquid <= 1.11
        return [
            Part("name", start, start + 1),
            Part("verbatim_bracketed", start + 1, len(shape)),
        ]
    if not notes:
        return [Part("verbatim", start, len(shape))] if start else []
    return _read_verbatim_peer(shape, start, notes[-1])


def _read_verbatim_exim(shape: str, start: int, note: re.Match[str]) -> list[Part]:
    place = note.start() + note[0].index("7")
    parts = [Part("name", start, start + 1)] if note.start() == start + 1 else []
    address = re.compile("[12]").search(shape, note.start(), place)
    if address:
        parts.append(Part("address", address.start(), address.end()))
    return [*parts, Part("verbatim_helo", place, len(shape))]


def _read_verbatim_peer(shape: str, start: int, note: re.Match[str]) -> list[Part]:
    parts: list[Part] = []
    helo = re.search(r"(?<=\{)6.", shape)
    if helo and helo.end() < note.start():  # from RDNS (HELO ARGUMENT) (IP)
        if helo.start() == start + 2:
            parts.append(Part("name", start, start + 1))
        parts.append(Part("verbatim_helo", helo.start() + 1, note.start()))
    else:  # from ARGUMENT (RDNS [IP]) notes
        parts.append(Part("verbatim", start, note.start()))
    parts += [
        Part(part.role, part.start + note.start(), part.end + note.start())
        for part in _VERBATIM_NOTE.parse_string(shape[note.start() :])
    ]
    if shape[start : start + 1] in "LN" or helo:
        # The argument may come last in this form, so the notes are no evidence.
        parts = [part for part in parts if part.role not in ("tls", "auth")]
    return parts


_VERBATIM_NOTE: Final = _finish("verbatim note", _peer + _notes + _many(_part(".", "unparsed")))
