"""How long the minutes that are left will last, estimated from the last weeks, with a range.

A pure function of movements, lots and the as-of date. Each of the last weeks is a sample of the
minutes used in a week. The use of ``t`` coming weeks is estimated as ``t`` times their mean; the
range is the 80 % prediction interval of a sum of ``t`` more samples with an estimated mean
(Student's t). Uneven weeks, or few of them, give a wide range; a mean that may be near zero gives
a range without an end.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum
from math import sqrt
from statistics import fmean, stdev
from typing import NamedTuple

from ledger.balance.lots import Lot
from ledger.balance.movements import Movement

_MOST_WEEKS = 12
_SHORT = timedelta(weeks=4)
FEWEST_WEEKS = 4
HORIZON_YEARS = 3
HORIZON_DAYS = HORIZON_YEARS * 365

_DAYS_IN_WEEK = 7
# The 90 % quantile of Student's t for 3 to 11 degrees of freedom: a tenth lies beyond either side.
_QUANTILES = (1.638, 1.533, 1.476, 1.440, 1.415, 1.397, 1.383, 1.372, 1.363)


class Outlook(StrEnum):
    """The kinds of forecast, by the name of the text that says it."""

    NOTHING_LEFT = "nothing_left"
    TOO_EARLY = "too_early"
    NO_USE = "no_use"
    LASTS_UNTIL = "lasts_until"
    LASTS_LONG = "lasts_long"


class Expectation(NamedTuple):
    """The expected balance on a future day, and the ends of its likely range, in minutes."""

    day: date
    low_minutes: int
    minutes: int
    high_minutes: int


class Forecast(NamedTuple):
    """A forecast, made of the use in some ``weeks``."""

    outlook: Outlook
    weeks: int = 0
    weekly_minutes: int = 0  # their mean use
    last_day: date | None = None  # on which the last minute is used; None beyond the horizon
    earliest: date | None = None  # the ends of its likely range
    latest: date | None = None
    lost_minutes: int = 0  # minutes that expire unused until then, at the expected pace
    course: tuple[Expectation, ...] = ()  # the balance week by week, from the as-of date on

    def is_short(self, as_of: date) -> bool:
        """Whether what is left ends in less than four weeks."""
        return self.last_day is not None and self.last_day - as_of < _SHORT


NO_FORECAST = Forecast(Outlook.NOTHING_LEFT)


def make_forecast(
    movements: Sequence[Movement], lots: Iterable[Lot], as_of: date, *, has_course: bool = False
) -> Forecast:
    """Return how long the open ``lots`` will last; week by week if it ``has_course``."""
    open_lots = [lot for lot in lots if lot.remaining_minutes]
    if not open_lots:
        return NO_FORECAST
    used = _measure_weeks(movements, as_of)
    if len(used) < FEWEST_WEEKS:
        return Forecast(Outlook.TOO_EARLY, weeks=len(used))
    if sum(used) <= 0:
        return Forecast(Outlook.NO_USE, weeks=len(used))
    future = _Future(used, open_lots, as_of)
    most, expected, least = (future.find_last_day(side) for side in (1, 0, -1))
    # Minutes that expire on the last day are gone the day after.
    gone_after = (HORIZON_DAYS if expected is None else expected) + 1
    end = HORIZON_DAYS if least is None else least
    days = {*range(0, end, _DAYS_IN_WEEK), end, *(each for each in (expected, most) if each)}
    last_day, earliest, latest = (
        None if each is None else as_of + timedelta(days=each) for each in (expected, most, least)
    )
    return Forecast(
        outlook=Outlook.LASTS_LONG if expected is None else Outlook.LASTS_UNTIL,
        weeks=len(used),
        weekly_minutes=round(fmean(used)),
        last_day=last_day,
        earliest=earliest,
        latest=latest,
        lost_minutes=round(future.lose(gone_after, 0)),
        course=tuple(
            Expectation(
                as_of + timedelta(days=each),
                *(round(future.leave(each, side)) for side in (1, 0, -1)),
            )
            for each in (sorted(days) if has_course else ())
        ),
    )


def _measure_weeks(movements: Sequence[Movement], as_of: date) -> list[int]:
    """Return the charged minutes of each of the last whole weeks up to a day, the latest first."""
    known_days = (as_of - movements[0].date).days + 1
    used = [0] * min(_MOST_WEEKS, known_days // _DAYS_IN_WEEK)
    for movement in movements:
        week = (as_of - movement.date).days // _DAYS_IN_WEEK
        if week < len(used):
            used[week] += movement.charged_minutes
    return used


class _Future:
    """What becomes of the minutes on open lots, in days from the as-of date.

    A ``side`` is 0 for the expected use, 1 and -1 for the most and the least in the likely range.
    """

    def __init__(self, used: Sequence[int], lots: Iterable[Lot], as_of: date) -> None:
        self._weeks = len(used)
        self._mean = fmean(used)
        self._spread = stdev(used) * _QUANTILES[len(used) - FEWEST_WEEKS]
        self._minutes = 0
        # For each lot with a last day: the days until then, and the minutes drawn before its end.
        self._expiries: list[tuple[int, int]] = []
        for lot in sorted(lots):
            self._minutes += lot.remaining_minutes
            if lot.last_day is not None:
                self._expiries.append(((lot.last_day - as_of).days, self._minutes))

    def use(self, days: int, side: int) -> float:
        """Return the minutes that are used within ``days``."""
        weeks = days / _DAYS_IN_WEEK
        deviation = self._spread * sqrt(weeks + weeks * weeks / self._weeks)
        return max(0.0, self._mean * days / _DAYS_IN_WEEK + side * deviation)

    def lose(self, days: int, side: int) -> float:
        """Return the minutes that have expired unused after ``days``."""
        lost = (minutes - self.use(last, side) for last, minutes in self._expiries if last < days)
        return max(0.0, max(lost, default=0.0))

    def leave(self, days: int, side: int) -> float:
        """Return the minutes that are left after ``days``."""
        return max(0.0, self._minutes - self.use(days, side) - self.lose(days, side))

    def find_last_day(self, side: int) -> int | None:
        """Return after how many days nothing is left; None beyond the horizon."""
        horizon = range(HORIZON_DAYS + 1)
        days = bisect_left(horizon, True, key=lambda days: self.leave(days, side) <= 0)
        if days > HORIZON_DAYS:
            return None
        # Expired minutes are gone the day after the last day; the last day is returned.
        return days - 1 if self.lose(days, side) > self.lose(days - 1, side) else days
