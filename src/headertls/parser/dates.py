"""Time stamps of trace lines; the one home of python-dateutil.

RFC 5322 dates, which are nearly all, are read by one regular expression; whatever else stands in
the place of the date goes through dateutil, guarded against its guesses.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from dateutil import parser as dateutil_parser

from headertls.models import DefectKind

MAX_DATE_TEXT: Final = 80
"""Characters of a text that dateutil is asked about; it is slow on long ones."""

# Hours east of Greenwich of zone names met in trace lines. Ambiguous names (IST, BST, CST of China)
# are read as their most frequent meaning in mail, RFC 5322's own (4.3) first.
_ZONE_HOURS: Final = MappingProxyType(
    {
        # RFC 5322, 4.3
        "UT": 0, "UTC": 0, "UCT": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5,
        "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
        # the names that Unix systems print
        "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "MET": 1, "MEST": 2, "MEZ": 1,
        "MESZ": 2, "SAST": 2, "EET": 2, "EEST": 3, "MSK": 3, "MSD": 4, "PKT": 5, "IST": 5.5,
        "IDT": 3, "EAT": 3, "WAT": 1, "WIB": 7, "ICT": 7, "HKT": 8, "SGT": 8, "AWST": 8, "JST": 9,
        "KST": 9, "ACST": 9.5,
        "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "AKST": -9, "AKDT": -8, "HST": -10,
        "BRT": -3, "BRST": -2, "ART": -3, "NST": -3.5, "NDT": -2.5, "AST": -4, "ADT": -3,
        # Smail, sendmail 5
        "WET DST": 1, "MET DST": 2, "EET DST": 3,
        # Windows (SLmail)
        "EASTERN STANDARD TIME": -5, "EASTERN DAYLIGHT TIME": -4, "CENTRAL STANDARD TIME": -6,
        "CENTRAL DAYLIGHT TIME": -5, "MOUNTAIN STANDARD TIME": -7, "MOUNTAIN DAYLIGHT TIME": -6,
        "PACIFIC STANDARD TIME": -8, "PACIFIC DAYLIGHT TIME": -7, "W. EUROPE STANDARD TIME": 1,
        "W. EUROPE DAYLIGHT TIME": 2, "GMT STANDARD TIME": 0, "GMT DAYLIGHT TIME": 1,
        "ROMANCE STANDARD TIME": 1, "ROMANCE DAYLIGHT TIME": 2, "CENTRAL EUROPE STANDARD TIME": 1,
        "CENTRAL EUROPE DAYLIGHT TIME": 2, "FLE STANDARD TIME": 2, "FLE DAYLIGHT TIME": 3,
        "ISRAEL STANDARD TIME": 2, "SOUTH AFRICA STANDARD TIME": 2, "INDIA STANDARD TIME": 5.5,
        "CHINA STANDARD TIME": 8, "TAIPEI STANDARD TIME": 8, "SINGAPORE STANDARD TIME": 8,
        "TOKYO STANDARD TIME": 9, "KOREA STANDARD TIME": 9, "AUS EASTERN STANDARD TIME": 10,
        "AUS EASTERN DAYLIGHT TIME": 11,
    }
)  # fmt: skip
ZONES: Final = MappingProxyType(
    {name: timezone(timedelta(hours=hours)) for name, hours in _ZONE_HOURS.items()} | {"UTC": UTC}
)
"""Zone names, upper case."""

_MONTHS: Final = MappingProxyType(
    {
        name: number
        for number, name in enumerate(
            ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
        )
    }
)
# How months begin where a server prints them in the language of its site: German, French, Spanish,
# Italian, Portuguese, Dutch, Danish, Norwegian, Swedish, Finnish, Polish, Turkish, Russian. Those
# of China, Japan and Korea are numbers. A letter with an accent may be damaged.
_ACCENT: Final = r"[^\x00-\x7f\s]{1,2}"
_MONTH_STARTS: Final = (
    rf"jan|gen|ene|j{_ACCENT}n|sty|tam|oca|янв", rf"feb|fev|f{_ACCENT}v|hel|lut|{_ACCENT}ub|фев",
    rf"mar(?!ras)|mrz|mrt|maa|m{_ACCENT}r|мар", "apr|avr|abr|huh|kwi|nis|апр",
    "ma[yijg]|mei|tou|ма[йя]", "jun|juin|giu|kes|cze|haz|июн", "jul|juil|lug|hei|lip|tem|июл",
    rf"aug|ago|aou|ao{_ACCENT}|elo|sie|a{_ACCENT}u|авг", "sep|set|syy|wrz|eyl|сен",
    rf"oct|okt|out|ott|lok|pa[zź]|pa{_ACCENT}|eki|окт", "nov|marras|lis|kas|ноя",
    rf"dec|dez|dic|des|d{_ACCENT}c|jou|gru|ara|дек",
)  # fmt: skip
_NUMBERED_MONTH: Final = r"(?:1[0-2]|0?[1-9])(?:月|월)"
_HAN_MONTHS: Final = (
    "一月", "二月", "三月", "四月", "五月", "六月",
    "七月", "八月", "九月", "十月", "十一月", "十二月",
)  # fmt: skip
# the English names first: they are what nearly every date has
_MONTH: Final = (
    rf"(?:(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|(?i:{'|'.join(_MONTH_STARTS)}))"
    rf"[^\W\d_]*+\.?|{_NUMBERED_MONTH}|{'|'.join(_HAN_MONTHS)})"
)
MONTH_NAME: Final = rf"(?:{_MONTH})"
"""The pattern of a month's name; no capturing groups."""
# Mo, Di, Mi, Do, Fr, Sa, So; ma, di, wo, do, vr, za, zo; ma, ti, ke, to, pe, la, su; and all others
# by how they begin, or by a letter that is not of ASCII among the first
_LOCAL_WEEKDAY: Final = (
    r"(?:mo|di|mi|do|fr|sa|so|ma|wo|vr|za|zo|ti|ke|to|pe|la|su|pn|wt|cz|pt)\b"
    r"|(?:lun|mar|mer|jeu|ven|sam|dim|jue|vie|dom|gio|seg|ter|qua|qui|sex|man|tir|tis|ons|tor|fre"
    r"|die|mit|don|son|maa|din|woe|vri|zat|zon|sab|mie"
    r"|tii|kes|per|lau|sun|pon|wto|czw|sob|nie|pzt|sal|cum|cmt|paz"
    rf"|[a-z]{{0,2}}{_ACCENT})[^\W\d_]*+(?:-feira)?"
)
WEEKDAY_NAME: Final = rf"(?i:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*+|{_LOCAL_WEEKDAY})"
"""The pattern of a weekday's name; no capturing groups."""
_WEEKDAY: Final = rf"{WEEKDAY_NAME}\.?"
# 10:11:12, and 10.11.12 of Italy and the north
_CLOCK: Final = r"\d{1,2}(?::\s?\d{2}(?::\s?\d{2}(?:[.,]\d++)?)?|\.\d{2}\.\d{2}(?![.\d]))"
_TIME: Final = rf"{_CLOCK}(?:\s*+(?i:[ap]m)\b)?"
_NAMES: Final = "|".join(
    re.escape(name).replace(r"\ ", r"\s+") for name in sorted(ZONES, key=len, reverse=True)
)
_ZONE_NAME: Final = rf"(?i:{_NAMES})(?![\w.@+-])"
# `&#43;` is a plus sign that went through HTML. Hours alone are ISO 8601's; behind GMT they count
# eastward, too, for POSIX's way, in which they do not, shows no sign in a date. A zone of three
# figures has lost its first; `GMT +0200` is 0200 east of what it names.
_OFFSET: Final = (
    r"(?:(?i:GMT|UTC?)\s*+(?=[+-]))?"
    r"(?:(?:[+-]\s*+|&#43;)\d{2}:?\d{2}(?!\d)|[+-]\d(?:\d|:?\d{2})?(?![\d:.-]))"
)
# SendGrid prints Go's monotonic clock: `2023-07-28 19:32:25.928 +0000 UTC m=+6810983.8`.
# The ARPANET joined the name of the zone to the time: `10:02:03-PDT`.
_ZONE: Final = (
    rf"(?>(?:\s*+(?:{_OFFSET})|(?:\s++|(?<=\d)-){_ZONE_NAME}|(?<=\d)Z\b|\s++m=[+-][\d.]++)*)"
)

