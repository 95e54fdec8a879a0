"""The search: a page of all that can be found, which a script narrows to what is asked for.

It is an ordinary page, so that it works where a portal is opened as files, and says without a
script what there is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ledger.balance.movements import MovementKind
from ledger.wording import Wording
from site_builder.pages.environment import PageRenderer
from site_builder.pages.site import SitePage
from site_builder.pages.untrusted import render_markdown
from site_builder.view import PortalView, RequestView


@dataclass(frozen=True)
class SearchEntry:
    """What can be found, as plain text."""

    link: str  # where it is, as seen from the search page
    title: str
    text: str  # the words it is found by, beside its title and facts
    facts: str = ""  # its state, its date
    ids: tuple[str, ...] = ()  # bring it first when one of them is all that is asked for


def render_search_page(
    pages: Iterable[SitePage],
    entries: Iterable[SearchEntry],
    renderer: PageRenderer,
    template: str = "search",
    **values: object,
) -> SitePage:
    """Return the page of all entries; of a page of the menu, the texts have the words."""
    words = renderer.wording.section(template.replace("-", "_"))
    of_menu = [
        SearchEntry(f"{page.path}.html", page.title, words[page.path])
        for page in pages
        if page.in_navigation
    ]
    title = renderer.wording.text("search.title")
    body = renderer.render(
        f"{template}.html", title=title, pages=of_menu, entries=list(entries), **values
    )
    return SitePage("search", title, body, in_navigation=False)


def list_entries(view: PortalView, wording: Wording) -> Iterator[SearchEntry]:
    """Yield what can be found in a portal beside its pages."""
    for request in view.requests:
        yield _describe_request(request, wording)
    yield from _list_sales(view, wording)
    title = wording.text("statement.title")
    for month in reversed(view.months):
        start = "statement/{}.html" if month in view.months_apart else "statement.html#month-{}"
        link = start.format(f"{month.first_day:%Y-%m}")
        words = [
            word
            for each in month.movements
            for word in (wording.label("movement", each.kind), each.reference, each.consultant)
            if word
        ]
        name = f"{title}, {wording.month(month.first_day)}"
        yield SearchEntry(link, name, ", ".join(dict.fromkeys(words)))
    for account in view.accounts:
        state = wording.label("account_state", account.state)
        yield SearchEntry("dates.html#accounts", account.name, account.email, state)
    for anchor, names in (
        ("consultants", [each.name for each in view.consultants]),
        ("licences", [each.product for each in view.licences]),
        ("services", [each.name for each in view.services]),
    ):
        kind = wording.text(f"dates.{anchor}")
        yield from (SearchEntry(f"dates.html#{anchor}", name, kind) for name in names)
    if file := view.provider.brand.find_terms(wording.language):
        text = render_markdown(view.brand_files[file].decode(), is_own=True).striptags()
        yield SearchEntry("terms.html#in-full", wording.text("terms.in_full"), text)


def _describe_request(request: RequestView, wording: Wording) -> SearchEntry:
    people = (
        request.opened_by,
        *(event.by for event in request.events),
        *(entry.consultant for entry in request.entries),
    )
    tickets = [each for each in (request.ticket, request.opening_ticket) if each]
    parts = (
        render_markdown(request.description or "").striptags(),
        *(event.note for event in request.events),
        *(entry.note for entry in request.entries),
        *(each.name for each in request.attachments),
        ", ".join(dict.fromkeys(filter(None, (*tickets, *people)))),
    )
    facts = (wording.label("status", request.status), wording.short_day(request.last_event))
    return SearchEntry(
        f"requests/{request.id}.html",
        wording.text("request.page_title", id=request.id, title=request.title),
        "\n".join(part.strip() for part in parts if part),
        " \N{MIDDLE DOT} ".join(facts),
        (request.id, *tickets),
    )


def _list_sales(view: PortalView, wording: Wording) -> Iterator[SearchEntry]:
    """Yield the purchases with their cards, then goodwill, the latest first."""
    for each in reversed(view.statement.movements):
        if each.kind == MovementKind.PURCHASE:
            cards = [lot.id for lot in view.lots if lot.purchase == each.reference]
            named = {"invoice": each.invoice, "purchase_order": each.purchase_order}
            numbers = {name: number for name, number in named.items() if number}
            words = [f"{wording.text(f'punchcards.{name}')} {numbers[name]}" for name in numbers]
            yield SearchEntry(
                f"punchcards.html#purchase-{each.reference}",
                wording.text("punchcards.purchase", id=each.reference),
                ", ".join([*words, *cards]),
                wording.short_day(each.date),
                (each.reference, *numbers.values(), *cards),
            )
        elif each.kind == MovementKind.GOODWILL:
            title, day = wording.text("lot.goodwill", id=each.reference), each.date
            about = (each.note or "", wording.short_day(day), (each.reference,))
            yield SearchEntry("punchcards.html#goodwill", title, *about)
