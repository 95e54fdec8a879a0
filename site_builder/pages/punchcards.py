"""Punchcards: every purchase and credit, what is left of it, and which entries drew on it."""

from __future__ import annotations

from site_builder.charts import draw_card
from site_builder.hours_charts import draw_categories, draw_months, sum_hours
from site_builder.pages.environment import PageRenderer
from site_builder.pages.site import Heading, SearchEntry, SitePage
from site_builder.view import PortalView


def render_punchcards_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the page of all purchases, cards and credits, the latest purchase first."""
    wording = renderer.wording
    hours = sum_hours(view.statement.list_movements())
    purchases = view.purchases[::-1]
    values = {
        "view": view,
        "hours": hours,
        "categories": draw_categories(hours),
        "months": draw_months(hours),
        "pictures": {lot.id: draw_card(lot, view.terms.increment_minutes) for lot in view.lots},
        "numbers": {lot.id: number for number, lot in enumerate(view.lots, start=1)},
        "purchases": purchases,
        "purchase_cards": {
            each.id: wording.text("cards", count=each.punchcards, number=each.punchcards)
            for each in purchases
        },
    }
    headings = [Heading("hours", wording.text("hours.title"))] if hours.categories else []
    headings += [
        Heading(f"purchase-{each.id}", wording.text("punchcards.purchase", id=each.id))
        for each in purchases
    ]
    if view.goodwill:
        headings.append(Heading("goodwill", wording.text("punchcards.goodwill")))
    return renderer.render_page(
        "punchcards",
        values,
        wording.text("punchcards.lead"),
        headings,
        [SearchEntry(heading.text, "", heading.anchor) for heading in headings],
        show_contents=len(headings) > 1,
    )
