"""Protocol versions: every spelling that a mail server uses, and none that says nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headertls.models import TlsVersion
from headertls.tls import effective_version, find_suite, find_version, is_conflict

SSL2, SSL3, TLS10, TLS11, TLS12, TLS13 = TlsVersion

# Spelling, version; who writes it.
SPELLINGS = [
    ("SSLv2", SSL2),  # OpenSSL
    ("SSLv3", SSL3),
    ("TLSv1", TLS10),
    ("TLSv1.0", TLS10),
    ("TLSv1.1", TLS11),
    ("TLSv1.2", TLS12),
    ("TLSv1.3", TLS13),
    ("TLS1", TLS10),  # Gmail
    ("TLS1_0", TLS10),  # Exchange
    ("TLS1_1", TLS11),
    ("TLS1_2", TLS12),
    ("TLS1_3", TLS13),
    ("TLS1.0", TLS10),  # Exim, GnuTLS
    ("TLS1.3", TLS13),
    ("TLS1.0-PKIX", TLS10),  # GnuTLS before 3.1
    ("TLS1.2-X.509", TLS12),  # GnuTLS
    ("TLS1.2-OPENPGP", TLS12),
    ("TLS1.3-Raw Public Key", TLS13),
    ("TLSv1_3", TLS13),  # rustls
    ("SSL-3.0", SSL3),  # chasquid 1.11
    ("TLS-1.3", TLS13),
    ("TLS 1.3", TLS13),  # chasquid 1.19, mox
    ("Ssl3", SSL3),  # .NET
    ("Tls12", TLS12),
    ("TLS12", TLS12),
    (r"TLS\Tls", TLS10),  # SmarterMail
    (r"TLS\Tls11", TLS11),
    (r"TLS\Tls12", TLS12),
    (r"TLS\Tls13", TLS13),
    (r"SSL\Ssl3", SSL3),
    ("0x0300", SSL3),  # the protocol's own numbers
    ("0x0301", TLS10),
    ("0X0303", TLS12),
    ("768", SSL3),
    ("771", TLS12),
    ("772", TLS13),
]

NO_VERSIONS = [
    "",
    "TLS",
    "SSL",
    "Tls",
    "TLSv1/SSLv3",  # OpenSSL before 1.1 of every cipher
    "SSLv23",
    "SSLv1",
    "SSL1.3",
    "TLSv1.4",
    "TLSv2",
    "TLS3",
    "TLS-0x0305",  # chasquid of a version unknown to it
    "0x0305",
    "0x304",
    "773",
    "TLS identifier 7f1c",  # mox
    "DTLSv1.2",
    "DTLS1.0",
    "TLSv1.2x",
    "ESMTPS",
    "TLS\u017f1.2",  # a long s is no S
    "TL\u017fv1.2",
    "TLSv1.\u0663",
]


@pytest.mark.parametrize(("text", "version"), SPELLINGS)
def test_spelling(text, version):
    """Each spelling names its version."""
    assert version is find_version(text)


@pytest.mark.parametrize(("text", "version"), SPELLINGS)
def test_spelling_in_other_case(text, version):
    """Neither letter case nor blanks around the word matter."""
    assert [version] * 3 == [find_version(t) for t in (text.lower(), text.upper(), f" {text}\t")]


@pytest.mark.parametrize("text", NO_VERSIONS)
def test_no_version(text):
    """What names no version, or an unknown one, is not read as one."""
    assert find_version(text) is None


@given(st.text() | st.from_regex(r"(?i)\A(D?TLS|SSL)[-_ v\\]*[0-9._]{0,4}.{0,3}\Z"))
def test_any_text(text):
    """No text raises."""
    assert find_version(text) in {None, *TlsVersion}


@pytest.mark.parametrize(
    ("stated", "cipher", "version"),
    [
        (TLS10, "TLS_AES_128_GCM_SHA256", TLS10),
        (None, "TLS_AES_128_GCM_SHA256", TLS13),
        (None, "ECDHE-RSA-AES128-GCM-SHA256", TLS12),
        (None, "AES128-SHA256", TLS12),
        (None, "DES-CBC3-MD5", SSL2),
        (None, "AES128-SHA", None),
        (None, "PSK-AES128-CBC-SHA256", None),
        (TLS11, None, TLS11),
        (None, None, None),
    ],
)
def test_effective_version(stated, cipher, version):
    """The told version counts; without one, the only version in which the suite exists."""
    assert version is effective_version(stated, cipher and find_suite(cipher))


@pytest.mark.parametrize(
    ("stated", "cipher", "conflict"),
    [
        (TLS12, "TLS_AES_128_GCM_SHA256", True),
        (TLS13, "AES128-SHA", True),
        (TLS11, "ECDHE-RSA-AES128-GCM-SHA256", True),
        (SSL2, "AES128-SHA", True),
        (SSL3, "ECDHE-RSA-AES128-SHA", True),
        (TLS12, "EXP-RC4-MD5", True),
        (SSL3, "AES128-SHA", False),
        (TLS12, "AES128-SHA", False),
        (TLS13, "TLS_AES_128_GCM_SHA256", False),
        (None, "AES128-SHA", False),
        (TLS12, None, False),
    ],
)
def test_is_conflict(stated, cipher, conflict):
    """A told version conflicts with a suite that does not exist in it."""
    assert conflict is is_conflict(stated, cipher and find_suite(cipher))
