"""Pieces of a portal's view, made with as little as a test has to say."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from site_builder.view import LotView, MovementView

FIRST_DAY = date(2026, 1, 12)


def make_lot(
    minutes: int, used: int = 0, refunded: int = 0, expired: int = 0, last_day: date | None = None
) -> LotView:
    """Return a card of which so much was used, refunded and expired."""
    return LotView(
        id="P1/1",
        kind="card",
        purchase="P1",
        date=FIRST_DAY,
        last_day=last_day,
        minutes=minutes,
        used_minutes=used,
        refunded_minutes=refunded,
        expired_minutes=expired,
        remaining_minutes=minutes - used - refunded - expired,
        completed_on=None,
        uses=(),
    )


def make_movement(
    day: date,
    kind: str = "time",
    minutes: int = 0,
    balance: int = 0,
    category: str | None = None,
    worked: int | None = None,
    amount: str | None = None,
) -> MovementView:
    """Return a line of a statement."""
    return MovementView(
        date=day,
        kind=kind,
        reference="x",
        request=None,
        consultant=None,
        category=category,
        worked_minutes=worked,
        minutes=minutes,
        balance_minutes=balance,
        amount=None if amount is None else Decimal(amount),
        note=None,
        draws=(),
    )


def make_steps(balances: list[tuple[int, int]]) -> tuple[MovementView, ...]:
    """Return a movement for each pair of days since the first, and balance."""
    return tuple(
        make_movement(FIRST_DAY + timedelta(days=days), balance=balance)
        for days, balance in balances
    )
