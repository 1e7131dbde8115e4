"""GnuTLS's description of a session, which names the parts of a suite instead of the suite.

As GnuTLS writes it (`gnutls_session_get_desc`, seen with 3.7.9), and as Exim rewrites it:

    (TLS1.3-X.509)-(ECDHE-SECP256R1)-(RSA-PSS-RSAE-SHA256)-(AES-256-GCM)
    (TLS1.3-X.509)--(CHACHA20-POLY1305)                     a pre-shared key
    (TLS1.2-X.509)-(DHE-CUSTOM2048)-(RSA-SHA256)-(AES-256-GCM)
    (TLS1.2-X.509)-(RSA)-(AES-256-CBC)-(SHA1)
    (TLS1.0-X.509)-(ECDHE-SECP256R1)-(AES-256-CBC)-(SHA1)   the certificate goes unsaid
    ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM          Exim
"""

import re
from types import MappingProxyType
from typing import Final, NamedTuple

from headertls.models import TlsVersion
from headertls.tls.structure import (
    EXCHANGES,
    Structure,
    make_key,
    make_structure,
    parse_bulk,
)
from headertls.tls.versions import find_version


class Session(NamedTuple):
    """What a description says."""

    version: TlsVersion | None
    exchange: str | None
    """In IANA's words, with the certificate; `None` where the text leaves that open."""
    group: str | None
    structure: Structure
    """With an empty key exchange."""


_BRACKETS: Final = re.compile(r"\)-+\(")
_HASHES: Final = frozenset({"MD5", "SHA1", "SHA256", "SHA384"})
_EXCHANGE: Final = re.compile(
    r"(ECDHE_PSK|DHE_PSK|RSA_PSK|PSK|ECDHE|DHE|RSA|ANON_ECDH|ANON_DH|SRP_RSA|SRP_DSS|SRP)"
    r"(?:_(\w+))?"
)
_CERTIFICATES: Final = MappingProxyType(
    {"RSA": "RSA", "ECDSA": "ECDSA", "EDDSA": "ECDSA", "DSA": "DSS"}
)
"""RFC 8422, 5.10: Ed25519 certificates go with the ECDSA suites."""


def parse_session(text: str) -> Session | None:
    """Read a description, or nothing if the text is none.

    >>> session = parse_session("ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM")
    >>> session.exchange, session.group, session.structure.cipher
    ('ECDHE_RSA', 'X25519', 'AES_256')
    """
    parts = _split(text)
    version = find_version(parts[0]) if parts else None
    if version:
        del parts[0]
    hash_ = parts.pop() if parts and parts[-1].upper() in _HASHES else None
    bulk = parse_bulk(make_key(parts.pop())) if parts else None
    if bulk is None or len(parts) > 2:  # noqa: PLR2004 # key exchange and signature
        return None
    exchange, group = _read_exchange(*parts)
    structure = make_structure("", *bulk, hash_.upper() if hash_ else None)
    return Session(version, exchange, group, structure)


def _split(text: str) -> list[str]:
    if text.startswith("(") and text.endswith(")"):
        parts = _BRACKETS.split(text[1:-1])
    else:
        parts = text.split("__")
    return parts if len(parts) > 1 else []


def _read_exchange(exchange: str = "", signature: str = "") -> tuple[str | None, str | None]:
    """`ECDHE_X25519`, `RSA_SHA256` -> `ECDHE_RSA`, `X25519`."""
    if not (match := _EXCHANGE.fullmatch(make_key(exchange))):
        return None, None
    word, group = match.groups()
    if word in {"ECDHE", "DHE"}:
        certificate = _CERTIFICATES.get(make_key(signature).split("_")[0])
        return EXCHANGES.get(f"{word}_{certificate}"), group
    return EXCHANGES[word], group
