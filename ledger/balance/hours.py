"""Hours: what consultants worked over all customers, charged and not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ledger.balance.draw_down import DrawDown
from ledger.balance.movements import Movement, sum_movements
from ledger.dates import ONE_DAY
from ledger.text import natural_key

_WORKING_DAYS = 5


WorkedTime = tuple[str, Movement]
"""A customer, and a time entry or correction of it."""


@dataclass(frozen=True)
class HoursLine:
    """The time of a group; its JSON has the same fields in the same order."""

    key: str  # the customer, request, day or category; a request's id is unique in the ledger
    customer: str | None  # None where the line sums over several
    consultant: str | None
    entries: int  # how many, corrections too
    worked_minutes: int  # less what corrections took back
    charged_minutes: int  # the part of it that is charged to cards


def list_worked(
    slug: str, drawn: DrawDown, first: date, last: date, consultant: str | None
) -> Iterator[WorkedTime]:
    """Yield a customer's entries and corrections of a period, of one consultant or of all."""
    for each in drawn.movements:
        is_wanted = consultant in {None, each.consultant}
        if each.worked_minutes is not None and is_wanted and first <= each.date <= last:
            yield slug, each


def sum_hours(worked: Iterable[WorkedTime], grouping: str) -> list[HoursLine]:
    """Return a line for each group, in natural order."""
    groups: dict[str, list[WorkedTime]] = {}
    for slug, each in worked:
        names = {"customer": slug, "request": each.request}
        names |= {"day": each.date.isoformat(), "category": each.category}
        groups.setdefault(names[grouping] or "", []).append((slug, each))
    return [add_up(key, groups[key]) for key in sorted(groups, key=natural_key)]


def add_up(key: str, worked: Sequence[WorkedTime]) -> HoursLine:
    """Return the line of some entries."""
    customers = {slug for slug, _entry in worked}
    consultants = {entry.consultant for _slug, entry in worked}
    sums = sum_movements(entry for _slug, entry in worked)
    return HoursLine(
        key,
        customers.pop() if len(customers) == 1 else None,
        consultants.pop() if len(consultants) == 1 else None,
        len(worked),
        sums.worked_minutes,
        sums.charged_minutes,
    )


def find_days_without(worked: Iterable[WorkedTime], first: date, last: date) -> list[date]:
    """Return the days of a period, Saturdays and Sundays left out, on which nothing is logged."""
    logged = {entry.date for _slug, entry in worked if (entry.worked_minutes or 0) > 0}
    days = (first + ONE_DAY * number for number in range((last - first).days + 1))
    return [day for day in days if day.weekday() < _WORKING_DAYS and day not in logged]


def find_week(day: date) -> tuple[date, date]:
    """Return the Monday and the Sunday of the week that a day is in."""
    monday = day - ONE_DAY * day.weekday()
    return monday, monday + ONE_DAY * 6
