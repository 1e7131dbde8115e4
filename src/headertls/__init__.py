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
    Boundary,
    Calibration,
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
    Form,
    FormKind,
    Forms,
    Grade,
    HeaderTlsError,
    Headline,
    Hop,
    Kind,
    LiveConnection,
    Marking,
    MessageProtection,
    Outcome,
    Policy,
    Profile,
    Reorigin,
    ResultField,
    ResultWord,
    Scope,
    SenderEvidence,
    Server,
    Severity,
    Site,
    Tls,
    TlsConflict,
    TlsVersion,
    Trace,
    TraceResult,
    Transport,
    Trust,
    Verdict,
    Witness,
    WriterEvidence,
)
from headertls.parser import parse_received
from headertls.settings import format_site, read_policy, read_site

if TYPE_CHECKING:
    from headertls import arrow as arrow
    from headertls import plots as plots
    from headertls import report as report
    from headertls.authresults import (
        add_result_field,
        find_result_fields,
        make_result_field,
        parse_result_field,
        strip_result_fields,
    )
    from headertls.corpus import ScanResult, calibrate, list_forms, scan
    from headertls.redaction import redact
    from headertls.report import show
    from headertls.report.dataframe import to_frame

__all__ = [
    "SCHEMA_VERSION",
    "Auth",
    "Authentication",
    "AuthenticationProperty",
    "AuthenticationResult",
    "Boundary",
    "Calibration",
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
    "Form",
    "FormKind",
    "Forms",
    "Grade",
    "HeaderTlsError",
    "Headline",
    "Hop",
    "Kind",
    "LiveConnection",
    "Marking",
    "MessageProtection",
    "Outcome",
    "Policy",
    "Profile",
    "Reorigin",
    "ResultField",
    "ResultWord",
    "ScanResult",
    "Scope",
    "SenderEvidence",
    "Server",
    "Severity",
    "Site",
    "Tls",
    "TlsConflict",
    "TlsVersion",
    "Trace",
    "TraceResult",
    "Transport",
    "Trust",
    "Verdict",
    "Witness",
    "WriterEvidence",
    "add_result_field",
    "analyze",
    "attached",
    "calibrate",
    "find_result_fields",
    "format_site",
    "list_forms",
    "make_result_field",
    "parse_received",
    "parse_result_field",
    "read_policy",
    "read_site",
    "redact",
    "scan",
    "show",
    "strip_result_fields",
    "to_frame",
]

_LATE: Final = {
    "ScanResult": "headertls.corpus",
    "add_result_field": "headertls.authresults",
    "find_result_fields": "headertls.authresults",
    "make_result_field": "headertls.authresults",
    "parse_result_field": "headertls.authresults",
    "calibrate": "headertls.corpus",
    "list_forms": "headertls.corpus",
    "redact": "headertls.redaction",
    "scan": "headertls.corpus",
    "show": "headertls.report",
    "strip_result_fields": "headertls.authresults",
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
