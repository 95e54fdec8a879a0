"""What became of lots, in minutes and in money: of one, of a purchase, of all punchcards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from ledger.balance.lots import Lot
from ledger.balance.movements import Consumption, Use

ALL_CARDS = ""


class Usage(NamedTuple):
    """What some lots held, and what became of it; goodwill has no value.

    Always, in minutes and in money: all of it = used + refunded + expired + remaining.
    """

    minutes: int
    used_minutes: int
    refunded_minutes: int
    expired_minutes: int
    remaining_minutes: int
    amount: Decimal
    value_used: Decimal
    value_refunded: Decimal
    value_expired: Decimal
    value_remaining: Decimal

    @property
    def dropped_minutes(self) -> int:
        """What went out unused."""
        return self.refunded_minutes + self.expired_minutes

    @property
    def value_dropped(self) -> Decimal:
        """The value of what went out unused."""
        return self.value_refunded + self.value_expired


def measure_usage(lots: Iterable[Lot], consumptions: Iterable[Consumption]) -> Mapping[str, Usage]:
    """Return the usage of each lot and purchase by its id, and that of ``ALL_CARDS``."""
    values: defaultdict[tuple[str, Use], Decimal] = defaultdict(Decimal)
    for each in consumptions:
        values[each.lot, each.use] += each.value
    groups: defaultdict[str, list[Usage]] = defaultdict(list)
    for lot in lots:
        minutes = (lot.minutes, lot.used_minutes, lot.refunded_minutes, lot.expired_minutes)
        consumed = (values[lot.id, use] for use in Use)
        usage = Usage._make(
            (*minutes, lot.remaining_minutes, lot.amount, *consumed, lot.value_remaining)
        )
        for name in (lot.id,) if lot.purchase is None else (lot.id, lot.purchase, ALL_CARDS):
            groups[name].append(usage)
    return {name: Usage._make(map(sum, zip(*group, strict=True))) for name, group in groups.items()}