# In Russian the word for a year stands behind its number: `2023 g., 10:11:12` in its own letters;
# Finnish: `29. elokuuta 2023 klo 10.11.12`
_BEFORE_TIME: Final = r"(?:\s?\N{CYRILLIC SMALL LETTER GHE}\.)?,?\s++(?:klo\s++)?"
_STANDARD_DAY: Final = rf"\d{{1,3}}\.?[\s-]++{_MONTH}[\s-]++\d{{2,4}}{_BEFORE_TIME}"
_ISO_DAY: Final = r"\d{4}-\d{2}-\d{2}(?:T|\s++)"
# `2023年8月29日 火曜日 10:11:12`, `2023년 8월 29일 (화) 오후 10:11:12`
_EAST_DAY: Final = (
    r"(\d{4})(?:年|년)\s?(\d{1,2})(?:月|월)\s?(\d{1,2})(?:日|일)"
    r"\s*+(?:\([^\W\d_]{1,3}\)|[^\x00-\x7f](?:曜日|期.|요일|.)?(?=\s))?\s*+"
)
_EAST_HALF: Final = r"(?:上午|午前|오전|(下午|午後|오후))?\s*+"
_EAST_CLOCK: Final = r"(\d{1,2})(?::|時|时|시)\s?(\d{2})(?:(?::|分|분)\s?(\d{2})(?:秒|초)?)?"
_without_groups: Final = re.compile(r"(?<!\\)\((?!\?)").sub
# asctime, Java: `Fri Feb 18 10:28:21 CET 2022`, `Apr 29 23:34:45 2005 +0000`
_SHORT_ZONE: Final = rf"(?:[A-Z]{{1,4}}T|UTC|MESZ?|MEZ|MS[KD])\b(?:\s++DST\b)?|{_OFFSET}"
_ASCTIME: Final = (
    rf"{_MONTH}\s++\d{{1,2}},?\s++{_TIME}(?:\s++(?:{_SHORT_ZONE}))?\s++\d{{4}}"
    rf"(?:\s++(?:{_SHORT_ZONE}))?(?!:)"
)
DATE: Final = (
    rf"(?:(?:at|on)\s++)?(?:{_WEEKDAY},?\s*+|,\s*+)?"
    rf"(?:(?:{_STANDARD_DAY}|{_ISO_DAY}){_TIME}{_ZONE}|{_ASCTIME}"
    rf"|{_without_groups('(?:', _EAST_DAY + _EAST_HALF + _EAST_CLOCK)}{_ZONE})"
)
"""The pattern of what the lexer takes for a date wherever it stands; no capturing groups."""

