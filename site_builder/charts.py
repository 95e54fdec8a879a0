"""The geometry of the pictures of cards, of the balance and of hours; templates draw them as SVG.

A picture shows nothing that the text beside it does not say, and can be read without colour: the
minutes left are filled, those used are hollow, those lost are crossed out. Coordinates are
rounded, so that the same figures always give the same bytes.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import count, takewhile
from typing import Any, NamedTuple

from ledger.balance.forecast import NO_FORECAST, Forecast
from ledger.balance.lots import Lot
from ledger.balance.movements import Movement, MovementKind
from ledger.dates import add_months

_PERCENT = 100
_HOUR = 60

_CARD_WIDTH = 400
_CARD_HEIGHT = 26
_SLOT_GAP = 3
_HOUR_GAP = 8
_NARROWEST_SLOT = 4.2
_SLOTS_IN_GROUP = 4

# What fewer days have to show is a rectangle.
FEWEST_DAYS = timedelta(days=14)
# Months that can be looked at on their own.
_WINDOWS = (3, 12)
_SPOTS = 12
# The past takes at least half of the picture.
_SHORTEST_FUTURE = timedelta(days=90)
_MOST_LEVELS = 4
_MOST_MONTHS = 6
_MONTH_STEPS = (1, 2, 3, 6, 12)
# The room in percent that the dates at both ends of the picture take.
_ROOM_AT_ENDS = 14
_ROOM_AT_ENDS_OF_PHONE = 33

_GAP_SHARE = 0.25
# So that a single bar does not fill the picture.
_FEWEST_MONTHS = 6


def draw_card(lot: Lot, increment_minutes: int, full_minutes: int = 0) -> dict[str, Any]:
    """Return the picture of a card: a field for each step of time, or a bar with four parts.

    Beside a card of ``full_minutes`` it is drawn to scale. ``slots`` are its fields: ``x``, width,
    and a state (``used``, ``refunded``, ``expired`` or ``left``). ``step_minutes`` are the minutes
    of a field; None if the card is drawn as a bar.
    """
    parts = {
        "used": lot.used_minutes,
        "refunded": lot.refunded_minutes,
        "expired": lot.expired_minutes,
        "left": lot.remaining_minutes,
    }
    steps = lot.minutes // increment_minutes
    gaps = [_SLOT_GAP if number % _SLOTS_IN_GROUP else _HOUR_GAP for number in range(1, steps)]
    # As if each card ended with the gap between two hours: then all fields are equally wide.
    share = lot.minutes / max(lot.minutes, full_minutes)
    room = (_CARD_WIDTH + _HOUR_GAP) * share - _HOUR_GAP - sum(gaps)
    width = room / max(1, steps)
    is_bar = width < _NARROWEST_SLOT or any(n % increment_minutes for n in parts.values())
    if is_bar:
        scale = max(_CARD_WIDTH * share, _CARD_HEIGHT) / lot.minutes
        fields = [(state, n * scale, 0) for state, n in parts.items() if n]
    else:
        states = [state for state, n in parts.items() for _ in range(n // increment_minutes)]
        fields = [(state, width, gap) for state, gap in zip(states, [*gaps, 0], strict=True)]
    slots, x = [], 0.0
    for state, width, gap in fields:
        slots.append((round(x, 1), round(width, 1), state))
        x += width + gap
    step_minutes = None if is_bar else increment_minutes
    size = {"width": _CARD_WIDTH, "height": _CARD_HEIGHT}
    return {**size, "slots": slots, "step_minutes": step_minutes}


class Course:
    """A balance as a line with steps, and what is expected of it.

    The forecast is cut to the room beside the past. SVG paths are in days from the first one, and
    in minutes below zero; those of the forecast are empty if there is none.

    A reader can choose from ``windows``, of so many months, the last one (0) of all. Their places
    are in percent, from the left or the top: of ``levels``, round hours; of ``dates``, first days
    of months, with whether a phone has room for their names; of what was ``bought``; of ``spots``,
    days with what is left and whether that is expected; of the day when all is ``out``, and from
    where on the balance is ``low``, if in sight.
    """

    def __init__(
        self,
        movements: Sequence[Movement],
        as_of: date,
        forecast: Forecast = NO_FORECAST,
        low_minutes: int | None = None,
    ) -> None:
        # Each day with a movement, and the balance on its evening.
        self.steps = sorted({each.date: each.balance_minutes for each in movements}.items())
        self.first_day, self.as_of, self.out = self.steps[0][0], as_of, forecast.last_day
        self._low_minutes = low_minutes
        self._bought = Counter[date]()
        for each in movements:
            if each.kind is MovementKind.PURCHASE:
                self._bought[each.date] += each.minutes
        end = self._find_end(self.first_day)
        future = [each for each in forecast.course if each.day <= end]
        self.future = future if len(future) > 1 else []
        starts = {months: add_months(as_of, -months) for months in _WINDOWS}
        starts = {each: day for each, day in starts.items() if day - self.first_day >= FEWEST_DAYS}
        starts[0] = self.first_day
        self.windows = [self._open_window(*each) for each in starts.items()]

    @property
    def line(self) -> str:
        """The path of the past."""
        steps = (f"H{self._count(day)}V{-minutes}" for day, minutes in self.steps)
        return f"M0 0{''.join(steps)}H{self._count(self.as_of)}"

    @property
    def expected(self) -> str:
        """The path of what is expected: it ends where that is zero."""
        left = sum(1 for each in self.future if each.minutes)
        return self._draw((each.day, each.minutes) for each in self.future[: left + 1])

    @property
    def band(self) -> str:
        """The path around what is likely."""
        high = [(each.day, each.high_minutes) for each in self.future]
        low = [(each.day, each.low_minutes) for each in reversed(self.future)]
        return self._draw([*high, *low]) + ("Z" if high else "")

    def _count(self, day: date) -> int:
        return (day - self.first_day).days

    def _draw(self, points: Iterable[tuple[date, int]]) -> str:
        path = "L".join(f"{self._count(day)} {-minutes}" for day, minutes in points)
        return path and f"M{path}"

    def _find_end(self, start: date) -> date:
        past = self.as_of - start
        return self.as_of + min(past, max(past / 2, _SHORTEST_FUTURE))

    def _find_balance(self, day: date) -> int:
        return self.steps[bisect_right(self.steps, day, key=lambda step: step[0]) - 1][1]

    def _open_window(self, months: int, start: date) -> dict[str, Any]:
        end = min(self._find_end(start), self.future[-1].day) if self.future else self.as_of
        values = [minutes for day, minutes in self.steps if day >= start]
        values += [0, self._find_balance(start)]
        levels = _find_levels(min(values), max(values))
        bottom, top, days = levels[0], levels[-1], (end - start).days

        def x(day: date) -> float:
            return _to_percent((day - start).days, days)

        def y(minutes: int) -> float:
            return _to_percent(top - minutes, top - bottom)

        bought: list[tuple[date, int, float, float]] = []
        for day, minutes in sorted(self._bought.items()):
            if day >= start and (not bought or x(day) - bought[-1][2] >= _ROOM_AT_ENDS):
                bought.append((day, minutes, x(day), y(self._find_balance(day))))
        spots = []
        for number in range(1, 2 * _SPOTS, 2):
            day = start + (end - start) * number / (2 * _SPOTS)
            minutes, is_expected = self._find_balance(day), day > self.as_of
            if is_expected:
                day, _low, minutes, _high = min(self.future, key=lambda each: abs(each.day - day))
            spots.append((day, minutes, is_expected, _to_percent(number, 2 * _SPOTS), y(minutes)))
        low = self._low_minutes
        return {
            "months": months,
            "view_box": f"{self._count(start)} {-top} {days} {top - bottom}",
            "first_day": start,
            "last_day": end,
            "levels": [(level, y(level)) for level in levels],
            "dates": [*_mark_months(start, end)],
            "bought": bought,
            "spots": spots,
            "today": x(self.as_of),
            "out": x(self.out) if self.future and self.out and self.out <= end else None,
            "low": y(low) if low and low < top else None,
        }


def draw_course(
    movements: Sequence[Movement],
    as_of: date,
    forecast: Forecast = NO_FORECAST,
    low_minutes: int | None = None,
) -> Course | None:
    """Return the picture of the balance; None in the first days, which say nothing yet.

    ``movements`` are all up to ``as_of``; with ``low_minutes`` or less, the balance is low.
    """
    first_day = min((each.date for each in movements), default=as_of)
    if as_of - first_day < FEWEST_DAYS:
        return None
    return Course(movements, as_of, forecast, low_minutes)


def _find_levels(lowest: int, highest: int) -> range:
    """Return few round hours, in minutes, between which all values lie."""
    steps = (_HOUR * digit * 10**zeros for zeros in count() for digit in (1, 2, 5))
    step = next(step for step in steps if step * _MOST_LEVELS >= highest - lowest)
    bottom = lowest // step * step
    return range(bottom, max(-(-highest // step) * step, bottom + step) + 1, step)


def _mark_months(first: date, last: date) -> Iterator[tuple[date, float, bool]]:
    """Yield first days of months, in percent from the left; only inner ones for a phone."""
    months = _list_months(first, last)[1:]
    step = next((step for step in _MONTH_STEPS if len(months) <= step * _MOST_MONTHS), 12)
    for month in months:
        x = _to_percent((month - first).days, (last - first).days)
        from_end = min(x, _PERCENT - x)
        if (month.month - 1) % step == 0 and from_end >= _ROOM_AT_ENDS:
            yield month, x, from_end >= _ROOM_AT_ENDS_OF_PHONE


def _list_months(first: date, last: date) -> list[date]:
    """Return the first day of each month from that of ``first`` to that of ``last``."""
    following = (add_months(first.replace(day=1), number) for number in count())
    return [*takewhile(lambda month: month <= last, following)]


def _to_percent(value: float, whole: int) -> float:
    return round(value * _PERCENT / whole, 1)


class Bar(NamedTuple):
    """A lying bar; ``width`` in percent of the picture."""

    name: str
    value: int
    width: float


def draw_bars(values: Iterable[tuple[str, int]]) -> tuple[Bar, ...]:
    """Return a bar for each name and value."""
    kept = list(values)
    longest = max((value for _, value in kept), default=0)
    return tuple(
        Bar(name, value, round(max(0, value) * _PERCENT / longest, 2) if longest > 0 else 0)
        for name, value in kept
    )


class Hours:
    """Minutes of work by month and category.

    A correction counts in its own month, so the sum of a month can be negative; its bar is then
    empty, and the table beside the picture shows the sum.
    """

    def __init__(self, movements: Iterable[Movement]) -> None:
        self.cells = Counter[tuple[date, str]]()  # by month and category
        self._charged = Counter[date]()
        self.costs: dict[str, Decimal] = {}  # by category, as far as cards cover the minutes
        self.free_minutes, charged = 0, set[str]()
        for movement in movements:
            if not (category := movement.category) or not (worked := movement.worked_minutes):
                continue
            month, is_free = movement.date.replace(day=1), movement.is_free
            self.cells[month, category] += worked if is_free else movement.charged_minutes
            self._charged[month] += movement.charged_minutes
            if is_free:
                self.free_minutes += worked
                continue
            charged.add(category)
            if movement.value is not None:
                self.costs[category] = self.costs.get(category, Decimal(0)) + movement.value
        self.months = _list_months(min(self._charged), max(self._charged)) if self.cells else []
        found = {category for _, category in self.cells}
        self.free = found - charged
        # Most minutes first, but those that are free last.
        self.categories = sorted(
            found, key=lambda each: (each in self.free, -self.sum_category(each), each)
        )

    def sum_category(self, category: str) -> int:
        """Return the minutes of a category in all months."""
        return sum(minutes for (_, name), minutes in self.cells.items() if name == category)

    def sum_month(self, month: date) -> int:
        """Return the charged minutes of a month."""
        return self._charged[month]

    @property
    def charged_minutes(self) -> int:
        """All charged minutes."""
        return self._charged.total()

    @property
    def cost(self) -> Decimal:
        """The value of all charged minutes."""
        return sum(self.costs.values(), Decimal(0))

    def find_share(self, category: str) -> int | None:
        """Return the share of a category in what is charged, in percent; None if it has none."""
        if category in self.free or self.charged_minutes <= 0:
            return None
        return round(self.sum_category(category) * _PERCENT / self.charged_minutes)

    @property
    def category_bars(self) -> tuple[Bar, ...]:
        """A bar for each category on which time was spent in all."""
        totals = ((each, self.sum_category(each)) for each in self.categories)
        return draw_bars((each, minutes) for each, minutes in totals if minutes > 0)

    @property
    def month_bars(self) -> list[dict[str, Any]]:
        """A vertical bar for each month, in percent of the picture; ``y`` is its upper end.

        None if no month has any charged minutes.
        """
        heights = [max(0, self.sum_month(month)) for month in self.months]
        if not any(heights):
            return []
        highest, slot = self.month_levels[0][0], _PERCENT / max(len(heights), _FEWEST_MONTHS)
        return [
            {
                "month": month,
                "minutes": self.sum_month(month),
                "x": round((index + _GAP_SHARE / 2) * slot, 2),
                "middle": round((index + 0.5) * slot, 2),
                "width": round((1 - _GAP_SHARE) * slot, 2),
                "y": round(_PERCENT - value * _PERCENT / highest, 2),
                "height": round(value * _PERCENT / highest, 2),
            }
            for index, (month, value) in enumerate(zip(self.months, heights, strict=True))
        ]

    @property
    def month_levels(self) -> list[tuple[int, float]]:
        """Round hours beside the bars of the months, the highest first, in percent from the top."""
        levels = _find_levels(0, max(map(self.sum_month, self.months), default=0))
        return [(each, _to_percent(levels[-1] - each, levels[-1])) for each in reversed(levels)]
