"""Records, and what became of them, as other programs read them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from ledger.history.provenance import Origin
from ledger.history.record_story import RecordStory
from ledger.models import Record
from ledger.reporters.commits import commit_to_json
from ledger.reporters.figures import lot_to_json
from ledger.text import format_money


def record_to_json(record: Record) -> dict[str, Any]:
    """Return the fields of a record as its file has them; missing is None."""
    return {name: _convert(getattr(record, name)) for name in type(record).model_fields}


def origin_to_json(origin: Origin | None, *, is_changed: bool) -> dict[str, Any]:
    """Return where a record comes from.

    Args:
        origin: None if it is in no commit yet.
        is_changed: whether it differs from what is committed.
    """
    changed = origin.changed if origin is not None else None
    return {
        "brought": None if origin is None else commit_to_json(origin.brought),
        "changed": None if changed is None else commit_to_json(changed),
        "uncommitted": origin is None or is_changed,
    }


def story_to_json(story: RecordStory) -> dict[str, Any]:
    """Return a record and what became of it."""
    return {
        "reference": story.reference,
        "kind": story.found.kind,
        "file": story.position.file,
        "line": story.position.line,
        "record": record_to_json(story.found.record),
        "draws": [{"lot": draw.lot, "minutes": draw.minutes} for draw in story.draws],
        "corrections": [
            {"reference": item.name, **record_to_json(item.record)} for item in story.corrections
        ],
        "lots": [lot_to_json(lot) for lot in story.lots],
        "uses": [
            {
                "lot": use.lot,
                "date": use.movement.date.isoformat(),
                "kind": use.movement.kind.value,
                "reference": use.movement.reference,
                "minutes": use.minutes,
            }
            for use in story.uses
        ],
        "entries": [
            {
                "date": movement.date.isoformat(),
                "reference": movement.reference,
                "worked_minutes": movement.worked_minutes,
                "minutes": movement.minutes,
            }
            for movement in story.entries
        ],
    }


def _convert(value: Any) -> Any:
    if isinstance(value, Record):
        return record_to_json(value)
    if isinstance(value, tuple | list):
        return [_convert(item) for item in value]
    if isinstance(value, Decimal):
        return format_money(value)
    if isinstance(value, date):
        return value.isoformat()
    return getattr(value, "value", value)