_is_offset: Final = re.compile(_OFFSET).fullmatch
_drop_greenwich: Final = re.compile(r"\b(?:GMT|UTC?)(?=[+-]\d)", re.IGNORECASE).sub
_HEAD: Final = rf"(?:(?:at|on)\s+)?[\s,]*(?:{_WEEKDAY},?\s*)?"
_HOURS: Final = (
    r"(\d{1,2})[:.]\s?(\d{2})(?:[:.]\s?(\d{2})(?:[.,](\d{1,6})\d*)?)?(?!\s*+(?i:[ap]m)\b)"
)
_match_standard: Final = re.compile(
    rf"{_HEAD}(\d{{1,3}})\.?[\s-]+({_MONTH})[\s-]+(\d{{2,4}}){_BEFORE_TIME}"
    rf"{_HOURS}\s*(?:({_OFFSET})|-?({_ZONE_NAME}))?(?:[\s(]|$)"
).match
_is_epoch: Final = re.compile(r"\s*(\d{9,10})(?:\.\d+)?\s*").fullmatch
# RFC 5322, 3.3, without its obsolete forms: what nearly every line has
_match_plain: Final = re.compile(
    r"(?:[A-Z][a-z]{2},\s+)?(\d{1,2})\s+([A-Z][a-z]{2})\s+((?:19[7-9]|20\d)\d)\s+(\d\d):(\d\d):([0-5]\d)"
    r"\s+([+-]\d{4})(?:\s|$)"
).match
_match_iso: Final = re.compile(
    rf"{_HEAD}"
    r"(\d{4})-(\d{2})-(\d{2})[T\s]+(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6})\d*)?)?(?!:|\s*+(?i:[ap]m)\b)"
    rf"\s*(?:({_OFFSET})|({_ZONE_NAME}))?"
).match
_has_time: Final = re.compile(r"\d:\d\d|\dT\d{6}").search
# 03/04/2023 is a day in March to some, and in April to most
_is_ambiguous: Final = re.compile(
    r"(?<!\d)0?(1[0-2]|[1-9])([/-])(?!0?\1\2)0?(?:1[0-2]|[1-9])\2\d{4}(?!.*[ap]m\b)", re.IGNORECASE
).search
# 03.04.2023 is in April to all who write so
_is_dotted: Final = re.compile(r"(?<![\d.])\d{1,2}\.\d{1,2}\.\d{2}").search
# a fold within the time of day or the year: `13:0 1:02`, `5 Mar 20 24 13:01:02`
_is_torn: Final = re.compile(
    r"\d:\d?\s+\d+:\d|\d\s+[a-z]{3,}\s+\d{1,3}\s+\d{1,3}\s+\d+:", re.IGNORECASE
).search


