"""A second opinion on the arithmetic: every minute is an object, every day is lived through.

Written from the rules of the balance alone, slow and obvious on purpose. It shares no code with
the engine, only the records that go in; months come from python-dateutil. What it says of each
evening is compared with what the engine says as of that date.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any

from dateutil.relativedelta import relativedelta

from ledger.models import (
    Channel,
    CustomerRecords,
    Goodwill,
    Purchase,
    Refund,
    Terms,
    TermsHistory,
    TimeEntry,
)


class Fate(Enum):
    """What has become of one minute of a lot."""

    FREE = "free"
    USED = "used"
    REFUNDED = "refunded"
    EXPIRED = "expired"


FATES = (Fate.USED, Fate.REFUNDED, Fate.EXPIRED, Fate.FREE)


@dataclass(eq=False)
class NaiveLot:
    """A card or a goodwill credit: a handful of single minutes, each with its fate."""

    id: str
    purchase: str | None
    day: date
    last_day: date | None
    minutes: list[Fate]
    prices: list[int]
    completed_on: date | None = None

    @property
    def consumed(self) -> int:
        return len(self.minutes) - self.minutes.count(Fate.FREE)

    def find_free_minute(self) -> int | None:
        return self.minutes.index(Fate.FREE) if Fate.FREE in self.minutes else None


@dataclass(eq=False)
class WorkedMinute:
    """One minute of a time entry, and the lot and the minute of it that pay for it."""

    charged: bool
    lot: NaiveLot | None = None
    paid_with: int = 0
    drawn_as: int = 0
    taken_back: bool = False

    @property
    def is_uncovered(self) -> bool:
        return self.charged and self.lot is None and not self.taken_back


@dataclass(eq=False)
class NaiveEntry:
    """A time entry: its minutes, each by itself."""

    name: str
    day: date
    category: str | None
    minutes: list[WorkedMinute]


@dataclass
class NaiveMovement:
    """A line of the statement."""

    day: date
    kind: str
    reference: str
    minutes: int
    balance: int
    category: str | None = None
    worked: int | None = None
    draws: Counter[str] = field(default_factory=Counter)
    value: int = 0


LotState = tuple[object, ...]
"""A lot on an evening: id, kind, purchase, first and last day, minutes in all, used, refunded,
expired and remaining, and when it was completed."""

Money = tuple[tuple[tuple[date, str, str], int], ...]
"""What was used, refunded or expired of a purchase on a day, in smallest units; nothing is zero."""


def sort_money(sums: Counter[tuple[date, str, str]]) -> Money:
    return tuple(sorted((key, value) for key, value in sums.items() if value))


@dataclass(frozen=True)
class Evening:
    """Everything there is to say about one customer on one evening."""

    day: date
    lots: tuple[LotState, ...]
    movements: tuple[NaiveMovement, ...]
    uncovered: tuple[tuple[str, date, int], ...]
    excesses: tuple[tuple[str, int, int], ...]
    portal: tuple[str, date | None]
    is_low: bool
    last_activity: date | None
    money: Money


def live_through(
    records: CustomerRecords, terms: TermsHistory, first: date, last: date
) -> Iterator[Evening]:
    """Live through every day from ``first``, before anything happens, to ``last``."""
    world = _World(records, terms)
    day = first
    while day <= last:
        world.live(day)
        yield world.look_around(day)
        day += timedelta(days=1)


@cache
def sort_text(text: str) -> str:
    """Return ``text`` with its runs of digits padded, so that they sort as numbers."""
    return re.sub("[0-9]+", lambda match: match[0].zfill(20), text)


class _World:
    def __init__(self, records: CustomerRecords, terms: TermsHistory) -> None:
        self.records = records
        self.terms = terms
        self.lots: list[NaiveLot] = []
        self.entries: list[NaiveEntry] = []
        self.movements: list[NaiveMovement] = []
        self.movement_of: dict[str, NaiveMovement] = {}
        self.excesses: list[tuple[str, int, int]] = []
        self.draws_so_far = 0
        self.today = date.min
        self.money: Counter[tuple[date, str, str]] = Counter()

    # Rule 1: expiry, purchases and goodwill, time entries, corrections, refunds.
    def live(self, today: date) -> None:
        self.today = today
        self.let_lots_expire(today)
        self.bring_lots_in(today)
        self.settle(today)
        for name, entry in self.find_entries(today):
            if entry.minutes > 0:
                self.charge(name, entry, today)
        for name, entry in self.find_entries(today):
            if entry.minutes < 0:
                self.correct(name, entry, today)
                self.note_completions(today)
                self.settle(today)
        for adjustment in sorted(self.records.adjustments, key=lambda item: sort_text(item.id)):
            if isinstance(adjustment, Refund) and adjustment.date == today:
                self.refund(adjustment, today)

    def find_entries(self, today: date) -> list[tuple[str, TimeEntry]]:
        found = [
            (sort_text(sheet.name), sort_text(entry.id), f"{sheet.name}/{entry.id}", entry)
            for sheet in self.records.sheets
            for entry in sheet.entries
            if entry.date == today
        ]
        found.sort(key=lambda item: item[:2])
        return [(name, entry) for _, _, name, entry in found]

    def let_lots_expire(self, today: date) -> None:
        for lot in self.lots_in_draw_order():
            if lot.last_day is not None and lot.last_day + timedelta(days=1) == today:
                lost = value = 0
                while (minute := lot.find_free_minute()) is not None:
                    value += self.consume(lot, minute, Fate.EXPIRED)
                    lost += 1
                if lost:
                    line = self.write(today, "expiry", lot.id, -lost)
                    line.draws[lot.id], line.value = lost, value
        self.note_completions(today)

    def bring_lots_in(self, today: date) -> None:
        for purchase in sorted(self.records.purchases, key=lambda item: sort_text(item.id)):
            if purchase.date == today:
                self.bring_purchase_in(purchase, today)
        for credit in sorted(self.records.adjustments, key=lambda item: sort_text(item.id)):
            if isinstance(credit, Goodwill) and credit.date == today:
                free, prices = [Fate.FREE] * credit.minutes, [0] * credit.minutes
                self.lots.append(NaiveLot(credit.id, None, today, None, free, prices))
                self.write(today, "goodwill", credit.id, credit.minutes)

    def bring_purchase_in(self, purchase: Purchase, today: date) -> None:
        terms = find_terms(self.terms, today)
        last_day = None
        if terms.punchcard_validity_months is not None:
            last_day = today + relativedelta(months=terms.punchcard_validity_months)
        for number in range(1, purchase.punchcards + 1):
            minutes = [Fate.FREE] * terms.punchcard_minutes
            prices = price_minutes(self.records.customer.currency, purchase, number, minutes)
            lot_id = f"{purchase.id}/{number}"
            self.lots.append(NaiveLot(lot_id, purchase.id, today, last_day, minutes, prices))
        bought = purchase.punchcards * terms.punchcard_minutes
        self.write(today, "purchase", purchase.id, bought)

    # Rule 2: earliest expiry first, then earliest date, then cards before goodwill, then id.
    def lots_in_draw_order(self) -> list[NaiveLot]:
        return sorted(
            self.lots,
            key=lambda lot: (
                lot.last_day is None,
                lot.last_day or date.min,
                lot.day,
                lot.purchase is None,
                sort_text(lot.id),
            ),
        )

    def draw_a_minute(self, entry: NaiveEntry, worked: WorkedMinute) -> None:
        for lot in self.lots_in_draw_order():
            minute = lot.find_free_minute()
            if minute is not None:
                value = self.consume(lot, minute, Fate.USED)
                self.movement_of[entry.name].value += value
                self.draws_so_far += 1
                worked.lot, worked.paid_with = lot, minute
                worked.drawn_as = self.draws_so_far
                self.movement_of[entry.name].draws[lot.id] += 1
                return

    def charge(self, name: str, logged: TimeEntry, today: date) -> None:
        category = self.find_category(logged)
        charged = category != "technical-support"
        worked = [WorkedMinute(charged) for _ in range(logged.minutes)]
        entry = NaiveEntry(name, today, category, worked)
        effect = -logged.minutes if charged else 0
        self.entries.append(entry)
        line = self.write(today, "time", name, effect, category, logged.minutes)
        self.movement_of[name] = line
        if charged:
            for minute in entry.minutes:
                self.draw_a_minute(entry, minute)
        line.balance = self.find_balance()
        self.note_completions(today)

    # Rule 3: oldest entry first; the entries stand in the order in which they took effect.
    def settle(self, today: date) -> None:
        if any(Fate.FREE in lot.minutes for lot in self.lots):
            for entry in self.entries:
                for minute in entry.minutes:
                    if minute.is_uncovered:
                        self.draw_a_minute(entry, minute)
        self.note_completions(today)

    # Rule 4: first what is overdrawn, then the last minute drawn, and so on back to the first.
    def correct(self, name: str, correction: TimeEntry, today: date) -> None:
        sheet_name = name.rpartition("/")[0]
        target = correction.corrects or ""
        target = target if "/" in target else f"{sheet_name}/{target}"
        entry = next(entry for entry in self.entries if entry.name == target)
        asked = -correction.minutes
        left = [minute for minute in entry.minutes if not minute.taken_back]
        left.sort(key=lambda minute: (not minute.is_uncovered, -minute.drawn_as))
        draws: Counter[str] = Counter()
        value = 0
        before = self.find_balance()
        lost = []
        for minute in left[:asked]:
            minute.taken_back = True
            if minute.lot is not None:
                value += self.give_back(minute.lot, minute.paid_with)
                draws[minute.lot.id] -= 1
                if minute.lot.last_day is not None and minute.lot.last_day < today:
                    lost.append((minute.lot, minute.paid_with))
        for lot, position in lost:
            self.consume(lot, position, Fate.EXPIRED)
        effect = self.find_balance() - before
        line = self.write(today, "correction", name, effect, entry.category, correction.minutes)
        line.draws, line.value = draws, value
        if asked > len(left):
            self.excesses.append((name, asked, len(left)))

    # Rule 5: unused minutes of its purchase, last card first.
    def refund(self, refund: Refund, today: date) -> None:
        cards = [lot for lot in self.lots if lot.purchase == refund.purchase]
        cards.sort(key=lambda lot: int(lot.id.rpartition("/")[2]), reverse=True)
        unused = [
            (lot, minute)
            for lot in cards
            for minute, fate in enumerate(lot.minutes)
            if fate is Fate.FREE
        ]
        taken = unused[: refund.minutes]
        value = sum(self.consume(lot, minute, Fate.REFUNDED) for lot, minute in taken)
        line = self.write(today, "refund", refund.id, -len(taken))
        line.value = value
        line.draws = Counter(lot.id for lot, _ in taken)
        if refund.minutes > len(unused):
            self.excesses.append((refund.id, refund.minutes, len(unused)))
        self.note_completions(today)

    # Money: the k-th minute that is consumed of a card has the card's k-th price.
    def consume(self, lot: NaiveLot, minute: int, fate: Fate) -> int:
        price = lot.prices[lot.consumed]
        lot.minutes[minute] = fate
        self.post(lot, fate, price)
        return price

    def give_back(self, lot: NaiveLot, minute: int) -> int:
        price = lot.prices[lot.consumed - 1]
        lot.minutes[minute] = Fate.FREE
        self.post(lot, Fate.USED, -price)
        return -price

    def post(self, lot: NaiveLot, fate: Fate, price: int) -> None:
        if lot.purchase is not None:
            self.money[self.today, fate.value, lot.purchase] += price

    # Rule 6: completed when nothing is free any more, open when something is again.
    def note_completions(self, today: date) -> None:
        for lot in self.lots:
            if Fate.FREE in lot.minutes:
                lot.completed_on = None
            elif lot.completed_on is None:
                lot.completed_on = today

    def find_balance(self) -> int:
        free = sum(lot.minutes.count(Fate.FREE) for lot in self.lots)
        return free - sum(minute.is_uncovered for entry in self.entries for minute in entry.minutes)

    def write(
        self, today: date, kind: str, reference: str, effect: int, *time: Any
    ) -> NaiveMovement:
        """Write a line down; ``time`` is its category, and the minutes worked."""
        line = NaiveMovement(today, kind, reference, effect, self.find_balance(), *time)
        self.movements.append(line)
        return line

    def find_category(self, entry: TimeEntry) -> str | None:
        if entry.category is not None:
            return entry.category
        request = self.records.requests[entry.request]
        channel, category = request.channel, request.category
        for event in sorted(request.history, key=lambda event: event.date):
            if event.date <= entry.date:
                channel = event.moved_to or channel
                category = event.category or category
        return "technical-support" if channel is Channel.SUPPORT else category

    def look_around(self, today: date) -> Evening:
        uncovered = []
        for entry in self.entries:
            missing = sum(minute.is_uncovered for minute in entry.minutes)
            if missing:
                uncovered.append((entry.name, entry.day, missing))
        portal = self.find_portal(today)
        low_mark = find_terms(self.terms, today).low_balance_minutes
        return Evening(
            day=today,
            lots=tuple(
                (
                    *(lot.id, "goodwill" if lot.purchase is None else "card", lot.purchase),
                    *(lot.day, lot.last_day, len(lot.minutes)),
                    *(lot.minutes.count(fate) for fate in FATES),
                    lot.completed_on,
                )
                for lot in self.lots
            ),
            movements=tuple(replace(line, draws=Counter(line.draws)) for line in self.movements),
            uncovered=tuple(uncovered),
            excesses=tuple(self.excesses),
            portal=portal,
            is_low=self.find_balance() <= low_mark and portal[0] in ("open", "closing"),
            last_activity=self.find_last_activity(today),
            money=sort_money(self.money),
        )

    def find_portal(self, today: date) -> tuple[str, date | None]:
        services = [
            service
            for service in self.records.customer.services
            if service.started is None or service.started <= today
        ]
        if not services and all(lot.purchase is None for lot in self.lots):
            return "none", None
        ends = [lot.completed_on for lot in self.lots]
        for service in services:
            is_over = service.completed is not None and service.completed <= today
            ends.append(service.completed if is_over else None)
        completed = [day for day in ends if day is not None]
        if len(completed) < len(ends):
            return "open", None
        months = find_terms(self.terms, max(completed)).portal_retention_months
        last_day = max(completed) + relativedelta(months=months)
        return ("closing" if today <= last_day else "closed"), last_day

    def find_last_activity(self, today: date) -> date | None:
        days = [entry.date for sheet in self.records.sheets for entry in sheet.entries]
        for request in self.records.requests.values():
            days.append(request.opened)
            days.extend(event.date for event in request.history)
        return max((day for day in days if day <= today), default=None)


def count_decimals(currency: str) -> int:
    """Return the decimals of the currencies that occur."""
    return {"USD": 2, "JPY": 0, "KWD": 3}[currency]


def price_minutes(currency: str, purchase: Purchase, number: int, minutes: list[Fate]) -> list[int]:
    """Return the price of each minute of a purchase's card, in the currency's smallest unit."""
    units = int(purchase.amount * 10 ** count_decimals(currency))
    shares = [round(Fraction(units * k, purchase.punchcards)) for k in (number - 1, number)]
    card, count = shares[1] - shares[0], len(minutes)
    upto = [round(Fraction(card * k, count)) for k in range(count + 1)]
    return [upto[k + 1] - upto[k] for k in range(count)]


def find_terms(terms: TermsHistory, day: date) -> Terms:
    """Return the newest terms that are effective on ``day``; there always are some."""
    return max(
        (item for item in terms.terms if item.effective <= day), key=lambda item: item.effective
    )
