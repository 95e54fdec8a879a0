"""How long the minutes that are left will last, estimated from the last weeks, with a range.

A pure function of movements, lots and the as-of date. Each of the last weeks is a sample of the
minutes used in a week. The use of ``t`` coming weeks is estimated as ``t`` times their mean; the
range is the 80 % prediction interval of a sum of ``t`` more samples with an estimated mean
(Student's t). Uneven weeks, or few of them, give a wide range; a mean that may be near zero gives
a range without an end.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import sqrt
from statistics import fmean, stdev
from typing import TypeAlias

from ledger.balance.lots import make_draw_order
from site_builder.view import LotView, MovementView

MOST_WEEKS = 12
FEWEST_WEEKS = 4
HORIZON_DAYS = 3 * 365

_DAYS_IN_WEEK = 7
# The 90 % quantile of Student's t for 3 to 11 degrees of freedom: a tenth lies beyond either side.
_QUANTILES = (1.638, 1.533, 1.476, 1.440, 1.415, 1.397, 1.383, 1.372, 1.363)
_KINDS_OF_USE = frozenset({"time", "correction"})

# Minutes used within a number of days from the as-of date.
_Use: TypeAlias = Callable[[int], float]


class Outlook(StrEnum):
    """The kinds of forecast."""

    NOTHING_LEFT = "nothing-left"
    TOO_EARLY = "too-early"
    NO_USE = "no-use"
    LASTS_UNTIL = "lasts-until"
    LASTS_LONG = "lasts-long"


@dataclass(frozen=True, slots=True)
class Expectation:
    """The expected balance on a future day, and the ends of its likely range, in minutes."""

    day: date
    low_minutes: int
    minutes: int
    high_minutes: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """A forecast.

    Attributes:
        weeks: the number of weeks that were sampled.
        weekly_minutes: their mean use.
        last_day: the day on which the last minute is used; None beyond the horizon.
        earliest: the early end of its likely range.
        latest: the late end of its likely range; None beyond the horizon.
        lost_minutes: minutes that expire unused until then, at the expected pace.
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
    movements: Sequence[MovementView], lots: Iterable[LotView], as_of: date
) -> Forecast:
    """Return how long the open ``lots`` will last."""
    open_lots = [lot for lot in lots if lot.is_open]
    if not open_lots:
        return Forecast(Outlook.NOTHING_LEFT)
    used = measure_weeks(movements, as_of)
    if len(used) < FEWEST_WEEKS:
        return Forecast(Outlook.TOO_EARLY, weeks=len(used))
    if sum(used) <= 0:
        return Forecast(Outlook.NO_USE, weeks=len(used))
    return _look_ahead(_Pace(used), _Stock(open_lots, as_of), as_of)


def measure_weeks(movements: Sequence[MovementView], as_of: date) -> list[int]:
    """Return the charged minutes of each of the last weeks, the latest first.

    Weeks end with ``as_of``; those that began before the first movement are left out.
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
    """The minutes that are used in a number of days: expected, and the ends of the range."""

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

    def _deviate(self, days: int) -> float:
        weeks = days / _DAYS_IN_WEEK
        return self._spread * sqrt(weeks + weeks * weeks / self.weeks)


class _Stock:
    """The minutes on the open lots, and how many of them expire after which day."""

    def __init__(self, lots: Iterable[LotView], as_of: date) -> None:
        self._minutes = 0
        # For each lot with a last day: the days until then, and the minutes drawn before its end.
        self._expiries: list[tuple[int, int]] = []
        for lot in sorted(lots, key=_draw_order):
            self._minutes += lot.remaining_minutes
            if lot.last_day is not None:
                self._expiries.append(((lot.last_day - as_of).days, self._minutes))

    def lose(self, days: int, use: _Use) -> float:
        """Return the minutes that have expired unused after ``days``."""
        lost = (minutes - use(last) for last, minutes in self._expiries if last < days)
        return max(0.0, max(lost, default=0.0))

    def leave(self, days: int, use: _Use) -> float:
        """Return the minutes that are left after ``days``."""
        return max(0.0, self._minutes - use(days) - self.lose(days, use))

    def last(self, use: _Use) -> int | None:
        """Return after how many days nothing is left; None beyond the horizon."""
        horizon = range(HORIZON_DAYS + 1)
        days = bisect_left(horizon, True, key=lambda days: self.leave(days, use) <= 0)
        if days > HORIZON_DAYS:
            return None
        # Expired minutes are gone the day after the last day; the last day is returned.
        return days - 1 if self.lose(days, use) > self.lose(days - 1, use) else days


def _draw_order(lot: LotView) -> tuple[object, ...]:
    return make_draw_order(lot.id, lot.purchase, lot.date, lot.last_day)


def _look_ahead(pace: _Pace, stock: _Stock, as_of: date) -> Forecast:
    expected = stock.last(pace.expect)
    earliest, latest = stock.last(pace.expect_most), stock.last(pace.expect_least)
    # Minutes that expire on the last day are gone the day after.
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
        ),
    )


def _expect_on(days: int, pace: _Pace, stock: _Stock, as_of: date) -> Expectation:
    return Expectation(
        day=as_of + timedelta(days=days),
        low_minutes=round(stock.leave(days, pace.expect_most)),
        minutes=round(stock.leave(days, pace.expect)),
        high_minutes=round(stock.leave(days, pace.expect_least)),
    )


def _add_days(day: date, days: int | None) -> date | None:
    return None if days is None else day + timedelta(days=days)


def _list_days(last: int, *also: int | None) -> list[int]:
    """Return each seventh day up to ``last``, and the days in ``also``."""
    exact = {days for days in also if days is not None}
    return sorted({*range(0, last, _DAYS_IN_WEEK), *exact, last})
