"""Drafts of requests and their events; what cannot be drafted is a ``LedgerError``."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from ledger.duration import format_minutes
from ledger.errors import LedgerError, UnknownNameError
from ledger.files.layout import request_path, sheet_path
from ledger.models import Channel, CustomerRecords, Request, RequestEvent, Status, TimeEntry
from ledger.text import suggest_name
from ledger.writing import draft
from ledger.writing.draft import Draft, Edit, WritingDesk
from ledger.writing.yaml_edit import UneditableError, YamlText, add_items, set_value
from ledger.writing.yaml_text import Field, to_plain

_AFTER_DONE = (Status.IN_PROGRESS, Status.RESOLVED, Status.CLOSED)


def draft_request(
    desk: WritingDesk,
    *,
    title: str,
    channel: str = "punchcard",
    category: str | None = None,
    opened_by: str | None = None,
    description: str | None = None,
    **fields: Field | None,
) -> Draft:
    """Draft a new request; without ``opened_by`` it is the Git author's."""
    is_by_customer = "@" in (opened_by or "")
    if channel == Channel.PUNCHCARD and category is None and not is_by_customer:
        message = "a request in the punchcard channel needs a category"
        raise LedgerError(message, "say --category, or --channel support")
    is_any_address = channel == Channel.SUPPORT and is_by_customer
    request_id = draw_id(desk)
    fields = {
        **fields,
        "title": title,
        "category": category and desk.organization.terms.find_category(category, desk.day),
        "opened": desk.day,
        "opened_by": opened_by if is_any_address else draft.find_person(desk, opened_by),
        "channel": channel,
        "description": None if description is None else f"{description}\n",
    }
    said = (title, fields["opened_by"], (description or "").strip())
    remarks = tuple(
        f"{name} says the same already: is this one twice?"
        for name, found in desk.records.requests.items()
        if (found.title, found.opened_by, (found.description or "").strip()) == said
    )
    path = request_path(desk.records.slug, request_id)
    edit = draft.make_creator(Request, fields)
    return Draft({path: edit}, request_id, f"open {request_id}, {title}", remarks)


def draft_event(
    desk: WritingDesk,
    *,
    request: str,
    by: str | None = None,
    status: str | None = None,
    category: str | None = None,
    moved_to: str | None = None,
    **fields: Any,
) -> Draft:
    """Draft an event in a request's history; without ``by`` it is the Git author's."""
    request_id = find_request(desk.records, request)
    found = desk.records.requests[request_id]
    if moved_to is not None:
        if found.channel_on(desk.day) == moved_to:
            raise LedgerError(f"{request_id} is in the {moved_to} channel already")
        is_charged = moved_to == Channel.PUNCHCARD
        if is_charged and not category and found.category_on(desk.day) is None:
            raise LedgerError(
                f"{request_id} has no category yet, and time in the punchcard channel is charged",
                "say what it is with --category",
            )
        says = f"move {request_id} to {moved_to}"
    else:
        says = _say_event(request_id, status or category, **fields)
    done = found.status_on(desk.day)
    if done.is_done and status not in {None, *_AFTER_DONE}:
        message = f"{request_id} is {done}: only in-progress opens it again"
        raise LedgerError(message, "say --status in-progress first")
    by = draft.find_person(desk, by)
    if fields.get("approved_minutes") and "@" not in by:
        raise LedgerError("only the customer approves time", "say --by with an account's address")
    if fields.get("estimate_minutes") and "@" in by:
        raise LedgerError("only a consultant estimates time", "say --by with a consultant's handle")
    fields |= {"date": desk.day, "by": by, "status": status}
    fields |= {"moved_to": moved_to, "category": category}
    event = draft.order_fields(RequestEvent, fields)
    edit = partial(add_items, items=[event], key="history")
    new = RequestEvent.model_validate(to_plain(event))
    changed = found.model_copy(update={"history": (*found.history, new)})
    is_twice = new in found.history
    remarks = [f"{request_id} has the same event already: is this one twice?"] if is_twice else []
    for sheet, entry in desk.records.sheet_entries:
        if entry.request != request_id or entry.category is not None or entry.is_correction:
            continue
        terms = desk.organization.terms
        before, after = (each.charge_category_on(entry.date, terms) for each in (found, changed))
        if before != after:
            what = f"{sheet.full_name(entry.id)} ({format_minutes(entry.minutes)})"
            remarks.append(f"{what} of the same day is {after} now; it was {before}")
    path = request_path(desk.records.slug, request_id)
    return Draft({path: edit}, request_id, f"{says} ({by})", tuple(remarks), request=request_id)


