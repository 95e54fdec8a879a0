"""One customer's view -> all pages and files of the portal, in the order of the menu."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from site_builder.pages.calendar_file import make_calendar, make_undated_calendar
from site_builder.pages.dates_page import render_dates_page
from site_builder.pages.downloads import make_csv, make_json, write_csv_lines
from site_builder.pages.environment import PageRenderer, make_renderer
from site_builder.pages.new_request_page import render_new_request_page
from site_builder.pages.overview_core import write_overview_core
from site_builder.pages.overview_page import render_overview_page
from site_builder.pages.punchcards_page import render_punchcards_page
from site_builder.pages.requests_pages import render_request_pages, render_requests_page
from site_builder.pages.site import PortalSite, SiteFile, SitePage, ThemeTexts
from site_builder.pages.statement_page import (
    render_statement_document,
    render_statement_page,
    render_statement_record,
)
from site_builder.pages.style import DEFAULT_STYLE, PageStyle
from site_builder.pages.terms_pages import render_support_page, render_terms_page
from site_builder.pages.untrusted import make_visible
from site_builder.pages.wording import Wording
from site_builder.portal_view import PortalView

Renderer: TypeAlias = Callable[[PortalView, PageRenderer, str], Iterable[SitePage | SiteFile]]
CoreRenderer: TypeAlias = Callable[[PortalView, PageRenderer], str]


@dataclass(frozen=True, slots=True)
class PortalPart:
    """A part of a portal that is made by itself.

    Attributes:
        name: its name in the portal.
        view: what it is made from.
        render: makes it, given its core.
        render_core: makes what of it stays while the rest changes from week to week; may be none.
    """

    name: str
    view: PortalView
    render: Renderer
    render_core: CoreRenderer | None = None


def render_portal(view: PortalView, style: PageStyle = DEFAULT_STYLE) -> PortalSite:
    """Return the finished portal of one customer."""
    renderer = make_renderer(style)
    made: list[SitePage | SiteFile] = []
    for part in list_parts(view):
        core = part.render_core(part.view, renderer) if part.render_core else ""
        made += part.render(part.view, renderer, core)
    return assemble_portal(view, renderer, made)


def list_parts(view: PortalView) -> Iterator[PortalPart]:
    """Yield the parts of a portal, those of the menu first, in its order."""
    yield from filter(None, (find_part(name, view) for name in _PARTS))
    for request in view.requests:
        # The page of a request is told of no other request, so that none can change it.
        alone = replace(view, requests=(request,))
        yield PortalPart(f"requests/{request.id}", alone, _render_request)


def find_part(name: str, view: PortalView) -> PortalPart | None:
    """Return the part of this name, if it is one of those that every portal has."""
    render = _PARTS.get(name)
    return None if render is None else PortalPart(name, view, render, _CORES.get(name))


def assemble_portal(
    view: PortalView, renderer: PageRenderer, made: Iterable[SitePage | SiteFile]
) -> PortalSite:
    """Put what was made of the parts together, in their order."""
    items = list(made)
    return PortalSite(
        texts=make_theme_texts(view, renderer.wording),
        pages=tuple(item for item in items if isinstance(item, SitePage)),
        files=tuple(item for item in items if isinstance(item, SiteFile)),
    )


def _one(render: Callable[[PortalView, PageRenderer], SitePage | SiteFile]) -> Renderer:
    return lambda view, renderer, _core: (render(view, renderer),)


def _render_request(view: PortalView, renderer: PageRenderer, _core: str) -> Iterator[SitePage]:
    return render_request_pages(view, renderer)


_PARTS: Mapping[str, Renderer] = {
    "overview": lambda view, renderer, core: (render_overview_page(view, renderer, core),),
    "requests": _one(render_requests_page),
    "punchcards": _one(render_punchcards_page),
    "statement": _one(render_statement_page),
    "new-request": _one(render_new_request_page),
    "support": _one(render_support_page),
    "dates": _one(render_dates_page),
    "terms": _one(render_terms_page),
    "csv": lambda view, _renderer, core: (make_csv(view, core),),
    "json": lambda view, _renderer, _core: (make_json(view),),
    "document": lambda view, renderer, core: (render_statement_document(view, renderer, core),),
    "calendar": lambda view, _renderer, core: make_calendar(view, core),
}
_CORES: Mapping[str, CoreRenderer] = {
    "overview": write_overview_core,
    "csv": lambda view, _renderer: write_csv_lines(view),
    "document": render_statement_record,
    "calendar": lambda view, renderer: make_undated_calendar(view, renderer.wording),
}


def make_theme_texts(view: PortalView, wording: Wording) -> ThemeTexts:
    """Return the words that stand around every page."""
    customer, provider = make_visible(view.name), make_visible(view.provider.name)
    return ThemeTexts(
        site_name=wording.text("site.name", customer=customer, provider=provider),
        customer_name=customer,
        provider_name=provider,
        language=wording.language,
        labels=wording.section("theme"),
    )
