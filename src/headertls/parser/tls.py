"""The phrases in which trace lines speak of TLS: a pyparsing grammar over short texts.

The texts are comments and set phrases out of places that only the server fills; which places those
are is the business of `headertls.parser.grammar`. One phrase form is one row of `PHRASES`. The same
few dozen texts repeat for ever, so answers are memoised by text.
"""
# pyright: basic

import re
from functools import lru_cache
from typing import Final, NamedTuple

import pyparsing as pp

from headertls.models import EvidenceLevel
from headertls.tls import find_group, find_suite, find_version

MAX_TLS_TEXT: Final = 1_000
"""Characters of a text that are read; certificate names make the longest honest ones, near 400."""


class TlsWords(NamedTuple):
    """What one text says about a session, as written."""

    form: str
    """The row of `PHRASES` that read it."""
    level: EvidenceLevel | None = None
    """`None`: the text denies encryption."""
    version: str | None = None
    cipher: str | None = None
    bits: int | None = None
    group: str | None = None
    signature: str | None = None
    certificate: str | None = None
    user: str | None = None
    method: str | None = None
    authenticated: bool = False
    envelope_from: str | None = None


def _re(pattern: str, name: str = "") -> pp.ParserElement:
    element = pp.Regex(pattern, re.IGNORECASE)
    return element.set_results_name(name) if name else element


def _opt(element: pp.ParserElement) -> pp.ParserElement:
    return pp.Opt(element)


# `tls.md`-style spellings: TLSv1.3 TLS1_2 TLS1 TLS-1.3 `TLS 1.3` TLSv1/SSLv3 Tls12 `TLS\Tls12`
_NUMBERED: Final = (
    r"(?:D?TLS|SSL)[-_ ]?v?[-_ ]?\d(?:[._]?\d)?(?:-PKIX|-X\.509|-(?!\w))?(?:/SSLv?3)?(?![\w/])"
    r"|TLS\\\w+|(?:TLS|SSL)-?0x[0-9a-f]{4}|TLS identifier \w+"
)
_BARE: Final = r"(?:TLS|SSL)(?![\w/.-])"
_NONE: Final = r"\(?NONE\)?(?!\w)|unknown(?!\w)"
# GnuTLS prints `(ECDHE-X25519)-(RSA-PSS-RSAE-SHA256)-(AES-256-GCM)`.
_CIPHER_TEXT: Final = r"\([A-Z0-9-]+\)(?:-\([A-Z0-9-]+\))+|\(NONE\)|[A-Z0-9][\w.+/-]*"
_BITS_TEXT: Final = r"(?P<bits>\d+)(?:/\d+)?"

_version = _re(_NUMBERED, "version")
# Exim 4.93 with GnuTLS has the version before the suite's name and in it: TLS1.2:TLS1.2:ECDHE-…
_doubled = _re(rf"(?P<version>{_NUMBERED}):(?P=version)(?=:)")
_any_version = _re(f"{_NUMBERED}|{_BARE}|{_NONE}", "version")
_cipher = _re(_CIPHER_TEXT, "cipher")
# a cipher where no keyword announces it must look like one: it has a dash or an underscore
_lone_cipher = _re(r"[A-Z0-9]+[-_][\w.+-]+", "cipher")
_colon = _re(":")
_comma = _re(",")
_quote = _re('"')
_bits = _re(_BITS_TEXT)
_used_bits = _re(rf"\({_BITS_TEXT} bits\)|{_BITS_TEXT.replace('<bits>', '<loose>')} bits")
_detail = r"\S+(?: \([^()]*\))?"

