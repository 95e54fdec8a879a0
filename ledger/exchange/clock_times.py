"""Dates, times and durations as time trackers write them, and the days that a time is on."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from itertools import product

from ledger.dates import MONTHS_IN_YEAR, day_after
from ledger.duration import parse_duration

_DATE = r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})"
_TIME = r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(?:([AaPp])\.?[Mm]\.?)?\s*(Z|[+-]\d\d:?\d\d)?"
_MOMENT = re.compile(rf"(?:{_DATE})?(?:[T ]*{_TIME})?", re.ASCII)
_CLOCK = re.compile(r"(\d+):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_DECIMAL_HOURS = re.compile(r"(\d*)[.,]?(\d*)\s*h?", re.ASCII)
_HALF_DAY = 12
_LONGEST = timedelta(days=7)


def find_date_orders(texts: Iterable[str]) -> set[str]:
    """Return in which orders of day and month all texts are dates; none if that is never open."""
    found = [re.match(_DATE, text, re.ASCII) for text in texts]
    dates = [each for each in found if each and _is_open(each)]
    months = {"day-first": 3, "month-first": 1}  # the group that has to be one
    return {
        order
        for order, group in months.items()
        if dates and all(int(each[group]) <= MONTHS_IN_YEAR for each in dates)
    }


def _is_open(found: re.Match[str]) -> bool:
    return len(found[1]) < len("2026") and found[2] != "."


def read_moment(text: str, order: str | None) -> tuple[date | None, time | None]:
    """Return the day and the time that a text names, as far as it does; else a ValueError."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text.strip()!r} is no date and time")
    day, moment = None, None
    if found[1]:
        year, month, number = found[1], found[3], found[4]
        if _is_open(found) or found[2] == ".":
            year, number = number, year
            if found[2] != "." and order == "month-first":
                month, number = number, month
        century = 2000 if len(year) <= len("26") else 0
        try:
            day = date(century + int(year), int(month), int(number))
        except ValueError as error:
            raise ValueError(f"{text.strip()!r} is no day of the calendar") from error
    if found[5]:
        hour = int(found[5])
        if half := found[8]:
            hour = hour % _HALF_DAY + (_HALF_DAY if half in "Pp" else 0)
        zone = datetime.strptime(found[9].replace("Z", "+0000"), "%z").tzinfo if found[9] else None
        moment = time(hour, int(found[6]), int(found[7] or 0), tzinfo=zone)
    return day, moment


def read_duration(text: str) -> int:
    """Return the seconds of 1:30, 1:30:00, 1h 30m or 1,5 (in whole minutes); else a ValueError."""
    text = text.strip()
    if found := _CLOCK.fullmatch(text):
        return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0)
    if (found := _DECIMAL_HOURS.fullmatch(text)) and found[1] + found[2]:
        minutes = Decimal(f"{found[1] or 0}.{found[2] or 0}") * 60
        return int((minutes + Decimal("0.5")) // 1) * 60
    return parse_duration(text) * 60


def find_span(
    start: datetime, end: datetime, zone: tzinfo, seconds: int | None
) -> tuple[datetime, datetime]:
    """Return the moments that two times of a clock in ``zone`` name.

    Where it was put back, an hour is there twice; which is meant, the duration says.

    Raises:
        ValueError: a time was not there, or nothing says which hour is meant.
    """
    spans = [
        (last - first, first)
        for first, last in product(_list_moments(start, zone), _list_moments(end, zone))
        if first <= last
    ]
    if not spans:
        raise ValueError(f"it ends at {end} before it begins at {start}")
    if seconds is not None:
        spans.sort(key=lambda span: abs(span[0].total_seconds() - seconds))
    elif len({length for length, _first in spans}) > 1:
        message = f"an hour of {end.date()} was there twice in {zone}, and no duration says which"
        raise ValueError(message)
    length, first = spans[0]
    if length > _LONGEST:
        raise ValueError(f"it goes from {start} to {end}, more than {_LONGEST.days} days")
    return first, first + length


def _list_moments(clock: datetime, zone: tzinfo) -> list[datetime]:
    """Return the one moment, or the two, at which a clock in ``zone`` shows a time."""
    if clock.tzinfo is not None:
        return [clock.astimezone(UTC)]
    both = {clock.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    shown = [each for each in sorted(both) if each.astimezone(zone).replace(tzinfo=None) == clock]
    if not shown:
        raise ValueError(f"no clock in {zone} showed {clock}: put forward on that day")
    return shown


def divide_by_day(start: datetime, end: datetime, zone: tzinfo) -> list[tuple[date, int]]:
    """Return the seconds from ``start`` to ``end`` on each day of a calendar in ``zone``."""
    parts = []
    while start < end:
        day = start.astimezone(zone).date()
        midnight = datetime.combine(day_after(day), time.min, zone).astimezone(UTC)
        stop = min(end, midnight)
        parts.append((day, int((stop - start).total_seconds())))
        start = stop
    return parts
