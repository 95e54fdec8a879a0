"""A customer's statement: the movements over a period, with opening and closing balance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from ledger.balance.draw_down import DrawDown
from ledger.balance.movements import Movement
from ledger.dates import ONE_DAY, add_months, list_months
from ledger.errors import LedgerError


@dataclass(frozen=True, kw_only=True)
class Statement:
    """The movements from ``from_`` (None: the beginning) to ``to``, both included, in minutes.

    ``as_of`` is the day whose evening decides what each movement drew on.
    """

    customer: str
    from_: date | None
    to: date
    as_of: date
    revision: str | None = None  # the commit, None where the files differ from it
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
    """Return a draw-down's part in a period, by default to its end; a LedgerError if it is none."""
    last_day = drawn.as_of if to is None else to
    require_period(from_, last_day, drawn.as_of)
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


def require_period(first: date | None, last: date, as_of: date) -> None:
    """Raise a LedgerError if a period ends before it begins, or after the as-of date."""
    if last > as_of:
        raise LedgerError(
            f"the period ends on {last}, after the as-of date {as_of}",
            "what happens later is not known yet; choose an earlier --to or a later --as-of",
        )
    if first is not None and first > last:
        raise LedgerError(f"the period begins on {first}, after its end on {last}")


def split_by_month(statement: Statement) -> tuple[MonthOfStatement, ...]:
    """Return the months from the first movement to the statement's end, quiet ones included."""
    if not statement.movements:
        return ()
    groups = groupby(statement.movements, key=lambda line: line.date.replace(day=1))
    by_month = {month: tuple(lines) for month, lines in groups}
    months, balance = [], statement.opening_minutes
    for first_day in list_months(min(by_month), statement.to):
        lines = by_month.get(first_day, ())
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
