"""What is new to a customer since the last update: a line a request, sale, credit or expiry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from ledger.balance.movements import Movement, MovementKind
from ledger.wording import Wording
from site_builder.charts import Hours
from site_builder.view import EventView, PortalView, RequestView


class NewsLine(NamedTuple):
    """A line of news: what it is about, the page that it links to, and what happened."""

    date: date
    reference: str
    name: str
    link: str
    facts: str


def list_news(view: PortalView, wording: Wording) -> list[NewsLine]:
    """Return what is new, the latest first: of each request one line, however much was done."""
    lines = [*_list_sales(view, wording), *_list_requests(view, wording)]
    return sorted(lines, key=lambda line: line.date, reverse=True)


def _list_sales(view: PortalView, wording: Wording) -> Iterator[NewsLine]:
    update = view.last_update
    for movement in view.statement.movements:
        is_late = movement.date <= update.day
        is_new = not is_late or movement.reference in update.late_references
        if is_new and movement.kind not in {MovementKind.TIME, MovementKind.CORRECTION}:
            facts = _join([wording.signed_minutes(movement.minutes)], is_late, wording)
            name = wording.label("movement", movement.kind)
            yield NewsLine(movement.date, movement.reference, name, "punchcards.html", facts)


def _list_requests(view: PortalView, wording: Wording) -> Iterator[NewsLine]:
    update = view.last_update
    for request in view.requests:
        entries = [
            entry
            for entry in request.entries
            if entry.date > update.day or entry.reference in update.late_references
        ]
        events = [
            event
            for index, event in enumerate(request.events)
            if event.date > update.day or (request.id, index) in update.late_events
        ]
        days = [*(entry.date for entry in entries), *(event.date for event in events)]
        is_opened = request.opened > update.day or request.id in update.late_references
        if is_opened:
            days.append(request.opened)
        if days:
            facts = [wording.text("news.opened")] if is_opened else []
            facts += _list_facts(request, events, entries, wording)
            said = _join(facts, min(days) <= update.day, wording)
            link = f"requests/{request.id}.html"
            yield NewsLine(max(days), request.id, request.title, link, said)


def _list_facts(
    request: RequestView, events: list[EventView], entries: list[Movement], wording: Wording
) -> Iterator[str]:
    moves = [event.moved_to for event in events if event.moved_to]
    if moves:
        yield wording.text(f"news.moved_to_{moves[-1]}")
    if any(event.status for event in events):
        yield wording.text("request.status_is", status=wording.label("status", request.status))
    corrections = sum(entry.kind == MovementKind.CORRECTION for entry in entries)
    if len(entries) > corrections:
        yield wording.text("news.entries", count=len(entries) - corrections)
    if corrections:
        yield wording.text("news.corrections", count=corrections)
    hours = Hours(entries)
    if effect := sum(entry.minutes for entry in entries):
        yield wording.text("news.charged", minutes=wording.signed_minutes(effect))
    if free := hours.free_minutes:
        yield wording.text("news.free", minutes=wording.minutes(free))
    notes = sum(bool(each.note and not (each.status or each.moved_to)) for each in events)
    if notes:
        yield wording.text("news.notes", count=notes)


def _join(facts: list[str], is_late: bool, wording: Wording) -> str:
    late = [wording.text("news.late")] if is_late else []
    return wording.text("news.join").join([*facts, *late])
