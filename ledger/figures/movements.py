"""The movements of a statement: what each did to the balance, and which cards it drew on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from ledger.models import Category


class MovementKind(StrEnum):
    """What a movement is."""

    PURCHASE = "purchase"
    GOODWILL = "goodwill"
    TIME = "time"
    CORRECTION = "correction"
    REFUND = "refund"
    EXPIRY = "expiry"


class Draw(NamedTuple):
    """Minutes taken from a lot; negative where a correction gave them back."""

    lot: str
    minutes: int


class Movement(NamedTuple):
    """One line of a statement.

    Attributes:
        reference: purchase, adjustment or lot id, or the full name of an entry.
        minutes: the signed effect on the balance.
        balance_minutes: the balance after it.
        worked_minutes: what the consultant logged, charged or not; None if it is no time.
        amount: the money of a purchase or refund, as recorded, never negative.
        draws: what it took from each lot, as allocated on the as-of date.
    """

    date: date
    kind: MovementKind
    reference: str
    minutes: int
    balance_minutes: int
    request: str | None = None
    consultant: str | None = None
    category: Category | None = None
    worked_minutes: int | None = None
    amount: Decimal | None = None
    note: str | None = None
    draws: tuple[Draw, ...] = ()


class Line(NamedTuple):
    """A movement, and apart from it what it took from each lot by the lot's id."""

    movement: Movement
    draws: Mapping[str, int]
