"""A customer's statement: the movements over a period, with opening and closing balance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from ledger.balance.draw_down import DrawDown
from ledger.balance.movements import Movement
from ledger.dates import MONTHS_IN_YEAR, ONE_DAY, add_months
from ledger.errors import LedgerError


@dataclass(frozen=True)
class Statement:
    """The movements from ``from_`` to ``to``, both days included. All amounts are minutes.

    Attributes:
        from_: the first day; None from the beginning.
        as_of: the day whose evening decides what each movement drew on.
    """

    customer: str
    from_: date | None
    to: date
    as_of: date
    opening_minutes: int
    closing_minutes: int
    movements: tuple[Movement, ...]
    currency: str


@dataclass(frozen=True)
class MonthOfStatement:
    """The movements of one calendar month; ``first_day`` names it."""

    first_day: date
    opening_minutes: int
    closing_minutes: int
    movements: tuple[Movement, ...]


def select_period(
    drawn: DrawDown, customer: str, from_: date | None = None, to: date | None = None
) -> Statement:
    """Return the part of a draw-down that falls into a period; without ``to`` to its as-of date.

    Raises:
        LedgerError: the period ends before it begins, or after the as-of date.
    """
    last_day = drawn.as_of if to is None else to
    if last_day > drawn.as_of:
        raise LedgerError(
            f"the period ends on {last_day}, after the as-of date {drawn.as_of}",
            "what happens later is not known yet; choose an earlier --to or a later --as-of",
        )
    if from_ is not None and from_ > last_day:
        raise LedgerError(f"the period begins on {from_}, after its end on {last_day}")
    before = [line for line in drawn.movements if from_ is not None and line.date < from_]
    upto = [line for line in drawn.movements if line.date <= last_day]
    return Statement(
        customer=customer,
        from_=from_,
        to=last_day,
        as_of=drawn.as_of,
        opening_minutes=_last_balance(before, 0),
        closing_minutes=_last_balance(upto, 0),
        movements=tuple(upto[len(before) :]),
        currency=drawn.currency,
    )


def split_by_month(statement: Statement) -> tuple[MonthOfStatement, ...]:
    """Return the months from the first movement to the statement's end, quiet ones included."""
    if not statement.movements:
        return ()
    groups = groupby(statement.movements, key=lambda line: _number_month(line.date))
    by_month = {month: tuple(lines) for month, lines in groups}
    months, balance = [], statement.opening_minutes
    # By number, because the month after the last of the calendar does not exist.
    for number in range(min(by_month), _number_month(statement.to) + 1):
        lines = by_month.get(number, ())
        first_day = date(number // MONTHS_IN_YEAR, number % MONTHS_IN_YEAR + 1, 1)
        opening, balance = balance, _last_balance(lines, balance)
        months.append(MonthOfStatement(first_day, opening, balance, lines))
    return tuple(months)


def list_finished_periods(days: Iterable[date], as_of: date) -> list[tuple[date, date, str]]:
    """Return the months and quarters with one of these days that have ended, the latest first.

    Each has its first day, its last day, and a name as commands have it: 2026-10, 2026-Q3.
    """
    found = set()
    for day in days:
        for months in (1, 3):
            part = (day.month - 1) // months
            first = date(day.year, part * months + 1, 1)
            name = f"{first:%Y-%m}" if months == 1 else f"{first:%Y}-Q{part + 1}"
            found.add((first, add_months(first, months) - ONE_DAY, name))
    ended = [period for period in found if period[1] <= as_of]
    return sorted(ended, key=lambda period: (period[1], period[2]), reverse=True)


def _last_balance(lines: Sequence[Movement], otherwise: int) -> int:
    return lines[-1].balance_minutes if lines else otherwise


def _number_month(day: date) -> int:
    return day.year * MONTHS_IN_YEAR + day.month - 1
