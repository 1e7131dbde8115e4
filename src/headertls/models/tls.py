"""What a line says about TLS: versions, cipher suites, and the words that say so."""

from enum import StrEnum

from headertls.models.base import Model
from headertls.models.evidence import Evidence


class TlsVersion(StrEnum):
    """A protocol version of SSL or TLS. Members are declared in order of age."""

    SSLV2 = "SSLv2"
    SSLV3 = "SSLv3"
    TLSV1_0 = "TLSv1.0"
    TLSV1_1 = "TLSv1.1"
    TLSV1_2 = "TLSv1.2"
    TLSV1_3 = "TLSv1.3"

    @property
    def rank(self) -> int:
        """The place in the order of age; compare this, never the text."""
        return _VERSION_RANK[self]


_VERSION_RANK = {version: rank for rank, version in enumerate(TlsVersion)}


class CipherSuite(Model):
    """A cipher suite of the IANA registry "TLS Cipher Suites", or an older private one."""

    code: int
    """The code point, e.g. `0x1301`; SSLv2 kinds have three octets."""
    name: str
    """The IANA name."""
    key_exchange: str | None
    """E.g. `ECDHE`, `RSA` (static); `None` where the suite does not fix it (TLS 1.3)."""
    authentication: str | None
    cipher: str
    """The bulk cipher, e.g. `AES_256`."""
    mode: str | None
    mac: str | None
    bits: int
    """Effective secret bits: 3DES has 112."""
    forward_secrecy: bool
    aead: bool
    min_version: TlsVersion
    max_version: TlsVersion


class TlsConflict(StrEnum):
    """Two statements of one line that cannot both be right."""

    VERSION_SUITE = "version-suite"
    """The told version lies outside the versions in which the suite exists."""
    KEYWORD_UNDERSTATES = "keyword-understates-tls"
    """The transmission type has no S, but the line gives TLS details."""
    VERSIONS_DIFFER = "versions-differ"
    SUITES_DIFFER = "suites-differ"


class Tls(Model):
    """What the line says about TLS; a hop without it says nothing."""

    version: TlsVersion | None = None
    """The effective version: the told one, or the one that the suite fixes."""
    stated_version: str | None = None
    """The version as written; `NONE` where the line says that there was none."""
    cipher: str | None = None
    """The cipher as written."""
    suite: CipherSuite | None = None
    bits: int | None = None
    """Secret bits as told (the first number of `128/256`)."""
    group: str | None = None
    """The key exchange group (IANA name where known)."""
    signature: str | None = None
    """The server's signature algorithm as written."""
    client_certificate: str | None = None
    """What the line says about the *client's* certificate, as written; says nothing of the link."""
    evidence: tuple[Evidence, ...] = ()
    conflicts: tuple[TlsConflict, ...] = ()
