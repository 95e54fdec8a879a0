"""Requests: the list of all, and a page for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from site_builder.pages.environment import PageRenderer
from site_builder.pages.site import Heading, SearchEntry, SitePage
from site_builder.pages.untrusted import make_visible, render_markdown
from site_builder.pages.wording import Wording
from site_builder.view import PortalView, RequestView

_SECTIONS = ("description", "history", "time")
_ORDERS = ("changed", "opened", "oldest", "time", "id")
_SUPPORT = "technical-support"


def render_requests_page(view: PortalView, renderer: PageRenderer) -> SitePage:
    """Return the list of all requests."""
    wording = renderer.wording
    rows = [(request, _name_category(request)) for request in view.requests]
    statuses = Counter(request.status for request in view.requests)
    statuses["unfinished"] = sum(1 for request in view.requests if not request.is_done)
    unfinished = ("unfinished", wording.text("requests.unfinished"))
    categories = Counter(category for _, category in rows)
    values = {
        "view": view,
        "rows": rows,
        "statuses": _list_choices((unfinished, *wording.section("status")), statuses, wording),
        "categories": _list_choices(wording.section("category"), categories, wording),
        "orders": [(name, wording.text(f"requests.sort_{name}")) for name in _ORDERS],
    }
    return renderer.render_page("requests", values, wording.text("requests.lead"))


def render_request_pages(view: PortalView, renderer: PageRenderer) -> Iterator[SitePage]:
    """Yield a page for each request; the list links to them, the menu does not."""
    wording = renderer.wording
    headings = tuple(Heading(name, wording.text(f"request.{name}")) for name in _SECTIONS)
    for request in view.requests:
        description = render_markdown(request.description or "")
        title = make_visible(wording.text("request.page_title", id=request.id, title=request.title))
        values = {"request": request, "provider": view.provider, "description": description}
        yield SitePage(
            path=f"requests/{request.id}",
            title=title,
            body=renderer.render("request.html", values),
            headings=headings,
            search_entries=(
                SearchEntry(title, description.striptags()),
                *_list_search_entries(request, headings),
            ),
            in_navigation=False,
        )


def _name_category(request: RequestView) -> str:
    """Return what time on the request is charged as now."""
    return _SUPPORT if request.channel == "support" else request.category or "none"


def _list_choices(
    words: Sequence[tuple[str, str]], counts: Counter[str], wording: Wording
) -> list[tuple[str, str]]:
    """Return the values that occur, each with its word and its count."""
    return [
        (name, wording.text("requests.choice", name=word, number=counts[name]))
        for name, word in words
        if counts[name]
    ]


def _list_search_entries(
    request: RequestView, headings: Sequence[Heading]
) -> Iterator[SearchEntry]:
    """Yield an entry for the history and one for the time, if they have any notes."""
    notes: dict[str, list[str | None]] = {
        "history": [event.note for event in request.events],
        "time": [entry.note for entry in request.entries],
    }
    for heading in headings:
        words = [note.strip() for note in notes.get(heading.anchor, []) if note]
        if words:
            yield SearchEntry(heading.text, make_visible("\n".join(words)), heading.anchor)
