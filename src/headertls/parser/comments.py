"""What one comment is, judged by its text alone.

Closed comments have one class: ``u`` `using …` phrase of TLS, ``y`` Courier's list, ``v`` note on
the client's certificate, ``t`` any other TLS phrase, ``a`` authentication, ``e`` envelope sender,
``d`` a date, ``o`` one word, ``c`` anything else.

Opened comments qualify a host, and the classes of what stands in them are digits and signs: ``1``
address literal, ``2`` bare address, ``3`` user@address, ``4`` user@name, ``5`` word, ``6`` the word
HELO or EHLO or LHLO, ``=`` quoted "HELO name", ``7`` helo=, ``8`` port=, ``9`` ident=, ``0`` unknown, ``-`` comment in the
comment, ``+`` the word with, ``_`` anything else.
"""

import re
from typing import Final, NamedTuple

from headertls.parser.dates import DATE
from headertls.parser.tls import MAX_TLS_TEXT, TlsWords, find_tls_words, is_tls_text
from headertls.parser.vocabulary import AuthWords, find_auth_words

MAX_COMMENT_DEPTH: Final = 6
"""Comments in comments; `(host [ip] (AS1 NAME (X), CC))` of Stalwart is the deepest honest one."""
MAX_MEMO: Final = 16_384
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


_TLS_CLASSES: Final = {"using": "u", "using-version": "u", "using-tls": "u", "courier": "y",
                       "certificate": "v", "over-plain": "e", "unencrypted": "k"}  # fmt: skip
# Forgers put a date where the address belongs.
_is_dated: Final = re.compile(DATE).fullmatch
_envelope: Final = re.compile(
    r'(?:envelope-(?:from|sender)|return-path):? ?(<(?:"(?:[^"\\]|\\.)*"|[^">])*>|[^ ]*).*', re.IGNORECASE
).fullmatch
# Notes with an address that is not the client's: Raptor `via smtpd (for HOST [IP])`, SquirrelMail.
_foreign: Final = re.compile(r"(?:for|proxying for)\b", re.IGNORECASE).match


# The most frequent comments by far: `([ip])`, `(name [ip])`, `(ip)`.
_peer: Final = re.compile(
    r"\(\s*+(?:((?!(?:HELO|EHLO|LHLO|NOT-DEFINED|for)\s)[a-zA-Z0-9][\w.-]*+)\s++)?(?:(\[(?!local\])[^\[\]\s]++\])|(\d{1,3}(?:\.\d{1,3}){3}|[\da-f]*+:[\da-f:]++))\)"
).fullmatch


def _read(comment: str) -> Comment:
    if m := _peer(comment):
        return _read_peer(comment, m)
    text = " ".join(comment[1:-1].split())
    if m := _envelope(text):
        return Comment("e", text, envelope_from=m[1])
    if is_tls_text(text):
        if len(text) > MAX_TLS_TEXT:
            return Comment("c", text, too_long=True)
        if words := find_tls_words(text):
            auth = AuthWords(words.user, words.method, words.ident) if words.method else None
            if words.authenticated:
                auth = AuthWords()
            return Comment(
                _TLS_CLASSES.get(words.form, "t"), text, (), words, auth, words.envelope_from
            )
    if text.startswith("IDENT: ") and "," not in text:
        return Comment("a", text)  # Courier, neither TLS nor AUTH
    auth = find_auth_words(text)
    opened = None if _foreign(text) else _open(comment, text, auth)
    if opened:
        return opened
    if auth:
        return Comment("a", text, auth=auth)
    if _is_dated(text.strip("[]")):
        return Comment("d", text)
    return Comment("o" if text and " " not in text and text != "[local]" else "c", text)


def _read_peer(comment: str, match: re.Match[str]) -> Comment:
    name, literal, bare = match.groups()
    tokens: tuple[str, ...] = (literal or bare,)
    shape = "1" if literal else "2"
    if name:
        tokens = (name, *tokens)
        shape = _inner_class(name) + shape
    return Comment("{" + shape + "}", " ".join(comment[1:-1].split()), tokens)


_find_inner: Final = re.compile(
    r"\[[^\[\]\s]*+\](?::\d++)?|\((?:[^()]++|\([^()]*+\))*+\)"
    r'|"[^"]*+"(?:@\S++)?|helo=\[[^\[\]\s]*+\]|[^\s()\[]++|\S'
).findall
_PREFIXES: Final = (("helo=", "7"), ("port=", "8"), ("ident=", "9"))
_HOST_MARKS: Final = frozenset("123678=")


def _open(comment: str, text: str, auth: AuthWords | None) -> Comment | None:
    """Open *comment* if it holds an address or a HELO name."""
    if not (_may_hold_address(text)):
        return None
    tokens = tuple(_find_inner(comment[1:-1]))
    shape = "".join(map(_inner_class, tokens))
    if auth:  # the words of the note are no names, but for a HELO argument
        shape = re.sub(r"(?<!6)[45]", "_", shape)
    if not _HOST_MARKS.intersection(shape):
        return None
    return Comment("{" + shape + "}", text, tokens, auth=auth)


_may_hold_address: Final = re.compile(r"[\d:]|\[|HELO|EHLO|LHLO|NOT-DEFINED|helo=").search


def _inner_class(token: str) -> str:
    first = token[0]
    if first == "[":  # OpenSMTPD and Momentum write [local] for a local socket
        return "1" if len(token) > 1 and token != "[local]" else "_"
    if first == "(":
        return "-"
    if token in ("HELO", "EHLO", "LHLO", "NOT-DEFINED"):
        return "6"  # James says NOT-DEFINED where it forgot which of them it was
    if first == '"' and token[1:6] in ("HELO ", "EHLO ", "LHLO "):
        return "="
    lower = token.lower()
    if lower in ("unknown", "<unknown>"):
        return "0"
    if lower == "verified":
        return "_"
    if "=" in token:
        return next((letter for prefix, letter in _PREFIXES if token.startswith(prefix)), "_")
    if "@" in token:
        return "3" if find_address(token.rpartition("@")[2]) else "4"
    if find_address(token):
        return "2"
    return "+" if token == "with" else "5"


# A port behind a bare IPv4 address: `1.2.3.4:25`. IPv6 needs `::` or seven colons, or the time of
# day would pass for one.
_find_address: Final = re.compile(
    r"(?i:ipv6:)?((?:\d{1,3}\.){3}\d{1,3}|(?=\S*::|(?:[^\s:]*:){7})[\da-f:.]*:[\da-f:.]+"
    r"|(?=\S*::)[\da-f:.]+)(?:%\w+)?(?<!\.)(?::(\d{1,5}))?",
    re.IGNORECASE,
).fullmatch


def find_address(word: str) -> re.Match[str] | None:
    """Match *word* as a bare IP address with an optional port; groups 1 and 2."""
    first = word[:1]
    if first.isdigit() or ":" in word:
        return _find_address(word)
    return None
