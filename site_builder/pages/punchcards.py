"""Punchcards: every purchase and credit, what is left of it, and which entries drew on it."""

from __future__ import annotations

from ledger.balance.movements import Movement, MovementKind
from ledger.text import natural_key
from site_builder.charts import Hours
from site_builder.pages.environment import PageRenderer
from site_builder.pages.site import Heading, SearchEntry, SitePage
from site_builder.view import PortalView


def render_punchcards_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the page of all purchases, cards and credits, the latest purchase first."""
    wording, movements = renderer.wording, view.statement.movements
    hours = Hours(movements)
    uses: dict[str, list[tuple[Movement, int]]] = {lot.id: [] for lot in view.lots}
    for movement in movements:
        if movement.request is not None:
            for draw in movement.draws:
                uses[draw.lot].append((movement, draw.minutes))
    reasons = {
        each.reference: each.note for each in movements if each.kind == MovementKind.GOODWILL
    }
    purchases = sorted(
        (each for each in movements if each.kind == MovementKind.PURCHASE),
        key=lambda each: (each.date, natural_key(each.reference)),
        reverse=True,
    )
    headings = [Heading("hours", wording.text("hours.title"))] if hours.categories else []
    for id_ in (each.reference for each in purchases):
        headings.append(Heading(f"purchase-{id_}", wording.text("punchcards.purchase", id=id_)))
    if reasons:
        headings.append(Heading("goodwill", wording.text("punchcards.goodwill")))
    return renderer.render_page(
        "punchcards",
        wording.text("punchcards.lead"),
        headings,
        [SearchEntry(heading.text, "", heading.anchor) for heading in headings],
        show_contents=len(headings) > 1,
        view=view,
        hours=hours,
        numbers={lot.id: number for number, lot in enumerate(view.lots, start=1)},
        purchases=purchases,
        uses=uses,
        reasons=reasons,
    )
