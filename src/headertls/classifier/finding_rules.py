"""The table of findings: one row for each thing that a person should know about a hop."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

from headertls.classifier.kinds import TAKEN_KINDS
from headertls.models import (
    Confidence,
    FindingCode,
    Grade,
    Kind,
    Scope,
    Severity,
    Transport,
)

ORDER_BROKEN_AFTER: Final = 3600.0
"""Seconds back in time that no drifting clock explains: time zones told wrongly, or lines that did
not follow each other."""

CLAIM_NOTE: Final = " The line stands below the trust boundary: it is a claim."
WAIVER_NOTE: Final = " The author waived TLS (TLS-Required: No), so this weighs a level less."


class Facts(NamedTuple):
    """What the rules look at."""

    kind: Kind
    scope: Scope
    transport: Transport
    confidence: Confidence | None = None
    is_claim: bool = False
    is_before_starttls: bool = False
    """The line is older than STARTTLS, so nobody could have done otherwise."""
    grade: Grade | None = None
    is_null: bool = False
    """The suite does not encrypt, or not in earnest."""
    is_deprecated: bool = False
    """TLS 1.1 or older."""
    has_no_secrecy: bool = False
    """The suite is known, and has no forward secrecy."""
    has_failed_certificate: bool = False
    understates: bool = False
    is_inconsistent: bool = False
    """Versions and suites that the line tells do not go together."""
    has_dissent: bool = False
    """A witness says otherwise."""
    is_below_minimum: bool = False
    is_encrypted_sender: bool = False
    """The client belongs to someone whose mail otherwise always comes over TLS."""
    is_required: bool = False
    """The message had been sent with REQUIRETLS before."""
    impersonated: str | None = None
    """The operator whose name the client used though its address is not the operator's."""
    is_encrypting_operator: bool = False
    """That operator always uses TLS."""
    is_waived: bool = False
    """The author waived TLS for the message (RFC 8689, 5)."""


class Weights(NamedTuple):
    """How grave a finding is; `None`: it is none."""

    trusted: Severity | None
    trusted_medium: Severity | None
    """Where the confidence in the verdict is medium."""
    claim: Severity | None
    claim_medium: Severity | None


@dataclass(frozen=True, slots=True)
class FindingRule:
    """A row of the table."""

    code: FindingCode
    weights: Weights
    matches: Callable[[Facts], bool]
    message: str
    """With `{server}`, `{client}` and `{operator}` where they belong."""
    is_about_plaintext: bool = False
    """A message whose author waived TLS has it a level lower."""


def _weigh(
    trusted: Severity | None,
    claim: Severity | None,
    trusted_medium: Severity | None = None,
    claim_medium: Severity | None = None,
) -> Weights:
    return Weights(trusted, trusted_medium or trusted, claim, claim_medium or claim)


_INFO, _LOW, _MEDIUM, _HIGH, _CRITICAL = Severity
_NEAR: Final = frozenset({Scope.LOCAL, Scope.PROXIED})
_JUST_INFO: Final = _weigh(_INFO, _INFO)


def _is_plain(facts: Facts, scope: Scope) -> bool:
    return (
        facts.transport is Transport.PLAINTEXT
        and facts.scope is scope
        and facts.kind in TAKEN_KINDS
    )


def _is_weak(facts: Facts) -> bool:
    """Weak for another reason than those that have findings of their own."""
    is_bad = facts.grade in {Grade.WEAK, Grade.BROKEN}
    return is_bad and not (facts.is_deprecated or facts.is_null or facts.has_no_secrecy)


