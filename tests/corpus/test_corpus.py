"""Real lines, kept outside the repository: how many are read right.

Run with the environment variable `HEADERTLS_CORPUS` naming the folder that holds them.
"""

import gzip
import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest

from headertls import analyze, parse_received
from headertls.tls import find_suite
from tests.corpus.scoring import is_equal, read_labels

FOLDER: Final = os.environ.get("HEADERTLS_CORPUS")
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FOLDER, reason="HEADERTLS_CORPUS is not set"),
]

# A loose look at the whole line, made apart from the grammar: what looks like a version or a cipher.
_VERSION: Final = re.compile(r"(?<![\w.])(?:TLSv?1(?:[._][0-3])?|SSLv[23])(?:/SSLv3)?(?![\w.]*\w\.)\b")
_CIPHER: Final = re.compile(r"[A-Z0-9][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+){2,}")


def read_lines(name: str) -> list[dict[str, Any]]:
    path = Path(FOLDER or "") / name
    opened = gzip.open(path, "rt") if name.endswith(".gz") else path.open()
    with opened as lines:
        return [json.loads(line) for line in lines]


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
        if ciphers and (tls is None or tls.cipher not in ciphers):
            missed.append(value)
        elif versions and (tls is None or tls.stated_version not in versions):
            missed.append(value)

    print(f"\n{stated} statements, {len(missed)} lines with a missed one")
    print(*(" ".join(value.split()) for value in missed), sep="\n")
    assert len(missed) <= MISSED_LINES


MISSED_LINES: Final = 0


def test_every_line_and_block_is_read_without_an_error() -> None:
    """No real line raises, and whole header blocks come to a verdict for each hop."""
    for value in read_received():
        parse_received(value)
    for block in read_lines("header-blocks-dev.jsonl.gz"):
        trace = analyze(block["headers"].encode("utf-8", "surrogateescape"))
        assert all(hop.verdict for hop in trace)
