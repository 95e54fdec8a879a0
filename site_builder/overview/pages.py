"""The provider's own pages: all customers at once, for the inside only.

What needs attention comes first. Every page says at its top, in words, that it is internal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

from site_builder.charts import draw_bars, draw_categories, draw_months
from site_builder.overview.figures import OpenRequest, ProviderOverview
from site_builder.pages.environment import DEFAULT_STYLE, PageStyle, make_renderer
from site_builder.pages.overview import describe_outlook
from site_builder.pages.site import PortalSite, SearchEntry, SiteFile, SitePage, ThemeTexts
from site_builder.pages.untrusted import make_visible
from site_builder.pages.wording import Wording
from site_builder.view import Turn

_STYLE_PATH = "assets/stylesheets/internal.css"
_STYLE_SOURCE = Path(__file__).parent / "internal.css"
_SOON_DAYS = 30
_QUIET_DAYS = 7
# Days that a request is open: the ends of the first three groups.
_AGE_LIMITS = (7, 28, 91)

_Values: TypeAlias = Mapping[str, Any]


def render_internal_site(
    overview: ProviderOverview, style: PageStyle = DEFAULT_STYLE
) -> PortalSite:
    """Return the finished site."""
    renderer = make_renderer(style)
    wording, provider = renderer.wording, make_visible(overview.provider_name)
    pages = []
    for path, collect in _PAGES.items():
        title = wording.text(f"internal.{path}")
        values = {"overview": overview, "title": title, "style_path": _STYLE_PATH}
        own = collect(overview, wording)
        body = renderer.render(f"internal-{path}.html", **values, **own)
        entries = (SearchEntry(title, ""), *_list_entries(path, overview))
        pages.append(SitePage(path, title, body, search_entries=entries))
    own_labels = dict(wording.section("internal_theme"))
    return PortalSite(
        texts=ThemeTexts(
            site_name=wording.text("internal.site", provider=provider),
            customer_name=wording.text("internal.all_customers"),
            provider_name=provider,
            language=wording.language,
            labels=tuple(
                (key, own_labels.get(key, word)) for key, word in wording.section("theme")
            ),
        ),
        pages=tuple(pages),
        files=(SiteFile(_STYLE_PATH, _STYLE_SOURCE.read_bytes()),),
    )


def _list_entries(path: str, overview: ProviderOverview) -> Iterator[SearchEntry]:
    if path == "customers":
        for line in overview.customers:
            slug = line.balance.customer
            yield SearchEntry(make_visible(line.balance.name), slug, f"customer-{slug}")
    if path == "requests":
        for item in overview.requests:
            name = make_visible(f"{item.request.id} {item.request.title}")
            yield SearchEntry(name, make_visible(item.customer), f"request-{item.request.id}")


def _collect_attention(overview: ProviderOverview, wording: Wording) -> _Values:
    to_talk_to = sorted(
        (line for line in overview.customers if line.needs_a_word),
        key=lambda line: (line.balance.balance_minutes, line.balance.name),
    )
    ours = sorted(
        (each for each in overview.requests if each.request.turn is Turn.PROVIDER),
        key=lambda each: (-each.days_quiet, each.request.opened, each.customer, each.request.id),
    )
    soon = [each for each in overview.endings if each.days_left <= _SOON_DAYS]
    overdrawn = sum(line.balance.overdrawn_minutes > 0 for line in to_talk_to)
    forgotten = sum(each.days_quiet >= _QUIET_DAYS for each in ours)
    return {
        "counts": (
            ("overdrawn", overdrawn, "balances", "bad"),
            ("low", len(to_talk_to) - overdrawn, "balances", "warn"),
            ("forgotten", forgotten, "waiting", "warn"),
            ("soon", len(soon), "endings", "warn"),
        ),
        "to_talk_to": [(line, describe_outlook(line.forecast, wording)) for line in to_talk_to],
        "waiting": ours,
        "endings": soon,
        "soon_days": _SOON_DAYS,
        "quiet_days": _QUIET_DAYS,
        "of_customers": sum(each.request.turn is Turn.CUSTOMER for each in overview.requests),
    }


def _collect_requests(overview: ProviderOverview, wording: Wording) -> _Values:
    names = [
        wording.text("internal.younger", count=_AGE_LIMITS[0]),
        *(
            wording.text("internal.between", first=first, last=after - 1)
            for first, after in pairwise(_AGE_LIMITS)
        ),
        wording.text("internal.older", count=_AGE_LIMITS[-1]),
    ]
    return {"ages": draw_bars(zip(names, count_ages(overview.requests), strict=True))}


def count_ages(requests: Sequence[OpenRequest]) -> tuple[int, ...]:
    """Return how many requests are open for less than each of the limits, and for longer."""
    counts = [0] * (len(_AGE_LIMITS) + 1)
    for item in requests:
        counts[sum(item.days_open >= limit for limit in _AGE_LIMITS)] += 1
    return tuple(counts)


def _collect_work(overview: ProviderOverview, _wording: Wording) -> _Values:
    return {
        "months": draw_months(overview.hours),
        "categories": draw_categories(overview.hours),
        "bars": draw_bars((each.name, each.charged_minutes) for each in overview.consultants),
    }


def _collect_nothing(_overview: ProviderOverview, _wording: Wording) -> _Values:
    return {}


# In the order of the menu: what a template needs beside the overview itself.
_PAGES: Mapping[str, Callable[[ProviderOverview, Wording], _Values]] = {
    "index": _collect_attention,
    "customers": _collect_nothing,
    "requests": _collect_requests,
    "work": _collect_work,
    "dates": _collect_nothing,
}
