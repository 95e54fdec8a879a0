"""The provider's own pages: all customers at once, for the inside only.

What needs attention comes first. Every page says at its top, in words, that it is internal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

from site_builder.hours_charts import draw_categories, draw_months
from site_builder.overview.figures import NamedEnding, OpenRequest, ProviderOverview
from site_builder.pages.environment import DEFAULT_STYLE, PageRenderer, PageStyle, make_renderer
from site_builder.pages.overview import describe_outlook
from site_builder.pages.site import PortalSite, SearchEntry, SiteFile, SitePage, ThemeTexts
from site_builder.pages.untrusted import make_visible
from site_builder.pages.wording import Wording
from site_builder.view import Turn

_STYLE_PATH = "assets/stylesheets/internal.css"
_STYLE_SOURCE = Path(__file__).parent / "internal.css"
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
# Days that a request is open: the ends of the first three groups.
_AGE_LIMITS = (7, 28, 91)
# Percent of the picture: beside it there must be room for a figure, on the narrowest phone.
_LONGEST_BAR = 52

_Values: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bar:
    """A lying bar with a name above and a figure at its end; ``width`` in percent."""

    name: str
    figure: str
    width: float


def render_internal_site(
    overview: ProviderOverview, style: PageStyle = DEFAULT_STYLE
) -> PortalSite:
    """Return the finished site."""
    renderer = make_renderer(style)
    return PortalSite(
        texts=_make_theme_texts(overview, renderer.wording),
        pages=tuple(_render_page(path, overview, renderer) for path in _PAGES),
        files=(SiteFile(_STYLE_PATH, _STYLE_SOURCE.read_bytes()),),
    )


def _render_page(path: str, overview: ProviderOverview, renderer: PageRenderer) -> SitePage:
    title = renderer.wording.text(f"internal.{path}")
    values = {"overview": overview, "title": title, "style_path": _STYLE_PATH}
    own = _PAGES[path](overview, renderer.wording)
    body = renderer.render(f"internal-{path}.html", {**values, **own})
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
        (line for line in overview.customers if line.needs_a_word),
        key=lambda line: (line.balance.balance_minutes, line.name),
    )
    ours = sorted(
        (each for each in overview.requests if each.request.turn is Turn.PROVIDER),
        key=lambda each: (-each.days_quiet, each.request.opened, each.customer, each.request.id),
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
        "outlooks": {line.slug: describe_outlook(line.forecast, wording) for line in to_talk_to},
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
    portals = {}
    for line in overview.customers:
        last_day = line.balance.portal_last_day
        day = "" if last_day is None else wording.short_day(last_day)
        name = f"internal_portal.{line.balance.portal_state}"
        portals[line.slug] = wording.text(name, day=day)
    sums = {name: overview.sum_balances(name) for name in _FIGURES}
    return {"figure_names": _FIGURES, "sums": sums, "portals": portals}


def _collect_requests(overview: ProviderOverview, wording: Wording) -> _Values:
    names = [
        wording.text("internal.younger", count=_AGE_LIMITS[0]),
        *(
            wording.text("internal.between", first=first, last=after - 1)
            for first, after in pairwise(_AGE_LIMITS)
        ),
        wording.text("internal.older", count=_AGE_LIMITS[-1]),
    ]
    rows = list(zip(names, count_ages(overview.requests), strict=True))
    return {"ages": rows, "age_bars": _draw_bars((name, n, str(n)) for name, n in rows)}


def count_ages(requests: Sequence[OpenRequest]) -> tuple[int, ...]:
    """Return how many requests are open for less than each of the limits, and for longer."""
    counts = [0] * (len(_AGE_LIMITS) + 1)
    for item in requests:
        counts[sum(item.days_open >= limit for limit in _AGE_LIMITS)] += 1
    return tuple(counts)


def _collect_work(overview: ProviderOverview, wording: Wording) -> _Values:
    hours = overview.work.hours
    return {
        "hours": hours,
        "months": draw_months(hours),
        "categories": draw_categories(hours),
        "consultant_bars": _draw_bars(
            (each.name, each.charged_minutes, wording.minutes(each.charged_minutes))
            for each in overview.work.consultants
        ),
    }


def _draw_bars(rows: Iterable[tuple[str, int, str]]) -> tuple[Bar, ...]:
    """Return a bar for each row: its name, its value, and the value in words."""
    kept = list(rows)
    longest = max((value for _, value, _ in kept), default=0)
    return tuple(
        Bar(name, figure, round(max(0, value) * _LONGEST_BAR / longest, 2) if longest > 0 else 0)
        for name, value, figure in kept
    )


def _collect_dates(overview: ProviderOverview, wording: Wording) -> _Values:
    return {"endings": _name_endings(overview.endings, wording)}


def _name_endings(
    endings: Sequence[NamedEnding], wording: Wording
) -> list[tuple[NamedEnding, str]]:
    return [(each, _name_ending(each, wording)) for each in endings]


def _name_ending(each: NamedEnding, wording: Wording) -> str:
    kind, subject = each.ending.kind, each.subject
    if kind == "portal":
        return wording.text("internal.portal_ends")
    if kind == "card":
        subject = wording.text("lot.card", id=subject)
    return wording.text(f"ending.{kind}", subject=subject)


_PAGES: Mapping[str, Callable[[ProviderOverview, Wording], _Values]] = {
    "index": _collect_attention,
    "customers": _collect_customers,
    "requests": _collect_requests,
    "work": _collect_work,
    "dates": _collect_dates,
}


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
