"""What a scan says, as sections of a few columns; how they are set is not known here."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from headertls.models import FindingCode
from headertls.models.summary import Counted, Found, Route, Sender, Summary
from headertls.report import wording
from headertls.report.escape import clip, escape
from headertls.report.web.labels import HEADLINES

MAX_CELL: Final = 120
"""Characters of a name or a place that are shown."""

UNTOLD: Final = "not told"
"""Stands for what lines do not tell."""

ROUTES: Final = (
    (
        "Routes that still use plaintext",
        frozenset(
            {
                FindingCode.PLAINTEXT_PUBLIC_HOP,
                FindingCode.PLAINTEXT_OUT_OF_CHARACTER,
                FindingCode.REQUIRETLS_VIOLATED,
            }
        ),
    ),
    ("Deprecated TLS", frozenset({FindingCode.DEPRECATED_TLS, FindingCode.NULL_CIPHER})),
    ("Logins in the clear", frozenset({FindingCode.CLEARTEXT_CREDENTIALS})),
)
"""Titles of the sections on routes, and the findings that each tells of."""

CLAIM_NOTE: Final = "~ stands before names that only the client gave."
FORMS_NOTE: Final = (
    'Names are replaced. "headertls forms" lists all that no rule knows, fit to be sent to us.'
)
ENTRY_NOTE: Final = "Of the sessions by which messages came in."


class Section(NamedTuple):
    """A table with a title."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """All texts can be shown: nothing in them steers a terminal."""
    note: str = ""
    left: int = 0
    """Rows that are not shown, for there are too many."""

    def is_number(self, column: int) -> bool:
        """Tell whether a column holds numbers, which are set to the right."""
        return self.heads[column] in _NUMBERS


_NUMBERS: Final = frozenset(
    {"messages", "sessions", "lines", "share", "plaintext", "encrypted", "unrecorded", "others"}
    | {"in claims", "marked", "unmarked", "silent", "senders", "weeks"}
)


def write_opening(summary: Summary) -> str:
    """Tell in one sentence what became of the messages.

    >>> write_opening(Summary(read=1200, unreadable=1))
    '1,201 messages: 1,200 read, 1 could not be read.'
    """
    parts = [f"{summary.read:,} read"]
    if summary.unreadable:
        parts.append(f"{summary.unreadable:,} could not be read")
    if summary.duplicates:
        parts.append(f"{summary.duplicates:,} met before and left out")
    return (
        f"{summary.messages:,} message{'' if summary.messages == 1 else 's'}: {', '.join(parts)}."
    )


def list_sections(summary: Summary, rows: int) -> list[Section]:
    """List the sections of which there is something to tell.

    Args:
        summary: What a scan says.
        rows: How many of a section are shown at most.
    """
    sections = (
        _write_headlines(summary),
        _write_weeks(summary, rows),
        *_write_sessions(summary, rows),
        _write_grades(summary),
        _write_senders(summary.senders, rows),
        *_write_routes(summary.routes, rows),
        _write_findings(summary.findings),
        _write_counted(
            "Unknown forms of lines", "form", "lines", summary.forms, rows, note=FORMS_NOTE
        ),
        _write_counted("Not read", "reason", "messages", summary.errors, rows),
    )
    return [section for section in sections if section.rows]


def _write_headlines(summary: Summary) -> Section:
    rows = tuple(
        (HEADLINES[headline], f"{count:,}", _share(count, summary.read))
        for headline, count in summary.headlines
    )
    return Section("How mail came in", ("", "messages", "share"), rows)


def _write_weeks(summary: Summary, limit: int) -> Section:
    """Write the last weeks: what is new tells most."""
    rows = [
        (week.name or UNTOLD, *(f"{count:,}" if count else "" for count in week[1:]))
        for week in summary.weeks
    ]
    heads = ("week", "encrypted", "plaintext", "unrecorded", "others")
    shown = tuple(rows[-limit:])
    return Section("By week", heads, shown, left=len(rows) - len(shown))


def _write_sessions(summary: Summary, limit: int) -> Iterator[Section]:
    for title, head, counted in (
        ("TLS versions", "version", summary.versions),
        ("Cipher suites", "suite", summary.suites),
        ("Key exchange groups", "group", summary.groups),
    ):
        total = sum(found.times for found in counted)
        rows = [
            (_show(found.name), f"{found.times:,}", _share(found.times, total)) for found in counted
        ]
        is_group = counted is summary.groups
        note = f"{ENTRY_NOTE} {_write_post_quantum(summary)}" if is_group else ENTRY_NOTE
        yield _limit(title, (head, "sessions", "share"), rows, limit, note)


def _write_post_quantum(summary: Summary) -> str:
    told = sum(found.times for found in summary.groups if found.name)
    if not told:
        return "No line tells the group."
    share = _share(summary.post_quantum, told)
    return f"Post-quantum: {summary.post_quantum:,} of the {told:,} that tell it ({share})."


def _write_grades(summary: Summary) -> Section:
    total = sum(count for _, count in summary.grades)
    rows = tuple(
        (grade.value if grade else UNTOLD, f"{count:,}", _share(count, total))
        for grade, count in summary.grades
    )
    return Section("Grades", ("grade", "messages", "share"), rows, "Of the ways in.")


def _write_senders(senders: Sequence[Sender], limit: int) -> Section:
    rows = [
        (
            _show(sender.name),
            f"{sender.plaintext:,}",
            _share(sender.plaintext, sender.plaintext + sender.encrypted),
            f"{sender.encrypted:,}",
            f"{sender.not_recorded:,}",
        )
        for sender in senders
    ]
    heads = ("organisation", "plaintext", "share", "encrypted", "unrecorded")
    title = "Organisations that still send plaintext"
    note = f"Messages, by the way in; the share is of those recorded. {CLAIM_NOTE}"
    return _limit(title, heads, rows, limit, note)


def _write_routes(routes: Sequence[Route], limit: int) -> Iterator[Section]:
    for title, codes in ROUTES:
        rows = [
            (
                _show(route.sender),
                _show(route.server),
                f"{route.times:,}",
                _show(route.example or ""),
            )
            for route in routes
            if route.code in codes
        ]
        heads = ("from", "to", "lines", "for example")
        yield _limit(title, heads, rows, limit, f"Lines of own servers. {CLAIM_NOTE}")


def _write_findings(findings: Iterable[Found]) -> Section:
    rows = tuple(
        (
            wording.SEVERITIES[found.severity],
            found.code.value,
            f"{found.messages:,}",
            f"{found.claimed:,}" if found.claimed else "",
            _show(found.example or ""),
        )
        for found in findings
    )
    heads = ("", "finding", "messages", "in claims", "for example")
    return Section("Findings", heads, rows, "Claims came with the message and cannot be checked.")


def _write_counted(  # noqa: PLR0913  # what a section is made of
    title: str, head: str, unit: str, counted: Sequence[Counted], limit: int, *, note: str = ""
) -> Section:
    rows = [
        (_show(found.name), f"{found.times:,}", _show(found.example or "")) for found in counted
    ]
    return _limit(title, (head, unit, "for example"), rows, limit, note)


def _limit(
    title: str,
    heads: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
    limit: int,
    note: str = "",
) -> Section:
    return Section(title, heads, tuple(rows[:limit]), note, left=max(len(rows) - limit, 0))


def _show(text: str) -> str:
    return clip(escape(text), MAX_CELL) if text else UNTOLD


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""
