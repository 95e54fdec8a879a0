"""Minutes of work by category and by month, and the geometry of their bars.

A correction counts in its own month, so the sum of a month can be negative; its bar is then empty,
and the table beside the picture shows the sum.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, repeat, takewhile

from ledger.dates import add_months
from site_builder.view import MovementView

FREE_CATEGORY = "technical-support"

_PERCENT = 100
# The figure beside the longest bar needs room on the narrowest phone.
_LONGEST_BAR = 52
_GAP_SHARE = 0.25
_MOST_LABELS = 12
# So that a single bar does not fill the picture.
_FEWEST_SLOTS = 6


@dataclass(frozen=True, slots=True)
class HoursSpent:
    """Minutes of work by month and category.

    Attributes:
        months: every month from the first to the last.
        categories: those that occur, most minutes first, technical support last.
        cells: minutes by month and category; a missing one is zero.
    """

    months: tuple[date, ...]
    categories: tuple[str, ...]
    cells: Mapping[tuple[date, str], int]

    def sum_category(self, category: str) -> int:
        """Return the minutes of a category in all months."""
        return sum(self.cells.get((month, category), 0) for month in self.months)

    def sum_month(self, month: date) -> int:
        """Return the charged minutes of a month."""
        charged = (name for name in self.categories if name != FREE_CATEGORY)
        return sum(self.cells.get((month, name), 0) for name in charged)

    @property
    def charged_minutes(self) -> int:
        """All charged minutes."""
        return sum(map(self.sum_month, self.months))

    @property
    def free_minutes(self) -> int:
        """All minutes that are not charged."""
        return self.sum_category(FREE_CATEGORY)


@dataclass(frozen=True, slots=True)
class CategoryBar:
    """A bar of one category; ``width`` in percent of the picture, ``share`` of what is charged."""

    category: str
    minutes: int
    width: float
    share: int | None
    is_charged: bool


@dataclass(frozen=True, slots=True)
class MonthBar:
    """A vertical bar of one month, in percent of the picture; ``y`` is its upper end."""

    month: date
    minutes: int
    x: float
    middle: float
    width: float
    y: float
    height: float
    has_label: bool


def sum_hours(movements: Iterable[MovementView]) -> HoursSpent:
    """Return the minutes of work of each category in each month."""
    cells: Counter[tuple[date, str]] = Counter()
    for movement in movements:
        if movement.worked_minutes and movement.category:
            cells[movement.date.replace(day=1), movement.category] += movement.worked_minutes
    return arrange_hours(cells)


def arrange_hours(cells: Mapping[tuple[date, str], int]) -> HoursSpent:
    """Return minutes by month and category, with the missing months between."""
    totals: Counter[str] = Counter()
    for (_, category), minutes in cells.items():
        totals[category] += minutes
    categories = sorted(totals, key=lambda name: (name == FREE_CATEGORY, -totals[name], name))
    return HoursSpent(_list_months({month for month, _ in cells}), tuple(categories), cells)


def draw_categories(hours: HoursSpent) -> tuple[CategoryBar, ...]:
    """Return a bar for each category on which time was spent in all."""
    totals = {name: hours.sum_category(name) for name in hours.categories}
    longest = max([0, *totals.values()])
    return tuple(
        CategoryBar(
            category=name,
            minutes=minutes,
            width=_round(minutes * _LONGEST_BAR / longest),
            share=None if name == FREE_CATEGORY else _share(minutes, hours.charged_minutes),
            is_charged=name != FREE_CATEGORY,
        )
        for name, minutes in totals.items()
        if minutes > 0
    )


def draw_months(hours: HoursSpent) -> tuple[MonthBar, ...]:
    """Return a bar for each month; ``has_label`` if there is room for the names of all."""
    minutes = [hours.sum_month(month) for month in hours.months]
    highest = max([0, *minutes])
    if not highest:
        return ()
    slot = _PERCENT / max(len(minutes), _FEWEST_SLOTS)
    return tuple(
        MonthBar(
            month=month,
            minutes=value,
            x=_round((index + _GAP_SHARE / 2) * slot),
            middle=_round((index + 0.5) * slot),
            width=_round((1 - _GAP_SHARE) * slot),
            y=_round(_PERCENT - max(0, value) * _PERCENT / highest),
            height=_round(max(0, value) * _PERCENT / highest),
            has_label=len(minutes) <= _MOST_LABELS,
        )
        for index, (month, value) in enumerate(zip(hours.months, minutes, strict=True))
    )


def _share(minutes: int, total: int) -> int | None:
    return round(minutes * _PERCENT / total) if total > 0 else None


def _list_months(months: set[date]) -> tuple[date, ...]:
    if not months:
        return ()
    following = accumulate(repeat(1), add_months, initial=min(months))
    return tuple(takewhile(lambda month: month <= max(months), following))


def _round(value: float) -> float:
    return round(value, 2)
