"""From the view of one customer to all pages and files of the portal."""

from __future__ import annotations

from site_builder.pages.dates import make_calendar, render_dates_page
from site_builder.pages.environment import DEFAULT_STYLE, PageStyle, make_renderer
from site_builder.pages.overview import render_overview_page
from site_builder.pages.punchcards import render_punchcards_page
from site_builder.pages.requests import render_request_pages, render_requests_page
from site_builder.pages.site import PortalSite, ThemeTexts
from site_builder.pages.statement import (
    make_csv,
    make_document,
    make_json,
    render_statement_page,
)
from site_builder.pages.terms import (
    render_new_request_page,
    render_support_page,
    render_terms_page,
)
from site_builder.pages.untrusted import make_visible
from site_builder.view import PortalView

# In the order of the menu.
PAGES = (
    render_overview_page,
    render_requests_page,
    render_punchcards_page,
    render_statement_page,
    render_new_request_page,
    render_support_page,
    render_dates_page,
    render_terms_page,
)
# A download returns None if there is nothing to put into it.
DOWNLOADS = (make_csv, make_json, make_document, make_calendar)


def render_portal(view: PortalView, style: PageStyle = DEFAULT_STYLE) -> PortalSite:
    """Return the finished portal of one customer."""
    renderer = make_renderer(style)
    customer, provider = make_visible(view.name), make_visible(view.provider.name)
    wording = renderer.wording
    return PortalSite(
        texts=ThemeTexts(
            site_name=wording.text("site.name", customer=customer, provider=provider),
            customer_name=customer,
            provider_name=provider,
            language=wording.language,
            labels=wording.section("theme"),
        ),
        pages=(
            *(render(view, renderer) for render in PAGES),
            *render_request_pages(view, renderer),
        ),
        files=tuple(filter(None, (make(view, renderer) for make in DOWNLOADS))),
    )
