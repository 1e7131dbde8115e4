"""Key exchange groups: every row under every name, and the names of other libraries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headertls.tls import GroupKind, find_cipher_group, find_group
from headertls.tls.tables import read_table

ROWS = read_table("groups.csv")

ALIASES = [
    ("X25519", "x25519"),
    ("curve25519", "x25519"),
    ("P-256", "secp256r1"),
    ("P256", "secp256r1"),
    ("prime256v1", "secp256r1"),
    ("CurveP256", "secp256r1"),  # Go
    ("nistp521", "secp521r1"),
    ("SECP384R1", "secp384r1"),  # GnuTLS
    ("K-283", "sect283k1"),
    ("B-163", "sect163r2"),
    ("FFDHE2048", "ffdhe2048"),
    ("BRAINPOOLP256R1", "brainpoolP256r1"),
    ("X25519MLKEM768", "X25519MLKEM768"),
    ("X25519-MLKEM768", "X25519MLKEM768"),
    ("x25519_mlkem768", "X25519MLKEM768"),
    ("p384_mlkem1024", "SecP384r1MLKEM1024"),
    ("X25519Kyber768", "X25519Kyber768Draft00"),
    ("ECDHE (P-256)", "secp256r1"),  # Postfix
    ("ECDHE (prime256v1)", "secp256r1"),
    ("ECDHE (X25519)", "x25519"),
    ("DHE (ffdhe3072)", "ffdhe3072"),
    (" x25519 ", "x25519"),
]

NO_GROUPS = ["", "ECDHE", "DHE", "DHE (2048 bits)", "ECDHE ()", "RSA", "P-255", "ECDHE (P-256) x"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_row(row):
    """Every name of a row, in any case, leads back to the row."""
    code, iana, kind, post_quantum, aliases = row
    expected = (int(code, 16), iana, GroupKind(kind), post_quantum == "Y")
    names = [iana, *aliases.split()]
    spelled = [*names, *map(str.upper, names), *map(str.lower, names)]
    assert dict.fromkeys(spelled, expected) == {name: find_group(name) for name in spelled}


@pytest.mark.parametrize(("name", "iana"), ALIASES)
def test_alias(name, iana):
    """Libraries' own names find the registered group."""
    assert iana == find_group(name).name


@pytest.mark.parametrize("name", NO_GROUPS)
def test_no_group(name):
    """A key exchange, or a size, is no group."""
    assert find_group(name) is None


def test_post_quantum():
    """Post-quantum is what has a KEM in it, and nothing else."""
    groups = [find_group(row[1]) for row in ROWS]
    kems = {GroupKind.KEM, GroupKind.HYBRID}
    assert [group.kind in kems for group in groups] == [group.post_quantum for group in groups]


@pytest.mark.parametrize(
    ("cipher", "group"),
    [
        ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384_P384", "secp384r1"),
        ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256_P256", "secp256r1"),
        ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384_P521", "secp521r1"),
        ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", None),
        ("TLS_AES_256_GCM_SHA384_P384", None),
        ("ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM", "x25519"),
        ("X25519", None),
        ("", None),
    ],
)
def test_cipher_group(cipher, group):
    """SChannel's tail and GnuTLS's key exchange name a group; other texts do not."""
    assert group == find_cipher_group(cipher)


@given(st.text() | st.from_regex(r"\A(EC)?DHE \(.*\)\Z"))
def test_any_text(name):
    """No text raises."""
    group = find_group(name)
    assert group is None or group == find_group(group.name)
