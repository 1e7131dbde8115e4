"""How good a session is: the worse of what its version and what its suite allow.

The order of the grades follows BCP 195 (RFC 9325) and the Dutch NCSC's guidelines of 2025: what
the one forbids is broken or weak, what the other wants phased out is dated.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple

from headertls.models import CipherSuite, Grade, Profile, TlsVersion
from headertls.tls.tables import read_table

EDITIONS: Final = MappingProxyType({Profile.DEFAULT: "default-2026"})
"""A grade is a judgement of its year, so ours names it; others have theirs in their names."""


class AuthorityGrades(NamedTuple):
    """What others say of a suite, at the highest version in which it exists; `None`: nothing."""

    rfc9325: str | None
    """`MUST NOT`, `SHOULD NOT`, `RECOMMENDED`, or `TLS 1.3`, which it leaves to RFC 8446."""
    iana_recommended: str | None
    """The registry's column: `Y`, `N` (no statement) or `D` (discouraged, RFC 9847)."""
    obsolete_kex_draft: str | None
    """`D` where draft-ietf-tls-deprecate-obsolete-kex will discourage it."""
    ncsc_nl_2025: str
    """`good`, `sufficient`, `phase out` or `insufficient`."""
    mozilla: str | None
    """The strictest profile that holds it: `modern`, `intermediate` (6.0), `old` (5.8)."""


BEST_GRADES: Final = MappingProxyType(
    {
        TlsVersion.SSLV2: Grade.BROKEN,  # RFC 6176
        TlsVersion.SSLV3: Grade.BROKEN,  # RFC 7568
        TlsVersion.TLSV1_0: Grade.WEAK,  # RFC 8996
        TlsVersion.TLSV1_1: Grade.WEAK,
        TlsVersion.TLSV1_2: Grade.GOOD,
        TlsVersion.TLSV1_3: Grade.MODERN,
    }
)
"""The best that a session of a version can be."""

_WORST_FIRST: Final = tuple(Grade)
MIN_BITS: Final = 112
"""Fewer secret bits are as good as none (RFC 9325, section 4.1)."""
_SHOULD_BITS: Final = 128
_OLD_CIPHERS: Final = frozenset({"IDEA", "SEED"})  # NCSC-NL: insufficient
_BEST_CIPHERS: Final = frozenset({"AES_128", "AES_256", "CHACHA20"})
_PUBLIC_KEYS: Final = frozenset({"RSA", "ECDSA"})


def _is_tls13(suite: CipherSuite) -> bool:
    return suite.min_version is TlsVersion.TLSV1_3


def _is_best_aead(suite: CipherSuite) -> bool:
    return suite.aead and suite.cipher in _BEST_CIPHERS


# The first row that applies decides: its name, the grade, the test.
SUITE_RULES: Final[tuple[tuple[str, Grade, Callable[[CipherSuite], bool]], ...]] = (
    # RFC 6176
    ("ssl2", Grade.BROKEN, lambda s: s.max_version is TlsVersion.SSLV2),
    # RFC 9325, 4.1: no NULL, EXPORT, DES
    ("short-key", Grade.BROKEN, lambda s: s.bits < MIN_BITS),
    # RFC 7465
    ("rc4", Grade.BROKEN, lambda s: s.cipher.startswith("RC4")),
    # RFC 9325, 4.1: 3DES
    ("shortish-key", Grade.WEAK, lambda s: s.bits < _SHOULD_BITS),
    ("old-cipher", Grade.WEAK, lambda s: s.cipher in _OLD_CIPHERS),
    # NCSC-NL: a tag of 64 bits
    ("short-tag", Grade.WEAK, lambda s: s.mode == "CCM_8"),
    # RFC 8446
    ("tls13", Grade.MODERN, lambda s: _is_tls13(s) and s.cipher in _BEST_CIPHERS),
    # SM4, AEGIS: in no authority's list, and nothing known against them
    ("tls13-rare", Grade.GOOD, _is_tls13),
    # RFC 9325, 4.1: static RSA, DH and ECDH
    ("no-forward-secrecy", Grade.WEAK, lambda s: not s.forward_secrecy),
    # NCSC-NL: anonymous, pre-shared keys, passwords, DSS
    ("no-public-key", Grade.WEAK, lambda s: s.authentication not in _PUBLIC_KEYS),
    # NCSC-NL: CBC with SHA-1
    ("sha1", Grade.WEAK, lambda s: s.mac == "SHA1"),
    # RFC 9325, 4.2; NCSC-NL: sufficient
    ("ecdhe-aead", Grade.GOOD, lambda s: s.key_exchange == "ECDHE" and _is_best_aead(s)),
    # NCSC-NL: phase out CBC with SHA-256 or longer, finite fields, Camellia, ARIA
    ("rest", Grade.DATED, lambda _: True),
)


class Reading(NamedTuple):
    """How a profile's words are read as grades."""

    suites: Mapping[str | None, Grade]
    """By what the authority says of a suite; `None` where it is silent."""
    best: Mapping[TlsVersion, Grade]
    """The best that a session of a version can be, where that differs from `BEST_GRADES`."""


_PASSABLE: Final = frozenset({Grade.MODERN, Grade.GOOD, Grade.DATED})

