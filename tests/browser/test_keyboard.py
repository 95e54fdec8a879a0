"""The keyboard alone reaches and operates everything, and the focus is always seen."""

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.looks import DESKTOP, PAGES, PHONE, Look
from tests.browser.search_box import FIELD, type_and_wait
from tests.browser.tab_walk import find_stop, tab_to, walk_with_tab

LOOKS = {"desktop": DESKTOP, "phone": PHONE}
on_both = pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)


@on_both
def test_the_first_stop_skips_to_the_content(look: Look, open_page: OpenPage) -> None:
    visit = open_page(look)
    page = visit.go(PAGES["requests"])
    page.keyboard.press("Tab")
    stop = find_stop(visit)
    assert stop is not None
    assert stop.name == "Skip to content"
    assert stop.is_seen
    page.keyboard.press("Enter")
    page.wait_for_url("**#top")
    page.keyboard.press("Tab")
    following = find_stop(visit)
    assert following is not None
    assert following.in_article


@on_both
@pytest.mark.parametrize(
    "kind", ["overview", "requests", "request", "punchcards", "dates", "new-request"]
)
def test_the_focus_is_seen_at_every_stop(kind: str, look: Look, open_page: OpenPage) -> None:
    """It shows, and is neither off the screen nor hidden under the header."""
    visit = open_page(look)
    visit.go(PAGES[kind])
    stops = list(walk_with_tab(visit))
    assert len(stops) > 5
    assert [stop.name[:60] for stop in stops if not stop.is_seen] == []
    assert [stop.name[:60] for stop in stops if not stop.shows_focus] == []


def test_every_link_button_and_fold_is_a_stop(open_page: OpenPage) -> None:
    visit = open_page()
    page = visit.go(PAGES["punchcards"])
    visible = (
        "article :is(a[href], button, summary, input, select, textarea, svg[tabindex]):visible"
    )
    expected = page.locator(visible).count()
    stops = [stop for stop in walk_with_tab(visit) if stop.in_article and stop.tag != "div"]
    assert len(stops) == expected > 4


def test_the_menu_leads_on(open_page: OpenPage) -> None:
    visit = open_page()
    page = visit.go(PAGES["overview"])
    tab_to(visit, "Punchcards")
    page.keyboard.press("Enter")
    page.wait_for_url("**/punchcards.html")


def test_the_folded_menu_opens_and_leads_on(open_page: OpenPage) -> None:
    visit = open_page(PHONE)
    page = visit.go(PAGES["overview"])
    tab_to(visit, "Menu")
    page.keyboard.press("Enter")
    tab_to(visit, "Statement")
    page.keyboard.press("Enter")
    page.wait_for_url("**/statement.html")


@on_both
def test_the_search_opens_by_tab_finds_by_arrows_and_leads_on(
    look: Look, open_page: OpenPage
) -> None:
    visit = open_page(look)
    page = visit.go(PAGES["overview"])
    tab_to(visit, "Search")
    page.keyboard.press("Enter")
    type_and_wait(visit, "evidence")
    for key, name in (("ArrowDown", "ACME-14"), ("ArrowDown", "ACME-"), ("ArrowUp", "ACME-14")):
        page.keyboard.press(key)
        stop = find_stop(visit)
        assert stop is not None
        assert stop.name.startswith(name)
        assert stop.shows_focus
    page.keyboard.press("Enter")
    page.wait_for_url("**/requests/ACME-14.html")
    page.go_back()
    assert page.locator(FIELD).input_value() == "evidence"


@on_both
def test_a_key_opens_the_search_and_escape_leaves_it(look: Look, open_page: OpenPage) -> None:
    visit = open_page(look)
    page = visit.go(PAGES["dates"])
    page.keyboard.press("/")
    page.wait_for_url("**/search.html")
    type_and_wait(visit, "a/b")
    page.keyboard.press("Escape")
    assert page.locator(FIELD).input_value() == ""
    page.keyboard.press("Escape")
    page.wait_for_url("**/dates.html")


@on_both
def test_a_fold_opens_and_closes(look: Look, open_page: OpenPage) -> None:
    visit = open_page(look)
    page = visit.go(PAGES["punchcards"])
    fold = page.locator("article details").first
    tab_to(visit, fold.locator("summary").inner_text())
    page.keyboard.press("Enter")
    assert fold.locator("table").is_visible()
    page.keyboard.press("Space")
    assert not fold.locator("table").is_visible()
