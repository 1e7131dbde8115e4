"""Grades: each row of the rules, and agreement with the authorities that they follow."""

import pytest

from headertls.models import Grade, Profile, TlsVersion
from headertls.tls import find_grades, find_suite, find_suite_rule, grade
from headertls.tls.grades import BEST_GRADES, SUITE_RULES
from headertls.tls.tables import read_table

SSL2, SSL3, TLS10, TLS11, TLS12, TLS13 = TlsVersion

# Version, cipher, grade, the rule that decides the suite.
GRADES = [
    (SSL2, "DES-CBC3-MD5", Grade.BROKEN, "ssl2"),
    (TLS12, "NULL-SHA256", Grade.BROKEN, "short-key"),
    (TLS10, "EXP-RC4-MD5", Grade.BROKEN, "short-key"),
    (TLS10, "EXP1024-DES-CBC-SHA", Grade.BROKEN, "short-key"),
    (TLS10, "DES-CBC-SHA", Grade.BROKEN, "short-key"),
    (TLS13, "TLS_SHA256_SHA256", Grade.BROKEN, "short-key"),
    (TLS12, "ECDHE-RSA-RC4-SHA", Grade.BROKEN, "rc4"),
    (TLS12, "DES-CBC3-SHA", Grade.WEAK, "shortish-key"),
    (TLS12, "ECDHE-RSA-DES-CBC3-SHA", Grade.WEAK, "shortish-key"),
    (TLS11, "IDEA-CBC-SHA", Grade.WEAK, "old-cipher"),
    (TLS12, "DHE-RSA-SEED-SHA", Grade.WEAK, "old-cipher"),
    (TLS12, "ECDHE-ECDSA-AES256-CCM8", Grade.WEAK, "short-tag"),
    (TLS13, "TLS_AES_128_CCM_8_SHA256", Grade.WEAK, "short-tag"),
    (TLS13, "TLS_AES_256_GCM_SHA384", Grade.MODERN, "tls13"),
    (TLS13, "TLS_CHACHA20_POLY1305_SHA256", Grade.MODERN, "tls13"),
    (TLS13, "TLS_AES_128_GCM_SHA256", Grade.MODERN, "tls13"),
    (TLS13, "TLS_AES_128_CCM_SHA256", Grade.MODERN, "tls13"),
    (TLS13, "TLS_SM4_GCM_SM3", Grade.GOOD, "tls13-rare"),
    (TLS12, "AES256-GCM-SHA384", Grade.WEAK, "no-forward-secrecy"),
    (TLS12, "AES256-SHA", Grade.WEAK, "no-forward-secrecy"),
    (TLS12, "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256", Grade.WEAK, "no-forward-secrecy"),
    (TLS12, "ADH-AES256-GCM-SHA384", Grade.WEAK, "no-public-key"),
    (TLS12, "AECDH-AES256-SHA", Grade.WEAK, "no-public-key"),
    (TLS12, "DHE-DSS-AES256-GCM-SHA384", Grade.WEAK, "no-public-key"),
    (TLS12, "ECDHE-RSA-AES256-SHA", Grade.WEAK, "sha1"),
    (TLS12, "DHE-RSA-CAMELLIA256-SHA", Grade.WEAK, "sha1"),
    (TLS12, "ECDHE-RSA-AES256-GCM-SHA384", Grade.GOOD, "ecdhe-aead"),
    (TLS12, "ECDHE-ECDSA-AES128-GCM-SHA256", Grade.GOOD, "ecdhe-aead"),
    (TLS12, "ECDHE-RSA-CHACHA20-POLY1305", Grade.GOOD, "ecdhe-aead"),
    (TLS12, "ECDHE-ECDSA-AES256-CCM", Grade.GOOD, "ecdhe-aead"),
    (TLS12, "ECDHE-RSA-AES256-SHA384", Grade.DATED, "rest"),
    (TLS12, "DHE-RSA-AES256-GCM-SHA384", Grade.DATED, "rest"),
    (TLS12, "DHE-RSA-AES128-SHA256", Grade.DATED, "rest"),
    (TLS12, "ECDHE-RSA-CAMELLIA128-SHA256", Grade.DATED, "rest"),
    (TLS12, "ECDHE-ARIA256-GCM-SHA384", Grade.DATED, "rest"),
]


@pytest.mark.parametrize(("version", "cipher", "expected", "rule"), GRADES)
def test_rule(version, cipher, expected, rule):
    """Each suite gets the grade of its rule at its version, and also where no version is told."""
    suite = find_suite(cipher, version)
    decider = next(name for name, _, applies in SUITE_RULES if applies(suite))
    assert (rule, expected, expected) == (decider, grade(version, suite), grade(None, suite))


def test_each_rule_has_a_case():
    """No rule is without a case, and no two have the same name."""
    assert sorted({rule for *_, rule in GRADES}) == sorted(name for name, *_ in SUITE_RULES)


