"""Which minutes drew on which card: records to an allocation, as of a date.

A pure function of the records, the terms and the as-of date. The rules are those of the terms of
sale. A time entry draws on the open lot that expires first, then on the one that came in first.
What no lot covers is overdrawn and is settled, oldest entry first, as soon as minutes become
available. A correction gives minutes back to where its entry took them: first what is still
overdrawn, then the lots, last draw first. All amounts are whole minutes.

The order of events comes from dates, names and ids alone: the place of a record in its file, the
order of files on disk and the order of commits mean nothing.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import IntEnum
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from ledger.balance.lots import Lot, open_lots
from ledger.balance.movements import Consumption, Draw, Movement, MovementKind, Use
from ledger.dates import day_after
from ledger.models import (
    CustomerRecords,
    Goodwill,
    Purchase,
    Refund,
    Terms,
    TermsHistory,
    TimeEntry,
    TimeSheet,
)
from ledger.text import natural_key


class Uncovered(NamedTuple):
    """Minutes of a time entry that no lot covers on the as-of date."""

    reference: str
    date: date
    minutes: int


class Excess(NamedTuple):
    """A correction or refund, by its reference, that asks for more minutes back than there are."""

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
        consumptions: what became of the lots' minutes, in the order in which it did.
    """

    as_of: date
    lots: tuple[Lot, ...]
    movements: tuple[Movement, ...]
    uncovered: tuple[Uncovered, ...]
    excesses: tuple[Excess, ...]
    consumptions: tuple[Consumption, ...]
    currency: str

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


def leave_out_money(drawn: DrawDown) -> DrawDown:
    """Return a draw-down that says nothing of money, nor why a price was another."""
    sale = MovementKind.PURCHASE
    return replace(
        drawn,
        lots=tuple(replace(lot, amount=Decimal(0)) for lot in drawn.lots),
        movements=tuple(
            replace(each, amount=None, value=None, note=None if each.kind is sale else each.note)
            for each in drawn.movements
        ),
        consumptions=(),
    )


def draw_down(records: CustomerRecords, terms: TermsHistory, as_of: date) -> DrawDown:
    """Allocate all minutes of ``records`` up to the evening of ``as_of``."""
    book = _Book(records, terms)
    events = [event for event in _list_events(book, records, terms) if event.date <= as_of]
    events.sort(key=attrgetter("date", "phase", "order"))
    for (day, phase), group in groupby(events, key=attrgetter("date", "phase")):
        for event in group:
            event.apply()
        if phase is _Phase.INCOMING:
            book.settle(day)
    return book.close(as_of)


class _Phase(IntEnum):
    """What comes first on a day; expiry is an event of the day after a lot's last."""

    EXPIRY = 0
    INCOMING = 1
    TIME = 2
    CORRECTION = 3
    REFUND = 4


class _Event(NamedTuple):
    """Something that takes effect on a day; ``order`` is the sort key within its phase."""

    date: date
    phase: _Phase
    order: Any
    apply: Callable[[], None]


_Taken = tuple[Lot, int]  # minutes of a lot


@dataclass(eq=False)
class _Allocation:
    """Where a time entry took its minutes, while the events go by.

    Attributes:
        left: what a correction may still take back, charged or not.
        overdrawn: charged minutes that no lot covers yet.
        held: what it took of lots and no correction has given back.
        line: the index of its movement.
    """

    reference: str
    date: date
    category: str | None
    left: int
    overdrawn: int
    line: int
    held: list[_Taken] = field(default_factory=list)

    def release(self, minutes: int) -> list[_Taken]:
        """Let go of ``minutes``, last draw first, and return which lots get how many, each once."""
        released: dict[str, _Taken] = {}
        while minutes and self.held:
            lot, held = self.held.pop()
            freed = min(minutes, held)
            if held > freed:
                self.held.append((lot, held - freed))
            released[lot.id] = (lot, freed + released.get(lot.id, (lot, 0))[1])
            minutes -= freed
        return [*released.values()]


