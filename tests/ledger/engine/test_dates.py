"""Months and last days, against worked examples and against an independent calendar library."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta

from ledger.dates import WEEKDAYS, add_months, day_after, find_next_weekday, today_in

FIRST_START = date(2000, 1, 1)
LAST_START = date(2100, 12, 31)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-10", 1, "2026-02-10"),
        ("2026-12-10", 1, "2027-01-10"),
        ("2026-11-30", 1, "2026-12-30"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2096-02-29", 48, "2100-02-28"),
        ("2026-02-28", 1, "2026-03-28"),
        ("2026-05-31", 0, "2026-05-31"),
        ("2026-03-31", 11, "2027-02-28"),
        ("9998-12-31", 2, "9999-02-28"),
        ("9998-12-31", 12, "9999-12-31"),
        ("9999-12-01", 1, "9999-12-31"),
        ("9999-01-31", 999_999_999, "9999-12-31"),
    ],
)
def test_months_are_clamped_to_the_months_end(start: str, months: int, end: str) -> None:
    assert add_months(date.fromisoformat(start), months) == date.fromisoformat(end)


def list_starts() -> Iterator[date]:
    for number in range((LAST_START - FIRST_START).days + 1):
        yield FIRST_START + timedelta(days=number)


@pytest.mark.parametrize("months", [1, 3, 6, 11, 12, 13, 24, 36])
def test_every_start_agrees_with_dateutil(months: int) -> None:
    later = relativedelta(months=months)
    assert [day for day in list_starts() if add_months(day, months) != day + later] == []


def test_every_month_end_agrees_with_dateutil_for_all_months() -> None:
    ends = [day for day in list_starts() if (day + timedelta(days=4)).month != day.month]
    for months in range(1, 37):
        later = relativedelta(months=months)
        assert [day for day in ends if add_months(day, months) != day + later] == []


def test_day_after() -> None:
    assert day_after(date(2026, 2, 28)) == date(2026, 3, 1)
    assert day_after(date(2028, 2, 28)) == date(2028, 2, 29)
    assert day_after(date(2026, 12, 31)) == date(2027, 1, 1)
    assert day_after(date.max) == date.max


@pytest.mark.parametrize(
    ("day", "weekday", "expected"),
    [
        ("2026-11-22", "monday", "2026-11-23"),
        ("2026-11-23", "monday", "2026-11-30"),
        ("2026-11-24", "monday", "2026-11-30"),
        ("2026-11-22", "sunday", "2026-11-29"),
        ("2026-11-21", "sunday", "2026-11-22"),
        ("9999-12-31", "monday", "9999-12-31"),
    ],
)
def test_next_weekday_is_after_the_day(day: str, weekday: str, expected: str) -> None:
    assert find_next_weekday(date.fromisoformat(day), weekday) == date.fromisoformat(expected)


@pytest.mark.parametrize("weekday", WEEKDAYS)
def test_next_weekday_is_within_seven_days(weekday: str) -> None:
    for number in range(14):
        day = date(2026, 11, 16) + timedelta(days=number)
        found = find_next_weekday(day, weekday)
        assert f"{found:%A}".lower() == weekday
        assert 1 <= (found - day).days <= 7


@pytest.mark.parametrize(
    ("zone", "today"),
    [
        ("UTC", "2026-11-22"),
        ("Europe/Berlin", "2026-11-23"),
        ("America/New_York", "2026-11-22"),
        ("Pacific/Auckland", "2026-11-23"),
    ],
)
def test_today_is_what_the_calendar_in_the_zone_shows(zone: str, today: str) -> None:
    moment = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert today_in(ZoneInfo(zone), moment) == date.fromisoformat(today)
