"""The events that change a balance, in the order in which they take effect.

The order comes from dates, names and ids alone: the place of a record in its file, the order of
files on disk and the order of commits mean nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any

from ledger.balance.lots import OpenLot, open_lots
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


class Phase(IntEnum):
    """What comes first on a day."""

    EXPIRY = 0
    INCOMING = 1
    TIME = 2
    CORRECTION = 3
    REFUND = 4


@dataclass(frozen=True)
class LotArrival:
    """Lots that come in together: the cards of a purchase, or one goodwill credit."""

    source: Purchase | Goodwill
    lots: list[OpenLot]


@dataclass(frozen=True)
class LoggedTime:
    """A time entry or a correction, and the time file it stands in."""

    sheet: TimeSheet
    entry: TimeEntry

    @property
    def name(self) -> str:
        """The full name of the entry."""
        return self.sheet.full_name(self.entry.id)


@dataclass(frozen=True)
class Event:
    """Something that takes effect on a day.

    Attributes:
        order: the sort key among the events of one day and phase.
        subject: an ``OpenLot`` is one that expires: ``date`` is the day after its last.
    """

    date: date
    phase: Phase
    order: tuple[Any, ...]
    subject: OpenLot | LotArrival | LoggedTime | Refund


def order_events(records: CustomerRecords, terms: TermsHistory, as_of: date) -> list[Event]:
    """Return the events up to the evening of ``as_of`` in the order in which they take effect."""
    events = [
        *_list_lot_events(records, terms),
        *_list_time_events(records),
        *_list_refund_events(records),
    ]
    past = (event for event in events if event.date <= as_of)
    return sorted(past, key=lambda event: (event.date, event.phase, event.order))


def _list_lot_events(records: CustomerRecords, terms: TermsHistory) -> Iterator[Event]:
    sources: list[Purchase | Goodwill] = [*records.purchases]
    sources += [item for item in records.adjustments if isinstance(item, Goodwill)]
    for source in sources:
        lots = open_lots(source, terms)
        if lots:
            arrival = LotArrival(source, lots)
            yield Event(source.date, Phase.INCOMING, lots[0].arrival_order, arrival)
        for lot in lots:
            if lot.last_day is not None and lot.last_day < date.max:
                yield Event(day_after(lot.last_day), Phase.EXPIRY, lot.draw_order, lot)


def _list_time_events(records: CustomerRecords) -> Iterator[Event]:
    for sheet in records.sheets:
        sheet_key = natural_key(sheet.name)
        for entry in sheet.entries:
            phase = Phase.CORRECTION if entry.is_correction else Phase.TIME
            order = (sheet_key, natural_key(entry.id))
            yield Event(entry.date, phase, order, LoggedTime(sheet, entry))


def _list_refund_events(records: CustomerRecords) -> Iterator[Event]:
    for item in records.adjustments:
        if isinstance(item, Refund):
            yield Event(item.date, Phase.REFUND, natural_key(item.id), item)
