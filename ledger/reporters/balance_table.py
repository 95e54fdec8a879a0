"""Balances as people read them on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ledger.duration import format_minutes
from ledger.figures.balance import Balance
from ledger.figures.portal_life import PortalState
from ledger.reporters.problem_text import Paint, leave_unpainted
from ledger.reporters.tabular import format_table

_HEADERS = (
    "customer",
    "purchased",
    "goodwill",
    "used",
    "refunded",
    "expired",
    "remaining",
    "overdrawn",
    "cards open",
    "last activity",
    "portal",
    "",
)
_NUMBERS = _HEADERS[1:9]


def format_balance_table(
    balances: Sequence[Balance], as_of: date, paint: Paint = leave_unpainted
) -> str:
    """Return a table of balances; low and overdrawn ones stand out."""
    rows = [_make_row(balance, paint) for balance in balances]
    return f"{format_table(_HEADERS, rows, right=_NUMBERS)}\nas of {as_of}\n"


def _make_row(balance: Balance, paint: Paint) -> list[str]:
    minutes = (
        balance.purchased_minutes,
        balance.goodwill_minutes,
        balance.used_minutes,
        balance.refunded_minutes,
        balance.expired_minutes,
        balance.remaining_minutes,
        balance.overdrawn_minutes,
    )
    return [
        balance.customer,
        *(format_minutes(amount) if amount else "-" for amount in minutes),
        str(len(balance.open_cards)),
        str(balance.last_activity or "-"),
        _describe_portal(balance),
        _flag(balance, paint),
    ]


def _describe_portal(balance: Balance) -> str:
    state, last_day = balance.portal.state, balance.portal.last_day
    if state is PortalState.CLOSING:
        return f"until {last_day}"
    return f"closed {last_day}" if state is PortalState.CLOSED else state.value


def _flag(balance: Balance, paint: Paint) -> str:
    if balance.overdrawn_minutes:
        return paint("OVERDRAWN", "red")
    return paint("LOW", "yellow") if balance.low else ""
