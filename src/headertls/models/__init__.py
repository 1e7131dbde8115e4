"""What a hop, a verdict, a finding and a trace *are*: frozen pydantic models and enums.

The models hold no logic beyond what their own fields answer. ``None`` or an empty tuple means
"the line does not say"; it is never a default that looks like an answer.
"""

from headertls.models.authentication import (
    Authentication,
    AuthenticationProperty,
    AuthenticationResult,
)
from headertls.models.base import HeaderTlsError, IPAddress
from headertls.models.calibration import (
    Calibration,
    Outcome,
    SenderEvidence,
    WriterEvidence,
)
from headertls.models.defects import Defect, DefectError, DefectKind
from headertls.models.evidence import RECEIVED, Evidence, EvidenceKind, EvidenceLevel
from headertls.models.forms import Form, FormKind, Forms
from headertls.models.hops import Auth, Client, Hop, Server
from headertls.models.live import LiveConnection
from headertls.models.policy import Policy, Profile
from headertls.models.protection import MessageProtection
from headertls.models.results import METHOD, Boundary, ResultField, ResultWord, TraceResult
from headertls.models.site import Marking, Site
from headertls.models.tls import CipherSuite, Tls, TlsConflict, TlsVersion
from headertls.models.traces import SCHEMA_VERSION, Counts, Headline, Trace
from headertls.models.verdicts import (
    Confidence,
    Continuity,
    Finding,
    FindingCode,
    Grade,
    Kind,
    Reorigin,
    Scope,
    Severity,
    Transport,
    Trust,
    Verdict,
)
from headertls.models.witnesses import Witness

__all__ = [
    "METHOD",
    "RECEIVED",
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
    "IPAddress",
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
]
