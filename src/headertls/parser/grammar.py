"""The grammar over shapes: from the classes of a field's tokens to the parts that they play.

A shape is read in two halves, parted at the last ``by`` outside brackets. Whatever a client may put
verbatim into its HELO argument stands before the ``by`` of the server; behind it, client text is
quoted.

* The **origin** is read strictly: `ORIGIN` lists the forms that servers write, and only in those
  may comments be evidence. What fits no form is left to `headertls.parser.verbatim`.
* The **receiver** is a run of `CLAUSES` in any order; what no clause takes is left over.

A row is a pattern over classes (see `headertls.parser.lexer` and `.comments`); its named groups are
the roles.
"""
# pyright: basic

import re
from collections.abc import Mapping
from typing import Final, cast

import pyparsing as pp

from headertls.parser.parts import (
    CLAUSE_ROLES,
    EXIM_ROLES,
    NOTE_ROLES,
    PEER_ROLES,
    SELF_ROLES,
    Part,
    name_letters,
)
from headertls.parser.verbatim import Style, read_verbatim

# Parse actions take all three arguments: pyparsing finds out by trial how many an action wants, and
# that trial fails when several threads parse for the first time.


def _row(pattern: str) -> pp.ParserElement:
    """Classes that match *pattern*; each named group plays the role of its name."""

    def build(_shape: str, _place: int, tokens: pp.ParseResults) -> list[Part]:
        match = cast("re.Match[str]", tokens[0])
        spans = ((role, *match.span(role)) for role in match.re.groupindex)
        return [Part(role, start, end) for role, start, end in spans if start < end]

    return pp.Regex(pattern, as_match=True).set_parse_action(build)


def _letters(pattern: str, roles: Mapping[str, str]) -> pp.ParserElement:
    """Classes that match *pattern*; the letter of each tells its role."""

    def build(_shape: str, _place: int, tokens: pp.ParseResults) -> list[Part]:
        match = cast("re.Match[str]", tokens[0])
        return name_letters(match.string, match.start(), match.end(), roles)

    return pp.Regex(pattern, as_match=True).set_parse_action(build)


def _finish(name: str, element: pp.ParserElement) -> pp.ParserElement:
    """Pin white space, and make the grammar ready for threads.

    Other users of pyparsing may change the default white space process-wide; and a grammar that is
    not streamlined gives wrong answers when several threads parse with it for the first time.
    """
    grammar = (element + pp.StringEnd()).set_name(name)
    for part in grammar.visit_all():
        part.leave_whitespace(recursive=False)
    return grammar.streamline()


# Words before `from`: `indimail-mta smtpd 41`, `Received`, `Message`; comments of qmail-queue.
_FROM: Final = r"(?P<prelude>[^FB{]+(?=F))?F"
_from_anyone = _row(_FROM + r"(?P<name>[wMNLAQSzH]w*)?")
_from_name = _row(_FROM + r"(?P<name>[wMNLAQSzH]w*)")
# ([IP]), (RDNS [IP] (may be forged)), (IDENT@IP), (IP), ([IP]:PORT), (RDNS port=N [IP])
_peer = _letters(r"\{(?=[^}]*[123])[^67=}]*\}", PEER_ROLES)
# (HELO NAME), (EHLO [IP]), (account U HELO NAME); ([IP] HELO NAME), where the name comes last
_helo_note = _row(r"(?P<peer>\{)(?:(?P<address>[12])_?)?[^1236}]*6(?P<helo>[^}])?\}")
# ([IP] helo=NAME), (port=N helo=NAME ident=X), (ident=X)
_exim_note = _letters(r"\{(?=[^}]*[789])[1205894a_-]*7?[89]*\}", EXIM_ROLES)
# ([IP]:N "EHLO NAME" flags), where the flags may tell of TLS
_zmailer_note = _row(r"(?P<peer>\{)(?P<address>[12])?(?P<helo>=)[^}]*(?P<tls>\})")
_notes = _letters(r"(?:[uvyaeoctd;xk]|I[wAM])*", NOTE_ROLES)
# A note without a blank in it (o, t) may be the HELO argument, where that comes last.
_spaced_notes = _letters(r"(?:[uvyaecd;xk]|I[wAM])*", NOTE_ROLES)
_comments = _letters("[oc]*", NOTE_ROLES)

