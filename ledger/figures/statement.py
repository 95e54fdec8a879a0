"""A customer's statement: the movements over a period, with opening and closing balance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from ledger.dates import MONTHS_IN_YEAR
from ledger.errors import LedgerError
from ledger.figures.draw_down import DrawDown, draw_down
from ledger.figures.movements import Movement
from ledger.models import TermsHistory
from ledger.models.customer_records import CustomerRecords


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class MonthOfStatement:
    """The movements of one calendar month; ``first_day`` names it."""

    first_day: date
    opening_minutes: int
    closing_minutes: int
    movements: tuple[Movement, ...]


def compute_statement(
    records: CustomerRecords,
    terms: TermsHistory,
    as_of: date,
    from_: date | None = None,
    to: date | None = None,
) -> Statement:
    """Return the statement of a period; without ``to`` it goes to ``as_of``.

    Raises:
        LedgerError: the period ends before it begins, or after ``as_of``.
    """
    return select_period(draw_down(records, terms, as_of), records.slug, from_, to)


def select_period(
    drawn: DrawDown, customer: str, from_: date | None = None, to: date | None = None
) -> Statement:
    """Return the part of a draw-down that falls into a period; errors as above."""
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
        opening_minutes=_last_balance(before),
        closing_minutes=_last_balance(upto),
        movements=tuple(upto[len(before) :]),
    )


def split_by_month(statement: Statement) -> tuple[MonthOfStatement, ...]:
    """Return the months from the first movement to the statement's end, quiet ones included."""
    if not statement.movements:
        return ()
    by_month = {
        month: tuple(lines) for month, lines in groupby(statement.movements, key=_first_of_month)
    }
    months, balance = [], statement.opening_minutes
    for month in _list_months(next(iter(by_month)), statement.to):
        lines = by_month.get(month, ())
        opening, balance = balance, lines[-1].balance_minutes if lines else balance
        months.append(MonthOfStatement(month, opening, balance, lines))
    return tuple(months)


def _last_balance(lines: list[Movement]) -> int:
    return lines[-1].balance_minutes if lines else 0


def _first_of_month(line: Movement) -> date:
    return line.date.replace(day=1)


def _list_months(first: date, last_day: date) -> Iterator[date]:
    # By number, because the month after the last of the calendar does not exist.
    for number in range(_number_month(first), _number_month(last_day) + 1):
        year, month = divmod(number, MONTHS_IN_YEAR)
        yield date(year, month + 1, 1)


def _number_month(day: date) -> int:
    return day.year * MONTHS_IN_YEAR + day.month - 1
