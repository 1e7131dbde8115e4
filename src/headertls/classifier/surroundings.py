"""What the header says around the trace lines, and which of it own servers wrote."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from headertls.classifier.ground import Ground
from headertls.classifier.kinds import CONNECTION_KINDS
from headertls.classifier.transport_rules import TERMINATED, Decision
from headertls.models import (
    Confidence,
    Evidence,
    EvidenceLevel,
    Hop,
    Kind,
    MessageProtection,
    Tls,
    Transport,
    Witness,
)


class Statement(NamedTuple):
    """The value of an `Authentication-Results` field, unread."""

    value: str
    authserv_id: str | None
    received_above: int


class Surroundings(NamedTuple):
    """Fields of a message other than its trace lines, as far as they bear on the verdict."""

    witnesses: tuple[Witness, ...] = ()
    statements: tuple[Statement, ...] = ()
    is_waived: bool = False
    """The author waived TLS: `TLS-Required: No` (RFC 8689, 5)."""
    required_below: int | None = None
    """How many `Received` fields stand above the one that tells of REQUIRETLS."""
    is_listed: bool = False
    """It came by a mailing list (RFC 2919)."""
    protection: MessageProtection | None = None


NOTHING: Final = Surroundings()


class Wall(NamedTuple):
    """Where in the header the trust boundary runs."""

    above: int
    """`Received` fields of the message down to the boundary, the boundary's own line among them."""
    authserv_ids: frozenset[str]

    def is_own(self, received_above: int, authserv_id: str | None) -> bool:
        """Tell whether own servers wrote a field, by its place, or by the name of who speaks.

        Milters write below the line of the server that they work for, but below no older one.
        """
        if received_above < self.above:
            return True
        is_next = received_above == self.above
        return is_next and authserv_id is not None and authserv_id.lower() in self.authserv_ids


def build_wall(trusted: int, ground: Ground | None, *, is_synthetic: bool) -> Wall:
    """Find the wall below *trusted* hops, the newest of which may stand in no header."""
    ids = ground.authserv_ids if ground else frozenset[str]()
    return Wall(trusted - is_synthetic, ids)


class Weighed(NamedTuple):
    """A decision with what speaks for and against it, and the session that it is about."""

    decision: Decision
    tls: Tls | None
    evidence_for: tuple[Evidence, ...]
    evidence_against: tuple[Evidence, ...]
    has_dissent: bool = False
    """A witness says otherwise."""


WITNESS_TLS: Final = Decision(
    "witness-tls",
    Transport.ENCRYPTED,
    Confidence.HIGH,
    "This line records no TLS, but its server told in another field of a TLS session.",
)
WITNESS_PLAINTEXT: Final = Decision(
    "witness-plaintext",
    Transport.PLAINTEXT,
    Confidence.HIGH,
    "This line records no TLS, and its server says so in another field.",
)
WITNESS_DENIES: Final = Decision(
    "witness-denies",
    Transport.NOT_RECORDED,
    None,
    "This line has the word for a TLS session, but its server says in another field that there"
    " was none.",
)
_SAID_OUTRIGHT: Final = frozenset({"version-none", "null-suite", "export-suite", "says-plaintext"})


def hear_witnesses(hop: Hop, kind: Kind, weighed: Weighed, witnesses: Iterator[Witness]) -> Weighed:
    """Weigh what own servers wrote elsewhere about the connection of *hop*.

    The stronger statement wins: detail beats keyword, and a line's own details beat all but the
    running server. Whatever loses is kept as evidence against.
    """
    if kind not in CONNECTION_KINDS or hop.live:
        return weighed
    for witness in witnesses:
        pieces = witness.tls.evidence if witness.tls else witness.marks
        if witness.tls is not None:
            weighed = _hear_of_tls(weighed, witness.tls, pieces)
        else:
            weighed = _hear_of_none(weighed, pieces)
    return weighed


def _hear_of_tls(weighed: Weighed, tls: Tls, pieces: tuple[Evidence, ...]) -> Weighed:
    decision = weighed.decision
    if decision.transport is Transport.ENCRYPTED:
        better = weighed.tls if weighed.tls and (weighed.tls.version or weighed.tls.suite) else tls
        return weighed._replace(tls=better, evidence_for=(*weighed.evidence_for, *pieces))
    if decision.rule in _SAID_OUTRIGHT:
        return _note_dissent(weighed, pieces)
    against = (*weighed.evidence_for, *weighed.evidence_against)
    is_dissent = decision.transport is Transport.PLAINTEXT
    return Weighed(WITNESS_TLS, tls, pieces, against, has_dissent=is_dissent)


def _hear_of_none(weighed: Weighed, pieces: tuple[Evidence, ...]) -> Weighed:
    decision = weighed.decision
    if decision.rule == TERMINATED:
        # The server sees no TLS either way.
        return weighed._replace(evidence_against=(*weighed.evidence_against, *pieces))
    if decision.transport is not Transport.ENCRYPTED:
        if decision.rule in _SAID_OUTRIGHT:
            return weighed._replace(evidence_for=(*weighed.evidence_for, *pieces))
        return weighed._replace(
            decision=WITNESS_PLAINTEXT, evidence_for=(*weighed.evidence_for, *pieces)
        )
    levels = {piece.level for piece in weighed.evidence_for}
    if EvidenceLevel.DETAIL in levels:
        return _note_dissent(weighed, pieces)
    return Weighed(WITNESS_DENIES, None, pieces, weighed.evidence_for, has_dissent=True)


def _note_dissent(weighed: Weighed, pieces: tuple[Evidence, ...]) -> Weighed:
    return weighed._replace(evidence_against=(*weighed.evidence_against, *pieces), has_dissent=True)


def find_own_witnesses(surroundings: Surroundings, wall: Wall) -> Iterator[Witness]:
    """Give the witnesses that own servers wrote, topmost first.

    Of those below the boundary's own line, only the topmost that bears an own name: what a sender
    forged stands further down.
    """
    for witness in surroundings.witnesses:
        if wall.is_own(witness.received_above, witness.authserv_id):
            yield witness
            if witness.received_above >= wall.above:
                return


def find_own_statements(surroundings: Surroundings, wall: Wall) -> tuple[str, ...]:
    """Give the values of the `Authentication-Results` fields that own servers wrote."""
    return tuple(
        found.value
        for found in surroundings.statements
        if wall.is_own(found.received_above, found.authserv_id)
    )
