"""What a customer has not seen yet: everything dated in the week before the as-of date.

One line a request, however much was done on it, and one for each sale, credit, refund or expiry.
This is the one place that decides what counts as new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from site_builder.portal_view import MovementView, NewsView, RequestView

NEWS_DAYS = timedelta(days=7)

_KINDS_OF_TIME = frozenset({"time", "correction"})


def list_news(
    requests: Iterable[RequestView], movements: Iterable[MovementView], after: date
) -> tuple[NewsView, ...]:
    """Return what is dated after the day ``after``, the latest first."""
    news = [*_list_movements(movements, after), *_list_requests(requests, after)]
    return tuple(sorted(news, key=lambda each: each.date, reverse=True))


def _list_movements(movements: Iterable[MovementView], after: date) -> Iterator[NewsView]:
    for movement in movements:
        if movement.date > after and movement.kind not in _KINDS_OF_TIME:
            yield NewsView(
                date=movement.date,
                kind=movement.kind,
                reference=movement.reference,
                charged_minutes=movement.minutes,
            )


def _list_requests(requests: Iterable[RequestView], after: date) -> Iterator[NewsView]:
    for request in requests:
        news = _summarize(request, after)
        if news is not None:
            yield news


def _summarize(request: RequestView, after: date) -> NewsView | None:
    entries = [entry for entry in request.entries if entry.date > after]
    events = [event for event in request.events if event.date > after]
    is_opened = request.opened > after
    if not (entries or events or is_opened):
        return None
    days = [request.opened, *(entry.date for entry in entries), *(event.date for event in events)]
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
    )
