"""Sums of a statement's lines, in minutes and in money.

Opening balance and sums make the closing balance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol


class SummedLine(Protocol):
    """What a line of a statement must say to be summed up."""

    @property
    def kind(self) -> str:
        """The kind of movement, as ``MovementKind`` has it."""

    @property
    def minutes(self) -> int:
        """The signed effect on the balance."""

    @property
    def amount(self) -> Decimal | None:
        """The money of a purchase or refund, never negative."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What came in and went out; ``paid`` and ``returned`` are None where there was no money."""

    purchased_minutes: int
    goodwill_minutes: int
    used_minutes: int
    refunded_minutes: int
    expired_minutes: int
    paid: Decimal | None
    returned: Decimal | None

    @property
    def received_minutes(self) -> int:
        """All that came in."""
        return self.purchased_minutes + self.goodwill_minutes

    @property
    def dropped_minutes(self) -> int:
        """All that went out unused."""
        return self.refunded_minutes + self.expired_minutes

    @property
    def change_minutes(self) -> int:
        """By how much the balance changed."""
        return self.received_minutes - self.used_minutes - self.dropped_minutes


def sum_movements(movements: Iterable[SummedLine]) -> Sums:
    """Return the sums of some movements."""
    lines = tuple(movements)
    return Sums(
        purchased_minutes=_sum_minutes(lines, "purchase"),
        goodwill_minutes=_sum_minutes(lines, "goodwill"),
        used_minutes=-_sum_minutes(lines, "time", "correction"),
        refunded_minutes=-_sum_minutes(lines, "refund"),
        expired_minutes=-_sum_minutes(lines, "expiry"),
        paid=_sum_amounts(lines, "purchase"),
        returned=_sum_amounts(lines, "refund"),
    )


def _sum_minutes(lines: Iterable[SummedLine], *kinds: str) -> int:
    return sum(line.minutes for line in lines if line.kind in kinds)


def _sum_amounts(lines: Iterable[SummedLine], kind: str) -> Decimal | None:
    amounts = [line.amount for line in lines if line.kind == kind and line.amount is not None]
    return sum(amounts, Decimal(0)) if amounts else None
