"""Pieces of a portal's figures, made with as little as a test has to say."""

from datetime import date, timedelta
from decimal import Decimal

from ledger.balance.lots import Lot
from ledger.balance.movements import Movement, MovementKind

FIRST_DAY = date(2026, 1, 12)


def make_lot(
    minutes: int, used: int = 0, refunded: int = 0, expired: int = 0, last_day: date | None = None
) -> Lot:
    """Return a card of which so much was used, refunded and expired."""
    return Lot(
        id="P1/1",
        purchase="P1",
        date=FIRST_DAY,
        last_day=last_day,
        minutes=minutes,
        refunded_minutes=refunded,
        expired_minutes=expired,
        remaining_minutes=minutes - used - refunded - expired,
        completions=[] if minutes > used + refunded + expired else [(FIRST_DAY, True)],
    )


def make_movement(
    day: date,
    kind: str = "time",
    minutes: int = 0,
    balance: int = 0,
    category: str | None = None,
    worked: int | None = None,
    amount: str | None = None,
) -> Movement:
    """Return a line of a statement; time is charged unless its category is not."""
    is_time, is_free = kind in {"time", "correction"}, category == "technical-support"
    charged = 0 if is_free or not is_time else worked or -minutes
    return Movement(
        date=day,
        kind=MovementKind(kind),
        reference="x",
        category=category,
        worked_minutes=worked,
        minutes=minutes,
        charged_minutes=charged,
        balance_minutes=balance,
        amount=None if amount is None else Decimal(amount),
    )


def make_steps(balances: list[tuple[int, int]]) -> tuple[Movement, ...]:
    """Return a movement for each pair of days since the first, and balance."""
    return tuple(
        make_movement(FIRST_DAY + timedelta(days=days), balance=balance)
        for days, balance in balances
    )