def _say_event(
    request_id: str,
    changed: str | None,
    estimate_minutes: int | None = None,
    approved_minutes: int | None = None,
    note: str | None = None,
    **_rest: Any,
) -> str:
    """Return what an event does, for the commit's message."""
    if 0 in (estimate_minutes, approved_minutes):
        raise LedgerError("a duration must be more than nothing", "write it like 45m or 1h15m")
    if changed:
        return f"{request_id} is {changed}"
    if estimate_minutes:
        return f"estimate {format_minutes(estimate_minutes)} for {request_id}"
    if approved_minutes:
        return f"approve {format_minutes(approved_minutes)} of {request_id}"
    if note:
        return f"note on {request_id}"
    hint = "say --status, -m NOTE, --category, --estimate or --approve"
    raise LedgerError("nothing is to be updated", hint)


def draw_id(desk: WritingDesk) -> str:
    """Return the id of the next request."""
    prefix = f"{desk.records.customer.key}-"
    known = {name for records in desk.all_records for name in records.requests}
    folder = request_path(desk.slug, "").rpartition("/")[0]
    return f"{prefix}{draft.find_next_number(desk, prefix, known, (folder,))}"


def find_request(records: CustomerRecords, wanted: str) -> str:
    """Return the id of a request, however its letters were typed; its number alone will do."""
    folded = {name.casefold(): name for name in records.requests}
    for spelling in (wanted, f"{records.customer.key}-{wanted}"):
        if found := folded.get(spelling.casefold()):
            return found
    hint = suggest_name(wanted, records.requests) or (
        f"punchcard request list {records.slug} shows them, punchcard request open makes one"
    )
    raise UnknownNameError(f"{records.slug} has no request {wanted!r}", hint)


def draft_renumbering(desk: WritingDesk, old: str, new: str | None) -> Draft:
    """Draft another number, in a file's name and all time, where two branches gave the same."""
    key, free = desk.records.customer.key, draw_id(desk)
    old_id, new_id = find_request(desk.records, old), (new or free).upper()
    new_id = f"{key}-{new_id}" if new_id.isdecimal() else new_id
    if not re.fullmatch(rf"{key}-[1-9][0-9]{{0,8}}", new_id):
        raise LedgerError(f"{new!r} is no number for a request", f"{free} is free")
    if any(new_id in records.requests for records in desk.all_records):
        raise LedgerError(f"there is a request {new_id} already", f"{free} is free")
    entries = [each for each in desk.records.sheet_entries if each[1].request == old_id]
    edits = dict(_make_move(desk.slug, old_id, new_id))
    rename = partial(_rename, old_id, new_id)
    edits |= {sheet_path(desk.slug, sheet.name): rename for sheet, _entry in entries}
    remark = f"{len(entries)} time {'entry is' if len(entries) == 1 else 'entries are'} on it"
    return Draft(edits, new_id, f"{old_id} is {new_id} now", (remark,), request=new_id)


def _make_move(slug: str, old_id: str, new_id: str) -> Mapping[str, Edit]:
    """Return the edits that move a request's file; they are made in this order."""
    taken = list[bytes]()

    def take(before: bytes | None) -> None:
        if before is None:
            raise UneditableError("the file is not there")
        taken.append(before)

    def put(before: bytes | None) -> bytes:
        if before is not None:
            raise UneditableError("there is such a file already")
        return taken[-1]

    return {request_path(slug, old_id): take, request_path(slug, new_id): put}


def _rename(old_id: str, new_id: str, sheet: bytes | None) -> bytes | None:
    """Return a time file in which what was on one request is on another."""
    for item in YamlText(sheet).value or ():
        if isinstance(item, dict) and item.get("request") == old_id:
            where = ("id", str(item.get("id")))
            sheet = set_value(sheet, where, "request", new_id, TimeEntry)
    return sheet
