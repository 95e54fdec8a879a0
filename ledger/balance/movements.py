"""The movements of a statement: what each did to the balance, and their sums.

Whatever shows a sum of time or money has it from ``sum_movements``, and so agrees with the balance.
What became of lots, of one, of a purchase or of all punchcards, is their usage.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, NamedTuple

from ledger.balance.lots import Lot, Use

ALL_CARDS = ""


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


@dataclass(frozen=True)
class Consumption:
    """Minutes of a lot that were used, refunded or expired; negative where they came back."""

    date: date
    lot: str
    purchase: str | None  # the lot's; None for goodwill
    use: Use
    minutes: int
    value: Decimal  # the money that they stand for, with the same sign; goodwill has none
    line: int  # the index of the movement that they belong to


@dataclass(frozen=True, kw_only=True)
class Movement:
    """One line of a statement."""

    date: date
    kind: MovementKind
    reference: str  # the id of a purchase, adjustment or lot, or the full name of an entry
    request: str | None = None
    consultant: str | None = None
    category: str | None = None
    worked_minutes: int | None = None  # what was logged, charged or not; None if it is no time
    minutes: int  # the signed effect on the balance
    balance_minutes: int  # the balance after it
    amount: Decimal | None = None  # the money of a purchase or refund, as recorded, never negative
    note: str | None = None
    draws: tuple[Draw, ...] = ()  # what it took from each lot, as allocated on the as-of date
    invoice: str | None = None
    # The money that its draws stand for, negative where they came back; None of a sale.
    value: Decimal | None = None
    purchase_order: str | None = None
    agreement: str | None = None  # the version that was in force on the day of a purchase
    charged_minutes: int = 0  # what time was charged, or took back

    JSON_FIELDS: ClassVar = (
        *("date", "kind", "reference", "request", "consultant", "category", "worked_minutes"),
        *("minutes", "balance_minutes", "amount", "note", "draws", "invoice", "value"),
        *("signed_amount", "purchase_order", "agreement"),
    )

    @property
    def is_free(self) -> bool:
        """Whether it is time that nothing is charged for."""
        return bool(self.worked_minutes) and not self.charged_minutes

    @property
    def uncovered_minutes(self) -> int:
        """What was charged of it and no lot covers."""
        return self.charged_minutes - sum(draw.minutes for draw in self.draws)

    @property
    def signed_amount(self) -> Decimal | None:
        """The amount as it counts in a sum: a refund's is negative."""
        if self.amount is not None and self.kind is MovementKind.REFUND:
            return -self.amount
        return self.amount

    @property
    def expired_minutes(self) -> int:
        """What expired: of a lot on its end, or of what a correction gave back after that."""
        if self.kind in {MovementKind.TIME, MovementKind.CORRECTION, MovementKind.EXPIRY}:
            return -self.charged_minutes - self.minutes
        return 0


@dataclass(frozen=True)
class Sums:
    """What came in and went out; ``paid`` and ``returned`` are None where there was no money.

    ``charged_minutes`` are the used and the overdrawn ones of a balance. ``charged_value`` is what
    time and corrections are worth.
    """

    purchased_minutes: int
    goodwill_minutes: int
    worked_minutes: int
    charged_minutes: int
    refunded_minutes: int
    expired_minutes: int
    paid: Decimal | None
    returned: Decimal | None
    charged_value: Decimal | None
    refunded_value: Decimal | None
    expired_value: Decimal | None

    @property
    def dropped_value(self) -> Decimal | None:
        """What refunds and expiries are worth."""
        return _sum_money((self.refunded_value, self.expired_value))

    @property
    def signed_amount(self) -> Decimal | None:
        """What was invoiced, less what was returned."""
        return _sum_money((self.paid, None if self.returned is None else -self.returned))

    @property
    def value(self) -> Decimal | None:
        """What all lines are worth."""
        return _sum_money((self.charged_value, self.dropped_value))

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
        return self.received_minutes - self.charged_minutes - self.dropped_minutes


def sum_movements(movements: Iterable[Movement]) -> Sums:
    """Return the sums of some movements."""
    lines = tuple(movements)
    return Sums(
        purchased_minutes=_sum_minutes(lines, MovementKind.PURCHASE),
        goodwill_minutes=_sum_minutes(lines, MovementKind.GOODWILL),
        worked_minutes=sum(line.worked_minutes or 0 for line in lines),
        charged_minutes=sum(line.charged_minutes for line in lines),
        refunded_minutes=-_sum_minutes(lines, MovementKind.REFUND),
        expired_minutes=sum(line.expired_minutes for line in lines),
        paid=_sum_money(line.amount for line in lines if line.kind is MovementKind.PURCHASE),
        returned=_sum_money(line.amount for line in lines if line.kind is MovementKind.REFUND),
        charged_value=_sum_money(line.value for line in lines if line.worked_minutes is not None),
        refunded_value=_sum_money(line.value for line in lines if line.kind is MovementKind.REFUND),
        expired_value=_sum_money(line.value for line in lines if line.kind is MovementKind.EXPIRY),
    )


def _sum_minutes(lines: Iterable[Movement], kind: MovementKind) -> int:
    return sum(line.minutes for line in lines if line.kind is kind)


def _sum_money(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


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