# fmt: off
ORIGIN: Final[dict[str, tuple[str, pp.ParserElement]]] = {
    # form: classes of which it needs one (cheaper to look for than to try the form), grammar
    #
    # from HELO (RDNS [IP]) (using …) · from RDNS (HELO NAME) (IP) · from RDNS (EHLO NAME) ([IP])
    "peer": ("123", _from_anyone + pp.Opt(_helo_note) + _peer + _notes),
    # from [IP] (using …): MessageLabs
    "address": ("LN", _row(_FROM + "(?P<name>[LN])") + _spaced_notes),
    # from USER (uid N) id N · from foo [IP] · from NAME (NAME)
    "bare": ("F", _row(_FROM + "(?P<name>[wMAQSz]w*)(?P<address>L)?(?P<single>o)?") + _notes),
    # from [1.2.3.4] [5.6.7.8] (Authenticated sender: USER): ZoneMTA, of a HELO literal
    "literals": ("L", _row(_FROM + "(?P<name>L)(?P<address>L)") + _notes),
    # from 1.2.3.4 [1.2.3.4]: fetchmail, of a server that it knows by address alone
    "fetched": ("N", _row(_FROM + "(?P<name>N)(?P<address>L)") + _comments),
    # from RDNS (NAME) [IP] · from (NAME) [IP]: Exim up to 2
    "parted": ("L", _row(_FROM + "(?P<name>[wMN])?(?P<single>o)(?P<address>L)") + _comments),
    # from RDNS ([IP] helo=NAME): the HELO argument comes last, so nothing behind it is evidence
    "exim": ("789", _from_anyone + _exim_note + _comments),
    # from NAME ([IP]:N "EHLO NAME" flags)
    "zmailer": ("=", _from_anyone + _zmailer_note + _comments),
    # from IP (EHLO NAME) · from unknown [IP] (EHLO NAME) · from [IP] (account U HELO NAME)
    # · from unknown (HELO NAME) (USER@SITE), () where qmail was told no address
    # (a date in the place of the address is the mark of a forger)
    "helo": ("67", _from_anyone + _row("(?P<address>L)?")
             + (_helo_note | _row(r"\{(?P<helo>7)\}"))
             + _row("(?P<bad_address>d)?(?P<comment>[oc])?(?P<envelope_comment>e)?")),
    # from RDNS (IP) (HELO NAME): nothing behind the argument is evidence
    "helo-behind": ("6", _row(_FROM + "(?P<name>[wM])") + _peer + _helo_note),
    # from RDNS (HELO NAME) [IP]
    "helo-parted": ("6", _from_name + _helo_note + _row("(?P<address>L)")),
    # from [IP] (NAME): chasquid <= 1.11, Exim <= 3, where NAME is the HELO argument
    "literal": ("LN", _row(_FROM + "(?P<name>[LN])(?P<single>o)")),
    # from RDNS (IP) via RDNS (IP): Roundcube; from NAME ([IP]) via ESMTP by HOST
    "via": ("V", _from_name + _peer + _row(r"V(?P<via>w)(?P<via_peer>\{[^}]*\})?") + _notes),
    # from [IP] via [IP] · from NAME ([IP]) via [IP]: Roundcube, of addresses without names
    "via-literal": ("V", (_row(_FROM + "(?P<name>[LN])(?=V)") | _from_name + _peer)
                    + _row("V(?P<via>(?P<via_peer>[LN]))")),
    # from UNKNOWN(IP), claiming to be "NAME" via SMTP: Obtuse smtpd
    "claim": ("H", _from_name + _peer + _row("H(?P<helo>w)(?:V(?P<via>w))?")),
    # from NAME ([IP]) ident ANSWER: SAUCE
    "ident": ("i", _from_name + _peer + _row("(?P<ident>i)")),
    # from NAME ([IP] helo=NAME — Twisted mail never closes the bracket
    "twisted": ("h", _row(_FROM + "(?P<name>[wMNLAQSzH]w*)x(?P<address>L)(?P<helo>h)")),
}
NAMELESS_ORIGIN: Final[dict[str, tuple[str, pp.ParserElement]]] = {
    # a note of a server about itself: (qmail 1 invoked by uid 0) · mail pickup service
    "note": ("", _letters("[octavebdSwk;]*", SELF_ROLES)),
    # ([IP]:N "EHLO NAME" flags): ZMailer, of a client without reverse name
    "zmailer-nameless": ("=", _zmailer_note + _comments),
    # via spool by ADDR: debbugs
    "via-note": ("V", _row("V(?P<via>w)")),
    # at DATE by HOST: CrediShield
    "dated": ("D", _row("(?P<date>D)")),
    # ([IP]) · (helo=NAME) · from left out: NAME (RDNS [IP])
    "nameless": ("{", _row("(?P<name>w)?") + (_peer + _notes | _exim_note)),
}

