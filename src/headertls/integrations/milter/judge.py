"""What is to be done with a message: the field that it gets, and whether it may pass."""

import logging
from enum import StrEnum
from typing import Final, NamedTuple

from headertls.analysis import analyze
from headertls.authresults import make_error_field, make_result_field, strip_own_results
from headertls.authresults.rewriting import NAME
from headertls.models import (
    LiveConnection,
    Policy,
    ResultField,
    ResultWord,
    Severity,
    Site,
)

_logger: Final = logging.getLogger(__name__)

FAILED: Final = "the message could not be judged"
MAX_CHANGED: Final = 1 << 13
"""Octets of a changed value that the server is told; what is longer goes as a whole."""
UNTOLD: Final = "the mail server does not tell of encryption"


class OnFail(StrEnum):
    """What becomes of a message with a finding that is grave enough."""

    NONE = "none"
    """It is delivered as any other one."""
    QUARANTINE = "quarantine"
    """The server keeps it back, until an administrator releases it."""
    REJECT = "reject"
    """The client is told that it is not taken."""


class Judgement(NamedTuple):
    """The result of one message."""

    field: ResultField
    action: OnFail = OnFail.NONE


class Judge(NamedTuple):
    """How the messages of a server are judged."""

    authserv_id: str
    """The name under which the results are written (RFC 8601)."""
    site: Site | None = None
    policy: Policy | None = None
    fail_on: Severity | None = None
    """From which severity on a finding is acted upon."""
    on_fail: OnFail = OnFail.NONE
    """How it is acted upon."""
    is_border: bool = False
    """The milter is the first of the own programs to see a message: see `strip_own_results`."""

    def clean(self, name: bytes, value: bytes) -> bytes:
        r"""Take what pretends to be an own result out of a field.

        A field in which one stands behind a lone CR, where some readers begin another field, keeps
        the rest of its value.

        Returns:
            The value that is left; nothing if the whole field has to go.

        >>> judge = Judge("mx.site.example")
        >>> forged = b"Authentication-Results: mx.site.example; x-tls-trace=pass"
        >>> judge.clean(*forged.split(b":")), judge.clean(b"Subject", b" Lunch\r" + forged)
        (b'', b' Lunch')
        """
        is_result = name.lower() == NAME
        if not is_result and b"\r" not in value:
            return value
        lead = name + b":"
        kept = strip_own_results(
            lead + value + b"\n", self.authserv_id, self.site, is_border=self.is_border
        )
        if not kept.startswith(lead):
            return b""
        left = kept.removeprefix(lead).removesuffix(b"\n")
        return left if left == value or len(left) <= MAX_CHANGED else b""

    def judge(self, header: bytes, live: LiveConnection) -> Judgement:
        """Judge a message by its header, in which the server's own line is not yet.

        Never raises: a message that cannot be judged passes, and its field says so.
        """
        try:
            trace = analyze(header, self.site, self.policy, live)
            field = make_result_field(trace, self.authserv_id)
        except Exception:
            _logger.exception("a message could not be judged, and passes")
            return Judgement(make_error_field(self.authserv_id, FAILED))
        return Judgement(field, self.on_fail if field.result.reaches(self.fail_on) else OnFail.NONE)

    def refuse(self) -> Judgement:
        """Judge a message of which the server does not tell whether it came encrypted."""
        return Judgement(make_error_field(self.authserv_id, UNTOLD, ResultWord.PERMERROR))
