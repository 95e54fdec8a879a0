"""The events of a request, then and now: which are altered or gone, and what that changes.

Events have no ids. One that is in both histories as it was is the same event, wherever it stands;
of the rest, the likeliest one now is taken for each that was there before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from ledger.history.field_changes import FREE_TEXT_FIELDS, LATER_KNOWN_FIELDS, list_field_changes
from ledger.models import Category, Request, RequestEvent


class EventPair(NamedTuple):
    """An event as it was, by its number in the file, and what has become of it; None if nothing."""

    number: int
    before: RequestEvent
    after: RequestEvent | None


class ChargePeriod(NamedTuple):
    """Days on which a request is charged as something else now; ``last`` is None if for ever."""

    first: date
    last: date | None

    def contains(self, day: date) -> bool:
        """Whether ``day`` is one of them."""
        return self.first <= day and (self.last is None or day <= self.last)

    def touches_month(self, month: str) -> bool:
        """Whether a month, such as ``2026-11``, has one of them."""
        begins = self.first.isoformat()[: len(month)] <= month
        return begins and (self.last is None or month <= self.last.isoformat()[: len(month)])


def find_changed_events(base: Request, head: Request) -> Iterator[EventPair]:
    """Yield the events that were altered or removed."""
    added = list(head.history)
    lost: list[tuple[int, RequestEvent]] = []
    for number, event in enumerate(base.history, start=1):
        if event in added:
            added.remove(event)
        else:
            lost.append((number, event))
    for number, event in lost:
        successor = _find_successor(event, added)
        if successor is not None:
            added.remove(successor)
        yield EventPair(number, event, successor)


def list_added_events(base: Request | None, head: Request) -> list[RequestEvent]:
    """Return the events that came in; an altered one is none of them."""
    if base is None:
        return list(head.history)
    added = list(head.history)
    altered = [pair.after for pair in find_changed_events(base, head) if pair.after is not None]
    for event in [*(event for event in base.history if event in head.history), *altered]:
        if event in added:
            added.remove(event)
    return added


def find_reordered_day(base: Request, head: Request) -> date | None:
    """Return the first day whose outcome differs because its events stand in another order."""
    left = list(base.history)
    kept = [event for event in head.history if _take(event, left)]
    now = _replace_history(base, kept)
    then = _replace_history(base, _without(base.history, left))
    days = sorted({event.date for event in kept})
    return next((day for day in days if _outcome(then, day) != _outcome(now, day)), None)


def find_recharged_periods(base: Request, head: Request) -> tuple[ChargePeriod, ...]:
    """Return the days on which an entry without a category is charged as something else now."""
    changes = {event.date for event in (*base.history, *head.history)}
    starts = [date.min, *sorted(changes - {date.min})]
    ends = [day.fromordinal(day.toordinal() - 1) for day in starts[1:]]
    return tuple(
        ChargePeriod(first, last)
        for first, last in zip(starts, [*ends, None], strict=True)
        if _charge(base, first) != _charge(head, first)
    )


def _find_successor(event: RequestEvent, added: Sequence[RequestEvent]) -> RequestEvent | None:
    likeness = (
        FREE_TEXT_FIELDS | LATER_KNOWN_FIELDS,
        {"note", "status", "moved_to", "category", "ticket"},
        {"date"},
        {"by"},
    )
    for fields in likeness:
        for candidate in added:
            if not list_field_changes(event, candidate, fields):
                return candidate
    return None


def _take(event: RequestEvent, left: list[RequestEvent]) -> bool:
    if event not in left:
        return False
    left.remove(event)
    return True


def _without(events: Sequence[RequestEvent], left: Sequence[RequestEvent]) -> list[RequestEvent]:
    gone = list(left)
    return [event for event in events if not _take(event, gone)]


def _replace_history(request: Request, events: Sequence[RequestEvent]) -> Request:
    return request.model_copy(update={"history": tuple(events)})


def _outcome(request: Request, day: date) -> tuple[object, ...]:
    return request.status_on(day), request.channel_on(day), request.category_on(day)


def _charge(request: Request, day: date) -> Category | None:
    return request.charge_category_on(day)
