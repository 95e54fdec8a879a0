"""Which minutes drew on which card: records to an allocation, as of a date.

A pure function of the records, the terms and the as-of date. The rules are those of the terms of
sale. A time entry draws on the open lot that expires first, then on the one that came in first.
What no lot covers is overdrawn and is settled, oldest entry first, as soon as minutes become
available. A correction gives minutes back to where its entry took them: first what is still
overdrawn, then the lots, last draw first. All amounts are whole minutes.

The order of events comes from dates, names and ids alone: the place of a record in its file, the
order of files on disk and the order of commits mean nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import partial
from heapq import heappop, heappush
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from ledger.balance.lots import Lot, Use, open_lots
from ledger.balance.movements import Consumption, Draw, Movement, MovementKind
from ledger.dates import day_after
from ledger.models import (
    CustomerRecords,
    Goodwill,
    Purchase,
    Refund,
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
    """The allocation of a customer's charged minutes to lots, as of a date."""

    as_of: date
    lots: tuple[Lot, ...]  # in the order in which they came in: date, cards before goodwill, id
    movements: tuple[Movement, ...]  # in the order in which they took effect
    uncovered: tuple[Uncovered, ...]  # the overdrawn entries, oldest first
    excesses: tuple[Excess, ...]
    consumptions: tuple[Consumption, ...]  # in the order in which minutes were consumed
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
    events = [event for event in book.list_events() if event[0] <= as_of]
    for *_, take_effect in sorted(events, key=itemgetter(0, 1, 2)):
        take_effect()
    overdrawn = [each for each in book.overdrawn if each.overdrawn]
    return DrawDown(
        as_of=as_of,
        lots=tuple(book.lots),
        movements=tuple(book.make_movements()),
        uncovered=tuple(Uncovered(each.name, each.date, each.overdrawn) for each in overdrawn),
        excesses=tuple(book.excesses),
        consumptions=tuple(book.consumptions),
        currency=records.customer.currency,
    )


# What comes first on a day; expiry is an event of the day after a lot's last.
_EXPIRY, _INCOMING, _SETTLEMENT, _TIME, _CORRECTION, _REFUND = range(6)

_Event = tuple[date, int, Any, Callable[[], None]]
"""A day, what comes first on it, the sort key of events of that kind, and what happens."""


