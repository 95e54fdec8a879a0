"""The statement: every movement by month, as a page, a document for the files, CSV and JSON.

The page does not show the as-of date; the downloads, complete in themselves, do.
"""

from __future__ import annotations

from ledger.balance.json_values import to_json
from ledger.output.tabular import format_csv
from site_builder.pages.environment import PageRenderer
from site_builder.pages.site import Heading, SearchEntry, SiteFile, SitePage
from site_builder.view import PortalView

CSV_PATH = "statement.csv"
JSON_PATH = "statement.json"
DOCUMENT_PATH = "statement-document.html"

_CSV_COLUMNS = (
    *("date", "kind", "reference", "request", "consultant", "category", "worked_minutes"),
    *("minutes", "balance_minutes", "amount", "note", "as_of", "revision"),
)


def render_statement_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the page of all movements, the newest month first."""
    wording, months = renderer.wording, view.months[::-1]
    headings = [Heading("sums", wording.text("statement.sums"))] if months else []
    headings += [
        Heading(f"month-{month.first_day:%Y-%m}", wording.month(month.first_day))
        for month in months
    ]
    title = wording.text("statement.title")
    return renderer.render_page(
        "statement",
        wording.text("statement.lead"),
        headings,
        [SearchEntry(f"{title}, {each.text}", "", each.anchor) for each in headings],
        show_contents=len(headings) > 1,
        view=view,
        csv_path=CSV_PATH,
        json_path=JSON_PATH,
        document_path=DOCUMENT_PATH,
    )


def make_document(view: PortalView, renderer: PageRenderer) -> SiteFile:
    """Return the statement as a page to be printed and filed, with its date and commit."""
    return SiteFile(DOCUMENT_PATH, renderer.render("statement-document.html", view=view).encode())


def make_csv(view: PortalView, _renderer: PageRenderer) -> SiteFile:
    """Return the statement for spreadsheets, with the names of people."""
    origin = {"as_of": view.as_of.isoformat(), "revision": view.revision}
    rows = [{**movement, **origin} for movement in to_json(view.statement)["movements"]]
    # A byte order mark, without which spreadsheets do not read the file as UTF-8.
    return SiteFile(CSV_PATH, format_csv(_CSV_COLUMNS, rows).encode("utf-8-sig"))


def make_json(view: PortalView, _renderer: PageRenderer) -> SiteFile:
    """Return the statement for programs, as ``punchcard statement --format json`` writes it."""
    return SiteFile(JSON_PATH, view.statement_json.encode())
