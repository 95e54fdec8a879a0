"""The list of requests can be filtered and put in order, and a link shows the same again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.looks import DESKTOP, PHONE, Look

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATH = "acme/requests.html"


def list_shown(page: Page) -> list[str]:
    """Return the requests that are shown, in their order."""
    return page.locator("[data-request-list] tbody tr:not([hidden]) .row__id").all_inner_texts()


def read_count(page: Page) -> str:
    """Return what is said of how many are shown."""
    return page.locator("[data-request-count]").inner_text()


@pytest.mark.parametrize("look", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_choice_is_shown_counted_and_kept_in_the_address(look: Look, open_page: OpenPage) -> None:
    page = open_page(look).go(PATH)
    everything = list_shown(page)
    assert read_count(page) == "14 of 14 requests are shown."
    page.get_by_label("Status").select_option("closed")
    page.get_by_label("Category").select_option("product-training")
    assert list_shown(page) == ["ACME-5"]
    assert read_count(page) == "1 of 14 requests are shown."
    assert page.url.endswith("requests.html?status=closed&category=product-training")
    page.get_by_role("button", name="Show all").click()
    assert list_shown(page) == everything
    assert page.url.endswith("requests.html")


def test_a_link_shows_the_same(open_page: OpenPage) -> None:
    """In another window; and after a look at one of the requests."""
    page = open_page().go(f"{PATH}?status=unfinished&sort=oldest")
    assert list_shown(page) == ["ACME-12", "ACME-13", "ACME-14"]
    assert page.get_by_label("Order", exact=True).input_value() == "oldest"
    page.get_by_text("ACME-13").click()
    page.wait_for_url("**/ACME-13.html")
    page.go_back()
    assert list_shown(page) == ["ACME-12", "ACME-13", "ACME-14"]


@pytest.mark.parametrize(
    ("order", "first"),
    [("time", "ACME-5"), ("id", "ACME-1"), ("opened", "ACME-14"), ("", "ACME-13")],
)
def test_orders(order: str, first: str, open_page: OpenPage) -> None:
    page = open_page().go(PATH)
    page.get_by_label("Order", exact=True).select_option(order)
    assert list_shown(page)[0] == first
    assert len(list_shown(page)) == 14


def test_rows_are_put_in_anew_only_when_their_order_changes(open_page: OpenPage) -> None:
    """To lay thousands of them out once more takes seconds."""
    page = open_page().go(PATH)
    page.evaluate(
        """() => {
            const body = document.querySelector("[data-request-list] tbody")
            window.moved = 0
            new MutationObserver(records => { window.moved += records.length })
                .observe(body, {childList: true})
        }"""
    )
    page.get_by_label("Status").select_option("closed")
    assert page.evaluate("() => window.moved") == 0
    page.get_by_label("Order", exact=True).select_option("oldest")
    assert page.evaluate("() => window.moved") > 0


def test_nothing_fits(open_page: OpenPage) -> None:
    """That is said, and where there was a list there is none."""
    page = open_page().go(f"{PATH}?status=open&category=onboarding")
    assert list_shown(page) == []
    assert read_count(page) == "None of 14 requests fits. Choose less, or show all."


@pytest.mark.parametrize(
    "query", ["?status=nothing", "?sort=__proto__", "?status=%3Cb%3E&x=1", "#top", "?"]
)
def test_an_address_that_makes_no_sense_shows_all(query: str, open_page: OpenPage) -> None:
    page = open_page().go(f"{PATH}{query}")
    assert read_count(page) == "14 of 14 requests are shown."


def test_without_script_the_whole_list_is_there(open_page: OpenPage) -> None:
    """And nothing promises to filter it."""
    page = open_page(Look(script=False)).go(f"{PATH}?status=closed")
    assert len(list_shown(page)) == 14
    assert not page.locator("[data-request-filter]").is_visible()
