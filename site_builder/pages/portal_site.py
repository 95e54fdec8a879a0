"""The pages of a portal: a function says what the template of its name is told, beside the view.

``PAGES`` has those of the menu, and ``DOWNLOADS`` the files. Only the Overview has the as-of date,
and Buy hours, whose forecast begins on it: every other page stays as it is until something happens.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from typing import Any, TypeAlias

from ledger.balance.forecast import HORIZON_YEARS, Forecast, Outlook
from ledger.balance.movements import Movement, MovementKind
from ledger.dates import ONE_DAY
from ledger.text import cut_text, natural_key
from ledger.wording import Wording
from site_builder.charts import Hours, draw_course
from site_builder.pages import downloads
from site_builder.pages.brand import describe_brand, list_brand_files
from site_builder.pages.environment import DEFAULT_STYLE, PageRenderer, PageStyle, make_renderer
from site_builder.pages.news import list_news, sum_up_news
from site_builder.pages.offers import list_offers
from site_builder.pages.search import list_entries, render_search_page
from site_builder.pages.site import PortalSite, SiteFile, SitePage
from site_builder.pages.situation import describe_situation
from site_builder.pages.status import describe_status
from site_builder.pages.untrusted import make_visible, render_markdown
from site_builder.view import PortalView

Values: TypeAlias = Mapping[str, Any]

_LONGEST_SUBJECT = 100
# Of a longer story, earlier days are folded, so that about so much of it is shown.
_LONGEST_STORY, _SHOWN_ACTS = 40, 20


def describe_overview(view: PortalView, wording: Wording) -> Values:
    """The first page of the portal."""
    movements, forecast, news = view.statement.movements, view.forecast, list_news(view, wording)
    return {
        "endings": [(downloads.name_ending(each, view, wording), each) for each in view.endings],
        "news": news,
        "news_sum": sum_up_news(news, wording),
        "situation": describe_situation(view, forecast, wording),
        "hours": Hours(movements),
        "outlook": describe_outlook(forecast, wording),
        "forecast": forecast,
        "course": draw_course(movements, view.as_of, forecast, view.terms.low_balance_minutes),
    }


def describe_outlook(forecast: Forecast, wording: Wording) -> str:
    """Return in a sentence how long what is left will last; empty if nothing is left."""
    if forecast.outlook is Outlook.NOTHING_LEFT:
        return ""
    last_day, earliest, latest = (
        wording.day(day) if day else ""
        for day in (forecast.last_day, forecast.earliest, forecast.latest)
    )
    likely = ""
    if earliest and earliest != latest:
        name = "forecast.range" if latest else "forecast.range_open"
        likely = wording.text(name, earliest=earliest, latest=latest)
    is_long = forecast.outlook is Outlook.LASTS_LONG
    count = HORIZON_YEARS if is_long else forecast.weeks
    return wording.text(f"forecast.{forecast.outlook}", count=count, day=last_day, range=likely)


def describe_requests(view: PortalView, wording: Wording) -> Values:
    """The list of all requests, with what time on each is charged as now."""
    of_support = view.terms.uses.of_support or "none"
    rows = [
        (each, of_support if each.channel == "support" else each.category or "none")
        for each in view.requests
    ]
    return {
        "rows": rows,
        "status_words": wording.section("status").items(),
        "category_words": wording.section("category").items(),
        "statuses": Counter(request.status for request in view.requests),
        "categories": Counter(category for _, category in rows),
    }


def render_request_pages(view: PortalView, renderer: PageRenderer) -> Iterator[SitePage]:
    """Yield a page for each request; the list links to them, the menu does not."""
    wording = renderer.wording
    for request in view.requests:
        line = cut_text(" ".join(make_visible(request.title).split()), _LONGEST_SUBJECT)
        story = request.story
        numbers = list(accumulate(len(acts) for _day, acts in reversed(story)))
        shown = bisect_left(numbers, _SHOWN_ACTS) + 1 if numbers[-1] > _LONGEST_STORY else 0
        body = renderer.render(
            "request.html",
            view=view,
            request=request,
            story=story,
            earlier=story[1:-shown] if shown else [],
            description=render_markdown(request.description or ""),
            whose_turn=describe_status(request, view, wording),
            # What `punchcard request receive` knows an answer by.
            subject=f"[{request.id}] {line}",
        )
        title = make_visible(wording.text("request.page_title", id=request.id, title=request.title))
        yield SitePage(f"requests/{request.id}", title, body, in_navigation=False)


def describe_punchcards(view: PortalView, _wording: Wording) -> Values:
    """All purchases, cards and credits, the latest purchase first."""
    movements = view.statement.movements
    uses: dict[str, list[tuple[Movement, int]]] = {lot.id: [] for lot in view.lots}
    spent: dict[str, Counter[str]] = {lot.id: Counter() for lot in view.lots}
    for movement in movements:
        if movement.request is not None:
            for draw in movement.draws:
                uses[draw.lot].append((movement, draw.minutes))
                spent[draw.lot][movement.request] += draw.minutes
    purchases = [each for each in movements if each.kind == MovementKind.PURCHASE]
    purchases.sort(key=lambda each: (each.date, natural_key(each.reference)), reverse=True)
    return {
        "hours": Hours(movements),
        "numbers": {lot.id: number for number, lot in enumerate(view.lots, start=1)},
        "purchases": purchases,
        "uses": uses,
        "spent": spent,
        "reasons": {
            each.reference: each.note for each in movements if each.kind == MovementKind.GOODWILL
        },
    }


def describe_statement(view: PortalView, wording: Wording) -> Values:
    """All movements, the newest month first."""
    return {
        "months": view.months[::-1],
        "apart": view.months_apart,
        "csv_path": downloads.CSV_PATH,
        "json_path": downloads.JSON_PATH,
        "document_path": downloads.DOCUMENT_PATH,
        "periods": [
            (downloads.name_period(each, wording), downloads.list_period_files(view, each))
            for each in view.periods
        ],
    }


def render_month_pages(view: PortalView, renderer: PageRenderer) -> Iterator[SitePage]:
    """Yield a page for each month that the statement has no room for."""
    for month in view.months_apart:
        name = renderer.wording.month(month.first_day)
        title = f"{renderer.wording.text('statement.title')}, {name}"
        body = renderer.render("statement-month.html", view=view, month=month, title=title)
        yield SitePage(f"statement/{month.first_day:%Y-%m}", title, body, in_navigation=False)


def describe_nothing_more(_view: PortalView, _wording: Wording) -> Values:
    """A page of words alone, or with a form, which ``ledger.intake.mail`` reads."""
    return {}


def describe_offers(view: PortalView, wording: Wording) -> Values:
    """What punchcards cost, how long they would last, and the form to order some."""
    offers, now = list_offers(view), view.forecast
    forecast = offers[-1].forecast
    pace = describe_outlook(forecast, wording)
    is_known = forecast.outlook in {Outlook.LASTS_UNTIL, Outlook.LASTS_LONG}
    if is_known:
        weekly = wording.minutes(forecast.weekly_minutes)
        pace = wording.text("buy_hours.pace", count=forecast.weeks, pace=weekly)
    return {
        "lead": wording.text(f"buy_hours.lead{'' if view.provider.shows_money else '_only'}"),
        "offers": [(each, _name_last_day(each.forecast, wording)) for each in offers],
        "is_known": is_known,
        "pace": pace,
        "situation": describe_situation(view, now, wording),
        "outlook": describe_outlook(now, wording) if is_known else "",
    }


def _name_last_day(forecast: Forecast, wording: Wording) -> str:
    if forecast.last_day is not None:
        return wording.day(forecast.last_day)
    is_long = forecast.outlook is Outlook.LASTS_LONG
    return describe_outlook(forecast, wording) if is_long else wording.text("none")


def describe_dates(_view: PortalView, _wording: Wording) -> Values:
    """Accounts, licences, services and the portal's own last day."""
    return {"calendar_path": downloads.CALENDAR_PATH, "feed_path": downloads.FEED_PATH}