# Postfix >= 3.4, second and third line of the comment
_key_exchange = (
    _opt(_re("key-exchange") + _re(_detail, "group"))
    + _opt(_re("server-signature") + _re(_detail, "signature"))
    + _opt(_re("server-digest") + _re(r"\S+"))
    + _opt(_re("client-signature") + _re(_detail))
    + _opt(_re("client-digest") + _re(r"\S+"))
)
_pair = (
    _re('(?:TLS[-_])?(?:version|protocol)=(?:3D)?"?') + _any_version + _opt(_quote)
    | _re('(?:TLS[-_])?cipher(?:[-_]?suite)?=(?:3D)?"?') + _cipher + _opt(_quote)
    | _re(rf"(?:TLS[-_])?(?:bits|keysize|strength)=(?:3D)?{_BITS_TEXT}")
    | _re(r"(?:TLS[-_])?verif(?:y|ied)=(?:3D)?(?P<certificate>\w+)")
    | _re(r'subject=(?:"(?P<certificate>[^"]*)"?|\S+)')
    | _re(r"(?:curve|group|kex|kx|key[-_]?exchange)=(?P<group>[\w-]+)")
    | _re(r"(?:sni|alpn|sig|signature|digest|mac|hash|resumed|reused|cert|peer|ocsp)=[^\s,;()]+")
)
_pairs = pp.OneOrMore(_pair + _opt(_comma))
# Words of which a text may be made that no product is known by, but that can mean only one thing;
# "no" and "not" are not among them, and a word that is not here leaves the whole text unread.
_LABEL: Final = r"(?:(?:TLS|SSL)[-_ ]?)?"
_free_version = _re(
    rf"(?:(?:{_LABEL}(?:version|protocol) ?[:= ]|(?:TLS|SSL)[:=]) ?)?"
    r"(?P<version>(?:TLS|SSL)[-_ ]?v?[-_ ]?\d(?:[._]?\d)?(?:/SSLv?3)?(?!\w|\.\d))"
) | _re(rf"(?:{_LABEL}(?:version|protocol)|TLS|TLSv)[:=/, ]+v?(?P<version>1[._][0-3])(?![\w.])")
_free_cipher = _re(
    rf"{_LABEL}(?:cipher(?:[-_ ]?suite)?|suite)s?(?: ?[:=] ?| )(?P<cipher>[A-Z0-9][\w.+-]*)"
)
_free_bits = (
    _re(rf"(?:bits|key ?size|strength) ?[:= ] ?{_BITS_TEXT}")
    | _re(rf"\(?{_BITS_TEXT}[- ]?bits?\)?")
    | _re(r"(?P<bits>40|56|112|128|168|192|256)(?!\w)")
)
FREE_WORDS: Final = (
    "using", "with", "over", "via", "by", "and", "the", "on", "connection", "session", "channel",
    "transport", "layer", "link", "encrypted", "encryption", "secure", "secured", "protected",
    "protocol", "enabled", "active", "negotiated", "established", "handshake", "cipher", "key",
    "exchange", "group", "curve", "ecdsa", "eddsa", "ed25519", "rsa", "pss",
)  # fmt: skip
"""Words that a text about TLS may have that no product is known by."""
_free_word = _re(
    rf"(?:(?:{'|'.join(FREE_WORDS)})|verif(?:y|ied)=\w+|(?:kx|au|enc|mac)=[\w()-]+"
    r"|(?:client[- ]?)?cert(?:ificate)?[:=] ?\w+"
    r"|(?:no|without) (?:client[- ])?cert(?:ificate)?(?: requested| presented)?)(?!\w)|[,:;/|+()-]"
)
_free_item = (
    _free_version
    | _free_cipher
    | _free_bits
    | _free_word
    | _re(r"(?:START)?(?:TLS|SSL)(?:[:=] ?(?:yes|on|true))?(?![\w-])", "bare")
    | _re(r"[A-Z0-9][\w+-]*", "name")
)
_free_text = pp.OneOrMore(pp.Group(_free_item)).set_results_name("items")
_NO: Final = r"no|non|none|not|off|false|0|inactive|disabled|unused"
_denial_text = (
    rf"(?:un|not |non-?|no )(?:encrypted|encryption|tls|ssl|starttls)(?: used)?"
    rf"|(?:plain|clear)[- ]?text|without (?:tls|ssl|encryption)"
    rf"|(?:tls|ssl|starttls|encryption|encrypted)(?:[=:] ?| )(?:{_NO})(?!\w)"
    r"(?: (?:used|active|enabled))?"
)
_certificate_text = (
    r"No client certificate requested"
    r"|Client did not present a certificate"
    r"|Client certificate not present"
    r"|Client (?:CN|RPK)\b.*"
    r"|cert .*"
)

