"""Cipher suites: every row under every scheme, every scheme by example, any text at all."""

import sys
from subprocess import run
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headertls.models import TlsVersion
from headertls.tls import find_cipher_group, find_group, find_suite
from headertls.tls.structure import make_key, parse_name
from headertls.tls.suites import MAX_NAME
from headertls.tls.tables import read_table

SSL2, SSL3, TLS10, TLS11, TLS12, TLS13 = TlsVersion

ROWS = read_table("cipher_suites.csv")
ECDHE_RSA_256 = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"


def spell(row):
    """All names of a row."""
    code, iana, openssl, aliases, gnutls = row[:5]
    return [name for name in (code, iana, openssl, *aliases.split(), gnutls) if name]


# Scheme, name, version told beside it, IANA name.
NAMES = [
    ("IANA", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", None, ECDHE_RSA_256),
    ("IANA", "tls_ecdhe_rsa_with_aes_256_gcm_sha384", None, ECDHE_RSA_256),
    ("IANA", "TLS_DHE_PSK_WITH_AES_128_CCM_8", None, "TLS_PSK_DHE_WITH_AES_128_CCM_8"),
    ("RFC 8314", "0xC030", None, ECDHE_RSA_256),
    ("RFC 8314", "0x1301", TLS13, "TLS_AES_128_GCM_SHA256"),
    ("RFC 8314", "0X00ff", None, None),
    ("SSL 2", "0x010080", None, "SSL_CK_RC4_128_WITH_MD5"),
    ("OpenSSL", "ECDHE-RSA-AES256-GCM-SHA384", TLS12, ECDHE_RSA_256),
    ("OpenSSL", "AES256-SHA", TLS10, "TLS_RSA_WITH_AES_256_CBC_SHA"),
    ("OpenSSL", "DES-CBC3-SHA", None, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
    ("OpenSSL", "EDH-RSA-DES-CBC3-SHA", None, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA"),
    ("OpenSSL", "DHE-RSA-DES-CBC3-SHA", None, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA"),
    ("OpenSSL", "ADH-AES256-GCM-SHA384", None, "TLS_DH_anon_WITH_AES_256_GCM_SHA384"),
    ("OpenSSL", "AECDH-AES256-SHA", None, "TLS_ECDH_anon_WITH_AES_256_CBC_SHA"),
    ("OpenSSL", "EXP-RC4-MD5", None, "TLS_RSA_EXPORT_WITH_RC4_40_MD5"),
    ("OpenSSL", "EXP-RC4-MD5", SSL2, "SSL_CK_RC4_128_EXPORT40_WITH_MD5"),
    ("OpenSSL", "RC4-MD5", TLS10, "TLS_RSA_WITH_RC4_128_MD5"),
    ("OpenSSL", "RC4-MD5", SSL2, "SSL_CK_RC4_128_WITH_MD5"),
    ("OpenSSL", "DES-CBC3-MD5", None, "SSL_CK_DES_192_EDE3_CBC_WITH_MD5"),
    ("OpenSSL", "DES-CBC3-SHA", SSL2, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
    ("OpenSSL", "KRB5-DES-CBC3-SHA", None, "TLS_KRB5_WITH_3DES_EDE_CBC_SHA"),
    ("OpenSSL", "IDEA-CBC-SHA", None, "TLS_RSA_WITH_IDEA_CBC_SHA"),
    ("OpenSSL", "ECDHE-ARIA256-GCM-SHA384", None, "TLS_ECDHE_RSA_WITH_ARIA_256_GCM_SHA384"),
    ("OpenSSL", "GOST2001-GOST89-GOST89", None, "TLS_GOSTR341001_WITH_28147_CNT_IMIT"),
    ("OpenSSL", "AES256-GCM-SHA384", TLS13, "TLS_RSA_WITH_AES_256_GCM_SHA384"),
    ("OpenSSL", "ECDHE-RSA-AES256-GCM-SHA384", TLS13, ECDHE_RSA_256),
    ("LibreSSL", "AEAD-AES128-GCM-SHA256", TLS13, "TLS_AES_128_GCM_SHA256"),
    ("LibreSSL", "AEAD-CHACHA20-POLY1305-SHA256", None, "TLS_CHACHA20_POLY1305_SHA256"),
    ("rustls", "TLS13_AES_256_GCM_SHA384", TLS13, "TLS_AES_256_GCM_SHA384"),
    ("Mbed TLS", "TLS1-3-AES-256-GCM-SHA384", TLS13, "TLS_AES_256_GCM_SHA384"),
    ("Mbed TLS", "TLS-ECDHE-RSA-WITH-AES-256-GCM-SHA384", None, ECDHE_RSA_256),
    ("wolfSSL", "TLS13-AES256-GCM-SHA384", TLS13, "TLS_AES_256_GCM_SHA384"),
    ("JSSE", "SSL_RSA_WITH_RC4_128_MD5", None, "TLS_RSA_WITH_RC4_128_MD5"),
    ("JSSE", "SSL_RSA_FIPS_WITH_3DES_EDE_CBC_SHA", None, "TLS_RSA_FIPS_WITH_3DES_EDE_CBC_SHA"),
    ("SSL 2", "SSL_CK_RC4_128_WITH_MD5", None, "SSL_CK_RC4_128_WITH_MD5"),
    ("GnuTLS", "RSA_AES_128_CBC_SHA1", None, "TLS_RSA_WITH_AES_128_CBC_SHA"),
    ("GnuTLS", "ECDHE_RSA_AES_256_GCM_SHA384", TLS12, ECDHE_RSA_256),
    ("GnuTLS", "TLS_RSA_AES_128_CBC_SHA1", None, "TLS_RSA_WITH_AES_128_CBC_SHA"),
    ("GnuTLS", "GNUTLS_RSA_AES_128_CBC_SHA1", None, "TLS_RSA_WITH_AES_128_CBC_SHA"),
    ("GnuTLS", "DH_ANON_AES_128_CBC_SHA1", None, "TLS_DH_anon_WITH_AES_128_CBC_SHA"),
    ("old GnuTLS", "RSA_AES_256_CBC_SHA", TLS10, "TLS_RSA_WITH_AES_256_CBC_SHA"),
    ("old GnuTLS", "RSA_ARCFOUR_MD5", None, "TLS_RSA_WITH_RC4_128_MD5"),
    ("old GnuTLS", "RSA_ARCFOUR_128_SHA", None, "TLS_RSA_WITH_RC4_128_SHA"),
    ("old GnuTLS", "RSA_RIJNDAEL_128_CBC_SHA", None, "TLS_RSA_WITH_AES_128_CBC_SHA"),
    ("old GnuTLS", "DHE_RSA_3DES_EDE_CBC_SHA", None, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA"),
    ("old GnuTLS", "ANON_DH_AES_128_CBC_SHA", None, "TLS_DH_anon_WITH_AES_128_CBC_SHA"),
    ("GnuTLS 1.3", ECDHE_RSA_256, TLS13, "TLS_AES_256_GCM_SHA384"),
    ("GnuTLS 1.3", "ECDHE_RSA_AES_256_GCM_SHA384", TLS13, "TLS_AES_256_GCM_SHA384"),
    ("GnuTLS 1.3", "DHE_RSA_CHACHA20_POLY1305", TLS13, "TLS_CHACHA20_POLY1305_SHA256"),
    ("GnuTLS 1.3", "PSK_AES_128_GCM_SHA256", TLS13, "TLS_AES_128_GCM_SHA256"),
    # No such session exists, so these words are left to be a conflict.
    ("GnuTLS 1.3", "RSA_AES_256_GCM_SHA384", TLS13, "TLS_RSA_WITH_AES_256_GCM_SHA384"),
    ("GnuTLS 1.3", "ECDHE_RSA_AES_128_CBC_SHA1", TLS13, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
    (
        "GnuTLS 1.3",
        "TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256",
        TLS13,
        "TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256",
    ),
    (
        "SChannel",
        "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384_P384",
        TLS12,
        "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
    ),
    (
        "SChannel",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256_P256",
        None,
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    ),
    ("Azure", "TLS_ECDHE_RSA_WITH_AES256_GCM_SHA384", TLS12, ECDHE_RSA_256),
    (
        "Go",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
        None,
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    ),
    ("parts", "ECDHE-ECDSA-AES128-CCM-8", None, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"),
    ("parts", "EDH-RSA-AES128-SHA", None, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"),
    ("parts", "ADH-3DES-SHA", None, "TLS_DH_anon_WITH_3DES_EDE_CBC_SHA"),
    ("parts", "RSA_NULL_SHA", None, "TLS_RSA_WITH_NULL_SHA"),
    ("parts", "AES_256_GCM_SHA384", TLS13, "TLS_AES_256_GCM_SHA384"),
    ("blanks", " AES256-SHA ", None, "TLS_RSA_WITH_AES_256_CBC_SHA"),
]

# GnuTLS's session texts; all but Exim's spelling were seen from GnuTLS 3.7.9 on loopback.
SESSIONS = [
    (
        "(TLS1.3-X.509)-(ECDHE-SECP256R1)-(RSA-PSS-RSAE-SHA256)-(AES-256-GCM)",
        None,
        "TLS_AES_256_GCM_SHA384",
        "secp256r1",
    ),
    (
        "(TLS1.3-X.509)-(DHE-FFDHE3072)-(RSA-PSS-RSAE-SHA256)-(AES-256-GCM)",
        None,
        "TLS_AES_256_GCM_SHA384",
        "ffdhe3072",
    ),
    (
        "(TLS1.3-X.509)-(ECDHE-SECP384R1)-(RSA-PSS-RSAE-SHA256)-(AES-128-CCM-8)",
        None,
        "TLS_AES_128_CCM_8_SHA256",
        "secp384r1",
    ),
    ("(TLS1.3-X.509)--(CHACHA20-POLY1305)", None, "TLS_CHACHA20_POLY1305_SHA256", None),
    (
        "(ECDHE-X25519)-(ECDSA-SECP256R1-SHA256)-(CHACHA20-POLY1305)",
        TLS13,
        "TLS_CHACHA20_POLY1305_SHA256",
        "x25519",
    ),
    (
        "(ECDHE-X25519)-(ECDSA-SECP256R1-SHA256)-(CHACHA20-POLY1305)",
        TLS12,
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        "x25519",
    ),
    ("(ECDHE-X25519)-(ECDSA-SECP256R1-SHA256)-(CHACHA20-POLY1305)", None, None, "x25519"),
    (
        "(TLS1.2-X.509)-(ECDHE-SECP256R1)-(RSA-PSS-RSAE-SHA256)-(AES-256-GCM)",
        None,
        ECDHE_RSA_256,
        "secp256r1",
    ),
    (
        "(TLS1.2-X.509)-(DHE-CUSTOM2048)-(RSA-SHA256)-(AES-256-GCM)",
        None,
        "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
        None,
    ),
    (
        "(TLS1.2-X.509)-(ECDHE-SECP256R1)-(ECDSA-SHA256)-(AES-256-CBC)-(SHA384)",
        None,
        "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
        "secp256r1",
    ),
    ("(TLS1.2-X.509)-(RSA)-(AES-256-CBC)-(SHA1)", None, "TLS_RSA_WITH_AES_256_CBC_SHA", None),
    ("(TLS1.2-X.509)-(RSA)-(AES-256-GCM)", None, "TLS_RSA_WITH_AES_256_GCM_SHA384", None),
    ("(TLS1.2-X.509)-(RSA)-(AES-128-CCM-8)", None, "TLS_RSA_WITH_AES_128_CCM_8", None),
    ("(TLS1.2-X.509)-(RSA)-(ARCFOUR-128)-(SHA1)", None, "TLS_RSA_WITH_RC4_128_SHA", None),
    (
        "(TLS1.2-X.509)-(ANON-ECDH)-(AES-256-CBC)-(SHA1)",
        None,
        "TLS_ECDH_anon_WITH_AES_256_CBC_SHA",
        None,
    ),
    ("(TLS1.2-X.509)-(ANON-DH)-(AES-256-GCM)", None, "TLS_DH_anon_WITH_AES_256_GCM_SHA384", None),
    ("(TLS1.2-X.509)-(PSK)-(AES-256-GCM)", None, "TLS_PSK_WITH_AES_256_GCM_SHA384", None),
    ("(TLS1.0-X.509)-(RSA)-(3DES-CBC)-(SHA1)", None, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", None),
    # Before TLS 1.2 the certificate goes unsaid.
    ("(TLS1.0-X.509)-(ECDHE-SECP256R1)-(AES-256-CBC)-(SHA1)", None, None, "secp256r1"),
    ("(TLS1.0-X.509)-(DHE-FFDHE2048)-(3DES-CBC)-(SHA1)", None, None, "ffdhe2048"),
    (
        "ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM",
        TLS13,
        "TLS_AES_256_GCM_SHA384",
        "x25519",
    ),
    ("ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM", TLS12, ECDHE_RSA_256, "x25519"),
    ("ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM", None, None, "x25519"),
    (
        "ECDHE_X25519__RSA_SHA1__AES_256_CBC__SHA1",
        TLS10,
        "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
        "x25519",
    ),
    (
        "ECDHE_SECP256R1__EDDSA_ED25519__AES_128_GCM",
        TLS12,
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "secp256r1",
    ),
    ("RSA__AES_256_CBC__SHA1", TLS12, "TLS_RSA_WITH_AES_256_CBC_SHA", None),
    (
        "ECDHE_X25519_MLKEM768__RSA_SHA256__AES_256_GCM",
        TLS13,
        "TLS_AES_256_GCM_SHA384",
        "X25519MLKEM768",
    ),
    # Not what GnuTLS writes
    ("ECDHE_X25519__RSA_SHA256__AES_256_XTS", TLS12, None, None),
    ("ECDHE_X25519__RSA_SHA256__OTHER__AES_256_GCM", TLS12, None, None),
    ("ECDHE_X25519__FALCON__AES_256_GCM", TLS12, None, "x25519"),
    ("(TLS1.2)-(SHA1)", None, None, None),
    ("(TLS1.2)-(TLS1.2)", None, None, None),
]

NO_SUITES = [
    "",
    "AES-256-GCM",  # Momentum: a cipher is no suite
    "AES_256_GCM",
    "Aes256",  # SmarterMail
    "AES_256_GCM_SHA384",
    "OTHER",  # Gmail
    "(NONE)",
    "NONE",
    "UNKNOWN",
    "unknown",
    "NULL",
    "TLS_UNKNOWN_CIPHER_SUITE-0x1234",
    "0x1234",
    "0x13",
    "0x13010",
    "TLS",
    "TLSv1.2",
    "DESKTOP-RC4-MD5",
    "ECDHE-RSA-AES256-GCM-SHA256",
    "TLS_FOO_WITH_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305",
    "TLS_AES_256_CBC_SHA256",
    "TLS_SSL_RSA_WITH_RC4_128_MD5",
    "AES128-\u017fHA",
    "\uff21\uff25\uff33256-SHA",
    "AES256-SHA" * 13,
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_row(row):
    """Every name of a row leads back to the row, at the version that the suite is of."""
    version = TlsVersion(row[-1])
    found = {name: find_suite(name, version) for name in spell(row)}
    assert dict.fromkeys(found, row[1]) == {name: s and s.name for name, s in found.items()}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_row_without_version(row):
    """Names need no version, but for those that SSL 2 shares with TLS."""
    shared = {"RC4-MD5", "EXP-RC4-MD5", "EXP-RC2-CBC-MD5"} if row[-1] == "SSLv2" else set()
    names = set(spell(row)) - shared
    assert {row[1]} == {suite.name for name in names if (suite := find_suite(name))}


def test_no_name_is_shared():
    """No two suites of TLS, and no two of SSL 2, have a name in common."""
    for is_ssl2 in (False, True):
        rows = [row for row in ROWS if (row[-1] == "SSLv2") is is_ssl2]
        keys = [key for row in rows for key in {make_key(name) for name in spell(row)}]
        assert sorted(set(keys)) == sorted(keys)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_parser_agrees_with_table(row):
    """Where a name of the table can be taken apart, its parts are those of its own suite."""
    iana = parse_name(make_key(row[1]))
    parts = {parse_name(make_key(name)) for name in spell(row)} - {None}
    # OpenSSL's `AES128-GCM-SHA256`, static RSA, looks like a suite of TLS 1.3 to the parser.
    assert {part for part in parts if part.exchange} <= {iana}


@pytest.mark.parametrize(("scheme", "name", "version", "iana"), NAMES)
def test_scheme(scheme, name, version, iana):
    """Names of every scheme find their suite."""
    suite = find_suite(name, version)
    assert (scheme, iana) == (scheme, suite and suite.name)


@pytest.mark.parametrize(("text", "version", "iana", "group"), SESSIONS)
def test_session(text, version, iana, group):
    """GnuTLS's session texts give the suite, if they tell enough, and the group."""
    suite = find_suite(text, version)
    assert (iana, group) == (suite and suite.name, find_cipher_group(text))


@pytest.mark.parametrize("name", NO_SUITES)
def test_no_suite(name):
    """What names no suite, or only a part of one, finds none."""
    assert find_suite(name) is None


def test_long_name():
    """A name may have `MAX_NAME` characters, and no more."""
    name = "AES256-SHA"
    texts = [name.rjust(MAX_NAME), name.rjust(MAX_NAME + 1)]
    assert [find_suite(text) is not None for text in texts] == [True, False]


PIECES = st.sampled_from(
    [
        *("TLS", "SSL_CK", "WITH", "RSA", "ECDHE", "DHE", "PSK", "X25519", "RSA_SHA256", "TLS1.3"),
        *("AES", "AES_256", "128", "GCM", "CBC", "SHA384", "SHA", "EXP", "NULL", "RC4", "P384"),
        *("_", "__", "-", "(", ")", ")-(", " ", "0x", "C030", "\u017f"),
    ]
)


@given(st.text() | st.lists(PIECES).map("".join), st.none() | st.sampled_from(TlsVersion))
def test_any_text(name, version):
    """No text raises; a suite or group that is found is found by its own name too."""
    suite, group = find_suite(name, version), find_cipher_group(name)
    assert suite is None or suite == find_suite(suite.name, suite.max_version)
    assert group is None or group == find_group(group).name


def run_fresh(code):
    """What a fresh interpreter prints."""
    done = run([sys.executable, "-c", dedent(code)], check=True, capture_output=True, text=True)  # noqa: S603
    return done.stdout.split()


def test_threads_first():
    """Threads that race for the first look-up get the same answer."""
    names = run_fresh(
        """
        import sys
        from concurrent.futures import ThreadPoolExecutor
        from threading import Barrier
        from headertls.tls import find_suite

        barrier = Barrier(8)

        def look_up(_):
            barrier.wait()
            return find_suite("TLS_ECDHE_RSA_WITH_AES256_GCM_SHA384").name

        sys.setswitchinterval(1e-6)
        with ThreadPoolExecutor(8) as pool:
            print(*pool.map(look_up, range(8)))
        """
    )
    assert names == [ECDHE_RSA_256] * 8


def test_import_reads_no_table():
    """Importing the package reads no data file; the first look-up does."""
    opened = run_fresh(
        """
        import sys

        def tell(event, args):
            if event == "open" and str(args[0]).endswith(".csv"):
                print("table")

        sys.addaudithook(tell)
        from headertls.tls import find_suite
        print("imported")
        find_suite("AES128-SHA")
        """
    )
    assert opened == ["imported", "table"]
