"""The movements of a statement: what each did to the balance, and which lots it drew on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from ledger.models import Category, Goodwill, Purchase, Refund, TimeEntry, TimeSheet


class MovementKind(StrEnum):
    """What a movement is."""

    PURCHASE = "purchase"
    GOODWILL = "goodwill"
    TIME = "time"
    CORRECTION = "correction"
    REFUND = "refund"
    EXPIRY = "expiry"


@dataclass(frozen=True)
class Draw:
    """Minutes taken from a lot; negative where a correction gave them back."""

    lot: str
    minutes: int


@dataclass(frozen=True, kw_only=True)
class Movement:
    """One line of a statement; its JSON has the same fields in the same order.

    Attributes:
        reference: purchase, adjustment or lot id, or the full name of an entry.
        worked_minutes: what the consultant logged, charged or not; None if it is no time.
        minutes: the signed effect on the balance.
        balance_minutes: the balance after it.
        amount: the money of a purchase or refund, as recorded, never negative.
        draws: what it took from each lot, as allocated on the as-of date.
    """

    date: date
    kind: MovementKind
    reference: str
    request: str | None = None
    consultant: str | None = None
    category: Category | None = None
    worked_minutes: int | None = None
    minutes: int
    balance_minutes: int
    amount: Decimal | None = None
    note: str | None = None
    draws: tuple[Draw, ...] = ()


def describe_sale(record: Purchase | Goodwill | Refund) -> dict[str, Any]:
    """Return the fields of a movement that follow from a purchase or an adjustment alone."""
    fields = {"date": record.date, "reference": record.id}
    match record:
        case Purchase():
            what = {"kind": MovementKind.PURCHASE, "amount": record.amount}
            return {**fields, **what, "note": record.price_note}
        case Refund():
            what = {"kind": MovementKind.REFUND, "amount": record.amount}
            return {**fields, **what, "note": record.reason}
        case Goodwill():
            return {**fields, "kind": MovementKind.GOODWILL, "note": record.reason}


def describe_time(sheet: TimeSheet, entry: TimeEntry, category: Category | None) -> dict[str, Any]:
    """Return the fields of a movement that follow from a time entry and its category alone."""
    return {
        "date": entry.date,
        "kind": MovementKind.CORRECTION if entry.is_correction else MovementKind.TIME,
        "reference": sheet.full_name(entry.id),
        "request": entry.request,
        "consultant": sheet.consultant,
        "category": category,
        "worked_minutes": entry.minutes,
        "note": entry.note,
    }
