"""Counts over many messages, which can be added up: of a batch, of a process, of a scan.

A tally takes as much memory as there are different things to count, and no more than `MAX_KEYS` of
a sort; what comes after is counted as `OTHERS`. So a scan of a hundred million messages, some of
which a stranger made, needs no more than one of ten thousand.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from headertls.models import (
    Finding,
    FindingCode,
    Hop,
    Severity,
    Tls,
    Trace,
    Transport,
    Trust,
)
from headertls.report.frame import find_entry_place
from headertls.report.values import find_session
from headertls.rows import name_receiver, name_sender

MAX_KEYS: Final = 20_000
"""Different things of one sort that are counted by themselves."""
MAX_PAIRS: Final = 200_000
"""The same, where two names together make a thing."""

OTHERS: Final = ("(others)",)
NOTHING: Final = ""
"""Stands for what a line or a message does not tell."""


class Sort(StrEnum):
    """What is counted."""

    FATE = "fate"
    """Messages: what became of them (`Fate`)."""
    ERROR = "error"
    """Messages: why they could not be read."""
    HEADLINE = "headline"
    """Messages: how they came in."""
    WEEK = "week"
    """Messages: the ISO week of the entry, the headline."""
    SENDER = "sender"
    """Messages: the sending organisation, the transport of the entry."""
    TRANSPORT = "transport"
    """Lines of own servers: the transport."""
    VERSION = "version"
    """Entries over TLS: the version."""
    SUITE = "suite"
    """Entries over TLS: the cipher suite."""
    GROUP = "group"
    """Entries over TLS: the key exchange group."""
    GRADE = "grade"
    """Entries: the grade."""
    FINDING = "finding"
    """Messages: a code and a severity, on lines of own servers."""
    CLAIMED = "claimed"
    """Messages: a code and a severity, on claims only."""
    ROUTE = "route"
    """Lines of own servers with a finding of `ROUTED`: its code, the sender, the server."""
    FORM = "form"
    """Lines with a text that no rule knows: its kind and its form (`corpus.forms`)."""
    OWN_FORM = "own-form"
    """The same, of lines of own servers alone."""
    LINE = "line"
    """All lines, of a message whose forms are wanted."""
    RELAY_LINE = "relay-line"
    """Lines of own servers on mail from other servers, as `corpus.evidence` tells them apart."""
    LOGIN_LINE = "login-line"
    """The same, on mail of people who logged in."""
    ENCRYPTED_WEEK = "encrypted-week"
    """Lines of own servers over TLS: the sender's domain, the ISO week."""
    INFERRED = "inferred"
    """Messages of which the own servers were inferred."""


class Fate(StrEnum):
    """What became of a message."""

    READ = "read"
    UNREADABLE = "unreadable"
    DUPLICATE = "duplicate"


ROUTED: Final = frozenset(
    {
        FindingCode.PLAINTEXT_PUBLIC_HOP,
        FindingCode.PLAINTEXT_OUT_OF_CHARACTER,
        FindingCode.REQUIRETLS_VIOLATED,
        FindingCode.CLEARTEXT_CREDENTIALS,
        FindingCode.DEPRECATED_TLS,
        FindingCode.NULL_CIPHER,
    }
)
"""Findings of which the two ends are told."""

_PAIRS: Final = frozenset({Sort.RELAY_LINE, Sort.LOGIN_LINE, Sort.ENCRYPTED_WEEK})

Counts = dict[tuple[str, ...], int]
Dump = tuple[dict[str, Counts], dict[str, dict[tuple[str, ...], str]]]


def limit_keys(sort: str) -> int:
    """Tell how many different things of a sort are counted by themselves."""
    return MAX_PAIRS if sort in _PAIRS else MAX_KEYS