READINGS: Final[Mapping[Profile, Reading]] = MappingProxyType(
    {
        # RFC 9325, 3.1.1 and 4.1; a suite that it does not name is neither wanted nor forbidden
        Profile.BCP195: Reading(
            {
                "TLS 1.3": Grade.MODERN,
                "RECOMMENDED": Grade.GOOD,
                None: Grade.DATED,
                "SHOULD NOT": Grade.WEAK,
                "MUST NOT": Grade.BROKEN,
            },
            {TlsVersion.TLSV1_0: Grade.BROKEN, TlsVersion.TLSV1_1: Grade.BROKEN},
        ),
        # the guidelines' own four words
        Profile.NCSC_NL_2025: Reading(
            {
                "good": Grade.MODERN,
                "sufficient": Grade.GOOD,
                "phase out": Grade.DATED,
                "insufficient": Grade.WEAK,
            },
            {},
        ),
        # what stands in no profile of version 6.0 is not to be offered
        Profile.MOZILLA_INTERMEDIATE: Reading(
            {"modern": Grade.MODERN, "intermediate": Grade.GOOD, "old": Grade.WEAK}, {}
        ),
        Profile.MOZILLA_MODERN: Reading(
            {"modern": Grade.MODERN, "intermediate": Grade.DATED, "old": Grade.WEAK},
            {TlsVersion.TLSV1_2: Grade.DATED},
        ),
        # RFC 9847: `N` is no statement, so ours stands; but nothing unrecommended is better than
        # dated
        Profile.IANA: Reading({"Y": Grade.MODERN, "N": Grade.DATED, "D": Grade.WEAK}, {}),
    }
)


def grade(
    version: TlsVersion | None, suite: CipherSuite | None, profile: Profile = Profile.DEFAULT
) -> Grade:
    """Judge a TLS session by its effective version and its suite.

    Without a suite the version decides, if it can: TLS 1.2 alone may be good or broken. Whether
    there was TLS at all is not asked here, so the answer is never ``PLAINTEXT``.

    Args:
        version: The effective version.
        suite: The suite.
        profile: By whose lists; an authority's "no" is never graded better than by ours.

    >>> from headertls.tls.suites import find_suite
    >>> grade(TlsVersion.TLSV1_2, find_suite("ECDHE-RSA-AES256-GCM-SHA384"))
    <Grade.GOOD: 'good'>
    >>> grade(TlsVersion.TLSV1_2, find_suite("ECDHE-RSA-AES256-SHA384"), Profile.BCP195)
    <Grade.WEAK: 'weak'>
    >>> grade(TlsVersion.TLSV1_2, None)
    <Grade.UNKNOWN: 'unknown'>
    """
    best = _find_best(version, profile)
    if suite:
        return _worse(best, _grade_suite_by(suite, profile))
    return Grade.UNKNOWN if version in {None, TlsVersion.TLSV1_2} else best


def find_suite_rule(suite: CipherSuite) -> str:
    """Name the row of `SUITE_RULES` that grades *suite*.

    >>> from headertls.tls.suites import find_suite
    >>> find_suite_rule(find_suite("AES256-GCM-SHA384"))
    'no-forward-secrecy'
    """
    return next(name for name, _, applies in SUITE_RULES if applies(suite))


def _find_best(version: TlsVersion | None, profile: Profile) -> Grade:
    if version is None:
        return Grade.MODERN
    best = BEST_GRADES[version]
    reading = READINGS.get(profile)
    return _worse(best, reading.best.get(version, best)) if reading else best


def _grade_suite(suite: CipherSuite) -> Grade:
    return next(grade_ for _, grade_, applies in SUITE_RULES if applies(suite))


def _grade_suite_by(suite: CipherSuite, profile: Profile) -> Grade:
    ours = _grade_suite(suite)
    reading, words = READINGS.get(profile), find_grades(suite)
    if reading is None or words is None:
        return ours
    theirs = reading.suites.get(_find_word(words, profile), Grade.WEAK)
    return theirs if theirs in _PASSABLE and profile is not Profile.IANA else _worse(theirs, ours)


def _find_word(words: AuthorityGrades, profile: Profile) -> str | None:
    match profile:
        case Profile.BCP195:
            return words.rfc9325
        case Profile.NCSC_NL_2025:
            return words.ncsc_nl_2025
        case Profile.IANA:
            return words.iana_recommended
        case _:
            return words.mozilla


def _worse(one: Grade, other: Grade) -> Grade:
    return min(one, other, key=_WORST_FIRST.index)


def find_grades(suite: CipherSuite) -> AuthorityGrades | None:
    """What the authorities say of *suite*.

    >>> from headertls.tls.suites import find_suite
    >>> find_grades(find_suite("AES128-SHA")).ncsc_nl_2025
    'insufficient'
    """
    return _authority_grades().get(suite.code)


@cache
def _authority_grades() -> Mapping[int, AuthorityGrades]:
    return MappingProxyType(
        {
            int(code, 16): AuthorityGrades(
                rfc or None, iana or None, kex or None, ncsc, moz or None
            )
            for code, _, rfc, iana, kex, ncsc, moz in read_table("grades.csv")
        }
    )