CLAUSES: Final[dict[str, pp.ParserElement]] = {
    # a date, and the comment with the name of its zone, which may be cut off
    "date": _row("(?P<date>D)(?:(?P<zone>[ocd])|xw$)?"),
    # with ESMTPS · with (CIPHER encrypted) SMTP · with Microsoft SMTP Server · with GROUP
    "with": _row("(?P<with>W)(?P<tls>t)?(?P<comment>[oc])?(?P<protocol>[wMNzS]+|G)"),
    "id": _row("(?P<id_word>I)(?P<comment>[oc])?(?P<id>[wANMLQz])"),
    # for <ADDR>; for NAME OF A PERSON <ADDR>
    "for": _row("(?P<for>R)(?P<comment>[oc])?(?P<unparsed>w+(?=[AMQ]))?"
                "(?P<recipient>(?:[AMQ]|w(?!w))(?:k?[AMQ])*)"),
    # a semicolon, and whatever stands in the place of the date
    "semicolon": _row(r"(?P<semicolon>;)(?P<date_words>(?=[^;D]*$)[wNMz][wNMzIRGTVo]*)?"),
    # phrases of TLS, notes, SASL facts outside brackets (auth=yes user=U: OpenSMTPD)
    "note": _letters("[tuvybsaezocdSU]+", CLAUSE_ROLES),
    "via": _row("(?P<via_word>V)(?P<via>[wNLM]+)"),
    # RFC 8314, 4.3: tls SUITE [group NAME]
    "tls": _row("(?P<clause>Tw(?:Gw)?)"),
    # Haraka: envelope-from <ADDR>, not in a comment. IBM, XMail: for <A> from <B>
    "envelope": _row("(?:E(?=[AMQw])|F(?=[AMQ]))(?P<envelope_from>.)"),
    # SLmail: by X from Y (…)
    "from": _row("F(?P<late_name>[wNL])"),
    "comment": _row(r"(?P<comment>\{[^}]*\})"),
    # a keyword without value
    "empty": _row("(?P<empty>[BWIRVTGEF])"),
    "nothing": _row("[xk]+"),
    "rest": _row("(?P<unparsed>.)"),
}
# fmt: on
# by HOST (Postfix) · by HOST (HOST [IP]) · by HOST [IP] (msmtpd) · by HOST (KumoMTA IP)
_by = _row(r"B(?:(?P<comment>[oc])(?=[wNL]))?k*(?P<by>[wMNAQSzhH]+|L)?") + pp.ZeroOrMore(
    _row(r"(?P<by_address>L|\{[^}67]*1[^}67]*\}|\{2\})|(?P<by_comment>\{[^}]*\}|[ocd])")
)

_Form = tuple[frozenset[str], pp.ParserElement]


def _finish_forms(forms: dict[str, tuple[str, pp.ParserElement]]) -> tuple[_Form, ...]:
    return tuple(
        (frozenset(needed), _finish(name, element)) for name, (needed, element) in forms.items()
    )


_ORIGIN: Final = _finish_forms(ORIGIN)
_NAMELESS: Final = _finish_forms(NAMELESS_ORIGIN)
_RECEIVER: Final = _finish(
    "receiver", pp.Opt(_by) + pp.ZeroOrMore(pp.MatchFirst(list(CLAUSES.values())))
)


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
        if m := _is_cut_off(shape):
            return tuple(_read_origin(m[1], style, verbatim=False)), (Part("unparsed", *m.span(2)),)
        cut = _end_of_origin(shape)
    verbatim = style is not Style.ANY or shape.count("B") > 1
    origin = _read_origin(shape[:cut], style, verbatim=verbatim)
    receiver = tuple(
        Part(part.role, part.start + cut, part.end + cut)
        for part in _RECEIVER.parse_string(shape[cut:])
    )
    return tuple(origin), receiver


# A line that ends in a comment before `by`: what stands in the comment is no clause.
_is_cut_off: Final = re.compile(r"(F[^xBWIRVTED;]*)(x[^D;]*)").fullmatch


def _end_of_origin(shape: str) -> int:
    """Where the origin of a line without `by` ends: at the first other clause.

    What stands before the only note of a peer is of the HELO argument, whatever it looks like.
    """
    match = re.search(r"(?:F[^{};]*\{[^}]*[123][^}]*\}[^WIRVTED;]*)|[^WIRVTED;]*", shape)
    return match.end() if match else len(shape)


def _read_origin(shape: str, style: Style, *, verbatim: bool) -> list[Part]:
    if not verbatim:
        for needed, form in _ORIGIN if "F" in shape else _NAMELESS:
            if needed and needed.isdisjoint(shape):
                continue
            try:
                return list(form.parse_string(shape))
            except pp.ParseException:
                continue
    start = shape.find("F") + 1
    if not start:
        return [Part("prelude", 0, len(shape))] if shape else []
    return read_verbatim(shape, start, style) if start < len(shape) else []
