"""Text word by word: what no table names is replaced, by what has the same form."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, NamedTuple

from headertls.parser.dates import DATE
from headertls.redaction.addresses import replace_address, replace_bad_quad
from headertls.redaction.hosts import replace_host
from headertls.redaction.pseudonyms import Pseudonyms
from headertls.redaction.times import shift_date
from headertls.redaction.vocabulary import PORTS, is_about_tls

# Letters of all scripts, and every other character beyond ASCII that is no blank.
_LETTER: Final = r"(?:\w|[^\x00-\x7f\s])"
_LABEL: Final = rf"(?>{_LETTER}+)(?>(?:-++(?>{_LETTER}+))*)"
_BEFORE: Final = r"(?<![\w.-])"
_QUAD: Final = r"\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.[\w-])"
_IPV6: Final = r"(?=[\da-fA-F:.]{0,39}::|(?:[\da-fA-F]{1,4}:){7})[\da-fA-F:.]{2,45}(?<!\.)(?![\w-])"
_PORT: Final = r"(?P<port>\]?:\d{1,5}(?![\w.:]))?"
find_pieces: Final = re.compile(
    rf"(?P<date>{_BEFORE}{DATE})"
    # never a word of a table: the user's name
    rf"|(?P<local>[^\s()<>\[\];,\"@=:\\|]{{1,256}}+(?=@))"
    rf"|(?P<entity>&(?:lt|gt|amp|quot|nbsp|\#\d{{1,4}});|=3D|(?i:ipv6:)(?=[\da-fA-F.]*:))"
    rf"|(?P<ipv6>{_BEFORE}{_IPV6}){_PORT.replace('port', 'port6')}"
    rf"|(?P<quad>{_BEFORE}{_QUAD}){_PORT}"
    r"|(?P<told>(?i:port)[ =])(?P<number>\d{1,5})(?!\d)"
    rf"|(?P<word>{_LABEL}(?>(?:\.{_LABEL})*))"
    r"|(?s:.)"
).finditer
_is_date: Final = re.compile(DATE).fullmatch
is_run: Final = re.compile(r"\d+(?:\.\d+)+[a-z]?\d*").fullmatch
# SMTPD32-7.15, qmail-1.03
_is_versioned: Final = re.compile(r"([a-z][\w-]*)-(\d[\d.]*)", re.IGNORECASE).fullmatch
# AIX5.3
_is_glued_version: Final = re.compile(r"([a-z]+)\d+\.[\d.]+", re.IGNORECASE).fullmatch
_is_dotted_version: Final = re.compile(r"(?:[a-z]|v?m?\d+\w?)", re.IGNORECASE).fullmatch
_LOWEST_FREE_PORT: Final = 1024
_FREE_PORTS: Final = 64_000
_RUN: Final = re.compile(r"\w+(?:[.+-]\w+)*")


class Redactor(NamedTuple):
    """What replaces words: the pseudonyms and the time shift of one message."""

    pseudonyms: Pseudonyms
    shift: timedelta

    def replace(
        self, text: str, kept: frozenset[str] = frozenset(), *, keeps_tls: bool = False
    ) -> str:
        """Replace all words of *text* but those *kept*.

        Args:
            text: Any text.
            kept: Words that stay, in lower case.
            keeps_tls: Versions and suites stay, too.

        >>> redactor = Redactor(Pseudonyms(b"key"), timedelta())
        >>> redactor.replace("(Postfix at, ann)", frozenset({"postfix"})).startswith("(Postfix ")
        True
        """
        return "".join(
            self._replace_piece(found, kept, keeps_tls=keeps_tls) for found in find_pieces(text)
        )

    def _replace_piece(self, found: re.Match[str], kept: frozenset[str], *, keeps_tls: bool) -> str:
        if word := found["word"]:
            return self._replace_word(word, kept, keeps_tls=keeps_tls)
        ways: dict[str, Callable[[str, re.Match[str]], str]] = {
            "date": lambda piece, _: self.replace_date(piece),
            "local": lambda piece, _: self._replace_local(piece),
            "ipv6": self._replace_ipv6,
            "quad": self._replace_quad,
            "told": self._replace_told,
        }
        for name, replace in ways.items():
            if (piece := found[name]) is not None:
                return replace(piece, found)
        return found[0]

    def _replace_word(self, word: str, kept: frozenset[str], *, keeps_tls: bool) -> str:
        if word.lower() in kept or (keeps_tls and is_about_tls(word)):
            return word
        if is_run(word):
            first, _, rest = word.partition(".")
            # `(8.9.9)` would be a sendmail's
            return "9" * len(first) + "." + self._replace_digits(rest)
        if kept and (replaced := self._replace_compound(word, kept)):
            return replaced
        return replace_host(word, self.pseudonyms)

    def _replace_digits(self, text: str) -> str:
        return re.sub(r"\d+", lambda run: self.pseudonyms.number(run[0]), text)

    def _replace_compound(self, word: str, kept: frozenset[str]) -> str | None:
        """Keep the product in `SMTPD32-7.15`, `house-amavisd-new`, the family in `local-esmtp`."""
        versioned = _is_versioned(word)
        if versioned and versioned[1].lower() in kept:
            return f"{versioned[1]}-{self.replace(versioned[2])}"
        if is_product(word, kept):
            return word
        if word.lower().startswith("local-"):
            return f"{word[:6]}{replace_host(word[6:], self.pseudonyms)}"
        if word.lower().endswith("-amavisd-new"):
            name = word[: -len("-amavisd-new")]
            return f"{replace_host(name, self.pseudonyms)}{word[len(name) :]}"
        return None

    def replace_date(self, text: str) -> str:
        r"""Move what the lexer took for a date; text that cannot be printed is among it.

        >>> redactor = Redactor(Pseudonyms(b"key"), timedelta(days=1))
        >>> redactor.replace_date("29 Aug 2023 10:11:12 +0200")
        '30 Aug 2023 10:11:12 +0200'
        >>> "ann" in redactor.replace_date("ann\N{RIGHT-TO-LEFT OVERRIDE}")
        False
        """
        return shift_date(text, self.shift) if _is_date(text) else self.replace(text)

    def write_moment(self, moment: datetime) -> str:
        """Move a time stamp of a form that is read only as a whole."""
        return format_datetime(moment + self.shift)

    def _replace_local(self, piece: str) -> str:
        return _RUN.sub(lambda run: self.pseudonyms.name(run[0]), piece)

    def _replace_ipv6(self, piece: str, found: re.Match[str]) -> str:
        try:
            address = IPv6Address(piece)
        except ValueError:
            return re.sub(r"[\da-fA-F]+", lambda run: self.pseudonyms.name(run[0]), piece)
        mapped = address.ipv4_mapped
        if mapped is not None:
            written = f"::ffff:{replace_address(mapped, self.pseudonyms)}"
        else:
            written = str(replace_address(address, self.pseudonyms))
        return written + self._replace_port(found["port6"])

    def _replace_quad(self, piece: str, found: re.Match[str]) -> str:
        try:
            address = ip_address(piece)
        except ValueError:
            written = replace_bad_quad(piece, self.pseudonyms)
        else:
            written = str(replace_address(IPv4Address(int(address)), self.pseudonyms))
        return written + self._replace_port(found["port"])

    def _replace_port(self, text: str | None) -> str:
        if not text:
            return ""
        sign, _, digits = text.rpartition(":")
        return f"{sign}:{self._draw_port(digits)}"

    def _replace_told(self, piece: str, found: re.Match[str]) -> str:
        return piece + self._draw_port(found["number"])

    def _draw_port(self, digits: str) -> str:
        if int(digits) in PORTS:
            return digits
        return self.pseudonyms.invent(
            "port", digits, lambda draw: str(_LOWEST_FREE_PORT + draw.below(_FREE_PORTS))
        )

    def replace_id(self, text: str) -> str:
        """Replace an id by form; the first two numbers of an Exchange build stay.

        >>> redactor = Redactor(Pseudonyms(b"key"), timedelta())
        >>> redactor.replace_id("15.20.6792.27").startswith("15.20.")
        True
        """
        build = _find_build(text)
        head = text[: build.end(1)] if build else ""
        return head + self.pseudonyms.form(text[len(head) :])


_find_build: Final = re.compile(r"[<\[]?((?:8|14|15)\.\d+\.)\d+\.\d+[>\]]?").fullmatch


def is_product(word: str, kept: frozenset[str]) -> bool:
    """Tell of a word that is made of known ones and versions alone: `MDaemon.PRO.v6.8`."""
    glued = _is_glued_version(word)
    if glued and glued[1].lower() in kept:
        return True
    lower = word.lower()
    if all(part in kept for part in lower.split("-")):
        return True
    parts = lower.split(".")
    others = [part for part in parts if part not in kept]
    return len(others) < len(parts) and all(map(_is_dotted_version, others))
