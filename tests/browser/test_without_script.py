"""With JavaScript off every page can be read, and every other page be reached."""

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.looks import PAGES, Look

LOOKS = {
    "desktop": Look(script=False),
    "phone": Look(width=390, height=844, script=False),
}
on_both = pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)


def test_scripts_are_really_off(open_page: OpenPage) -> None:
    for look in (Look(), LOOKS["desktop"]):
        page = open_page(look).go(PAGES["search"])
        assert page.locator("[data-search]").is_visible() == look.script


@on_both
def test_every_page_can_be_read(look: Look, open_page: OpenPage) -> None:
    visit = open_page(look)
    tables = 0
    for path in PAGES.values():
        page = visit.go(path)
        assert page.locator("h1").is_visible(), path
        assert len(page.locator("article").inner_text()) > 200, path
        folds = page.locator("article details:not([open]) > summary:visible")
        while folds.count():
            folds.first.click()
        for table in page.locator("article table").all():
            assert table.is_visible(), path
            tables += 1
    assert tables > len(PAGES)


@on_both
def test_the_menu_leads_to_every_page(look: Look, open_page: OpenPage) -> None:
    visit = open_page(look)
    page = visit.go(PAGES["overview"])
    count = page.locator(".portal-menu:visible a").count()
    for number in range(count):
        fold = page.locator(".portal-menu:visible summary")
        if fold.count():
            fold.click()
        link = page.locator(".portal-menu:visible a").nth(number)
        name = link.inner_text()
        link.click()
        assert page.locator("h1").inner_text() == name
    assert count > 5


@on_both
def test_the_search_is_a_list_of_all_that_there_is(look: Look, open_page: OpenPage) -> None:
    visit = open_page(look)
    page = visit.go(PAGES["overview"])
    page.locator(".portal-search").click()
    assert page.locator("article :is(form, input):visible").count() == 0
    page.locator(".found a:visible", has_text="ACME-12").click()
    assert "ACME-12" in page.locator("h1").inner_text()


@on_both
def test_a_fold_opens(look: Look, open_page: OpenPage) -> None:
    visit = open_page(look)
    page = visit.go(PAGES["punchcards"])
    fold = page.locator("article details").first
    fold.locator("summary").click()
    assert fold.locator("table").is_visible()
