"""What a scan of many messages says. Not among the public models: it is made to be shown."""

from typing import NamedTuple

from headertls.models.traces import Headline
from headertls.models.verdicts import FindingCode, Grade, Severity, Transport


class Counted(NamedTuple):
    """Something that was counted."""

    name: str
    """Empty where the lines do not tell."""
    times: int
    example: str | None = None
    """Where the first message stands of which it is true."""


class Week(NamedTuple):
    """How the messages of a week came in."""

    name: str
    """The ISO week, such as `2023-W35`, by the clock of the server; empty where none is told."""
    encrypted: int = 0
    plaintext: int = 0
    not_recorded: int = 0
    others: int = 0
    """Messages that never left the house, or have no trace."""


class Sender(NamedTuple):
    """How the messages of an organisation came in."""

    name: str
    """A `~` stands before names that only the client gave."""
    encrypted: int = 0
    plaintext: int = 0
    not_recorded: int = 0


class Route(NamedTuple):
    """A way between two ends on which something was found."""

    code: FindingCode
    sender: str
    server: str
    times: int
    """Lines."""
    example: str | None = None


class Found(NamedTuple):
    """A finding, and in how many messages it was made."""

    code: FindingCode
    severity: Severity
    messages: int
    """Messages with it on a line of their own servers."""
    claimed: int = 0
    """Messages with it on claims alone."""
    example: str | None = None


class Summary(NamedTuple):
    """What the messages of a scan say together."""

    read: int
    unreadable: int = 0
    duplicates: int = 0
    """Left out, for their Message-ID was met before."""
    errors: tuple[Counted, ...] = ()
    """Why messages could not be read."""
    headlines: tuple[tuple[Headline, int], ...] = ()
    weeks: tuple[Week, ...] = ()
    """In their order; what has no date is last."""
    transports: tuple[tuple[Transport, int], ...] = ()
    """Of all lines of own servers."""
    versions: tuple[Counted, ...] = ()
    """Of sessions by which messages came in; so are the next four."""
    suites: tuple[Counted, ...] = ()
    groups: tuple[Counted, ...] = ()
    post_quantum: int = 0
    """Sessions of which the group is told, and is safe from quantum computers."""
    grades: tuple[tuple[Grade | None, int], ...] = ()
    """Of all ways in; `None` for those that say nothing of encryption."""
    senders: tuple[Sender, ...] = ()
    """Those that still send plaintext, those first that send most of it."""
    routes: tuple[Route, ...] = ()
    findings: tuple[Found, ...] = ()
    """Gravest first."""
    forms: tuple[Counted, ...] = ()
    """What was not read of lines, by its form: with placeholders for whatever is somebody's."""

    @property
    def messages(self) -> int:
        """All that were met."""
        return self.read + self.unreadable + self.duplicates
