"""The words that only the drawings need; all others are those of the other reports."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from headertls.models import Continuity, Headline, Kind, Reorigin, Transport

HEADLINES: Final[Mapping[Headline, str]] = MappingProxyType(
    {
        Headline.ENTERED_ENCRYPTED: "Came in encrypted",
        Headline.ENTERED_PLAINTEXT: "Came in plaintext",
        Headline.ENTERED_NOT_RECORDED: "Came in, TLS not recorded",
        Headline.INTERNAL_ONLY: "Never left the house",
        Headline.NO_TRACE: "No trace",
    }
)
"""A headline in a few words."""

TRANSPORT_CLASSES: Final[Mapping[Transport | None, str]] = MappingProxyType(
    {
        None: "htls-none",
        Transport.ENCRYPTED: "htls-enc",
        Transport.PLAINTEXT: "htls-plain",
        Transport.NOT_RECORDED: "htls-unrec",
        Transport.NOT_APPLICABLE: "htls-none",
    }
)
"""How the stretch between two hosts is drawn: solid, dashed, dotted, thin."""

HEADLINE_CLASSES: Final[Mapping[Headline, str]] = MappingProxyType(
    {
        Headline.ENTERED_ENCRYPTED: TRANSPORT_CLASSES[Transport.ENCRYPTED],
        Headline.ENTERED_PLAINTEXT: f"{TRANSPORT_CLASSES[Transport.PLAINTEXT]} htls-loud",
        Headline.ENTERED_NOT_RECORDED: TRANSPORT_CLASSES[Transport.NOT_RECORDED],
        Headline.INTERNAL_ONLY: TRANSPORT_CLASSES[None],
        Headline.NO_TRACE: TRANSPORT_CLASSES[None],
    }
)

GAPS: Final[Mapping[Continuity | None, str]] = MappingProxyType(
    {
        None: "",
        Continuity.EXACT: "",
        Continuity.ADDRESS: "",
        Continuity.ORGANIZATION: "another name of one domain: taken for the same house",
        Continuity.OPERATOR: "another name of one mail operator",
        Continuity.BREAK: "gap: a line is missing here, or names changed",
    }
)
"""What is written between a host and the next one, where they are not one."""

JOINED: Final = frozenset({Continuity.EXACT, Continuity.ADDRESS})
"""The server of a hop and the client of the next one are one host, and drawn as one."""

REORIGINS: Final[Mapping[Reorigin | None, str]] = MappingProxyType(
    {
        None: "",
        Reorigin.LIST: "sent out anew by a mailing list",
        Reorigin.FORWARD: "forwarded to another domain",
        Reorigin.RETRIEVAL: "fetched from a mailbox",
    }
)

SESSIONLESS: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.NOTE: "a server's note",
        Kind.LOCAL: "handed in on one machine",
        Kind.STORE: "stored inside the provider",
        Kind.DELIVERY: "delivered to the mailbox",
        Kind.FILTER: "through a filter on one machine",
        Kind.WEB: "handed in over the web",
        Kind.RETRIEVAL: "fetched from a mailbox",
        Kind.OTHER: "not by SMTP",
        Kind.LIST: "sent out by a mailing list",
        Kind.SUBMISSION: "handed in",
        Kind.RELAY: "passed on",
    }
)
"""What stands on a stretch that no network session made."""

TITLE: Final = "How this message was transported"
TITLE_OF_MANY: Final = "How these messages were transported"
PATH: Final = "The path of the message, oldest hop first"
HOP: Final = "A hop of a message"
VERDICT: Final = "What a hop means"
FINDINGS: Final = "Findings"
MESSAGES: Final = "Messages"
NO_FINDINGS: Final = "Findings: none."
CLAIM: Final = "claim"
BOUNDARY: Final = "Trust boundary"
BOUNDARY_INFERRED: Final = "Trust boundary, as far as the lines show"
BOUNDARY_NOTE: Final = "above: claims, which came with the message and cannot be checked"
EVIDENCE: Final = "and how we know"
KEY: Final = "In the lines, what is marked so "
EXPLANATION: Final = "In sentences"
ABOUT: Final = (
    "All of this is about the record: that a line records no TLS does not say that its sender"
    " cannot do TLS, and a session that was encrypted need not have been authenticated."
)
