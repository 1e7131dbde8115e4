"""What the models answer by themselves."""

import pytest
from pydantic import ValidationError

from headertls import (
    Client,
    Defect,
    DefectError,
    DefectKind,
    Finding,
    FindingCode,
    Hop,
    Severity,
    TlsVersion,
    Trace,
    analyze,
)

MESSAGE = (
    b"Received: from shop.example (shop.example [81.2.69.144])\n"
    b"\tby mx.site.example (Postfix) with ESMTP id 4Q1; yesterday\n\n"
)


def test_addresses_are_addresses() -> None:
    """An address is validated, and leaves JSON as the object that it was."""
    client = Client.model_validate({"address": "2001:4860::1"})

    assert Client.model_validate_json(client.model_dump_json()) == client
    with pytest.raises(ValidationError):
        Client.model_validate({"address": 7})
    with pytest.raises(ValidationError):
        Client.model_validate({"address": "256.1.1.1"})


def test_versions_and_severities_have_an_order() -> None:
    """Ranks grow with age and with weight; the texts would sort otherwise."""
    assert sorted(TlsVersion, key=lambda version: version.rank) == list(TlsVersion)
    assert TlsVersion.TLSV1_0.rank < TlsVersion.TLSV1_2.rank
    assert Severity.MEDIUM.rank > Severity.LOW.rank


def test_trace_is_its_hops() -> None:
    """A trace can be iterated and counted, and is true even without hops."""
    trace = analyze(MESSAGE)

    assert tuple(trace) == trace.hops
    assert len(trace) == 1
    assert Trace()
    assert len(Trace()) == 0


def test_worst_is_the_gravest_finding() -> None:
    """The worst severity decides; without findings there is none."""
    findings = tuple(
        Finding(code=FindingCode.PLAINTEXT_PUBLIC_HOP, severity=severity, message="")
        for severity in (Severity.LOW, Severity.HIGH, Severity.INFO)
    )

    assert Trace(findings=findings).worst is Severity.HIGH
    assert Trace().worst is None


def test_defects_are_raised_on_demand() -> None:
    """All defects come out as one group, those of the message and those of its hops."""
    trace = analyze(MESSAGE)
    whole = trace.model_copy(update={"defects": (Defect(kind=DefectKind.NUL_OCTET),)})

    with pytest.raises(ExceptionGroup) as caught:
        whole.raise_for_defects()

    errors = caught.value.exceptions
    assert all(isinstance(error, DefectError) for error in errors)
    assert [str(error) for error in errors] == ["nul-octet", "bad-date: yesterday"]


def test_clean_trace_raises_nothing() -> None:
    """Strictness has nothing to say about a clean message."""
    analyze(MESSAGE.replace(b"yesterday", b"1 Jan 2024 00:00:00 +0000")).raise_for_defects()


def test_models_are_frozen() -> None:
    """What was read cannot be changed."""
    hop = Hop(raw="")
    with pytest.raises(ValidationError):
        hop.raw = "x"  # type: ignore[misc]
