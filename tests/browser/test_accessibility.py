"""axe finds nothing on any kind of page, however it is looked at, search open or closed."""

from __future__ import annotations

import pytest

from tests.browser.accessibility import find_violations
from tests.browser.conftest import OpenPage
from tests.browser.looks import DOCUMENT, OVERVIEWS, PAGES, SCREENS, Look
from tests.browser.search_box import open_search, search_for

SEARCH = ".md-header"


@pytest.mark.parametrize("look", SCREENS.values(), ids=SCREENS)
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_no_page_breaks_a_rule(path: str, look: Look, open_page: OpenPage) -> None:
    """All that can be unfolded is; then the search is opened over it, empty."""
    visit = open_page(look)
    visit.go(path)
    visit.ask("() => document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    assert find_violations(visit) == []
    open_search(visit)
    assert find_violations(visit, SEARCH) == []


@pytest.mark.parametrize("look", SCREENS.values(), ids=SCREENS)
@pytest.mark.parametrize("kind", ["overview", "request"])
def test_a_search_with_results_breaks_no_rule(kind: str, look: Look, open_page: OpenPage) -> None:
    visit = open_page(look)
    visit.go(PAGES[kind])
    search_for(visit, "requirements")
    assert find_violations(visit) == []


@pytest.mark.parametrize("screen", ["desktop-light", "phone-dark"])
@pytest.mark.parametrize("path", [*OVERVIEWS.values(), DOCUMENT], ids=[*OVERVIEWS, "document"])
def test_no_mood_of_the_overview_and_no_document_breaks_a_rule(
    path: str, screen: str, open_page: OpenPage
) -> None:
    visit = open_page(SCREENS[screen])
    visit.go(path)
    assert find_violations(visit) == []
