"""Words that stay, since a table of the library has them: they are no one's."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from headertls.classifier.families import (
    FAMILY_LINKS,
    FAMILY_PREFIXES,
    FAMILY_PRODUCTS,
    STRONG_LINKS,
)
from headertls.classifier.writers import WRITERS
from headertls.parser.dates import ZONES
from headertls.parser.lexer import KEYWORDS
from headertls.parser.software import MARKERS, PROTOCOL_MARKERS
from headertls.parser.tls import FREE_WORDS
from headertls.tls import find_group, find_suite
from headertls.words import WORDS

# fmt: off
# In place of a name: `addresses.find_host`, and how lines speak of nobody in particular.
# Words of a note of the login, where a name in it has broken the brackets, are among them.
NAMES: Final = frozenset(
    ("unknown", "localhost", "unverified", "source", "unknownhost",
     "authenticated", "sender", "squirrelmail")
)

# Around the client's address: `comments`, with the mechanisms of SASL.
PEERS: Final = NAMES | frozenset(
    ("helo", "ehlo", "lhlo", "not-defined", "may", "be", "forged", "not", "verified", "local",
     "port", "ident", "with", "account", "ip", "addr", "address", "peer",
     "really", "unknown_domain", "auth", "plain", "login", "client-ip", "remote-ip", "source-ip",
     "client", "remote", "source", "src")
)

# The flags behind them that ZMailer writes: `comments._find_zmailer`.
FLAGS: Final = PEERS | frozenset(
    ("smtp-auth", "whoson", "tls-cipher", "keybits", "version", "tls-peer", "tls-peer-cn1", "none")
)

# `vocabulary._AUTH_FORMS`: everything else in such a note is a user
LOGINS: Final = frozenset(
    ("authenticated", "sender", "user", "author", "mech", "bits", "as", "squirrelmail", "horde",
     "account", "verified", "helo", "ident", "auth", "smtp-auth", "username", "mechanism",
     "authid", "yes", "no", "plain", "login", "cram-md5", "digest-md5", "ntlm", "xoauth2",
     "gssapi", "external", "oauthbearer", "scram-sha-1", "scram-sha-256", "tls", "ssl",
     "logged", "logged-in", "in", "authenticated-user", "authenticated-sender", "by", "via",
     "using")
)

# The phrases of `parser.tls`, those on the client's certificate among them.
_TLS: Final = frozenset(
    ("using", "with", "cipher", "version", "bits", "verify", "subject", "no", "not", "none", "yes",
     "ok", "fail", "failed", "client", "certificate", "requested", "did", "present", "a", "cn",
     "rpk", "issuer", "verified", "cert", "key-exchange", "server-signature", "server-digest",
     "client-signature", "client-digest", "raw", "public", "key", "encrypted", "authenticated",
     "unencrypted", "over", "secured", "channel", "envelope", "from", "plain", "text",
     "transport", "decrypted", "google", "security", "tls", "ssl", "starttls", "provider",
     "identifier", "by", "hash", "unknown", "group", "trusted", "untrusted", "self-signed",
     "expired", "disabled", "off", "without", "non", "cipherlist", "3d",
     "protocol", "tls_version", "tls-version", "tls_cipher", "tls-cipher", "tls_bits", "tls-bits",
     "curve", "kex", "kx", "sni", "alpn", "sig", "digest", "cv", "both", "keysize", "strength",
     "tls_verify", "encryption")
)

# Set phrases of `lexer`, `families` and `kinds`.
_LINES: Final = frozenset(
    ("mail", "pickup", "service", "named", "uid", "userid", "invoked", "network", "bounce",
     "host", "authid", "antispamtt", "pod-id", "claiming", "to", "frontend", "mailbox", "tcp",
     "unix", "socket", "submit", "port", "at", "on", "in", "and", "is", "the", "of", "smtpd",
     "local", "envelope-from", "envelope-sender", "return-path", "msgid", "proxying",
     "may", "be", "forged", "unknown", "unix", "hub", "submission", "delivery", "vm", "sims",
     "received", "message", "none", "logged", "both", "using", "lmtp",
     "auth", "yes", "user", "input", "output", "helo",
     "ehlo", "lhlo", "webmail", "compressed", "authenticated", "id", "forwarded-for", "sync",
     "ppid", "pid", "t", "scanners",
     "sender", "ident", "username", "mechanism", "as", "account")
)

# RFC 8601 and the IANA registry "Email Authentication Parameters", with the words that large
# mailbox providers add in comments.
RESULTS: Final = frozenset(
    ("spf", "dkim", "dmarc", "arc", "iprev", "auth", "bimi", "dnswl", "compauth", "x-tls", "dara",
     "dkim-atps", "dkim-adsp", "sender-id", "domainkeys", "vbr", "smime", "rrvs", "x-ptr",
     "pass", "fail", "softfail", "neutral", "none", "temperror", "permerror", "hardfail",
     "policy", "bestguesspass", "unknown", "discard", "nxdomain", "sender", "ip", "is", "domain",
     "of", "designates", "permitted", "does", "not", "designate", "as", "best", "guess",
     "record", "for", "client-ip", "signature", "was", "verified", "message", "signed", "action",
     "reason", "p", "sp", "dis", "quarantine", "reject", "oreject", "no", "key", "hash", "did",
     "smtp", "header", "body", "x-google-dkim", "cipher", "version", "smtp.mailfrom", "smtp.helo",
     "smtp.auth", "smtp.client-ip", "smtp.remote-ip", "smtp.rcpttodomain", "smtp.version",
     "smtp.cipher", "smtp.bits", "header.from", "header.d", "header.i", "header.s", "header.b",
     "header.a", "policy.iprev", "policy.dmarc")
)

# What the parts of cipher suites and groups are called; two of them together are no name.
CIPHER_PARTS: Final = frozenset(
    ("tls", "ssl", "with", "ecdhe", "dhe", "dh", "edh", "ecdh", "adh", "aecdh", "anon", "rsa",
     "dss", "ecdsa", "psk", "srp", "krb5", "null", "exp", "export", "aes", "aes128", "aes256",
     "gcm", "ccm", "ccm8", "cbc", "cbc3", "ede", "3des", "des", "rc4", "rc2", "md5", "sha",
     "sha1", "sha256", "sha384", "sha512", "chacha20", "poly1305", "camellia", "camellia128",
     "camellia256", "aria", "aria128", "aria256", "idea", "seed", "gost", "rsae", "pss", "eddsa",
     "ed25519", "ed448", "x25519", "x448", "secp256r1", "secp384r1", "secp521r1", "prime256v1",
     "kyber768", "mlkem768", "mlkem1024", "mldsa65", "ffdhe2048", "ffdhe3072", "curve25519",
     "p", "kx", "au", "enc", "mac", "aead", "aesgcm", "aesccm",
     "scsv", "x", "509", "pkix", "bit", "secp", "r1")
)
# TLSv1.3 TLS1_2 TLS-1.3 Tls12 SSLv3 STARTTLS
_VERSION: Final = re.compile(r"(?:start)?(?:d?tls|ssl)(?:[-_.]?v?[-_.]?\d[\d._]{0,3}-?)?(?:pkix)?")
# Bits, or octets by old GnuTLS.
_SIZES: Final = frozenset(
    ("0", "16", "24", "32", "40", "56", "64", "80", "112", "128", "160", "168", "192", "224", "253",
     "255", "256", "384", "512", "521", "768", "1024", "1536", "2048", "3072", "4096", "8192")
)
# fmt: on
_SIZE: Final = re.compile(r"(\d{1,4})(?:bits?)?")
_ESCAPES: Final = re.compile(r"\\.|\[[^\]]*\]|\(\?\w*:")
_WORD: Final = re.compile(r"[a-z][\w!-]*[a-z\d]|[a-z]", re.IGNORECASE)
_PARTS: Final = re.compile(r"[-_.+]")
_TWO: Final = 2


@lru_cache(maxsize=1)
def line_words() -> frozenset[str]:
    """Give the words that stay in the text of servers, in lower case.

    >>> {"postfix", "amavisd-new", "esmtps", "frontend"} <= line_words()
    True
    """
    tables = (*FAMILY_PRODUCTS, *FAMILY_LINKS, *STRONG_LINKS)
    names = [word.name for word in WORDS]
    names += [name for row in WRITERS for name in (row.name, *row.aliases)]
    names += [*(row.name for row in MARKERS), *PROTOCOL_MARKERS, *PROTOCOL_MARKERS.values()]
    names += [name for _, group in tables for name in group]
    names += [prefix for _, prefix in FAMILY_PREFIXES]
    patterns = (_ESCAPES.sub(" ", row.pattern) for row in MARKERS)
    whole = {name.lower() for name in (*names, *ZONES, *KEYWORDS) if " " not in name}
    return frozenset(whole) | frozenset(_split((*names, *ZONES, *patterns))) | _TLS | _LINES


def _split(texts: Iterable[str]) -> Iterable[str]:
    return (word.lower() for text in texts for word in _WORD.findall(text))


@lru_cache(maxsize=1)
def tls_words() -> frozenset[str]:
    """Give the words that stay in a note about TLS, in lower case.

    >>> {"cipher", "ecdsa"} <= tls_words()
    True
    """
    return _TLS | CIPHER_PARTS | frozenset(FREE_WORDS)


def is_about_tls(word: str) -> bool:
    """Tell whether *word* is a version, a suite, a group, or the size of a key.

    >>> [is_about_tls(word) for word in ("TLSv1.3", "ECDHE-RSA-AES256-GCM-SHA384", "256", "1234")]
    [True, True, True, False]
    """
    if (size := _SIZE.fullmatch(word)) and size[1] in _SIZES:
        return True
    lower = word.lower()
    if _VERSION.fullmatch(lower) or find_suite(word) is not None or find_group(word) is not None:
        return True
    parts = [part for part in _PARTS.split(lower) if part]
    return len(parts) >= _TWO and all(part in CIPHER_PARTS or part in _SIZES for part in parts)


PORTS: Final = frozenset((25, 110, 143, 465, 587, 993, 995, 2525, *range(10_020, 10_040)))
"""Of mail and of content filters; all others belong to one connection, and are replaced."""
