"""One customer's view -> all pages and files of the portal, in the order of the menu."""

from __future__ import annotations

from site_builder.pages.dates_page import render_dates_page
from site_builder.pages.downloads import make_downloads
from site_builder.pages.environment import make_renderer
from site_builder.pages.overview_page import render_overview_page
from site_builder.pages.punchcards_page import render_punchcards_page
from site_builder.pages.requests_pages import render_request_pages, render_requests_page
from site_builder.pages.site import PortalSite, ThemeTexts
from site_builder.pages.statement_page import render_statement_page
from site_builder.pages.terms_pages import render_support_page, render_terms_page
from site_builder.pages.untrusted import make_visible
from site_builder.pages.wording import Wording, load_wording
from site_builder.portal_view import PortalView


def render_portal(view: PortalView, wording: Wording | None = None) -> PortalSite:
    """Return the finished portal of one customer."""
    renderer = make_renderer(wording or load_wording())
    return PortalSite(
        texts=_make_theme_texts(view, renderer.wording),
        pages=(
            render_overview_page(view, renderer),
            render_requests_page(view, renderer),
            render_punchcards_page(view, renderer),
            render_statement_page(view, renderer),
            render_dates_page(view, renderer),
            render_terms_page(view, renderer),
            render_support_page(view, renderer),
            *render_request_pages(view, renderer),
        ),
        files=make_downloads(view),
    )


def _make_theme_texts(view: PortalView, wording: Wording) -> ThemeTexts:
    customer, provider = make_visible(view.name), make_visible(view.provider.name)
    return ThemeTexts(
        site_name=wording.text("site.name", customer=customer, provider=provider),
        customer_name=customer,
        provider_name=provider,
        language=wording.language,
        labels=wording.section("theme"),
    )
