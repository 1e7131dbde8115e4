"""The work of a program in the path of mail: judge a message, and write the result into it.

Whatever happens, the message goes on: what cannot be judged gets a result that says so, and what
cannot even get that stays as it came.
"""

from typing import Final, NamedTuple

from headertls.analysis import analyze
from headertls.authresults.fields import make_error_field, make_result_field
from headertls.authresults.rewriting import (
    add_result_field,
    find_header_end,
    strip_own_results,
)
from headertls.authresults.syntax import check_authserv_id
from headertls.models import (
    LiveConnection,
    Policy,
    ResultField,
    ResultWord,
    Site,
    Trace,
)

MAX_REWRITTEN: Final = 1 << 24
"""Octets of a header out of which forged fields are taken; servers refuse whole messages of that
size (Postfix: 10 MB), and no header is a hundredth of it."""

TOO_LONG: Final = "the header is too long"
FAILED: Final = "judging failed"


class Marked(NamedTuple):
    """What became of the beginning of a message."""

    head: bytes
    """The octets to go on with, in the place of those that were given."""
    trace: Trace | None = None
    """How the message was transported; `None` where it could not be judged."""
    field: ResultField | None = None
    """The field that was put on top; `None` where that was not possible."""
    failure: str | None = None
    """What went wrong, for the log."""


class Marker:
    """How messages are judged, and in whose name.

    Args:
        authserv_id: The name of the own servers.
        site: As for `analyze`.
        policy: As for `analyze`.
        is_border: This program is the first of the own ones to see a message, so all
            `Authentication-Results` fields of its name, and of those that *site* tells, are forged
            and taken out. Otherwise fields may be by other own programs, and only those of its name
            go that tell of its method.

    Raises:
        ValueError: *authserv_id* is no token, such as `mx.site.example`.
    """

    def __init__(
        self,
        authserv_id: str,
        site: Site | None = None,
        policy: Policy | None = None,
        *,
        is_border: bool = False,
    ) -> None:
        self.authserv_id = check_authserv_id(authserv_id)
        self.site = site
        self.policy = policy
        self.is_border = is_border

    def mark(self, head: bytes, live: LiveConnection | None = None) -> Marked:
        r"""Judge the message that begins with *head*, and put the result on top of it.

        Never raises: what goes wrong is told in `Marked.failure`.

        Args:
            head: The message, or the beginning of one that holds the whole header.
            live: As for `analyze`.

        >>> marked = Marker("mx.site.example").mark(b"Subject: Lunch\n\nbody")
        >>> marked.head.decode().splitlines()[0], marked.field.result.word.value
        ('Authentication-Results: mx.site.example;', 'none')
        """
        # Whatever fails, be it by a mistake of ours: mail is worth more than a result.
        try:
            return self._mark(head, live)
        except Exception as error:  # noqa: BLE001
            return self.mark_unjudged(head, error)

    def mark_unjudged(self, head: bytes, error: Exception) -> Marked:
        """Put a result on top that says that judging failed; never raises, either.

        Args:
            head: As for `mark`.
            error: Why.
        """
        failure = _describe(error)
        try:
            field = make_error_field(self.authserv_id, FAILED)
            return Marked(add_result_field(self._strip(head), field), field=field, failure=failure)
        except Exception:  # noqa: BLE001
            return Marked(head, failure=failure)

    def _mark(self, head: bytes, live: LiveConnection | None) -> Marked:
        if is_too_long(head):
            field = make_error_field(self.authserv_id, TOO_LONG, ResultWord.PERMERROR)
            return Marked(add_result_field(head, field), field=field, failure=TOO_LONG)
        clean = self._strip(head)
        trace = analyze(clean, self.site, self.policy, live)
        field = make_result_field(trace, self.authserv_id)
        return Marked(add_result_field(clean, field), trace, field)

    def _strip(self, head: bytes) -> bytes:
        return strip_own_results(head, self.authserv_id, self.site, is_border=self.is_border)


def is_too_long(head: bytes) -> bool:
    """Tell whether the header of *head* is longer than what is read of it."""
    return len(head) > MAX_REWRITTEN and find_header_end(head) > MAX_REWRITTEN


def _describe(error: Exception) -> str:
    text = str(error)
    name = type(error).__name__
    return f"{name}: {text}" if text else name
