"""The Overview: what is left and for how long, whose turn it is, what is new, what ends when."""

from __future__ import annotations

from collections.abc import Sequence

from site_builder.charts import Hours, draw_categories, draw_course
from site_builder.forecast import HORIZON_DAYS, Expectation, Forecast, Outlook, make_forecast
from site_builder.pages.dates import name_ending
from site_builder.pages.environment import PageRenderer
from site_builder.pages.news import list_news
from site_builder.pages.site import SitePage
from site_builder.pages.wording import Wording
from site_builder.view import PortalView

_MOST_ROWS_OF_FORECAST = 12
_DAYS_IN_YEAR = 365


def render_overview_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the first page of the portal, the only one with the as-of date."""
    wording, movements = renderer.wording, view.statement.movements
    forecast = make_forecast(movements, view.lots, view.as_of)
    opening = view.statement.opening_minutes
    course = draw_course(movements, opening, view.as_of, forecast.course)
    words = map(wording.text, ("overview.hours_left", "overview.endings"))
    return renderer.render_page(
        "overview",
        " ".join(words),
        path="index",
        view=view,
        ending_names=[name_ending(ending, view, wording) for ending in view.endings],
        news=list_news(view, wording),
        categories=draw_categories(Hours(movements)),
        outlook=describe_outlook(forecast, wording),
        outlook_grounds=_explain_outlook(forecast, wording),
        course=course,
        expectations=_choose_rows(course["forecast"]) if course else [],
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


def _explain_outlook(forecast: Forecast, wording: Wording) -> str:
    """Return what a forecast is based on; empty if there is none."""
    if not forecast.course:
        return ""
    pace = wording.minutes(forecast.weekly_minutes)
    sentences = [wording.text("forecast.pace", count=forecast.weeks, pace=pace)]
    if forecast.lost_minutes:
        lost = wording.minutes(forecast.lost_minutes)
        sentences.append(wording.text("forecast.lost", minutes=lost))
    return " ".join(sentences)


def _choose_rows(forecast: Sequence[Expectation]) -> list[Expectation]:
    """Return a few rows of a forecast, the last one among them."""
    step = max(1, -(-len(forecast) // _MOST_ROWS_OF_FORECAST))
    return [*forecast[::-step]][::-1]
