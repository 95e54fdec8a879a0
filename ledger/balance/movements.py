"""The movements of a statement: what each did to the balance, and which lots it drew on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from ledger.models import Category


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
