"""What stands behind the time stamp, on lines of its own: as a rule not the server's text.

A message that begins with white space goes on with the last field of the server that took it, if
that server puts its line in front without looking: qmail does. So the sender gets to write behind
the date, and whole clauses, too. The other way round, where the server lets a HELO argument hold
anything, the date itself may be the sender's, and the server's own clauses follow. If the tail has
a `by` of its own, either may be true.
"""

import re
from typing import Final, NamedTuple


class Parted(NamedTuple):
    """A field, parted at the end of its time stamp."""

    head: str
    tail: str
    """What is not to be read; empty in nearly all fields."""
    is_second_half: bool = False
    """The tail could be the server's, and the date before it a part of the HELO argument."""

    @property
    def is_sure(self) -> bool:
        """Whether the date can be no part of a HELO argument: none reaches over a fold."""
        return "\n" in self.head or self.tail.startswith("Received:")


# A time of day, its zone, the year of the C library and a comment; or seconds since 1970 alone.
_ZONE: Final = r"(?:[ \t]*(?:(?:GMT|UTC?)[ \t]*)?[+-][ \t]*\d{1,2}:?\d{0,2}|[ \t]+[A-Z]{1,5})"
# Each way begins with a letter of its own, for which `re` looks much faster than for a lookbehind.
_TIME: Final = (
    r"(?::(?<=\d:)\d\d(?::\d\d)?(?:[.,]\d+)?|\.(?<=\d\.)\d\d\.\d\d|;\s*\d{9,10}(?:\.\d+)?)"
    rf"{_ZONE}{{0,2}}(?:[ \t]+\d{{4}}{_ZONE}?)?(?:[ \t]*\([\w+: -]*\))?[ \t]*"
)
# They end a physical line, and there is text on the next.
_find_end: Final = re.compile(rf"{_TIME}(?=\r?\n[ \t]+[^ \t\r\n])").search
# Or the next field follows, for the line break between the two was lost.
_find_glue: Final = re.compile(rf"{_TIME}(?=\s*Received:\s+(?:from|by)\s)").search
# Its name may be lost, too. A HELO argument may hold as much, but no fold before it.
_find_nameless_glue: Final = re.compile(rf"{_TIME}(?=[, \t]*(?:from|by)\s)").search
# A zone that was folded, `id ID` (Courier's bounces) and a comment that says nothing may follow.
_has_clause: Final = re.compile(
    r"(?:^|[\s)\]>;])(?:from|by|with|via|for|tls)\s", re.IGNORECASE
).search
_tells_facts: Final = re.compile(
    r"tls|ssl|ciphers?\b|version=|encrypted|auth|secured channel|\[|certificate", re.IGNORECASE
).search
# It has no clauses: (added by postmaster@HOST)
_is_comment: Final = re.compile(r"\s*+(?:[+-]\d{4}\s*+)?\([^()]*+\)\s*+").fullmatch
_has_receiver: Final = re.compile(r"(?:^|[\s)\]>;])by\s", re.IGNORECASE).search
# Yandex writes its comments on TLS there.
_is_yandex: Final = re.compile(r"(?:^|\s)by\s+\S+\s+\((?:\w+/)?Yandex\)\s", re.IGNORECASE).search


def part_tail(text: str) -> Parted:
    r"""Part *text* behind its date, if what follows there could change how it is read.

    >>> part_tail("from a by b with SMTP; 5 Mar 2024 10:11:12 -0000\n (TLSv1.3)").tail
    '(TLSv1.3)'
    """
    if "Received:" in text and (glue := _find_glue(text)):
        return Parted(text[: glue.end()], text[glue.end() :].strip(), is_second_half=True)
    start = max(text.find(";"), 0)
    if _ends_with_date(text, start):
        return Parted(text, "")
    has_more = text.find(";", start + 1) > 0 and 0 < text.find("\n") < start
    if has_more and (glue := _find_nameless_glue(text, start)):
        head = text[: glue.end()]
        if _is_balanced(head):
            return Parted(head, text[glue.end() :].strip(" ,"), is_second_half=True)
    if not (end := _find_end(text, start)):
        return Parted(text, "")
    head, tail = text[: end.end()], text[end.end() :]
    if not _bears_on_verdict(tail) or _is_yandex(head):
        return Parted(text, "")
    return Parted(head, tail.strip(), _has_receiver(tail) is not None)


def _is_balanced(text: str) -> bool:
    """Whether *text* does not end within an address or a comment, which may hold what they like."""
    return '"' not in text and all(text.count(a) == text.count(b) for a, b in ("<>", "()"))


def _bears_on_verdict(tail: str) -> bool:
    return bool(_tells_facts(tail) or (_has_clause(tail) and not _is_comment(tail)))


def _ends_with_date(text: str, start: int) -> bool:
    """Tell quickly that nothing but a date follows the semicolon at *start*, as mostly.

    It stands on one line, be that a line of its own; Exchange folds before the zone.
    """
    fold = text.find("\n", start)
    if fold >= 0 and not text[start + 1 : fold].strip():
        fold = text.find("\n", fold + 1)
    is_zone = text[-5:-4] in ("+", "-")
    if fold < 0:
        return text.find(";", start + 1) < 0
    return is_zone and not text[fold:-5].strip()
