"""The provider's overview in a browser: the same rules as for the portals."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ledger.ledger import open_ledger
from site_builder.output import OVERVIEW_NAME
from site_builder.overview.internal_site import build_overview
from tests.browser.accessibility import find_violations
from tests.browser.conftest import OpenPage
from tests.browser.looks import NARROW, SCREENS, Look
from tests.browser.page_facts import leave_one_of_each_kind
from tests.browser.portal_server import PortalServer, serve_folder
from tests.browser.shared_builds import build_once
from tests.conftest import SAMPLE_AS_OF, SAMPLE_LEDGER

PAGES = ("index", "customers", "requests", "work", "money", "dates")


@pytest.fixture(scope="module")
def overview(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalServer]:
    """A web server for the overview of the sample ledger, under its strict policy."""
    root = build_once(tmp_path_factory, "overview", _build)
    mark = json.loads((root / "overview" / OVERVIEW_NAME).read_text(encoding="utf-8"))
    policies = {"overview": mark["content_security_policy"]}
    with serve_folder(root, policies) as server:
        yield server


def _build(root: Path) -> None:
    with open_ledger(SAMPLE_LEDGER) as ledger:
        build_overview(ledger, root / "overview", date.fromisoformat(SAMPLE_AS_OF))


@pytest.mark.parametrize("page", PAGES)
def test_no_page_breaks_a_rule_and_nothing_is_blocked(
    page: str, overview: PortalServer, open_page: OpenPage
) -> None:
    visit = open_page(at=overview)
    visit.go(f"overview/{page}.html")
    visit.ask("() => document.querySelectorAll('article details').forEach(f => { f.open = true; })")
    leave_one_of_each_kind(visit)
    for name, look in SCREENS.items():
        visit.look_with(look)
        assert find_violations(visit, only_colors=look.scheme == "dark") == [], name
    assert overview.violations == []


def test_no_page_scrolls_sideways_on_the_narrowest_screen(
    overview: PortalServer, open_page: OpenPage
) -> None:
    visit = open_page(NARROW, overview)
    for page in PAGES:
        visit.go(f"overview/{page}.html")
        assert visit.ask("() => document.documentElement.scrollWidth") == NARROW.width, page


def test_every_page_can_be_reached_without_a_script(
    overview: PortalServer, open_page: OpenPage
) -> None:
    visit = open_page(Look(script=False), overview)
    page = visit.go("overview/index.html")
    links = page.locator(".portal-menu:visible a")
    assert links.count() == len(PAGES)
    for number in range(links.count()):
        name = links.nth(number).inner_text()
        links.nth(number).click()
        assert page.locator("h1").inner_text() == name
        assert page.locator(".internal-mark").is_visible()
