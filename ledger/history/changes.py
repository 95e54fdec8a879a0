"""What came in between two revisions of a ledger: for the people who wait for news.

Pure: it is given what was read of the files that differ. What was altered or removed is not news
but a problem; see ``ledger.history.changed_history``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from ledger.history.record_changes import list_added_events
from ledger.models import CustomerRecords, Purchase, Refund
from ledger.text import natural_key


class ChangeKind(StrEnum):
    """What came in."""

    PURCHASE = "purchase"
    GOODWILL = "goodwill"
    REFUND = "refund"
    REQUEST = "request"
    EVENT = "event"
    TIME = "time"
    CORRECTION = "correction"


_ORDER = list(ChangeKind)


@dataclass(frozen=True, slots=True)
class Change:
    """A record that came in; its JSON has the same fields in the same order.

    Attributes:
        reference: id of a purchase or adjustment, full name of an entry, id of a request.
        minutes: what the record says; None where it has none.
        text: what the customer reads of it: note, reason or title.
        late: it is dated on or before the as-of date of what was published before.
    """

    date: date
    kind: ChangeKind
    reference: str
    request: str | None
    by: str | None
    minutes: int | None
    text: str | None
    late: bool = False


def list_changes(
    base: CustomerRecords,
    head: CustomerRecords,
    as_of: date,
    previous_as_of: date | None = None,
) -> tuple[Change, ...]:
    """Return what a customer's records have now and had not at the base, by date.

    The records of the files that differ will do. What is dated after ``as_of`` is left out;
    ``previous_as_of`` is the as-of date of what was published at the base, if anything was.
    """
    found = [*_list_lots(base, head), *_list_time(base, head), *_list_requests(base, head)]
    marked = (
        replace(change, late=previous_as_of is not None and change.date <= previous_as_of)
        for change in found
        if change.date <= as_of
    )
    return tuple(
        sorted(marked, key=lambda e: (e.date, _ORDER.index(e.kind), natural_key(e.reference)))
    )


def _list_lots(base: CustomerRecords, head: CustomerRecords) -> Iterator[Change]:
    known = {item.id for item in (*base.purchases, *base.adjustments)}
    for item in (*head.purchases, *head.adjustments):
        if item.id in known:
            continue
        if isinstance(item, Purchase):
            text = f"{item.punchcards} punchcard{'' if item.punchcards == 1 else 's'}"
            yield Change(item.date, ChangeKind.PURCHASE, item.id, None, None, None, text)
        else:
            kind = ChangeKind.REFUND if isinstance(item, Refund) else ChangeKind.GOODWILL
            yield Change(item.date, kind, item.id, None, None, item.minutes, item.reason)


def _list_time(base: CustomerRecords, head: CustomerRecords) -> Iterator[Change]:
    known = {sheet.full_name(entry.id) for sheet, entry in base.sheet_entries}
    for sheet, entry in head.sheet_entries:
        name = sheet.full_name(entry.id)
        if name not in known:
            kind = ChangeKind.CORRECTION if entry.is_correction else ChangeKind.TIME
            said = (entry.request, sheet.consultant, entry.minutes, entry.note)
            yield Change(entry.date, kind, name, *said)


def _list_requests(base: CustomerRecords, head: CustomerRecords) -> Iterator[Change]:
    for name, request in head.requests.items():
        known = base.requests.get(name)
        if known is None:
            said = (name, request.opened_by, None, request.title)
            yield Change(request.opened, ChangeKind.REQUEST, name, *said)
        for event in list_added_events(known, request):
            parts = (
                event.status and event.status.value,
                event.moved_to and f"moved to {event.moved_to.value}",
                event.category and f"charged as {event.category.value}",
                event.note,
            )
            text = ": ".join(filter(None, parts))
            yield Change(event.date, ChangeKind.EVENT, name, name, event.by, None, text)