@dataclass(eq=False)
class _Allocation:
    """Where a time entry took its minutes, while the events go by."""

    name: str
    date: date
    category: str | None
    left: int  # what a correction may still take back, charged or not
    overdrawn: int  # charged minutes that no lot covers yet
    line: int  # the index of its movement
    held: list[tuple[Lot, int]] = field(default_factory=list)  # what no correction has given back

    def release(self, minutes: int) -> list[tuple[Lot, int]]:
        """Let go of ``minutes``, last draw first, and return which lots get how many, each once."""
        released: dict[str, tuple[Lot, int]] = {}
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
        self.lots: list[Lot] = []
        self._available: list[Lot] = []  # a heap in draw order; some may be used up by now
        self._allocations: dict[str, _Allocation] = {}  # by the full name of the entry
        self.overdrawn: list[_Allocation] = []  # some may have been taken back by now
        self._lines: list[dict[str, Any]] = []  # the fields of the movements
        self.consumptions: list[Consumption] = []
        self.excesses: list[Excess] = []

    def list_events(self) -> Iterator[_Event]:
        """Yield what happens to a customer's minutes, in no order."""
        for source in (*self._records.purchases, *self._records.adjustments):
            day = source.date
            if isinstance(source, Refund):
                yield day, _REFUND, natural_key(source.id), partial(self._refund, source)
                continue
            lots = open_lots(source, self._terms, self._records.customer.currency)
            if lots:
                bring_in = partial(self._bring_in, source, lots)
                yield day, _INCOMING, lots[0].arrival_order, bring_in
                yield day, _SETTLEMENT, (), partial(self._settle, day)
            for lot in lots:
                if lot.last_day is not None and lot.last_day < date.max:
                    end = day_after(lot.last_day)
                    yield end, _EXPIRY, lot.draw_order, partial(self._expire, lot, end)
        for sheet in self._records.sheets:
            sheet_key = natural_key(sheet.name)
            for entry in sheet.entries:
                order = (sheet_key, natural_key(entry.id))
                if entry.is_correction:
                    yield entry.date, _CORRECTION, order, partial(self._correct, sheet, entry)
                else:
                    yield entry.date, _TIME, order, partial(self._charge, sheet, entry)

    def _expire(self, lot: Lot, day: date) -> None:
        if lost := self._consume(lot, lot.remaining_minutes, day, Use.EXPIRED):
            self._move(MovementKind.EXPIRY, day, lot.id, -lost)

    def _bring_in(self, source: Purchase | Goodwill, lots: list[Lot]) -> None:
        self.lots += lots
        for lot in lots:
            heappush(self._available, lot)
        said: dict[str, Any]
        if isinstance(source, Purchase):
            kind, terms = MovementKind.PURCHASE, self._terms.in_force_on(source.date)
            agreement = terms.agreement if terms is not None else None
            said = {"amount": source.amount, "note": source.price_note, "invoice": source.invoice}
            said |= {"purchase_order": source.purchase_order}
            said |= {"agreement": agreement.version if agreement is not None else None}
        else:
            kind, said = MovementKind.GOODWILL, {"note": source.reason}
        self._move(kind, source.date, source.id, sum(lot.minutes for lot in lots), **said)

    def _charge(self, sheet: TimeSheet, entry: TimeEntry) -> None:
        name, category = sheet.full_name(entry.id), self._records.find_category(entry, self._terms)
        charged = entry.minutes if category in self._terms.uses_on(entry.date).charged else 0
        line = len(self._lines)
        allocation = _Allocation(name, entry.date, category, entry.minutes, charged, line)
        self._allocations.setdefault(name, allocation)
        self._cover(allocation, entry.date)
        if allocation.overdrawn:
            self.overdrawn.append(allocation)
        self._move_time(sheet, entry, -charged, charged, category)

    def _correct(self, sheet: TimeSheet, entry: TimeEntry) -> None:
        allocation = self._allocations.get(sheet.resolve(entry.corrects or ""))
        if allocation is None:
            self._move_time(sheet, entry, 0, 0, None)
            return
        asked, minutes = -entry.minutes, min(-entry.minutes, allocation.left)
        if minutes < asked:
            self.excesses.append(Excess(sheet.full_name(entry.id), asked, minutes))
        allocation.left -= minutes
        effect = charged = min(minutes, allocation.overdrawn)
        allocation.overdrawn -= effect
        for lot, freed in allocation.release(minutes - effect):
            charged += freed
            self._note(lot, -freed, entry.date, Use.USED)
            usable = lot.give_back(freed, entry.date)
            if usable:
                heappush(self._available, lot)
            else:  # The lot has ended: what comes back is consumed again at once.
                self._note(lot, freed, entry.date, Use.EXPIRED)
            effect += usable
        self._move_time(sheet, entry, effect, -charged, allocation.category)
        self._settle(entry.date)

    def _refund(self, refund: Refund) -> None:
        asked = wanted = max(refund.minutes, 0)
        cards = [lot for lot in self.lots if lot.purchase == refund.purchase]
        for lot in sorted(cards, key=attrgetter("arrival_order"), reverse=True):
            wanted -= self._consume(lot, wanted, refund.date, Use.REFUNDED)
        if wanted:
            self.excesses.append(Excess(refund.id, asked, asked - wanted))
        said = {"amount": refund.amount, "note": refund.reason}
        self._move(MovementKind.REFUND, refund.date, refund.id, wanted - asked, **said)

    def _settle(self, day: date) -> None:
        """Cover overdrawn minutes, oldest entry first, with what is available now."""
        while self.overdrawn and self._cover(self.overdrawn[0], day):
            del self.overdrawn[0]

    def _cover(self, allocation: _Allocation, day: date) -> bool:
        """Cover what is overdrawn of an entry as far as lots have minutes, and whether they did."""
        while allocation.overdrawn and self._available:
            lot = self._available[0]
            if taken := self._consume(lot, allocation.overdrawn, day, Use.USED, allocation.line):
                allocation.overdrawn -= taken
                allocation.held.append((lot, taken))
            if not lot.remaining_minutes:
                heappop(self._available)
        return not allocation.overdrawn

    def _consume(self, lot: Lot, minutes: int, day: date, use: Use, line: int | None = None) -> int:
        """Consume up to so many minutes of a lot and return how many there were."""
        if taken := lot.take(minutes, day, use):
            self._note(lot, taken, day, use, line)
        return taken

    def _note(self, lot: Lot, minutes: int, day: date, use: Use, line: int | None = None) -> None:
        """Write down what became of minutes of a lot; without ``line`` for the next movement.

        Minutes are taken before this is called, and given back after it.
        """
        value = lot.value_last(abs(minutes)) * (1 if minutes > 0 else -1)
        at = len(self._lines) if line is None else line
        made = Consumption(day, lot.id, lot.purchase, use, minutes, value, at)
        self.consumptions.append(made)

    def _move(
        self, kind: MovementKind, day: date, reference: str, minutes: int, **more: Any
    ) -> None:
        """Write down what changed the balance by ``minutes``."""
        what = {"kind": kind, "date": day, "reference": reference, "minutes": minutes}
        self._lines.append(what | more)

    def _move_time(
        self, sheet: TimeSheet, entry: TimeEntry, minutes: int, charged: int, category: str | None
    ) -> None:
        self._move(
            MovementKind.CORRECTION if entry.is_correction else MovementKind.TIME,
            entry.date,
            sheet.full_name(entry.id),
            minutes,
            charged_minutes=charged,
            request=entry.request,
            consultant=sheet.consultant,
            category=category,
            worked_minutes=entry.minutes,
            note=entry.note,
        )

    def make_movements(self) -> Iterator[Movement]:
        """Yield the movements, each with all that it drew and what that is worth."""
        draws: list[dict[str, int]] = [{} for _line in self._lines]
        values = [Decimal(0)] * len(self._lines)
        for each in self.consumptions:
            kind = self._lines[each.line]["kind"]
            if each.use is Use.EXPIRED and kind is not MovementKind.EXPIRY:
                continue  # A correction gave it back to a lot that has ended.
            drawn = draws[each.line]
            drawn[each.lot] = drawn.get(each.lot, 0) + each.minutes
            values[each.line] += each.value
        balance = 0
        for fields, drawn, value in zip(self._lines, draws, values, strict=True):
            balance += fields["minutes"]
            own = tuple(Draw(lot, minutes) for lot, minutes in drawn.items())
            worth = None if fields["kind"] is MovementKind.PURCHASE else value
            yield Movement(**fields, balance_minutes=balance, draws=own, value=worth)
