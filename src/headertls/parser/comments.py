"""What one comment is, judged by its text alone.

Closed comments have one class: ``u`` `using …` phrase of TLS, ``y`` Courier's list, ``v`` note on
the client's certificate, ``t`` any other TLS phrase, ``a`` authentication, ``e`` envelope sender,
``b`` chasquid's note of TLS and the envelope sender, ``d`` a date, ``k`` words that deny
encryption, ``?`` an envelope sender whose brackets do not fit, ``o`` one word, ``c`` anything else.

Opened comments qualify a host, and the classes of what stands in them are digits and signs: ``1``
address literal, ``2`` bare address, ``3`` user@address, ``4`` user@name, ``5`` word, ``6`` the word
HELO or EHLO or LHLO, ``=`` quoted "HELO name", ``7`` helo=, ``8`` port=, ``9`` ident=, ``0``
unknown, ``-`` comment in the comment, ``+`` the word with, ``a`` word of a note of authentication,
``_`` anything else.
"""

import re
from typing import Final, NamedTuple

from headertls.models import EvidenceLevel
from headertls.parser.dates import DATE
from headertls.parser.tls import MAX_TLS_TEXT, TlsWords, find_tls_words, is_tls_text
from headertls.parser.vocabulary import LOGIN_BEGINNING, AuthWords, find_auth_words

MAX_COMMENT_DEPTH: Final = 6
"""Comments in comments; `(host [ip] (AS1 NAME (X), CC))` of Stalwart is the deepest honest one."""
MAX_MEMO: Final = 32_768
"""Comments that are remembered; beyond that the memory starts anew."""


class Comment(NamedTuple):
    """A comment, read."""

    shape: str
    """One class, or `{` classes `}` of an opened comment."""
    text: str
    """The inside, white space collapsed."""
    tokens: tuple[str, ...] = ()
    """The tokens of an opened comment."""
    tls: TlsWords | None = None
    auth: AuthWords | None = None
    envelope_from: str | None = None
    too_long: bool = False
    """The text may speak of TLS, but is longer than `MAX_TLS_TEXT`."""


_MEMO: dict[str, Comment] = {}


def read_comment(comment: str) -> Comment:
    """Read *comment*, brackets included.

    >>> read_comment("(mail.example [81.2.69.144])").shape
    '{51}'
    >>> read_comment("(Postfix)").shape
    'o'
    """
    known = _MEMO.get(comment)
    if known is None:
        if len(_MEMO) >= MAX_MEMO:
            _MEMO.clear()
        known = _MEMO[comment] = _read(comment)
    return known


def _read(comment: str) -> Comment:
    if m := _is_peer(comment):
        return _read_peer(comment, m)
    text = " ".join(comment[1:-1].split())
    return _read_phrase(text) or _read_opened(comment, text) or _read_other(text)


def _read_phrase(text: str) -> Comment | None:
    """Read a note of the envelope's sender or of TLS."""
    if m := _is_envelope(text):
        if (m["path"] or "")[:1] == "<" and m["path"][-1] != ">":
            return Comment("?", text)
        return Comment("e", text, envelope_from=m["path"] or m["address"] or "")
    if not is_tls_text(text):
        return None
    if len(text) > MAX_TLS_TEXT:
        return Comment("c", text, too_long=True)
    words = find_tls_words(text)
    if words is None:
        return None
    auth = AuthWords(words.user, words.method) if words.method or words.authenticated else None
    sender = words.envelope_from and _quoted_bracket(r"\1", words.envelope_from)
    # Postfix's first word, whatever a fork of it says then
    form = "using" if words.form == "free" and text[:6].lower() == "using " else words.form
    return Comment(_TLS_CLASSES.get(form, "t"), text, (), words, auth, sender)


# chasquid 1.19, of the brackets in a local part
_quoted_bracket: Final = re.compile(r"\\([()])").sub


_TLS_CLASSES: Final = {
    "using": "u",
    "using-version": "u",
    "using-tls": "u",
    "courier": "y",
    "certificate": "v",
    "over": "b",
    "over-plain": "e",
    "denied": "k",
}
_PATH: Final = r'<(?:"(?:[^"\\]|\\.)*"|[^">])*>'
_QUOTED_PATH: Final = r'"(?:[^"\\]|\\.)*"@[^ ]*'  # dma
# Words that mean other things, too, need an address behind them.
_is_envelope: Final = re.compile(
    r"(?:(?:envelope-(?:from|sender)|return-path)(?!@):? ?"
    rf"(?P<path>{_PATH}|{_QUOTED_PATH}|[^ ]*?(?=,?(?: |$)))"
    # Alibaba puts the client's address behind the sender
    r"|(?:mail[- ]?from|sender|from)[:= ] ?(?!.*\bip[:=])"
    rf"(?P<address>{_PATH}|[^ <>@]+@[^ <>@]+)).*",
    re.IGNORECASE,
).fullmatch


