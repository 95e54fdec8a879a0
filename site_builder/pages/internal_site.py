"""The provider's own pages: all customers at once, for the inside only.

What needs attention comes first. Every page says at its top, in words, that it is internal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

from site_builder.hours_charts import draw_categories, draw_months
from site_builder.pages.environment import DEFAULT_STYLE, PageRenderer, PageStyle, make_renderer
from site_builder.pages.internal_bars import AGE_LIMITS, count_ages, draw_bars
from site_builder.pages.overview import describe_outlook
from site_builder.pages.site import PortalSite, SearchEntry, SiteFile, SitePage, ThemeTexts
from site_builder.pages.untrusted import make_visible
from site_builder.pages.wording import Wording
from site_builder.provider_overview import (
    CustomerLine,
    NamedEnding,
    OpenRequest,
    ProviderOverview,
)
from site_builder.view import Turn

STYLE_PATH = "assets/stylesheets/internal.css"

_STYLE_SOURCE = Path(__file__).parent / "templates" / "internal.css"
_SOON_DAYS = 30
_QUIET_DAYS = 7
# The first page is read in a minute; the others have everything.
_MOST_LINES = 8
_FIGURES = (
    "purchased_minutes",
    "goodwill_minutes",
    "used_minutes",
    "refunded_minutes",
    "expired_minutes",
    "remaining_minutes",
    "overdrawn_minutes",
)

_Values: TypeAlias = Mapping[str, Any]


def render_internal_site(
    overview: ProviderOverview, style: PageStyle = DEFAULT_STYLE
) -> PortalSite:
    """Return the finished site."""
    renderer = make_renderer(style)
    return PortalSite(
        texts=_make_theme_texts(overview, renderer.wording),
        pages=tuple(
            _render_page(path, collect(overview, renderer.wording), overview, renderer)
            for path, collect in _PAGES.items()
        ),
        files=(SiteFile(STYLE_PATH, _STYLE_SOURCE.read_bytes()),),
    )


def _render_page(
    path: str, values: _Values, overview: ProviderOverview, renderer: PageRenderer
) -> SitePage:
    title = renderer.wording.text(f"internal.{path}")
    body = renderer.render(
        f"internal-{path}.html",
        {"overview": overview, "title": title, "style_path": STYLE_PATH, **values},
    )
    return SitePage(path, title, body, search_entries=tuple(_list_entries(path, title, overview)))


def _list_entries(path: str, title: str, overview: ProviderOverview) -> Iterator[SearchEntry]:
    yield SearchEntry(title, "")
    if path == "customers":
        for line in overview.customers:
            yield SearchEntry(make_visible(line.name), line.slug, f"customer-{line.slug}")
    if path == "requests":
        for item in overview.requests:
            name = make_visible(f"{item.request.id} {item.request.title}")
            yield SearchEntry(name, make_visible(item.customer), f"request-{item.request.id}")


def _collect_attention(overview: ProviderOverview, wording: Wording) -> _Values:
    to_talk_to = sorted(
        (line for line in overview.customers if line.needs_a_word), key=_neediest_first
    )
    ours = sorted(
        (each for each in overview.requests if each.request.turn is Turn.PROVIDER),
        key=_quietest_first,
    )
    soon = [
        each
        for each in overview.endings
        if (each.ending.last_day - overview.as_of).days <= _SOON_DAYS
    ]
    overdrawn = [line for line in to_talk_to if line.balance.overdrawn_minutes]
    forgotten = [each for each in ours if each.days_quiet >= _QUIET_DAYS]
    return {
        "counts": (
            ("overdrawn", len(overdrawn), "balances", "bad"),
            ("low", len(to_talk_to) - len(overdrawn), "balances", "warn"),
            ("forgotten", len(forgotten), "waiting", "warn"),
            ("soon", len(soon), "endings", "warn"),
        ),
        "to_talk_to": to_talk_to,
        "outlooks": {line.slug: _describe_outlook(line, wording) for line in to_talk_to},
        "waiting": ours[:_MOST_LINES],
        "more_waiting": len(ours[_MOST_LINES:]),
        "endings": _name_endings(soon[:_MOST_LINES], wording),
        "more_endings": len(soon[_MOST_LINES:]),
        "soon_days": _SOON_DAYS,
        "quiet_days": _QUIET_DAYS,
        "turns": {
            turn.value: sum(1 for each in overview.requests if each.request.turn is turn)
            for turn in (Turn.PROVIDER, Turn.CUSTOMER)
        },
        "week_minutes": sum(line.week_minutes for line in overview.customers),
    }


def _collect_customers(overview: ProviderOverview, wording: Wording) -> _Values:
    return {
        "figure_names": _FIGURES,
        "sums": {name: overview.sum_balances(name) for name in _FIGURES},
        "portals": {line.slug: _describe_portal(line, wording) for line in overview.customers},
    }


def _collect_requests(overview: ProviderOverview, wording: Wording) -> _Values:
    counts = count_ages(overview.requests)
    rows = list(zip(_name_ages(wording), counts, strict=True))
    return {
        "ages": rows,
        "age_bars": draw_bars((name, count, str(count)) for name, count in rows),
    }


def _collect_work(overview: ProviderOverview, wording: Wording) -> _Values:
    work = overview.work
    return {
        "hours": work.hours,
        "months": draw_months(work.hours),
        "categories": draw_categories(work.hours),
        "consultant_bars": draw_bars(
            (each.name, each.charged_minutes, wording.minutes(each.charged_minutes))
            for each in work.consultants
        ),
    }


def _collect_dates(overview: ProviderOverview, wording: Wording) -> _Values:
    return {"endings": _name_endings(overview.endings, wording)}


_PAGES: Mapping[str, Callable[[ProviderOverview, Wording], _Values]] = {
    "index": _collect_attention,
    "customers": _collect_customers,
    "requests": _collect_requests,
    "work": _collect_work,
    "dates": _collect_dates,
}


def _name_ages(wording: Wording) -> Iterator[str]:
    yield wording.text("internal.younger", count=AGE_LIMITS[0])
    for first, after in pairwise(AGE_LIMITS):
        yield wording.text("internal.between", first=first, last=after - 1)
    yield wording.text("internal.older", count=AGE_LIMITS[-1])


def _describe_outlook(line: CustomerLine, wording: Wording) -> str:
    return describe_outlook(line.forecast, wording)


def _describe_portal(line: CustomerLine, wording: Wording) -> str:
    state, last_day = line.balance.portal_state, line.balance.portal_last_day
    day = "" if last_day is None else wording.short_day(last_day)
    return wording.text(f"internal_portal.{state}", day=day)


def _name_endings(
    endings: list[NamedEnding] | tuple[NamedEnding, ...], wording: Wording
) -> list[tuple[NamedEnding, str]]:
    return [(each, _name_ending(each, wording)) for each in endings]


def _name_ending(each: NamedEnding, wording: Wording) -> str:
    kind, subject = each.ending.kind, each.subject
    if kind == "portal":
        return wording.text("internal.portal_ends")
    if kind == "card":
        subject = wording.text("lot.card", id=subject)
    return wording.text(f"ending.{kind}", subject=subject)


def _neediest_first(line: CustomerLine) -> tuple[object, ...]:
    return (line.balance.balance_minutes, line.name)


def _quietest_first(item: OpenRequest) -> tuple[object, ...]:
    return (-item.days_quiet, item.request.opened, item.customer, item.request.id)


def _make_theme_texts(overview: ProviderOverview, wording: Wording) -> ThemeTexts:
    provider = make_visible(overview.provider_name)
    own = dict(wording.section("internal_theme"))
    return ThemeTexts(
        site_name=wording.text("internal.site", provider=provider),
        customer_name=wording.text("internal.all_customers"),
        provider_name=provider,
        language=wording.language,
        labels=tuple((key, own.get(key, word)) for key, word in wording.section("theme")),
    )
