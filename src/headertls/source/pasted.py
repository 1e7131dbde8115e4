"""Undoing what mail clients, web pages and quoted-printable do to header blocks in transit.

All of this is for text that came by the clipboard or inside a bounce. It must not open a way to
alter a line that a server wrote: what a stranger adds below such a line, or writes in his HELO,
may look damaged on purpose. Hence `may_continue`, and the short tables of what is decoded.
"""

import re
from types import MappingProxyType
from typing import Final

# A quote mark with the blanks before it, also as HTML writes it.
_MARK: Final = r"[^\S\r\n]*+(?:>|&gt;)"
_MARKS: Final = re.compile(rf"(?>(?:{_MARK})*)")
_BLANK_ENTITY: Final = r"&(?:nbsp|#160);"
# What now begins a line: blanks and invisible characters, and quote marks besides.
_MARGIN: Final = re.compile(rf"(?>(?:[^\S\r\n]|[\u00ad\u200b\u2060\ufeff]|{_BLANK_ENTITY})*)")
_JUNK: Final = re.compile(rf"(?>(?:[\s>\u00ad\u200b\u2060\ufeff]|&gt;|{_BLANK_ENTITY})*)")

# Soft hyphen, zero width space, word joiner, byte order mark.
_INVISIBLE: Final = re.compile(r"[\u00ad\u200b\u2060\ufeff]+")
# No-break spaces: web pages and Outlook write them in place of blanks.
_FIXED_BLANK: Final = re.compile(r"[\u00a0\u2007\u202f]")
_FIXED_BLANKS_AT_BLANK: Final = re.compile(
    r"(?<![^ \t\r\n])[\u00a0\u2007\u202f]++"
    r"|(?<![\u00a0\u2007\u202f])[\u00a0\u2007\u202f]++(?=[ \t\r\n]|\Z)"
)

# A time stamp with zone or year, and comments, at the end of a value: the line is complete.
_STAMPED: Final = re.compile(
    r"\d:\d\d(?::\d\d)?(?:\.\d+)?"
    r"(?:\s*(?:[+-]|&#43;)\d\d:?\d\d|\s*Z|\s+[A-Z]{1,5}|\s+\d{4})"
    r"(?>(?:\s*+\((?>(?:[^()]++|\([^()]*+\))*)\))*)\s*+\Z"
)
_TIMED: Final = re.compile(r"\d:\d\d(?::\d\d)?(?:\.\d+)?\s*\Z")
# Zone names that cannot be taken for a word about TLS.
_ZONE_NAME: Final = r"(?:UTC|MSK|[A-Z]{2,3}T)"
_ZONE_COMMENT: Final = re.compile(rf"\({_ZONE_NAME}\)\s*\Z")
_ZONE: Final = re.compile(rf"(?:(?:[+-]|&#43;)\d{{4}}|{_ZONE_NAME})(?:\s*\({_ZONE_NAME}\))?\s*\Z")
_TAIL: Final = 400
"""Characters at the end of a value in which its time stamp is looked for."""

# RFC 2045, 6.7. Encoders leave printable characters alone, but for the equals sign; `=28` in a
# HELO is the sender's try to write a bracket.
_SOFT_BREAK: Final = re.compile(r"=[^\S\n]*(?:\n|\Z)")
_BLANK_AT_END: Final = re.compile(r"=(?:20|09)(?=[^\S\n]*(?:\n|\Z))")
_QUOTED: Final = re.compile(rf"=3D|{_BLANK_AT_END.pattern}")
_RAW_EQUALS: Final = re.compile(r"=(?![0-9A-F]{2}|[^\S\n]*(?:\n|\Z))")
_LINE_BREAK_TAG: Final = re.compile(r"(?i)<br[ \t]*/?>(?=[^\S\n]*(?:\n|\Z))")
_TAG_AT_END: Final = re.compile(r"(?i)<br[ \t]*/?>\s*\Z")

_ENTITY: Final = re.compile(r"&#?\w{1,6};")
# What encoders write; brackets and semicolons are never encoded but by someone with a purpose.
_ENTITIES: Final = MappingProxyType(
    {
        "&amp;": "&",
        "&#39;": "'",
        "&#43;": "+",  # Microsoft's AntiXSS, in every time zone
        # `restore_blanks` decides whether these are blanks.
        "&nbsp;": "\u00a0",
        "&#160;": "\u00a0",
        "&#9;": "\u00a0",  # at the beginning of a continuation
    }
)
# These delimit, so they are decoded only where no raw one shows that the text is not HTML.
_WITH_DELIMITERS: Final = MappingProxyType(
    {
        **_ENTITIES,
        "&lt;": "<",
        "&gt;": ">",
        "&quot;": '"',
        "&#34;": '"',
    }
)
_RAW_DELIMITER: Final = re.compile(r'[<>"]')


