"""How was this e-mail transported, and how do we know?"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

from headertls.analysis import analyze, attached
from headertls.models import (
    SCHEMA_VERSION,
    Auth,
    Authentication,
    AuthenticationProperty,
    AuthenticationResult,
    CipherSuite,
    Client,
    Confidence,
    Continuity,
    Counts,
    Defect,
    DefectError,
    DefectKind,
    Evidence,
    EvidenceKind,
    EvidenceLevel,
    Finding,
    FindingCode,
    Grade,
    HeaderTlsError,
    Headline,
    Hop,
    Kind,
    LiveConnection,
    Marking,
    MessageProtection,
    Policy,
    Profile,
    Reorigin,
    Scope,
    Server,
    Severity,
    Site,
    Tls,
    TlsConflict,
    TlsVersion,
    Trace,
    Transport,
    Trust,
    Verdict,
    Witness,
)
from headertls.parser import parse_received
from headertls.settings import read_policy, read_site

if TYPE_CHECKING:
    from headertls import arrow as arrow
    from headertls import plots as plots
    from headertls import report as report
    from headertls.corpus import ScanResult, scan
    from headertls.redaction import redact
    from headertls.report import show
    from headertls.report.dataframe import to_frame

__all__ = [
    "SCHEMA_VERSION",
    "Auth",
    "Authentication",
    "AuthenticationProperty",
    "AuthenticationResult",
    "CipherSuite",
    "Client",
    "Confidence",
    "Continuity",
    "Counts",
    "Defect",
    "DefectError",
    "DefectKind",
    "Evidence",
    "EvidenceKind",
    "EvidenceLevel",
    "Finding",
    "FindingCode",
    "Grade",
    "HeaderTlsError",
    "Headline",
    "Hop",
    "Kind",
    "LiveConnection",
    "Marking",
    "MessageProtection",
    "Policy",
    "Profile",
    "Reorigin",
    "ScanResult",
    "Scope",
    "Server",
    "Severity",
    "Site",
    "Tls",
    "TlsConflict",
    "TlsVersion",
    "Trace",
    "Transport",
    "Trust",
    "Verdict",
    "Witness",
    "analyze",
    "attached",
    "parse_received",
    "read_policy",
    "read_site",
    "redact",
    "scan",
    "show",
    "to_frame",
]

_LATE: Final = {
    "ScanResult": "headertls.corpus",
    "redact": "headertls.redaction",
    "scan": "headertls.corpus",
    "show": "headertls.report",
    "to_frame": "headertls.report.dataframe",
}
"""What few programs need is loaded when it is asked for (PEP 562); a tenth of the import."""

_LATE_ROOMS: Final = frozenset({"arrow", "plots", "report"})


def __getattr__(name: str) -> object:
    if name in _LATE_ROOMS:
        return import_module(f"headertls.{name}")
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_LATE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE, *_LATE_ROOMS})
