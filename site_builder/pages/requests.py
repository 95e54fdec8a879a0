"""Requests: the list of all, and a page for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from site_builder.pages.environment import PageRenderer
from site_builder.pages.site import Heading, SearchEntry, SitePage
from site_builder.pages.untrusted import make_visible, render_markdown
from site_builder.view import PortalView, RequestView


def render_requests_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the list of all requests, with what time on each is charged as now."""
    rows = [
        (each, "technical-support" if each.channel == "support" else each.category or "none")
        for each in view.requests
    ]
    wording = renderer.wording
    return renderer.render_page(
        "requests",
        wording.text("requests.lead"),
        view=view,
        rows=rows,
        status_words=wording.section("status"),
        category_words=wording.section("category"),
        statuses=Counter(request.status for request in view.requests),
        categories=Counter(category for _, category in rows),
    )


def render_request_pages(view: PortalView, renderer: PageRenderer) -> Iterator[SitePage]:
    """Yield a page for each request; the list links to them, the menu does not."""
    wording = renderer.wording
    headings = tuple(
        Heading(name, wording.text(f"request.{name}"))
        for name in ("description", "history", "time")
    )
    for request in view.requests:
        description = render_markdown(request.description or "")
        title = make_visible(wording.text("request.page_title", id=request.id, title=request.title))
        yield SitePage(
            path=f"requests/{request.id}",
            title=title,
            body=renderer.render(
                "request.html", request=request, provider=view.provider, description=description
            ),
            headings=headings,
            search_entries=(
                SearchEntry(title, description.striptags()),
                *_list_search_entries(request, headings),
            ),
            in_navigation=False,
        )


def _list_search_entries(
    request: RequestView, headings: tuple[Heading, ...]
) -> Iterator[SearchEntry]:
    """Yield an entry for the history and one for the time, if they have any notes."""
    notes = ([each.note for each in request.events], [each.note for each in request.entries])
    for heading, texts in zip(headings[1:], notes, strict=True):
        words = [text.strip() for text in texts if text]
        if words:
            yield SearchEntry(heading.text, make_visible("\n".join(words)), heading.anchor)
