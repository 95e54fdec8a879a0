"""Drafts of time entries and corrections; what cannot be drafted is a ``LedgerError``.

An entry is changed or taken away as long as it is on no protected branch. What is there was perhaps
published: it is corrected, and the refusal says by which command.
"""

import re
import secrets
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import count
from typing import Any

from ledger.duration import find_nearest_multiples, format_minutes, round_to_multiple
from ledger.errors import LedgerError, UnknownNameError
from ledger.files.layout import sheet_path
from ledger.history.commits import find_branch_with, find_protected
from ledger.models import CustomerRecords, TimeEntry, TimeSheet
from ledger.text import suggest_name
from ledger.writing import draft
from ledger.writing.draft import Draft, NothingToWriteError, WritingDesk
from ledger.writing.entry_search import is_named
from ledger.writing.requests import find_request
from ledger.writing.yaml_edit import remove_item, set_value
from ledger.writing.yaml_text import Field

_LETTERS = "bcdfghjkmnpqrstvwxyz"


def draft_entry(
    desk: WritingDesk,
    *,
    request: str,
    minutes: int,
    note: str,
    consultant: str | None = None,
    rounding: str | None = None,
    **fields: Field | None,
) -> Draft:
    """Draft a time entry.

    Without ``consultant`` it is the Git author's; without ``rounding``, minutes that are no
    multiple of the step are refused. ``fields``: the entry's other fields.
    """
    request = find_request(desk.records, request)
    handle = draft.find_consultant(desk.ledger, consultant).handle
    rounded = fit_to_step(desk, minutes, rounding)
    remarks = tuple[str, ...]()
    if rounded != minutes:
        remarks = (f"{format_minutes(minutes)} rounded to {format_minutes(rounded)}",)
        note = f"{note} ({remarks[0]})"
    status = desk.records.requests[request].status_on(desk.day)
    if status.is_done:
        remarks += (f"{request} is {status}; a status of in-progress opens it again",)
    says = f"log {format_minutes(rounded)} on {request} ({handle})"
    fields = {**fields, "request": request, "minutes": rounded, "note": note}
    return _draft(desk, handle, fields, says, remarks)


def draft_correction(
    desk: WritingDesk,
    *,
    entry: str,
    minutes: int,
    consultant: str | None = None,
    **fields: Field | None,
) -> Draft:
    """Draft a correction that takes ``minutes`` of an entry back."""
    handle = draft.find_consultant(desk.ledger, consultant).handle
    own_sheet = name_sheet(desk.day, handle)
    sheet, found = find_entry(desk.records, entry, own_sheet)
    minutes = fit_to_step(desk, minutes)
    name = sheet.full_name(found.id)
    if found.is_correction:
        hint = f"if it took back too much, log the time again; its entry is {found.corrects}"
        raise LedgerError(f"{name} is a correction itself, which cannot be corrected", hint)
    left = count_left(desk.records, name, found)
    if minutes > left:
        hint = f"{name} was {format_minutes(found.minutes)}"
        raise LedgerError(f"only {format_minutes(left)} are left to take back", hint)
    corrects = found.id if sheet.name == own_sheet else name
    says = f"take back {format_minutes(minutes)} of {name} on {found.request} ({handle})"
    fields = {**fields, "request": found.request, "minutes": -minutes, "corrects": corrects}
    return _draft(desk, handle, fields, says)


def count_left(records: CustomerRecords, name: str, entry: TimeEntry) -> int:
    """Return the minutes of an entry that no correction has taken back."""
    return entry.minutes + sum(
        item.minutes
        for place, item in records.sheet_entries
        if item.corrects is not None and place.resolve(item.corrects) == name
    )


def draw_letters() -> str:
    """Return three random letters, of those that make no words."""
    return "".join(secrets.choice(_LETTERS) for _ in range(3))