class Tally:
    """Counts by sort and by what is counted; and for some an example, where the first stands."""

    __slots__ = ("counts", "examples")

    def __init__(self) -> None:
        self.counts: dict[str, Counts] = {}
        self.examples: dict[str, dict[tuple[str, ...], str]] = {}

    def count(self, sort: Sort, *key: str) -> None:
        """Count one more."""
        counts = self.counts.setdefault(sort, {})
        if key not in counts and len(counts) >= limit_keys(sort):
            key = OTHERS
        counts[key] = counts.get(key, 0) + 1

    def count_at(self, place: str, sort: Sort, *key: str) -> None:
        """Count one more, and keep the place of the first."""
        self.count(sort, *key)
        examples = self.examples.setdefault(sort, {})
        if len(examples) < MAX_KEYS:
            examples.setdefault(key, place)

    def get(self, sort: Sort) -> Mapping[tuple[str, ...], int]:
        """Return the counts of one sort."""
        return self.counts.get(sort, {})

    def find_example(self, sort: Sort, *key: str) -> str | None:
        """Find where the first of what was counted stands."""
        return self.examples.get(sort, {}).get(key)

    def add(self, other: "Tally") -> None:
        """Add the counts of *other*, whose messages come behind those of this one."""
        for sort, theirs in other.counts.items():
            counts, limit = self.counts.setdefault(sort, {}), limit_keys(sort)
            for key, count in theirs.items():
                kept = key if key in counts or len(counts) < limit else OTHERS
                counts[kept] = counts.get(kept, 0) + count
        for sort, places in other.examples.items():
            examples = self.examples.setdefault(sort, {})
            for key, place in places.items():
                if len(examples) < MAX_KEYS:
                    examples.setdefault(key, place)

    def dump(self) -> Dump:
        """Give all as plain containers, for `load`."""
        return (
            {str(sort): counts for sort, counts in self.counts.items()},
            {str(sort): places for sort, places in self.examples.items()},
        )

    @classmethod
    def load(cls, dump: Dump) -> "Tally":
        """Take what `dump` gave."""
        tally = cls()
        tally.counts, tally.examples = dump
        return tally

    def count_error(self, error: str, place: str) -> None:
        """Count a message that could not be read."""
        self.count(Sort.FATE, Fate.UNREADABLE.value)
        self.count_at(place, Sort.ERROR, error)

    def count_read(self) -> None:
        """Count a message that was read."""
        self.count(Sort.FATE, Fate.READ.value)

    def count_trace(self, trace: Trace, place: str) -> None:
        """Count a message that was read, and what it says.

        >>> tally = Tally()
        >>> tally.count_trace(Trace(), "a.eml")
        >>> tally.get(Sort.HEADLINE)
        {('no_trace',): 1}
        """
        self.count_read()
        headline = trace.headline.value
        self.count(Sort.HEADLINE, headline)
        number = find_entry_place(trace)
        entry = None if number is None else trace.hops[number]
        newest = trace.hops[-1] if trace.hops else None
        timed = entry or newest
        self.count(Sort.WEEK, find_week(timed.timestamp if timed else None), headline)
        if entry is not None:
            self._count_entry(entry)
        for hop in trace.hops:
            self._count_hop(hop, place)
        self._count_findings(trace, place)

    def _count_entry(self, hop: Hop) -> None:
        verdict = hop.verdict
        if verdict is None:
            return
        self.count(Sort.SENDER, name_sender(hop), verdict.transport.value)
        self.count(Sort.GRADE, verdict.grade.value if verdict.grade else NOTHING)
        session = find_session(hop)
        if session is not None and verdict.transport is Transport.ENCRYPTED:
            self._count_session(session)

    def _count_session(self, tls: Tls) -> None:
        self.count(Sort.VERSION, tls.version.value if tls.version else NOTHING)
        suite = tls.suite.name if tls.suite else tls.cipher
        self.count(Sort.SUITE, suite or NOTHING)
        self.count(Sort.GROUP, tls.group or NOTHING)

    def _count_hop(self, hop: Hop, place: str) -> None:
        verdict = hop.verdict
        if verdict is not None and verdict.trust is not Trust.CLAIM:
            self.count(Sort.TRANSPORT, verdict.transport.value)
            for finding in verdict.findings:
                if finding.code in ROUTED:
                    ends = name_sender(hop), name_receiver(hop)
                    self.count_at(place, Sort.ROUTE, finding.code.value, *ends)

    def _count_findings(self, trace: Trace, place: str) -> None:
        """Count each code once a message, by its gravest severity, those of own servers first."""
        told: dict[FindingCode, tuple[bool, Severity]] = {}
        for finding, is_trusted in _iter_findings(trace):
            known = told.get(finding.code)
            weight = (is_trusted, finding.severity)
            if known is None or (weight[0], weight[1].rank) > (known[0], known[1].rank):
                told[finding.code] = weight
        for code, (is_trusted, severity) in told.items():
            sort = Sort.FINDING if is_trusted else Sort.CLAIMED
            self.count_at(place, sort, code.value, severity.value)


def _iter_findings(trace: Trace) -> Iterator[tuple[Finding, bool]]:
    for hop in trace.hops:
        verdict = hop.verdict
        if verdict is not None and verdict.findings:
            is_trusted = verdict.trust is not Trust.CLAIM
            for finding in verdict.findings:
                yield finding, is_trusted


def find_week(stamp: datetime | None) -> str:
    """Write the ISO week of *stamp* in UTC.

    >>> find_week(datetime.fromisoformat("2023-08-29T10:11:12+02:00"))
    '2023-W35'
    """
    if stamp is None:
        return NOTHING
    try:
        year, week, _ = stamp.astimezone(UTC).isocalendar()
    except (OverflowError, ValueError):
        return NOTHING
    return f"{year}-W{week:02}"