class ReadDate(NamedTuple):
    """What the text in the place of the date says."""

    timestamp: datetime | None
    defect: DefectKind | None


def parse_date(text: str, zone_comment: str | None = None) -> ReadDate:
    """Read *text* as an instant.

    Two-digit years follow RFC 5322, 4.3; `-0000` is UTC; a leap second counts as the second before.
    A time whose zone is not known is no instant: it is left out and is a defect.

    Args:
        text: The date as it stands in the line, folded or not.
        zone_comment: The comment behind the date, asked only where the date has no zone.

    >>> parse_date("Tue, 29 Aug 2023 10:11:12 +0200").timestamp.isoformat()
    '2023-08-29T10:11:12+02:00'
    >>> parse_date("Tue, 29 Aug 2023 10:11:12").defect
    <DefectKind.NO_ZONE: 'no-zone'>
    """
    read = _read_loose(text, zone_comment) or _guess(text, zone_comment)
    if read.timestamp and not _OLDEST <= read.timestamp.year <= _NEWEST:
        return _BAD
    return read


_BAD: Final = ReadDate(None, DefectKind.BAD_DATE)
# The first mail with a trace line is younger than RFC 822 (1982), nearly.
_OLDEST: Final = 1970
_NEWEST: Final = 2100


def find_plain_date(text: str) -> datetime | None:
    """Read *text* if it is a date of RFC 5322, 3.3, without obsolete forms: nearly all are.

    >>> find_plain_date("Tue, 29 Aug 2023 10:11:12 +0200").isoformat()
    '2023-08-29T10:11:12+02:00'
    """
    m = _match_plain(text)
    zone = _find_offset(m[7]) if m else None
    if m is None or zone is None:
        return None
    day, month, year, hour, minute, second, _ = m.groups()
    try:
        return datetime(
            int(year),
            _MONTHS[month.lower()],
            int(day),
            int(hour),
            int(minute),
            int(second),
            0,
            zone,
        )
    except (KeyError, ValueError):
        return None


def _read_loose(text: str, zone_comment: str | None) -> ReadDate | None:
    """RFC 5322 with its obsolete forms, and ISO 8601."""
    if m := _match_standard(text):
        day, name, year, *clock = m.groups()
        return _build((_full_year(year), find_month(name), int(day)), clock, zone_comment)
    if m := _match_iso(text):
        year, month, day, *clock = m.groups()
        return _build((int(year), int(month), int(day)), clock, zone_comment)
    if m := _compile_asctime()(text):
        name, day, *clock, zone, year, late_zone = m.groups()
        clock += (None, zone or late_zone)
        return _build((int(year), find_month(name), int(day)), clock, zone_comment)
    if "年" in text or "년" in text:
        return _read_eastern(text, zone_comment)
    if m := _is_epoch(text):
        return ReadDate(datetime.fromtimestamp(int(m[1]), UTC), None)
    return None


@cache
def _compile_eastern() -> Callable[[str], re.Match[str] | None]:
    return re.compile(
        rf"\s*{_EAST_DAY}{_EAST_HALF}{_EAST_CLOCK}\s*(?:({_OFFSET})|({_ZONE_NAME}))?(?:[\s(]|$)"
    ).match


def _read_eastern(text: str, zone_comment: str | None) -> ReadDate | None:
    m = _compile_eastern()(text)
    if m is None:
        return None
    year, month, day, half, hour, minute, second, offset, name = m.groups()
    if half:
        hour = str(int(hour) % 12 + 12)
    clock = [hour, minute, second, None, offset, name]
    return _build((int(year), int(month), int(day)), clock, zone_comment)


