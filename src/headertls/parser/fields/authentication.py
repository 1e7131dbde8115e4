"""Results of SPF, DKIM, DMARC, ARC and others, read by `authres` one at a time.

`authres` takes a millisecond or more for a value, so it is loaded and run on demand only. Whole
values it refuses for small deviations, of which many servers have some: Microsoft's do not name
themselves. So it gets each result alone, without comments (in which it recurses), and where it
refuses even that, the result with those properties that it can read alone.
"""
# pyright: basic

import re
from typing import Final

from headertls.models import Authentication, AuthenticationProperty, AuthenticationResult
from headertls.parser.fields.resinfo import Word, read_authserv_id, split_results

MAX_RESULTS: Final = 30
"""Results of one value that are read; of 524 real values the longest has 6."""

MAX_PROPERTIES: Final = 16
"""Properties of a result that are read one by one, where they cannot be read together; the results
of this library have 13."""


def parse_authentication(value: str) -> Authentication | None:
    """Read the value of an `Authentication-Results` field; `None` where it holds nothing of one.

    >>> found = parse_authentication(
    ...     "mx.example; spf=pass smtp.mailfrom=a.example; dkim=none (not signed)header.d=none;"
    ... )
    >>> found.authserv_id, [(item.method, item.result) for item in found.results]
    ('mx.example', [('spf', 'pass'), ('dkim', 'none')])
    >>> parse_authentication("good") is None
    True
    """
    authserv_id = read_authserv_id(value)
    parts, complete = split_results(value)
    told = [words for part in parts if (words := _drop_comments(part))]
    if authserv_id is not None:
        told = told[1:]
    # RFC 8601, 2.2: `none` alone is the word for no result
    told = [words for words in told if not _is_none(words)]
    results = [_read_result(words) for words in told[:MAX_RESULTS]]
    known = tuple(result for result in results if result is not None)
    if authserv_id is None and not known:
        return None
    return Authentication(
        authserv_id=authserv_id, results=known, complete=complete and len(known) == len(told)
    )


def _is_none(words: list[str]) -> bool:
    return len(words) == 1 and words[0].lower() == "none"


def _drop_comments(part: list[Word]) -> list[str]:
    return [word.text for word in part if not word.is_comment]


def _read_result(words: list[str]) -> AuthenticationResult | None:
    """Read `method=result` and what follows it."""
    result = _ask(" ".join(words))
    expected = sum(map(_is_property, words))
    if result is not None and len(result.properties) == expected:
        return result
    rest = _take_apart(words)
    if result is None:
        result = _ask(words[0])
    if result is None or len(rest) <= len(result.properties):
        return result
    return result.model_copy(update={"properties": tuple(rest)})


_match_property: Final = re.compile(r"([\w-]+\.[^=\"]+=)(.*)", re.ASCII | re.DOTALL).fullmatch


def _is_property(word: str) -> bool:
    return _match_property(word) is not None


def _take_apart(words: list[str]) -> list[AuthenticationProperty]:
    """Read the properties one by one, and in quotes where an address or such needs them."""
    properties: list[AuthenticationProperty] = []
    found = [match for word in words if (match := _match_property(word))]
    for name, text in (match.groups() for match in found[:MAX_PROPERTIES]):
        read = _ask(f"x=x {name}{text}")
        if not (read and read.properties) and '"' not in text:
            read = _ask(f'x=x {name}"{text}"')
        properties += read.properties if read else ()
    return properties


def _ask(text: str) -> AuthenticationResult | None:
    """Let `authres` read one result, which holds neither comments nor bare semicolons."""
    import authres  # noqa: PLC0415  # loaded on demand: few callers ask for results

    try:
        results = authres.AuthenticationResultsHeader.parse_value(f"x; {text}").results
    # it recurses in brackets that stand in a string which it cannot read
    except (authres.AuthResError, RecursionError):
        return None
    if len(results) != 1:  # `none` with words behind it
        return None
    [result] = results
    return AuthenticationResult(
        method=result.method,
        result=result.result,
        reason=result.reason and str(result.reason),
        properties=tuple(
            AuthenticationProperty(name=f"{item.type}.{item.name}", value=str(item.value or ""))
            for item in result.properties
        ),
    )
