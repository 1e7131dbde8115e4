"""From the text of a field to tokens, each with a one-letter class.

The string of the classes is the *shape* of the field; the grammar reads shapes, never text. A whole
comment is one token, unless it qualifies a host (it holds an address or a HELO name): then it is
opened, ``{`` its own small tokens ``}``.

Classes: ``F`` from, ``B`` by, ``W`` with, ``I`` id, ``R`` for, ``V`` via, ``T`` tls, ``G`` group,
``E`` envelope-from, ``;`` semicolon, ``D`` date, ``L`` address literal, ``N`` bare address, ``A``
angle address, ``Q`` quoted local part, ``M`` word with an at sign, ``z`` key=value, ``h`` helo=,
``H`` the words HELO, EHLO and LHLO, ``w`` any other word, ``x`` bracket without partner, ``S`` set
phrase in the place of a host, ``k`` set phrase without meaning for us, ``s`` set phrase that speaks
of TLS, ``i`` set phrase of an ident answer, ``U`` set phrase before the comment with a user's name.
`headertls.parser.comments` has the classes of comments and of what stands in the opened ones.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final, NamedTuple

from headertls.models import Defect, DefectKind
from headertls.parser.comments import MAX_COMMENT_DEPTH, Comment, find_address, read_comment
from headertls.parser.dates import DATE
from headertls.parser.tls import find_tls_words

MAX_FIELD: Final = 8_192
"""Characters of a field that are read; the longest honest one that was met has under 1,500."""
MAX_TOKENS: Final = 256
"""Tokens of a field that are read; honest ones have under 60."""

_NO_NAME: Final = "no.name.available"  # the Raptor firewall's words for "no name"
KEYWORDS: Final = {
    "from": "F",
    "from:": "F",
    "by": "B",
    "with": "W",
    "with:": "W",
    "whith": "W",  # a fork of Postfix in Japan
    "id": "I",
    "id:": "I",
    "queue-id": "I",
    "qid": "I",
    "for": "R",
    "for:": "R",
    "via": "V",
    "via:": "V",
    "tls": "T",  # RFC 8314, 4.3
    "group": "G",  # RFC 8314, 4.3
    "envelope-from": "E",  # Haraka: bare, not in a comment
    "envelope-sender": "E",
    "return-path": "E",
    "mail-from": "E",
    "helo": "H",  # outside a closed bracket only where a HELO argument broke the brackets
    "ehlo": "H",
    "lhlo": "H",
    "(": "x",
    ")": "x",
    ";": ";",
    ",": "k",  # between recipients
    "]": "k",  # behind a set phrase with a comment in it
    _NO_NAME: "S",
}
# Words that call for the thorough pass, for they may belong to a set phrase.
_TRIGGERS: Final = frozenset(
    (
        "over",
        "using",
        "both",
        "auth",
        "starttls",
        "pickup",
        "named",
        "host",
        "uid",
        "authid",
        "antispamtt",
        "pod-id",
        "ppid:",
        "claiming",
        "ident",
        "by:",
        "authenticated",
        "as",
    )
)

# Set phrases: class, pattern, and what must follow. A keyword inside them must not start a clause.
PHRASES: Final[tuple[tuple[str, str, str], ...]] = (
    # IIS: `by HOST over TLS secured channel with Microsoft SMTPSVC(…)`
    ("s", r"over\s+TLS\s+secured\s+channel", r"\b"),
    # the same without a channel, and Postfix's words without a bracket: no product is known by them
    ("s", r"over\s+(?:TLS|SSL)(?:v?\d[\d._]*)?", r"(?=\s+with\b)"),
    ("s", r"using\s+(?:TLS|SSL)v?[\d._]*\s+with\s+cipher\s+[\w-]+", r"(?=[\s;])"),
    (
        "s",
        r"using\s+(?:TLS|SSL)(?:\s+|[_-])?v?\d(?:[._]\d)?",
        r"(?=\s+(?:with(?!\s+cipher)|id|for)\s|\s*;)",
    ),
    # Mimecast: `with ESMTP with STARTTLS (version=…)`, `with ESMTP with both STARTTLS and AUTH (…)`
    ("s", r"with\s+STARTTLS", r"\b"),
    ("s", r"with\s+both\s+STARTTLS\s+and\s+AUTH", r"\b"),
    ("a", r"with\s+AUTH", r"(?=\s+(?:id|for)\b|\s*;)"),
    # an unnamed gateway: `with WORD (version 4.8.5) by TLS id N`
    ("s", r"by\s+TLS", r"(?=\s+id\b)"),
    # OpenSMTPD <= 5.9: bare text behind the id; without the word TLS no product is known by it
    (
        "s",
        r"(?:TLS\s+version=|version=(?=TLS|SSL))[^\s;]+(?:\s+(?:cipher|bits|verify)=[^\s;]+)*",
        "",
    ),
    # Exchange, IIS: `from mail pickup service by HOST`
    ("S", r"mail\s+pickup\s+service", r"\b"),
    # Gmail API: `from 413356470742 named unknown by gmailapi.google.com`; the project's whole name,
    # `413356470742-u8.apps.googleusercontent.com`, in newer lines
    ("S", r"\d[\w.-]*\s+named\s+unknown", r"\b"),
    # indimail: `indimail-mta queue N by host HOST (invoked …)`
    ("B", r"by\s+host", r"(?=\s+\w\S*\.\w)"),
    # qmail-scanner: `by HOST by uid N with qmail-scanner-2.05`
    ("k", r"by\s+uid\s+\d+", ""),
    # simscan: `by simscan 1.4.0 ppid: 12, pid: 14, t: 0.1s scanners: attach: 1.4.0 …`
    ("k", r"ppid:\s+\d+,\s+pid:\s+\d+,\s+t:\s+[\d.]+s(?:\s+scanners:[^;()]*)?", ""),
    # an unnamed submission server: `by authid <user@host>`
    ("k", r"by\s+authid\s+<[^<>]*>", ""),
    # Exchange Online: `with MailboxResubmission by AntispamTT`
    ("k", r"by\s+AntispamTT", r"\b"),
    # Yahoo: `by HOST pod-id NONE with HTTPS`
    ("k", r"pod-id\s+\S+", ""),
    # IMP: `from IP ( [IP]) as user USER@HOST by HOST with HTTP`
    ("a", r"as\s+user\s+[^\s()<>;]+", r"(?=\s+by\s[^;]{1,250}?\swith\s+HTTP)"),
    # Runbox: `with esmtpsa [Authenticated ID (USER)] (TLS1.2:…)`
    ("U", r"\[Authenticated\s+ID", r"(?=\s*\Z)"),
    # SAUCE: `from NAME ([IP]) ident ANSWER by HOST (SAUCE v0.9.0)`
    ("i", r"ident\s+\S+", r"(?=\s+by\s)"),
    # Obtuse smtpd: `from UNKNOWN(IP), claiming to be "NAME" via SMTP by HOST, id N`
    ("H", r",\s+claiming\s+to\s+be", r"(?=\s+\")"),
    # Exchange, damaged by quoted-printable: `id=14.3.498.0`
    ("I", r"id(?:=(?:3D)?|:)", r"(?=\S)"),
)

# RFC 5321, 4.1.2, and obs-local-part of RFC 5322: words of a quoted local part may hold brackets,
# blanks and semicolons. Quotes that belong to no local part (neither @ nor a dot behind) protect
# nothing: a HELO argument may hold a lone one. 64 octets are the limit of a local part, to which no
# server holds its clients; that of a command line is 512 octets, and 2,048 are taken by Postfix. An
# escaped quote begins none, or a field of nothing but those would take quadratic time.
_STRING: Final = r'(?<!\\)"(?>(?:[^"\\]|\\.){0,2048})"'
# chasquid quotes the whole address.
_LOCAL: Final = rf"{_STRING}(?=[@.])"
_SENDER: Final = rf"envelope\s++from\s++{_STRING}(?=\))"
_QUOTED: Final = f"{_LOCAL}|{_SENDER}"
_ATOM: Final = r"[\w!#$%&'*+/=?^`{|}~-]++"


def _comment(protected: str = "") -> str:
    """A bracket and its inside, nested to the bound; *protected* text hides its brackets."""
    # the first letter of `_SENDER` on its own
    text = rf'{protected}|[^()"e]++|["e]' if protected else r"[^()]++"
    comment = rf"\((?>(?:{text})*)\)"
    for _ in range(MAX_COMMENT_DEPTH - 1):
        comment = rf"\((?>(?:{text}|{comment})*)\)"
    return comment


# Postfix keeps quotes in the names of a client certificate but balances the brackets, so there
# brackets are counted without regard to quotes. Elsewhere quoted local parts hide theirs.
# (Client CN "NAME", Issuer "NAME" (verified OK)), as written or folded: no tab but in a fold
_CERTIFICATE: Final = r'\(Client(?: |\r?\n[ \t]+)CN(?: |\r?\n[ \t]+)"'
_COMMENT: Final = rf"(?={_CERTIFICATE}){_comment()}|{_comment(_QUOTED)}|{_comment()}"
# What stands between angle brackets is the client's text, well formed or not.
_ANGLE: Final = (
    rf'<(?>(?:{_STRING}|[^<>;"])*)>|<"[^"<>]*+"\s*+<[^<>]*+>>|<[^\s<>;"]*+\s*+<mailto:[^<>]*+>>'
)
_HTML_ANGLE: Final = r"&lt;[^\s;]*?&gt;"
_LITERAL: Final = r"\[[^\[\]\s()]*+\](?::\d++)?"
_LOCAL_PART: Final = rf"(?>(?:{_ATOM}\.)*){_STRING}(?>(?:\.(?:{_ATOM}|{_STRING}))*)@[^\s();<>]*+"
# a@b,c@d: recipients with a comma between them
_LISTED: Final = r"[^\s();<>\[\],@]++@[^\s();<>,@]++(?=,)|,(?=\s|[^\s();<>\[\],@]++@)"
_WORD: Final = r"[^\s();<\[]++|\["
_PHRASE: Final = "|".join(pattern + follow for _, pattern, follow in PHRASES)
# The quick pass knows dates behind a semicolon only, no set phrases and no quotes: half the time of
# the thorough one, and enough for 97 lines of 100. A bracket or angle that nothing closes takes the
# whole rest: one failed try only, so that a field of nothing but brackets costs linear time.
_find_tokens: Final = re.compile(
    rf"\s*+({_comment()}|<[^<>;]*+>|{_HTML_ANGLE}|;(?:\s*+{DATE})?|{_LITERAL}|{_WORD}|\S(?s:.*))"
).findall


@cache
def _compile_thorough() -> Callable[[str], list[str]]:
    # when first needed, for it takes as long as importing the rest of the lexer
    return re.compile(
        rf"\s*+({_COMMENT}|{_ANGLE}|{_HTML_ANGLE}|(?=[a-zA-Z\d,\[]|[^\x00-\x7f])(?:{DATE}|(?i:(?=[aobwtmpiuv\d,\[])(?:{_PHRASE})))"
        rf"|;|{_LITERAL}|{_LOCAL_PART}|{_LISTED}|{_WORD}|\S)"
    ).findall


@cache
def _compile_comment() -> Callable[[str], re.Match[str] | None]:
    return re.compile(_COMMENT).fullmatch


# ZMailer quotes the HELO word and its argument.
_QUOTED_HELO: Final = r'"(?:HELO|EHLO)\s[^"]*+"'
_find_bracket: Final = re.compile(rf"{_ANGLE}|{_QUOTED}|{_QUOTED_HELO}|[()]").search
_is_certificate: Final = re.compile(_CERTIFICATE).match
_PHRASE_CLASSES: Final = tuple(
    (letter, re.compile(pattern, re.IGNORECASE).fullmatch) for letter, pattern, _ in PHRASES
)
_is_date: Final = re.compile(DATE).fullmatch
_is_key_value: Final = re.compile(r"[a-zA-Z-]++=\S").match
# Host names, and ids with a digit: nothing in them that a class depends on. Three dots between
# digits may be an address.
_is_plain: Final = re.compile(
    r"[a-zA-Z][\w-]*+(?>(?:\.[\w-]++)+)\.?|(?=[a-zA-Z-]*+\d)[\w-]++|\d++(?:\.\d++){1,2}|\d++\.\d++\.\d{4,}[\w.-]*+"
).fullmatch
_has_time: Final = re.compile(r"\d:\s?\d\d").search
_has_blank: Final = re.compile(r"\s").search

MAX_MEMO: Final = 32_768
"""Words whose class is remembered; beyond that the memory starts anew."""
_MEMO: dict[str, str] = {}
_DATED: Final = Comment(";D", "")
_DOUBT: Final = "!"
_DOUBTFUL_SENDER: Final = "?"


class Lexed(NamedTuple):
    """A field as tokens; `shape[i]` is the class of `tokens[i]`."""

    shape: str
    tokens: list[str]
    defects: tuple[Defect, ...] = ()


def lex(text: str) -> Lexed:
    """Split *text* into classified tokens, in time linear in its length."""
    text = text.rstrip()
    if len(text) > MAX_FIELD:
        cut = Defect(kind=DefectKind.FIELD_TOO_LONG, text=f"{len(text)} characters")
        return _lex_thoroughly(text[:MAX_FIELD].rstrip(), (cut,))
    if '"' in text:
        return _lex_thoroughly(text)
    words: list[str] = _find_tokens(text)
    if len(words) > MAX_TOKENS or (words and words[-1][0] in "()<" and _is_rest(words[-1])):
        return _lex_thoroughly(text)
    shape, tokens = _classify(words)
    if _DOUBT in shape or _DOUBTFUL_SENDER in shape:
        return _lex_thoroughly(text)
    return Lexed(shape, tokens)


def _lex_thoroughly(text: str, defects: tuple[Defect, ...] = ()) -> Lexed:
    words, more = _split(text)
    if len(words) > MAX_TOKENS:
        del words[MAX_TOKENS:]
        more += (Defect(kind=DefectKind.TOO_MANY_TOKENS, text=f"more than {MAX_TOKENS}"),)
    shape, tokens = _classify(words)
    if "B" not in shape and tokens[:1] and tokens[0].lower() == "from:":
        shape = "".join("B" if tokens[i].lower() == "by:" else c for i, c in enumerate(shape))
    shape = shape.replace(_DOUBT, "w").replace(_DOUBTFUL_SENDER, "c")
    return Lexed(shape, tokens, defects + more)


def _is_rest(word: str) -> bool:
    """Whether *word* is what a bracket without partner took."""
    if word[0] == "(":
        return not (word[-1] == ")" and (word.count("(") == 1 or _compile_comment()(word)))
    return word[0] == ")" or word[-1] != ">"


def _split(text: str) -> tuple[list[str], tuple[Defect, ...]]:
    """The tokens of any text, also where a bracket has no partner or nests too deep."""
    find_tokens = _compile_thorough()
    words: list[str] = []
    deep = False
    end = 0
    spans, lonely = _match_brackets(text)
    for start, stop, depth in spans:
        words += find_tokens(text[end:start].rstrip())
        words.append(text[start:stop])
        deep = deep or depth > MAX_COMMENT_DEPTH
        end = stop
        if len(words) > MAX_TOKENS:
            break
    else:
        words += find_tokens(text[end:].rstrip())
    defects: list[Defect] = []
    if lonely:
        defects.append(Defect(kind=DefectKind.UNBALANCED_BRACKET))
    if deep:
        defects.append(Defect(kind=DefectKind.COMMENT_TOO_DEEP, text=f"over {MAX_COMMENT_DEPTH}"))
    return words, tuple(defects)


def _match_brackets(text: str) -> tuple[list[tuple[int, int, int]], bool]:
    """The outermost pairs as (start, stop, depth), in order, lonely brackets (depth 0) too."""
    open_at: list[tuple[int, int]] = []  # place, number of spans when it opened
    spans: list[tuple[int, int, int]] = []
    lonely = False
    for match in _iter_brackets(text):
        mark = match[0]
        if mark == "(":
            open_at.append((match.start(), len(spans)))
        elif mark == ")" and open_at:
            start, known = open_at.pop()
            depth = 1 + max((span[2] for span in spans[known:]), default=0)
            del spans[known:]
            spans.append((start, match.end(), depth))
        elif mark == ")":
            spans.append((match.start(), match.end(), 0))
            lonely = True
    spans.extend((start, start + 1, 0) for start, _ in open_at)
    spans.sort()
    return spans, lonely or bool(open_at)


def _iter_brackets(text: str) -> Iterator[re.Match[str]]:
    """Find brackets, and what hides them.

    Postfix balances the brackets of certificate names without regard to quotes, so quoted local
    parts hide theirs only outside of such a comment.
    """
    place = depth = certificate_end = 0
    while match := (_find_any if place < certificate_end else _find_bracket)(text, place):
        place = match.end()
        if match[0] == "(":
            if depth == 0:
                certificate_end = _find_certificate_end(text, match.start())
            depth += 1
        elif match[0] == ")":
            depth = max(0, depth - 1)
        yield match


def _find_certificate_end(text: str, start: int) -> int:
    """Where the comment on a certificate ends that begins at *start*; 0 if there is none.

    A HELO argument may begin such a comment, but where it is copied it comes without blanks, or
    before no text of the client's in which the comment could end; but for Twisted mail's.
    """
    if not _is_certificate(text, start) or "([Twisted" in text:
        return 0
    depth = 0
    for match in _iter_any(text, start):
        depth += 1 if match[0] == "(" else -1
        if depth == 0:
            is_whole = text.endswith(("verified))", "OK))"), start, match.end())
            return match.end() if is_whole else 0
    return 0


_find_any: Final = re.compile(r"[()]").search
_iter_any: Final = re.compile(r"[()]").finditer


def _classify(words: list[str]) -> tuple[str, list[str]]:
    """Find the classes, and put what stands inside opened comments among the tokens."""
    letters: list[str | None] = list(map(_MEMO.get, words))
    tokens = words
    if None in letters:
        tokens = words.copy()
        for i in [i for i, letter in enumerate(letters) if letter is None][::-1]:
            word = words[i]
            known = _learn(word)
            if isinstance(known, str):
                letters[i] = known
                continue
            letters[i] = known.shape
            tokens[i : i + 1] = (
                (";", word[1:].lstrip()) if known is _DATED else (word, *known.tokens, word)
            )
    return "".join(letters), tokens  # type: ignore[arg-type]  # no None is left


def _learn(word: str) -> str | Comment:
    """Find the class of a word, or the tokens of an opened comment.

    Even host names are worth remembering: the `by` of one line is the `from` of the next.
    """
    first = word[0]
    if first == "(" and len(word) > 1:
        comment = read_comment(word)
        return comment if comment.tokens else _remember(word, comment.shape)
    if first == ";":
        return _DATED if len(word) > 1 else ";"
    return _remember(word, _read_token(word))


def _remember(word: str, letter: str) -> str:
    if len(_MEMO) >= MAX_MEMO:
        _MEMO.clear()
    _MEMO[word] = letter
    return letter


def _read_token(word: str) -> str:
    if _is_plain(word) and word != _NO_NAME:
        return "w"
    lower = word.lower()
    if lower in ("id=", "id=3d"):
        return "I"
    if lower.startswith("helo="):
        return "h"
    if letter := KEYWORDS.get(lower):
        return _DOUBT if word == "TLS" else letter
    if lower in _TRIGGERS or lower[:3] == "id:":
        return _DOUBT
    return _word_class(word)


def _word_class(word: str) -> str:  # noqa: PLR0911  # one way out for each class
    """The class of a word that is no keyword."""
    first = word[0]
    if first == "<":
        return "A" if len(word) > 1 else "x"
    if first == '"' and "@" in word:
        return "Q"
    if " " in word or (not word.isprintable() and _has_blank(word)):
        return _spaced_class(word)
    if first == "[":
        return "L" if len(word) > 1 else "w"
    if "@" in word:
        return _DOUBT if "," in word else "M"
    if "=" in word and _is_key_value(word):
        return _DOUBT if word[:3].lower() == "id=" or word[:8].lower() == "version=" else "z"
    if word.startswith("&lt;"):
        return "A"
    if find_address(word):
        return "N"
    if ":" in word and _has_time(word):
        return "D" if _is_date(word) else _DOUBT
    return "w"


def _spaced_class(word: str) -> str:
    """The class of a token with white space in it: a set phrase or a date."""
    for letter, matches in _PHRASE_CLASSES:
        if matches(word):
            return letter
    return "D"


# with ESMTP with TLSv1.2 · with ESMTP via TCP with TLS
_find_second_with: Final = re.compile(r"W[wS](?:Vw)?(?P<with>W[wT]+)(?=[^wT]|\Z)").search


def join_second_with(text: str, lexed: Lexed) -> Lexed:
    """Make one token of a second `with`, as Mimecast's is, if it speaks of the session.

    >>> text = "by mx.site.example with ESMTP with TLS"
    >>> join_second_with(text, lex(text)).shape
    'BwWws'
    """
    found = _find_second_with(lexed.shape, max(lexed.shape.rfind("B"), 0))
    if found is None:
        return lexed
    start, end = found.span("with")
    words = lexed.tokens[start:end]
    told = find_tls_words(" ".join(words))
    if told is None or told.level is None:
        return lexed
    joined = re.findall(r"\s+".join(map(re.escape, words)), text)[:1]
    tokens = [*lexed.tokens[:start], *joined, *lexed.tokens[end:]]
    return lexed._replace(shape=f"{lexed.shape[:start]}s{lexed.shape[end:]}", tokens=tokens)
