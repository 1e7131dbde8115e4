"""Time stamps moved, all of a message by the same span, in the form in which they stand."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Final

from headertls.classifier.transport_rules import FIRST_STARTTLS_YEAR
from headertls.classifier.writers import WRITERS
from headertls.parser.dates import MONTH_NAME, WEEKDAY_NAME, find_month, parse_date
from headertls.redaction.pseudonyms import Draw

_DAY: Final = 86_400
# Days by which stamps move at most: the first span in which no stamp comes into another era.
_SPANS: Final = (400, 200, 100, 30, 7, 1)
# Bounds of what counts as the time of a mail, years from which on silence means something else.
_ERAS: Final = tuple(
    sorted({1970, 2101, FIRST_STARTTLS_YEAR, *(row.year for row in WRITERS if row.year)})
)

# fmt: off
_FULL_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL_WEEKDAYS: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)
# fmt: on
_SHORT: Final = 3

_WEEKDAY: Final = rf"(?:(?:at|on)\s+)?(?:(?P<weekday>{WEEKDAY_NAME})\.?,?\s*)?"
_MONTH: Final = rf"(?P<month>{MONTH_NAME})"
_CLOCK: Final = (
    r"(?P<hour>\d{1,2})[:.]\s?(?P<minute>\d{2})(?:[:.]\s?(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?:\s*(?P<half>[AaPp])[Mm]\b)?"
)
_LATE_YEAR: Final = r"(?:\s+\D[^\d]*?)?\s+(?P<year>\d{4})"
_FORMS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # Tue, 29 Aug 2023 10:11:12 +0200
        rf"[\s,]*{_WEEKDAY}(?P<day>\d{{1,3}})\.?[\s-]+{_MONTH}[\s-]+(?P<year>\d{{2,4}}),?\s+{_CLOCK}",
        # 2023-08-29 10:11:12
        rf"(?:(?:at|on)\s+)?(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}})(?:T|\s+){_CLOCK}",
        # Tue Aug 29 10:11:12 CEST 2023
        rf"{_WEEKDAY}{_MONTH}\s+(?P<day>\d{{1,2}}),?\s+{_CLOCK}{_LATE_YEAR}",
    )
)
_MONOTONIC: Final = re.compile(r"m=[+-][\d.]+")
# Milliseconds are enough of a time; nine digits would find the line in any log.
_FRACTION: Final = re.compile(r"(?<=:\d\d)([.,]\d{1,3})(\d*)")
_DIGIT: Final = re.compile(r"\d")
_LAST_SECOND: Final = 59
_NOON: Final = 12
_CENTURY: Final = 100
_LONG_YEAR: Final = 4


def choose_shift(draw: Draw, years: Iterable[int]) -> timedelta:
    """Choose how far the stamps of a message move.

    Args:
        draw: Where the numbers come from.
        years: Of the stamps: no stamp is to come into another era, in which silence about TLS
            means something else. Where one would whatever is tried, they stay where they are.

    >>> -400 <= choose_shift(Draw(b"seed"), [2023]).days < 0
    True
    """
    stamps = sorted(years)
    for days in _SPANS:
        back = timedelta(seconds=-(3600 + draw.below(days * _DAY)))
        for shift in (back, -back):
            # A year that is counted as begun in full: some days of it are enough.
            margin = 1 + abs(shift.days) // 365
            sign = -1 if shift < timedelta() else 1
            moved = [year + sign * margin for year in stamps]
            if [_find_era(year) for year in stamps] == [_find_era(year) for year in moved]:
                return shift
    return timedelta()


def _find_era(year: int) -> int:
    return sum(year >= first for first in _ERAS)


def shift_date(text: str, shift: timedelta) -> str:
    """Move the date in *text*, as written; what is no day of any calendar becomes nines.

    >>> shift_date("Tue, 29 Aug 2023 23:11:12 +0200 (CEST)", timedelta(days=4, hours=1))
    'Sun, 03 Sep 2023 00:11:12 +0200 (CEST)'
    >>> shift_date("2023-08-29 10:11:12.5 +0000 UTC m=+681.25", timedelta(days=1))
    '2023-08-30 10:11:12.5 +0000 UTC m=+0'
    """
    if _is_foreign(text) and (stamp := parse_date(text).timestamp):
        return format_datetime(stamp + shift)
    text = _MONOTONIC.sub("m=+0", text)
    text = _FRACTION.sub(lambda run: run[1] + "0" * len(run[2]), text)
    found = next((match for form in _FORMS if (match := form.match(text))), None)
    if found is None:
        return _DIGIT.sub("9", text)
    try:
        moment = _read(found)
        moved = moment + shift
    except (ValueError, OverflowError):
        return text[: found.start()] + _DIGIT.sub("9", found[0]) + text[found.end() :]
    pieces = _write(found, moment, moved)
    for name in sorted(pieces, key=found.start, reverse=True):
        text = text[: found.start(name)] + pieces[name] + text[found.end(name) :]
    return text


def _is_foreign(text: str) -> bool:
    """Whether words of a language stand around the numbers, which are no one's but no table's."""
    return not text.isascii() or " klo " in text


def _read(found: re.Match[str]) -> datetime:
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % _NOON + (_NOON if found["half"] in "Pp" else 0)
    month = found["month"]
    return datetime(  # noqa: DTZ001  # the zone stays as it is
        _read_year(found["year"]),
        int(month) if month.isdecimal() else find_month(month),
        int(found["day"]),
        hour,
        int(found["minute"]),
        min(int(found["second"] or 0), _LAST_SECOND),
    )


def _read_year(text: str) -> int:
    year = int(text)
    if len(text) >= _LONG_YEAR:
        return year
    # RFC 5322, 4.3
    return year + (2000 if len(text) == 2 and year < 50 else 1900)  # noqa: PLR2004  # see above


def _write(found: re.Match[str], moment: datetime, moved: datetime) -> dict[str, str]:
    """Write each piece of the date in the form in which it stood."""
    hour = (moved.hour + _NOON - 1) % _NOON + 1 if found["half"] else moved.hour
    pieces = {
        "year": _write_year(moved.year, len(found["year"])),
        "day": str(moved.day).zfill(len(found["day"])),
        "hour": str(hour).zfill(len(found["hour"])),
        "minute": f"{moved.minute:02}",
    }
    if found["second"]:
        pieces["second"] = f"{moved.second:02}"
    if found["half"]:
        half = "a" if moved.hour < _NOON else "p"
        pieces["half"] = half.upper() if found["half"].isupper() else half
    month = found["month"]
    if month.isdecimal():
        return pieces | {"month": f"{moved.month:02}"}
    pieces["month"] = _write_name(_FULL_MONTHS[moved.month - 1], month)
    if weekday := found["weekday"]:
        # A wrong weekday stays as wrong as it was.
        days = (moved.date() - moment.date()).days
        name = weekday[:_SHORT].lower()
        # that of another language becomes the right one in English, as the month does
        place = _WEEKDAYS.index(name) + days if name in _WEEKDAYS else moved.weekday()
        place %= 7
        pieces["weekday"] = _write_name(_FULL_WEEKDAYS[place], weekday)
    return pieces


def _write_year(year: int, digits: int) -> str:
    if digits >= _LONG_YEAR:
        return f"{year:04}"
    return f"{year % _CENTURY:02}" if digits < _SHORT else f"{year - 1900:03}"


def _write_name(name: str, model: str) -> str:
    name = name if len(model) > _SHORT else name[:_SHORT]
    if model.isupper():
        return name.upper()
    return name.lower() if model.islower() else name
