"""Hours: what consultants worked over all customers, charged and not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ledger.balance.draw_down import DrawDown
from ledger.balance.movements import Movement, sum_movements
from ledger.dates import ONE_DAY
from ledger.text import natural_key

_WORKING_DAYS = 5


@dataclass(frozen=True)
class HoursLine:
    """The time of a group; its JSON has the same fields in the same order.

    Attributes:
        key: the customer, request, day or category; a request's id is unique in the ledger.
        customer: None where the line sums over several; so is ``consultant``.
        entries: how many, corrections too.
        worked_minutes: less what corrections took back.
        charged_minutes: the part of it that is charged to cards.
    """

    key: str
    customer: str | None
    consultant: str | None
    entries: int
    worked_minutes: int
    charged_minutes: int


@dataclass(frozen=True)
class WorkedTime:
    """A time entry or correction of a customer."""

    customer: str
    movement: Movement


def list_worked(
    slug: str, drawn: DrawDown, first: date, last: date, consultant: str | None
) -> Iterator[WorkedTime]:
    """Yield a customer's entries and corrections of a period, of one consultant or of all."""
    for movement in drawn.movements:
        is_wanted = consultant in {None, movement.consultant}
        if movement.worked_minutes is not None and is_wanted and first <= movement.date <= last:
            yield WorkedTime(slug, movement)


def sum_hours(worked: Iterable[WorkedTime], grouping: str) -> list[HoursLine]:
    """Return a line for each group, in natural order."""
    groups: dict[str, list[WorkedTime]] = {}
    for each in worked:
        names = {"customer": each.customer, "request": each.movement.request}
        names |= {"day": each.movement.date.isoformat(), "category": each.movement.category}
        groups.setdefault(names[grouping] or "", []).append(each)
    return [add_up(key, groups[key]) for key in sorted(groups, key=natural_key)]


def add_up(key: str, worked: Iterable[WorkedTime]) -> HoursLine:
    """Return the line of some entries."""
    entries = list(worked)
    sums = sum_movements(each.movement for each in entries)
    return HoursLine(
        key,
        _find_only({each.customer for each in entries}),
        _find_only({each.movement.consultant for each in entries}),
        len(entries),
        sums.worked_minutes,
        sums.charged_minutes,
    )


def find_days_without(worked: Iterable[WorkedTime], first: date, last: date) -> list[date]:
    """Return the days of a period, Saturdays and Sundays left out, on which nothing is logged."""
    logged = {each.movement.date for each in worked if (each.movement.worked_minutes or 0) > 0}
    days = (first + ONE_DAY * number for number in range((last - first).days + 1))
    return [day for day in days if day.weekday() < _WORKING_DAYS and day not in logged]


def find_week(day: date) -> tuple[date, date]:
    """Return the Monday and the Sunday of the week that a day is in."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def _find_only(names: set[str] | set[str | None]) -> str | None:
    return next(iter(names)) if len(names) == 1 else None
