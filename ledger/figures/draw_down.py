"""Which minutes drew on which card: events to an allocation, as of a date.

A pure function of the records, the terms and the as-of date. The rules are those of the terms of
sale. A time entry draws on the open lot that expires first, then on the one that came in first.
What no lot covers is overdrawn and is settled, oldest entry first, as soon as minutes become
available. A correction gives minutes back to where its entry took them: first what is still
overdrawn, then the lots, last draw first. All amounts are whole minutes.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ledger.customer_records import CustomerRecords
from ledger.figures.event_order import Event, LoggedTime, LotArrival, LotExpiry, Phase, order_events
from ledger.figures.lots import Lot, OpenLot
from ledger.figures.movements import Draw, Line, Movement, MovementKind
from ledger.models import Category, Purchase, Refund, TermsHistory


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
        lines: the movements in the order in which they took effect, their draws apart.
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
        return tuple(
            line._replace(draws=tuple(Draw(*draw) for draw in draws.items())) if draws else line
            for line, draws in self.lines
        )

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
    arrival: date | None = None  # the day on which lots came in, until all of that day have
    for event in order_events(records, terms, as_of):
        is_incoming = event.phase is Phase.INCOMING
        if arrival is not None and not (is_incoming and event.date == arrival):
            book.settle(arrival)
            arrival = None
        book.take(event)
        if is_incoming:
            arrival = event.date
    if arrival is not None:
        book.settle(arrival)
    return book.close(as_of)


class _Allocation:
    """Where an entry took its minutes, while the events go by.

    ``draws`` is all it ever took, for its line; ``held`` is what no correction has given back.
    ``left`` is what a correction may still take back, charged or not.
    """

    __slots__ = ("category", "date", "draws", "held", "left", "overdrawn", "reference")

    def __init__(self, reference: str, day: date, category: Category | None, minutes: int) -> None:
        self.reference = reference
        self.date = day
        self.category = category
        self.left = minutes
        self.overdrawn = 0
        self.held: list[tuple[OpenLot, int]] = []
        self.draws: dict[str, int] = {}

    def take(self, lot: OpenLot, day: date) -> None:
        """Draw on ``lot`` for what is not covered yet."""
        taken = lot.take(self.overdrawn, day)
        self.overdrawn -= taken
        self.held.append((lot, taken))
        _add(self.draws, lot, taken)

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
        self._records = records
        self._lots: list[OpenLot] = []
        self._available: list[OpenLot] = []
        self._allocations: dict[str, _Allocation] = {}
        self._overdrawn: list[_Allocation] = []
        self._lines: list[Line] = []
        self._excesses: list[Excess] = []
        self._balance = 0

    def take(self, event: Event) -> None:
        """Let one event take effect."""
        payload = event.payload
        if isinstance(payload, LoggedTime):
            if event.phase is Phase.CORRECTION:
                self._correct(payload)
            else:
                self._charge(payload)
        elif isinstance(payload, LotArrival):
            self._bring_in(payload)
        elif isinstance(payload, LotExpiry):
            self._expire(payload.lot, event.date)
        else:
            self._refund(payload)

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
                Uncovered(entry.reference, entry.date, entry.overdrawn) for entry in self._overdrawn
            ),
            excesses=tuple(self._excesses),
        )

    def _expire(self, lot: OpenLot, day: date) -> None:
        lost = lot.expire(day)
        if not lost:
            return
        self._available.remove(lot)
        self._balance -= lost
        self._write(
            Movement(day, MovementKind.EXPIRY, lot.id, -lost, self._balance), {lot.id: lost}
        )

    def _bring_in(self, arrival: LotArrival) -> None:
        source = arrival.source
        for lot in arrival.lots:
            self._lots.append(lot)
            insort(self._available, lot, key=_draw_order)
        minutes = sum(lot.minutes for lot in arrival.lots)
        self._balance += minutes
        if isinstance(source, Purchase):
            kind, amount, note = MovementKind.PURCHASE, source.amount, source.price_note
        else:
            kind, amount, note = MovementKind.GOODWILL, None, source.reason
        self._write(
            Movement(
                source.date, kind, source.id, minutes, self._balance, amount=amount, note=note
            ),
            {},
        )

    def _charge(self, logged: LoggedTime) -> None:
        sheet, entry = logged
        category = self._records.find_category(entry)
        reference = sheet.full_name(entry.id)
        allocation = _Allocation(reference, entry.date, category, entry.minutes)
        self._allocations.setdefault(reference, allocation)
        is_charged = category is not None and category.is_charged
        effect = -entry.minutes if is_charged else 0
        self._write_time(logged, reference, category, effect, allocation.draws)
        if is_charged:
            allocation.overdrawn = entry.minutes
            self._cover(allocation, entry.date)
            if allocation.overdrawn:
                self._overdrawn.append(allocation)

    def _correct(self, logged: LoggedTime) -> None:
        sheet, entry = logged
        reference = sheet.full_name(entry.id)
        allocation = self._allocations.get(sheet.resolve(entry.corrects or ""))
        if allocation is None:
            self._write_time(logged, reference, None, 0, {})
            return
        asked, minutes = -entry.minutes, min(-entry.minutes, allocation.left)
        if minutes < asked:
            self._excesses.append(Excess(reference, asked, minutes))
        allocation.left -= minutes
        draws: dict[str, int] = {}
        effect = self._give_back(allocation, minutes, entry.date, draws)
        self._write_time(logged, reference, allocation.category, effect, draws)
        self.settle(entry.date)

    def _give_back(
        self, allocation: _Allocation, minutes: int, day: date, draws: dict[str, int]
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
            _add(draws, lot, -freed)
        return effect

    def _refund(self, refund: Refund) -> None:
        cards = [lot for lot in self._available if lot.purchase == refund.purchase]
        wanted = max(refund.minutes, 0)
        draws: dict[str, int] = {}
        for lot in sorted(cards, key=_arrival_order, reverse=True):
            taken = lot.refund(wanted, refund.date)
            wanted -= taken
            if taken:
                _add(draws, lot, taken)
        self._available = [lot for lot in self._available if lot.remaining]
        refunded = sum(draws.values())
        if wanted:
            self._excesses.append(Excess(refund.id, refund.minutes, refunded))
        self._balance -= refunded
        self._write(
            Movement(
                refund.date,
                MovementKind.REFUND,
                refund.id,
                -refunded,
                self._balance,
                amount=refund.amount,
                note=refund.reason,
            ),
            draws,
        )

    def _cover(self, allocation: _Allocation, day: date) -> None:
        while allocation.overdrawn and self._available:
            lot = self._available[0]
            allocation.take(lot, day)
            if not lot.remaining:
                del self._available[0]

    def _write_time(
        self,
        logged: LoggedTime,
        reference: str,
        category: Category | None,
        minutes: int,
        draws: dict[str, int],
    ) -> None:
        sheet, entry = logged
        self._balance += minutes
        self._write(
            Movement(
                entry.date,
                MovementKind.CORRECTION if entry.minutes < 0 else MovementKind.TIME,
                reference,
                minutes,
                self._balance,
                entry.request,
                sheet.consultant,
                category,
                entry.minutes,
                None,
                entry.note,
            ),
            draws,
        )

    def _write(self, line: Movement, draws: dict[str, int]) -> None:
        # The draws of a line may still grow: an overdrawn entry is covered later.
        self._lines.append(Line(line, draws))


def _add(draws: dict[str, int], lot: OpenLot, minutes: int) -> None:
    draws[lot.id] = draws.get(lot.id, 0) + minutes


def _draw_order(lot: OpenLot) -> tuple[object, ...]:
    return lot.draw_order


def _arrival_order(lot: OpenLot) -> tuple[object, ...]:
    return lot.arrival_order
