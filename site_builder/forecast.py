"""How long what is left will last, judged by the last weeks, and how sure that is.

A pure function of movements, cards and the as-of date. Each of the last weeks is a sample of what
a week uses. If the coming weeks are like them, what is used in ``t`` weeks is about their mean
times ``t``; the range around it is the 80 % prediction interval of a sum of ``t`` more such
samples, with a mean that is itself only estimated (Student's t). So weeks that differ much, or few
of them, give a wide range, and a mean that might be next to nothing gives a range without an end.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import sqrt
from statistics import fmean, stdev
from typing import Protocol, TypeAlias

MOST_WEEKS = 12
FEWEST_WEEKS = 4
HORIZON_DAYS = 3 * 365

_DAYS_IN_WEEK = 7
# The 90 % quantile of Student's t for 3 to 11 degrees of freedom: a tenth lies beyond either side.
_QUANTILES = (1.638, 1.533, 1.476, 1.440, 1.415, 1.397, 1.383, 1.372, 1.363)
_KINDS_OF_USE = frozenset({"time", "correction"})

# What is used in so many days.
_Use: TypeAlias = Callable[[int], float]


class DatedUse(Protocol):
    """A movement, as far as it matters here."""

    @property
    def date(self) -> date:
        """Its day."""

    @property
    def kind(self) -> str:
        """What it is."""

    @property
    def minutes(self) -> int:
        """Its effect on the balance."""


class Left(Protocol):
    """A card or credit, as far as it matters here."""

    @property
    def is_open(self) -> bool:
        """Whether anything is left."""

    @property
    def remaining_minutes(self) -> int:
        """What is left."""

    @property
    def last_day(self) -> date | None:
        """The last day on which it can be used, if it has one."""


class Outlook(StrEnum):
    """What can be said about the coming weeks."""

    NOTHING_LEFT = "nothing-left"
    TOO_EARLY = "too-early"
    NO_USE = "no-use"
    LASTS_UNTIL = "lasts-until"
    LASTS_LONG = "lasts-long"


@dataclass(frozen=True, slots=True)
class Expectation:
    """The balance on a day to come: what is expected, and between what it likely is."""

    day: date
    low_minutes: int
    minutes: int
    high_minutes: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is to be expected.

    Attributes:
        weeks: how many of the last weeks it is judged by.
        weekly_minutes: what a week of these used on average.
        last_day: the day on which the last minute goes; None if it is far away.
        earliest: the same, if more is used than expected.
        latest: the same, if less is used; None if it is far away.
        lost_minutes: what would expire unused until then, at the expected pace.
        course: the balance week by week, from the as-of date on.
    """

    outlook: Outlook
    weeks: int = 0
    weekly_minutes: int = 0
    last_day: date | None = None
    earliest: date | None = None
    latest: date | None = None
    lost_minutes: int = 0
    course: tuple[Expectation, ...] = ()


def make_forecast(
    movements: Sequence[DatedUse],
    lots: Iterable[Left],
    as_of: date,
    room: timedelta = timedelta.max,
) -> Forecast:
    """Return how long the open ``lots`` will last from ``as_of`` on.

    Args:
        movements: what changed the balance until then.
        lots: the cards and credits.
        as_of: the date.
        room: how far ahead the course is asked for, at most.
    """
    open_lots = [lot for lot in lots if lot.is_open]
    if not open_lots:
        return Forecast(Outlook.NOTHING_LEFT)
    used = measure_weeks(movements, as_of)
    if len(used) < FEWEST_WEEKS:
        return Forecast(Outlook.TOO_EARLY, weeks=len(used))
    if sum(used) <= 0:
        return Forecast(Outlook.NO_USE, weeks=len(used))
    return _look_ahead(_Pace(used), _Stock(open_lots, as_of), as_of, room)


