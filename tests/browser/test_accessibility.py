"""axe finds nothing on any kind of page, however it is looked at."""

import pytest

from tests.browser.accessibility import find_violations
from tests.browser.conftest import OpenPage
from tests.browser.looks import DOCUMENT, OVERVIEWS, PAGES, SCREENS, Look
from tests.browser.page_facts import leave_one_of_each_kind
from tests.browser.search_box import search_for
from tests.browser.visit import Visit

_UNFOLD = "() => document.querySelectorAll('article details').forEach(it => { it.open = true; })"


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_no_page_breaks_a_rule(path: str, open_page: OpenPage) -> None:
    """All that can be unfolded is; in the dark nothing but colours differs (test_preferences)."""
    visit = open_page()
    visit.go(path)
    visit.ask(_UNFOLD)
    leave_one_of_each_kind(visit)
    for name, look in SCREENS.items():
        visit.look_with(look)
        assert find_violations(visit, only_colors=look.scheme == "dark") == [], name


def test_a_search_with_results_breaks_no_rule(open_page: OpenPage) -> None:
    visit = open_page()
    visit.go(PAGES["request"])
    search_for(visit, "requirements")
    for name, look in SCREENS.items():
        visit.look_with(look)
        assert find_violations(visit, only_colors=look.scheme == "dark") == [], name


@pytest.mark.parametrize("path", [*OVERVIEWS.values(), DOCUMENT], ids=[*OVERVIEWS, "document"])
def test_no_mood_of_the_overview_and_no_document_breaks_a_rule(
    path: str, open_page: OpenPage
) -> None:
    visit = open_page()
    visit.go(path)
    leave_one_of_each_kind(visit)
    for name in ("desktop-light", "phone-dark"):
        visit.look_with(SCREENS[name])
        assert find_violations(visit) == [], name


def test_one_of_each_kind_is_left(open_page: OpenPage) -> None:
    """What is left out is what axe has seen before: another row of the same make."""
    visit = open_page(Look())
    page = visit.go(PAGES["statement"])
    before = _list_kinds(visit)
    rows = page.locator("tbody tr").count()
    leave_one_of_each_kind(visit)
    assert _list_kinds(visit) == before
    assert len(before) > 15
    assert page.locator("tbody tr").count() < rows / 2


def _list_kinds(visit: Visit) -> set[str]:
    kinds = visit.ask(
        """() => [...document.querySelectorAll("article *")]
            .map(element => `${element.localName}.${element.getAttribute("class")}`)"""
    )
    return set(kinds)
