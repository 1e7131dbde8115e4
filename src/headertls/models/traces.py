"""The hops of one message, and how it came in."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from headertls.models.authentication import Authentication
from headertls.models.base import Model
from headertls.models.defects import Defect, DefectError
from headertls.models.hops import Hop
from headertls.models.protection import MessageProtection
from headertls.models.verdicts import Finding, Severity

if TYPE_CHECKING:
    from headertls.arrow.tables import Table
    from headertls.report.dataframe import DataFrame

SCHEMA_VERSION = "2.0"
"""Version of the JSON form: the minor number grows with new fields, the major with changed ones."""


class Headline(StrEnum):
    """How the message came in, in one word."""

    ENTERED_ENCRYPTED = "entered_encrypted"
    """The connection by which it came in from outside was encrypted."""
    ENTERED_PLAINTEXT = "entered_plaintext"
    """That connection was not."""
    ENTERED_NOT_RECORDED = "entered_not_recorded"
    """What that connection was is not recorded, or its line is missing."""
    INTERNAL_ONLY = "internal_only"
    """By what the lines tell it never came in from outside."""
    NO_TRACE = "no_trace"
    """There is no `Received` line."""


class Counts(Model):
    """How many hops there are of each transport."""

    encrypted: int = 0
    """See `Transport.ENCRYPTED`."""
    plaintext: int = 0
    """See `Transport.PLAINTEXT`."""
    not_recorded: int = 0
    """See `Transport.NOT_RECORDED`."""
    not_applicable: int = 0
    """See `Transport.NOT_APPLICABLE`."""


class Trace(Model):
    """The hops of one message, oldest first, with what they mean."""

    schema_version: str = SCHEMA_VERSION
    """To which version of the JSON form a document keeps."""
    hops: tuple[Hop, ...] = ()
    """Oldest first; in the header the newest line stands on top."""
    entry: Hop | None = None
    """The hop by which the message came in from outside."""
    headline: Headline = Headline.NO_TRACE
    """How the message came in, in one word."""
    findings: tuple[Finding, ...] = ()
    """The findings of all hops, gravest first."""
    defects: tuple[Defect, ...] = ()
    """Defects of the message; each hop has its own besides."""
    boundary_inferred: bool = False
    """True when the trust boundary was guessed rather than told by the caller."""
    trusted_counts: Counts = Counts()
    """Of the lines down to the trust boundary. None at all is no proof of encryption."""
    counts: Counts = Counts()
    """Of all lines, claims among them."""
    profile: str = "default-2026"
    """By whose lists the grades are: a grade is a judgement of its year."""
    protection: MessageProtection | None = None
    """Whether the message itself is signed or encrypted, which no transport changes."""
    tls_waived: bool = False
    """The author waived TLS for this message: `TLS-Required: No` (RFC 8689, section 5)."""
    authentication_results: tuple[str, ...] = ()
    """The `Authentication-Results` values that own servers wrote, topmost first."""
    path: str | None = None
    """The file that `headertls trace --json` read it from; `None` for the standard input, and where
    the library is asked, whose callers know what they gave."""

    def __iter__(self) -> Iterator[Hop]:  # type: ignore[override]  # a trace is its hops
        return iter(self.hops)

    def __len__(self) -> int:
        return len(self.hops)

    def __bool__(self) -> bool:
        # A trace without hops is still an answer.
        return True

    @property
    def authentication(self) -> tuple[Authentication, ...]:
        """What own servers found out about the sender (RFC 8601): SPF, DKIM, DMARC, ARC.

        Read anew at each call, since that takes milliseconds. It tells who sent the message, and
        nothing of how it was transported.
        """
        # A door upward: the models stand below all else, but people ask the trace.
        from headertls.parser.fields.authentication import parse_authentication  # noqa: PLC0415

        read = map(parse_authentication, self.authentication_results)
        return tuple(found for found in read if found is not None)

    def explain(self, width: int = 88) -> str:
        """Write a page for people: how the message came in, hop by hop, and how we know.

        Args:
            width: Columns after which lines are broken.
        """
        from headertls.report.text import explain  # noqa: PLC0415  # a door upward

        return explain(self, width=width)

    def _repr_html_(self) -> str:
        """Draw the trace for a notebook."""
        from headertls.report.web import view_trace  # noqa: PLC0415  # a door upward

        return view_trace(self)

    def to_frame(self) -> "DataFrame":
        """Make a pandas `DataFrame` with a row for each hop: see `headertls.to_frame`.

        Raises:
            ImportError: pandas is not installed.
        """
        from headertls.report.dataframe import to_frame  # noqa: PLC0415  # a door upward

        return to_frame([self])

    def to_arrow(self) -> "Table":
        """Make an Arrow table with a row for each hop: see `headertls.arrow.to_table`.

        Raises:
            ImportError: pyarrow is not installed.
        """
        from headertls.arrow import to_table  # noqa: PLC0415  # a door upward

        return to_table([self])

    @property
    def worst(self) -> Severity | None:
        """The gravest severity among the findings."""
        return max((f.severity for f in self.findings), key=lambda s: s.rank, default=None)

    def raise_for_defects(self) -> None:
        """Raise what was worked around.

        Raises:
            ExceptionGroup: of one `DefectError` for each defect of the message and of its hops.
        """
        defects: list[Any] = [*self.defects, *(d for hop in self.hops for d in hop.defects)]
        if defects:
            errors = [
                DefectError(f"{d.kind.value}: {d.text}" if d.text else d.kind.value)
                for d in defects
            ]
            raise ExceptionGroup("the message departs from the standards", errors)


def iter_traces(traces: Trace | Iterable[Trace]) -> Iterator[Trace]:
    """Give each of *traces*; one alone is taken for an iterable of itself, not of its hops.

    >>> [len(trace) for trace in iter_traces(Trace())], [len(trace) for trace in iter_traces([])]
    ([0], [])
    """
    return iter((traces,) if isinstance(traces, Trace) else traces)
