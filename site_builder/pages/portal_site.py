"""From the view of one customer to all pages and files of the portal."""

from __future__ import annotations

from site_builder.pages import dates, overview, punchcards, requests, statement, terms
from site_builder.pages.environment import DEFAULT_STYLE, PageStyle, make_renderer
from site_builder.pages.site import PortalSite, ThemeTexts
from site_builder.pages.untrusted import make_visible
from site_builder.view import PortalView

# In the order of the menu.
PAGES = (
    overview.render_overview_page,
    requests.render_requests_page,
    punchcards.render_punchcards_page,
    statement.render_statement_page,
    terms.render_new_request_page,
    terms.render_support_page,
    dates.render_dates_page,
    terms.render_terms_page,
)
# A download returns None if there is nothing to put into it.
DOWNLOADS = (statement.make_csv, statement.make_json, statement.make_document, dates.make_calendar)


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
            *requests.render_request_pages(view, renderer),
        ),
        files=tuple(filter(None, (make(view, renderer) for make in DOWNLOADS))),
    )