def describe_terms(view: PortalView, wording: Wording) -> Values:
    """The terms in force; earlier ones with their last day, the day before the next ones."""
    newer = (view.terms, *view.earlier_terms)
    ends = (each.effective - ONE_DAY for each in newer)
    file = view.provider.brand.find_terms(wording.language)
    in_full = render_markdown(view.brand_files[file].decode(), is_own=True) if file else None
    return {"earlier": [*zip(view.earlier_terms, ends, strict=False)], "in_full": in_full}


# In the order of the menu.
PAGES: Mapping[str, Callable[[PortalView, Wording], Values]] = {
    "overview": describe_overview,
    "requests": describe_requests,
    "punchcards": describe_punchcards,
    "statement": describe_statement,
    "new-request": describe_nothing_more,
    "buy-hours": describe_offers,
    "support": describe_nothing_more,
    "dates": describe_dates,
    "terms": describe_terms,
}
# A download returns None if there is nothing to put into it.
DOWNLOADS = (
    downloads.make_csv,
    downloads.make_json,
    downloads.make_document,
    downloads.make_calendar,
    downloads.make_feed,
)


def render_portal(view: PortalView, style: PageStyle = DEFAULT_STYLE) -> PortalSite:
    """Return the finished portal of one customer."""
    terms = (*view.earlier_terms[::-1], view.terms)
    renderer = make_renderer(style.fit_to_reader(view.language).fit_to_terms(terms))
    customer, provider = make_visible(view.name), make_visible(view.provider.name)
    wording = renderer.wording
    pages = [
        SitePage(
            "index" if name == "overview" else name,
            wording.text(f"{name.replace('-', '_')}.title"),
            renderer.render(f"{name}.html", view=view, **describe(view, wording)),
        )
        for name, describe in PAGES.items()
    ]
    pages.append(render_search_page(pages, list_entries(view, wording), renderer))
    return PortalSite(
        texts={
            "site_name": wording.text("site.name", customer=customer, provider=provider),
            "customer_name": customer,
            "provider_name": provider,
            "language": wording.language,
            **describe_brand(view),
        },
        language=wording.language,
        labels=wording.section("theme"),
        pages=(*pages, *render_month_pages(view, renderer), *render_request_pages(view, renderer)),
        files=(
            *list_brand_files(view),
            *filter(None, (make(view, renderer) for make in DOWNLOADS)),
            *downloads.make_period_files(view, renderer),
            *(
                SiteFile(each.path, each.read)
                for request in view.requests
                for each in request.attachments
            ),
        ),
    )
