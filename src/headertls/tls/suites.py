"""Cipher suites by whatever name a mail server gives them."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from headertls.models import CipherSuite, TlsVersion
from headertls.tls.gnutls import parse_session
from headertls.tls.structure import Structure, make_key, parse_name, split_curve
from headertls.tls.tables import read_table

MAX_NAME: Final = 120
"""Longer texts are no suite; the longest description of GnuTLS has about 75 characters."""

_CACHE_SIZE: Final = 2048

# RFC 8314, section 4.3: `0xC030`. The kinds of SSL 2 have three octets.
_CODE: Final = re.compile(r"0x(?:[0-9a-f]{4}|[0-9a-f]{6})", re.IGNORECASE)

# What GnuTLS's name of a TLS 1.3 suite may say of the key exchange.
_GNUTLS_13: Final = frozenset({"ECDHE", "DHE", "PSK", "ECDHE_PSK", "DHE_PSK"})


class _Table(NamedTuple):
    by_code: Mapping[int, CipherSuite]
    by_name: Mapping[str, CipherSuite]
    ssl2_by_name: Mapping[str, CipherSuite]
    tls13_by_bulk: Mapping[tuple[str, str | None], CipherSuite]


def find_suite(name: str, version: TlsVersion | None = None) -> CipherSuite | None:
    """Look up a cipher suite by its name in any scheme, or by its code point in hex.

    Knows the names of IANA, OpenSSL, LibreSSL, GnuTLS, rustls, JSSE, SChannel and others, and
    GnuTLS's session texts. A bulk cipher alone (`AES-256-GCM`) is no suite and is not completed.

    Args:
        name: The name as written.
        version: The version told beside it. It decides where names are shared: `RC4-MD5` in
            SSL 2 is another suite, and GnuTLS calls the suites of TLS 1.3 by names of 1.2.

    >>> find_suite("ECDHE-RSA-AES256-GCM-SHA384").name
    'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'
    >>> find_suite("ECDHE_RSA_AES_256_GCM_SHA384", TlsVersion.TLSV1_3).name
    'TLS_AES_256_GCM_SHA384'
    >>> find_suite("AES-256-GCM") is None
    True
    """
    # Ahead of the cache, so that long texts cannot fill it.
    return _find(name, version) if len(name) <= MAX_NAME else None


@lru_cache(maxsize=_CACHE_SIZE)
def _find(name: str, version: TlsVersion | None) -> CipherSuite | None:
    text = name.strip()
    if not text.isascii():
        return None
    if _CODE.fullmatch(text):
        return _table().by_code.get(int(text, 16))
    return _find_by_name(text, version) or _find_by_session(text, version)


def _find_by_name(text: str, version: TlsVersion | None) -> CipherSuite | None:
    table = _table()
    key, _ = split_curve(make_key(text))
    if version is TlsVersion.SSLV2 and key in table.ssl2_by_name:
        return table.ssl2_by_name[key]
    suite = table.by_name.get(key) or _find_by_structure(key, version)
    # GnuTLS describes a TLS 1.3 session by the key exchange, certificate and cipher that it
    # used: `ECDHE_RSA_AES_256_GCM_SHA384`. OpenSSL never does, so its dashed names stay.
    if suite and suite.aead and version is TlsVersion.TLSV1_3 and "-" not in text:
        described = suite.key_exchange in _GNUTLS_13
        return table.tls13_by_bulk.get((suite.cipher, suite.mode), suite) if described else suite
    return suite


def _find_by_structure(key: str, version: TlsVersion | None) -> CipherSuite | None:
    structure = parse_name(key)
    if structure is None:
        return None
    if not structure.exchange and not key.startswith("TLS_") and version is not TlsVersion.TLSV1_3:
        return None  # `AES_256_GCM_SHA384` may be half of a name of TLS 1.2
    return _by_structure().get(structure)


def _find_by_session(text: str, told: TlsVersion | None) -> CipherSuite | None:
    if not (session := parse_session(text)):
        return None
    version = told or session.version
    if version is TlsVersion.TLSV1_3:
        return _table().tls13_by_bulk.get((session.structure.cipher, session.structure.mode))
    if session.exchange is None:
        return None
    suite = _by_structure().get(session.structure._replace(exchange=session.exchange))
    # Without a version, ephemeral keys and AEAD may as well be a session of TLS 1.3.
    if suite and suite.aead and suite.key_exchange in _GNUTLS_13 and version is None:
        return None
    return suite


@cache
def _table() -> _Table:
    """Read the table; threads that come first together read it twice, to the same effect."""
    by_code: dict[int, CipherSuite] = {}
    by_name: dict[str, CipherSuite] = {}
    ssl2_by_name: dict[str, CipherSuite] = {}
    for row in read_table("cipher_suites.csv"):
        suite = _make_suite(row)
        by_code[suite.code] = suite
        openssl, aliases, gnutls = row[2:5]
        names = ssl2_by_name if suite.max_version is TlsVersion.SSLV2 else by_name
        names.update((make_key(name), suite) for name in (suite.name, openssl, gnutls) if name)
        names.update((make_key(name), suite) for name in aliases.split())
    return _Table(
        MappingProxyType(by_code),
        MappingProxyType({**ssl2_by_name, **by_name}),  # a shared name is that of TLS
        MappingProxyType(ssl2_by_name),
        MappingProxyType(
            {
                (suite.cipher, suite.mode): suite
                for suite in by_code.values()
                if suite.aead and suite.min_version is TlsVersion.TLSV1_3
            }
        ),
    )


@cache
def _by_structure() -> Mapping[Structure, CipherSuite]:
    """The suites by their parts; apart from the table, since hardly any name needs it."""
    suites = _table().by_code.values()
    structures = ((parse_name(make_key(suite.name)), suite) for suite in suites)
    return MappingProxyType({structure: suite for structure, suite in structures if structure})


def _make_suite(row: list[str]) -> CipherSuite:
    code, name, _, _, _, kx, auth, cipher, mode, mac, bits, fs, aead, first, last = row
    return CipherSuite(
        code=int(code, 16),
        name=name,
        key_exchange=kx or None,
        authentication=auth or None,
        cipher=cipher,
        mode=mode or None,
        mac=mac or None,
        bits=int(bits),
        forward_secrecy=fs == "Y",
        aead=aead == "Y",
        min_version=TlsVersion(first),
        max_version=TlsVersion(last),
    )
