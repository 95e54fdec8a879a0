"""Requests: the list of all, and a page for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from site_builder.pages.environment import PageRenderer
from site_builder.pages.site import Heading, SearchEntry, SitePage
from site_builder.pages.untrusted import make_visible, render_markdown
from site_builder.pages.wording import Wording
from site_builder.portal_view import PortalView, RequestView

_SECTIONS = ("description", "history", "time")
_ORDERS = ("changed", "opened", "oldest", "time", "id")
_SUPPORT = "technical-support"


def render_requests_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the list of all requests."""
    wording = renderer.wording
    title = wording.text("requests.title")
    rows = [(request, _name_category(request)) for request in view.requests]
    body = renderer.render(
        "requests.html",
        {
            "view": view,
            "rows": rows,
            "statuses": list(_count_statuses(view.requests, wording)),
            "categories": list(_count_categories([name for _, name in rows], wording)),
            "orders": [(name, wording.text(f"requests.sort_{name}")) for name in _ORDERS],
        },
    )
    return SitePage(
        path="requests",
        title=title,
        body=body,
        search_entries=(SearchEntry(title, wording.text("requests.lead")),),
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


def _name_category(request: RequestView) -> str:
    """Return what a request counts as now; work in the support channel is not charged."""
    return _SUPPORT if request.channel == "support" else request.category or "none"


def _count_statuses(requests: Sequence[RequestView], wording: Wording) -> Iterator[tuple[str, str]]:
    """Yield the statuses that there are, with how many requests have each."""
    unfinished = sum(1 for request in requests if not request.is_done)
    if unfinished:
        yield "unfinished", _count(wording.text("requests.unfinished"), unfinished, wording)
    counts = Counter(request.status for request in requests)
    for name, word in wording.section("status"):
        if counts[name]:
            yield name, _count(word, counts[name], wording)


def _count_categories(names: Sequence[str], wording: Wording) -> Iterator[tuple[str, str]]:
    counts = Counter(names)
    for name, word in wording.section("category"):
        if counts[name]:
            yield name, _count(word, counts[name], wording)


def _count(word: str, count: int, wording: Wording) -> str:
    return wording.text("requests.choice", name=word, number=count)


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