def measure_weeks(movements: Sequence[DatedUse], as_of: date) -> list[int]:
    """Return the charged minutes of each of the last weeks, the latest first.

    Weeks end with ``as_of``; only those that began when there was a balance already are counted.
    """
    if not movements:
        return []
    known_days = (as_of - movements[0].date).days + 1
    used = [0] * min(MOST_WEEKS, known_days // _DAYS_IN_WEEK)
    for movement in movements:
        week = (as_of - movement.date).days // _DAYS_IN_WEEK
        if movement.kind in _KINDS_OF_USE and week < len(used):
            used[week] -= movement.minutes
    return used


class _Pace:
    """How much is used in a stretch of days: expected, at most and at least, likely."""

    def __init__(self, used: Sequence[int]) -> None:
        self.weeks = len(used)
        self.mean = fmean(used)
        self._spread = stdev(used) * _QUANTILES[self.weeks - FEWEST_WEEKS]

    def expect(self, days: int) -> float:
        return self.mean * days / _DAYS_IN_WEEK

    def expect_most(self, days: int) -> float:
        return self.expect(days) + self._deviate(days)

    def expect_least(self, days: int) -> float:
        return max(0.0, self.expect(days) - self._deviate(days))

    def expect_all(self, days: int) -> tuple[float, float, float]:
        """Return the same as the three others at once: most, expected, least."""
        expected, deviation = self.expect(days), self._deviate(days)
        return expected + deviation, expected, max(0.0, expected - deviation)

    def _deviate(self, days: int) -> float:
        weeks = days / _DAYS_IN_WEEK
        return self._spread * sqrt(weeks + weeks * weeks / self.weeks)


class _Stock:
    """The minutes that are left, and how many of them are gone after which day."""

    def __init__(self, lots: Iterable[Left], as_of: date) -> None:
        self.minutes = 0
        self._expiries: list[tuple[int, int]] = []
        for lot in sorted(lots, key=lambda lot: lot.last_day or date.max):
            self.minutes += lot.remaining_minutes
            if lot.last_day is not None:
                self._expiries.append(((lot.last_day - as_of).days, self.minutes))

    def lose(self, days: int, use: _Use) -> float:
        """Return what has expired unused when so many days have passed."""
        lost = 0.0
        for last_days, minutes in self._expiries:
            if last_days < days:
                lost = max(lost, minutes - use(last_days))
        return lost

    def leave(self, days: int, use: _Use) -> float:
        """Return what is left after so many days."""
        return self.leave_of(use(days), days, use)

    def leave_of(self, used: float, days: int, use: _Use) -> float:
        """Return the same, given what is used until then."""
        lost = self.lose(days, use) if self._expiries else 0.0
        return max(0.0, self.minutes - used - lost)

    def last(self, use: _Use) -> int | None:
        """Return after how many days nothing is left; None if that is beyond the horizon."""
        horizon = range(HORIZON_DAYS + 1)
        days = bisect_left(horizon, True, key=lambda days: self.leave(days, use) <= 0)
        if days > HORIZON_DAYS:
            return None
        # Minutes that expire are gone the day after; the day they still worked on is meant.
        return days - 1 if self.lose(days, use) > self.lose(days - 1, use) else days


def _look_ahead(pace: _Pace, stock: _Stock, as_of: date, room: timedelta) -> Forecast:
    expected = stock.last(pace.expect)
    earliest, latest = stock.last(pace.expect_most), stock.last(pace.expect_least)
    # What expires on the last day is gone the day after.
    gone_after = (HORIZON_DAYS if expected is None else expected) + 1
    return Forecast(
        outlook=Outlook.LASTS_LONG if expected is None else Outlook.LASTS_UNTIL,
        weeks=pace.weeks,
        weekly_minutes=round(pace.mean),
        last_day=_add_days(as_of, expected),
        earliest=_add_days(as_of, earliest),
        latest=_add_days(as_of, latest),
        lost_minutes=round(stock.lose(gone_after, pace.expect)),
        course=tuple(
            _expect_on(days, pace, stock, as_of)
            for days in _list_days(HORIZON_DAYS if latest is None else latest, expected, earliest)
            if days <= room.days
        ),
    )


def _expect_on(days: int, pace: _Pace, stock: _Stock, as_of: date) -> Expectation:
    most, expected, least = pace.expect_all(days)
    return Expectation(
        day=as_of + timedelta(days=days),
        low_minutes=round(stock.leave_of(most, days, pace.expect_most)),
        minutes=round(stock.leave_of(expected, days, pace.expect)),
        high_minutes=round(stock.leave_of(least, days, pace.expect_least)),
    )


def _add_days(day: date, days: int | None) -> date | None:
    return None if days is None else day + timedelta(days=days)


def _list_days(last: int, *also: int | None) -> list[int]:
    """Return each seventh day up to the last, and the days that are to be met exactly."""
    exact = {days for days in also if days is not None}
    return sorted({*range(0, last, _DAYS_IN_WEEK), *exact, last})
