"""Whole traces of providers and set-ups: who wrote which line, and how the message came in."""

import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from headertls import Site, analyze, redact

TRACES: Final[list[dict[str, Any]]] = tomllib.loads(
    (Path(__file__).parent / "mail" / "traces.toml").read_text(encoding="utf-8")
)["trace"]
_FIELDS: Final = ("headline", "entry", "trust", "findings")


def project(text: str, site: Site | None = None) -> dict[str, Any]:
    """Write a trace as `traces.toml` does: what is absent is left out."""
    trace = analyze(text.encode(), site=site)
    hops = trace.hops[::-1]
    fields: dict[str, Any] = {
        "headline": trace.headline.value,
        "trust": " ".join(hop.verdict.trust.value for hop in hops if hop.verdict),
    }
    if trace.entry is not None:
        fields["entry"] = hops.index(trace.entry)
    if trace.findings:
        fields["findings"] = [f"{f.severity.value} {f.code.value}" for f in trace.findings]
    if trace.boundary_inferred:
        fields["inferred"] = True
    return fields


def expect(told: dict[str, Any]) -> dict[str, Any]:
    """What `told` says of a trace."""
    return {name: told[name] for name in _FIELDS if name in told}


@pytest.mark.parametrize("told", TRACES, ids=lambda told: told["title"])
def test_trace_without_a_site(told: dict[str, Any]) -> None:
    """The boundary is inferred where an expert would draw it, and no further down."""
    assert {**expect(told), "inferred": True} == project(told["text"])


@pytest.mark.parametrize(
    "told", [told for told in TRACES if "site" in told], ids=lambda told: told["title"]
)
def test_trace_with_its_site(told: dict[str, Any]) -> None:
    """The servers that an administrator would declare are own, and no others."""
    sited = told.get("sited", told)
    is_inferred = {"inferred": True} if sited.get("inferred") else {}

    assert {**expect(sited), **is_inferred} == project(told["text"], Site(**told["site"]))


@pytest.mark.parametrize("told", TRACES, ids=lambda told: told["title"])
def test_redacted_trace_is_judged_as_the_original(told: dict[str, Any]) -> None:
    """Names and addresses are replaced, but not who is whose neighbour."""
    assert project(told["text"]) == project(redact(told["text"].encode()))
