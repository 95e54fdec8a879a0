"""Balances, statements and endings as other programs read them.

Minutes are whole numbers, money is text with two decimals, dates are ISO, missing is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from ledger.figures.balance import Balance
from ledger.figures.expiry import Ending
from ledger.figures.lots import Lot
from ledger.figures.movements import Movement
from ledger.figures.statement import Statement
from ledger.reporters.statement_json import (
    MovementTexts,
    StatementHead,
    join_statement,
    write_movements,
)
from ledger.text import add_digest, format_money


def balance_to_json(balance: Balance, revision: str | None) -> dict[str, Any]:
    """Return a balance; ``revision`` is the commit, None where the files differ from it."""
    return {
        "customer": balance.customer,
        "name": balance.name,
        "as_of": balance.as_of.isoformat(),
        "revision": revision,
        "currency": balance.currency,
        "purchased_minutes": balance.purchased_minutes,
        "goodwill_minutes": balance.goodwill_minutes,
        "used_minutes": balance.used_minutes,
        "refunded_minutes": balance.refunded_minutes,
        "expired_minutes": balance.expired_minutes,
        "remaining_minutes": balance.remaining_minutes,
        "overdrawn_minutes": balance.overdrawn_minutes,
        "balance_minutes": balance.balance_minutes,
        "low": balance.low,
        "last_activity": _day(balance.last_activity),
        "portal": {
            "state": balance.portal.state.value,
            "last_day": _day(balance.portal.last_day),
        },
        "lots": [lot_to_json(lot) for lot in balance.lots],
    }


def lot_to_json(lot: Lot) -> dict[str, Any]:
    """Return a lot."""
    return {
        "id": lot.id,
        "kind": lot.kind.value,
        "purchase": lot.purchase,
        "date": lot.date.isoformat(),
        "last_day": _day(lot.last_day),
        "minutes": lot.minutes,
        "used_minutes": lot.used_minutes,
        "refunded_minutes": lot.refunded_minutes,
        "expired_minutes": lot.expired_minutes,
        "remaining_minutes": lot.remaining_minutes,
        "completed_on": _day(lot.completed_on),
    }


def statement_to_json(
    statement: Statement,
    revision: str | None,
    commits: Mapping[str, str | None] | None = None,
) -> dict[str, Any]:
    """Return a statement; ``from`` is None if it goes back to the beginning.

    Args:
        statement: the statement.
        revision: the commit, None where the files differ from it.
        commits: the commit that brought each movement, by its reference, to be named in it.
    """
    movements = _movements_to_json(statement, commits)
    return add_digest({**_make_head(statement, revision).to_json(), "movements": movements})


def format_statement_json(
    statement: Statement,
    revision: str | None,
    commits: Mapping[str, str | None] | None = None,
) -> str:
    """Return a statement as the text of a file; arguments as above."""
    movements = write_movements(_movements_to_json(statement, commits))
    return join_statement(_make_head(statement, revision), movements)


def format_movements(statement: Statement) -> MovementTexts:
    """Return what does not change in the text of a file when its as-of date does."""
    return write_movements(_movements_to_json(statement))


def _make_head(statement: Statement, revision: str | None) -> StatementHead:
    return StatementHead(
        customer=statement.customer,
        from_=statement.from_,
        to=statement.to,
        as_of=statement.as_of,
        revision=revision,
        opening_minutes=statement.opening_minutes,
        closing_minutes=statement.closing_minutes,
    )


def _movements_to_json(
    statement: Statement, commits: Mapping[str, str | None] | None = None
) -> list[dict[str, Any]]:
    return [
        movement_to_json(movement)
        if commits is None
        else {**movement_to_json(movement), "commit": commits.get(movement.reference)}
        for movement in statement.movements
    ]


def movement_to_json(movement: Movement) -> dict[str, Any]:
    """Return one line of a statement."""
    return {
        "date": movement.date.isoformat(),
        "kind": movement.kind.value,
        "reference": movement.reference,
        "request": movement.request,
        "consultant": movement.consultant,
        "category": None if movement.category is None else movement.category.value,
        "worked_minutes": movement.worked_minutes,
        "minutes": movement.minutes,
        "balance_minutes": movement.balance_minutes,
        "amount": _money(movement.amount),
        "note": movement.note,
        "draws": [{"lot": draw.lot, "minutes": draw.minutes} for draw in movement.draws],
    }


def ending_to_json(ending: Ending) -> dict[str, Any]:
    """Return something that ends."""
    return {
        "customer": ending.customer,
        "kind": ending.kind.value,
        "subject": ending.subject,
        "last_day": ending.last_day.isoformat(),
        "days_left": ending.days_left,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else format_money(amount)