def fit_to_step(desk: WritingDesk, minutes: int, rounding: str | None = None) -> int:
    """Return minutes that are a multiple of the step of the terms in force on the desk's day."""
    terms = desk.organization.terms.in_force_on(desk.day)
    if minutes <= 0:
        raise LedgerError("a duration must be more than nothing", "write it like 45m or 1h15m")
    if terms is None or minutes % terms.increment_minutes == 0:
        return minutes
    below, above = find_nearest_multiples(minutes, terms.increment_minutes)
    if rounding is None or (rounding == "down" and not below):
        choices = " or ".join(format_minutes(choice) for choice in (below, above) if choice)
        raise LedgerError(
            f"{format_minutes(minutes)} is not a multiple of {terms.increment_minutes} minutes",
            f"write {choices}{', or round with --round up' if rounding is None else ''}",
        )
    return round_to_multiple(minutes, terms.increment_minutes, rounding) or above


def _draft(
    desk: WritingDesk,
    handle: str,
    fields: dict[str, Any],
    says: str,
    remarks: tuple[str, ...] = (),
) -> Draft:
    sheet, fields = name_sheet(desk.day, handle), {**fields, "date": desk.day}
    said = {key: fields.get(key) for key in ("date", "request", "minutes", "corrects", "note")}
    known = {f"{sheet}/{name}": entry for name, entry in _list_entries(desk, sheet).items()}
    remarks += draft.remark_on_twins(known, said)
    entry_id = next(draw_ids(desk, sheet, desk.day))
    edits = {sheet_path(desk.slug, sheet): draft.make_adder(TimeEntry, {**fields, "id": entry_id})}
    return Draft(edits, f"{sheet}/{entry_id}", says, remarks, request=fields["request"])


def _list_entries(desk: WritingDesk, sheet: str) -> dict[str, TimeEntry]:
    """Return the entries of a time file by their ids."""
    return {
        entry.id: entry
        for records in desk.all_records
        for found, entry in records.sheet_entries
        if found.name == sheet
    }


def draw_ids(desk: WritingDesk, sheet: str, day: date) -> Iterator[str]:
    """Yield ids with the day's next numbers and letters that no other branch has: ``03-2-kfm``."""
    found = (re.match(rf"{day:%d}-(\d{{1,9}})", name) for name in _list_entries(desk, sheet))
    numbers = (int(each[1]) for each in found if each)
    for number in count(max(numbers, default=0) + 1):
        yield f"{day:%d}-{number}-{draw_letters()}"


def name_sheet(day: date, consultant: str) -> str:
    """Return the name of a consultant's time file of a month."""
    return f"{day:%Y-%m}-{consultant}"


def find_entry(
    records: CustomerRecords, wanted: str, own_sheet: str = ""
) -> tuple[TimeSheet, TimeEntry]:
    """Return the entry with a full name, or an id in ``own_sheet``; its letters may be left out."""
    name = wanted if "/" in wanted else f"{own_sheet}/{wanted}"
    entries = {sheet.full_name(entry.id): (sheet, entry) for sheet, entry in records.sheet_entries}
    longer = [each for each in entries if is_named(each, name)]
    if name in entries or len(longer) == 1:
        return entries[name if name in entries else longer[0]]
    hint = f"say which: {' or '.join(longer)}" if longer else suggest_name(name, entries)
    hint = hint or "name it like 2026-11-alice/03-1"
    raise UnknownNameError(f"{records.slug} has no time entry {name!r}", hint)


