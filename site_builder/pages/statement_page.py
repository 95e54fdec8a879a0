"""The statement: every movement, month by month, with the balance before and after."""

from __future__ import annotations

from site_builder.pages.downloads import CSV_PATH, JSON_PATH
from site_builder.pages.environment import PageRenderer
from site_builder.pages.site import Heading, SearchEntry, SitePage
from site_builder.portal_view import PortalView


def render_statement_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the page of all movements, the newest month first."""
    wording = renderer.wording
    months = tuple(reversed(view.statement.months))
    body = renderer.render(
        "statement.html",
        {"view": view, "months": months, "csv_path": CSV_PATH, "json_path": JSON_PATH},
    )
    title = wording.text("statement.title")
    headings = tuple(
        Heading(f"month-{month.first_day:%Y-%m}", wording.month(month.first_day))
        for month in months
    )
    return SitePage(
        path="statement",
        title=title,
        body=body,
        headings=headings,
        search_entries=(
            SearchEntry(title, wording.text("statement.lead")),
            *(SearchEntry(f"{title}, {each.text}", "", each.anchor) for each in headings),
        ),
        show_contents=len(headings) > 1,
    )
