"""Which minutes drew on which card: events to an allocation, as of a date.

A pure function of the records, the terms and the as-of date. The rules are those of the terms of
sale. A time entry draws on the open lot that expires first, then on the one that came in first.
What no lot covers is overdrawn and is settled, oldest entry first, as soon as minutes become
available. A correction gives minutes back to where its entry took them: first what is still
overdrawn, then the lots, last draw first. All amounts are whole minutes.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from ledger.figures.event_order import LoggedTime, LotArrival, LotExpiry, Phase, order_events
from ledger.figures.lots import Lot, OpenLot
from ledger.figures.movements import Line, Movement
from ledger.models import Category, Refund, TermsHistory, TimeEntry
from ledger.models.customer_records import CustomerRecords, TimeSheet

_INCOMING = Phase.INCOMING


@dataclass(frozen=True, slots=True)
class Uncovered:
    """Minutes of a time entry that no lot covers on the as-of date."""

    reference: str
    date: date
    minutes: int


@dataclass(frozen=True, slots=True)
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
        lines: the movements in the order in which they took effect, as they were noted.
        uncovered: the overdrawn entries, oldest first.
        excesses: corrections and refunds that ask for more than there was.
    """

    as_of: date
    lots: tuple[Lot, ...]
    lines: tuple[Line, ...]
    uncovered: tuple[Uncovered, ...]
    excesses: tuple[Excess, ...]

    @cached_property
    def movements(self) -> tuple[Movement, ...]:
        """The movements in the order in which they took effect; a check never asks for them."""
        return tuple(line.write_out() for line in self.lines)

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
    effects = book.list_effects()
    arrival: date | None = None  # the day on which lots came in, until all of that day have
    for day, phase, _order, _number, payload in order_events(records, terms, as_of):
        is_incoming = phase is _INCOMING
        if arrival is not None and not (is_incoming and day == arrival):
            book.settle(arrival)
            arrival = None
        effects[phase](payload)
        if is_incoming:
            arrival = day
    if arrival is not None:
        book.settle(arrival)
    return book.close(as_of)


