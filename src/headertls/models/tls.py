"""What a line says about TLS: versions, cipher suites, and the words that say so."""

from enum import StrEnum

from headertls.models.base import Model
from headertls.models.evidence import Evidence


class TlsVersion(StrEnum):
    """A protocol version of SSL or TLS. Members are declared in order of age."""

    SSLV2 = "SSLv2"
    """Of 1995; not to be used since RFC 6176."""
    SSLV3 = "SSLv3"
    """Of 1996; not to be used since RFC 7568."""
    TLSV1_0 = "TLSv1.0"
    """RFC 2246; not to be used since RFC 8996."""
    TLSV1_1 = "TLSv1.1"
    """RFC 4346; not to be used since RFC 8996."""
    TLSV1_2 = "TLSv1.2"
    """RFC 5246; as good as its cipher suite."""
    TLSV1_3 = "TLSv1.3"
    """RFC 8446."""

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
    """How the server proves itself, e.g. `RSA`; `None` where the suite does not fix it (TLS
    1.3)."""
    cipher: str
    """The bulk cipher, e.g. `AES_256`."""
    mode: str | None
    """The mode of the bulk cipher, e.g. `GCM`; `None` for stream ciphers."""
    mac: str | None
    """The hash that guards integrity, e.g. `SHA1`; `None` for AEAD ciphers, which need none."""
    bits: int
    """Effective secret bits: 3DES has 112."""
    forward_secrecy: bool
    """Whether recorded traffic stays secret when the server's key becomes known later."""
    aead: bool
    """Whether encryption and integrity are one (RFC 5116)."""
    min_version: TlsVersion
    """The oldest version in which the suite exists."""
    max_version: TlsVersion
    """The newest one."""


class TlsConflict(StrEnum):
    """Two statements of one line that cannot both be right."""

    VERSION_SUITE = "version-suite"
    """The told version lies outside the versions in which the suite exists."""
    KEYWORD_UNDERSTATES = "keyword-understates-tls"
    """The transmission type has no S, but the line gives TLS details."""
    VERSIONS_DIFFER = "versions-differ"
    """Two versions are told."""
    SUITES_DIFFER = "suites-differ"
    """Two cipher suites are told."""


class Tls(Model):
    """What the line says about TLS; a hop without it says nothing."""

    version: TlsVersion | None = None
    """The effective version: the told one, or the one that the suite fixes."""
    stated_version: str | None = None
    """The version as written; `NONE` where the line says that there was none."""
    cipher: str | None = None
    """The cipher as written."""
    suite: CipherSuite | None = None
    """The suite that `cipher` names, under whatever naming scheme; `None` where it is not known."""
    bits: int | None = None
    """Secret bits as told (the first number of `128/256`)."""
    group: str | None = None
    """The key exchange group (IANA name where known)."""
    signature: str | None = None
    """The server's signature algorithm as written."""
    client_certificate: str | None = None
    """What the line says about the *client's* certificate, as written; says nothing of the link."""
    evidence: tuple[Evidence, ...] = ()
    """The words that say so, each with its place."""
    conflicts: tuple[TlsConflict, ...] = ()
    """Statements that cannot both be right."""
