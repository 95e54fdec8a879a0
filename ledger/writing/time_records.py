"""Time entries and corrections to be written."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from ledger.customer_records import CustomerRecords, TimeSheet
from ledger.duration import find_nearest_multiples, format_minutes
from ledger.errors import LedgerError, UnknownNameError
from ledger.models import Category, TimeEntry
from ledger.reading.file_layout import sheet_path
from ledger.text import suggest_name
from ledger.writing.draft import Draft, WritingDesk
from ledger.writing.field_text import Fields
from ledger.writing.people import find_consultant
from ledger.writing.yaml_edit import add_item


class Rounding(StrEnum):
    """What becomes of a duration that is no multiple of the step."""

    UP = "up"
    DOWN = "down"
    NEAREST = "nearest"


class NewEntry(NamedTuple):
    """A time entry as somebody asks for it.

    Attributes:
        consultant: whose time it is; the Git author's if None.
        rounding: what to do if ``minutes`` is no multiple of the step; refuse if None.
    """

    request: str
    minutes: int
    note: str
    date: date
    consultant: str | None = None
    category: str | None = None
    internal_note: str | None = None
    rounding: Rounding | None = None


class NewCorrection(NamedTuple):
    """A correction as somebody asks for it; ``minutes`` is what it takes back."""

    entry: str
    minutes: int
    note: str
    date: date
    consultant: str | None = None
    internal_note: str | None = None


def draft_entry(desk: WritingDesk, new: NewEntry) -> Draft:
    """Draft a time entry.

    Raises:
        LedgerError: there is no such request or consultant, or the minutes fit no step.
    """
    request = find_request(desk.records, new.request)
    consultant = find_consultant(desk, new.consultant).handle
    minutes = fit_to_step(desk, new.minutes, new.date, new.rounding)
    note, remarks = new.note, list[str]()
    if minutes != new.minutes:
        remarks = [f"{format_minutes(new.minutes)} rounded to {format_minutes(minutes)}"]
        note = f"{note} ({remarks[0]})"
    return _draft(
        desk,
        consultant,
        new.date,
        {
            "request": request,
            "minutes": minutes,
            "category": None if new.category is None else Category(new.category),
            "note": note,
            "internal_note": new.internal_note,
        },
        f"log {format_minutes(minutes)} on {request} ({consultant})",
        tuple(remarks),
    )


def draft_correction(desk: WritingDesk, new: NewCorrection) -> Draft:
    """Draft a correction of an entry.

    Raises:
        LedgerError: there is no such entry or consultant, or the minutes fit no step.
    """
    consultant = find_consultant(desk, new.consultant).handle
    sheet, entry = _find_entry(desk.records, new.entry, consultant, new.date)
    minutes = fit_to_step(desk, new.minutes, new.date, None)
    name = sheet.full_name(entry.id)
    left = entry.minutes - _count_corrected(desk.records, name)
    if minutes > left:
        hint = f"{name} was {format_minutes(entry.minutes)}"
        raise LedgerError(f"only {format_minutes(left)} are left to take back", hint)
    own_sheet = _name_sheet(new.date, consultant)
    return _draft(
        desk,
        consultant,
        new.date,
        {
            "request": entry.request,
            "minutes": -minutes,
            "corrects": entry.id if sheet.name == own_sheet else name,
            "note": new.note,
            "internal_note": new.internal_note,
        },
        f"take back {format_minutes(minutes)} of {name} on {entry.request} ({consultant})",
    )


def find_request(records: CustomerRecords, wanted: str) -> str:
    """Return the id of a request, however its letters were typed; its number alone will do.

    Raises:
        UnknownNameError: there is no such request.
    """
    folded = {name.casefold(): name for name in records.requests}
    for spelling in (wanted, f"{records.customer.key}-{wanted}"):
        if found := folded.get(spelling.casefold()):
            return found
    hint = suggest_name(wanted, records.requests) or (
        f"punchcard request list {records.slug} shows them, punchcard request open makes one"
    )
    raise UnknownNameError(f"{records.slug} has no request {wanted!r}", hint)


def fit_to_step(desk: WritingDesk, minutes: int, day: date, rounding: Rounding | None) -> int:
    """Return minutes that are a multiple of the step of the terms in force on ``day``.

    Raises:
        LedgerError: they are not, and nobody said how to round; or nothing would be left.
    """
    terms = desk.organization.terms.in_force_on(day)
    if minutes <= 0:
        raise LedgerError("a duration must be more than nothing", "write it like 45m or 1h15m")
    if terms is None or minutes % terms.increment_minutes == 0:
        return minutes
    below, above = find_nearest_multiples(minutes, terms.increment_minutes)
    if rounding is None or (rounding is Rounding.DOWN and not below):
        choices = " or ".join(format_minutes(choice) for choice in (below, above) if choice)
        raise LedgerError(
            f"{format_minutes(minutes)} is not a multiple of {terms.increment_minutes} minutes",
            f"write {choices}, or round with --round up"
            if rounding is None
            else f"write {choices}",
        )
    if rounding is Rounding.NEAREST:
        rounding = Rounding.DOWN if below and minutes - below < above - minutes else Rounding.UP
    return below if rounding is Rounding.DOWN else above


def _draft(
    desk: WritingDesk,
    consultant: str,
    day: date,
    fields: Fields,
    says: str,
    remarks: tuple[str, ...] = (),
) -> Draft:
    sheet = _name_sheet(day, consultant)
    entry_id = _give_id(desk, sheet, day)
    record = {"id": entry_id, "date": day, **fields}
    return Draft(
        sheet_path(desk.records.slug, sheet),
        partial(add_item, fields=record),
        f"{sheet}/{entry_id}",
        says,
        remarks,
    )


def _name_sheet(day: date, consultant: str) -> str:
    return f"{day:%Y-%m}-{consultant}"


def _give_id(desk: WritingDesk, sheet: str, day: date) -> str:
    """Return the next free id of a day: ``03-1``, then ``03-2``."""
    used = {
        entry.id
        for records in desk.all_records
        for found, entry in records.sheet_entries
        if found.name == sheet
    }
    number = 1
    while f"{day:%d}-{number}" in used:
        number += 1
    return f"{day:%d}-{number}"


def _count_corrected(records: CustomerRecords, name: str) -> int:
    """Return the minutes that corrections take back of an entry."""
    return -sum(
        entry.minutes
        for sheet, entry in records.sheet_entries
        if entry.corrects is not None and sheet.resolve(entry.corrects) == name
    )


def _find_entry(
    records: CustomerRecords, wanted: str, consultant: str, day: date
) -> tuple[TimeSheet, TimeEntry]:
    """Return the entry with a full name, or with an id in the consultant's file of the month."""
    name = wanted if "/" in wanted else f"{_name_sheet(day, consultant)}/{wanted}"
    names = {}
    for sheet, entry in records.sheet_entries:
        if sheet.full_name(entry.id) == name:
            return sheet, entry
        names[sheet.full_name(entry.id)] = entry
    hint = suggest_name(name, names) or "name it like 2026-11-alice/03-1"
    raise UnknownNameError(f"{records.slug} has no time entry {name!r}", hint)
