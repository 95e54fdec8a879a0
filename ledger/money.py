"""Amounts of money, as programs and people read them."""

from __future__ import annotations

from decimal import Decimal


def format_money(amount: Decimal) -> str:
    """Return an amount with two decimals and no grouping: ``2000.00``."""
    return f"{amount:.2f}"
