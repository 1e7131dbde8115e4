"""Words in place of words: keyed, so that nobody without the key can try guesses against them."""

import hmac
from collections.abc import Callable, Container, Iterator
from functools import partial
from hashlib import shake_256
from typing import Final

MAX_ATTEMPTS: Final = 64
"""Draws until one that is taken already is put up with; only one or two characters come so far."""

_LENGTH: Final = 8
# No vowels and none of t, l and s: a pseudonym is no word, and holds neither `tls` nor `ssl`.
_LETTERS: Final = "bcdfghjkmnpqrvwxz"
_DIGITS: Final = "0123456789"
_DRAWN: Final = 192
_RUN: Final = 128
"""Characters that are drawn at once."""


class Draw:
    """A run of numbers that looks like chance, and is the same for the same seed."""

    def __init__(self, seed: bytes) -> None:
        self._rest = int.from_bytes(shake_256(seed).digest(_DRAWN))

    def below(self, limit: int) -> int:
        """Give a number from 0 to below *limit*."""
        self._rest, number = divmod(self._rest, limit)
        return number

    def pick(self, letters: str) -> str:
        """Give one of *letters*."""
        return letters[self.below(len(letters))]


class Pseudonyms:
    """What was invented for one message, so that equal words stay equal and others stay apart.

    Args:
        key: The same key gives the same pseudonyms, but for the few that are taken already.
        originals: Words of the message, in lower case, none of which may be a pseudonym.

    >>> names = Pseudonyms(b"key", {"mail"})
    >>> names.name("mail") == names.name("mail") != names.name("mx")
    True
    >>> names.name("MAIL") == names.name("mail").upper()
    True
    """

    def __init__(self, key: bytes, originals: Container[str] = ()) -> None:
        self._key = key
        self._originals = originals
        self._known: dict[tuple[str, str], str] = {}
        self._taken: set[tuple[str, str]] = set()

    def draw(self, kind: str, original: str, attempt: int = 0) -> Draw:
        """Give the numbers that belong to *original*."""
        text = f"{kind}\0{attempt}\0{original}".encode(errors="surrogatepass")
        return Draw(hmac.digest(self._key, text, "sha256"))

    def invent(self, kind: str, original: str, make: Callable[[Draw], str]) -> str:
        """Give what stands for *original*, which is made of numbers when it is met first."""
        known = self._known.get((kind, original))
        if known is not None:
            return known
        made = make(self.draw(kind, original))
        for attempt in range(1, MAX_ATTEMPTS):
            if (kind, made) not in self._taken and made.lower() not in self._originals:
                break
            made = make(self.draw(kind, original, attempt))
        self._taken.add((kind, made))
        self._known[kind, original] = made
        return made

    def name(self, word: str) -> str:
        """Replace a word by one of eight letters; its case, and whether a digit begins it, stay.

        >>> names = Pseudonyms(b"key")
        >>> names.name("3com")[0].isdigit(), names.name("AM6PR06").isupper()
        (True, True)
        """
        if word.isdecimal():
            return self.number(word)
        lower = self.invent("name", word.lower(), lambda draw: _write_name(draw, word))
        return _apply_case(lower, word)

    def number(self, digits: str) -> str:
        """Replace digits by as many others, without a zero in front where there was none.

        >>> len(Pseudonyms(b"key").number("20975"))
        5
        """
        head, rest = digits[:_RUN], digits[_RUN:]
        written = self.invent("number", head, lambda draw: _write_number(draw, head))
        return written + "".join(self._form_pieces(rest)) if rest else written

    def form(self, text: str) -> str:
        """Replace each letter and digit by another one of its kind; all else stays.

        >>> import re
        >>> bool(re.fullmatch("[0-9][a-z][A-Z][a-z][A-Z][a-z]-[0-9]{6}",
        ...     Pseudonyms(b"key").form("1qXaBc-000412")))
        True
        """
        return "".join(self._form_pieces(text))

    def _form_pieces(self, text: str) -> Iterator[str]:
        """Give the form of long texts in pieces: the numbers of a draw get slower with each."""
        for place in range(0, len(text), _RUN):
            piece = text[place : place + _RUN]
            yield self.invent("form", piece, partial(_write_form, piece))


def _write_name(draw: Draw, word: str) -> str:
    first = draw.pick(_DIGITS) if word[0].isdecimal() else draw.pick(_LETTERS)
    return first + "".join(draw.pick(_LETTERS) for _ in range(_LENGTH - 1))


def _write_form(text: str, draw: Draw) -> str:
    return "".join(_replace(char, draw) for char in text)


def _write_number(draw: Draw, digits: str) -> str:
    first = _replace(digits[0], draw) if digits[0] == "0" and len(digits) == 1 else digits[0]
    if first != "0":
        first = draw.pick(_DIGITS[1:])
    return first + "".join(draw.pick(_DIGITS) for _ in digits[1:])


def _apply_case(name: str, word: str) -> str:
    """Give *name* the case of *word*, whose last letter speaks for all that follow."""
    cases = [c.isupper() for c in word if c.isalpha()] or [False]
    last = len(cases) - 1
    letters = (c.upper() if cases[min(i, last)] else c for i, c in enumerate(name))
    return "".join(letters)


def _replace(char: str, draw: Draw) -> str:
    if char.isdecimal():
        return draw.pick(_DIGITS.replace(char, ""))
    if not char.isalpha():
        return char
    letter = draw.pick(_LETTERS.replace(char.lower(), ""))
    return letter.upper() if char.isupper() else letter
