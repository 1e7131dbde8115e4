"""The words for what the models hold, one table for each enum.

All speak of the record: what a line leaves out says nothing of what its sender can do.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from headertls.models import (
    Confidence,
    Headline,
    Kind,
    Scope,
    Severity,
    Transport,
)

HEADLINES: Final[Mapping[Headline, str]] = MappingProxyType(
    {
        Headline.ENTERED_ENCRYPTED: (
            "the message came in from {client} to {server}, which records TLS."
        ),
        Headline.ENTERED_PLAINTEXT: (
            "the message came in from {client} to {server}, which records no TLS:"
            " it {probably}came in plaintext."
        ),
        Headline.ENTERED_NOT_RECORDED: (
            "the message came in from {client} to {server}, which does not record"
            " whether TLS was used."
        ),
        Headline.INTERNAL_ONLY: "the message never left the house: no line records a connection"
        " from outside.",
        Headline.NO_TRACE: "the message has no trace: it holds no Received line.",
    }
)
"""How the message came in; the start is lower case for the sake of `INFERRED`."""

GAP: Final = (
    "it cannot be told how the message came in: a line of its trace is missing, cannot be read, or"
    " was written by none of the own servers."
)
"""The headline where lines are there, but not the one of the entry."""

INFERRED: Final = "As far as the lines show, "
"""Said before a headline that rests on a guessed trust boundary."""

KINDS: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.NOTE: "note",
        Kind.LOCAL: "local",
        Kind.STORE: "store",
        Kind.DELIVERY: "delivery",
        Kind.FILTER: "filter",
        Kind.WEB: "web",
        Kind.RETRIEVAL: "retrieval",
        Kind.OTHER: "not SMTP",
        Kind.LIST: "list",
        Kind.SUBMISSION: "submission",
        Kind.RELAY: "relay",
    }
)
"""A word for a column."""

EVENTS: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.NOTE: "{server} wrote a note about its own work",
        Kind.LOCAL: "a program or user on {server} itself handed the message in",
        Kind.STORE: "{server} took the message from a mailbox or put it into one{where}",
        Kind.DELIVERY: "{server} took the message from {client}, for delivery{where}",
        Kind.FILTER: "the message went through a content filter, and {server} took it back",
        Kind.WEB: "{server} took the message from {client}, over a web page or interface{where}",
        Kind.RETRIEVAL: "{server} fetched the message from a mailbox at {client}{where}",
        Kind.OTHER: "{server} took the message from {client}, by something else than SMTP{where}",
        Kind.LIST: "a mailing list at {server} sent the message out anew",
        Kind.SUBMISSION: "{server} took the message from {client}, who had logged in{where}",
        Kind.RELAY: "{server} took the message from {client}{where}",
    }
)
"""What happened."""

SCOPES: Final[Mapping[Scope, str]] = MappingProxyType(
    {
        Scope.LOCAL: ", within one machine",
        Scope.PRIVATE: ", over a private network",
        Scope.PUBLIC: ", over the public internet",
        Scope.OPERATOR: ", inside one mail operator's network",
        Scope.ORGANIZATION: ", inside one organization but over public addresses",
        Scope.BEHIND_NAT: ", from behind an address translator",
        Scope.PROXIED: ", through a proxy on the server itself",
        Scope.DOCUMENTATION: ", from an address that is kept for documentation",
        Scope.INVALID: ", from an address that no host can have",
        Scope.UNKNOWN: ", from an address that the line does not tell",
    }
)
"""Where it happened; the text for `{where}` in `EVENTS`."""

PLACES: Final[Mapping[Scope, str]] = MappingProxyType(
    {
        Scope.LOCAL: "one machine",
        Scope.PRIVATE: "private",
        Scope.PUBLIC: "internet",
        Scope.OPERATOR: "one operator",
        Scope.ORGANIZATION: "in-house",
        Scope.BEHIND_NAT: "behind NAT",
        Scope.PROXIED: "by proxy",
        Scope.DOCUMENTATION: "no real address",
        Scope.INVALID: "no real address",
        Scope.UNKNOWN: "place unknown",
    }
)
"""The same for a column."""

TRANSPORTS: Final[Mapping[Transport, str]] = MappingProxyType(
    {
        Transport.ENCRYPTED: "encrypted",
        Transport.PLAINTEXT: "plaintext",
        Transport.NOT_RECORDED: "unrecorded",
        Transport.NOT_APPLICABLE: "no session",
    }
)
"""A word for a column, where the kind does not say more."""

CONFIDENCES: Final[Mapping[Confidence | None, str]] = MappingProxyType(
    {None: "", Confidence.HIGH: "", Confidence.MEDIUM: "probably ", Confidence.LOW: "perhaps "}
)
"""Said before a verb."""

DOUBTS: Final[Mapping[Confidence | None, str]] = MappingProxyType(
    {None: "", Confidence.HIGH: "", Confidence.MEDIUM: "?", Confidence.LOW: "?"}
)
"""A sign behind a word in a column; `DOUBT_NOTE` explains it."""

SEVERITIES: Final[Mapping[Severity, str]] = MappingProxyType(
    {severity: severity.value.upper() for severity in Severity}
)

CLAIM: Final = "a claim that cannot be checked says that "
"""Said before what happened by a line below the trust boundary."""

FLAG_NOTE: Final = "flagged"
ENTRY_NOTE: Final = "the way in"
CLAIM_NOTE: Final = "a claim: cannot be checked"
DOUBT_NOTE: Final = "not certain"
BOUNDARY_NAME: Final = "trust boundary"
BOUNDARY_NOTE: Final = "the lines above are claims"

NOTES_HINT: Final = "--explain tells what they mean."
