"""Sums of movements, in minutes and in money: opening balance and sums make the closing balance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from site_builder.portal_view import MovementView


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


def sum_movements(movements: Iterable[MovementView]) -> Sums:
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


def _sum_minutes(lines: Iterable[MovementView], *kinds: str) -> int:
    return sum(line.minutes for line in lines if line.kind in kinds)


def _sum_amounts(lines: Iterable[MovementView], kind: str) -> Decimal | None:
    amounts = [line.amount for line in lines if line.kind == kind and line.amount is not None]
    return sum(amounts, Decimal(0)) if amounts else None
