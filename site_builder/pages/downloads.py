"""The statement as files that spreadsheets and programs read.

The fields are those of ``punchcard statement``, so that whoever reads one reads the other; only
people are called by their names.
"""

from __future__ import annotations

import json
from typing import Any

from ledger.money import format_money
from ledger.reporters.tabular import format_csv
from site_builder.pages.site import SiteFile
from site_builder.pages.statement_page import CSV_PATH, JSON_PATH
from site_builder.portal_view import MovementView, PortalView

_CSV_COLUMNS = (
    "date",
    "kind",
    "reference",
    "request",
    "consultant",
    "category",
    "worked_minutes",
    "minutes",
    "balance_minutes",
    "amount",
    "note",
    "as_of",
    "revision",
)


def make_downloads(view: PortalView) -> tuple[SiteFile, ...]:
    """Return the files that stand beside the pages."""
    return (
        # Spreadsheets take a file for UTF-8 only if it begins with a byte order mark.
        SiteFile(CSV_PATH, _write_csv(view).encode("utf-8-sig")),
        SiteFile(JSON_PATH, _write_json(view).encode("utf-8")),
    )


def _write_json(view: PortalView) -> str:
    statement = view.statement
    from_day = statement.from_day
    document = {
        "customer": view.slug,
        "from": None if from_day is None else from_day.isoformat(),
        "to": statement.to_day.isoformat(),
        "as_of": view.as_of.isoformat(),
        "revision": view.revision,
        "opening_minutes": statement.opening_minutes,
        "closing_minutes": statement.closing_minutes,
        "movements": [_list_fields(movement) for movement in statement.list_movements()],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _write_csv(view: PortalView) -> str:
    shown = {"as_of": view.as_of.isoformat(), "revision": view.revision}
    rows = ({**_list_fields(movement), **shown} for movement in view.statement.list_movements())
    return format_csv(_CSV_COLUMNS, rows)


def _list_fields(movement: MovementView) -> dict[str, Any]:
    return {
        "date": movement.date.isoformat(),
        "kind": movement.kind,
        "reference": movement.reference,
        "request": movement.request,
        "consultant": movement.consultant,
        "category": movement.category,
        "worked_minutes": movement.worked_minutes,
        "minutes": movement.minutes,
        "balance_minutes": movement.balance_minutes,
        "amount": None if movement.amount is None else format_money(movement.amount),
        "note": movement.note,
        "draws": [{"lot": draw.lot, "minutes": draw.minutes} for draw in movement.draws],
    }
