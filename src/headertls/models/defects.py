"""How a line or a message departs from the standards."""

from enum import StrEnum

from headertls.models.base import HeaderTlsError, Model


class DefectError(HeaderTlsError):
    """A recorded `Defect`, raised because the caller asked for strictness."""


class DefectKind(StrEnum):
    """In what way a line or message departs from the standards, or could not be read."""

    NO_CLAUSES = "no-clauses"
    """Neither a `from` nor a `by` clause was found: the text is no trace line of a known form."""
    DUPLICATE_CLAUSE = "duplicate-clause"
    """A clause that may stand once stands twice; the second one adds no evidence."""
    EMPTY_CLAUSE = "empty-clause"
    """A clause keyword has no value."""
    UNBALANCED_BRACKET = "unbalanced-bracket"
    """A round bracket has no partner."""
    HELO_SYNTAX = "helo-syntax"
    """The HELO argument holds brackets or blanks that could pass for text of the server."""
    BAD_ADDRESS = "bad-address"
    """The text in the place of the client's or server's address is not an IP address."""
    NO_DATE = "no-date"
    """The line has no time stamp."""
    BAD_DATE = "bad-date"
    """The time stamp cannot be read."""
    NO_ZONE = "no-zone"
    """The time stamp names no (known) zone, so the instant is not known."""
    NO_SEMICOLON = "no-semicolon"
    """The time stamp is not set off by a semicolon (RFC 5322, 3.6.7)."""
    TEXT_AFTER_DATE = "text-after-date"
    """Text that could change the verdict follows the time stamp on a line of its own: whoever sent
    the message may have written it, so it was not read."""
    TRANSPORT_DAMAGE = "transport-damage"
    """Leftovers of quoted-printable or HTML (`=3D`, `&lt;`), dots in brackets (`[.]`), quotes
    around the whole, or a fold within a word were read through."""
    UNDECODABLE = "undecodable"
    """Octets that are neither ASCII nor UTF-8 were replaced by escapes."""
    FIELD_TOO_LONG = "field-too-long"
    """The field was cut at `MAX_FIELD` characters."""
    TOO_MANY_TOKENS = "too-many-tokens"
    """Reading stopped at `MAX_TOKENS` tokens."""
    COMMENT_TOO_DEEP = "comment-too-deep"
    """A comment nests deeper than `MAX_COMMENT_DEPTH`."""
    TLS_TEXT_TOO_LONG = "tls-text-too-long"
    """A text that may speak of TLS is longer than `MAX_TLS_TEXT` and was not read."""
    TLS_TEXT_UNREAD = "tls-text-unread"
    """A comment or left-over words seem to speak of TLS, in a wording that no rule reads."""
    NO_OWN_LINE = "no-own-line"
    """The newest line is by no server of the given `Site`, so nothing in the trace is trusted."""
    TOO_MANY_HOPS = "too-many-hops"
    """The message has more than `MAX_HOPS` trace lines; the older ones were left out."""
    HEADER_TOO_LONG = "header-too-long"
    """The header block was cut at `MAX_HEADER` octets."""
    NUL_OCTET = "nul-octet"
    """The header block holds NUL octets."""
    BAD_FIELD = "bad-field"
    """A line of the header block is neither a field nor the continuation of one."""
    PASTED = "pasted"
    """The header block was repaired: it was indented, quoted or broken by a mail client."""


class Defect(Model):
    """A deviation that was met and worked around."""

    kind: DefectKind
    """In what way."""
    text: str = ""
    """The text that shows it, or a short explanation."""