def _read_other(text: str) -> Comment:
    if auth := find_auth_words(text):
        return Comment("a", text, auth=auth)
    if text.startswith("IDENT: ") and "," not in text:
        return Comment("a", text)  # Courier without TLS and AUTH
    if _is_dated(text.strip("[]")):
        return Comment("d", text)
    return Comment("o" if text and " " not in text and text != "[local]" else "c", text)


# Forgers put a date where the address belongs.
_is_dated: Final = re.compile(DATE).fullmatch


# -- comments that qualify a host

# A port behind a bare IPv4 address: `1.2.3.4:25`. IPv6 needs `::` or seven colons, or the time of
# day would pass for one.
_IP: Final = r"(?:\d{1,3}\.){3}\d{1,3}|(?=\S*::|(?:[^\s:]*:){7})[\da-fA-F:.]{2,}"
_ADDRESS: Final = rf"(?i:ipv6:)?(?:{_IP})(?:%\w+)?(?<!\.)(?::\d{{1,5}})?"
_HELO_WORD: Final = r"(?i:HELO|EHLO|LHLO|NOT-DEFINED)"  # James: NOT-DEFINED if it forgot which
# What some put before an address: (ip=IP), (peer IP), (client-ip=IP), Java's (NAME/IP)
_ADDRESS_LABEL: Final = (
    r"(?i:(?:(?:client|remote|source|src|peer)[-_]?)?(?:ip|addr|address)|peer|remote)"
)

# The most frequent comments by far: `([ip])`, `(name [ip])`, `(ip)`.
_is_peer: Final = re.compile(
    rf"\(\s*+(?:((?!(?:{_HELO_WORD}|for|from)\s)[a-zA-Z0-9][\w.-]*+)\s++)?"
    r"(?:(\[(?!local\])[^\[\]\s]++\])|(\d{1,3}(?:\.\d{1,3}){3}|[\da-f]*+:[\da-f:]++))\)"
).fullmatch


def _read_peer(comment: str, match: re.Match[str]) -> Comment:
    name, literal, bare = match.groups()
    tokens: tuple[str, ...] = (literal or bare,)
    shape = "1" if literal else "2"
    if name:
        tokens = (name, *tokens)
        shape = _find_inner_class(name) + shape
    return Comment("{" + shape + "}", " ".join(comment[1:-1].split()), tokens)


_find_inner: Final = re.compile(
    # sendmail, of an ident server that encrypts its answers: IDENT:[BASE64]@HOST
    r"IDENT:[^\s@()]{0,99}+@(?:\[[^\[\]\s]*+\]|[^\s()\[\]]++)|"
    r"(?>(?:[^\s()\[\]\"@]*+@)+)\[[^\[\]\s]*+\]|\[[^\[\]\s]*+\](?::\d++)?"
    r"|\((?>(?:[^()]++|\([^()]*+\))*)\)"
    r'|"[^"]*+"(?:@\S++)?|^(?:HELO|EHLO)=(?=\S)|(?i:helo)=\[[^\[\]\s]*+\]|ident=[^\s()]++'
    rf"|{_ADDRESS_LABEL}[=:](?={_IP})|[\w.-]*+(?=/(?:{_IP}))|/(?=(?:{_IP}))"
    r"|(?:[\w-]++\.)+[\w-]++(?=:\d{1,3}(?:\.\d{1,3}){3}(?!\S))|:(?=\d{1,3}(?:\.\d{1,3}){3}(?!\S))"
    r"|claiming\s+to\s+be(?=\s)"
    r"|port[\s=:]\s*\d++|may\s+be\s+forged|[^\s()\[]*[^\s()\[,;]|\S"
).findall
_may_hold_address: Final = re.compile(rf"[\d:]|\[|{_HELO_WORD}|^ident=").search
# Notes with an address that is not the client's: Raptor `via smtpd (for HOST [IP])`, SquirrelMail,
# mshttpd. Without a host it is a client whose reverse name is `for`: `(for [IP])`.
_is_foreign: Final = re.compile(r"(?:proxying |forwarded-)?for\b(?!@|\s*+\[)", re.IGNORECASE).match
# The name in such a note may look like an address.
_is_login: Final = re.compile(LOGIN_BEGINNING).match
# The one note of authentication that holds an address; in all others a user may be called like one.
_is_account: Final = re.compile(r"account\b", re.IGNORECASE).match  # CommuniGate Pro
_HOST_MARKS: Final = frozenset("123678=")