def draft_amendment(
    desk: WritingDesk,
    *,
    entry: str,
    is_moved: bool,
    minutes: int | None,
    request: str | None,
    **fields: str | None,
) -> Draft:
    """Draft other values of an entry; those that are None stay. ``is_moved``: to the desk's day."""
    sheet, found = find_entry(desk.records, entry)
    name, sign = sheet.full_name(found.id), -1 if found.is_correction else 1
    day = desk.day if is_moved else found.date
    given: dict[str, Any] = {key: value for key, value in fields.items() if value is not None}
    given["date"] = day
    if minutes is not None:
        given["minutes"] = sign * fit_to_step(replace(desk, day=day), minutes)
    if request is not None:
        given["request"] = find_request(desk.records, request)
    changes = {key: value for key, value in given.items() if (getattr(found, key) or "") != value}
    if not changes:
        raise NothingToWriteError(f"{name} says so already")
    _require_unprotected(desk, sheet, found, changes)
    after, where = found.model_copy(update=changes), ("id", found.id)
    path, new_sheet = sheet_path(desk.slug, sheet.name), name_sheet(day, sheet.consultant)
    if new_sheet == sheet.name:
        set_ = partial(set_value, where=where, model=TimeEntry)
        values = {key: value or None for key, value in changes.items()}
        edits = {
            path: draft.chain_edits([partial(set_, key=key, value=values[key]) for key in values])
        }
    else:
        new_id = next(draw_ids(desk, new_sheet, day))
        values = {key: getattr(after, key) or None for key in TimeEntry.list_fields()}
        values["id"] = new_id
        if found.corrects is not None:
            values["corrects"] = sheet.resolve(found.corrects)
        name, adder = f"{new_sheet}/{new_id}", draft.make_adder(TimeEntry, values)
        edits = {path: partial(remove_item, where=where), sheet_path(desk.slug, new_sheet): adder}
    amended = draft.Amended(path, found.id, _say_logged(sheet, found), _say_logged(sheet, after))
    what = f"{format_minutes(after.minutes)} on {after.request} ({sheet.consultant})"
    return Draft(edits, name, f"amend {name}: {what}", request=after.request, amended=amended)


def draft_removal(desk: WritingDesk, *, entry: str) -> Draft:
    """Draft that an entry is taken away."""
    sheet, found = find_entry(desk.records, entry)
    _require_unprotected(desk, sheet, found, None)
    path, name = sheet_path(desk.slug, sheet.name), sheet.full_name(found.id)
    amended = draft.Amended(path, found.id, _say_logged(sheet, found), "")
    edits = {path: partial(remove_item, where=("id", found.id))}
    says = f"undo {name}: {amended.said}"
    return Draft(edits, name, says, request=found.request, amended=amended)


def _say_logged(sheet: TimeSheet, entry: TimeEntry) -> str:
    """Return what the commit that brought an entry says."""
    what = f"log {format_minutes(entry.minutes)}"
    if entry.corrects is not None:
        name = sheet.resolve(entry.corrects)
        what = f"take back {format_minutes(-entry.minutes)} of {name}"
    return f"{what} on {entry.request} ({sheet.consultant})"


def _require_unprotected(
    desk: WritingDesk, sheet: TimeSheet, entry: TimeEntry, changes: Mapping[str, Any] | None
) -> None:
    """Refuse to change what a protected branch has (``changes`` None: all); say how to correct."""
    repository, path = desk.ledger.repository, sheet_path(desk.slug, sheet.name)
    if repository is None:
        return
    place = f"{desk.ledger.files.prefix}{path}"
    branch = find_branch_with(repository, find_protected(repository), place, entry.id)
    if branch is None:
        return
    name = sheet.full_name(entry.id)
    message = f"{name} is on {branch}, where nothing is changed"
    if entry.is_correction:
        raise LedgerError(message, f"if it took back too much, log on {entry.request} again")
    left = count_left(desk.records, name, entry)
    if left <= 0:
        raise LedgerError(message, "all of it is taken back already")
    is_duration = changes is not None and changes.keys() == {"minutes"}
    back = left - changes["minutes"] if changes is not None and is_duration else left
    if back < 0:
        command = ["log", desk.slug, entry.request, f"{-back}m", "-m", entry.note]
        what = ("log the rest", [*command, "--date", str(entry.date)])
    else:
        why = f"{format_minutes(back)} too much." if is_duration else "Taken back."
        anew = "" if is_duration or changes is None else ", and log it anew"
        what = (f"correct it{anew}", ["correct", desk.slug, name, f"{back}m", "-m", why])
    raise LedgerError(message, f"{what[0]}:\n  punchcard {shlex.join(what[1])}")
