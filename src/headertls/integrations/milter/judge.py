"""What is to be done with a message: the field that it gets, and whether it may pass."""

import logging
from enum import StrEnum
from typing import Final, NamedTuple

from headertls.analysis import analyze
from headertls.authresults import claims_result, make_error_field, make_result_field
from headertls.models import (
    METHOD,
    LiveConnection,
    Policy,
    ResultField,
    ResultWord,
    Severity,
    Site,
)

_logger: Final = logging.getLogger(__name__)

FAILED: Final = "the message could not be judged"
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
    """The milter is the first of the own programs to see a message: see `is_forged`."""

    def is_forged(self, value: str) -> bool:
        """Tell whether *value*, of an `Authentication-Results` field, pretends to be an own one.

        At the border all fields of the own names do; elsewhere they may be by other own programs,
        and only those of this method do.
        """
        if not self.is_border:
            return claims_result(value, self.authserv_id, METHOD)
        others = self.site.authserv_ids if self.site else ()
        return any(claims_result(value, name) for name in (self.authserv_id, *others))

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
        return Judgement(field, self.on_fail if self._is_failed(field) else OnFail.NONE)

    def refuse(self) -> Judgement:
        """Judge a message of which the server does not tell whether it came encrypted."""
        return Judgement(make_error_field(self.authserv_id, UNTOLD, ResultWord.PERMERROR))

    def _is_failed(self, field: ResultField) -> bool:
        worst = field.result.severity
        return worst is not None and self.fail_on is not None and worst.rank >= self.fail_on.rank
