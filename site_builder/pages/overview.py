"""The Overview: what is left and for how long, whose turn it is, what is new, what ends when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from site_builder.charts import draw_card, draw_course
from site_builder.forecast import HORIZON_DAYS, Expectation, Forecast, Outlook, make_forecast
from site_builder.hours_charts import draw_categories, sum_hours
from site_builder.pages.dates import name_ending
from site_builder.pages.environment import PageRenderer
from site_builder.pages.site import SitePage
from site_builder.pages.wording import Wording
from site_builder.view import NewsView, PortalView

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
# Of a list of requests or news; the other pages have all of them.
_MOST_LINES = 8
_MOST_ROWS_OF_FORECAST = 12
_DAYS_IN_YEAR = 365


def render_overview_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the first page of the portal, the only one with the as-of date."""
    wording = renderer.wording
    balance, terms = view.balance, view.terms
    open_lots = [lot for lot in view.lots if lot.is_open]
    open_requests = [request for request in view.requests if not request.is_done]
    values = {
        "view": view,
        "mood": _choose_mood(view),
        "cards_left": wording.cards(balance.remaining_minutes, terms.punchcard_minutes),
        "cards": [(lot, draw_card(lot, terms.increment_minutes)) for lot in open_lots],
        "portal_ends": balance.portal_last_day,
        "open_requests": open_requests[:_MOST_LINES],
        "more_open_requests": len(open_requests[_MOST_LINES:]),
        "ending_names": [name_ending(ending, view, wording) for ending in view.endings],
        "news": [write_news_line(news, wording) for news in view.news[:_MOST_LINES]],
        "more_news": len(view.news[_MOST_LINES:]),
        "categories": draw_categories(sum_hours(view.statement.list_movements())),
        "figures": asdict(balance),
        "figure_names": _FIGURES,
        **_look_ahead(view, wording),
    }
    words = f"{wording.text('overview.hours_left')} {wording.text('overview.endings')}"
    return renderer.render_page("overview", values, words, path="index")


def _choose_mood(view: PortalView) -> str:
    if view.balance.overdrawn_minutes:
        return "overdrawn"
    return "low" if view.balance.low else "calm"


def _look_ahead(view: PortalView, wording: Wording) -> dict[str, Any]:
    """Return the balance over time and its forecast: in words, as a picture, as rows."""
    movements = [*view.statement.list_movements()]
    forecast = make_forecast(movements, view.lots, view.as_of)
    course = draw_course(movements, view.statement.opening_minutes, view.as_of, forecast.course)
    return {
        "outlook": describe_outlook(forecast, wording),
        "outlook_grounds": _explain_outlook(forecast, wording),
        "course": course,
        "expectations": _choose_rows(course.forecast) if course else [],
    }


def describe_outlook(forecast: Forecast, wording: Wording) -> str:
    """Return in a sentence how long what is left will last; empty if nothing is left."""
    match forecast.outlook:
        case Outlook.NOTHING_LEFT:
            return ""
        case Outlook.TOO_EARLY:
            return wording.text("forecast.too_early")
        case Outlook.NO_USE:
            return wording.text("forecast.no_use", count=forecast.weeks)
        case Outlook.LASTS_LONG:
            return wording.text("forecast.lasts_long", count=HORIZON_DAYS // _DAYS_IN_YEAR)
        case Outlook.LASTS_UNTIL if forecast.last_day is not None:
            day = wording.day(forecast.last_day)
            return wording.text(
                "forecast.lasts_until", day=day, range=_describe_range(forecast, wording)
            )
    raise ValueError(forecast.outlook)


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


@dataclass(frozen=True, slots=True)
class NewsLine:
    """A line of news: what it is about, the page that it links to, and what happened."""

    news: NewsView
    name: str
    link: str
    facts: str


def write_news_line(news: NewsView, wording: Wording) -> NewsLine:
    """Return the line for one piece of news."""
    if news.kind == "request":
        facts, name = [*_list_facts(news, wording)], news.title or ""
        link = f"requests/{news.reference}.html"
    else:
        facts, name = (
            [wording.signed_minutes(news.charged_minutes)],
            wording.label("movement", news.kind),
        )
        link = "punchcards.html"
    if news.is_late:
        facts.append(wording.text("news.late"))
    return NewsLine(news, name, link, wording.text("news.join").join(facts))


def _list_facts(news: NewsView, wording: Wording) -> Iterator[str]:
    if news.is_opened:
        yield wording.text("news.opened")
    if news.moved_to is not None:
        yield wording.text(f"news.moved_to_{news.moved_to}")
    if news.status is not None:
        yield wording.text("request.status_is", status=wording.label("status", news.status))
    if news.entries:
        yield wording.text("news.entries", count=news.entries)
    if news.corrections:
        yield wording.text("news.corrections", count=news.corrections)
    if news.charged_minutes:
        yield wording.text("news.charged", minutes=wording.signed_minutes(-news.charged_minutes))
    if news.free_minutes:
        yield wording.text("news.free", minutes=wording.minutes(news.free_minutes))
    if news.notes:
        yield wording.text("news.notes", count=news.notes)
