"""What came in between two revisions of a ledger: for the people who wait for news.

Pure: it is given what was read of the files that differ. What was altered or removed is not news
but a problem; see ``ledger.history.changed_history``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from ledger.duration import format_minutes
from ledger.history.changed_history import list_added_events
from ledger.models import CustomerRecords, Purchase
from ledger.text import natural_key

KINDS = ("purchase", "goodwill", "refund", "request", "event", "time", "correction")
"""What can come in, in the order in which the changes of a day are listed."""


@dataclass(frozen=True, slots=True)
class Change:
    """A record that came in; its JSON has the same fields in the same order.

    Attributes:
        kind: one of ``KINDS``.
        reference: id of a purchase or adjustment, full name of an entry, id of a request.
        minutes: what the record says; None where it has none.
        text: what the customer reads of it: note, reason or title.
        late: it is dated on or before the as-of date of what was published before.
    """

    date: date
    kind: str
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
    marked = (
        replace(each, late=previous_as_of is not None and each.date <= previous_as_of)
        for each in (*_list_sales(base, head), *_list_time(base, head), *_list_events(base, head))
        if each.date <= as_of
    )
    return tuple(
        sorted(marked, key=lambda e: (e.date, KINDS.index(e.kind), natural_key(e.reference)))
    )


def _list_sales(base: CustomerRecords, head: CustomerRecords) -> Iterator[Change]:
    known = {item.id for item in (*base.purchases, *base.adjustments)}
    for item in (*head.purchases, *head.adjustments):
        if item.id in known:
            continue
        if isinstance(item, Purchase):
            text = f"{item.punchcards} punchcard{'' if item.punchcards == 1 else 's'}"
            yield Change(item.date, "purchase", item.id, None, None, None, text)
        else:
            yield Change(item.date, item.type, item.id, None, None, item.minutes, item.reason)


def _list_time(base: CustomerRecords, head: CustomerRecords) -> Iterator[Change]:
    known = {sheet.full_name(entry.id) for sheet, entry in base.sheet_entries}
    for sheet, entry in head.sheet_entries:
        name = sheet.full_name(entry.id)
        if name not in known:
            kind = "correction" if entry.is_correction else "time"
            said = (entry.request, sheet.consultant, entry.minutes, entry.note)
            yield Change(entry.date, kind, name, *said)


def _list_events(base: CustomerRecords, head: CustomerRecords) -> Iterator[Change]:
    for name, request in head.requests.items():
        known = base.requests.get(name)
        if known is None:
            said = (name, request.opened_by, None, request.title)
            yield Change(request.opened, "request", name, *said)
        for event in list_added_events(known, request):
            minutes = {
                "estimated at": event.estimate_minutes,
                "approved": event.approved_minutes,
            }
            parts = (
                event.status and event.status.value,
                event.moved_to and f"moved to {event.moved_to.value}",
                event.category and f"charged as {event.category}",
                *(f"{what} {format_minutes(given)}" for what, given in minutes.items() if given),
                event.note,
            )
            text = ": ".join(filter(None, parts))
            yield Change(event.date, "event", name, name, event.by, None, text)
