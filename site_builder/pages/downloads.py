"""The statement as files that spreadsheets and programs read.

The JSON is what ``punchcard statement --format json`` writes, to the byte: whoever was sent one
can have it verified. The CSV has the same fields for people, who are called by their names, and
says in each line as of which day and commit it is.
"""

from __future__ import annotations

import json
from typing import Any

from ledger.reporters.statement_json import MovementTexts, StatementHead, join_statement
from ledger.reporters.tabular import list_csv_lines
from ledger.text import format_money
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
)
_CSV_COLUMNS_OF_DAY = ("as_of", "revision")
# Stands in no JSON as it is.
_BETWEEN = "\0"
_LINE_END = "\r\n"


def write_csv_lines(view: PortalView) -> str:
    """Return the lines of the CSV, as a JSON list, without the columns that are the day's."""
    rows = map(_list_fields, view.statement.list_movements())
    lines = list_csv_lines(_CSV_COLUMNS, rows)
    return json.dumps([line.removesuffix(_LINE_END) for line in lines])


def make_csv(view: PortalView, lines: str) -> SiteFile:
    """Return the statement for spreadsheets, given its lines."""
    shown = {"as_of": view.as_of.isoformat(), "revision": view.revision}
    head, row = list_csv_lines(_CSV_COLUMNS_OF_DAY, [shown])
    first, *others = json.loads(lines)
    text = "".join([f"{first},{head}", *(f"{line},{row}" for line in others)])
    # Spreadsheets take a file for UTF-8 only if it begins with a byte order mark.
    return SiteFile(CSV_PATH, text.encode("utf-8-sig"))


def write_json_core(view: PortalView) -> str:
    """Return what of the JSON is not the day's."""
    file = view.statement_file
    figures = f"{file.opening_minutes} {file.closing_minutes}"
    return _BETWEEN.join((figures, file.movements, file.canonical))


def make_json(view: PortalView, core: str) -> SiteFile:
    """Return the statement for programs, given what of it is not the day's."""
    figures, movements, canonical = core.split(_BETWEEN)
    opening, closing = map(int, figures.split())
    head = StatementHead(
        customer=view.slug,
        from_=None,
        to=view.as_of,
        as_of=view.as_of,
        revision=view.revision,
        opening_minutes=opening,
        closing_minutes=closing,
    )
    text = join_statement(head, MovementTexts(movements, canonical))
    return SiteFile(JSON_PATH, text.encode("utf-8"))


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
