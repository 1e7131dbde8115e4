"""The words on which a verdict rests, each with its place."""

from enum import StrEnum

from headertls.models.base import Model

RECEIVED = "Received"
"""The field in which evidence stands, where nothing else is said."""


class EvidenceKind(StrEnum):
    """What sort of text a piece of evidence is, which tells who wrote it."""

    NOTE = "note"
    """A comment or set phrase of the server's, such as `(version=TLS1_3 cipher=...)`."""
    CLAUSE = "clause"
    """A `tls` clause (RFC 8314, section 4.3)."""
    PROTOCOL = "protocol"
    """The words behind `with`: the transmission type (RFC 3848, RFC 6531)."""
    VIA = "via"
    """The word behind `via`."""
    PRODUCT = "product"
    """The server software's own mark, on which the worth of its silence rests."""
    AUTHENTICATION = "authentication"
    """Words that say that the client logged in."""
    WITNESS = "witness"
    """Another header field in which a server told of the session."""
    LIVE = "live"
    """Facts handed over by the caller's own running mail server."""


class EvidenceLevel(StrEnum):
    """How strongly a piece of evidence speaks. Members are declared strongest first."""

    LIVE = "live"
    """Known to the caller's own server at the time of the session."""
    DETAIL = "detail"
    """A version, a cipher, a `tls` clause, or words that only a session of that state produces."""
    KEYWORD = "keyword"
    """A registered transmission type (RFC 3848, RFC 6531), or a phrase such as `(TLS)`."""
    INFORMAL = "informal"
    """An unregistered word, e.g. `SMTPS`, `essmtp`, `Google Transport Security`."""

    @property
    def rank(self) -> int:
        """The place in the falling order, 0 the strongest; compare this, never the text."""
        return _LEVEL_RANK[self]


_LEVEL_RANK = {level: rank for rank, level in enumerate(EvidenceLevel)}


class Evidence(Model):
    """A piece of the header that speaks of encryption, or of its absence."""

    kind: EvidenceKind
    """What sort of text it is."""
    level: EvidenceLevel
    """How strongly it speaks."""
    text: str
    """The words as they stand."""
    start: int
    """Offset in `Hop.raw`, or in the value of the field that `field` names:
    `raw[start:end] == text`."""
    end: int
    """Offset behind the last character."""
    field: str | None = RECEIVED
    """The header field in which it stands; `None` for what no header says (`live`)."""
    denies: bool = False
    """True for words that speak against encryption: outright, or because their writer would have
    chosen others."""
