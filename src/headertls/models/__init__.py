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
from headertls.models.defects import Defect, DefectError, DefectKind
from headertls.models.evidence import RECEIVED, Evidence, EvidenceKind, EvidenceLevel
from headertls.models.hops import Auth, Client, Hop, Server
from headertls.models.protection import MessageProtection
from headertls.models.tls import CipherSuite, Tls, TlsConflict, TlsVersion
from headertls.models.traces import SCHEMA_VERSION, Headline, Trace
from headertls.models.verdicts import (
    Confidence,
    Finding,
    FindingCode,
    Grade,
    Kind,
    Scope,
    Severity,
    Transport,
    Trust,
    Verdict,
)
from headertls.models.witnesses import Witness

__all__ = [
    "RECEIVED",
    "SCHEMA_VERSION",
    "Auth",
    "Authentication",
    "AuthenticationProperty",
    "AuthenticationResult",
    "CipherSuite",
    "Client",
    "Confidence",
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
    "IPAddress",
    "Kind",
    "MessageProtection",
    "Scope",
    "Server",
    "Severity",
    "Tls",
    "TlsConflict",
    "TlsVersion",
    "Trace",
    "Transport",
    "Trust",
    "Verdict",
    "Witness",
]
