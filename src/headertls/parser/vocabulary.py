"""The words of trace lines: transmission types behind `with`, and notes of authentication.

A protocol comes from a word table, never from a search inside a word: `SMTPSVC` is not `SMTPS`.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from headertls.models import EvidenceLevel
from headertls.parser.tls import find_tls_words
from headertls.tls import find_version
from headertls.words import WORDS


class ProtocolWords(NamedTuple):
    """What stands behind `with`."""

    protocol: str
    """Registered types and their relatives in upper case, all others as written."""
    registered: bool = False
    """Whether the IANA registry "WITH Protocol Types" has the word."""
    tls: EvidenceLevel | None = None
    authenticated: bool = False
    version: str | None = None
    """A version among the words."""
    cipher: str | None = None
    """A cipher among the words: Cisco's `ESMTP/TLS/…`, MessageLabs' `… encrypted SMTP`."""
    software: str | None = None
    """The one product that writes so."""
    id: str | None = None
    """An id among the words: getmail6 writes the message's name on the server there."""
    is_house: bool = False
    """Words that no table has and that are not made of its words: a product's name, mostly."""
    rest: str = ""
    """Words behind a known type that do not belong to it."""


_WORDS: Final = {
    word.name: ProtocolWords(
        word.name, registered=word.registered, tls=word.tls, authenticated=word.authenticated
    )
    for word in WORDS
    if not word.house
}

# getmail6: `with IMAP4-SSL getmail6 msgid:41`
_is_getmail: Final = re.compile(r"getmail6(?: msgid:(\S+))?").fullmatch
# Exim's words for mail that a local program handed in over a pipe: `local-esmtp`, `local-esmtps`.
_local_word: Final = re.compile(r"local-(\w+)", re.IGNORECASE).fullmatch
# Cisco ESA: `ESMTP/TLS/ECDHE-RSA-AES256-GCM-SHA384`
_slash_tls: Final = re.compile(r"(E?SMTP)/TLS(?:/(\S+))?", re.IGNORECASE).fullmatch
# MessageLabs: `ECDHE-RSA-AES256-GCM-SHA384 encrypted SMTP`; a version as well, or both
# (`TLSv1.2:…`); qmail-ldap has `compressed` before it
_encrypted: Final = re.compile(
    r"(?:compressed )?(?:([\w.]+)[:/ ])?([\w.-]+) encrypted (\w+)", re.IGNORECASE
).fullmatch
# XMail: `[XMail 1.27 ESMTP Server]`, the first bracket a token of its own; or `[XMail 1.21` and the
# rest behind a comment with the operating system
_in_brackets: Final = re.compile(r"\[ ?(\w+ \d[\w.]*)(?: (\w+) (?:Server|Sync)\])?").fullmatch
# A type and words of TLS, in either order: `ESMTP+TLS`, `SMTP over TLSv1.3`, `TLS/ESMTP`
_is_joined: Final = re.compile(r"([\w.]+)(?:[/+_ -]| over | with )(.+)", re.IGNORECASE).fullmatch
# IIS: `Microsoft SMTPSVC(7.5.7601)` (the bracket is a token of its own); a parameter behind a slash
_slashed: Final = re.compile(r"(HTTP)/\d.*", re.IGNORECASE).fullmatch


@lru_cache(maxsize=2048)
def read_protocol(text: str) -> ProtocolWords:
    """Read the words behind `with`, white space collapsed.

    >>> read_protocol("esmtpsa").protocol
    'ESMTPSA'
    >>> read_protocol("Microsoft SMTPSVC").tls is None
    True
    """
    text = text.removesuffix(",")
    if word := _WORDS.get(text.upper()):
        return word
    if m := _slash_tls(text):
        tls = EvidenceLevel.DETAIL if m[2] else EvidenceLevel.KEYWORD
        return ProtocolWords(
            m[1].upper(),
            registered=True,
            tls=tls,
            cipher=m[2],
            software="IronPort" if m[2] else None,
        )
    if (m := _encrypted(text)) and (m[1] is None or find_version(m[1])):
        return _read_encrypted(*m.groups())
    if m := _in_brackets(text):
        return read_protocol(m[2] or "")._replace(software=m[1])
    return _read_many(text)


