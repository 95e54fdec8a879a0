"""The statement as files that spreadsheets and programs read.

The JSON is what ``punchcard statement --format json`` writes, to the byte: whoever was sent one
can have it verified. The CSV has the same fields for people, who are called by their names, and
says in each line as of which day and commit it is.
"""

from __future__ import annotations

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
        SiteFile(JSON_PATH, view.statement_json.encode("utf-8")),
    )


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
    }
