"""Cipher suite names taken apart, for the spellings that no table lists.

Nothing here knows which suites exist: a `Structure` is a key into the table of suites.
"""

import re
from types import MappingProxyType
from typing import Final, NamedTuple


class Structure(NamedTuple):
    """What the name of a suite says, in IANA's words: `ECDHE_RSA`, `AES_256`, `GCM`, `SHA384`."""

    exchange: str
    """Empty in TLS 1.3."""
    cipher: str
    mode: str
    hash: str


EXCHANGES: Final = MappingProxyType(
    {
        **{
            word: word
            for word in (
                *("RSA", "RSA_PSK", "PSK", "DHE_PSK", "ECDHE_PSK", "DH_ANON", "ECDH_ANON"),
                *("DHE_RSA", "DHE_DSS", "ECDHE_RSA", "ECDHE_ECDSA"),
                *("DH_RSA", "DH_DSS", "ECDH_RSA", "ECDH_ECDSA"),
                *("SRP_SHA", "SRP_SHA_RSA", "SRP_SHA_DSS"),
            )
        },
        "PSK_DHE": "DHE_PSK",  # RFC 6655 swaps the words
        "ANON_DH": "DH_ANON",  # GnuTLS before 3.0, and its session texts
        "ANON_ECDH": "ECDH_ANON",
        "ADH": "DH_ANON",  # OpenSSL
        "AECDH": "ECDH_ANON",
        "EDH_RSA": "DHE_RSA",
        "EDH_DSS": "DHE_DSS",
        "SRP": "SRP_SHA",  # GnuTLS session texts
        "SRP_RSA": "SRP_SHA_RSA",
        "SRP_DSS": "SRP_SHA_DSS",
    }
)
"""The words of all schemes for a key exchange, and IANA's."""

_BULK: Final = r"""(?P<cipher> (?:AES|RIJNDAEL|CAMELLIA|ARIA)_?(?:128|256) | 3DES(?:_EDE)?
                             | (?:RC4|ARCFOUR)(?:_128)? | CHACHA20 | SM4 | NULL )
                   (?: _ (?P<mode> CBC | GCM | CCM_?8 | CCM | POLY1305 ) )?"""
_BULK_ALONE: Final = re.compile(_BULK, re.VERBOSE)
_NAME: Final = re.compile(
    rf"""(?:TLS_)? (?: (?P<exchange>\w+?) _ )?? (?:WITH_)? {_BULK}
         (?: _ (?P<hash> MD5 | SHA(?:1|256|384)? | SM3 ) )?""",
    re.VERBOSE,
)

_CIPHERS: Final = MappingProxyType(
    {"3DES": "3DES_EDE", "RC4": "RC4_128", "ARCFOUR": "RC4_128", "ARCFOUR_128": "RC4_128"}
)
# RFC 5288, 6209, 6367, 7905: each of these comes with one hash, which a name may leave out.
_IMPLIED_HASHES: Final = MappingProxyType(
    {
        ("CHACHA20", "POLY1305"): "SHA256",
        **{(f"{cipher}_128", "GCM"): "SHA256" for cipher in ("AES", "CAMELLIA", "ARIA")},
        **{(f"{cipher}_256", "GCM"): "SHA384" for cipher in ("AES", "CAMELLIA", "ARIA")},
    }
)

_SEPARATORS: Final = MappingProxyType(str.maketrans("- /", "___"))
_RUN: Final = re.compile("__+")
# JSSE's `SSL_RSA_…`, but not SSL 2's `SSL_CK_…`; rustls's `TLS13_…`, Mbed TLS's `TLS1-3-…`.
_SCHEME: Final = re.compile(r"^(?:SSL(?!_CK_)|TLS13|TLS1_3|GNUTLS)_")
# SChannel: `TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384_P384`
_CURVE: Final = re.compile(r"(TLS_\w+_WITH_\w+)_(P256|P384|P521)")


def make_key(name: str) -> str:
    """The spelling under which names are compared: capitals, `_`, IANA's prefix.

    >>> make_key("TLS13_AES_256_GCM_SHA384"), make_key("ECDHE-RSA-AES256-SHA")
    ('TLS_AES_256_GCM_SHA384', 'ECDHE_RSA_AES256_SHA')
    """
    key = name.upper().translate(_SEPARATORS)
    return _SCHEME.sub("TLS_", _RUN.sub("_", key) if "__" in key else key)


def split_curve(key: str) -> tuple[str, str | None]:
    """A name without the curve that SChannel appends, and the curve.

    >>> split_curve("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384_P384")
    ('TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'P384')
    """
    if match := _CURVE.fullmatch(key):
        return match[1], match[2]
    return key, None


def make_structure(exchange: str, cipher: str, mode: str | None, hash_: str | None) -> Structure:
    """A structure in IANA's words from the words of any scheme."""
    cipher = re.sub(r"^(AES|CAMELLIA|ARIA)(?=\d)", r"\1_", cipher.replace("RIJNDAEL", "AES"))
    cipher = _CIPHERS.get(cipher, cipher)
    if mode is None:  # OpenSSL leaves CBC unsaid
        mode = "" if cipher in {"RC4_128", "NULL"} else "CBC"
    mode = "CCM_8" if mode == "CCM8" else mode
    hash_ = "SHA1" if hash_ == "SHA" else hash_
    return Structure(exchange, cipher, mode, hash_ or _IMPLIED_HASHES.get((cipher, mode), ""))


def parse_name(key: str) -> Structure | None:
    """Take a name apart; a cipher alone is no suite.

    >>> parse_name("TLS_ECDHE_RSA_WITH_AES256_GCM_SHA384")
    Structure(exchange='ECDHE_RSA', cipher='AES_256', mode='GCM', hash='SHA384')
    >>> parse_name("AES_256_GCM") is None
    True
    """
    if not (match := _NAME.fullmatch(key)):
        return None
    exchange, cipher, mode, hash_ = match.group("exchange", "cipher", "mode", "hash")
    if exchange is None:
        # TLS 1.3 names the hash, never a key exchange.
        return make_structure("", cipher, mode, hash_) if mode and hash_ else None
    iana = EXCHANGES.get(exchange)
    return make_structure(iana, cipher, mode, hash_) if iana else None


def parse_bulk(key: str) -> tuple[str, str | None] | None:
    """Read a bare cipher: `AES_256_GCM` -> `AES_256`, `GCM`."""
    match = _BULK_ALONE.fullmatch(key)
    return (match["cipher"], match["mode"]) if match else None
