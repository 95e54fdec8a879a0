"""Nothing needs sideways scrolling: not at 320 pixels, not at a zoom of 200 %."""

from collections import Counter

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.looks import DOCUMENT, NARROW, OVERVIEWS, PAGES, PHONE, ZOOMED, Look
from tests.browser.page_facts import (
    find_cut_cards,
    find_overflow,
    find_squeezed,
    find_unreachable_tables,
)
from tests.browser.search_box import FIELD, search_for
from tests.browser.visit import Visit

ALL_PAGES = (*PAGES.values(), *OVERVIEWS.values(), DOCUMENT)


@pytest.mark.parametrize(
    "look", [NARROW, PHONE, ZOOMED], ids=["320-pixels", "phone", "200-percent"]
)
def test_no_page_scrolls_sideways(look: Look, open_page: OpenPage) -> None:
    visit = open_page(look)
    for path in ALL_PAGES:
        page = visit.go(path)
        visit.ask("() => document.querySelectorAll('details').forEach(it => { it.open = true; })")
        assert find_overflow(visit) == [], path
        assert find_cut_cards(visit) == [], path
        assert find_squeezed(visit) == [], path
        assert page.locator("h1").is_visible()


def test_what_a_search_finds_fits_a_narrow_screen(open_page: OpenPage) -> None:
    visit = open_page(NARROW)
    page = visit.go(PAGES["overview"])
    search_for(visit, "requirements")
    assert find_overflow(visit) == []
    field = page.locator(FIELD).bounding_box()
    assert field is not None
    assert field["x"] >= 0
    assert field["x"] + field["width"] <= NARROW.width


def test_the_keyboard_reaches_every_table(open_page: OpenPage) -> None:
    visit = open_page()
    tables = 0
    for path in PAGES.values():
        page = visit.go(path)
        assert find_unreachable_tables(visit) == [], path
        tables += page.locator("table").count()
    assert tables > len(PAGES)


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_the_text_may_be_spaced_out(path: str, open_page: OpenPage) -> None:
    """WCAG 1.4.12: more room between lines, words and letters cuts nothing off."""
    visit = open_page(NARROW)
    visit.go(path)
    visit.ask(
        """() => {
            const sheet = new CSSStyleSheet()
            sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
                word-spacing: .16em !important } p { margin-bottom: 2em !important }`)
            document.adoptedStyleSheets = [sheet]
        }"""
    )
    assert find_overflow(visit) == []


@pytest.mark.parametrize("kind", ["requests", "statement", "dates"])
def test_a_table_stays_a_table_where_its_rows_are_cards(kind: str, open_page: OpenPage) -> None:
    """Whoever listens to the page hears rows and columns on every screen."""
    visit = open_page()
    visit.go(PAGES[kind])
    on_desktop = _count_roles(visit)
    visit.look_with(PHONE)
    display = "row => getComputedStyle(row).display"
    assert visit.page.locator(".stacked tr").first.evaluate(display) == "block"
    assert _count_roles(visit) == on_desktop
    assert set(on_desktop) == {"table", "row", "columnheader", "rowheader", "cell"}


def _count_roles(visit: Visit) -> Counter[str]:
    session = visit.page.context.new_cdp_session(visit.page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    parts = {"table", "row", "columnheader", "rowheader", "cell"}
    return Counter(
        node["role"]["value"]
        for node in nodes
        if not node["ignored"] and node["role"]["value"] in parts
    )
