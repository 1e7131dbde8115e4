"""The lexical side of `Authentication-Results` (RFC 8601, section 2.2): who speaks, and the parts.

Values hold text of strangers: addresses, HELO names, reasons. A semicolon inside a quoted string
or a comment parts nothing, and behind a quote or bracket without partner nothing is believed.
"""

import re
from typing import Final, NamedTuple

MAX_RESULTS_TEXT: Final = 4_000
"""Characters of a value that are read; of 524 real ones the longest has 400."""

MAX_AUTHSERV_ID: Final = 1_000
"""Characters within which the authserv-id must end."""

# Comments nest (RFC 5322, 3.2.2); three deep is more than any server writes.
_FLAT: Final = r"\((?>(?:[^()\\]++|\\.)*)\)"
_COMMENT: Final = rf"\((?>(?:[^()\\]++|\\.|\((?>(?:[^()\\]++|\\.|{_FLAT})*)\))*)\)"
_QUOTED: Final = r'"(?>(?:[^"\\]++|\\.)*)"'

# authserv-id = value; value = token / quoted-string (RFC 2045, 5.1, without line breaks);
# authres-version = 1*DIGIT, of which only 1 is defined.
_CFWS: Final = rf"(?:(?:\r?\n)?[ \t]++|{_COMMENT})"
_PLAIN: Final = r"[!#$%&'*+.0-9A-Z^_`a-z{|}~-]++"
_match_id: Final = re.compile(
    rf'(?>{_CFWS}*)(?:({_PLAIN})|"((?>(?:[ !#-\[\]-~]++|\\[ -~])+))")'
    rf"(?>(?:(?>{_CFWS}+)1)?)(?>{_CFWS}*);",
    re.DOTALL,
).match
_QUOTED_PAIR: Final = re.compile(r"\\(.)")

_LEXER: Final = re.compile(
    rf'(?P<blank>\s++)|(?P<end>;)|(?P<comment>{_COMMENT})|(?P<word>(?>(?:{_QUOTED}|[^\s"();]++)+))',
    re.DOTALL,
)


class Word(NamedTuple):
    """A run of characters without blanks, quoted strings in it whole; or a comment."""

    text: str
    start: int
    is_comment: bool

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)


class Parts(NamedTuple):
    """What stands between the semicolons."""

    parts: list[list[Word]]
    complete: bool
    """False where a quote or bracket has no partner, or the bound was reached: the part in which
    that happens and all behind it are left out."""


def read_authserv_id(value: str) -> str | None:
    r"""Read who speaks, or `None` where the value does not say so by the rules of RFC 8601.

    Trust hangs on the answer, so nothing is guessed, and only ASCII is taken: no letter may look
    like another or be folded into one. Quotes are taken off. Names compare without case.

    >>> read_authserv_id("mx.example 1; spf=pass"), read_authserv_id(r'"mx\.example"; none')
    ('mx.example', 'mx.example')
    >>> read_authserv_id("spf=pass smtp.mailfrom=a.example; dkim=none") is None
    True
    """
    found = _match_id(value, 0, MAX_AUTHSERV_ID)
    if found is None:
        return None
    token: str | None = found[1]
    return token if token is not None else _QUOTED_PAIR.sub(r"\1", found[2])


def split_results(value: str) -> Parts:
    """Part *value* at its semicolons, and each part into words and comments.

    >>> found = split_results('mx.example; spf=pass (a; b) smtp.mailfrom="c;d"@e.example;')
    >>> [[word.text for word in part] for part in found.parts]
    [['mx.example'], ['spf=pass', '(a; b)', 'smtp.mailfrom="c;d"@e.example'], []]
    >>> split_results("mx.example; spf=pass (x; dkim=pass").parts
    [[Word(text='mx.example', start=0, is_comment=False)]]
    """
    parts: list[list[Word]] = [[]]
    place = 0
    limit = min(len(value), MAX_RESULTS_TEXT)
    while place < limit:
        found = _LEXER.match(value, place, limit)
        if found is None:
            break
        place = found.end()
        if found.lastgroup == "end":
            parts.append([])
        elif found.lastgroup != "blank":
            parts[-1].append(Word(found[0], found.start(), found.lastgroup == "comment"))
    complete = place == len(value)
    return Parts(parts if complete else parts[:-1], complete)