# fmt: off
PHRASES: Final[dict[str, tuple[EvidenceLevel | None, pp.ParserElement]]] = {
    # using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 …
    # (Postfix, Dovecot, Kerio, RZmta, Yandex, Symantec, MailChannels, Stalwart, James, sendmail)
    "using": (EvidenceLevel.DETAIL, _re("using") + _any_version + _re("with cipher") + _cipher
              + _opt(_comma) + _opt(_used_bits) + _key_exchange
              + _opt(_re(r"verified (?P<certificate>\w+)")) + _opt(_re(r"[A-Z][\w.-]*"))),
    # using TLSv1 (Postini)
    "using-version": (EvidenceLevel.DETAIL, _re("using") + _version),
    # Using TLS (Mimecast)
    "using-tls": (EvidenceLevel.KEYWORD, _re("using") + _re(_BARE, "version")),
    # version=TLS1_2, cipher=… bits=256/256 verify=NO (Exchange, Gmail, sendmail, Cyrus, Haraka, …);
    # the words behind are Exchange's rights management, not the link
    "pairs": (EvidenceLevel.DETAIL, _opt(_re(_BARE)) + _pairs
              + _opt(_re(r"\+ Transport Decrypted"))),
    # version=TLSv1.3 TLS_AES_256_GCM_SHA384 256 bits (fdm)
    "fdm": (EvidenceLevel.DETAIL, _re("version=") + _version + _cipher + _bits + _re("bits")),
    # TLSv1.2:AES128-GCM-SHA256:128:NO (OpenSMTPD): the fourth part is the client's certificate
    "colons-verified": (EvidenceLevel.DETAIL, _version + _colon + _cipher + _colon + _bits + _colon
                        + _re("YES|NO|FAIL", "certificate")),
    # Cipher TLSv1:DES-CBC3-SHA:168 (Exim 3, MDaemon); TLSv1.2:…:256:X25519MLKEM768 (Exim 4.99);
    # UNKNOWN:…:256 (Exim up to 4.77, of a TLS that is younger)
    "colons": (EvidenceLevel.DETAIL, _opt(_re("Cipher"))
               + (_doubled | _version | _re("UNKNOWN(?=:)")) + _colon + _cipher
               + _opt(_colon + _bits)
               + _opt(_colon + _re(r"[\w-]+", "group")) + _opt(_re(r"CV=(?P<certificate>\w+)"))
               + _opt(_re(r"SNI=\S+"))
               + _opt(_re("encrypted"))),
    # TLSv1.3 TLS_AES_128_GCM_SHA256 bits=256 (mox, indimail)
    "version-cipher": (EvidenceLevel.DETAIL, _version + _lone_cipher
                       + _opt(_re(rf"bits={_BITS_TEXT}"))),
    # TLS1.3 ECDHE-RSA AES-256-GCM AEAD (mailfront with GnuTLS): key exchange, cipher, integrity
    "gnutls": (EvidenceLevel.DETAIL, _version + _re(r"(?:EC)?DHE?-\S+|RSA|PSK\S*")
               + _re(r"(?:AES|CHACHA20|CAMELLIA|3DES|ARCFOUR)-[\w-]+", "cipher")
               + _re(r"AEAD|SHA\d*|MD5")),
    # TLS1.3 (Exim >= 4.93)
    "version": (EvidenceLevel.DETAIL, _version),
    # TLS (Exchange 2007 to 2013), SSL (IceWarp)
    "tls": (EvidenceLevel.KEYWORD, _re(_BARE, "version")),
    # AES256-GCM-SHA384 encrypted, authenticated (netqmail's TLS patch, qpsmtpd)
    "encrypted": (EvidenceLevel.DETAIL, _lone_cipher + _re("encrypted")
                  + _opt(_comma + _re("authenticated", "authenticated"))),
    # IDENT: x, AUTH: LOGIN user, TLS: TLSv1.2,256bits,ECDHE-RSA-AES256-GCM-SHA384 (Courier; SSL:
    # up to 0.4x)
    "courier": (EvidenceLevel.DETAIL, _opt(_re(r"IDENT: [^,]*,"))
                + _opt(_re(r"AUTH: (?:none(?=,)"
                           r"|(?P<method>\S+)(?: (?P<user>.*(?=, (?:TLS|SSL): )))?),"))
                + _re("(?:TLS|SSL):") + _any_version + _opt(_comma + _bits + _re("bits"))
                + _opt(_comma + _cipher)),
    # over SMTP, TLS 1.3, envelope from "a@b" (chasquid)
    "over": (EvidenceLevel.DETAIL, _re("over") + _re(r"[\w+-]+") + _comma + _any_version + _comma
             + _re('envelope from "(?P<envelope_from>.*)"')),
    "over-plain": (None, _re("over") + _re(r"[\w+-]+") + _comma + _re("plain text!") + _comma
                   + _re('envelope from "(?P<envelope_from>.*)"')),
    # using TLS: TLSv1.2, ECDHE-RSA-AES256-GCM-SHA384 (MailMarshal)
    "using-list": (EvidenceLevel.DETAIL, _re("using TLS:") + _version + _opt(_comma + _cipher)),
    # over TLS secured channel (IIS); by TLS, with STARTTLS: see the lexer's set phrases
    "secured-channel": (EvidenceLevel.KEYWORD,
                        _re("over TLS secured channel|with STARTTLS|by TLS"
                            "|with both STARTTLS and AUTH")),
    # tls provider stunnel (indimail behind a wrapper)
    "provider": (EvidenceLevel.KEYWORD, _re(r"tls provider\b.*")),
    # Google Transport Security (Gmail, between its own hosts)
    "google": (EvidenceLevel.INFORMAL, _re("Google Transport Security")),
    # unencrypted (fdm); no TLS
    "denied": (None, _re(_denial_text)),
    # Client CN "mail.example", Issuer "…" (verified OK) (Postfix, Symantec, Yandex, RZmta)
    "certificate": (EvidenceLevel.DETAIL, _re(_certificate_text, "certificate")),
    # TLSv1.3, cipher TLS_AES_256_GCM_SHA384; encrypted with TLS 1.2 (any product)
    "free": (EvidenceLevel.DETAIL, _free_text),
}
# fmt: on