class _Book:
    """The lots, the entries and the movements, while the events go by."""

    def __init__(self, records: CustomerRecords, terms: TermsHistory) -> None:
        self._records, self._terms = records, terms
        self._lots: list[Lot] = []
        self._available: list[Lot] = []  # those with minutes left, in draw order
        self._cards: dict[str, list[Lot]] = {}  # by their purchase
        self._allocations: dict[str, _Allocation] = {}
        self._overdrawn: list[_Allocation] = []
        self._lines: list[dict[str, Any]] = []  # the fields of the movements
        self._consumptions: list[Consumption] = []
        self._excesses: list[Excess] = []
        self._balance = 0

    def expire(self, lot: Lot, day: date) -> None:
        if lost := lot.expire(day):
            self._withdraw(lot)
            self._consume(lot, lost, day, Use.EXPIRED)
            self._move(-lost, date=day, kind=MovementKind.EXPIRY, reference=lot.id)

    def bring_in(self, source: Purchase | Goodwill, lots: list[Lot], terms: Terms | None) -> None:
        self._lots += lots
        self._make_available(lots)
        fields: dict[str, Any] = {"date": source.date, "reference": source.id}
        if isinstance(source, Purchase):
            self._cards.setdefault(source.id, []).extend(lots)
            fields |= {"kind": MovementKind.PURCHASE, "amount": source.amount}
            fields |= {"note": source.price_note, "invoice": source.invoice}
            fields |= {"purchase_order": source.purchase_order}
            if terms is not None and terms.agreement is not None:
                fields["agreement"] = terms.agreement.version
        else:
            fields |= {"kind": MovementKind.GOODWILL, "note": source.reason}
        self._move(sum(lot.minutes for lot in lots), **fields)

    def charge(self, sheet: TimeSheet, entry: TimeEntry) -> None:
        reference = sheet.full_name(entry.id)
        category = self._records.find_category(entry, self._terms)
        charged = entry.minutes if category in self._terms.uses_on(entry.date).charged else 0
        line = len(self._lines)
        allocation = _Allocation(reference, entry.date, category, entry.minutes, charged, line)
        self._allocations.setdefault(reference, allocation)
        self._cover(allocation, entry.date)
        if allocation.overdrawn:
            self._overdrawn.append(allocation)
        fields = _describe_time(sheet, entry, category)
        self._move(-charged, **fields, charged_minutes=charged)

    def correct(self, sheet: TimeSheet, entry: TimeEntry) -> None:
        allocation = self._allocations.get(sheet.resolve(entry.corrects or ""))
        if allocation is None:
            self._move(0, **_describe_time(sheet, entry, None))
            return
        asked, minutes = -entry.minutes, min(-entry.minutes, allocation.left)
        if minutes < asked:
            self._excesses.append(Excess(sheet.full_name(entry.id), asked, minutes))
        allocation.left -= minutes
        effect = forgiven = min(minutes, allocation.overdrawn)
        allocation.overdrawn -= forgiven
        if forgiven and not allocation.overdrawn:
            self._overdrawn.remove(allocation)
        released = allocation.release(minutes - forgiven)
        for lot, freed in released:
            was_available = lot.remaining_minutes > 0
            self._consume(lot, -freed, entry.date, Use.USED)
            usable = lot.give_back(freed, entry.date)
            if not usable:  # The lot has ended: what comes back is consumed again at once.
                self._consume(lot, freed, entry.date, Use.EXPIRED)
            effect += usable
            if lot.remaining_minutes and not was_available:
                self._make_available([lot])
        charged = -forgiven - sum(freed for _lot, freed in released)
        fields = _describe_time(sheet, entry, allocation.category)
        self._move(effect, **fields, charged_minutes=charged)
        self.settle(entry.date)

    def refund(self, refund: Refund) -> None:
        cards = [lot for lot in self._cards.get(refund.purchase, ()) if lot.remaining_minutes]
        wanted = max(refund.minutes, 0)
        for lot in sorted(cards, key=attrgetter("arrival_order"), reverse=True):
            if taken := lot.refund(wanted, refund.date):
                self._consume(lot, taken, refund.date, Use.REFUNDED)
                wanted -= taken
            if not lot.remaining_minutes:
                self._withdraw(lot)
        refunded = max(refund.minutes, 0) - wanted
        if wanted:
            self._excesses.append(Excess(refund.id, refund.minutes, refunded))
        self._move(
            -refunded,
            date=refund.date,
            kind=MovementKind.REFUND,
            reference=refund.id,
            amount=refund.amount,
            note=refund.reason,
        )

    def settle(self, day: date) -> None:
        """Cover overdrawn minutes, oldest entry first, with what is available now."""
        while self._overdrawn and self._available:
            self._cover(self._overdrawn[0], day)
            if not self._overdrawn[0].overdrawn:
                del self._overdrawn[0]

    def close(self, as_of: date) -> DrawDown:
        """Return what has become of everything."""
        return DrawDown(
            as_of=as_of,
            lots=tuple(self._lots),
            movements=tuple(self._make_movements()),
            uncovered=tuple(
                Uncovered(each.reference, each.date, each.overdrawn) for each in self._overdrawn
            ),
            excesses=tuple(self._excesses),
            consumptions=tuple(self._consumptions),
            currency=self._records.customer.currency,
        )

    def _cover(self, allocation: _Allocation, day: date) -> None:
        while allocation.overdrawn and self._available:
            lot = self._available[0]
            taken = lot.take(allocation.overdrawn, day)
            allocation.overdrawn -= taken
            allocation.held.append((lot, taken))
            self._consume(lot, taken, day, Use.USED, allocation.line)
            if not lot.remaining_minutes:
                del self._available[0]

    def _withdraw(self, lot: Lot) -> None:
        index = bisect_left(self._available, lot.draw_order, key=attrgetter("draw_order"))
        while self._available[index] is not lot:  # Only where an id is there twice.
            index += 1
        del self._available[index]

    def _make_available(self, lots: Iterable[Lot]) -> None:
        for lot in lots:  # Mostly at the end.
            insort(self._available, lot, key=attrgetter("draw_order"))

    def _consume(
        self, lot: Lot, minutes: int, day: date, use: Use, line: int | None = None
    ) -> None:
        """Write down what became of minutes of a lot; without ``line`` for the next movement.

        Minutes are taken before this is called, and given back after it.
        """
        value = lot.value_last(abs(minutes)) * (1 if minutes > 0 else -1)
        at = len(self._lines) if line is None else line
        made = Consumption(day, lot.id, lot.purchase, use, minutes, value, at)
        self._consumptions.append(made)

    def _make_movements(self) -> Iterator[Movement]:
        """Yield the movements, each with all that it drew and what that is worth."""
        draws: list[dict[str, int]] = [{} for _line in self._lines]
        values = [Decimal(0)] * len(self._lines)
        for each in self._consumptions:
            kind = self._lines[each.line]["kind"]
            if each.use is Use.EXPIRED and kind is not MovementKind.EXPIRY:
                continue  # A correction gave it back to a lot that has ended.
            drawn = draws[each.line]
            drawn[each.lot] = drawn.get(each.lot, 0) + each.minutes
            values[each.line] += each.value
        for fields, drawn, value in zip(self._lines, draws, values, strict=True):
            own = tuple(Draw(lot, minutes) for lot, minutes in drawn.items())
            is_sale = fields["kind"] is MovementKind.PURCHASE
            yield Movement(**fields, draws=own, value=None if is_sale else value)

    def _move(self, minutes: int, **fields: Any) -> None:
        """Change the balance by ``minutes`` and write the movement down."""
        self._balance += minutes
        self._lines.append({**fields, "minutes": minutes, "balance_minutes": self._balance})


