"""Real lines, kept outside the repository: how many are read right.

Run with the environment variable `HEADERTLS_CORPUS` naming the folder that holds them.
"""

import gzip
import json
import os
import re
from collections import Counter
from datetime import UTC
from pathlib import Path
from typing import Any, Final

import pytest

from headertls import Hop, Kind, analyze, parse_received
from headertls.classifier import classify
from headertls.net.scope import find_reach
from headertls.tls import find_suite

FOLDER: Final = os.environ.get("HEADERTLS_CORPUS")
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FOLDER, reason="HEADERTLS_CORPUS is not set"),
]

# A loose look at the whole line, made apart from the grammar: what looks like a version or cipher.
_VERSION: Final = re.compile(
    r"(?<![\w.])(?:TLSv?1(?:[._][0-3])?|SSLv[23])(?:/SSLv3)?(?![\w.]*\w\.)\b"
)
_CIPHER: Final = re.compile(r"[A-Z0-9][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+){2,}")


# What the labels call the kinds of `headertls.models.Kind`. They go by the word of the line, ours
# by the event, so several of ours are right for one of theirs.
_KINDS: Final = {
    "smtp": {
        Kind.RELAY, Kind.SUBMISSION, Kind.DELIVERY, Kind.FILTER, Kind.LIST, Kind.NOTE, Kind.OTHER,
    },
    "http": {Kind.WEB, Kind.STORE, Kind.NOTE},
    "retrieval": {Kind.RETRIEVAL},
    "store": {Kind.STORE},
    "local": {Kind.LOCAL, Kind.NOTE},
    "unknown": {Kind.NOTE, Kind.OTHER, Kind.RELAY},
}  # fmt: skip


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


def read_lines(name: str) -> list[dict[str, Any]]:
    path = Path(FOLDER or "") / name
    data = path.read_bytes()
    text = (gzip.decompress(data) if name.endswith(".gz") else data).decode()
    return [json.loads(line) for line in text.splitlines() if line]


def read_received() -> list[str]:
    return [
        value for message in read_lines("received-dev.jsonl.gz") for value in message["received"]
    ]


def test_labelled_lines_are_read_right() -> None:
    """At least 98 % of all fields agree with the labels made by hand, and 96 % of any one."""
    wrong: Counter[str] = Counter()
    labelled = read_lines("labels-dev.jsonl")
    fields = 0
    for label in labelled:
        for field, read in read_labels(label["header"]).items():
            fields += 1
            wrong[field] += not is_equal(field, label[field], read)

    print(f"\n{fields} fields of {len(labelled)} lines, {wrong.total()} wrong: {+wrong}")
    assert wrong.total() <= 0.02 * fields
    assert max(wrong.values()) <= 0.04 * len(labelled)


def test_every_stated_cipher_and_version_is_found() -> None:
    """What a loose look at a line takes for a version or a suite is in the hop."""
    missed: list[str] = []
    stated = 0
    for value in read_received():
        text = value.replace("=3D", "=")
        tls = parse_received(value).tls
        ciphers = {word for word in _CIPHER.findall(text) if find_suite(word)}
        versions = set(_VERSION.findall(text))
        stated += len(ciphers) + len(versions)
        if (ciphers and (tls is None or tls.cipher not in ciphers)) or (
            versions and (tls is None or tls.stated_version not in versions)
        ):
            missed.append(value)

    print(f"\n{stated} statements, {len(missed)} lines with a missed one")
    print(*(" ".join(value.split()) for value in missed), sep="\n")
    assert missed == []


def test_every_line_and_block_is_read_without_an_error() -> None:
    """No real line raises, and whole header blocks come to a verdict for each hop."""
    for value in read_received():
        parse_received(value)
    for block in read_lines("header-blocks-dev.jsonl.gz"):
        trace = analyze(block["headers"].encode("utf-8", "surrogateescape"))
        assert all(hop.verdict for hop in trace)
