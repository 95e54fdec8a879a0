"""The parts of a portal in which the day does not show: one that is renewed needs none of them.

Apart from the others, so that what only these need is not loaded every week.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from site_builder.pages.dates_page import render_dates_page
from site_builder.pages.environment import PageRenderer
from site_builder.pages.new_request_page import render_new_request_page
from site_builder.pages.portal_part import Renderer
from site_builder.pages.punchcards_page import render_punchcards_page
from site_builder.pages.requests_pages import render_request_pages, render_requests_page
from site_builder.pages.site import SitePage
from site_builder.pages.statement_page import render_statement_page
from site_builder.pages.terms_pages import render_support_page, render_terms_page
from site_builder.portal_view import PortalView


def render_request(view: PortalView, renderer: PageRenderer, _core: str) -> Iterator[SitePage]:
    """Yield the page of the view's request."""
    return render_request_pages(view, renderer)


LASTING_PARTS: Mapping[str, Renderer] = {
    "requests": lambda view, renderer, _core: (render_requests_page(view, renderer),),
    "punchcards": lambda view, renderer, _core: (render_punchcards_page(view, renderer),),
    "statement": lambda view, renderer, _core: (render_statement_page(view, renderer),),
    "new-request": lambda view, renderer, _core: (render_new_request_page(view, renderer),),
    "support": lambda view, renderer, _core: (render_support_page(view, renderer),),
    "dates": lambda view, renderer, _core: (render_dates_page(view, renderer),),
    "terms": lambda view, renderer, _core: (render_terms_page(view, renderer),),
}
"""By name, in the order of the menu."""