def _describe_time(sheet: TimeSheet, entry: TimeEntry, category: str | None) -> dict[str, Any]:
    return {
        "date": entry.date,
        "kind": MovementKind.CORRECTION if entry.is_correction else MovementKind.TIME,
        "reference": sheet.full_name(entry.id),
        "request": entry.request,
        "consultant": sheet.consultant,
        "category": category,
        "worked_minutes": entry.minutes,
        "note": entry.note,
    }


def _list_events(book: _Book, records: CustomerRecords, terms: TermsHistory) -> Iterator[_Event]:
    for source in (*records.purchases, *records.adjustments):
        if isinstance(source, Refund):
            apply = partial(book.refund, source)
            yield _Event(source.date, _Phase.REFUND, natural_key(source.id), apply)
        elif lots := open_lots(source, terms, records.customer.currency):
            apply = partial(book.bring_in, source, lots, terms.in_force_on(source.date))
            yield _Event(source.date, _Phase.INCOMING, lots[0].arrival_order, apply)
            for lot in lots:
                if lot.last_day is not None and lot.last_day < date.max:
                    day = day_after(lot.last_day)
                    apply = partial(book.expire, lot, day)
                    yield _Event(day, _Phase.EXPIRY, lot.draw_order, apply)
    for sheet in records.sheets:
        sheet_key = natural_key(sheet.name)
        for entry in sheet.entries:
            phase, apply = _Phase.TIME, partial(book.charge, sheet, entry)
            if entry.is_correction:
                phase, apply = _Phase.CORRECTION, partial(book.correct, sheet, entry)
            yield _Event(entry.date, phase, (sheet_key, natural_key(entry.id)), apply)
