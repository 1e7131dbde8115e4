"""Header fields other than `Received` in which servers tell of the session: one row a field.

Not here are fields that other programs derive from the `Received` lines, as rspamd does with its
`RCVD_TLS_ALL`: they know no more than we do.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from headertls.models import Evidence, EvidenceKind, EvidenceLevel, Tls, Witness
from headertls.parser.encryption import describe_session
from headertls.parser.fields.resinfo import Word, read_authserv_id, split_results
from headertls.parser.tls import TlsWords, find_tls_words
from headertls.parser.vocabulary import read_protocol
from headertls.tls import find_suite

MAX_WITNESS: Final = 1_000
"""Characters of a value that are read, but for `Authentication-Results`; honest ones are short."""


class _Statement(NamedTuple):
    words: TlsWords | None
    """`None`: there was no TLS."""
    start: int
    end: int


def parse_witness(name: str, value: str, received_above: int = 0) -> Witness | None:
    """Read what the field *name* tells of the session; `None` where it tells nothing.

    Args:
        name: The field's name, in any case.
        value: Its value, with or without folds.
        received_above: How many `Received` fields stand above it.

    >>> witness = parse_witness("X-TLS", "TLS1.2:ECDHE-RSA-AES256-GCM-SHA384:256")
    >>> witness.tls.version.value, witness.tls.bits, witness.tls.evidence[0].field
    ('TLSv1.2', 256, 'x-tls')
    >>> parse_witness("X-Pm-Transfer-Encryption", "none").plaintext
    True
    >>> parse_witness("Subject", "TLSv1.3") is None
    True
    """
    name = name.lower()
    reader = WITNESSES.get(name)
    if reader is None:
        return None
    is_results = reader is _read_results
    if not (_may_tell(value) if is_results else len(value) <= MAX_WITNESS):
        return None
    told = _read(name, value)
    if told is None:
        return None
    tls, marks = told
    return Witness(
        field=name,
        value=value,
        tls=tls,
        plaintext=tls is None,
        marks=marks,
        authserv_id=read_authserv_id(value) if is_results else None,
        received_above=received_above,
    )


def is_tls_waived(values: Iterable[str]) -> bool:
    """Tell from the `TLS-Required` fields of a message whether its author waived TLS policy.

    The only value is `No`, in any case, and the field may stand once (RFC 8689, section 5); all
    else counts for nothing.

    >>> is_tls_waived(["No"]), is_tls_waived(["No", "No"]), is_tls_waived(["No (really)"])
    (True, False, False)
    """
    return [value.strip(" \t\r\n").lower() for value in values] == ["no"]


def is_tls_demanded(values: Iterable[str]) -> bool:
    """Tell from the `Require-TLS-ESMTP` fields whether a server took the message with REQUIRETLS.

    Postfix 3.11 and later writes `Require-TLS-ESMTP: yes` then, and believes it when it sends the
    message on. A server whose client sent such a field may write another, so it may stand twice.

    >>> is_tls_demanded(["yes"]), is_tls_demanded(["no"]), is_tls_demanded([])
    (True, False, False)
    """
    told = {value.strip(" \t\r\n").lower() for value in values}
    return told == {"yes"}


# The same texts come again and again, but for the fields of results, of which few come this far.
@lru_cache(maxsize=512)
def _read(name: str, value: str) -> tuple[Tls | None, tuple[Evidence, ...]] | None:
    statement = WITNESSES[name](value)
    if statement is None:
        return None
    words = statement.words
    evidence = Evidence(
        kind=EvidenceKind.WITNESS,
        level=(words.level if words else None) or EvidenceLevel.DETAIL,
        text=value[statement.start : statement.end],
        start=statement.start,
        end=statement.end,
        field=name,
    )
    return (describe_session(words, (evidence,)), ()) if words else (None, (evidence,))


def _state(words: TlsWords | None, value: str) -> _Statement | None:
    """Let the whole of *value* stand for *words*, if they tell of TLS."""
    if words is None or words.level is None:
        return None
    return _Statement(words, 0, len(value))


def _read_phrase(value: str, opening: str = "") -> _Statement | None:
    words = find_tls_words(" ".join((opening + value).split()))
    return _state(words, value) if words and (words.version or words.cipher) else None


def _read_proton(value: str) -> _Statement | None:
    if value.strip().lower() == "none":
        return _Statement(None, 0, len(value))
    return _read_phrase(value, "using ")


def _read_protocol_word(value: str) -> _Statement | None:
    word = read_protocol(value.strip())
    if word.rest:
        return None
    return _state(TlsWords("protocol", word.tls, cipher=word.cipher), value)


def _read_cipher(value: str) -> _Statement | None:
    cipher = value.strip()
    known = find_suite(cipher, None) is not None
    return _state(TlsWords("cipher", EvidenceLevel.DETAIL, cipher=cipher), value) if known else None


_find_mark: Final = re.compile(r"(?:\A|;)\s*+(TLS=1)\s*+(?:;|\Z)", re.ASCII).search


def _read_heuristics(value: str) -> _Statement | None:
    found = _find_mark(value)
    if found is None:
        return None
    return _Statement(TlsWords("mark", EvidenceLevel.KEYWORD), found.start(1), found.end(1))


# -- results


def _may_tell(value: str) -> bool:
    """Pass over nearly all values at the price of two searches; writers use lower case."""
    return "x-tls=" in value or "(cipher=" in value


# `x-tls=pass`, of which none but these values are known to be meant
_is_tls_result: Final = re.compile(r"x-tls=(?:(pass)|none|fail)").fullmatch
_DETAILS: Final = MappingProxyType(
    {"smtp.version": "version", "smtp.cipher": "cipher", "smtp.bits": "bits"}
)


def _read_results(value: str) -> _Statement | None:
    """Read the one statement on TLS in a field of results.

    What cannot be parted cleanly, or speaks twice, may have been bent by the sender, whose address
    and HELO stand there, too.
    """
    found = split_results(value)
    if not found.complete:
        return None
    told = [part for part in found.parts if part and part[0].text.lower().startswith("x-tls=")]
    if told:
        return _read_tls_result(told[0]) if len(told) == 1 else None
    told = [part for part in found.parts if _is_login(part)]
    return _read_login(told[0][1]) if len(told) == 1 else None


def _read_tls_result(part: list[Word]) -> _Statement | None:
    """`x-tls=pass smtp.version=TLSv1.3 smtp.cipher=TLS_AES_256_GCM_SHA384 smtp.bits=256/256`."""
    result = _is_tls_result(part[0].text)
    if result is None:
        return None
    start, end = part[0].start, part[-1].end
    if not result[1]:
        return _Statement(None, start, end)
    details = " ".join(_translate(word.text) for word in part[1:] if not word.is_comment)
    words = find_tls_words(details.strip())
    return _Statement(words or TlsWords("x-tls", EvidenceLevel.KEYWORD), start, end)


def _translate(word: str) -> str:
    name, _, text = word.partition("=")
    detail = _DETAILS.get(name.lower())
    return "=".join((detail, text.strip('"'))) if detail else ""


def _is_login(part: list[Word]) -> bool:
    return len(part) > 1 and part[0].text == "auth=pass" and part[1].is_comment


def _read_login(comment: Word) -> _Statement | None:
    """`(cipher=TLS_AES_256_GCM_SHA384)` behind `auth=pass`."""
    words = find_tls_words(comment.text[1:-1])
    if words is None or words.cipher is None:
        return None
    return _Statement(words, comment.start, comment.end)


WITNESSES: Final[MappingProxyType[str, Callable[[str], _Statement | None]]] = MappingProxyType(
    {
        # TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits), or `none`: Proton Mail
        "x-pm-transfer-encryption": _read_proton,
        # x-tls=pass smtp.version=TLSv1.3 smtp.cipher=… smtp.bits=256/256: authentication_milter,
        # as at Fastmail; auth=pass (cipher=TLS_AES_256_GCM_SHA384): Momentum, as at Salesforce
        "authentication-results": _read_results,
        # TLS1.2:ECDHE-RSA-AES256-GCM-SHA384:256: the form of Exim's $tls_in_cipher
        "x-tls": _read_phrase,
        # esmtps: seen beside X-TLS; `esmtp` is no denial, for nothing tells which program wrote it
        "x-proto": _read_protocol_word,
        # TLSv1.2: seen in mail, its writer is not known
        "x-last-tls-session-version": _read_phrase,
        # IPv6:Y;TLS=1;SPF=1;…: Comcast; TLS=0 has not been seen, and is not read
        "x-xfinity-message-heuristics": _read_heuristics,
        # ECDHE-RSA-AES256-GCM-SHA384: Barracuda Email Security Gateway
        "x-barracuda-encrypted": _read_cipher,
    }
)
"""By field, in lower case."""
