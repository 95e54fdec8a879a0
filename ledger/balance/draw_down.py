"""Which minutes drew on which card: events to an allocation, as of a date.

A pure function of the records, the terms and the as-of date. The rules are those of the terms of
sale. A time entry draws on the open lot that expires first, then on the one that came in first.
What no lot covers is overdrawn and is settled, oldest entry first, as soon as minutes become
available. A correction gives minutes back to where its entry took them: first what is still
overdrawn, then the lots, last draw first. All amounts are whole minutes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

from ledger.balance.events import Event, LoggedTime, LotArrival, Phase, order_events
from ledger.balance.lots import Lot, OpenLot
from ledger.balance.movements import Draw, Movement, MovementKind, describe_sale, describe_time
from ledger.models import Category, CustomerRecords, Refund, TermsHistory


@dataclass(frozen=True)
class Uncovered:
    """Minutes of a time entry that no lot covers on the as-of date."""

    reference: str
    date: date
    minutes: int


@dataclass(frozen=True)
class Excess:
    """A correction or refund that takes back more than there is.

    Attributes:
        reference: full name of the correction, or id of the refund.
        minutes: what it asks for.
        available_minutes: what there was.
    """

    reference: str
    minutes: int
    available_minutes: int


@dataclass(frozen=True)
class DrawDown:
    """The allocation of a customer's charged minutes to lots, as of a date.

    Attributes:
        lots: in the order in which they came in: date, cards before goodwill, id.
        movements: in the order in which they took effect.
        uncovered: the overdrawn entries, oldest first.
        excesses: corrections and refunds that ask for more than there was.
    """

    as_of: date
    lots: tuple[Lot, ...]
    movements: tuple[Movement, ...]
    uncovered: tuple[Uncovered, ...]
    excesses: tuple[Excess, ...]

    @property
    def remaining_minutes(self) -> int:
        """Minutes left on the lots."""
        return sum(lot.remaining_minutes for lot in self.lots)

    @property
    def overdrawn_minutes(self) -> int:
        """Charged minutes that no lot covers."""
        return sum(entry.minutes for entry in self.uncovered)

    @property
    def balance_minutes(self) -> int:
        """Minutes left, less what is overdrawn."""
        return self.remaining_minutes - self.overdrawn_minutes


def draw_down(records: CustomerRecords, terms: TermsHistory, as_of: date) -> DrawDown:
    """Allocate all minutes of ``records`` up to the evening of ``as_of``."""
    book = _Book(records)
    events = order_events(records, terms, as_of)
    for (day, phase), group in groupby(events, key=lambda event: (event.date, event.phase)):
        for event in group:
            book.apply(event)
        if phase is Phase.INCOMING:
            book.settle(day)
    return book.close(as_of)


_Taken = tuple[OpenLot, int]  # minutes of a lot
_DRAW_ORDER = attrgetter("draw_order")
_CARD_ORDER = attrgetter("arrival_order")


@dataclass(eq=False)
class _Allocation:
    """Where a time entry took its minutes, while the events go by.

    Attributes:
        line: the index of its movement.
        left: what a correction may still take back, charged or not.
        overdrawn: charged minutes that no lot covers yet.
        draws: all that it ever took, in the order in which it did.
        held: what no correction has given back of that.
    """

    logged: LoggedTime
    category: Category | None
    line: int
    left: int
    overdrawn: int
    draws: list[_Taken] = field(default_factory=list)
    held: list[_Taken] = field(default_factory=list)

    def forgive(self, minutes: int) -> int:
        """Take back up to ``minutes`` of what is still overdrawn and return how many."""
        forgiven = min(minutes, self.overdrawn)
        self.overdrawn -= forgiven
        return forgiven

    def release(self, minutes: int) -> list[_Taken]:
        """Let go of ``minutes``, last draw first, and return which lots get how many."""
        released = []
        while minutes and self.held:
            lot, held = self.held.pop()
            freed = min(minutes, held)
            if held > freed:
                self.held.append((lot, held - freed))
            released.append((lot, freed))
            minutes -= freed
        return released


class _Book:
    """The lots, the entries and the movements, while the events go by."""

    def __init__(self, records: CustomerRecords) -> None:
        self._records = records
        self._lots: list[OpenLot] = []
        self._available: list[OpenLot] = []  # those with minutes left, in draw order
        self._allocations: dict[str, _Allocation] = {}
        self._overdrawn: list[_Allocation] = []
        self._movements: list[Movement] = []
        self._excesses: list[Excess] = []
        self._balance = 0

    def apply(self, event: Event) -> None:
        """Let an event take effect."""
        match event.subject:
            case OpenLot() as lot:
                self._expire(lot, event.date)
            case LotArrival() as arrival:
                self._bring_in(arrival)
            case LoggedTime() as logged if logged.entry.is_correction:
                self._correct(logged)
            case LoggedTime() as logged:
                self._charge(logged)
            case Refund() as refund:
                self._refund(refund)

    def settle(self, day: date) -> None:
        """Cover overdrawn minutes, oldest entry first, with what is available now."""
        while self._overdrawn and self._available:
            oldest = self._overdrawn[0]
            self._cover(oldest, day)
            draws = _sum_draws(oldest.draws)
            self._movements[oldest.line] = replace(self._movements[oldest.line], draws=draws)
            if not oldest.overdrawn:
                del self._overdrawn[0]

    def close(self, as_of: date) -> DrawDown:
        """Return what has become of everything."""
        self._lots.sort(key=lambda lot: (lot.date, lot.arrival_order))
        return DrawDown(
            as_of=as_of,
            lots=tuple(lot.freeze() for lot in self._lots),
            movements=tuple(self._movements),
            uncovered=tuple(
                Uncovered(each.logged.name, each.logged.entry.date, each.overdrawn)
                for each in self._overdrawn
            ),
            excesses=tuple(self._excesses),
        )

    def _expire(self, lot: OpenLot, day: date) -> None:
        lost = lot.expire(day)
        if lost:
            self._available.remove(lot)
            self._move(-lost, [(lot, lost)], date=day, kind=MovementKind.EXPIRY, reference=lot.id)

    def _bring_in(self, arrival: LotArrival) -> None:
        self._lots += arrival.lots
        self._make_available(arrival.lots)
        minutes = sum(lot.minutes for lot in arrival.lots)
        self._move(minutes, (), **describe_sale(arrival.source))

    def _charge(self, logged: LoggedTime) -> None:
        entry, line = logged.entry, len(self._movements)
        category = self._records.find_category(entry)
        charged = entry.minutes if category is not None and category.is_charged else 0
        allocation = _Allocation(logged, category, line, left=entry.minutes, overdrawn=charged)
        self._allocations.setdefault(logged.name, allocation)
        self._cover(allocation, entry.date)
        if allocation.overdrawn:
            self._overdrawn.append(allocation)
        self._move(-charged, allocation.draws, **describe_time(logged.sheet, entry, category))

    def _correct(self, logged: LoggedTime) -> None:
        sheet, entry = logged.sheet, logged.entry
        allocation = self._allocations.get(sheet.resolve(entry.corrects or ""))
        if allocation is None:
            self._move(0, (), **describe_time(sheet, entry, None))
            return
        asked, minutes = -entry.minutes, min(-entry.minutes, allocation.left)
        if minutes < asked:
            self._excesses.append(Excess(logged.name, asked, minutes))
        allocation.left -= minutes
        effect = allocation.forgive(minutes)
        if effect and not allocation.overdrawn:
            self._overdrawn.remove(allocation)
        released = allocation.release(minutes - effect)
        for lot, freed in released:
            was_available = lot.remaining > 0
            effect += lot.give_back(freed, entry.date)
            if lot.remaining and not was_available:
                self._make_available([lot])
        draws = [(lot, -freed) for lot, freed in released]
        self._move(effect, draws, **describe_time(sheet, entry, allocation.category))
        self.settle(entry.date)

    def _refund(self, refund: Refund) -> None:
        cards = [lot for lot in self._available if lot.purchase == refund.purchase]
        wanted = max(refund.minutes, 0)
        draws: list[_Taken] = []
        for lot in sorted(cards, key=_CARD_ORDER, reverse=True):
            taken = lot.refund(wanted, refund.date)
            wanted -= taken
            if taken:
                draws.append((lot, taken))
        self._available = [lot for lot in self._available if lot.remaining]
        refunded = sum(taken for _lot, taken in draws)
        if wanted:
            self._excesses.append(Excess(refund.id, refund.minutes, refunded))
        self._move(-refunded, draws, **describe_sale(refund))

    def _cover(self, allocation: _Allocation, day: date) -> None:
        while allocation.overdrawn and self._available:
            lot = self._available[0]
            taken = lot.take(allocation.overdrawn, day)
            allocation.overdrawn -= taken
            allocation.held.append((lot, taken))
            allocation.draws.append((lot, taken))
            if not lot.remaining:
                del self._available[0]

    def _make_available(self, lots: Iterable[OpenLot]) -> None:
        self._available = sorted([*self._available, *lots], key=_DRAW_ORDER)

    def _move(self, minutes: int, draws: Iterable[_Taken], **fields: Any) -> None:
        """Change the balance by ``minutes`` and write the movement down."""
        self._balance += minutes
        sums = _sum_draws(draws)
        movement = Movement(minutes=minutes, balance_minutes=self._balance, draws=sums, **fields)
        self._movements.append(movement)


def _sum_draws(draws: Iterable[_Taken]) -> tuple[Draw, ...]:
    """Return the minutes of each lot, in the order of its first draw."""
    totals: dict[str, int] = {}
    for lot, minutes in draws:
        totals[lot.id] = totals.get(lot.id, 0) + minutes
    return tuple(Draw(lot, minutes) for lot, minutes in totals.items())