def _read_encrypted(version: str | None, cipher: str, kind: str) -> ProtocolWords:
    """`VERSION:CIPHER encrypted SMTP`; where one of them stands alone, it may be either."""
    word = read_protocol(kind)._replace(tls=EvidenceLevel.DETAIL)
    if version:
        return word._replace(version=version, cipher=cipher)
    if find_version(cipher):
        return word._replace(version=cipher)
    return word._replace(cipher=cipher, software="MessageLabs")


def _read_many(text: str) -> ProtocolWords:
    """Words of which no table row has the whole: house words, and types with words around them."""
    if joined := _read_joined(text):
        return joined
    first, _, rest = text.partition(" ")
    known = _WORDS.get(first.upper())
    if known and rest:
        return _read_rest(text, known, rest)
    if m := _local_word(text):
        inner = read_protocol(m[1])
        return ProtocolWords(text, tls=inner.tls, authenticated=inner.authenticated)
    if m := _slashed(text):
        return ProtocolWords(m[1].upper())
    if first == "MailEnable":
        return read_protocol(rest)._replace(protocol=text)
    return ProtocolWords(text, is_house=True)


def _read_joined(text: str) -> ProtocolWords | None:
    """A type joined with words of TLS; or those alone, in the place of the type."""
    m = _is_joined(text)
    before, behind = m.groups() if m else ("", text)
    known = _WORDS.get(before.upper())
    if m and known is None:
        known = _WORDS.get(behind.upper())
        behind = before if known else text
    words = find_tls_words(behind)
    if words is None or words.level is None:
        return None
    known = known or ProtocolWords(text)
    if words.level is EvidenceLevel.DETAIL:
        return known._replace(tls=words.level, version=words.version, cipher=words.cipher)
    # the word alone is no standard's, in such company
    return known._replace(tls=known.tls or EvidenceLevel.INFORMAL)


def _read_rest(text: str, known: ProtocolWords, rest: str) -> ProtocolWords:
    """A known type with words behind it."""
    if rest == "AUTH":  # Japanese providers
        return known._replace(protocol=text, authenticated=True)
    if m := _is_getmail(rest):
        return known._replace(software="getmail6", id=m[1])
    return known._replace(rest=rest)


class AuthWords(NamedTuple):
    """What a comment says about authentication."""

    user: str | None = None
    method: str | None = None