@cache
def _compile_asctime() -> Callable[[str], re.Match[str] | None]:
    # when first needed, for few lines have such dates
    return re.compile(
        rf"{_HEAD}({_MONTH})\s+(\d{{1,2}}),?\s+{_HOURS}(?:\s+({_SHORT_ZONE}))?\s+(\d{{4}})"
        rf"(?:\s+({_SHORT_ZONE}))?(?:[\s(]|$)"
    ).match


def find_month(name: str) -> int:
    """Tell which month *name*, which fits `MONTH_NAME`, is.

    >>> find_month("Aug"), find_month("agosto"), find_month("Mrz")
    (8, 8, 3)
    """
    if name in _HAN_MONTHS:
        return _HAN_MONTHS.index(name) + 1
    if name[0].isdigit():
        return int(name[:-1])
    return _MONTHS.get(name.lower()) or next(
        number for number, begins in enumerate(_month_starts, 1) if begins(name)
    )


_month_starts: Final = tuple(re.compile(starts, re.IGNORECASE).match for starts in _MONTH_STARTS)


def _full_year(text: str) -> int:
    # RFC 5322, 4.3: 00-49 are 2000-2049, 50-99 and all three-digit years count from 1900.
    year = int(text)
    if len(text) > 3:  # noqa: PLR2004  # four digits
        return year
    return year + (2000 if len(text) == 2 and year < 50 else 1900)  # noqa: PLR2004  # see above


def _build(
    day: tuple[int, int, int], clock: list[str | None], zone_comment: str | None
) -> ReadDate | None:
    hour, minute, second, fraction, offset, name = (part or "" for part in clock)
    zone = _find_offset(offset) if offset else _find_zone(name or zone_comment)
    micro = int(fraction.ljust(6, "0") or 0) if fraction else 0
    try:
        moment = datetime(
            *day, int(hour), int(minute), min(int(second or 0), 59), micro, tzinfo=zone
        )
    except ValueError:
        return None
    return ReadDate(moment, None) if zone else ReadDate(None, DefectKind.NO_ZONE)


def _find_zone(name: str | None) -> timezone | None:
    if not name:
        return None
    # (GMT+02:00), where no offset stands before it
    return ZONES.get(" ".join(name.split()).upper()) or (
        _find_offset(name) if _is_offset(name) else None
    )


@lru_cache(maxsize=256)
def _find_offset(text: str) -> timezone | None:
    sign = -1 if "-" in text else 1
    digits = re.split(r"[+;-]", text)[-1].replace(":", "").strip()
    if len(digits) <= 2:  # noqa: PLR2004  # hours alone
        digits += "00"
    digits = f"{digits:0>4}"
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return timezone(sign * timedelta(minutes=minutes)) if minutes < 24 * 60 else None


_TRIAL_DATES: Final = (datetime(1904, 1, 1), datetime(1908, 2, 2, 2, 2, 2))  # noqa: DTZ001
_zone_of: Final[Callable[[str | None, int | None], timezone | None]] = lambda name, offset: (  # noqa: E731
    timezone(timedelta(seconds=offset)) if offset is not None else _find_zone(name)
)


def _guess(text: str, zone_comment: str | None) -> ReadDate:
    """Ask dateutil, which fills what is missing from a default: two defaults must agree."""
    # to dateutil, as to POSIX, GMT+2 is west of Greenwich; to mail it is east
    text = _drop_greenwich("", " ".join(text.replace("&#43;", "+").split()))
    if len(text) > MAX_DATE_TEXT or not _has_time(text) or _is_ambiguous(text) or _is_torn(text):
        return _BAD
    try:
        first, second = (
            dateutil_parser.parse(
                text, default=default, tzinfos=_zone_of, dayfirst=_is_dotted(text) is not None
            )
            for default in _TRIAL_DATES
        )
    except (ValueError, OverflowError, TypeError, ArithmeticError):
        return _BAD
    if first.replace(second=0) != second.replace(second=0):
        return _BAD
    zone = first.tzinfo or _find_zone(zone_comment)
    if zone is None:
        return ReadDate(None, DefectKind.NO_ZONE)
    return ReadDate(first.replace(tzinfo=zone), None)
