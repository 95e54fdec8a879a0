"""What came in between two revisions of a ledger: for the people who wait for news.

Pure: it is given what was read of the files that differ. What was altered or removed is not news
but a problem; see ``ledger.history.changed_history``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from ledger.history.request_history import list_added_events
from ledger.models import Goodwill, Purchase, Refund, Request, RequestEvent, TimeEntry
from ledger.models.customer_records import CustomerRecords, TimeSheet
from ledger.text import NaturalKey, natural_key


class ChangeKind(StrEnum):
    """What came in."""

    PURCHASE = "purchase"
    GOODWILL = "goodwill"
    REFUND = "refund"
    REQUEST = "request"
    EVENT = "event"
    TIME = "time"
    CORRECTION = "correction"


class Change(NamedTuple):
    """A record that came in.

    Attributes:
        reference: id of a purchase or adjustment, full name of an entry, id of a request.
        minutes: what the record says; None where it has none.
        text: what the customer reads of it: note, reason or title.
        is_late: it is dated on or before the as-of date of what was published before.
    """

    date: date
    kind: ChangeKind
    reference: str
    request: str | None
    by: str | None
    minutes: int | None
    text: str | None
    is_late: bool = False


def list_changes(
    base: CustomerRecords,
    head: CustomerRecords,
    as_of: date,
    previous_as_of: date | None = None,
) -> tuple[Change, ...]:
    """Return what a customer's records have now and had not at the base, by date.

    Args:
        base: the records as they were; of the files that differ will do.
        head: the records as they are, of the same files.
        as_of: what is dated later is left out.
        previous_as_of: the as-of date of what was published at the base, if anything was.
    """
    found = [*_list_lots(base, head), *_list_time(base, head), *_list_requests(base, head)]
    marked = (
        change._replace(is_late=previous_as_of is not None and change.date <= previous_as_of)
        for change in found
        if change.date <= as_of
    )
    return tuple(sorted(marked, key=_by_date))


def _list_lots(base: CustomerRecords, head: CustomerRecords) -> Iterator[Change]:
    known = {item.id for item in (*base.purchases, *base.adjustments)}
    for item in (*head.purchases, *head.adjustments):
        if item.id not in known:
            yield _describe_lot(item)


def _describe_lot(item: Purchase | Refund | Goodwill) -> Change:
    if isinstance(item, Purchase):
        return Change(
            item.date, ChangeKind.PURCHASE, item.id, None, None, None, _describe_cards(item)
        )
    kind = ChangeKind.REFUND if isinstance(item, Refund) else ChangeKind.GOODWILL
    return Change(item.date, kind, item.id, None, None, item.minutes, item.reason)


def _describe_cards(purchase: Purchase) -> str:
    return f"{purchase.punchcards} punchcard{'' if purchase.punchcards == 1 else 's'}"


def _list_time(base: CustomerRecords, head: CustomerRecords) -> Iterator[Change]:
    known = {sheet.full_name(entry.id) for sheet, entry in base.sheet_entries}
    for sheet, entry in head.sheet_entries:
        if sheet.full_name(entry.id) not in known:
            yield _describe_time(sheet, entry)


def _describe_time(sheet: TimeSheet, entry: TimeEntry) -> Change:
    kind = ChangeKind.CORRECTION if entry.is_correction else ChangeKind.TIME
    name = sheet.full_name(entry.id)
    return Change(
        entry.date, kind, name, entry.request, sheet.consultant, entry.minutes, entry.note
    )


def _list_requests(base: CustomerRecords, head: CustomerRecords) -> Iterator[Change]:
    for name, request in head.requests.items():
        known = base.requests.get(name)
        if known is None:
            yield _describe_request(name, request)
        for event in list_added_events(known, request):
            yield _describe_event(name, event)


def _describe_request(name: str, request: Request) -> Change:
    return Change(
        request.opened, ChangeKind.REQUEST, name, name, request.opened_by, None, request.title
    )


def _describe_event(name: str, event: RequestEvent) -> Change:
    said = (
        event.status and event.status.value,
        event.moved_to and f"moved to {event.moved_to.value}",
        event.category and f"charged as {event.category.value}",
        event.note,
    )
    text = ": ".join(part for part in said if part)
    return Change(event.date, ChangeKind.EVENT, name, name, event.by, None, text)


_ORDER = list(ChangeKind)


def _by_date(change: Change) -> tuple[date, int, NaturalKey]:
    return change.date, _ORDER.index(change.kind), natural_key(change.reference)
