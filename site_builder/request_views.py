"""What one customer may see of its requests: history, time and corrections, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ledger.customer_records import CustomerRecords
from ledger.figures.draw_down import DrawDown
from ledger.figures.movements import Movement
from ledger.models import Category, Request, RequestEvent, Status
from ledger.text import natural_key
from site_builder.people import People
from site_builder.portal_view import EntryView, EventView, RequestView, Turn


def view_requests(
    records: CustomerRecords, drawn: DrawDown, people: People
) -> tuple[RequestView, ...]:
    """Return the requests, those with something left to do first, then the latest first."""
    entries = _view_entries(records, drawn, people)
    views = [
        _view_request(request_id, request, entries.get(request_id, ()), people, drawn.as_of)
        for request_id, request in records.requests.items()
        if request.opened <= drawn.as_of
    ]
    views.sort(key=lambda view: natural_key(view.id), reverse=True)
    views.sort(key=lambda view: view.last_event, reverse=True)
    views.sort(key=lambda view: list(Turn).index(view.turn))
    return tuple(views)


def _view_request(
    request_id: str,
    request: Request,
    entries: tuple[EntryView, ...],
    people: People,
    as_of: date,
) -> RequestView:
    events = request.events_until(as_of)
    status = request.status_on(as_of)
    category = request.category_on(as_of)
    tickets = [request.ticket, *(event.ticket for event in events)]
    return RequestView(
        id=request_id,
        title=request.title,
        category=None if category is None else category.value,
        status=status.value,
        channel=request.channel_on(as_of).value,
        turn=_find_turn(status),
        opened=request.opened,
        opened_by=people.name(request.opened_by),
        opening_ticket=request.ticket,
        ticket=next((ticket for ticket in reversed(tickets) if ticket), None),
        description=request.description,
        charged_minutes=sum(entry.worked_minutes for entry in entries if entry.is_charged),
        support_minutes=sum(entry.worked_minutes for entry in entries if not entry.is_charged),
        last_event=max([request.opened, *(event.date for event in events)]),
        events=tuple(_view_event(event, people) for event in events),
        entries=entries,
    )


def _find_turn(status: Status) -> Turn:
    if status is Status.WAITING_FOR_CUSTOMER:
        return Turn.CUSTOMER
    return Turn.NOBODY if status in {Status.RESOLVED, Status.CLOSED} else Turn.PROVIDER


def _view_event(event: RequestEvent, people: People) -> EventView:
    return EventView(
        date=event.date,
        by=people.name(event.by),
        is_by_provider=people.is_consultant(event.by),
        status=None if event.status is None else event.status.value,
        moved_to=None if event.moved_to is None else event.moved_to.value,
        category=None if event.category is None else event.category.value,
        ticket=event.ticket,
        note=event.note,
    )


def _view_entries(
    records: CustomerRecords, drawn: DrawDown, people: People
) -> Mapping[str, tuple[EntryView, ...]]:
    corrected = _find_corrected_dates(records)
    by_request: dict[str, list[EntryView]] = {}
    for movement in drawn.movements:
        if movement.request is None or movement.worked_minutes is None:
            continue
        entries = by_request.setdefault(movement.request, [])
        is_charged = _is_charged(movement)
        total = entries[-1].total_minutes if entries else 0
        entries.append(
            EntryView(
                reference=movement.reference,
                date=movement.date,
                consultant=people.name(movement.consultant or ""),
                category=(movement.category or Category.TECHNICAL_SUPPORT).value,
                worked_minutes=movement.worked_minutes,
                is_charged=is_charged,
                note=movement.note or "",
                corrected_date=corrected.get(movement.reference),
                total_minutes=total + (movement.worked_minutes if is_charged else 0),
            )
        )
    return {request: tuple(entries) for request, entries in by_request.items()}


def _is_charged(movement: Movement) -> bool:
    return movement.category is not None and movement.category.is_charged


def _find_corrected_dates(records: CustomerRecords) -> Mapping[str, date]:
    """Return, by the full name of a correction, the day of the entry it takes back from."""
    dates = {sheet.full_name(entry.id): entry.date for sheet, entry in records.sheet_entries}
    corrected = {}
    for sheet, entry in records.sheet_entries:
        if entry.corrects is not None:
            day = dates.get(sheet.resolve(entry.corrects))
            if day is not None:
                corrected[sheet.full_name(entry.id)] = day
    return corrected
