"""The Overview: what is left and for how long, whose turn it is, what is new, what ends when."""

from __future__ import annotations

from site_builder.charts import Hours, draw_course
from site_builder.forecast import HORIZON_DAYS, Forecast, Outlook, make_forecast
from site_builder.pages.dates import name_ending
from site_builder.pages.environment import PageRenderer
from site_builder.pages.news import list_news
from site_builder.pages.site import SitePage
from site_builder.pages.wording import Wording
from site_builder.view import PortalView

_DAYS_IN_YEAR = 365


def render_overview_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the first page of the portal, the only one with the as-of date."""
    wording, movements = renderer.wording, view.statement.movements
    forecast = make_forecast(movements, view.lots, view.as_of)
    opening = view.statement.opening_minutes
    words = map(wording.text, ("overview.hours_left", "overview.endings"))
    return renderer.render_page(
        "overview",
        " ".join(words),
        path="index",
        view=view,
        ending_names=[name_ending(ending, view, wording) for ending in view.endings],
        news=list_news(view, wording),
        hours=Hours(movements),
        outlook=describe_outlook(forecast, wording),
        forecast=forecast,
        course=draw_course(movements, opening, view.as_of, forecast.course),
    )


def describe_outlook(forecast: Forecast, wording: Wording) -> str:
    """Return in a sentence how long what is left will last; empty if nothing is left."""
    if forecast.outlook is Outlook.NOTHING_LEFT:
        return ""
    years = HORIZON_DAYS // _DAYS_IN_YEAR
    return wording.text(
        f"forecast.{forecast.outlook}",
        count=years if forecast.outlook is Outlook.LASTS_LONG else forecast.weeks,
        day=wording.day(forecast.last_day) if forecast.last_day else "",
        range=_describe_range(forecast, wording),
    )


def _describe_range(forecast: Forecast, wording: Wording) -> str:
    if forecast.earliest is None or forecast.earliest == forecast.latest:
        return ""
    earliest = wording.day(forecast.earliest)
    if forecast.latest is None:
        return wording.text("forecast.range_open", earliest=earliest)
    return wording.text("forecast.range", earliest=earliest, latest=wording.day(forecast.latest))
