"""The events that change a balance, in the order in which they take effect.

The order comes from dates, names and ids alone: the place of a record in its file, the order of
files on disk and the order of commits mean nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import IntEnum
from itertools import count
from typing import Any, NamedTuple

from ledger.dates import day_after
from ledger.figures.lots import OpenLot, open_lots
from ledger.models import Goodwill, Purchase, Refund, TermsHistory, TimeEntry
from ledger.models.customer_records import CustomerRecords, TimeSheet
from ledger.text import natural_key


class Phase(IntEnum):
    """What comes first on a day."""

    EXPIRY = 0
    INCOMING = 1
    TIME = 2
    CORRECTION = 3
    REFUND = 4


class LotArrival(NamedTuple):
    """Lots that come in together: the cards of a purchase, or one goodwill credit."""

    source: Purchase | Goodwill
    lots: tuple[OpenLot, ...]


LotExpiry = tuple[OpenLot, date]
"""A lot, and the day after its last day."""

LoggedTime = tuple[TimeSheet, TimeEntry]
"""A time entry or a correction, and the time file it stands in."""

Event = tuple[date, Phase, tuple[Any, ...], int, LotExpiry | LotArrival | LoggedTime | Refund]
"""Something that takes effect on a day; what comes before its last part makes the order.

A plain tuple, because there are as many as time entries.
"""

# Python looks a member of an enumeration up by its name each time.
_INCOMING, _TIME, _CORRECTION = Phase.INCOMING, Phase.TIME, Phase.CORRECTION


def order_events(records: CustomerRecords, terms: TermsHistory, as_of: date) -> list[Event]:
    """Return the events up to the evening of ``as_of`` in the order in which they take effect."""
    # The number only keeps records with the same id, which is an error, from being compared.
    numbers = count()
    events = [
        *_list_lot_events(records, terms, numbers),
        *_list_time_events(records, numbers),
        *_list_refund_events(records, numbers),
    ]
    events.sort()
    if events and events[-1][0] > as_of:
        return [event for event in events if event[0] <= as_of]
    return events


def _list_lot_events(
    records: CustomerRecords, terms: TermsHistory, numbers: Iterator[int]
) -> Iterator[Event]:
    sources: list[Purchase | Goodwill] = [*records.purchases]
    sources += [item for item in records.adjustments if isinstance(item, Goodwill)]
    for source in sources:
        lots = tuple(open_lots(source, terms))
        if not lots:
            continue
        arrival = LotArrival(source, lots)
        yield source.date, _INCOMING, lots[0].arrival_order, next(numbers), arrival
        for lot in lots:
            if lot.last_day is not None and lot.last_day < date.max:
                end = day_after(lot.last_day)
                yield end, Phase.EXPIRY, lot.draw_order, next(numbers), (lot, end)


def _list_time_events(records: CustomerRecords, numbers: Iterator[int]) -> Iterator[Event]:
    for sheet in records.sheets:
        sheet_key = natural_key(sheet.name)
        for entry in sheet.entries:
            phase = _CORRECTION if entry.minutes < 0 else _TIME
            order = (sheet_key, natural_key(entry.id))
            yield entry.date, phase, order, next(numbers), (sheet, entry)


def _list_refund_events(records: CustomerRecords, numbers: Iterator[int]) -> Iterator[Event]:
    for item in records.adjustments:
        if isinstance(item, Refund):
            yield item.date, Phase.REFUND, (natural_key(item.id),), next(numbers), item
