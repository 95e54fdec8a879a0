"""Another number for a request: for two branches that gave two requests one number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from ledger.errors import LedgerError
from ledger.files.layout import request_path, sheet_path
from ledger.files.yaml import parse_yaml
from ledger.models import TimeEntry
from ledger.writing.draft import Draft, Edit, WritingDesk, make_changer
from ledger.writing.requests import draw_id, find_request
from ledger.writing.yaml_edit import set_value
from ledger.writing.yaml_text import UneditableError

_ENTRY_KEYS = tuple(TimeEntry.list_fields())


def draft_renumbering(desk: WritingDesk, old: str, new: str | None) -> Draft:
    """Draft another number for a request, in its file's name and in all time on it."""
    key, free = desk.records.customer.key, draw_id(desk)
    old_id, new_id = find_request(desk.records, old), (new or free).upper()
    new_id = f"{key}-{new_id}" if new_id.isdecimal() else new_id
    if not re.fullmatch(rf"{key}-[1-9][0-9]{{0,8}}", new_id):
        raise LedgerError(f"{new!r} is no number for a request", f"{free} is free")
    if any(new_id in records.requests for records in desk.all_records):
        raise LedgerError(f"there is a request {new_id} already", f"{free} is free")
    entries = [each for each in desk.records.sheet_entries if each[1].request == old_id]
    edits = dict(_make_move(desk.slug, old_id, new_id))
    rename = make_changer(partial(_rename, old_id, new_id), "time file")
    edits |= {sheet_path(desk.slug, sheet.name): rename for sheet, _entry in entries}
    remark = f"{len(entries)} time {'entry is' if len(entries) == 1 else 'entries are'} on it"
    return Draft(edits, new_id, f"{old_id} is {new_id} now", (remark,), request=new_id)


def _make_move(slug: str, old_id: str, new_id: str) -> Mapping[str, Edit]:
    """Return the edits that move a request's file; they are made in this order."""
    content: bytes | None = None

    def take(before: bytes | None) -> None:
        nonlocal content
        if before is None:
            raise UneditableError("the request is not there")
        content = before

    def put(before: bytes | None) -> bytes | None:
        if before is not None:
            raise UneditableError("there is such a request already")
        return content

    return {request_path(slug, old_id): take, request_path(slug, new_id): put}


def _rename(old_id: str, new_id: str, sheet: bytes) -> bytes:
    """Return a time file in which what was on one request is on another."""
    items: Any = parse_yaml(sheet)
    for item in items:
        if isinstance(item, dict) and item.get("request") == old_id:
            where = ("id", str(item.get("id")))
            sheet = set_value(sheet, where, "request", new_id, _ENTRY_KEYS)
    return sheet
