"""The statement: every movement, month by month, with the balance before and after.

The page itself does not say as of which day it is, so that it stays as it is until something
moves. The document for the files does: it is a download, complete in itself, made for paper.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from ledger.figures.statement_sums import sum_movements
from site_builder.pages.environment import PageRenderer
from site_builder.pages.site import Heading, SearchEntry, SiteFile, SitePage
from site_builder.portal_view import PortalView

CSV_PATH = "statement.csv"
JSON_PATH = "statement.json"
DOCUMENT_PATH = "statement-document.html"

_DOCUMENT_PIECES = ("heading", "record")
# No text that is shown has it: see ``make_visible``.
_BETWEEN = "\0"

_MOST_LAID_OUT_AT_ONCE = 300
"""Movements; of a longer statement a browser lays out each month when the reader comes near."""


def render_statement_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the page of all movements, the newest month first."""
    wording = renderer.wording
    months = tuple(reversed(view.statement.months))
    body = renderer.render(
        "statement.html",
        {
            **_collect(view),
            "months": months,
            "csv_path": CSV_PATH,
            "json_path": JSON_PATH,
            "document_path": DOCUMENT_PATH,
        },
    )
    title = wording.text("statement.title")
    headings = [
        Heading(f"month-{month.first_day:%Y-%m}", wording.month(month.first_day))
        for month in months
    ]
    if months:
        headings.insert(0, Heading("sums", wording.text("statement.sums")))
    return SitePage(
        path="statement",
        title=title,
        body=body,
        headings=tuple(headings),
        search_entries=(
            SearchEntry(title, wording.text("statement.lead")),
            *(SearchEntry(f"{title}, {each.text}", "", each.anchor) for each in headings),
        ),
        show_contents=len(headings) > 1,
    )


def render_statement_record(view: PortalView, renderer: PageRenderer) -> str:
    """Return what of the document does not know as of which day it is: its heading, its tables."""
    values = _collect(view)
    pieces = (renderer.render(f"statement-{name}.html", values) for name in _DOCUMENT_PIECES)
    return _BETWEEN.join(pieces)


def render_statement_document(view: PortalView, renderer: PageRenderer, record: str) -> SiteFile:
    """Return the statement as a document to be printed and filed, with its date and commit.

    ``record`` is what ``render_statement_record`` has made.
    """
    pieces = map(Markup, record.split(_BETWEEN))
    values = {"view": view, **dict(zip(_DOCUMENT_PIECES, pieces, strict=True))}
    document = renderer.render("statement-document.html", values)
    return SiteFile(DOCUMENT_PATH, document.encode("utf-8"))


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
