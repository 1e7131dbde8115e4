"""The tables of the README are complete, and say what the library does."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from pydantic import BaseModel

from headertls.classifier.finding_rules import CHAIN_MESSAGES, RULES
from headertls.models import (
    Evidence,
    FindingCode,
    Headline,
    Hop,
    Policy,
    Profile,
    Severity,
    Site,
    Tls,
    Trace,
    Transport,
    Verdict,
)

README: Final = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def iter_rows(head: str) -> Iterator[list[str]]:
    """Give the cells of the table of which the first cell is *head*."""
    table = README.partition(f"\n| {head} |")[2].partition("\n\n")[0]
    for line in table.split("\n")[2:]:
        yield [cell.strip() for cell in line.strip("| ").split(" | ")]


def write_weights(high: Severity | None, medium: Severity | None) -> str:
    """Write a cell of the table: in brackets where the confidence is medium."""
    if high is None:
        return "none"
    return high.value if high is medium or medium is None else f"{high.value} ({medium.value})"


def test_every_finding_has_its_row() -> None:
    """The table has each code once, with the severities that the rules give it."""
    expected: dict[str, list[str]] = {}
    for rule in RULES:
        weights = rule.weights
        cells = [
            write_weights(weights.trusted, weights.trusted_medium),
            write_weights(weights.claim, weights.claim_medium),
        ]
        expected.setdefault(rule.code.value, cells)
    expected |= {code.value: ["info", "info"] for code in CHAIN_MESSAGES}
    rows = list(iter_rows("finding"))

    assert [code.value for code in FindingCode] == [row[0].strip("`") for row in rows]
    assert expected == {row[0].strip("`"): row[2:] for row in rows}


@pytest.mark.parametrize(
    ("head", "model"),
    [
        ("field of a hop", Hop),
        ("field of `tls`", Tls),
        ("field of a verdict", Verdict),
        ("field of evidence", Evidence),
        ("field of a trace", Trace),
        ("field of a site", Site),
        ("field of a policy", Policy),
    ],
)
def test_every_field_is_told(head: str, model: type[BaseModel]) -> None:
    """The tables name the fields of the models, all of them and no others."""
    told = [name for row in iter_rows(head) for name in re.findall(r"`(\w+)`", row[0])]

    assert sorted(model.model_fields) == sorted(told)


def test_words_of_enums_are_told() -> None:
    """Transports, headlines and profiles are named, all of them."""
    assert [f"`{transport}`" for transport in Transport] == [
        row[0] for row in iter_rows("`transport`")
    ]
    for word in (*Headline, *Profile):
        assert f"`{word}`" in README
