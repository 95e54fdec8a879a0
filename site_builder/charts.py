"""The geometry of the pictures of cards, of the balance and of hours; templates draw them as SVG.

A picture shows nothing that the text beside it does not say, and can be read without colour: the
minutes left are filled, those used are hollow, those lost are crossed out. Coordinates are
rounded, so that the same figures always give the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import count, takewhile
from typing import Any, NamedTuple

from ledger.balance.forecast import Expectation
from ledger.balance.lots import Lot
from ledger.balance.movements import Movement
from ledger.dates import add_months

_PERCENT = 100
_HOUR = 60

_CARD_WIDTH = 400
_CARD_HEIGHT = 26
_SLOT_GAP = 3
_HOUR_GAP = 8
_MOST_SLOTS = 48
_SLOTS_IN_GROUP = 4

_COURSE_WIDTH = 600
_COURSE_HEIGHT = 160
# The past takes at least half of the picture.
_SHORTEST_FUTURE = timedelta(days=90)
_MOST_LEVELS = 4
# A level above this share of the height would be too close to the label of the highest balance.
_HIGHEST_LEVEL = 0.88
_MOST_MONTHS = 6
_MONTH_STEPS = (1, 2, 3, 6, 12)
# The room in percent that the dates at both ends of the picture take.
_ROOM_AT_ENDS = 14
_ROOM_AT_ENDS_OF_PHONE = 28

# The figure beside the longest bar needs room on the narrowest phone.
_LONGEST_BAR = 52
_GAP_SHARE = 0.25
# So that a single bar does not fill the picture.
_FEWEST_MONTHS = 6


def draw_card(lot: Lot, increment_minutes: int) -> dict[str, Any]:
    """Return the picture of a card: a field for each step of time, or a bar with four parts.

    ``slots`` are its fields: ``x``, width, and a state (``used``, ``refunded``, ``expired`` or
    ``left``). ``step_minutes`` are the minutes of a field; None if the card is drawn as a bar.
    """
    parts = {
        "used": lot.used_minutes,
        "refunded": lot.refunded_minutes,
        "expired": lot.expired_minutes,
        "left": lot.remaining_minutes,
    }
    steps = lot.minutes // increment_minutes
    is_bar = steps > _MOST_SLOTS or any(n % increment_minutes for n in parts.values())
    if is_bar:
        fields = [(state, n * _CARD_WIDTH / lot.minutes, 0) for state, n in parts.items() if n]
    else:
        states = [state for state, n in parts.items() for _ in range(n // increment_minutes)]
        gaps = [_SLOT_GAP if number % _SLOTS_IN_GROUP else _HOUR_GAP for number in range(1, steps)]
        width = (_CARD_WIDTH - sum(gaps)) / steps
        fields = [(state, width, gap) for state, gap in zip(states, [*gaps, 0], strict=True)]
    slots, x = [], 0.0
    for state, width, gap in fields:
        slots.append((round(x, 1), round(width, 1), state))
        x += width + gap
    step_minutes = None if is_bar else increment_minutes
    return {
        "width": _CARD_WIDTH,
        "height": _CARD_HEIGHT,
        "slots": slots,
        "step_minutes": step_minutes,
    }


class _Scale(NamedTuple):
    first_day: date
    last_day: date
    top_minutes: int
    bottom_minutes: int

    def x(self, day: date) -> float:
        days = (self.last_day - self.first_day).days
        return round((day - self.first_day).days * _COURSE_WIDTH / days, 1)

    def y(self, minutes: int) -> float:
        span = max(1, self.top_minutes - self.bottom_minutes)
        return round((self.top_minutes - minutes) * _COURSE_HEIGHT / span, 1)

    def line(self, points: Iterable[tuple[date, int]]) -> str:
        return "L".join(f"{self.x(day)} {self.y(minutes)}" for day, minutes in points)

    def levels(self) -> Iterator[tuple[int, float]]:
        """Yield lines across the picture: whole hours, and their percent from the top."""
        steps = (_HOUR * digit * 10**zeros for zeros in count() for digit in (1, 2, 5))
        step = next(step for step in steps if step * _MOST_LEVELS >= self.top_minutes)
        for minutes in range(step, int(self.top_minutes * _HIGHEST_LEVEL) + 1, step):
            yield minutes, _to_percent(self.y(minutes), _COURSE_HEIGHT)

    def months(self) -> Iterator[tuple[date, float, bool]]:
        """Yield first days of months, in percent from the left; only inner ones for a phone."""
        months = _list_months(self.first_day, self.last_day)[1:]
        step = next((step for step in _MONTH_STEPS if len(months) <= step * _MOST_MONTHS), 12)
        for month in months:
            x = _to_percent(self.x(month), _COURSE_WIDTH)
            from_end = min(x, _PERCENT - x)
            if (month.month - 1) % step == 0 and from_end >= _ROOM_AT_ENDS:
                yield month, x, from_end >= _ROOM_AT_ENDS_OF_PHONE


def draw_course(
    movements: Sequence[Movement], opening: int, as_of: date, forecast: Sequence[Expectation] = ()
) -> dict[str, Any] | None:
    """Return the balance as a line with steps, and its forecast; None if it has a single day.

    ``movements`` are all up to ``as_of``, and ``opening`` is the balance before the first one. The
    ``forecast`` of the days from then on is cut to the room beside the past. In the picture,
    ``line``, ``area``, ``expected`` and ``band`` are SVG paths, the last two empty without a
    forecast; ``today`` is in percent from the left.
    """
    closing_by_day = {movement.date: movement.balance_minutes for movement in movements}
    if not closing_by_day or min(closing_by_day) >= as_of:
        return None
    values, first_day = [*closing_by_day.values()], min(closing_by_day)
    past = as_of - first_day
    room = min(past, max(past / 2, _SHORTEST_FUTURE))
    visible = [each for each in forecast if each.day - as_of <= room]
    future = visible if len(visible) > 1 else []
    last_day = future[-1].day if future else as_of
    scale = _Scale(first_day, last_day, max(0, opening, *values), min(0, opening, *values))
    zero = scale.y(0)
    steps = (f"H{scale.x(day)}V{scale.y(closing_by_day[day])}" for day in sorted(closing_by_day))
    line = f"M0 {scale.y(opening)}{''.join(steps)}H{scale.x(as_of)}"
    # The line of the expected balance ends where that is zero.
    left = sum(1 for each in future if each.minutes)
    expected = scale.line((each.day, each.minutes) for each in future[: left + 1])
    high = [(each.day, each.high_minutes) for each in future]
    low = [(each.day, each.low_minutes) for each in reversed(future)]
    return {
        "width": _COURSE_WIDTH,
        "height": _COURSE_HEIGHT,
        "line": line,
        "area": f"{line}V{zero}H0Z",
        "expected": f"M{expected}" if future else "",
        "band": f"M{scale.line([*high, *low])}Z" if future else "",
        "zero": zero,
        "today": _to_percent(scale.x(as_of), _COURSE_WIDTH),
        "first_day": first_day,
        "as_of": as_of,
        "last_day": last_day,
        "opening_minutes": values[0],
        "closing_minutes": closing_by_day[max(closing_by_day)],
        "highest_minutes": max(values),
        "lowest_minutes": min(values),
        "levels": [*scale.levels()],
        "months": [*scale.months()],
        "forecast": future,
    }


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
        Bar(name, value, round(max(0, value) * _LONGEST_BAR / longest, 2) if longest > 0 else 0)
        for name, value in kept
    )


class Hours:
    """Minutes of work by month and category.

    A correction counts in its own month, so the sum of a month can be negative; its bar is then
    empty, and the table beside the picture shows the sum.

    Attributes:
        months: every month from the first to the last.
        categories: those that occur, most minutes first, those that are free last.
        free: the categories of which nothing was charged.
        free_minutes: all minutes that are not charged.
        cells: minutes by month and category; a missing one is zero.
        costs: the value of the charged minutes by category, as far as cards cover them; empty if
            no money is shown.
    """

    def __init__(self, movements: Iterable[Movement]) -> None:
        self.cells: Counter[tuple[date, str]] = Counter()
        self._charged: Counter[date] = Counter()
        self.costs: dict[str, Decimal] = {}
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
        highest, slot = max(heights, default=0), _PERCENT / max(len(heights), _FEWEST_MONTHS)
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
            if highest
        ]
