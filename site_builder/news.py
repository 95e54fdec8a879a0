"""What a customer has not seen yet: what came in since the last update.

That is what is dated after it, and what is dated before but was recorded later. Where nothing was
published yet, it is everything dated in the week before the as-of date.

One line a request, however much was done on it, and one for each sale, credit, refund or expiry.
This is the one place that decides what counts as new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from site_builder.last_update import LateRecords
from site_builder.portal_view import MovementView, NewsView, RequestView

NEWS_DAYS = timedelta(days=7)

_KINDS_OF_TIME = frozenset({"time", "correction"})


def list_news(
    requests: Iterable[RequestView],
    movements: Iterable[MovementView],
    after: date,
    late: LateRecords,
) -> tuple[NewsView, ...]:
    """Return what is dated after the day ``after``, or is late, the latest first."""
    news = [*_list_movements(movements, after, late), *_list_requests(requests, after, late)]
    return tuple(sorted(news, key=lambda each: each.date, reverse=True))


def find_latest(requests: Iterable[RequestView], movements: Iterable[MovementView]) -> date:
    """Return the latest day of anything that can be news; what is not late is none after it."""
    days = [movement.date for movement in movements]
    for request in requests:
        days += [request.opened, *(event.date for event in request.events)]
        days += [entry.date for entry in request.entries]
    return max(days, default=date.min)


def _list_movements(
    movements: Iterable[MovementView], after: date, late: LateRecords
) -> Iterator[NewsView]:
    for movement in movements:
        is_late = movement.date <= after
        if is_late and movement.reference not in late.references:
            continue
        if movement.kind not in _KINDS_OF_TIME:
            yield NewsView(
                date=movement.date,
                kind=movement.kind,
                reference=movement.reference,
                charged_minutes=movement.minutes,
                is_late=is_late,
            )


def _list_requests(
    requests: Iterable[RequestView], after: date, late: LateRecords
) -> Iterator[NewsView]:
    for request in requests:
        news = _summarize(request, after, late)
        if news is not None:
            yield news


def _summarize(request: RequestView, after: date, late: LateRecords) -> NewsView | None:
    entries = [
        entry
        for entry in request.entries
        if entry.date > after or entry.reference in late.references
    ]
    events = [
        event
        for place, event in enumerate(request.events)
        if event.date > after or (request.id, place) in late.events
    ]
    is_opened = request.opened > after or request.id in late.references
    if not (entries or events or is_opened):
        return None
    days = [*(entry.date for entry in entries), *(event.date for event in events)]
    if is_opened:
        days.append(request.opened)
    moves = [event.moved_to for event in events if event.moved_to]
    return NewsView(
        date=max(days),
        kind="request",
        reference=request.id,
        title=request.title,
        is_opened=is_opened,
        status=request.status if any(event.status for event in events) else None,
        moved_to=moves[-1] if moves else None,
        notes=sum(1 for event in events if event.note and not (event.status or event.moved_to)),
        entries=sum(1 for entry in entries if entry.corrected_date is None),
        corrections=sum(1 for entry in entries if entry.corrected_date is not None),
        charged_minutes=sum(entry.worked_minutes for entry in entries if entry.is_charged),
        free_minutes=sum(entry.worked_minutes for entry in entries if not entry.is_charged),
        is_late=min(days) <= after,
    )
