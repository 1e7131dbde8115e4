"""The syntax of the field: from a result to folded lines, and back through `authres`.

Written by the grammar of RFC 8601, section 2.2, of which it needs little: no comments, quotes only
around what is no token, and no escapes, for no value holds a quote or a backslash. `authres` writes
values with an `@` without quotes, and control characters as they are, so it is used to read only.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any, Final

from headertls.models import (
    METHOD,
    Authentication,
    AuthenticationResult,
    Boundary,
    Confidence,
    Grade,
    Headline,
    ResultField,
    ResultWord,
    Severity,
    TraceResult,
)
from headertls.parser.fields.authentication import parse_authentication

MAX_LINE: Final = 78
"""Characters of a line, where no single value is longer (RFC 5322, 2.1.1)."""

MAX_VALUE: Final = 255
"""Characters of a value: no domain is longer (RFC 5321, 4.5.3.1.2)."""

_FOLD_WIDTH: Final = 4
"""Blanks by which continued lines begin."""

# RFC 2045, 5.1: printable ASCII without blanks and `()<>@,;:\"/[]?=`
_is_token: Final = re.compile(r"[!#$%&'*+.0-9A-Z^_`a-z{|}~-]+").fullmatch
_STRANGE: Final = re.compile(r"[^0-9A-Za-z.:_\[\]-]")

# A property, the field of the model, and how its text is read.
_PROPERTIES: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = MappingProxyType(
    {
        "policy.headline": ("headline", Headline),
        "policy.boundary": ("boundary", Boundary),
        "policy.confidence": ("confidence", Confidence),
        "policy.tls": ("version", str),
        "policy.cipher": ("cipher", str),
        "policy.group": ("group", str),
        "policy.grade": ("grade", Grade),
        "policy.profile": ("profile", str),
        "policy.severity": ("severity", Severity),
        "policy.hops": ("hops", int),
        "policy.plaintext": ("plaintext", int),
        "smtp.remote-ip": ("remote_ip", ip_address),
        "smtp.helo": ("helo", str),
    }
)


def clean(text: str | None) -> str | None:
    r"""Leave of *text*, which a stranger may have chosen, nothing that could be syntax.

    Not even as a quoted string: readers that part a value at its semicolons are common.

    >>> clean('a.example"; spf=pass\r\n')
    'a.example???spf?pass??'
    """
    return _STRANGE.sub("?", text[:MAX_VALUE]) if text else None


def check_authserv_id(name: str) -> str:
    """Return *name* if it can stand for the own servers in the field.

    Raises:
        ValueError: It is no token: write an internationalized name with its `xn--` labels.

    >>> check_authserv_id("mx.site.example")
    'mx.site.example'
    """
    if len(name) > MAX_VALUE or _is_token(name) is None:
        raise ValueError(
            f"{name!r} is no authserv-id: it has to be like a host name, in ASCII, with xn--"
            " labels where it is an internationalized one"
        )
    return name


def write_lines(field: ResultField) -> list[str]:
    """Write the value as lines that are short enough where that is possible.

    >>> from headertls.models import ResultField
    >>> field = ResultField(authserv_id="mx.example", result=TraceResult(word="neutral"))
    >>> write_lines(field)
    ['mx.example;', 'x-tls-trace=neutral']
    """
    lines = [f"{check_authserv_id(field.authserv_id)};"]
    room = 0
    for word in _write_words(field.result):
        if len(word) < room:
            lines[-1] += f" {word}"
            room -= len(word) + 1
        else:
            lines.append(word)
            room = MAX_LINE - _FOLD_WIDTH - len(word)
    return lines


def _write_words(result: TraceResult) -> Iterator[str]:
    yield f"{METHOD}={result.word}"
    if result.reason is not None:
        yield f'reason="{_clean_reason(result.reason)}"'
    for name, (attribute, _) in _PROPERTIES.items():
        value = getattr(result, attribute)
        if value is not None and (text := clean(str(value))):
            yield f"{name}={_quote(text)}"


def _clean_reason(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z .,:-]", "?", text[:MAX_VALUE])


def _quote(text: str) -> str:
    return text if _is_token(text) else f'"{text}"'


def parse_result_field(value: str) -> ResultField | None:
    """Read the value of an `Authentication-Results` field, as `make_result_field` writes it.

    Whose word it is, is for the caller to tell: by the authserv-id alone it is anybody's. Other
    methods, other properties and values that are not known are passed over.

    Returns:
        `None` where the value names no server, or holds no result of this method, or several.

    >>> field = parse_result_field("mx.example; spf=pass; x-tls-trace=pass policy.tls=TLSv1.3")
    >>> field.authserv_id, field.result.word.value, field.result.version
    ('mx.example', 'pass', 'TLSv1.3')
    >>> parse_result_field("mx.example; spf=pass smtp.mailfrom=a.example") is None
    True
    """
    if METHOD not in value.lower():
        return None
    found = parse_authentication(value)
    if found is None or found.authserv_id is None:
        return None
    result = _find_result(found)
    if result is None:
        return None
    return ResultField(authserv_id=found.authserv_id, result=result)


def _find_result(found: Authentication) -> TraceResult | None:
    told = found.find_results(METHOD)
    if len(told) != 1 or told[0].result not in tuple(ResultWord):
        return None
    return _read_result(told[0])


def _read_result(told: AuthenticationResult) -> TraceResult:
    facts: dict[str, Any] = {}
    for item in told.properties:
        attribute, read = _PROPERTIES.get(item.name, ("", str))
        if attribute and attribute not in facts:
            try:
                facts[attribute] = read(item.value)
            except ValueError:
                continue
    return TraceResult(word=ResultWord(told.result), reason=told.reason, **facts)
