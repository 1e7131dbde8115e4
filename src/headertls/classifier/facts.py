"""The facts about a hop that the rules of `findings` look at."""

import re
from ipaddress import IPv4Address, IPv6Address
from typing import Final, NamedTuple

from headertls.classifier.finding_rules import Facts
from headertls.classifier.ground import Ground
from headertls.classifier.kinds import TAKEN_KINDS
from headertls.classifier.scopes import find_verified_name, is_named_by_address
from headertls.classifier.surroundings import Weighed
from headertls.classifier.transport_rules import BEFORE_STARTTLS
from headertls.models import (
    Client,
    Grade,
    Hop,
    Kind,
    Scope,
    Tls,
    TlsConflict,
    TlsVersion,
    Transport,
)
from headertls.net.operators import (
    find_operator,
    find_operator_of_client,
    find_operator_of_host,
    is_foreign,
)
from headertls.tls import MIN_BITS, find_suite_rule

_WORST_FIRST: Final = tuple(Grade)
_DEPRECATED: Final = frozenset(
    version for version in TlsVersion if version.rank < TlsVersion.TLSV1_2.rank
)
_INCONSISTENT: Final = frozenset(
    {TlsConflict.VERSION_SUITE, TlsConflict.VERSIONS_DIFFER, TlsConflict.SUITES_DIFFER}
)
# sendmail `verify=FAIL`, Postfix `… (not verified)`; `NO` and `NOT` mean that none was shown. The
# names before are text of the client's choice.
_failed: Final = re.compile(r"(?:verify=)?FAIL|.*\(not verified\)", re.IGNORECASE).fullmatch
# recorded: Haraka 2.8.24 writes FAIL also where the client showed no certificate
_VAGUE_ON_CERTIFICATES: Final = ("Haraka",)


class Situation(NamedTuple):
    """What was found out about a hop so far."""

    kind: Kind
    scope: Scope
    weighed: Weighed
    grade: Grade | None
    is_claim: bool
    is_required: bool
    is_waived: bool


def find_facts(
    hop: Hop, situation: Situation, minimum: Grade | None = None, ground: Ground | None = None
) -> Facts:
    """Gather what bears on the findings about *hop*."""
    decision, tls = situation.weighed.decision, situation.weighed.tls
    facts = Facts(
        situation.kind,
        situation.scope,
        decision.transport,
        decision.confidence,
        situation.is_claim,
        is_before_starttls=decision.rule == BEFORE_STARTTLS,
        grade=situation.grade,
        has_dissent=situation.weighed.has_dissent,
        is_below_minimum=_is_below(situation.grade, minimum),
        is_required=situation.is_required,
        is_waived=situation.is_waived,
    )
    if tls is not None:
        facts = _add_session(facts, tls, hop.server.software if hop.server else None)
    client = hop.client
    if client and client.address and facts.scope is Scope.PUBLIC and facts.kind in TAKEN_KINDS:
        facts = _add_client(facts, client, client.address, hop, ground)
    return facts


def is_unremarkable(hop: Hop, situation: Situation, minimum: Grade | None) -> bool:
    """Tell at a glance that no rule can have anything to say, as of four hops of five."""
    weighed = situation.weighed
    tls, transport = weighed.tls, weighed.decision.transport
    if transport is Transport.PLAINTEXT or weighed.has_dissent or minimum is not None:
        return False
    if situation.scope is Scope.PUBLIC and situation.kind in TAKEN_KINDS:
        # The client's name may be an operator's.
        helo = hop.client.helo if hop.client else None
        if transport is not Transport.ENCRYPTED or (helo and find_operator_of_host(helo)):
            return False
    if tls is None:
        return True
    return situation.grade in _QUIET and not tls.conflicts and tls.client_certificate is None


_QUIET: Final = frozenset({None, Grade.MODERN, Grade.GOOD, Grade.UNKNOWN})


def _is_below(grade: Grade | None, minimum: Grade | None) -> bool:
    if grade is None or minimum is None or Grade.UNKNOWN in {grade, minimum}:
        return False
    return _WORST_FIRST.index(grade) < _WORST_FIRST.index(minimum)


def _add_session(facts: Facts, tls: Tls, software: str | None) -> Facts:
    suite, certificate = tls.suite, tls.client_certificate
    if facts.grade in _QUIET and not tls.conflicts and certificate is None:
        return facts
    return facts._replace(
        is_null=suite is not None and suite.bits < MIN_BITS,
        is_deprecated=tls.version in _DEPRECATED,
        has_no_secrecy=suite is not None and find_suite_rule(suite) == "no-forward-secrecy",
        has_failed_certificate=certificate is not None and _has_failed(certificate, software),
        understates=TlsConflict.KEYWORD_UNDERSTATES in tls.conflicts,
        is_inconsistent=not _INCONSISTENT.isdisjoint(tls.conflicts),
    )


def _has_failed(certificate: str, software: str | None) -> bool:
    if software is not None and software.startswith(_VAGUE_ON_CERTIFICATES):
        return False
    return _failed(certificate) is not None


def _add_client(
    facts: Facts,
    client: Client,
    address: IPv4Address | IPv6Address,
    hop: Hop,
    ground: Ground | None,
) -> Facts:
    """Who the client is, and who it says to be."""
    helo = client.helo
    operator = find_operator_of_host(helo) if helo else None
    is_impersonated = operator is not None and is_foreign(address, operator)
    if not is_impersonated and facts.transport is not Transport.PLAINTEXT:
        return facts
    name = find_verified_name(hop)
    proven = find_operator_of_client(address, name)
    if operator is not None and is_impersonated and proven != operator:
        facts = facts._replace(
            impersonated=operator, is_encrypting_operator=find_operator(operator).always_tls
        )
    is_encrypting = proven is not None and find_operator(proven).always_tls
    if ground is not None and name is not None and ground.is_encrypted_sender(name):
        # A provider's customers have names of its domain, too, and habits of their own.
        is_encrypting = is_encrypting or not is_named_by_address(client)
    return facts._replace(is_encrypted_sender=is_encrypting)
