"""Protocol versions: how writers spell them, and which one a session had."""

import re
from types import MappingProxyType
from typing import Final

from headertls.models import CipherSuite, TlsVersion

# OpenSSL `TLSv1.2`, Exim `TLS1.2`, Exchange `TLS1_2`, rustls `TLSv1_2`, chasquid `TLS-1.2` and
# `TLS 1.2`, .NET `Tls12`, SmarterMail `TLS\Tls12`; GnuTLS adds the certificate type:
# `TLS1.0-PKIX` (before 3.1), `TLS1.2-X.509`.
_SPELLING: Final = re.compile(
    r"""(?: (?:TLS|SSL) \\ )?
        (TLS|SSL) [-_ ]? v? [-_ ]? ([0-9]) (?: [._]? ([0-9]) )?
        (?: - (?: PKIX | X\.509 | OpenPGP | Raw\ Public\ Key ) )?""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)

_BY_DIGITS: Final = MappingProxyType(
    {
        ("SSL", "2", "0"): TlsVersion.SSLV2,
        ("SSL", "3", "0"): TlsVersion.SSLV3,
        ("TLS", "1", "0"): TlsVersion.TLSV1_0,
        ("TLS", "1", "1"): TlsVersion.TLSV1_1,
        ("TLS", "1", "2"): TlsVersion.TLSV1_2,
        ("TLS", "1", "3"): TlsVersion.TLSV1_3,
    }
)

# The numbers of the protocol (RFC 8446, section 4.1.2), those of `TLS version: 1.3`, and .NET's
# `SslProtocols.Tls`, which is 1.0 and nothing later; a bare `TLS` stays unknown.
_BY_WORD: Final = MappingProxyType(
    {
        r"tls\tls": TlsVersion.TLSV1_0,
        **{
            word: version
            for number, version in enumerate(list(TlsVersion)[1:], 0x0300)
            for word in (f"0x{number:04x}", str(number))
        },
        **{version.value.removeprefix("TLSv"): version for version in list(TlsVersion)[2:]},
    }
)


def find_version(text: str) -> TlsVersion | None:
    r"""Read a protocol version in any spelling that mail servers use.

    ``TLSv1`` is TLS 1.0. ``TLSv1/SSLv3`` is no version: old OpenSSL says it of every cipher that
    is not SSL 2's. Texts that name no version or an unknown one give ``None``.

    >>> [find_version(text).value for text in ("TLS1_2", "TLSv1", "TLS\\Tls13", "0x0303")]
    ['TLSv1.2', 'TLSv1.0', 'TLSv1.3', 'TLSv1.2']
    >>> find_version("TLSv1/SSLv3") is find_version("TLS") is None
    True
    """
    text = text.strip()
    if match := _SPELLING.fullmatch(text):
        family, major, minor = match.groups(default="0")
        return _BY_DIGITS.get((family.upper(), major, minor))
    return _BY_WORD.get(text.lower())


def effective_version(stated: TlsVersion | None, suite: CipherSuite | None) -> TlsVersion | None:
    """The version that the session had: the told one, else the one that the suite fixes.

    >>> from headertls.tls.suites import find_suite
    >>> effective_version(None, find_suite("ECDHE-RSA-AES256-GCM-SHA384"))
    <TlsVersion.TLSV1_2: 'TLSv1.2'>
    >>> effective_version(None, find_suite("AES256-SHA")) is None
    True
    """
    if stated is not None or suite is None:
        return stated
    return suite.min_version if suite.min_version == suite.max_version else None


def is_conflict(stated: TlsVersion | None, suite: CipherSuite | None) -> bool:
    """Whether the told version lies outside the versions in which the suite exists.

    >>> from headertls.tls.suites import find_suite
    >>> is_conflict(TlsVersion.TLSV1_2, find_suite("TLS_AES_128_GCM_SHA256"))
    True
    """
    if stated is None or suite is None:
        return False
    return not suite.min_version.rank <= stated.rank <= suite.max_version.rank
