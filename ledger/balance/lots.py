"""Lots: minutes that came in together and are drawn down together.

A lot is one punchcard or one goodwill credit. ``Lot`` is what became of it by a date;
``OpenLot`` is the same lot while the events go by. All amounts are whole minutes.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from enum import StrEnum

from ledger.dates import add_months
from ledger.models import Goodwill, Purchase, TermsHistory
from ledger.text import NaturalKey, natural_key


class LotKind(StrEnum):
    """What a lot came from."""

    CARD = "card"
    GOODWILL = "goodwill"


ArrivalOrder = tuple[bool, NaturalKey]
DrawOrder = tuple[bool, datetime.date, datetime.date, ArrivalOrder]


def make_draw_order(
    lot_id: str, purchase: str | None, day: datetime.date, last_day: datetime.date | None
) -> DrawOrder:
    """Return the sort key of lots as they are drawn on; ``purchase`` is None for goodwill.

    The earliest last day comes first (none last), then the earliest date, then as they came in.
    """
    end = last_day or datetime.date.max
    return last_day is None, end, day, _make_arrival_order(lot_id, purchase)


def _make_arrival_order(lot_id: str, purchase: str | None) -> ArrivalOrder:
    """Return the sort key of lots that came in on one day: cards before goodwill, then by id."""
    return purchase is None, natural_key(lot_id)


@dataclass(frozen=True)
class Lot:
    """A lot, and what became of it by the as-of date.

    Always: minutes = used + refunded + expired + remaining.

    Attributes:
        id: ``P1/2`` for the second card of purchase P1, the adjustment's id for goodwill.
        purchase: the purchase's id; None for goodwill.
        last_day: the last day on which it can be drawn on; None if it does not expire.
        completed_on: the day its remaining minutes reached zero; None while some are left.
        completions: each day on which it was completed (True) or opened again (False).
    """

    id: str
    kind: LotKind
    purchase: str | None
    date: datetime.date
    last_day: datetime.date | None
    minutes: int
    used_minutes: int
    refunded_minutes: int
    expired_minutes: int
    remaining_minutes: int
    completed_on: datetime.date | None
    completions: tuple[tuple[datetime.date, bool], ...] = ()

    def find_completion(
        self, day: datetime.date, *, during_day: bool = False
    ) -> datetime.date | None:
        """Return the day of its completion as it stood on the evening of ``day``.

        With ``during_day`` what happened on ``day`` itself does not count yet.
        """
        found = None
        for changed_on, is_completed in self.completions:
            if changed_on < day or (changed_on == day and not during_day):
                found = changed_on if is_completed else None
        return found


@dataclass(eq=False)
class OpenLot:
    """A lot while the events go by.

    Attributes:
        has_ended: its last day is over; what comes back stays expired.
        arrival_order: the sort key of lots that came in on one day.
        draw_order: the sort key of lots as they are drawn on.
    """

    id: str
    purchase: str | None
    date: datetime.date
    last_day: datetime.date | None
    minutes: int
    remaining: int = field(init=False)
    refunded: int = 0
    expired: int = 0
    has_ended: bool = False
    completions: list[tuple[datetime.date, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.remaining = self.minutes
        self.arrival_order = _make_arrival_order(self.id, self.purchase)
        self.draw_order = make_draw_order(self.id, self.purchase, self.date, self.last_day)

    def take(self, minutes: int, day: datetime.date) -> int:
        """Take up to ``minutes`` on ``day`` and return how many there were."""
        taken = min(minutes, self.remaining)
        self.remaining -= taken
        if taken and not self.remaining:
            self.completions.append((day, True))
        return taken

    def give_back(self, minutes: int, day: datetime.date) -> int:
        """Take minutes back in and return how many can be used again: none after the last day."""
        if self.has_ended:
            self.expired += minutes
            return 0
        if not self.remaining:
            self.completions.append((day, False))
        self.remaining += minutes
        return minutes

    def refund(self, minutes: int, day: datetime.date) -> int:
        """Refund up to ``minutes`` and return how many there were."""
        taken = self.take(minutes, day)
        self.refunded += taken
        return taken

    def expire(self, day: datetime.date) -> int:
        """End the lot on ``day``, the day after its last, and return the minutes that expire."""
        self.has_ended = True
        lost = self.take(self.remaining, day)
        self.expired += lost
        return lost

    def freeze(self) -> Lot:
        """Return the lot as it stands."""
        return Lot(
            id=self.id,
            kind=LotKind.GOODWILL if self.purchase is None else LotKind.CARD,
            purchase=self.purchase,
            date=self.date,
            last_day=self.last_day,
            minutes=self.minutes,
            used_minutes=self.minutes - self.remaining - self.refunded - self.expired,
            refunded_minutes=self.refunded,
            expired_minutes=self.expired,
            remaining_minutes=self.remaining,
            completed_on=None if self.remaining else self.completions[-1][0],
            completions=tuple(self.completions),
        )


def open_lots(source: Purchase | Goodwill, history: TermsHistory) -> list[OpenLot]:
    """Return the lots of a purchase, a card each, or of a goodwill credit.

    The terms in force on its date say how long a card is and how long it is valid; a purchase
    before the first terms has none. Goodwill does not expire; a credit of no minutes, which is
    an error, has no lot.
    """
    if isinstance(source, Goodwill):
        lot = OpenLot(source.id, None, source.date, None, source.minutes)
        return [lot] if source.minutes > 0 else []
    terms = history.in_force_on(source.date)
    if terms is None:
        return []
    months = terms.punchcard_validity_months
    last_day = None if months is None else add_months(source.date, months)
    names = (f"{source.id}/{card}" for card in range(1, source.punchcards + 1))
    minutes = terms.punchcard_minutes
    return [OpenLot(name, source.id, source.date, last_day, minutes) for name in names]
