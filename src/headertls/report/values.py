"""The facts of one hop as short texts, fit to be shown."""

import re
from datetime import UTC, datetime
from typing import Final

from headertls.models import CipherSuite, Client, Grade, Hop, Scope, Severity, Tls, Trace
from headertls.report.escape import clip, escape

MAX_NAME: Final = 100
"""Characters of a host name, a word or the like that are shown; honest ones are shorter."""

ABSENT: Final = "-"

# Largest first: seconds, and the name, of which the first letter is the short form.
_UNITS: Final = (
    (365 * 86_400, "year"),
    (86_400, "day"),
    (3600, "hour"),
    (60, "minute"),
    (1, "second"),
)
# Grades that say no more than the rest of a line.
_SILENT_GRADES: Final = frozenset({Grade.UNKNOWN, Grade.PLAINTEXT})
_NAME_BREAK: Final = re.compile(r"(?<=[A-Z])_(?=\d)")
_MAX_SHORT_VERSION: Final = 7
_MAX_SHORT_CIPHER: Final = 11


def show(text: object) -> str:
    r"""Make a value of a hop fit to be shown: escaped, and of bounded length.

    >>> show("a\x07b.example")
    'a\\x07b.example'
    """
    return clip(escape(str(text)), MAX_NAME)


def name_client(hop: Hop) -> str | None:
    """Name the client in a sentence: by what the server saw, and by its own word where it differs.

    >>> name_client(Hop(raw="", client=Client(helo="bank.example", address="89.160.20.112")))
    '89.160.20.112 (calling itself bank.example)'
    """
    client = hop.client or Client()
    if client.rdns:
        return show(client.rdns) + _bracket(client.address)
    if client.address:
        calling = f" (calling itself {show(client.helo)})" if client.helo else ""
        return show(client.address) + calling
    return f"a client calling itself {show(client.helo)}" if client.helo else None


def name_client_briefly(hop: Hop, *, is_full: bool) -> str:
    """Name the client in a column.

    A client from the internet goes by its address unless the server has found out its name: what
    it called itself is shown for clients inside, and besides where *is_full*.
    """
    client = hop.client or Client()
    if client.rdns:
        return show(client.rdns) + (_bracket(client.address) if is_full else "")
    is_foreign = hop.verdict is not None and hop.verdict.scope is Scope.PUBLIC
    names = [show(name) for name in (client.helo, client.address) if name]
    if is_foreign:
        names.reverse()
    if len(names) > 1 and is_full:
        return f"{names[0]} ({names[1]})" if is_foreign else f"{names[0]} [{names[1]}]"
    return names[0] if names else ABSENT


def name_server(hop: Hop) -> str | None:
    """Name the server, which wrote the line."""
    if hop.server is None:
        return None
    name = hop.server.name or hop.server.address
    return show(name) if name else None


def format_time(stamp: datetime | None, pattern: str) -> str | None:
    """Write *stamp* in UTC, if there is one and UTC has it.

    >>> format_time(datetime.fromisoformat("2023-08-29T10:11:12+02:00"), "%H:%M")
    '08:11'
    """
    if stamp is None:
        return None
    try:
        return stamp.astimezone(UTC).strftime(pattern)
    except OverflowError:  # year 1 or 9999, and an offset that leads out of it
        return None


def format_delay(seconds: float) -> str:
    """Write a delay in its largest unit.

    >>> format_delay(3725.0), format_delay(-2.0)
    ('1h', '-2s')
    """
    count, unit = _count_units(seconds)
    return f"{'-' if seconds < 0 else ''}{count}{unit[0]}"


def spell_delay(seconds: float) -> str:
    """Write a delay in words.

    >>> spell_delay(3725.0), spell_delay(-2.0)
    ('1 hour later', '2 seconds earlier')
    """
    count, unit = _count_units(seconds)
    return f"{count} {unit}{'' if count == 1 else 's'} {'earlier' if seconds < 0 else 'later'}"


def format_tls(hop: Hop, *, is_full: bool) -> str:
    """Write version, suite or group, and grade; nothing where the line says nothing.

    >>> format_tls(Hop(raw="", tls=Tls(version="TLSv1.3", group="x25519")), is_full=False)
    '1.3 x25519'
    """
    tls = find_session(hop)
    if tls is None:
        return ABSENT
    parts = _list_all(tls) if is_full else _list_shortest(tls)
    known = [show(part) for part in parts if part]
    if not known:
        return "no detail"
    grade = find_grade(hop)
    return " ".join(known) + (f" {grade}" if grade else "")


def find_session(hop: Hop) -> Tls | None:
    """Find what is known of the TLS session: by another field that decided, or by the line."""
    return (hop.verdict.tls if hop.verdict else None) or hop.tls


def find_grade(hop: Hop) -> Grade | None:
    """The grade of a session of which enough is known to grade it."""
    grade = hop.verdict.grade if hop.verdict else None
    return None if grade in _SILENT_GRADES else grade


def find_entry(trace: Trace) -> int | None:
    """The number of the hop by which the message came in, counted from 1."""
    numbers = (number for number, hop in enumerate(trace, 1) if hop == trace.entry)
    return next(numbers, None)


def find_worst(hop: Hop) -> Severity | None:
    """The gravest severity among the findings of one hop."""
    findings = hop.verdict.findings if hop.verdict else ()
    return max((f.severity for f in findings), key=lambda s: s.rank, default=None)


def is_flagged(hop: Hop) -> bool:
    """Tell whether *hop* has a finding that is more than information."""
    worst = find_worst(hop)
    return worst is not None and worst.rank > Severity.INFO.rank


def _count_units(seconds: float) -> tuple[int, str]:
    whole = int(abs(seconds))
    size, unit = next((unit for unit in _UNITS if whole >= unit[0]), _UNITS[-1])
    return whole // size, unit


def _list_all(tls: Tls) -> tuple[str | None, ...]:
    cipher = tls.cipher if tls.suite is None else _write_suite(tls.suite)
    return (tls.version or tls.stated_version, cipher, tls.group)


def _list_shortest(tls: Tls) -> tuple[str | None, ...]:
    version = tls.version.removeprefix("TLSv") if tls.version else tls.stated_version
    cipher = tls.cipher if tls.suite is None else _write_cipher(tls.suite)
    told = cipher or tls.group
    return (
        version and clip(escape(version), _MAX_SHORT_VERSION),
        told and clip(escape(told), _MAX_SHORT_CIPHER),
    )


def _write_cipher(suite: CipherSuite) -> str:
    # AES256, 3DES, but RC4-128
    return _NAME_BREAK.sub("", suite.cipher.removesuffix("_EDE")).replace("_", "-")


def _write_suite(suite: CipherSuite) -> str:
    parts = (suite.key_exchange, _write_cipher(suite), suite.mode)
    return "-".join(part for part in parts if part)


def _bracket(address: object) -> str:
    return f" [{show(address)}]" if address else ""
