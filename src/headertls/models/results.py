"""How a message was transported, as one result of an `Authentication-Results` field (RFC 8601)."""

from enum import StrEnum
from typing import Final

from headertls.models.base import IPAddress, Model
from headertls.models.traces import Headline
from headertls.models.verdicts import Confidence, Grade, Severity

METHOD: Final = "x-tls-trace"
"""The method's name; `x-` marks methods that are in no registry (RFC 8601, section 2.7.7)."""


class ResultWord(StrEnum):
    """What a result says, in the words of RFC 8601."""

    PASS = "pass"  # noqa: S105  # no password
    """Every session of the trusted lines that ran over a network was encrypted, the one by which
    the message came in among them."""
    FAIL = "fail"
    """A trusted line records plaintext over the public internet, with high confidence, and whose
    servers are own was not guessed."""
    SOFTFAIL = "softfail"
    """The same with less certainty: the confidence is lower, the trust boundary was inferred, or
    the network may have been the own one."""
    NEUTRAL = "neutral"
    """Nothing can be said either way: a line is silent or missing, or only the own network was
    crossed in plaintext."""
    NONE = "none"
    """No trusted line records a session over a network."""
    TEMPERROR = "temperror"
    """Judging failed, and may succeed another time."""
    PERMERROR = "permerror"
    """Judging failed, and will do so again: no line is by a server that was declared as own."""


class Boundary(StrEnum):
    """On what the trust boundary of a result rests."""

    LIVE = "live"
    """The running server handed over the facts of the connection."""
    DECLARED = "declared"
    """The own servers were declared (`Site`)."""
    INFERRED = "inferred"
    """It was guessed from the lines."""
    MISSING = "missing"
    """The line of the connection from outside is missing, or cannot be read."""


class TraceResult(Model):
    """A result of the method `x-tls-trace`.

    What a sender can choose, such as the HELO name, has no characters other than those of names
    and addresses: a `?` stands for each other one.
    """

    word: ResultWord
    """What it says."""
    reason: str | None = None
    """Why, in a few words; one of a fixed set."""
    headline: Headline | None = None
    """`policy.headline`: how the message came in."""
    boundary: Boundary | None = None
    """`policy.boundary`: on what the trust boundary rests; `None` without any line."""
    confidence: Confidence | None = None
    """`policy.confidence`: how firmly the word stands, where it is one of encryption or plaintext.
    It is never high where the boundary was inferred."""
    version: str | None = None
    """`policy.tls`: the version of the session by which the message came in."""
    cipher: str | None = None
    """`policy.cipher`: the suite of that session, by its IANA name if it is known."""
    group: str | None = None
    """`policy.group`: its key exchange group."""
    grade: Grade | None = None
    """`policy.grade`: how good it was."""
    profile: str | None = None
    """`policy.profile`: by whose lists it was graded."""
    severity: Severity | None = None
    """`policy.severity`: of the gravest finding of trusted lines."""
    hops: int | None = None
    """`policy.hops`: how many lines are trusted."""
    plaintext: int | None = None
    """`policy.plaintext`: how many of these record plaintext, on whatever network."""
    remote_ip: IPAddress | None = None
    """`smtp.remote-ip`: the client from which the message came in."""
    helo: str | None = None
    """`smtp.helo`: what that client called itself."""

    def reaches(self, level: Severity | None) -> bool:
        """Tell whether a finding of trusted lines is as grave as *level*, or graver.

        >>> TraceResult(word="fail", severity="high").reaches(Severity.MEDIUM)
        True
        """
        return level is not None and self.severity is not None and self.severity.rank >= level.rank


class ResultField(Model):
    """An `Authentication-Results` field with one result of the method `x-tls-trace`."""

    authserv_id: str
    """Who speaks."""
    result: TraceResult
    """What it says."""

    @property
    def value(self) -> str:
        """The field's value on one line."""
        return " ".join(self._write_lines())

    @property
    def folded_value(self) -> str:
        r"""The field's value with folds, each `"\n    "`: what milters and servers are given."""
        return "\n    ".join(self._write_lines())

    @property
    def text(self) -> str:
        """The whole field, folded, without the end of its last line."""
        return f"Authentication-Results: {self.folded_value}"

    def __str__(self) -> str:
        return self.text

    def _write_lines(self) -> list[str]:
        # A door upward: the syntax is known by the room of such fields.
        from headertls.authresults.syntax import write_lines  # noqa: PLC0415

        return write_lines(self)
