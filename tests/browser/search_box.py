"""The portal's search, used as a reader uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.browser.visit import Visit

_TOGGLE = "[data-md-toggle=search]"


def open_search(visit: Visit) -> Locator:
    """Open the search with its button, or its field where there is room; return the field."""
    page = visit.page
    button = page.locator("label.portal-search-button")
    field = page.locator(".md-search__input")
    (button if button.is_visible() else field).click()
    wait_until_open(visit)
    return field


def open_search_by_key(visit: Visit) -> None:
    """Open the search with the key that is there for it, ready to type."""
    from playwright.sync_api import expect

    visit.page.keyboard.press("/")
    wait_until_open(visit)
    expect(visit.page.locator(".md-search__input")).to_be_focused()


def close_search(visit: Visit) -> None:
    """Close the search with the keyboard."""
    visit.page.keyboard.press("Escape")
    wait_until_closed(visit)


def wait_until_open(visit: Visit) -> None:
    """Wait until the search covers the page."""
    from playwright.sync_api import expect

    # Not by polling with a script: where the page's strict policy forbids it, that fails at random.
    expect(visit.page.locator(_TOGGLE)).to_be_checked()


def wait_until_closed(visit: Visit) -> None:
    """Wait until the search is out of the way."""
    from playwright.sync_api import expect

    expect(visit.page.locator(_TOGGLE)).not_to_be_checked()


def search_for(visit: Visit, words: str) -> Locator:
    """Search, and return the results once there are some."""
    open_search(visit)
    return type_and_wait(visit, words)


def type_and_wait(visit: Visit, words: str) -> Locator:
    """Put words into the field that has the focus, and return the results once there are some.

    All at once: typed one by one, each letter brings results of its own before those that count.
    """
    visit.page.keyboard.insert_text(words)
    visit.page.keyboard.press("End")
    results = visit.page.locator(".md-search-result__item")
    results.first.wait_for()
    return results
