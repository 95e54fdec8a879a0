"""Lots: minutes that came in together and are drawn down together.

A lot is one punchcard or one goodwill credit. All amounts are whole minutes.
"""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import ClassVar, Self

from ledger.dates import add_months
from ledger.models import Goodwill, Purchase, TermsHistory
from ledger.money import count_digits, round_share, share_amount
from ledger.text import NaturalKey, natural_key


class LotKind(StrEnum):
    """What a lot came from."""

    CARD = "card"
    GOODWILL = "goodwill"


class Use(StrEnum):
    """What became of minutes of a lot."""

    USED = "used"
    REFUNDED = "refunded"
    EXPIRED = "expired"


@dataclass
class Lot:
    """A lot, and what became of it: so far while the draw-down runs, by the as-of date after it.

    Always: minutes = used + refunded + expired + remaining. Lots are sorted as they are drawn on.
    """

    id: str  # ``P1/2`` for the second card of purchase P1, the adjustment's id for goodwill
    purchase: str | None  # its id; None for goodwill
    date: datetime.date
    last_day: datetime.date | None  # the last on which it can be drawn on; None: it does not expire
    minutes: int
    remaining_minutes: int
    amount: Decimal = Decimal(0)  # what was paid for it, with so many digits; goodwill is free
    digits: int = 2
    refunded_minutes: int = 0
    expired_minutes: int = 0
    # Each day on which it was completed (True) or opened again (False).
    completions: list[tuple[datetime.date, bool]] = field(default_factory=list)
    number: int = 1  # which card of its purchase it is, of how many
    count: int = 1
    invoice: str | None = None

    JSON_FIELDS: ClassVar = (
        *("id", "kind", "purchase", "date", "last_day", "minutes", "used_minutes"),
        *("refunded_minutes", "expired_minutes", "remaining_minutes", "completed_on"),
    )

    @property
    def kind(self) -> LotKind:
        """What it came from."""
        return LotKind.GOODWILL if self.purchase is None else LotKind.CARD

    @property
    def used_minutes(self) -> int:
        """The charged minutes that it covers."""
        return self.minutes - self.remaining_minutes - self.refunded_minutes - self.expired_minutes

    @property
    def completed_on(self) -> datetime.date | None:
        """The day its remaining minutes reached zero; None while some are left."""
        return None if self.remaining_minutes else self.completions[-1][0]

    @property
    def value_remaining(self) -> Decimal:
        """The money that its remaining minutes stand for."""
        return self.amount - self._value(self.minutes - self.remaining_minutes)

    def value_last(self, minutes: int) -> Decimal:
        """Return the money that the last ``minutes`` consumed stand for.

        It is V(c) - V(c - minutes), with V(c) the rounded share of c minutes of the amount, so
        that what is consumed of a completed card adds up to its amount.
        """
        consumed = self.minutes - self.remaining_minutes
        return self._value(consumed) - self._value(consumed - minutes)

    def _value(self, consumed: int) -> Decimal:
        return round_share(self.amount, consumed, self.minutes, self.digits)

    @cached_property
    def arrival_order(self) -> tuple[bool, NaturalKey]:
        """The sort key of lots that came in on one day: cards before goodwill, then by id."""
        return self.purchase is None, natural_key(self.id)

    @cached_property
    def draw_order(self) -> tuple[bool, datetime.date, datetime.date, tuple[bool, NaturalKey]]:
        """The sort key of lots as they are drawn on.

        The earliest last day comes first (none last), then the earliest date, then as they came in.
        """
        end = self.last_day or datetime.date.max
        return self.last_day is None, end, self.date, self.arrival_order

    def __lt__(self, other: Self) -> bool:
        return self.draw_order < other.draw_order

    def find_completion(
        self, day: datetime.date, *, during_day: bool = False
    ) -> datetime.date | None:
        """Return the day of its completion as it stood on a day: on its evening or during it."""
        found = None
        for changed_on, is_completed in self.completions:
            if changed_on < day or (changed_on == day and not during_day):
                found = changed_on if is_completed else None
        return found

    def take(self, minutes: int, day: datetime.date, use: Use) -> int:
        """Take up to ``minutes`` on ``day`` and return how many there were."""
        taken = min(minutes, self.remaining_minutes)
        self.remaining_minutes -= taken
        self.refunded_minutes += taken if use is Use.REFUNDED else 0
        self.expired_minutes += taken if use is Use.EXPIRED else 0
        if taken and not self.remaining_minutes:
            self.completions.append((day, True))
        return taken

    def give_back(self, minutes: int, day: datetime.date) -> int:
        """Take minutes back in and return how many can be used again: none after the last day."""
        if self.last_day is not None and self.last_day < day:
            self.expired_minutes += minutes
            return 0
        if not self.remaining_minutes:
            self.completions.append((day, False))
        self.remaining_minutes += minutes
        return minutes


def open_lots(source: Purchase | Goodwill, history: TermsHistory, currency: str) -> list[Lot]:
    """Return the lots of a purchase, a card each, or of a goodwill credit.

    The terms in force on its date say how long a card is and how long it is valid; a purchase
    before the first terms has none. Goodwill does not expire; a credit of no minutes, which is
    an error, has no lot.
    """
    day, terms = source.date, history.in_force_on(source.date)
    if isinstance(source, Goodwill):
        lot = Lot(source.id, None, day, None, source.minutes, source.minutes)
        return [lot] if source.minutes > 0 else []
    if terms is None:
        return []
    months, minutes = terms.punchcard_validity_months, terms.punchcard_minutes
    last_day = None if months is None else add_months(day, months)
    digits = count_digits(currency)
    return [
        Lot(
            *(f"{source.id}/{number}", source.id, day, last_day, minutes, minutes, amount, digits),
            number=number,
            count=source.punchcards,
            invoice=source.invoice,
        )
        for number, amount in enumerate(share_amount(source.amount, source.punchcards, digits), 1)
    ]
