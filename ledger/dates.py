"""Dates, months and weekdays, as the terms of sale count them.

A date that ends something is the last day on which it still works. Months are calendar months,
clamped to the end of the month and counted from the original date: 31 August and six months
make 28 or 29 February, 29 February and twelve months make 28 February.
"""

import calendar
from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo

MONTHS_IN_YEAR = 12
ONE_DAY = timedelta(days=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def add_months(day: date, months: int) -> date:
    """Return the day so many months later, or that month's last day; at most 31 December 9999."""
    month_index = day.year * MONTHS_IN_YEAR + day.month - 1 + months
    year, month = divmod(month_index, MONTHS_IN_YEAR)
    if year > date.max.year:
        return date.max
    last_day_of_month = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last_day_of_month))


def list_months(first: date, last: date) -> Iterator[date]:
    """Yield the first day of each month from that of ``first`` to that of ``last``."""
    count = (last.year - first.year) * MONTHS_IN_YEAR + last.month - first.month + 1
    return (add_months(first.replace(day=1), number) for number in range(count))


def day_after(day: date) -> date:
    """Return the next day; the last day of the calendar has none and returns itself."""
    return day if day == date.max else day + ONE_DAY


def find_next_weekday(day: date, weekday: str) -> date:
    """Return the first ``weekday`` (in English, lower case) after a day; at most 9999-12-31."""
    days_ahead = (WEEKDAYS.index(weekday) - day.weekday() - 1) % len(WEEKDAYS) + 1
    return day + min(timedelta(days=days_ahead), date.max - day)


def today_in(zone: tzinfo, now: datetime) -> date:
    """Return the date that the calendar in ``zone`` shows at the moment ``now``."""
    return now.astimezone(zone).date()