class _Allocation:
    """Where an entry took its minutes, while the events go by.

    ``draws`` is all it ever took, for its line; ``held`` is what no correction has given back.
    ``left`` is what a correction may still take back, charged or not.
    """

    __slots__ = ("category", "draws", "entry", "held", "left", "overdrawn", "sheet")

    def __init__(self, sheet: TimeSheet, entry: TimeEntry, category: Category | None) -> None:
        self.sheet = sheet
        self.entry = entry
        self.category = category
        self.left = entry.minutes
        self.overdrawn = 0
        self.held: list[tuple[OpenLot, int]] = []
        self.draws: list[tuple[str, int]] = []

    def forgive(self, minutes: int) -> int:
        """Take back up to ``minutes`` of what is still overdrawn and return how many."""
        forgiven = min(minutes, self.overdrawn)
        self.overdrawn -= forgiven
        return forgiven

    def release(self, minutes: int) -> list[tuple[OpenLot, int]]:
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
    """The lots, the entries and the lines of the statement, while the events go by."""

    def __init__(self, records: CustomerRecords) -> None:
        self._find_category = records.find_category
        # What no correction names by its id need not be found again.
        self._corrected = {_cut_id(entry) for _sheet, entry in records.sheet_corrections}
        self._lots: list[OpenLot] = []
        self._available: list[OpenLot] = []
        self._allocations: dict[str, _Allocation] = {}
        self._overdrawn: list[_Allocation] = []
        self._lines: list[Line] = []
        self._excesses: list[Excess] = []
        self._balance = 0

    def list_effects(self) -> Sequence[Callable[[Any], None]]:
        """Return what lets an event take effect, by its phase."""
        return (self._expire, self._bring_in, self._charge, self._correct, self._refund)

    def settle(self, day: date) -> None:
        """Cover overdrawn minutes, oldest entry first, with what is available now."""
        while self._overdrawn and self._available:
            oldest = self._overdrawn[0]
            self._cover(oldest, day)
            if not oldest.overdrawn:
                del self._overdrawn[0]

    def close(self, as_of: date) -> DrawDown:
        """Return what has become of everything."""
        self._lots.sort(key=lambda lot: (lot.date, lot.arrival_order))
        return DrawDown(
            as_of=as_of,
            lots=tuple(lot.freeze() for lot in self._lots),
            lines=tuple(self._lines),
            uncovered=tuple(
                Uncovered(each.sheet.full_name(each.entry.id), each.entry.date, each.overdrawn)
                for each in self._overdrawn
            ),
            excesses=tuple(self._excesses),
        )

    def _expire(self, expiry: LotExpiry) -> None:
        lot, day = expiry
        lost = lot.expire(day)
        if not lost:
            return
        self._available.remove(lot)
        self._balance -= lost
        self._lines.append(Line(day, -lost, self._balance, lot.id, [(lot.id, lost)]))

    def _bring_in(self, arrival: LotArrival) -> None:
        source = arrival.source
        for lot in arrival.lots:
            self._lots.append(lot)
            insort(self._available, lot, key=_draw_order)
        minutes = sum(lot.minutes for lot in arrival.lots)
        self._balance += minutes
        self._lines.append(Line(source.date, minutes, self._balance, source, ()))

    def _charge(self, logged: LoggedTime) -> None:
        sheet, entry = logged
        category = self._find_category(entry)
        allocation = _Allocation(sheet, entry, category)
        if entry.id in self._corrected:
            self._allocations.setdefault(sheet.full_name(entry.id), allocation)
        is_charged = category is not None and category.is_charged
        self._write_time(logged, category, -entry.minutes if is_charged else 0, allocation.draws)
        if is_charged:
            allocation.overdrawn = entry.minutes
            self._cover(allocation, entry.date)
            if allocation.overdrawn:
                self._overdrawn.append(allocation)

    def _correct(self, logged: LoggedTime) -> None:
        sheet, entry = logged
        allocation = self._allocations.get(sheet.resolve(entry.corrects or ""))
        if allocation is None:
            self._write_time(logged, None, 0, ())
            return
        asked, minutes = -entry.minutes, min(-entry.minutes, allocation.left)
        if minutes < asked:
            self._excesses.append(Excess(sheet.full_name(entry.id), asked, minutes))
        allocation.left -= minutes
        draws: list[tuple[str, int]] = []
        effect = self._give_back(allocation, minutes, entry.date, draws)
        self._write_time(logged, allocation.category, effect, draws)
        self.settle(entry.date)

    def _give_back(
        self, allocation: _Allocation, minutes: int, day: date, draws: list[tuple[str, int]]
    ) -> int:
        """Give minutes back where the entry took them and return the effect on the balance."""
        effect = allocation.forgive(minutes)
        if effect and not allocation.overdrawn:
            self._overdrawn.remove(allocation)
        for lot, freed in allocation.release(minutes - effect):
            was_available = lot.remaining > 0
            usable = lot.give_back(freed, day)
            if usable and not was_available:
                insort(self._available, lot, key=_draw_order)
            effect += usable
            draws.append((lot.id, -freed))
        return effect

    def _refund(self, refund: Refund) -> None:
        cards = [lot for lot in self._available if lot.purchase == refund.purchase]
        wanted = max(refund.minutes, 0)
        draws: list[tuple[str, int]] = []
        for lot in sorted(cards, key=_arrival_order, reverse=True):
            taken = lot.refund(wanted, refund.date)
            wanted -= taken
            if taken:
                draws.append((lot.id, taken))
        self._available = [lot for lot in self._available if lot.remaining]
        refunded = sum(taken for _lot, taken in draws)
        if wanted:
            self._excesses.append(Excess(refund.id, refund.minutes, refunded))
        self._balance -= refunded
        self._lines.append(Line(refund.date, -refunded, self._balance, refund, draws))

    def _cover(self, allocation: _Allocation, day: date) -> None:
        available = self._available
        while allocation.overdrawn and available:
            lot = available[0]
            taken = lot.take(allocation.overdrawn, day)
            allocation.overdrawn -= taken
            allocation.held.append((lot, taken))
            allocation.draws.append((lot.id, taken))
            if not lot.remaining:
                del available[0]

    def _write_time(
        self,
        logged: LoggedTime,
        category: Category | None,
        minutes: int,
        draws: Sequence[tuple[str, int]],
    ) -> None:
        # The draws of an entry may still grow: what is overdrawn is covered later.
        sheet, entry = logged
        self._balance += minutes
        self._lines.append(
            Line(entry.date, minutes, self._balance, entry, draws, sheet.name, category)
        )


def _cut_id(correction: TimeEntry) -> str:
    return (correction.corrects or "").rpartition("/")[2]


def _draw_order(lot: OpenLot) -> tuple[object, ...]:
    return lot.draw_order


def _arrival_order(lot: OpenLot) -> tuple[object, ...]:
    return lot.arrival_order
