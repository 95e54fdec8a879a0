"""The portal's search, used as a reader uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.browser.visit import Visit

FIELD = "#words"


def search_for(visit: Visit, words: str) -> Locator:
    """Go to the search, type, and return the results."""
    visit.page.locator(".portal-search").click()
    return type_and_wait(visit, words)


def type_and_wait(visit: Visit, words: str) -> Locator:
    """Type words into the field, which has the focus already, and return the results."""
    from playwright.sync_api import expect

    expect(visit.page.locator(FIELD)).to_be_focused()
    visit.page.keyboard.type(words)
    expect(visit.page.locator("[data-search-count]")).not_to_be_empty()
    return visit.page.locator(".found")
