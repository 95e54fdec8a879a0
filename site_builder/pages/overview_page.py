"""The Overview: what is left, whose turn it is, what ends when. The only page with today's date."""

from __future__ import annotations

from dataclasses import asdict

from site_builder.charts import draw_card, draw_course
from site_builder.pages.environment import PageRenderer
from site_builder.pages.site import SearchEntry, SitePage
from site_builder.pages.wording import Wording
from site_builder.portal_view import EndingView, PortalView

_FIGURES = (
    "purchased_minutes",
    "goodwill_minutes",
    "used_minutes",
    "refunded_minutes",
    "expired_minutes",
    "remaining_minutes",
    "overdrawn_minutes",
    "balance_minutes",
)


def render_overview_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the first page of the portal."""
    wording = renderer.wording
    balance = view.balance
    increment = view.terms.increment_minutes
    body = renderer.render(
        "overview.html",
        {
            "view": view,
            "mood": _choose_mood(view),
            "portal_ends": balance.portal_last_day,
            "cards_left": wording.cards(balance.remaining_minutes, view.terms.punchcard_minutes),
            "cards": [(lot, draw_card(lot, increment)) for lot in view.lots if lot.is_open],
            "open_requests": [request for request in view.requests if not request.is_done],
            "ending_names": [_name_ending(ending, view, wording) for ending in view.endings],
            "figures": asdict(balance),
            "figure_names": _FIGURES,
            "course": draw_course(view.statement.months, view.as_of),
        },
    )
    title = wording.text("overview.title")
    words = [wording.text("overview.hours_left"), wording.text("overview.endings")]
    return SitePage(
        path="index",
        title=title,
        body=body,
        search_entries=(SearchEntry(title, " ".join(words)),),
    )


def _choose_mood(view: PortalView) -> str:
    if view.balance.overdrawn_minutes:
        return "overdrawn"
    return "low" if view.balance.low else "calm"


def _name_ending(ending: EndingView, view: PortalView, wording: Wording) -> str:
    subject = ending.subject
    if ending.kind == "account":
        subject = next(
            (person.name for person in view.accounts if person.email == subject), subject
        )
    if ending.kind == "card":
        subject = wording.text("lot.card", id=subject)
    return wording.text(f"ending.{ending.kind}", subject=subject)
