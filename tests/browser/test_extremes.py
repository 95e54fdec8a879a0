"""One request or thousands, very long texts, other scripts, nothing at all: pages still open."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.accessibility import find_violations
from tests.browser.conftest import OpenPage
from tests.browser.large_ledgers import (
    ARABIC_TITLE,
    EMOJI_TITLE,
    LONG_NOTE,
    make_busy_customer,
    make_empty_customer,
    make_wordy_customer,
)
from tests.browser.looks import DESKTOP, NARROW, PHONE, Look
from tests.browser.page_facts import find_overflow
from tests.browser.portal_server import PortalServer, serve_folder
from tests.browser.printed_page import print_words
from tests.browser.search_box import search_for
from tests.browser.shared_builds import build_once
from tests.site_builder.conftest import build_all
from tests.site_builder.small_ledgers import ORGANIZATION, write_ledger

# Read here, because tests are run without the surroundings' variables.
IS_LARGE = bool(os.environ.get("PUNCHCARD_BROWSER_LARGE"))
MANY = 3_000 if IS_LARGE else 300
MENU_PAGES = (
    "index",
    "requests",
    "punchcards",
    "statement",
    "statement-document",
    "new-request",
    "buy-hours",
    "dates",
    "terms",
    "support",
)
# What is laid out on the way may push the goal away, so the reader scrolls on.
SCROLL_TO = """
async part => {
    for (let tries = 0; tries < 100; tries++) {
        part.scrollIntoView()
        for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame)
        if (part.checkVisibility({contentVisibilityAuto: true})) return true
    }
    return false
}
"""
MOST_SECONDS_TO_OPEN = 20 if IS_LARGE else 5

on_each = pytest.mark.parametrize("look", [DESKTOP, NARROW], ids=["desktop", "320-pixels"])


@pytest.fixture(scope="module")
def extremes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalServer]:
    """The portals of customers at the extremes."""
    folder = build_once(tmp_path_factory, "extremes", _build)
    with serve_folder(folder / "site") as server:
        yield server


def _build(folder: Path) -> None:
    ledger = write_ledger(
        folder / "customers",
        ORGANIZATION,
        make_empty_customer("empty", "NIL"),
        make_busy_customer("one", "ONE", 1),
        make_busy_customer("many", "MANY", MANY),
        make_wordy_customer("wordy", "WORD"),
    )
    build_all(ledger, folder / "site")


@on_each
@pytest.mark.parametrize("slug", ["empty", "one", "many", "wordy"])
def test_every_page_opens_and_fits(
    slug: str, look: Look, extremes: PortalServer, open_page: OpenPage
) -> None:
    visit = open_page(look, at=extremes)
    visit.page.set_default_navigation_timeout(MOST_SECONDS_TO_OPEN * 1000)
    for name in MENU_PAGES:
        page = visit.go(f"{slug}/{name}.html")
        assert page.locator("h1").is_visible()
        assert find_overflow(visit) == [], name


@on_each
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_every_wordy_request_opens_and_fits(
    number: int, look: Look, extremes: PortalServer, open_page: OpenPage
) -> None:
    visit = open_page(look, at=extremes)
    visit.go(f"wordy/requests/WORD-{number}.html")
    assert find_overflow(visit) == []


@pytest.mark.parametrize("path", ["empty/index", "empty/requests", "wordy/requests/WORD-1"])
def test_no_rule_is_broken(path: str, extremes: PortalServer, open_page: OpenPage) -> None:
    visit = open_page(at=extremes)
    visit.go(f"{path}.html")
    assert find_violations(visit) == []


def test_all_requests_are_listed_and_found(extremes: PortalServer, open_page: OpenPage) -> None:
    visit = open_page(at=extremes)
    page = visit.go("many/requests.html")
    assert page.locator("article tbody a").count() == MANY
    results = search_for(visit, f"MANY-{MANY}")
    assert f"MANY-{MANY}" in results.first.inner_text()


def test_a_search_shows_fifty_and_says_how_many_it_leaves_out(
    extremes: PortalServer, open_page: OpenPage
) -> None:
    visit = open_page(at=extremes)
    visit.go("many/index.html")
    results = search_for(visit, "number")
    assert results.count() == 50
    said = visit.page.locator("[data-search-count]").inner_text()
    assert said.startswith(f"{MANY} results. Not shown: {MANY - 50}.")
    visit.page.keyboard.type(f" {MANY}")
    assert f"MANY-{MANY}" in results.first.inner_text()
    assert results.count() == 1


@pytest.mark.parametrize(
    ("path", "far"),
    [
        ("requests", "[data-request-list] > .table-region tr"),
        ("statement-document", ".long tbody"),
    ],
    ids=["requests", "document"],
)
def test_what_lies_far_below_is_laid_out_when_it_is_needed(
    path: str, far: str, extremes: PortalServer, open_page: OpenPage
) -> None:
    page = open_page(PHONE, at=extremes).go(f"many/{path}.html")
    part = page.locator(far).last.locator("td").last
    assert not part.evaluate("part => part.checkVisibility({contentVisibilityAuto: true})")
    assert part.evaluate(SCROLL_TO)


def test_a_long_statement_prints_whole(extremes: PortalServer, open_page: OpenPage) -> None:
    page = open_page(at=extremes).go("many/statement-document.html")
    printed = print_words(page)
    missing = [n for n in range(1, MANY + 1) if f"Worked on number {n}." not in printed]
    assert missing == []


def test_other_scripts_are_shown_in_their_direction(
    extremes: PortalServer, open_page: OpenPage
) -> None:
    visit = open_page(at=extremes)
    page = visit.go("wordy/requests/WORD-1.html")
    assert ARABIC_TITLE in page.locator("h1").inner_text()
    direction = "note => getComputedStyle(note).direction"
    assert page.locator(".event .note").first.evaluate(direction) == "rtl"
    assert page.locator(".customer-text p").first.evaluate(direction) == "rtl"
    assert page.locator(".facts").first.evaluate(direction) == "ltr"


def test_nothing_is_left_out_of_long_texts_or_emoji(
    extremes: PortalServer, open_page: OpenPage
) -> None:
    visit = open_page(at=extremes)
    page = visit.go("wordy/requests/WORD-2.html")
    assert EMOJI_TITLE in page.locator("h1").inner_text()
    page = visit.go("wordy/requests/WORD-4.html")
    assert page.locator(".event .note").first.inner_text() == LONG_NOTE.strip()
    assert len(LONG_NOTE) > 20_000


def test_with_no_data_the_pages_say_so(extremes: PortalServer, open_page: OpenPage) -> None:
    visit = open_page(at=extremes)
    for name in MENU_PAGES:
        page = visit.go(f"empty/{name}.html")
        assert len(page.locator("article, body:not(:has(article))").inner_text()) > 40, name
        assert page.locator("tbody:not(:has(tr))").count() == 0
        assert "None" not in page.locator("body").inner_text()
