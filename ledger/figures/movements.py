"""The movements of a statement: what each did to the balance, and which cards it drew on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import starmap
from typing import NamedTuple

from ledger.models import Category, Goodwill, Purchase, Refund, TimeEntry
from ledger.models.customer_records import TimeSheet


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
    """A movement as the draw-down notes it, to be written out when somebody wants to see it.

    Attributes:
        source: the record that moved something; the id of a lot that expired.
        sheet: the name of the time file that an entry stands in; empty if it is none.
        draws: what it took from lots by their ids, in the order in which it did.
    """

    date: date
    minutes: int
    balance_minutes: int
    source: TimeEntry | Purchase | Goodwill | Refund | str
    draws: Sequence[tuple[str, int]]
    sheet: str = ""
    category: Category | None = None

    def write_out(self) -> Movement:
        """Return the movement."""
        kind, reference, amount, note = self._describe()
        line = Movement(self.date, kind, reference, self.minutes, self.balance_minutes)
        line = line._replace(amount=amount, note=note, draws=tuple(self._sum_draws()))
        if not isinstance(self.source, TimeEntry):
            return line
        return line._replace(
            request=self.source.request,
            consultant=TimeSheet(self.sheet, ()).consultant,
            category=self.category,
            worked_minutes=self.source.minutes,
        )

    def _describe(self) -> tuple[MovementKind, str, Decimal | None, str | None]:
        """Return the kind of movement, what it refers to, its money and its note."""
        match self.source:
            case TimeEntry(id=entry, minutes=minutes, note=note):
                kind = MovementKind.CORRECTION if minutes < 0 else MovementKind.TIME
                return kind, TimeSheet(self.sheet, ()).full_name(entry), None, note
            case Purchase(id=purchase, amount=amount, price_note=note):
                return MovementKind.PURCHASE, purchase, amount, note
            case Goodwill(id=credit, reason=reason):
                return MovementKind.GOODWILL, credit, None, reason
            case Refund(id=refund, amount=amount, reason=reason):
                return MovementKind.REFUND, refund, amount, reason
            case lot:
                return MovementKind.EXPIRY, lot, None, None

    def _sum_draws(self) -> Iterator[Draw]:
        totals: dict[str, int] = {}
        for lot, minutes in self.draws:
            totals[lot] = totals.get(lot, 0) + minutes
        return starmap(Draw, totals.items())
