"""What a site's own mail says of its writers and its senders."""

from enum import StrEnum

from headertls.models.base import Model
from headertls.models.site import Marking, Site


class Outcome(StrEnum):
    """What came of the evidence on a writer."""

    LEARNED = "learned"
    """It says more than was known, and is part of the site."""
    COVERED = "covered"
    """The row of its software says the same, and is part of the site."""
    AGREES = "agrees"
    """It says what is known, or less."""
    CONTRADICTS = "contradicts"
    """The product is known to mark TLS, and all its lines are silent: the server offers no TLS, or
    TLS ends before it. Nothing was learned; somebody has to look."""
    MIXED = "mixed"
    """It marks some TLS sessions and not others, as far as can be seen. Nothing was learned."""
    TOO_FEW = "too-few"
    """Too few lines, or of too few senders, to say anything."""


class WriterEvidence(Model):
    """The lines of one writer, counted: mail taken over public addresses from other servers."""

    name: str
    """The software in lower case, or the host (`by`)."""
    marked: int
    """Lines with TLS."""
    unmarked: int
    """Lines without a word of TLS, in which a writer that marks TLS would have one."""
    reference_marked: int
    """Lines with TLS among those from reference senders: mail operators that always use TLS, by
    their table, and networks that do by the lines of the other own writers."""
    reference_unmarked: int
    """Lines without TLS among these."""
    proven_unmarked: int
    """Lines without TLS whose session was encrypted, as another field of the same server tells."""
    senders: int
    """The reference senders from which lines came."""
    known: tuple[Marking, ...]
    """What the library or the given site says of the writer of these lines."""
    found: Marking | None
    """What the lines say; `None` where they are too few or do not agree."""
    outcome: Outcome
    """What came of it."""


class SenderEvidence(Model):
    """The messages of one sending organisation, by its verified names."""

    domain: str
    """The registrable domain."""
    encrypted: int
    """Lines on mail from it that record TLS."""
    plaintext: int
    """Lines that record none, without those by writers whose silence says nothing."""
    weeks: int
    """The weeks in which encrypted mail came."""
    known: bool
    """It is watched already: by the table of mail operators, or by the given site."""
    learned: bool
    """It always uses TLS, which was not known, and is part of the site."""


class Calibration(Model):
    """What was learned, and from what."""

    messages: int
    """Messages that were read."""
    unreadable: int
    """Messages that could not be read."""
    duplicates: int
    """Messages left out, for their Message-ID was met before."""
    inferred: int
    """Messages of which the own servers were inferred, for want of a site that names them."""
    complete: bool
    """False where there were more different writers and senders than are counted: then nothing
    was learned."""
    software: tuple[WriterEvidence, ...]
    """By software, those with most lines first."""
    hosts: tuple[WriterEvidence, ...]
    """By host."""
    senders: tuple[SenderEvidence, ...]
    """Senders with enough encrypted mail to be judged, those with most first."""
    site: Site
    """The given site, with what was learned."""