RULES: Final[tuple[FindingRule, ...]] = (
    FindingRule(
        FindingCode.PLAINTEXT_PUBLIC_HOP,
        _weigh(_HIGH, _LOW, _MEDIUM, _INFO),
        lambda f: _is_plain(f, Scope.PUBLIC) and f.kind is Kind.RELAY,
        "{server} records mail taken from {client} over the public internet without TLS.",
        is_about_plaintext=True,
    ),
    # RFC 8314, 3: cleartext is obsolete for submission. No level less for a waiver: that is about
    # the message, and the password is the user's. Claims keep their level, as the account stays
    # in danger whoever wrote the line.
    FindingRule(
        FindingCode.CLEARTEXT_CREDENTIALS,
        _weigh(_CRITICAL, _MEDIUM, _HIGH, _MEDIUM),
        lambda f: _is_plain(f, Scope.PUBLIC) and f.kind is Kind.SUBMISSION,
        "{server} records that {client} logged in over the public internet without TLS,"
        " so its password was likely sent in the clear.",
    ),
    FindingRule(
        FindingCode.PLAINTEXT_OUT_OF_CHARACTER,
        _weigh(_HIGH, _LOW),
        lambda f: _is_plain(f, Scope.PUBLIC) and f.is_encrypted_sender,
        "{client} belongs to a sender whose mail otherwise always comes over TLS: the offer of TLS"
        " may have been stripped on the way, or a proxy ends TLS before {server}.",
        is_about_plaintext=True,
    ),
    # RFC 8689, 4.2.1: a server that cannot keep the promise has to return the message
    FindingRule(
        FindingCode.REQUIRETLS_VIOLATED,
        _weigh(_HIGH, _LOW),
        lambda f: f.is_required and f.scope not in _NEAR and _is_plain(f, f.scope),
        "The message had been sent with REQUIRETLS, and {server} records no TLS.",
    ),
    # RFC 9325, 4.1
    FindingRule(
        FindingCode.NULL_CIPHER,
        _weigh(_HIGH, _LOW),
        lambda f: f.is_null,
        "{server} records a cipher suite that does not encrypt, or not in earnest.",
    ),
    # RFC 8996
    FindingRule(
        FindingCode.DEPRECATED_TLS,
        _weigh(_MEDIUM, _INFO),
        lambda f: f.is_deprecated and f.transport is Transport.ENCRYPTED,
        "{server} records a version of TLS that is no more to be used.",
    ),
    FindingRule(
        FindingCode.WEAK_CIPHER,
        _weigh(_MEDIUM, _INFO),
        lambda f: f.transport is Transport.ENCRYPTED and _is_weak(f),
        "{server} records a weak cipher suite.",
    ),
    # RFC 9325, 4.1
    FindingRule(
        FindingCode.NO_FORWARD_SECRECY,
        _weigh(_LOW, _INFO),
        lambda f: f.transport is Transport.ENCRYPTED and f.has_no_secrecy,
        "{server} records a session without forward secrecy: who gets the server's key later can"
        " read what was recorded.",
    ),
    FindingRule(
        FindingCode.BELOW_MINIMUM_GRADE,
        _weigh(_MEDIUM, _INFO),
        lambda f: f.transport is Transport.ENCRYPTED and f.is_below_minimum,
        "{server} records a session of a lower grade than the policy demands.",
    ),
    FindingRule(
        FindingCode.PLAINTEXT_BEHIND_NAT,
        _weigh(_MEDIUM, _INFO),
        lambda f: _is_plain(f, Scope.BEHIND_NAT) and f.confidence is Confidence.HIGH,
        "{server} records mail without TLS from a client that seems to stand on the internet"
        " behind an address translator.",
        is_about_plaintext=True,
    ),
    FindingRule(
        FindingCode.PLAINTEXT_ORGANIZATION,
        _weigh(_LOW, _INFO, _INFO),
        lambda f: _is_plain(f, Scope.ORGANIZATION),
        "{server} records mail without TLS inside one organization, but over public addresses.",
        is_about_plaintext=True,
    ),
    FindingRule(
        FindingCode.PLAINTEXT_OPERATOR,
        _weigh(_LOW, _INFO, _INFO),
        lambda f: _is_plain(f, Scope.OPERATOR),
        "{server} records mail without TLS between public addresses of one mail operator.",
        is_about_plaintext=True,
    ),
    FindingRule(
        FindingCode.PLAINTEXT_PRIVATE,
        _weigh(_INFO, None),
        lambda f: _is_plain(f, Scope.PRIVATE),
        "{server} records mail without TLS over a private network.",
    ),
    FindingRule(
        FindingCode.TLS_NOT_RECORDED,
        _JUST_INFO,
        lambda f: (
            f.transport is Transport.NOT_RECORDED
            and f.kind is Kind.RELAY
            and f.scope is Scope.PUBLIC
        ),
        "{server} took mail from {client} over the public internet and records nothing either way"
        " about TLS.",
    ),
    # `verify=FAIL`: about the client's certificate, which the link does not need
    FindingRule(
        FindingCode.CLIENT_CERTIFICATE_FAILED,
        _JUST_INFO,
        lambda f: f.has_failed_certificate,
        "The certificate that the client showed could not be verified; the encryption does not"
        " depend on it.",
    ),
    # sendmail before 8.15 never wrote S; HELO inside TLS
    FindingRule(
        FindingCode.KEYWORD_UNDERSTATES_TLS,
        _JUST_INFO,
        lambda f: f.understates,
        "{server} writes the protocol word for sessions without TLS, but gives details of one.",
    ),
    FindingRule(
        FindingCode.VERSION_CONFLICT,
        _JUST_INFO,
        lambda f: f.is_inconsistent,
        "What {server} records of version and cipher suite does not go together.",
    ),
    FindingRule(
        FindingCode.WITNESS_CONFLICT,
        _JUST_INFO,
        lambda f: f.has_dissent,
        "Another statement about this connection says otherwise than the line by {server}.",
    ),
    FindingRule(
        FindingCode.HELO_IMPERSONATION,
        _weigh(_MEDIUM, _INFO),
        lambda f: f.impersonated is not None and f.is_encrypting_operator,
        "{client} called itself by a name of {operator}, which always uses TLS, but its address is"
        " not {operator}'s.",
    ),
    FindingRule(
        FindingCode.HELO_IMPERSONATION,
        _JUST_INFO,
        lambda f: f.impersonated is not None,
        "{client} called itself by a name of {operator}, but its address is not {operator}'s.",
    ),
)

CHAIN_MESSAGES: Final[Mapping[FindingCode, str]] = MappingProxyType(
    {
        FindingCode.TRACE_GAP: (
            "The line by {server} names {client} as the client, which is not who wrote the next"
            " older line: one is missing between them, or names changed on the way."
        ),
        FindingCode.ORDER_BROKEN: ("The line by {server} is dated long before the next older one."),
        FindingCode.CLOCK_SKEW: (
            "The line by {server} is dated before the next older one: the clocks disagree."
        ),
        FindingCode.LONG_DELAY: "The message waited long before {server} took it.",
        FindingCode.MAIL_LOOP: (
            "{server} took the message from {client} more than once: it went round."
        ),
    }
)
"""Findings on how lines follow each other, all of them for information only."""