@pytest.mark.parametrize(
    ("version", "cipher", "expected"),
    [
        (SSL3, "AES256-SHA", Grade.BROKEN),
        (SSL2, None, Grade.BROKEN),
        (SSL3, None, Grade.BROKEN),
        (TLS10, "ECDHE-RSA-AES256-SHA", Grade.WEAK),
        (TLS11, "ECDHE-RSA-AES256-GCM-SHA384", Grade.WEAK),  # a conflict: the worse counts
        (TLS12, "TLS_AES_256_GCM_SHA384", Grade.GOOD),
        (TLS13, "AES256-SHA", Grade.WEAK),
        (TLS10, "RC4-SHA", Grade.BROKEN),
        (TLS10, None, Grade.WEAK),
        (TLS11, None, Grade.WEAK),
        (TLS12, None, Grade.UNKNOWN),
        (TLS13, None, Grade.MODERN),
        (None, None, Grade.UNKNOWN),
    ],
)
def test_version(version, cipher, expected):
    """The version bounds the grade; alone it decides, unless it is 1.2."""
    assert expected is grade(version, cipher and find_suite(cipher))


def test_every_version_has_a_best_grade():
    """A new version cannot be forgotten."""
    assert set(TlsVersion) == set(BEST_GRADES)


NCSC_GRADES = {
    Grade.BROKEN: {"insufficient"},
    Grade.WEAK: {"insufficient"},
    Grade.DATED: {"phase out"},
    Grade.GOOD: {"sufficient"},
    Grade.MODERN: {"good", "sufficient"},
}


@pytest.mark.parametrize("row", read_table("grades.csv"), ids=lambda row: row[1])
def test_agrees_with_ncsc(row):
    """Our grades are the NCSC's, save for suites that are too new or too old for its lists."""
    suite = find_suite(row[0])
    unlisted = suite.name.endswith("_OLD") or suite.cipher in {"SM4", "AEGIS_128L", "AEGIS_256"}
    if unlisted or suite.mode == "MGM":
        assert find_grades(suite).ncsc_nl_2025 == "insufficient"
    else:
        assert find_grades(suite).ncsc_nl_2025 in NCSC_GRADES[grade(suite.max_version, suite)]


@pytest.mark.parametrize("row", read_table("grades.csv"), ids=lambda row: row[1])
def test_agrees_with_bcp195(row):
    """What BCP 195 forbids is broken, what it recommends is good, and nothing else is broken."""
    suite = find_suite(row[0])
    ours, theirs = grade(suite.max_version, suite), find_grades(suite).rfc9325
    assert (theirs == "MUST NOT") is (ours is Grade.BROKEN)
    assert theirs != "RECOMMENDED" or ours is Grade.GOOD


def test_authorities():
    """The opinions on a suite are told as the tables have them; a silent authority is absent."""
    assert (find_grades(find_suite("TLS_ECDHE_PSK_WITH_NULL_SHA"))._replace(rfc9325=None)) == (
        None,
        "D",
        None,
        "insufficient",
        None,
    )
    assert find_grades(find_suite("ECDHE-RSA-AES128-GCM-SHA256")) == (
        "RECOMMENDED",
        "Y",
        None,
        "sufficient",
        "intermediate",
    )
    unknown = find_suite("AES128-SHA").model_copy(update={"code": 0x0A0A})
    assert find_grades(unknown) is None


@pytest.mark.parametrize(
    ("suite", "version", "grades"),
    [
        # default, bcp195, ncsc-nl-2025, mozilla-intermediate, mozilla-modern, iana
        ("TLS_AES_256_GCM_SHA384", "TLSv1.3", "modern modern modern modern modern modern"),
        ("TLS_AES_128_GCM_SHA256", "TLSv1.3", "modern modern good modern modern modern"),
        ("TLS_AES_128_CCM_8_SHA256", "TLSv1.3", "weak modern weak weak weak weak"),
        ("ECDHE-RSA-AES256-GCM-SHA384", "TLSv1.2", "good good good good dated good"),
        ("ECDHE-RSA-AES256-SHA384", "TLSv1.2", "dated weak dated weak weak dated"),
        ("DHE-RSA-AES256-GCM-SHA384", "TLSv1.2", "dated weak dated weak weak dated"),
        ("AES256-SHA", "TLSv1.2", "weak weak weak weak weak weak"),
        ("RC4-SHA", "TLSv1.2", "broken broken broken broken broken broken"),
        ("ECDHE-RSA-AES256-SHA", "TLSv1.0", "weak broken weak weak weak weak"),
    ],
)
def test_profiles_grade_by_their_own_lists(suite: str, version: str, grades: str) -> None:
    """Each authority has its own words, and what it forbids is never better than by ours."""
    session = TlsVersion(version), find_suite(suite)

    assert grades.split() == [grade(*session, profile).value for profile in Profile]


def test_version_alone_under_a_profile() -> None:
    """Without a suite only what the version allows can be told."""
    assert [grade(TlsVersion.TLSV1_3, None, profile).value for profile in Profile] == ["modern"] * 6
    assert grade(TlsVersion.TLSV1_1, None, Profile.BCP195) is Grade.BROKEN
    assert grade(None, None, Profile.IANA) is Grade.UNKNOWN


def test_suite_rules_have_names() -> None:
    """The row that grades a suite can be asked for."""
    suite = find_suite("AES256-SHA")
    assert suite is not None
    assert find_suite_rule(suite) == "no-forward-secrecy"
