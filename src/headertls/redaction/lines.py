"""A `Received` line token by token: what each is tells which of its words may stay."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple, Protocol

from headertls.classifier.writers import HOST_WRITERS
from headertls.models import Hop
from headertls.parser.comments import read_comment
from headertls.parser.frames import find_framed
from headertls.parser.lexer import KEYWORDS, MAX_FIELD, lex
from headertls.parser.mending import read_through
from headertls.parser.plan import NONE, Plan, find_plan
from headertls.parser.software import find_product
from headertls.parser.tail import part_tail
from headertls.redaction.vocabulary import (
    FLAGS,
    LOGINS,
    NAMES,
    PEERS,
    is_about_tls,
    line_words,
    tls_words,
)

_NAMES: Final = frozenset("wMNLAQzS")
_NAMELESS_WRITERS: Final = frozenset(row.domain for row in HOST_WRITERS if "." not in row.domain)
_TLS_NOTES: Final = frozenset("utvb")
_PLACEHOLDER: Final = "x "
# The last words of a note on a certificate, whose names may hold quotes themselves.
_find_verification: Final = re.compile(r"\((?:not\s+verified|verified\s+OK)\)\)\Z").search


class _Token(NamedTuple):
    """A token, and where it stands among the others."""

    text: str
    letter: str
    place: int


class Replacer(Protocol):
    """What replaces the words of a line: `texts.Redactor`, or `templates.Template`."""

    def replace(
        self, text: str, kept: frozenset[str] = frozenset(), *, keeps_tls: bool = False
    ) -> str:
        """Replace all words of *text* but those *kept*."""
        ...

    def replace_date(self, text: str) -> str:
        """Replace what the lexer took for a date."""
        ...

    def replace_id(self, text: str) -> str:
        """Replace an id."""
        ...

    def write_moment(self, moment: datetime) -> str:
        """Write what stands for a time stamp of a form that is read only as a whole."""
        ...


def redact_line(hop: Hop, redactor: Replacer) -> str:
    r"""Replace what is private in the line of *hop*, without changing how it is read.

    >>> from datetime import timedelta
    >>> from headertls.parser import parse_received
    >>> from headertls.redaction.pseudonyms import Pseudonyms
    >>> from headertls.redaction.texts import Redactor
    >>> hop = parse_received("from a.example (HELO b) (10.1.2.3) by c.example with SMTP")
    >>> line = redact_line(hop, Redactor(Pseudonyms(b"key"), timedelta()))
    >>> again = parse_received(line)
    >>> again.protocol, again.client.rdns.endswith(".example"), "HELO" in line
    ('SMTP', True, True)
    """
    raw = read_through(hop).rstrip()
    while framed := find_framed(raw):
        raw = framed.text  # what the client put there is one name
    text = "".join(_Line(hop, raw[:MAX_FIELD], redactor).walk())
    if len(raw) > MAX_FIELD:
        # What was too long to be read stays so; none of it is shown.
        text = text.rstrip() + " " + _PLACEHOLDER * (MAX_FIELD // len(_PLACEHOLDER))
    return text


class _Line:
    def __init__(self, hop: Hop, raw: str, redactor: Replacer) -> None:
        self._hop = hop
        self._raw = raw
        self._redactor = redactor
        lexed = lex(part_tail(raw).head)
        self._shape = lexed.shape
        self._tokens = lexed.tokens
        plan = find_plan(lexed.shape)
        self._names = _find_names(plan)
        self._id = plan.id
        self._date = plan.date
        self._has_tail = plan.peer_tail != NONE

    def walk(self) -> Iterator[str]:
        """Give the pieces of the line, replaced."""
        place = 0
        for token in self._iter_tokens():
            start = self._raw.index(token.text, place)
            yield self._redactor.replace(self._raw[place:start], line_words(), keeps_tls=True)
            yield self._replace(token)
            place = start + len(token.text)
        yield self._redactor.replace(self._raw[place:], line_words(), keeps_tls=True)

    def _iter_tokens(self) -> Iterator[_Token]:
        """Give each token once, opened comments as the one that they are."""
        index = 0
        while index < len(self._tokens):
            yield _Token(self._tokens[index], self._shape[index], index)
            if self._shape[index] == "{":
                index = self._shape.index("}", index)
            index += 1

    def _replace(self, token: _Token) -> str:
        """Replace a token, by its place in the line or else by its class."""
        if self._date[0] <= token.place < self._date[1]:
            return self._replace_date(token)
        if token.place == self._id:
            return self._redactor.replace_id(token.text)
        if token.text.lower().rstrip("=") in KEYWORDS:
            return token.text
        if token.place in self._names and token.letter in _NAMES:
            return self._replace_name(token)
        return self._replace_by_class(token.text, token.letter)

    def _replace_by_class(self, text: str, letter: str) -> str:
        if letter == "D":
            return self._redactor.replace_date(text)
        if text[0] == "(" and len(text) > 1:
            return self._replace_comment(text, letter)
        if letter == "s" and _is_version_phrase(text):
            return text
        if letter in "hz" and not _is_tls_pair(text):
            return self._redactor.replace(text, LOGINS)
        return self._redactor.replace(text, line_words(), keeps_tls=True)

    def _replace_name(self, token: _Token) -> str:
        """Replace a host's name; a set phrase in its place is a table's."""
        if token.letter == "S":
            return self._redactor.replace(token.text, line_words())
        if token.text.lower() in _NAMELESS_WRITERS:
            return token.text
        server = self._hop.server
        if server and server.software and server.software.startswith(token.text):
            return self._redactor.replace(token.text, line_words())  # by simscan 1.4.0
        kept = LOGINS if token.letter == "z" else NAMES
        return self._redactor.replace(token.text, kept)

    def _replace_date(self, token: _Token) -> str:
        if token.letter == "D":
            return self._redactor.replace_date(token.text)
        if self._hop.timestamp is None:
            return self._redactor.replace(token.text, line_words())
        # A form that only python-dateutil reads: the date is written anew.
        if token.place > self._date[0]:
            return ""
        return self._redactor.write_moment(self._hop.timestamp)

    def _replace_comment(self, text: str, letter: str) -> str:
        if letter == "{" and find_product(read_comment(text).text) is None:
            return self._replace_peer(text)
        if letter in "tk" and _is_impersonal(text):
            return text
        if letter == "a":
            return self._redactor.replace(text, LOGINS)
        if letter == "y":
            return self._redactor.replace(text, LOGINS | tls_words(), keeps_tls=True)
        if letter in _TLS_NOTES:
            return self._replace_tls(text)
        return self._replace_product(text)

    def _replace_peer(self, text: str) -> str:
        """Replace all but what tells of the session, where the note of the peer does."""
        comment = read_comment(text)
        if comment.tls or (comment.auth and "=" in comment.shape):
            return self._redactor.replace(text, FLAGS, keeps_tls=True)
        if self._has_tail:
            return self._redactor.replace(text, PEERS | tls_words(), keeps_tls=True)
        return self._redactor.replace(text, PEERS)

    def _replace_tls(self, text: str) -> str:
        """Replace the quoted names of a client's certificate, whatever they are."""
        ending = _find_verification(text)
        cut = ending.start() if ending else len(text)
        texts = text[:cut].split('"')
        pieces = [
            self._redactor.replace(piece)
            if place % 2 and not _ends_with_key(texts[place - 1])
            else self._redactor.replace(piece, tls_words(), keeps_tls=True)
            for place, piece in enumerate(texts)
        ]
        return '"'.join(pieces) + text[cut:]

    def _replace_product(self, text: str) -> str:
        """Replace what stands around a product's name and version."""
        product = find_product(read_comment(text).text)
        found = _match_version(product.software.rpartition(" ")[2]) if product else None
        if found is None:
            return self._redactor.replace(text, line_words(), keeps_tls=True)
        version = found[0]
        pieces = text.split(version)
        return version.join(
            self._redactor.replace(piece, line_words(), keeps_tls=True) for piece in pieces
        )


