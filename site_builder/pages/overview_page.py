"""The Overview: what is left, whose turn it is, what ends when. The only page with today's date."""

from __future__ import annotations

from site_builder.charts import choose_visible, draw_course, find_room
from site_builder.forecast import make_forecast
from site_builder.pages.environment import PageRenderer
from site_builder.pages.news_lines import write_news_line
from site_builder.pages.outlook import choose_rows, describe_outlook, explain_outlook
from site_builder.pages.overview_core import MOST_LINES, read_overview_core
from site_builder.pages.site import SearchEntry, SitePage
from site_builder.portal_view import PortalView


def render_overview_page(view: PortalView, renderer: PageRenderer, core: str) -> SitePage:
    """Return the first page of the portal, given what of it stays from week to week."""
    wording = renderer.wording
    lasting = read_overview_core(core)
    first_day = min((step.date for step in lasting.steps), default=view.as_of)
    room = find_room(first_day, view.as_of)
    forecast = make_forecast(lasting.steps, lasting.lots, view.as_of, room)
    course = draw_course(lasting.steps, lasting.opening_minutes, view.as_of, forecast.course)
    body = renderer.render(
        "overview.html",
        {
            "view": view,
            "lasting": {"hours": "", **lasting.pieces},
            "ending_names": lasting.ending_names,
            "news": [write_news_line(news, wording) for news in view.news[:MOST_LINES]],
            "more_news": len(view.news[MOST_LINES:]),
            "outlook": describe_outlook(forecast, wording),
            "outlook_grounds": explain_outlook(forecast, wording),
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
