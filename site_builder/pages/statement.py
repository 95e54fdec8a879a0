"""The statement: every movement by month, as a page, a document for the files, CSV and JSON.

The page does not show the as-of date; the downloads, complete in themselves, do.
"""

from __future__ import annotations

from typing import Any

from ledger.balance.statement import sum_movements
from ledger.output.tabular import format_csv
from ledger.text import format_money
from site_builder.pages.environment import PageRenderer
from site_builder.pages.site import Heading, SearchEntry, SiteFile, SitePage
from site_builder.view import MovementView, PortalView

CSV_PATH = "statement.csv"
JSON_PATH = "statement.json"
DOCUMENT_PATH = "statement-document.html"

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
# In a statement with more movements the browser lays a month out only when it is scrolled to.
_MOST_LAID_OUT_AT_ONCE = 300


def render_statement_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the page of all movements, the newest month first."""
    wording = renderer.wording
    months = view.statement.months[::-1]
    values = {
        **_collect(view),
        "months": months,
        "csv_path": CSV_PATH,
        "json_path": JSON_PATH,
        "document_path": DOCUMENT_PATH,
    }
    title = wording.text("statement.title")
    headings = [Heading("sums", wording.text("statement.sums"))] if months else []
    headings += [
        Heading(f"month-{month.first_day:%Y-%m}", wording.month(month.first_day))
        for month in months
    ]
    return renderer.render_page(
        "statement",
        values,
        wording.text("statement.lead"),
        headings,
        [SearchEntry(f"{title}, {each.text}", "", each.anchor) for each in headings],
        show_contents=len(headings) > 1,
    )


def make_document(view: PortalView, renderer: PageRenderer) -> SiteFile:
    """Return the statement as a page to be printed and filed, with its date and commit."""
    document = renderer.render("statement-document.html", _collect(view))
    return SiteFile(DOCUMENT_PATH, document.encode())


def make_csv(view: PortalView, _renderer: PageRenderer) -> SiteFile:
    """Return the statement for spreadsheets, with the names of people."""
    rows = [_list_fields(movement, view) for movement in view.statement.list_movements()]
    # A byte order mark, without which spreadsheets do not read the file as UTF-8.
    return SiteFile(CSV_PATH, format_csv(_CSV_COLUMNS, rows).encode("utf-8-sig"))


def make_json(view: PortalView, _renderer: PageRenderer) -> SiteFile:
    """Return the statement for programs, as ``punchcard statement --format json`` writes it."""
    return SiteFile(JSON_PATH, view.statement_json.encode())


def _collect(view: PortalView) -> dict[str, Any]:
    months = view.statement.months
    movements = tuple(view.statement.list_movements())
    return {
        "view": view,
        "all_months": months,
        "sums": sum_movements(movements),
        "is_long": len(movements) > _MOST_LAID_OUT_AT_ONCE,
        "sums_of": {month.first_day: sum_movements(month.movements) for month in months},
        "first_day": movements[0].date if movements else None,
        "last_day": movements[-1].date if movements else None,
    }


def _list_fields(movement: MovementView, view: PortalView) -> dict[str, Any]:
    row = {name: getattr(movement, name, None) for name in _CSV_COLUMNS}
    amount = movement.amount
    return {
        **row,
        "date": movement.date.isoformat(),
        "amount": None if amount is None else format_money(amount),
        "as_of": view.as_of.isoformat(),
        "revision": view.revision,
    }