# version="TLSv1.3" cipher="…": a quoted value that is no name
_ends_with_key: Final = re.compile(r"\b(?:version|protocol|cipher(?:[-_]?suite)?)=$").search


def _is_impersonal(text: str) -> bool:
    """Tell of a note on TLS in which every word is one of the table's, or a suite's name."""
    words = read_comment(text).tls
    return (
        words is not None
        and words.form in ("free", "denied")
        and is_about_tls(words.cipher or "TLS")
    )


# 4.96, vM.8.01, 14.0FP4; what houses put behind it is theirs.
_match_version: Final = re.compile(
    r"\D{0,3}\d+(?:\.\d+)*(?:[a-zA-Z]{1,2}\d{0,2}(?![a-zA-Z]))?"
).match
_is_version_phrase: Final = re.compile(r"using\s+(?:TLS|SSL)\s+v?\d[._]\d", re.IGNORECASE).fullmatch
_is_tls_pair: Final = re.compile(r"(?:version|cipher|bits|verify)=.*", re.IGNORECASE).fullmatch


def _find_names(plan: Plan) -> frozenset[int]:
    """Find the tokens in the places of names; no word of a table stays there."""
    # Behind the server's name stand words of its own: `by HOST ESMTP relay2 with`.
    singles = (plan.rdns, plan.helo, plan.single, plan.ident, plan.envelope_from, plan.by[0])
    spans = (plan.name, plan.verbatim)
    places = {index for start, end in spans for index in range(start, end)}
    return frozenset({*places, *singles, *plan.recipients} - {-1})
