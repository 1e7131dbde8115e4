"""Whose name a field claims, read as widely as any reader might: what is claimed must go.

The opposite of `parser.fields.resinfo`, which believes nothing that is not written by the rules.
"""

import binascii
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from types import MappingProxyType
from typing import Final

from headertls.models import Site

MAX_READ: Final = 10_000
"""Characters of a value that are read with care; in longer ones the name alone is a claim, and
so is an encoded word: to decode millions of them takes too long, and no server writes one."""

_MAX_ID: Final = 1_000
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffd]")
_SEPARATORS: Final = re.compile(r"[\s:;,/=<>]+")
_ENCODED: Final = "=?"
_ENCODED_END: Final = "?="
# charset, which may have a language behind it (RFC 2231, 5), coding, text
_WORDS: Final = tuple(
    re.compile(rf"=\?([^?*]*+)[^?]*+\?([bBqQ])\?({text})\?=", re.DOTALL)
    for text in (r"[^?]*+", r".*?")
)
_DECODERS: Final[Mapping[str, Callable[[bytes], bytes]]] = MappingProxyType(
    {
        # with as many pads as may be missing
        "b": lambda octets: binascii.a2b_base64(octets + b"=="),
        "q": partial(binascii.a2b_qp, header=True),
    }
)
_LINE_ENDS: Final = re.compile(r"[\r\n]+")
_BETWEEN_WORDS: Final = re.compile(r"(?<=\?=)\s+(?==\?)")


def is_same_id(one: str, other: str) -> bool:
    """Tell whether two authserv-ids are one: case, a dot at the end and `xn--` do not matter.

    >>> is_same_id("MX.site.example.", "mx.site.example")
    True
    >>> is_same_id("mx.bücher.example", "mx.xn--bcher-kva.example")
    True
    """
    return _fold_id(one) == _fold_id(other)


def claims_id(value: str, authserv_id: str) -> bool:
    r"""Tell whether *value*, of an `Authentication-Results` field, may pass for *authserv_id*'s.

    By the rules, or to a reader who looks for the name and a semicolon and knows no comments.

    >>> claims_id('(no (really)) "mx\\.site.example" 99 (x); spf=pass', "mx.site.example")
    True
    >>> claims_id("mx.other.example (mx.site.example; spf=pass)", "mx.site.example")
    True
    >>> claims_id("mx.other.example; spf=pass smtp.helo=mx.site.example", "mx.site.example")
    False
    """
    own = _fold_id(authserv_id)
    seeming = re.compile(rf'(?i)(?<![\w.-]){re.escape(own)}\.?[\s\d")]*;')
    return any(
        own in _squeeze(text)
        if len(text) > MAX_READ
        else seeming.search(text) is not None or own in map(_fold_id, _list_words(text))
        for text in _list_readings(value)
    )


def list_own_ids(authserv_id: str, site: Site | None) -> tuple[str, ...]:
    """List the names under which nobody outside may speak, the one of the results first.

    >>> list_own_ids("mx.site.example", Site(authserv_ids=("site.example",)))
    ('mx.site.example', 'site.example')
    """
    return authserv_id, *(site.authserv_ids if site else ())


def claims_result(value: str, authserv_id: str, method: str | None = None) -> bool:
    """Tell whether *value* may pass for *authserv_id*'s, and for a result of *method*, if given.

    >>> claims_result("mx.site.example; spf=pass", "mx.site.example")
    True
    >>> claims_result("mx.site.example; spf=pass", "mx.site.example", "x-tls-trace")
    False
    """
    if len(value) > MAX_READ and _ENCODED in value:
        return True
    return (method is None or _names(value, method)) and claims_id(value, authserv_id)


def _names(value: str, method: str) -> bool:
    return any(method.lower() in _squeeze(text) for text in _list_readings(value))


def _squeeze(value: str) -> str:
    return re.sub(r'[\s\\"]+', "", value).lower()


def _list_words(value: str) -> list[str]:
    """Give the words before the first semicolon; a server that names itself is the first one."""
    return _SEPARATORS.split(_drop_comments(value).partition(";")[0])


def _drop_comments(value: str) -> str:
    r"""Take comments out, however deep they nest, and the quotes and backslashes of strings.

    >>> _drop_comments(r'(a (b\) c))"mx\.a.example" 1')
    ' mx.a.example 1'
    """
    kept: list[str] = []
    depth = 0
    is_quoted = False
    letters = iter(value)
    for letter in letters:
        if letter == '"' and depth == 0:
            is_quoted = not is_quoted
        elif letter in "()" and not is_quoted:
            kept.append(" " * (depth == 0))
            depth = max(depth + (1 if letter == "(" else -1), 0)
        else:
            plain = next(letters, "") if letter == "\\" else letter
            kept.append(plain * (depth == 0))
    return "".join(kept)


def _list_readings(value: str) -> list[str]:
    """List what readers may make of *value*, some of whom decode encoded words (RFC 2047).

    Where such a word ends, they do not agree, nor on what a lone CR is.
    """
    text = _CONTROL.sub("", value)
    if "\r" in text.replace("\r\n", "\n"):  # a blank to some, nothing to others
        return [*_list_decoded(text), *_list_decoded(text.replace("\r", ""))]
    return _list_decoded(text)


def _list_decoded(text: str) -> list[str]:
    """List *text* as it stands, and with its encoded words decoded."""
    if _ENCODED not in text:
        return [text]
    # no try behind the last end, or words without one would take quadratic time
    joined = _BETWEEN_WORDS.sub("", _LINE_ENDS.sub("", text))
    end = joined.rfind(_ENCODED_END) + len(_ENCODED_END)
    head, rest = joined[:end], joined[end:]
    return [text, *(word.sub(_decode_word, head) + rest for word in _WORDS)]


def _decode_word(word: re.Match[str]) -> str:
    """Decode an encoded word, whatever is wrong with it: a reader may be as forgiving."""
    charset, coding, text = word.groups()
    octets = text.encode(errors="replace")
    with suppress(ValueError):  # a wrong number of characters: no reader decodes these
        octets = _DECODERS[coding.lower()](octets)
    try:
        decoded = octets.decode(charset, errors="replace")
    except (LookupError, ValueError):
        decoded = octets.decode("ascii", errors="replace")
    return _CONTROL.sub("", decoded)


def _fold_id(name: str) -> str:
    """Bring *name* into the one form in which names are compared."""
    text = name.strip().rstrip(".").casefold()
    if text.isascii() or len(text) > _MAX_ID:
        return text
    try:
        return text.encode("idna").decode()
    except UnicodeError:
        return text
