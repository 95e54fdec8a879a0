"""The portal's search, used as a reader uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.browser.visit import Visit

_OPEN = "document.querySelector('[data-md-toggle=search]').checked"


def open_search(visit: Visit) -> Locator:
    """Open the search with its button, or its field where there is room; return the field."""
    page = visit.page
    button = page.locator("label.portal-search-button")
    field = page.locator(".md-search__input")
    (button if button.is_visible() else field).click()
    page.wait_for_function(_OPEN)
    return field


def search_for(visit: Visit, words: str) -> Locator:
    """Search, and return the results once there are some."""
    open_search(visit).press_sequentially(words)
    results = visit.page.locator(".md-search-result__item")
    results.first.wait_for()
    return results


def is_search_open(visit: Visit) -> bool:
    """Whether the search covers the page."""
    return bool(visit.ask(f"() => {_OPEN}"))
