"""Drafts that change a time entry or take it away, as long as it is on no protected branch.

What is there was perhaps published: it is corrected, and the refusal says by which command.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from ledger.duration import format_minutes
from ledger.errors import LedgerError
from ledger.files.layout import sheet_path
from ledger.history.protected import find_branch_with, find_protected
from ledger.models import TimeEntry, TimeSheet
from ledger.writing.draft import (
    Amended,
    Draft,
    NothingToWriteError,
    WritingDesk,
    make_adder,
    make_changer,
)
from ledger.writing.requests import find_request
from ledger.writing.time_entries import (
    count_left,
    draw_ids,
    find_entry,
    fit_to_step,
    name_sheet,
)
from ledger.writing.yaml_edit import remove_item, set_value

_KEYS = tuple(TimeEntry.list_fields())


def draft_amendment(
    desk: WritingDesk,
    day: date,
    *,
    entry: str,
    is_moved: bool,
    minutes: int | None,
    request: str | None,
    **fields: str | None,
) -> Draft:
    """Draft other values of an entry; those that are None stay. ``is_moved``: to ``day``."""
    sheet, found = find_entry(desk.records, entry, "")
    name, sign = sheet.full_name(found.id), -1 if found.is_correction else 1
    given: dict[str, Any] = {key: value for key, value in fields.items() if value is not None}
    if is_moved:
        given["date"] = day
    if minutes is not None:
        given["minutes"] = sign * fit_to_step(desk, minutes, given.get("date", found.date), None)
    if request is not None:
        given["request"] = find_request(desk.records, request)
    changes = {key: value for key, value in given.items() if (getattr(found, key) or "") != value}
    if not changes:
        raise NothingToWriteError(f"{name} says so already")
    _require_unprotected(desk, sheet, found, changes)
    after = found.model_copy(update=changes)
    path, handle = sheet_path(desk.slug, sheet.name), sheet.consultant
    new_sheet = name_sheet(after.date, handle)
    if new_sheet == sheet.name:
        edits = {path: make_changer(partial(_set_values, found.id, changes), "time file")}
    else:
        new_id = next(draw_ids(desk, new_sheet, after.date))
        values = {key: getattr(after, key) or None for key in _KEYS} | {"id": new_id}
        if found.corrects is not None:
            values["corrects"] = sheet.resolve(found.corrects)
        name = f"{new_sheet}/{new_id}"
        edits = {
            path: make_changer(partial(remove_item, where=("id", found.id)), "time file"),
            sheet_path(desk.slug, new_sheet): make_adder(TimeEntry, values),
        }
    amended = Amended(path, found.id, _say_logged(sheet, found), _say_logged(sheet, after))
    says = f"amend {name}: {format_minutes(after.minutes)} on {after.request} ({handle})"
    return Draft(edits, name, says, request=after.request, amended=amended)


def draft_removal(desk: WritingDesk, _day: date, *, entry: str) -> Draft:
    """Draft that an entry is taken away."""
    sheet, found = find_entry(desk.records, entry, "")
    _require_unprotected(desk, sheet, found, None)
    path, name = sheet_path(desk.slug, sheet.name), sheet.full_name(found.id)
    edit = make_changer(partial(remove_item, where=("id", found.id)), "time file")
    amended = Amended(path, found.id, _say_logged(sheet, found), "")
    says = f"undo {name}: {amended.said}"
    return Draft({path: edit}, name, says, request=found.request, amended=amended)


def _say_logged(sheet: TimeSheet, entry: TimeEntry) -> str:
    """Return what the commit that brought an entry says."""
    what = f"log {format_minutes(entry.minutes)}"
    if entry.corrects is not None:
        name = sheet.resolve(entry.corrects)
        what = f"take back {format_minutes(-entry.minutes)} of {name}"
    return f"{what} on {entry.request} ({sheet.consultant})"


def _set_values(entry_id: str, changes: Mapping[str, Any], source: bytes) -> bytes:
    for key, value in changes.items():
        source = set_value(source, ("id", entry_id), key, value or None, _KEYS)
    return source


def _require_unprotected(
    desk: WritingDesk, sheet: TimeSheet, entry: TimeEntry, changes: Mapping[str, Any] | None
) -> None:
    """Raise a LedgerError that offers a correction, if the entry is on a protected branch.

    ``changes``: what it is to say instead; None is nothing.
    """
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
