"""Lots: minutes that came in together and are drawn down together.

A lot is one punchcard or one goodwill credit. ``Lot`` is what became of it by a date;
``OpenLot`` is the same lot while the events go by. All amounts are whole minutes.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from ledger.dates import add_months
from ledger.models import Goodwill, Purchase, TermsHistory
from ledger.text import NaturalKey, natural_key


class LotKind(StrEnum):
    """What a lot came from."""

    CARD = "card"
    GOODWILL = "goodwill"


# Python looks a member of an enumeration up by its name each time; there are many lots.
_CARD, _GOODWILL = LotKind.CARD, LotKind.GOODWILL


class Lot(NamedTuple):
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

    def find_completion(self, day: datetime.date) -> datetime.date | None:
        """The day of its completion as it stood on the evening of ``day``."""
        found = None
        for changed_on, completed in self.completions:
            if changed_on <= day:
                found = changed_on if completed else None
        return found


class OpenLot:
    """A lot while the events go by.

    Attributes:
        arrival_order: sorts lots of one day: cards before goodwill, then by id.
        draw_order: see ``make_draw_order``.
        has_ended: its last day is over; what comes back stays expired.
    """

    __slots__ = (
        "arrival_order",
        "completed_on",
        "completions",
        "date",
        "draw_order",
        "expired",
        "has_ended",
        "id",
        "last_day",
        "minutes",
        "purchase",
        "refunded",
        "remaining",
    )

    def __init__(
        self,
        lot_id: str,
        purchase: str | None,
        day: datetime.date,
        last_day: datetime.date | None,
        minutes: int,
    ) -> None:
        self.id = lot_id
        self.purchase = purchase
        self.date = day
        self.last_day = last_day
        self.minutes = minutes
        self.remaining = minutes
        self.refunded = 0
        self.expired = 0
        self.has_ended = False
        self.completed_on: datetime.date | None = None
        self.completions: list[tuple[datetime.date, bool]] = []
        self.arrival_order = _make_arrival_order(lot_id, purchase)
        self.draw_order = make_draw_order(lot_id, purchase, day, last_day)

    def take(self, minutes: int, day: datetime.date) -> int:
        """Take up to ``minutes`` on ``day`` and return how many there were."""
        remaining = self.remaining
        if minutes < remaining:
            self.remaining = remaining - minutes
            return minutes
        self.remaining = 0
        if remaining:
            self._mark(day, completed=True)
        return remaining

    def give_back(self, minutes: int, day: datetime.date) -> int:
        """Take minutes back in and return how many can be used again: none after the last day."""
        if self.has_ended:
            self.expired += minutes
            return 0
        self.remaining += minutes
        if self.completed_on is not None:
            self._mark(day, completed=False)
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
            kind=_GOODWILL if self.purchase is None else _CARD,
            purchase=self.purchase,
            date=self.date,
            last_day=self.last_day,
            minutes=self.minutes,
            used_minutes=self.minutes - self.remaining - self.refunded - self.expired,
            refunded_minutes=self.refunded,
            expired_minutes=self.expired,
            remaining_minutes=self.remaining,
            completed_on=self.completed_on,
            completions=tuple(self.completions),
        )

    def _mark(self, day: datetime.date, *, completed: bool) -> None:
        self.completed_on = day if completed else None
        self.completions.append((day, completed))


def make_draw_order(
    lot_id: str, purchase: str | None, day: datetime.date, last_day: datetime.date | None
) -> tuple[bool, datetime.date, datetime.date, tuple[bool, NaturalKey]]:
    """Return the key that sorts lots in the order in which they are drawn on.

    The earliest last day first (none last), then the earliest date, then as they arrived.
    """
    order = _make_arrival_order(lot_id, purchase)
    return last_day is None, last_day or datetime.date.max, day, order


def _make_arrival_order(lot_id: str, purchase: str | None) -> tuple[bool, NaturalKey]:
    return purchase is None, natural_key(lot_id)


def open_lots(source: Purchase | Goodwill, history: TermsHistory) -> Iterator[OpenLot]:
    """Make the lots of a purchase, a card each, or of a goodwill credit.

    The terms in force on its date say how long a card is and how long it is valid; a purchase
    before the first terms makes none. Goodwill does not expire.
    """
    if isinstance(source, Goodwill):
        # Goodwill that adds nothing is an error, and no lot.
        if source.minutes > 0:
            yield OpenLot(source.id, None, source.date, None, source.minutes)
        return
    terms = history.in_force_on(source.date)
    if terms is None:
        return
    months = terms.punchcard_validity_months
    last_day = None if months is None else add_months(source.date, months)
    for card in range(1, source.punchcards + 1):
        yield OpenLot(
            f"{source.id}/{card}", source.id, source.date, last_day, terms.punchcard_minutes
        )
