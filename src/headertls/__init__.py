"""How was this e-mail transported, and how do we know?"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    __version__: str

    from headertls import arrow as arrow
    from headertls import models as models
    from headertls import plots as plots
    from headertls import report as report
    from headertls import tls as tls
    from headertls.analysis import analyze, attached
    from headertls.authresults import (
        add_result_field,
        find_result_fields,
        make_result_field,
        parse_result_field,
        strip_result_fields,
    )
    from headertls.corpus import ScanResult, calibrate, list_forms, scan
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
    from headertls.redaction import redact
    from headertls.report import show
    from headertls.report.dataframe import to_frame
    from headertls.settings import format_site, read_policy, read_site

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

_HOMES: Final = {
    "ScanResult": "headertls.corpus",
    "add_result_field": "headertls.authresults",
    "analyze": "headertls.analysis",
    "attached": "headertls.analysis",
    "calibrate": "headertls.corpus",
    "find_result_fields": "headertls.authresults",
    "format_site": "headertls.settings",
    "list_forms": "headertls.corpus",
    "make_result_field": "headertls.authresults",
    "parse_received": "headertls.parser",
    "parse_result_field": "headertls.authresults",
    "read_policy": "headertls.settings",
    "read_site": "headertls.settings",
    "redact": "headertls.redaction",
    "scan": "headertls.corpus",
    "show": "headertls.report",
    "strip_result_fields": "headertls.authresults",
    "to_frame": "headertls.report.dataframe",
}
"""Where names live; those without a row live in `headertls.models`."""

_ROOMS: Final = frozenset({"arrow", "models", "plots", "report", "tls"})


if not TYPE_CHECKING:  # a checker would believe in any name

    def __getattr__(name: str) -> object:
        """Load what is asked for (PEP 562); who never meets a message pays for no grammar."""
        if name in _ROOMS:
            return _load_room(name)
        if name == "__version__":
            return import_module("importlib.metadata").version("headertls")
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(_HOMES.get(name, "headertls.models")), name)
        globals()[name] = value
        return value

    def _load_room(name: str) -> object:
        try:
            return import_module(f"headertls.{name}")
        except ImportError as error:  # of an extra that is not installed
            raise AttributeError(str(error)) from error


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_ROOMS})
