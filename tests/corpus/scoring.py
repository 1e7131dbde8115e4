"""Compare a hop with the hand-made labels of a line, field by field."""

from datetime import UTC
from typing import Any

from headertls import parse_received
from headertls.classifier import classify
from headertls.models import Hop, Kind
from headertls.net.scope import find_reach

# What the labels call the kinds of `headertls.models.Kind`. They go by the word of the line, ours
# by the event, so several of ours are right for one of theirs.
_KINDS = {
    "smtp": {Kind.RELAY, Kind.SUBMISSION, Kind.DELIVERY, Kind.FILTER, Kind.LIST, Kind.NOTE, Kind.OTHER},
    "http": {Kind.WEB, Kind.STORE},
    "retrieval": {Kind.RETRIEVAL},
    "store": {Kind.STORE},
    "local": {Kind.LOCAL, Kind.NOTE},
    "unknown": {Kind.NOTE, Kind.OTHER, Kind.RELAY},
}  # fmt: skip
_SCOPES = {"public": "public", "loopback": "loopback", None: "unknown"}


def read_labels(header: str) -> dict[str, Any]:
    """The line as the labels would have it."""
    hop = parse_received(header)
    client, server, tls = hop.client, hop.server, hop.tls
    address = client.address if client else None
    return {
        "helo": client.helo if client else None,
        "rdns": client.rdns if client else None,
        "ip": str(address).lower() if address else None,
        "by": server.name if server else None,
        "by_ip": str(server.address) if server and server.address else None,
        "protocol": hop.protocol,
        "via": hop.via,
        "id": hop.id,
        "for": list(hop.recipients),
        "envelope_from": hop.envelope_from,
        "auth": hop.auth is not None,
        "tls_version": _label_version(hop),
        "tls_cipher": tls.cipher if tls else None,
        "tls_bits": tls.bits if tls else None,
        "tls_mark": "yes" if tls else "no",
        "kind": classify(hop).kind,
        "scope": _label_scope(hop),
        "date": hop.timestamp.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if hop.timestamp
        else None,
    }


def is_equal(field: str, label: Any, read: Any) -> bool:
    """Whether *read* is what the *label* of *field* says."""
    if field == "kind":
        return read in _KINDS[label]
    if field == "rdns" and label and read:
        return label.rstrip(".") == read
    return bool(label == read)


def _label_version(hop: Hop) -> str | None:
    # The labels take `TLSv1/SSLv3` for 1.0 and know no version that only the suite tells.
    if hop.tls is None or hop.tls.stated_version is None:
        return None
    if hop.tls.stated_version.lower() == "tlsv1/sslv3":
        return "TLSv1.0"
    return hop.tls.version


def _label_scope(hop: Hop) -> str:
    if hop.client is None or hop.client.address is None:
        return "unknown"
    reach = find_reach(hop.client.address)
    return reach if reach in ("public", "loopback") else "private"
