"""Requests and what happens to them, to be written."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import NamedTuple

from ledger.customer_records import CustomerRecords
from ledger.duration import format_minutes
from ledger.errors import LedgerError
from ledger.models import Category, Channel, Request, RequestEvent, Status
from ledger.reading.file_layout import request_path
from ledger.writing.draft import Draft, WritingDesk
from ledger.writing.field_text import Fields
from ledger.writing.people import find_person
from ledger.writing.time_records import find_request
from ledger.writing.yaml_edit import UneditableError, add_to_list, make_file


class NewRequest(NamedTuple):
    """A request as somebody asks for it; ``opened_by`` is the Git author if None."""

    title: str
    date: date
    category: str | None = None
    opened_by: str | None = None
    channel: str = "punchcard"
    ticket: str | None = None
    description: str | None = None


class NewEvent(NamedTuple):
    """What happens to a request; ``by`` is the Git author if None."""

    request: str
    date: date
    by: str | None = None
    status: str | None = None
    note: str | None = None
    category: str | None = None
    moved_to: str | None = None
    ticket: str | None = None


def draft_request(desk: WritingDesk, new: NewRequest) -> Draft:
    """Draft a new request.

    Raises:
        LedgerError: it has no category, or nobody known opened it.
    """
    channel = Channel(new.channel)
    if channel is Channel.PUNCHCARD and new.category is None:
        raise LedgerError(
            "a request in the punchcard channel needs a category",
            "say --category, or --channel support",
        )
    is_any_address = channel is Channel.SUPPORT and "@" in (new.opened_by or "")
    opened_by = str(new.opened_by) if is_any_address else find_person(desk, new.opened_by)
    request_id = _give_id(desk)
    fields: Fields = {
        "title": new.title,
        "category": _category(new.category),
        "opened": new.date,
        "opened_by": opened_by,
        "channel": channel,
        "ticket": new.ticket,
        "description": None if new.description is None else f"{new.description}\n",
    }
    path = request_path(desk.records.slug, request_id)
    return Draft(path, partial(_make_new, fields), request_id, f"open {request_id}, {new.title}")


def draft_event(desk: WritingDesk, new: NewEvent) -> Draft:
    """Draft an event in a request's history.

    Raises:
        LedgerError: it says nothing, there is no such request, or it cannot be moved there.
    """
    request_id = find_request(desk.records, new.request)
    request = desk.records.requests[request_id]
    if new.moved_to is not None:
        _check_move(request_id, request, new)
    elif not (new.status or new.note or new.category):
        raise LedgerError("nothing is to be updated", "say --status, -m NOTE or --category")
    fields: Fields = {
        "date": new.date,
        "by": find_person(desk, new.by),
        "status": None if new.status is None else Status(new.status),
        "moved_to": None if new.moved_to is None else Channel(new.moved_to),
        "category": _category(new.category),
        "ticket": new.ticket,
        "note": new.note,
    }
    return Draft(
        request_path(desk.records.slug, request_id),
        partial(_add_event, fields=fields),
        request_id,
        f"{_say(request_id, new)} ({fields['by']})",
        tuple(_list_recharged(desk.records, request_id, fields)),
    )


def _make_new(fields: Fields, before: bytes | None) -> bytes:
    if before is not None:
        raise UneditableError("there is such a request already")
    return make_file(fields)


def _add_event(before: bytes | None, fields: Fields) -> bytes:
    if before is None:
        raise UneditableError("the request is not there")
    return add_to_list(before, "history", fields)


def _category(name: str | None) -> Category | None:
    return None if name is None else Category(name)


def _give_id(desk: WritingDesk) -> str:
    """Return the id after the highest number: ``ACME-15``."""
    names = {name for records in desk.all_records for name in records.requests}
    numbers = [int(name.rpartition("-")[2]) for name in names]
    return f"{desk.records.customer.key}-{max(numbers, default=0) + 1}"


def _check_move(request_id: str, request: Request, new: NewEvent) -> None:
    target = Channel(str(new.moved_to))
    if request.channel_on(new.date) is target:
        raise LedgerError(f"{request_id} is in the {target} channel already")
    if target is Channel.PUNCHCARD and not new.category and request.category_on(new.date) is None:
        raise LedgerError(
            f"{request_id} has no category yet, and time in the punchcard channel is charged",
            "say what it is with --category",
        )


def _say(request_id: str, new: NewEvent) -> str:
    if new.moved_to is not None:
        return f"move {request_id} to {new.moved_to}"
    if new.status is not None:
        return f"{request_id} is {new.status}"
    return f"{request_id} is {new.category}" if new.category else f"note on {request_id}"


def _list_recharged(records: CustomerRecords, request_id: str, fields: Fields) -> list[str]:
    """Return what an event changes about time that is there: its day is the new one's, too."""
    request = records.requests[request_id]
    changed = _append(request, fields)
    remarks = []
    for sheet, entry in records.sheet_entries:
        if entry.request != request_id or entry.category is not None or entry.is_correction:
            continue
        before, after = (item.charge_category_on(entry.date) for item in (request, changed))
        if before is not after:
            what = f"{sheet.full_name(entry.id)} ({format_minutes(entry.minutes)})"
            remarks.append(f"{what} of the same day is {after} now; it was {before}")
    return remarks


def _append(request: Request, fields: Fields) -> Request:
    return request.model_copy(
        update={"history": (*request.history, RequestEvent.model_construct(None, **fields))}
    )
