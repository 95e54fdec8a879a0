"""The Overview: what is left, whose turn it is, what ends when. The only page with today's date."""

from __future__ import annotations

from dataclasses import asdict

from site_builder.charts import choose_visible, draw_card, draw_course
from site_builder.forecast import make_forecast
from site_builder.hours_charts import draw_categories, sum_hours
from site_builder.pages.ending_names import name_ending
from site_builder.pages.environment import PageRenderer
from site_builder.pages.news_lines import write_news_line
from site_builder.pages.outlook import choose_rows, describe_outlook, explain_outlook
from site_builder.pages.site import SearchEntry, SitePage
from site_builder.portal_view import PortalView

# Who opens the portal wants the state of things; the lists of everything have their own pages.
_MOST_LINES = 8
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
    movements = tuple(view.statement.list_movements())
    forecast = make_forecast(movements, view.lots, view.as_of)
    course = draw_course(view.statement.months, view.as_of, forecast.course)
    open_requests = [request for request in view.requests if not request.is_done]
    body = renderer.render(
        "overview.html",
        {
            "view": view,
            "mood": _choose_mood(view),
            "portal_ends": balance.portal_last_day,
            "cards_left": wording.cards(balance.remaining_minutes, view.terms.punchcard_minutes),
            "cards": [(lot, draw_card(lot, increment)) for lot in view.lots if lot.is_open],
            "open_requests": open_requests[:_MOST_LINES],
            "more_open_requests": len(open_requests[_MOST_LINES:]),
            "ending_names": [name_ending(ending, view, wording) for ending in view.endings],
            "figures": asdict(balance),
            "figure_names": _FIGURES,
            "news": [write_news_line(news, wording) for news in view.news[:_MOST_LINES]],
            "more_news": len(view.news[_MOST_LINES:]),
            "outlook": describe_outlook(forecast, wording),
            "outlook_grounds": explain_outlook(forecast, wording),
            "categories": draw_categories(sum_hours(movements)),
            "course": course,
            "expectations": (
                choose_rows(choose_visible(forecast.course, course.first_day, view.as_of))
                if course
                else []
            ),
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
