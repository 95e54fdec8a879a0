"""Requests: the list of all, and a page for each."""

from __future__ import annotations

from collections.abc import Iterator

from site_builder.pages.environment import PageRenderer
from site_builder.pages.site import Heading, SearchEntry, SitePage
from site_builder.pages.untrusted import make_visible, render_markdown
from site_builder.portal_view import PortalView, RequestView

_SECTIONS = ("description", "history", "time")


def render_requests_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the list of all requests."""
    title = renderer.wording.text("requests.title")
    return SitePage(
        path="requests",
        title=title,
        body=renderer.render("requests.html", {"view": view}),
        search_entries=(SearchEntry(title, renderer.wording.text("requests.lead")),),
    )


def render_request_pages(view: PortalView, renderer: PageRenderer) -> Iterator[SitePage]:
    """Return a page for each request; the list leads to them, the menu does not."""
    wording = renderer.wording
    headings = tuple(Heading(name, wording.text(f"request.{name}")) for name in _SECTIONS)
    for request in view.requests:
        description = render_markdown(request.description or "")
        title = make_visible(wording.text("request.page_title", id=request.id, title=request.title))
        yield SitePage(
            path=f"requests/{request.id}",
            title=title,
            body=renderer.render(
                "request.html",
                {"request": request, "provider": view.provider, "description": description},
            ),
            headings=headings,
            search_entries=(
                SearchEntry(title, description.striptags()),
                *_make_entries_of_notes(request, headings),
            ),
            in_navigation=False,
        )


def _make_entries_of_notes(
    request: RequestView, headings: tuple[Heading, ...]
) -> Iterator[SearchEntry]:
    """Yield an entry for the history and one for the time, if anything is written there."""
    notes: dict[str, list[str | None]] = {
        "history": [event.note for event in request.events],
        "time": [entry.note for entry in request.entries],
    }
    for heading in headings:
        words = [note.strip() for note in notes.get(heading.anchor, []) if note]
        if words:
            yield SearchEntry(heading.text, make_visible("\n".join(words)), heading.anchor)
