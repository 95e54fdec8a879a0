"""One customer's view -> all pages and files of the portal, in the order of the menu."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from site_builder.pages.calendar_file import make_calendar, make_undated_calendar
from site_builder.pages.downloads import make_csv, make_json, write_csv_lines, write_json_core
from site_builder.pages.environment import PageRenderer, make_renderer
from site_builder.pages.overview_core import write_overview_core
from site_builder.pages.overview_page import render_overview_page
from site_builder.pages.portal_part import CoreRenderer, PortalPart, Renderer
from site_builder.pages.site import PortalSite, SiteFile, SitePage, ThemeTexts
from site_builder.pages.statement_page import render_statement_document, render_statement_record
from site_builder.pages.style import DEFAULT_STYLE, PageStyle
from site_builder.pages.untrusted import make_visible
from site_builder.pages.wording import Wording
from site_builder.portal_view import PortalView


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
    from site_builder.pages.lasting_parts import LASTING_PARTS, render_request

    parts = {**_OVERVIEW, **LASTING_PARTS, **_DOWNLOADS}
    for name, render in parts.items():
        yield PortalPart(name, view, render, _CORES.get(name))
    for request in view.requests:
        # The page of a request is told of no other request, so that none can change it.
        alone = replace(view, requests=(request,))
        yield PortalPart(f"requests/{request.id}", alone, render_request)


def find_part(name: str, view: PortalView) -> PortalPart | None:
    """Return the part of this name, if it is one of those that every portal has."""
    render = _DATED.get(name) or _find_lasting(name)
    return None if render is None else PortalPart(name, view, render, _CORES.get(name))


def _find_lasting(name: str) -> Renderer | None:
    # Loaded where it is asked for: see there.
    from site_builder.pages.lasting_parts import LASTING_PARTS

    return LASTING_PARTS.get(name)


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


_OVERVIEW: Mapping[str, Renderer] = {
    "overview": lambda view, renderer, core: (render_overview_page(view, renderer, core),),
}
_DOWNLOADS: Mapping[str, Renderer] = {
    "csv": lambda view, _renderer, core: (make_csv(view, core),),
    "json": lambda view, _renderer, core: (make_json(view, core),),
    "document": lambda view, renderer, core: (render_statement_document(view, renderer, core),),
    "calendar": lambda view, _renderer, core: make_calendar(view, core),
}
_DATED: Mapping[str, Renderer] = {**_OVERVIEW, **_DOWNLOADS}
_CORES: Mapping[str, CoreRenderer] = {
    "overview": write_overview_core,
    "csv": lambda view, _renderer: write_csv_lines(view),
    "json": lambda view, _renderer: write_json_core(view),
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
