"""Damage that a line took on its way to us, and that no client can have made up.

Mail programs, web pages and people change a line that they show or quote. What they did is undone
where it cannot turn a client's text into text of the server: a dot out of its bracket, characters
without width, the soft breaks of quoted-printable, quotes around the whole, folds that were written
out, and folds within a word. For a client can send no line break, and a dot gives it nothing.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final, NamedTuple

from headertls.models import Defect, DefectKind, Evidence, Hop
from headertls.parser.lexer import MAX_FIELD
from headertls.parser.quotes import quote_anew
from headertls.words import WORDS

_FOLD: Final = r"\r?\n[ \t]+"
# Zero-width space, (non-)joiners, marks of direction, word joiner, byte order mark, soft hyphen,
# selectors of variants, and letters and blanks of some scripts that show nothing.
_INVISIBLE: Final = (
    "[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_find_invisible: Final = re.compile(_INVISIBLE).search
_QUOTES: Final = ('"', "'")
# The brackets of `[.]`, by which analysts keep a name from being clicked; `=` at the end of a line
# that goes on without a blank (RFC 2045, 6.7); quotes around the whole.
_find_damage: Final = re.compile(
    rf'{_INVISIBLE}|\[(?=\.\])|(?<=\[\.)\]|=\r?\n(?=[^\s])|^["\'](?=from )|(?<=[\d)])["\']\s*$',
    re.IGNORECASE,
).finditer
# Folds of a line without any, written out as programs write them, or as quoted-printable does: only
# beside brackets, for an address may hold as much.
_WRITTEN: Final = r"(?:(?:\\r)?\\n(?:\\t|[ \t])|(?:=0D)?=0A(?:=09|=20))[ \t]*"
_find_written: Final = re.compile(rf"(?<=[)\]>;]){_WRITTEN}|{_WRITTEN}(?=\(|for <)").finditer
# Where a fold parts a word: what stands before and behind it. Between letters nobody can tell, but
# for the words that servers write.
_TORN: Final = (
    (r"\w[-_=]", r"\w"),  # a cipher suite, key=value
    (r"\d\.", r"\d{1,3}(?=[.\])])"),  # an address
    (r"\d", r"\.\d{1,3}(?=[.\])])"),
    (r"[\da-f]:", r"[\da-f:]+\]"),
    (r"\d:", r"\d\d"),  # a time of day
    (r"\s\d\d", r":\d\d"),
    (r":\d\d", r":\d\d"),
    (r":\d", r"\d[:\s]"),
    (r"\d{4} \d", r"\d:\d\d"),
    (r"[a-z] \d", r"\d{3}\s+\d\d?:"),  # a year
    (r"[a-z] \d\d", r"\d\d\s+\d\d?:"),
    (r"[a-z] \d{3}", r"\d\s+\d\d?:"),
    (r"\s[+-]\d", r"\d{3}(?!\d)"),  # a zone
    (r"\s[+-]\d\d", r"\d\d(?!\d)"),
    (r"\s[+-]\d{3}", r"\d(?!\d)"),
)
_find_folds: Final = re.compile(rf"{_FOLD}(?=[\w.:])").finditer
_ENDS: Final = frozenset(")>;,")
"""Signs behind which no word goes on."""
_is_torn: Final = re.compile(
    "|".join(f"(?<={before}){_FOLD}(?={behind})" for before, behind in _TORN)
).match

# fmt: off
_KNOWN_WORDS: Final = frozenset(
    (
        *(word.name.lower() for word in WORDS),
        "from", "with", "using", "cipher", "version", "tlsv1", "bits", "verify", "requested",
        "certificate", "present", "client", "authenticated", "sender", "envelope", "unknown",
        "localhost", "helo", "ehlo", "microsoft", "smtpsvc", "server", "frontend", "transport",
        "mailbox", "postfix", "sendmail", "exim",
        "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        "mon", "tue", "wed", "thu", "fri", "sat", "sun",
    )
)
# fmt: on
_find_last_word: Final = re.compile(r"[a-zA-Z\d]++\Z").search
_find_first_word: Final = re.compile(r"[a-zA-Z\d]++").match
_LONGEST_KNOWN: Final = max(map(len, _KNOWN_WORDS))


class Mended(NamedTuple):
    """A line without the damage."""

    raw: str
    text: str
    places: tuple[int, ...]
    """Where in `text` something was left out."""
    offsets: tuple[int, ...]
    """Characters left out up to each of these places."""

    def restore(self, hop: Hop) -> Hop:
        """Put the damage back into what *hop*, which was read without it, says of its text."""
        update: dict[str, object] = {
            "raw": self.raw,
            **quote_anew(hop, self._restore_evidence),
        }
        if all(defect.kind is not DefectKind.TRANSPORT_DAMAGE for defect in hop.defects):
            damage = Defect(kind=DefectKind.TRANSPORT_DAMAGE)
            update["defects"] = (*hop.defects, damage)
        return hop.model_copy(update=update)

    def _restore_evidence(self, piece: Evidence) -> Evidence:
        start, last = self._find_place(piece.start), self._find_place(piece.end - 1)
        end = last + 1
        return piece.model_copy(update={"text": self.raw[start:end], "start": start, "end": end})

    def _find_place(self, place: int) -> int:
        known = bisect_right(self.places, place)
        return place + (self.offsets[known - 1] if known else 0)


def find_mended(raw: str) -> Mended | None:
    """Undo the damage of *raw*; `None` for nearly all lines, which have none.

    >>> find_mended("from mail[.]shop[.]example by mx.site.example").text
    'from mail.shop.example by mx.site.example'
    """
    if len(raw) > MAX_FIELD:
        return None
    if "\n" not in raw:
        may_be_written = "\\n" in raw or "=0A=" in raw
        if may_be_written and (mended := _leave_out(raw, _find_written(raw), " ")):
            return mended
    elif "=\n" in raw or "=\r\n" in raw:
        return _leave_out(raw, _find_damage(raw))
    if "[.]" in raw or raw[:1] in _QUOTES or (not raw.isascii() and _find_invisible(raw)):
        return _leave_out(raw, _find_damage(raw))
    return None


def find_joined(raw: str) -> Mended | None:
    r"""Undo the folds of *raw* that part a word; asked only of lines that were not fully read.

    >>> find_joined("from a.example ([192.0.2.\n 1]) by mx.site.example").text
    'from a.example ([192.0.2.1]) by mx.site.example'
    """
    if "\n" not in raw or len(raw) > MAX_FIELD:
        return None
    return _leave_out(raw, (fold for fold in _find_folds(raw) if _parts_word(raw, fold)))


def _parts_word(raw: str, fold: re.Match[str]) -> bool:
    if raw[fold.start() - 1] in _ENDS:
        return False
    if _is_torn(raw, fold.start()):
        return True
    behind = _find_first_word(raw, fold.end())
    before = _find_last_word(raw, max(0, fold.start() - _LONGEST_KNOWN), fold.start())
    if before is None or behind is None:
        return False
    halves = before[0].lower(), behind[0].lower()
    return "".join(halves) in _KNOWN_WORDS and not _KNOWN_WORDS.issuperset(halves)


def read_through(hop: Hop) -> str:
    """Give the text of *hop* as it was read.

    >>> read_through(Hop(raw="by mx[.]site[.]example"))
    'by mx[.]site[.]example'
    """
    text = hop.raw
    if any(defect.kind is DefectKind.TRANSPORT_DAMAGE for defect in hop.defects):
        for find in (find_mended, find_joined):
            mended = find(text)
            text = mended.text if mended else text
    return text


def _leave_out(raw: str, damage: Iterator[re.Match[str]], instead: str = "") -> Mended | None:
    texts: list[str] = []
    places: list[int] = []
    offsets: list[int] = []
    end = kept = 0
    for match in damage:
        texts.append(raw[end : match.start()] + instead)
        kept += len(texts[-1])
        end = match.end()
        places.append(kept)
        offsets.append(end - kept)
    if not places:
        return None
    return Mended(raw, "".join((*texts, raw[end:])), tuple(places), tuple(offsets))