def _finish(name: str, element: pp.ParserElement) -> pp.ParserElement:
    """Pin what other users of pyparsing could change process-wide, and make it thread-safe."""
    whole = (element + pp.StringEnd()).set_name(name)
    for part in whole.visit_all():
        part.set_whitespace_chars(" ", copy_defaults=False)
    return whole.streamline()


_GRAMMAR: Final = tuple(
    (name, level, _finish(name, element)) for name, (level, element) in PHRASES.items()
)
_may_speak_of_tls: Final = re.compile(
    r"tls|ssl|cipher|version=|encrypt|certificate|\bClient (?:CN|RPK)|plain ?-?text|clear ?-?text"
    r"|Transport Security|^cert |[-_]SHA\d*(?!\w)|[-_](?:GCM|CCM|POLY1305)(?![^\W_])",
    re.IGNORECASE,
).search


_speaks_of_tls: Final = re.compile(
    r"(?<![\w.-])(?:start)?(?:tls|ssl)(?:v?\d[\d._]*)?(?![\w.-]*\.\w)(?!\w)|\bencrypted\b"
    r"|\bencryption\b(?! (?:gateway|server|service|appliance))"
    r"|\bcipher(?:[-_ ]?suite)?s?\b|[-_](?:SHA\d*|GCM|CCM|POLY1305)(?![^\W_])"
    r"|\bsecured? (?:channel|connection|session|link|transport)\b|\bversion=unknown\b",
    re.IGNORECASE,
).search
# What is said of something else (`verified=no`, `no client certificate`, `auth=plain`) denies
# nothing.
_TLS_WORD: Final = r"(?:start)?(?:tls|ssl)(?:v?\d[\d._]*)?|encrypt\w*|cipher"
_denies: Final = re.compile(
    r"\bunencrypted\b|\b(?:plain|clear)[- ]?text\b|\bplain (?:e?smtp|tcp|connection|session)\b"
    rf"|\b(?:no|not|non|without|none)\b[- ]?(?:(?:using|use of|over|via) )?(?:{_TLS_WORD})\b"
    rf"|\b(?:{_TLS_WORD})\b(?: (?:is|was))?(?:[:=] ?(?:false|0)\b"
    r"|[:= ]{1,2}(?:not?|none|off|disabled|inactive|unused)\b)"
    r"(?! (?:verified|checked|trusted|client|certificate|cert)\b)",
    re.IGNORECASE,
).search


def is_unread_tls_text(text: str) -> bool:
    """Whether words that no phrase reads seem to say that the session was encrypted.

    >>> is_unread_tls_text("TLSv1.2, 256 bits"), is_unread_tls_text("tls1.3.example")
    (True, False)
    """
    if len(text) > MAX_TLS_TEXT:
        return False  # that is a defect of its own
    return _speaks_of_tls(text) is not None and not _denies(text)


