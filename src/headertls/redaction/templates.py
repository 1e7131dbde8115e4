"""Texts with a word for each kind of thing that is somebody's: what forms have in common.

Where `texts` puts another name in the place of each name, all names are `HOST` here: two lines of
one form give one text, and nothing can be told of whose they were. Words that no table knows stay,
for it is they that tell of a product; but not those that are part of a name in the same message.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from headertls.models import Hop
from headertls.redaction.lines import redact_line
from headertls.redaction.texts import find_pieces, is_product, is_run
from headertls.redaction.vocabulary import is_about_tls, line_words

MAX_TEXT: Final = 400
"""Characters of a text that are looked at."""
MAX_WORD: Final = 24
"""Letters of a word that may stay; longer ones are ids."""
_MIN_PRIVATE: Final = 3

_PLACEHOLDERS: Final = (
    ("date", "DATE"),
    ("local", "USER"),
    ("ipv6", "ADDRESS"),
    ("quad", "ADDRESS"),
    ("number", "N"),
)
# Behind these stands whose it is, or by whom: `invoked by ann`, `user ann`, `author=ann`.
_LEADS: Final = frozenset(
    ("by", "for", "from", "user", "username", "as", "account", "login", "sender", "author", "auth",
     "uid", "userid", "authid", "named", "to", "host", "helo", "ehlo", "lhlo", "ident", "id")
)  # fmt: skip
_is_plain: Final = re.compile(r"[a-z]+(?:-[a-z]+)*", re.IGNORECASE).fullmatch
_is_number: Final = re.compile(r"v?\d+", re.IGNORECASE).fullmatch
_LABEL: Final = re.compile(r"[^\W_]+")
_MARKS: Final = frozenset("=:")
_BLANK: Final = re.compile(r"\s+")


class Template(NamedTuple):
    """What puts placeholders into texts; it replaces as `texts.Redactor` does."""

    private: frozenset[str] = frozenset()
    """Words in lower case that are part of names, and stay nowhere."""

    def replace(
        self, text: str, kept: frozenset[str] = frozenset(), *, keeps_tls: bool = False
    ) -> str:
        """Put placeholders in the place of all words of *text* but those *kept*.

        Words that no table knows stay only in the text of servers, which *kept* is that of.

        >>> Template(frozenset({"ann"})).replace("(Foomail 3.2 at mx.site.example, ann)",
        ...     line_words())
        '(Foomail N at HOST, NAME)'
        """
        is_free = kept is line_words()
        pieces: list[str] = []
        lead = ""
        for found in find_pieces(text):
            word = found["word"]
            if word is None:
                pieces.append(_replace_other(found))
                if found[0] in _MARKS:
                    lead = found[0]
                continue
            is_led = lead in _MARKS or lead.lower() in _LEADS
            if self._stays(word, kept, keeps_tls=keeps_tls) or (
                is_free and not is_led and self._is_harmless(word)
            ):
                pieces.append(word)
            else:
                pieces.append(_name_placeholder(word))
            lead = word
        return "".join(pieces)

    def replace_date(self, text: str) -> str:
        """Replace what the lexer took for a date, whatever it is."""
        return "DATE" if text else text

    def replace_id(self, text: str) -> str:
        """Replace an id, whatever it is."""
        return "ID" if text else text

    def write_moment(self, moment: datetime) -> str:  # noqa: ARG002  # as the others do
        """Replace a time stamp."""
        return "DATE"

    def _stays(self, word: str, kept: frozenset[str], *, keeps_tls: bool) -> bool:
        lower = word.lower()
        return (
            lower in kept
            or (keeps_tls and not word.isdecimal() and is_about_tls(word))
            or (bool(kept) and not is_run(word) and is_product(word, kept))
        )

    def _is_harmless(self, word: str) -> bool:
        """Tell of a word of letters alone that is no part of any name."""
        if len(word) > MAX_WORD or not _is_plain(word):
            return False
        return self.private.isdisjoint(word.lower().split("-"))


def _replace_other(found: re.Match[str]) -> str:
    for group, placeholder in _PLACEHOLDERS:
        if found[group] is not None:
            return (found["told"] or "") + placeholder + (":N" if _has_port(found) else "")
    return found[0]


def _has_port(found: re.Match[str]) -> bool:
    return bool(found["port"] or found["port6"])


def _name_placeholder(word: str) -> str:
    if is_run(word) or _is_number(word):
        return "N"
    if "." in word:
        return "HOST"
    return "NAME" if word.replace("-", "").isalpha() else "ID"


def make_template(hops: Iterable[Hop]) -> Template:
    """Make a template for lines of one message, whose names are known from all of its lines.

    >>> from headertls.parser import parse_received
    >>> hop = parse_received("from ann.example by mx.b.example (Ann Mailer) for <bob@b.example>")
    >>> make_template([hop]).replace("(Ann Mailer)", line_words())
    '(NAME Mailer)'
    """
    labels = {label.lower() for hop in hops for name in _iter_names(hop) for label in _split(name)}
    return Template(frozenset(labels))


def _split(name: str) -> Iterator[str]:
    return (label for label in _LABEL.findall(name) if len(label) >= _MIN_PRIVATE)


def _iter_names(hop: Hop) -> Iterator[str]:
    client, server, auth = hop.client, hop.server, hop.auth
    told = (
        *((client.helo, client.rdns, client.ident) if client else ()),
        server.name if server else None,
        auth.user if auth else None,
        hop.envelope_from,
        *hop.recipients,
    )
    return (name for name in told if name)


def write_form(text: str, template: Template) -> str:
    """Write what *text*, of a server, has in common with others of its form.

    >>> write_form("Foomail  3.2 on mx.site.example", Template())
    'Foomail N on HOST'
    """
    return template.replace(_BLANK.sub(" ", text[:MAX_TEXT]).strip(), line_words(), keeps_tls=True)


def write_line_form(hop: Hop, template: Template) -> str:
    """Write the whole line of *hop* with placeholders, on one line.

    >>> from headertls.parser import parse_received
    >>> hop = parse_received(
    ...     "from a.example (a.example [81.2.69.144]) by mx.b.example (Foomail 3.2) with FOO id 4Q1"
    ...     " for <bob@b.example>; Tue, 29 Aug 2023 10:11:12 +0200"
    ... )
    >>> write_line_form(hop, make_template([hop]))
    'from HOST (HOST [ADDRESS]) by HOST (Foomail N) with FOO id ID for <USER@HOST>; DATE'
    """
    line = _BLANK.sub(" ", redact_line(hop, template)).strip()
    return line if len(line) <= MAX_TEXT else line[:MAX_TEXT] + "..."