def strip_marks(lines: list[str]) -> list[str]:
    r"""Take the quote marks and the indentation of the first line off all *lines*.

    A line that is now blank ends the block.

    >>> strip_marks(["> Received: from a.example\n", ">  by b.example\n", ">\n", "> body\n"])
    ['Received: from a.example\n', ' by b.example\n']
    """
    depth = len(re.findall(_MARK, lines[0][: _match_length(_MARKS, lines[0])]))
    marks = re.compile(rf"(?:{_MARK}){{0,{depth}}}+")
    margin: str | None = None
    kept: list[str] = []
    for line in lines:
        blanks, text = _split_margin(line[_match_length(marks, line) :])
        if not text.strip():
            break
        if margin is None:
            margin = blanks
        kept.append(blanks.removeprefix(margin) + text)
    return kept


def strip_junk(line: str) -> str:
    r"""Take blanks of all kinds and quote marks off the beginning of *line*.

    >>> strip_junk("\u00a0> by b.example\n")
    'by b.example\n'
    """
    return line[_match_length(_JUNK, line) :]


def may_continue(value: str, line: str) -> bool:
    """Tell whether *line*, which is no field, may be the lost continuation of a trace line.

    A trace line ends with its time stamp, so nothing but the rest of the stamp may follow. Thus a
    stranger's first line, `(using TLSv1.3 ...)`, never joins the line of a server.

    >>> may_continue("from a.example by b.example", "with ESMTPS; Tue, 29")
    True
    >>> may_continue("by b.example; Tue, 29 Sep 2026 10:11:12 +0200", "(using TLSv1.3)")
    False
    """
    tail = _LINE_BREAK_TAG.sub("", value[-_TAIL:])
    if _STAMPED.search(tail):
        return not tail.rstrip().endswith(")") and _ZONE_COMMENT.match(line) is not None
    if _TIMED.search(tail):
        return _ZONE.match(line) is not None
    return True


def find_soft_break(line: str) -> int | None:
    r"""Return where the `=` stands that breaks *line* in quoted-printable.

    >>> find_soft_break("with ESM=\r\n"), find_soft_break("with ESMTP\r\n")
    (8, None)
    """
    end = len(line.rstrip()) - 1
    return end if end >= 0 and line[end] == "=" else None


def restore_blanks(value: str) -> str:
    r"""Make blanks of all kinds plain, and take invisible characters away.

    A no-break space counts only beside another blank, or where there is no plain one at all:
    `a.example<NBSP>with<NBSP>ESMTPS` may be a HELO, and must stay one word.

    >>> restore_blanks("from \u00a0a.exam\u00adple by\u00a0 b.example")
    'from  a.example by  b.example'
    >>> restore_blanks("from\u00a0a.example\u00a0by\u00a0b.example")
    'from a.example by b.example'
    """
    value = _INVISIBLE.sub("", value)
    if " " not in value.strip():
        return _FIXED_BLANK.sub(" ", value)
    return _FIXED_BLANKS_AT_BLANK.sub(" ", value)


def is_encoded(value: str) -> bool:
    r"""Tell whether *value* was surely encoded, though its lines are in order.

    `=3D` alone is no proof that line ends must go; whoever reads the value can read through it.

    >>> is_encoded("(version=3DTLS1_2); Tue,=\n 29"), is_encoded("(version=3DTLS1_2); Tue, 29")
    (True, False)
    """
    if "=3D" in value and _SOFT_BREAK.search(value):
        return True
    if _FIXED_BLANK.search(value) and " " not in value.strip():
        return True
    return _TAG_AT_END.search(value) is not None


def decode_leftovers(value: str) -> str:
    r"""Undo quoted-printable and HTML, where it can be told that *value* is encoded.

    >>> decode_leftovers("for &lt;a@b.example&gt; (version=3DTLS1_2); Tue,=\n 29")
    'for <a@b.example> (version=TLS1_2); Tue, 29'
    """
    value = _LINE_BREAK_TAG.sub("", value)
    if _QUOTED.search(value) and not _RAW_EQUALS.search(value):
        value = _BLANK_AT_END.sub(" ", _SOFT_BREAK.sub("", value)).replace("=3D", "=")
    # One pass, so that `&amp;lt;` stays `&lt;`.
    table = _ENTITIES if _RAW_DELIMITER.search(value) else _WITH_DELIMITERS
    return _ENTITY.sub(lambda found: table.get(found[0], found[0]), value)


def _match_length(pattern: re.Pattern[str], line: str) -> int:
    found = pattern.match(line)
    return found.end() if found else 0


def _split_margin(line: str) -> tuple[str, str]:
    """Return the blanks that begin *line*, made plain, and the rest."""
    end = _match_length(_MARGIN, line)
    if end == 0:
        return "", line
    blanks = _INVISIBLE.sub("", re.sub(_BLANK_ENTITY, " ", line[:end]))
    return _FIXED_BLANK.sub(" ", blanks), line[end:]
