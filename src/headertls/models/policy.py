"""What the caller wants judged how."""

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field

from headertls.models.base import Model
from headertls.models.site import read_pairs
from headertls.models.verdicts import FindingCode, Grade, Severity


class Profile(StrEnum):
    """By whose lists TLS sessions are graded."""

    DEFAULT = "default"
    """Ours of 2026: between BCP 195 and the lists of NCSC-NL."""
    BCP195 = "bcp195"
    """RFC 9325 with RFC 8996, as they stand."""
    NCSC_NL_2025 = "ncsc-nl-2025"
    """The Dutch NCSC's guidelines of 2025, which internet.nl applies to mail."""
    MOZILLA_INTERMEDIATE = "mozilla-intermediate"
    """Mozilla's server-side TLS 6.0: what its intermediate profile holds."""
    MOZILLA_MODERN = "mozilla-modern"
    """The same, TLS 1.3 only."""
    IANA = "iana"
    """The column "Recommended" of the IANA registry; `N` is no statement."""


# strict: `true` is no second, and "3600" no number
_Seconds = Annotated[float, Field(strict=True, ge=0)]


class Policy(Model):
    """How grades, severities and times are judged.

    >>> policy = Policy(profile="ncsc-nl-2025", severities={"plaintext-private": "low"})
    >>> policy.severities[0][1].value
    'low'
    """

    profile: Profile = Profile.DEFAULT
    """By whose lists sessions are graded."""
    minimum_grade: Grade | None = None
    """Encrypted hops of a lower grade get the finding `below-minimum-grade`."""
    severities: Annotated[
        tuple[tuple[FindingCode, Severity], ...], BeforeValidator(read_pairs)
    ] = ()
    """Severities in place of the usual ones, for trusted lines; a table, or pairs. Where the
    evidence is of medium confidence the finding is a level lower, and a claim never weighs more
    than it does by default."""
    ignored: tuple[FindingCode, ...] = ()
    """Findings that are not wanted."""
    long_delay: _Seconds = 3600.0
    """Seconds between two time stamps from which on a delay is long."""
    clock_skew: _Seconds = 60.0
    """Seconds by which clocks may disagree unnoticed."""