def _read_opened(comment: str, text: str) -> Comment | None:
    """Open *comment* if it holds an address or a HELO name."""
    auth = find_auth_words(text)
    if _is_foreign(text) or not _may_hold_address(text) or (auth and not _is_account(text)):
        return None
    # Courier: whatever it holds was said by the client's host
    if text.startswith("IDENT: ") or _is_login(text):
        return None
    tokens = tuple(_find_inner(comment[1:-1]))
    shape = "".join(map(_find_inner_class, tokens))
    if auth:  # the words of the note are no names, but for a HELO argument
        shape = re.sub(r"(?<!6)[45]", "a", shape)
    if not (_HOST_MARKS.intersection(shape) or (shape == "9" and "@" not in text)):
        return None
    if "=" in shape and (m := _find_zmailer(text)):
        words = _read_zmailer(m)
        user = AuthWords(m["user"]) if m["user"] else None
        return Comment("{" + shape + "}", text, tokens, words, user)
    return Comment("{" + shape + "}", text, tokens, auth=auth)


def _read_zmailer(match: re.Match[str]) -> TlsWords | None:
    if match["cipher"] is None:
        return None
    return TlsWords(
        "zmailer",
        EvidenceLevel.DETAIL,
        version=match["version"],
        cipher=match["cipher"],
        bits=int(match["bits"]),
    )


# What ZMailer puts last: smtp-auth: <none> TLS-CIPHER: "CIPHER keybits N/N version VER" TLS-PEER: …
_find_zmailer: Final = re.compile(
    r" smtp-auth: (?:<none>|\"?(?P<user>[^\s\"<>]+)\"?) TLS-CIPHER: (?:<none>"
    r"|\"(?P<cipher>[\w-]+) keybits (?P<bits>\d+)/\d+ version (?P<version>[\w./]+)\")"
    r"(?: TLS-PEER(?:-CN\d)?: (?:<none>|\"[^\"]*\"))*$"
).search


# The first row that fits a token gives its class.
_INNER_CLASSES: Final = tuple(
    (letter, re.compile(pattern, re.DOTALL).fullmatch)
    for letter, pattern in (
        # a local socket; (NAME [IP] not verified), ([IP] RDNS failed), (unknown host [IP])
        (
            "_",
            r"\[local\]|(?i:from|not|verified|rdns|failed|host|may\s+be\s+forged)|[\[\],:;/]|\d{1,5}",
        ),
        ("_", r"(?i:(?:TLS|SSL)(?:v?\d[\d._]*)?)"),
        # figures in brackets that are no address: [256/256], [270.4.1/1512] (AVG)
        ("_", r"\[\d+(?:\.\d+){0,2}(?:/\d+)?\]"),
        ("_", rf"{_ADDRESS_LABEL}[=:]?"),
        ("1", r"\[.+"),
        ("-", r"\(.*"),
        ("6", rf"{_HELO_WORD}[=:]?|claiming\s+to\s+be"),
        ("=", rf'"{_HELO_WORD}\s.*'),
        # Brightmail, IMail and InterMail have words of their own for "no name"
        ("0", r"(?i:unknown|<[^<>]*>|unknown_domain|unknownhost|really|actually)"),
        ("7", r"(?i:helo|ehlo)[=:].*"),
        ("8", r"port[\s=:].*"),
        ("9", r"ident=.*"),
        ("3", rf".*@(?:{_ADDRESS}|\[(?i:ipv6:)?(?:{_IP})\])"),
        ("4", r"IDENT:.*@.*"),
        ("_", r'(?!").*=.*'),
        ("_", r"(?i:mailfrom|sender|from)[:=].*"),
        ("4", r".*@.*"),
        ("2", _ADDRESS),
        ("+", r"with"),
        # fp:SMTPD_---.X (Alibaba)
        ("_", r"(?i:[a-z][\w-]*):(?!\d+$).*"),
        ("5", r".*"),
    )
)


def _find_inner_class(token: str) -> str:
    return next(letter for letter, matches in _INNER_CLASSES if matches(token))


_match_address: Final = re.compile(
    rf"(?i:ipv6:)?({_IP})(?:%\w+)?(?<!\.)(?::(\d{{1,5}}))?"
).fullmatch


def find_address(word: str) -> re.Match[str] | None:
    """Match *word* as a bare IP address with an optional port; groups 1 and 2."""
    if word[:1].isdigit() or ":" in word:
        return _match_address(word)
    return None
