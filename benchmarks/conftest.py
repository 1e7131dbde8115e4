"""Lines and messages to measure with, and the ratios printed at the end.

Real lines are used where `HEADERTLS_CORPUS` names their folder, the project's fixtures otherwise.
"""

import gzip
import json
import os
import tomllib
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
CORPUS = os.environ.get("HEADERTLS_CORPUS")


def _read_corpus(name):
    with gzip.open(Path(CORPUS) / name, "rt") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="session")
def forms():
    """One line of every form that the fixtures hold."""
    files = sorted((ROOT / "tests" / "received").glob("*.toml"))
    cases = (case for file in files for case in tomllib.loads(file.read_text())["case"])
    return [case["text"] for case in cases]


@pytest.fixture(scope="session")
def diverse_lines(forms):
    """Lines of which hardly two have one shape: all but those of the largest source."""
    if not CORPUS:
        return forms
    mails = _read_corpus("received-dev.jsonl.gz")
    sources = Counter(mail["source"].partition("/")[0] for mail in mails)
    (largest, _), *_ = sources.most_common(1)
    return [v for mail in mails if not mail["source"].startswith(largest) for v in mail["received"]]


@pytest.fixture(scope="session")
def lines(forms):
    """Lines in the frequency in which mail has them."""
    if not CORPUS:
        return forms
    return [value for mail in _read_corpus("received-dev.jsonl.gz") for value in mail["received"]]


@pytest.fixture(scope="session")
def messages():
    """Header blocks as bytes."""
    if not CORPUS:
        return [path.read_bytes() for path in sorted((ROOT / "examples").glob("*.eml"))]
    blocks = _read_corpus("header-blocks-dev.jsonl.gz")
    return [block["headers"].encode("utf-8", "surrogateescape") for block in blocks]


RATIOS = defaultdict(list)


@pytest.fixture
def compare():
    """Record rounds of two contenders, taken in turn so that a slow phase hits both."""

    def record(name, ours, theirs, rounds):
        for _ in range(rounds):
            RATIOS[name].append((ours(), theirs()))

    return record


TOLD = []


@pytest.fixture
def tell():
    """Record seconds of several rounds, or a text alone."""

    def record(text, seconds=()):
        if seconds:
            low, mid, high = (1e3 * time for time in (min(seconds), median(seconds), max(seconds)))
            text += f": {mid:.1f} ms ({low:.1f} to {high:.1f})"
        TOLD.append(text)

    return record


def pytest_terminal_summary(terminalreporter):
    """Print, for each pair, the median of the ratios of its rounds; and times."""
    for text in TOLD:
        terminalreporter.write_line(text)
    for name, rounds in RATIOS.items():
        ratios = sorted(ours / theirs for ours, theirs in rounds)
        ours, theirs = (median(values) * 1e6 for values in zip(*rounds, strict=True))
        terminalreporter.write_line(
            f"{name}: ratio {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}),"
            f" {ours:.1f} against {theirs:.1f} µs"
        )
