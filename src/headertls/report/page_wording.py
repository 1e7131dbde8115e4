"""The words of the page that `Trace.explain` writes, one table for each enum."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from headertls.models import (
    Continuity,
    EvidenceKind,
    Grade,
    MessageProtection,
    Reorigin,
    Transport,
)

DECLARED: Final = (
    "Which servers are the reader's own was declared by the reader, so it is known where own lines"
    " end and claims begin."
)
SERVING: Final = (
    "The running server is the reader's own, so it is known where own lines end and claims begin."
)
INFERRED: Final = (
    "Which servers are the reader's own was not declared, so where own lines end and claims begin"
    " is inferred from the lines themselves. Declaring them settles it."
)
WRITER: Final = (
    "It came in by hop {number} of {count}. {server} took it there and wrote the line, so the"
    " sender could not choose what it says of the session."
)
NO_ENTRY: Final = "No line that can be trusted tells of a connection from outside."
LIVE_WRITER: Final = (
    "It came in by hop {number} of {count}, the connection that {server} was serving: the running"
    " server itself told the facts."
)

COUNTED: Final[Mapping[Transport, str]] = MappingProxyType(
    {
        Transport.ENCRYPTED: "{} encrypted",
        Transport.PLAINTEXT: "{} in plaintext",
        Transport.NOT_RECORDED: "{} that do not tell",
        Transport.NOT_APPLICABLE: "{} without a connection",
    }
)
"""For the counts of lines."""

NO_CONNECTION: Final = "none of which tells of encryption either way"
NO_LINES: Final = "none, which is no proof of encryption"

ORDER: Final = (
    "Newest line first, as they stand in the header. Each was written by the server that took the"
    " message; where nothing is said of it, the client is the one that wrote the next line."
)
RAW: Final = "The lines as they stand in the header, newest first."
NO_LINE: Final = "No line tells of this hop: the mail server that runs now told of it."
BOUNDARY: Final = "trust boundary ({how}): what follows came with the message"
HOW_DRAWN: Final[Mapping[bool, str]] = MappingProxyType({True: "inferred", False: "declared"})
"""Whether the boundary was inferred."""

STATES: Final[Mapping[Transport, str]] = MappingProxyType(
    {
        Transport.ENCRYPTED: "Encrypted",
        Transport.PLAINTEXT: "Plaintext",
        Transport.NOT_RECORDED: "Not recorded",
        Transport.NOT_APPLICABLE: "No connection",
    }
)
"""The first word on what a line records."""

NO_DETAIL: Final = "the line tells no detail"

GRADES: Final[Mapping[Grade, str]] = MappingProxyType(
    {
        Grade.PLAINTEXT: "plaintext",
        Grade.BROKEN: "broken",
        Grade.WEAK: "weak",
        Grade.DATED: "dated",
        Grade.GOOD: "good",
        Grade.MODERN: "modern",
        Grade.UNKNOWN: "not known",
    }
)

GRADED: Final = "Grades run from broken over weak, dated and good to modern, by {list}."
LISTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "default-2026": "this program's list of 2026, between BCP 195 and NCSC-NL",
        "bcp195": "BCP 195 (RFC 9325 with RFC 8996)",
        "ncsc-nl-2025": "the guidelines of NCSC-NL of 2025",
        "mozilla-intermediate": 'Mozilla\'s profile "intermediate"',
        "mozilla-modern": 'Mozilla\'s profile "modern"',
        "iana": 'the column "Recommended" of the IANA registry',
    }
)
"""By whose list a grade is, for `Trace.profile`."""

SPEAKERS: Final[Mapping[EvidenceKind, str]] = MappingProxyType(
    {
        EvidenceKind.NOTE: "a remark of the server's",
        EvidenceKind.CLAUSE: "its tls clause",
        EvidenceKind.PROTOCOL: 'the words behind "with"',
        EvidenceKind.VIA: 'the word behind "via"',
        EvidenceKind.PRODUCT: "the product's mark",
        EvidenceKind.AUTHENTICATION: "the words on the login",
        EvidenceKind.WITNESS: "another field of the server's",
        EvidenceKind.LIVE: "the running server",
    }
)
"""What sort of words evidence is."""

CHAIN: Final[Mapping[Continuity, str]] = MappingProxyType(
    {
        Continuity.EXACT: "",
        Continuity.ADDRESS: "",
        Continuity.ORGANIZATION: (
            "By the names that stand there, the client and the writer of the next line share only"
            " their domain."
        ),
        Continuity.OPERATOR: (
            "By name or address, the client and the writer of the next line share only their mail"
            " operator."
        ),
        Continuity.BREAK: (
            "The chain breaks here: the client is not who wrote the next line, so one is missing"
            " between them, or names changed on the way."
        ),
    }
)
"""How a line joins the next older one."""

REORIGINS: Final[Mapping[Reorigin, str]] = MappingProxyType(
    {
        Reorigin.LIST: (
            "A mailing list sent the message out anew: what is older is another journey."
        ),
        Reorigin.FORWARD: (
            "The message was sent on to an address in another domain: what is older is another"
            " journey."
        ),
        Reorigin.RETRIEVAL: (
            "The message was fetched from a mailbox: what is older is its way into that mailbox."
        ),
    }
)

THREE_THINGS: Final = (
    "Transport protection, origin authentication and message secrecy are three different things."
    " The hops tell of the first only: who could read along on the way, not who sent the message."
)
NO_RESULTS: Final = "Who sent it: no own server recorded results of SPF, DKIM, DMARC or ARC."
RESULTS: Final = "Who sent it: {who} found {what}."
UNNAMED_WRITER: Final = "an own server, which does not name itself,"
PARTIAL: Final = "Part of the field could not be read."

NO_PROTECTION: Final = (
    "The message itself: its header announces neither a signature nor encryption from end to end,"
    " so each server on the way could read it."
)
PROTECTIONS: Final[Mapping[MessageProtection, str]] = MappingProxyType(
    {
        MessageProtection.SMIME_ENCRYPTED: "encrypted from end to end by S/MIME",
        MessageProtection.SMIME_SIGNED: "signed by S/MIME, and not encrypted",
        MessageProtection.SMIME_COMPRESSED: "compressed by S/MIME, which protects nothing",
        MessageProtection.SMIME_UNKNOWN: "in an S/MIME envelope that does not tell what it holds",
        MessageProtection.PGP_ENCRYPTED: "encrypted from end to end by PGP",
        MessageProtection.PGP_SIGNED: "signed by PGP, and not encrypted",
        MessageProtection.PGP_INLINE_ENCRYPTED: "encrypted from end to end by PGP, in its text",
        MessageProtection.PGP_INLINE_SIGNED: "signed by PGP, in its text, and not encrypted",
        MessageProtection.PGP_INLINE_UNKNOWN: "in PGP armour that does not tell what it holds",
    }
)
PROTECTED: Final = "The message itself: announced as {how}. Nothing of that was checked here."
SUBJECT_NOTE: Final = "Subject and addresses stay readable on the way."
WAIVED: Final = (
    "The author waived TLS for this message (TLS-Required: No, RFC 8689), so plaintext is by wish,"
    " and findings on it weigh a level less."
)

LIMIT_PLAINTEXT: Final = (
    "A proxy that ends TLS in front of a mail server leaves a line that looks plain, and no header"
    ' tells. "Records no TLS" speaks of the record, not of what a sender can do.'
)
LIMIT_ENCRYPTED: Final = (
    "TLS between mail servers is opportunistic: as a rule the client checks no certificate of the"
    ' server. "Encrypted" defeats who only listens, not an attacker on the path who steps in.'
)
LIMIT_CERTIFICATE: Final = (
    "What lines say of certificates is about the client's. It says nothing of whether the client"
    " checked whom it talked to."
)
LIMIT_SILENT: Final = (
    "A writer that does not write of TLS leaves it open: the session may have been either."
)
LIMIT_CLAIMS: Final = (
    "Lines below the trust boundary are claims. Whoever sent the message could write them, in"
    " whole or in part."
)
LIMIT_MISSING: Final = "A server that wrote no line is not seen."
