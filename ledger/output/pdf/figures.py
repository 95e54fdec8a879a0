"""Dates, durations and amounts as the portals write them in English."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

from ledger.duration import format_minutes

_LOCALE = "en_GB"
_MINUS = "\N{MINUS SIGN}"


def write_day(day: date) -> str:
    """Return a date in full: ``12 January 2026``."""
    return format_date(day, "long", locale=_LOCALE)


def write_short_day(day: date) -> str:
    """Return a date for a narrow column: ``12 Jan 2026``."""
    return format_date(day, "medium", locale=_LOCALE)


def write_month(day: date) -> str:
    """Return the month of a date: ``January 2026``."""
    return str(format_skeleton("yMMMM", day, locale=_LOCALE))


def write_duration(minutes: int) -> str:
    """Return minutes as hours and minutes."""
    return format_minutes(minutes).replace("-", _MINUS)


def write_signed(minutes: int) -> str:
    """Return minutes with a sign, as a movement has it."""
    return f"{'+' if minutes > 0 else ''}{write_duration(minutes)}"


def write_money(amount: Decimal | None) -> str:
    """Return an amount without its currency; nothing where there was no money."""
    if amount is None:
        return ""
    return format_decimal(amount, "#,##0.00", locale=_LOCALE).replace("-", _MINUS)
