"""Punchcards: every purchase and credit, what is left of it, and what drew on it."""

from __future__ import annotations

from site_builder.charts import draw_card
from site_builder.hours_charts import draw_categories, draw_months, sum_hours
from site_builder.pages.environment import PageRenderer
from site_builder.pages.site import Heading, SearchEntry, SitePage
from site_builder.portal_view import PortalView


def render_punchcards_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the page of all purchases, cards and credits."""
    wording = renderer.wording
    increment = view.terms.increment_minutes
    hours = sum_hours(view.statement.list_movements())
    # The latest first, as in the statement: its cards are the ones that are in use.
    purchases = tuple(reversed(view.purchases))
    body = renderer.render(
        "punchcards.html",
        {
            "view": view,
            "hours": hours,
            "categories": draw_categories(hours),
            "months": draw_months(hours),
            "pictures": {lot.id: draw_card(lot, increment) for lot in view.lots},
            "numbers": {lot.id: number for number, lot in enumerate(view.lots, start=1)},
            "purchases": purchases,
            "purchase_cards": {
                purchase.id: wording.text(
                    "cards", count=purchase.punchcards, number=purchase.punchcards
                )
                for purchase in purchases
            },
        },
    )
    title = wording.text("punchcards.title")
    headings = [Heading("hours", wording.text("hours.title"))] if hours.categories else []
    headings += [
        Heading(f"purchase-{purchase.id}", wording.text("punchcards.purchase", id=purchase.id))
        for purchase in purchases
    ]
    if view.goodwill:
        headings.append(Heading("goodwill", wording.text("punchcards.goodwill")))
    return SitePage(
        path="punchcards",
        title=title,
        body=body,
        headings=tuple(headings),
        search_entries=(
            SearchEntry(title, wording.text("punchcards.lead")),
            *(SearchEntry(heading.text, "", heading.anchor) for heading in headings),
        ),
        show_contents=len(headings) > 1,
    )