_tells_of_session: Final = re.compile(
    r"(?<![\w.-])(?:tls|ssl)[-_ ]?v?\d|\bencrypted\b|starttls|(?:tls|ssl)[=:] ?(?:yes|1|true)\b"
    r"|\bsecured? (?:channel|connection|session|link|transport)\b"
    r"|[-_](?:SHA\d*|GCM|CCM|POLY1305)(?![^\W_])",
    re.IGNORECASE,
).search


def is_no_product(text: str) -> bool:
    """Whether a comment seems to tell of the session, so that it names no product.

    >>> is_no_product("TLSv1.3 verified"), is_no_product("TLS Mail Gateway 2.1")
    (True, False)
    """
    return _tells_of_session(text) is not None


def is_tls_text(text: str) -> bool:
    """Whether *text* holds a word with which a TLS phrase could be made."""
    return _may_speak_of_tls(text) is not None


@lru_cache(maxsize=2048)
def find_tls_words(text: str) -> TlsWords | None:
    """Read *text*, white space collapsed, as one TLS phrase from end to end.

    >>> find_tls_words("version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256").version
    'TLS1_3'
    >>> find_tls_words("CipherMail") is None
    True
    """
    if len(text) > MAX_TLS_TEXT or not is_tls_text(text):
        return None
    for name, level, grammar in _GRAMMAR:
        try:
            found = grammar.parse_string(text).as_dict()
        except pp.ParseException:
            continue
        words = _build_free(found["items"]) if name == "free" else _build(name, level, found)
        if words is not None:
            return words
    return None


def _build_free(items: list[dict[str, str] | list[str]]) -> TlsWords | None:
    """Put together what the words of a free text say; `None` where they do not make one session."""
    told = _gather([item for item in items if isinstance(item, dict)])
    if "unknown" in told or any(len(values) > 1 for values in told.values()):
        return None
    one = {key: next(iter(values)) for key, values in told.items()}
    if "version" in one or "cipher" in one:
        level = EvidenceLevel.DETAIL
    elif "bare" in one:
        level = EvidenceLevel.INFORMAL
    else:
        return None
    return TlsWords(
        "free",
        level,
        version=one.get("version"),
        cipher=one.get("cipher"),
        bits=int(one["bits"]) if "bits" in one else None,
        group=one.get("group"),
    )


def _gather(items: list[dict[str, str]]) -> dict[str, set[str]]:
    """What is told of each point, every value once."""
    told: dict[str, set[str]] = {}
    for item in items:
        for key, value in item.items():
            told.setdefault(_find_point(key, value), set()).add("" if key == "bare" else value)
    return told


def _find_point(key: str, value: str) -> str:
    """What a name without a label is the name of."""
    if key == "bits":
        return "bits" if int(value) else "unknown"
    if key == "version" and value[0].isalpha():
        return "version" if _is_version(value) else "unknown"
    if key == "cipher":  # behind a label may stand "none" or "failed" as well
        return "cipher" if find_suite(value) else "unknown"
    if key != "name":
        return key
    if find_group(value):
        return "group"
    return "cipher" if find_suite(value) else "unknown"


def _is_told(word: str | None) -> bool:
    return word is not None and word.lower() != "unknown"


# None is known beyond 1.3; the next is likely to be a 1.4.
_is_next_version: Final = re.compile(r"TLS[-_ ]?v?[-_ ]?1[._]\d", re.IGNORECASE).fullmatch


def _is_version(word: str) -> bool:
    return find_version(word) is not None or _is_next_version(word) is not None


def _build(name: str, level: EvidenceLevel | None, found: dict[str, str]) -> TlsWords | None:
    if name == "pairs" and not (_is_told(found.get("version")) or _is_told(found.get("cipher"))):
        return None  # `(verify=NO)`, `(bits=0)` or `(version=unknown)` alone say nothing of TLS
    if name == "version" and not _is_version(found["version"]):
        return None  # `(TLS 2.1)` may be anything
    loose = found.pop("loose", None)
    bits = found.pop("bits", None) or loose
    fields = {key: value.strip() for key, value in found.items() if value and value.strip()}
    return TlsWords(
        name,
        level,
        **fields | {"authenticated": "authenticated" in fields},  # type: ignore[arg-type]
        bits=int(bits) if bits else None,
    )