_NO_USER: Final = "no|none|off|required|failed|ok|success"
_MECHANISM: Final = (
    "PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|NTLM|GSSAPI|EXTERNAL|XOAUTH2?|OAUTHBEARER|SCRAM-[A-Z0-9-]+"
)
# A user whose name is no word for "none", and the mechanism behind it.
_USER: Final = (
    r"(?!(?:no|none|false|off|0|yes|true|-)\b)(?P<user>[^\s,;]+)"
    r"(?:[,; ]+(?:(?:smtp|sasl|auth)[-_ ]?)?(?:method|mech|mechanism|via|using|with)[:= ] ?"
    r"(?P<method>[\w-]+))?"
)
# Each row is one product's form, read from end to end; the numbers in `bits=` are the SASL layer's.
# Postfix, sendmail, FortiMail, Horde, SquirrelMail, Courier, Mirapoint, qpsmtpd
LOGIN_BEGINNING: Final = (
    r"(?i:(?:Horde |SquirrelMail )?authenticated (?:user|as|sender)\b|SquirrelMail |user="
    r"|smtp-auth username )|AUTH:? "
)
"""How notes begin that go on with a name which the client chose, whatever that name holds."""
# so are CommuniGate Pro's, which holds the address, too, and qmail-ldap's of the sender
find_login_note: Final = re.compile(rf"\((?:{LOGIN_BEGINNING}|account |envelope-sender )").search
_AUTH_FORMS: Final = tuple(
    re.compile(pattern, re.IGNORECASE).fullmatch
    for pattern in (
        # Postfix; Rackspace's web mail: (Authenticated sender: U, from: U)
        r"Authenticated sender: ?(?P<user>.*?)(?:, from: ?\S+@\S+)?",
        # Mirapoint: (AUTH U); a mechanism alone
        rf"(?-i:AUTH) (?P<method>{_MECHANISM})",
        rf"(?-i:AUTH) (?!(?:{_NO_USER}|{_MECHANISM})$)(?P<user>[^\s,;:=]+)",
        # sendmail, Haraka, ImprovMX: (authenticated bits=0); Cyrus: (authenticated user=U bits=0);
        # sendmail 8.10 and 8.11: (authenticated (0 bits))
        r"authenticated(?: user=(?P<user>\S+))?(?: mech=(?P<method>\S+))?(?: bits=\d+)?",
        r"authenticated \(\d+ bits\)",
        r"authenticated bits=\d+ user=(?P<user>\S+)(?: mech=(?P<method>\S+))?",
        # sendmail sites, FortiMail: (user=U author=A mech=LOGIN bits=0)
        r"user=(?P<user>\S*)(?: author=\S*)?(?: mech=(?P<method>\S+))?(?: bits=\d+)?",
        r"user=(?P<user>.*) mech=(?P<method>\S+) bits=\d+",
        # Kerio, Synchronoss, SquirrelMail, Horde
        r"(?:SquirrelMail |Horde )?authenticated(?: (?:user|as))? (?P<user>\S+)",
        r"SquirrelMail authenticated user (?P<user>.+)",
        # CommuniGate Pro: (account U verified), (account U HELO name); the address is read apart
        r"account (?P<user>\S+)(?: \[[^\]]*\])?(?: HELO \S+)?(?: verified)?",
        # Courier without TLS: (IDENT: x, AUTH: LOGIN user)
        r"(?:IDENT: [^,]*, )?AUTH: (?!none?\b)(?P<method>[^\s,]+)(?: (?P<user>[^,]*))?",
        # qpsmtpd of old: (smtp-auth username U, mechanism M)
        r"smtp-auth username (?P<user>\S+), mechanism (?P<method>\S+)",
        # (Authid: U), (AUTH: U), (user=U), (SASL_username=U, SASL_method=M) of smaller products
        rf"(?:(?:smtp|sasl|auth)[-_ ]?)?(?:id|user(?:[-_ ]?name)?|login|account|auth)[:=] ?{_USER}",
        # (authenticated: U), (authenticated user: U method: M), (authenticated by U via M)
        # (authenticated by LOGIN as U)
        rf"(?:sender )?authenticated(?: (?:user|as|by|sender)|-(?:user|sender))?[:=]? {_USER}",
        rf"authenticated (?:by|via|using|with) (?P<method>{_MECHANISM}) as (?P<user>[^\s,;]+)",
        rf"logged[- ]in as {_USER}",
        rf"(?:login|sasl login|(?:smtp[- ])?auth\.? user) {_USER}",
    )
)
_may_speak_of_auth: Final = re.compile(
    r"auth|account|user|log[- ]?in|logged|sasl", re.IGNORECASE
).search


def find_auth_words(text: str) -> AuthWords | None:
    """Read *text*, white space collapsed, as one note of authentication from end to end.

    >>> find_auth_words("Authenticated sender: ann@site.example").user
    'ann@site.example'
    >>> find_auth_words("Author of the list") is None
    True
    """
    if not _may_speak_of_auth(text):
        return None
    for form in _AUTH_FORMS:
        if m := form(text):
            return AuthWords(**{key: value or None for key, value in m.groupdict().items()})
    return None
