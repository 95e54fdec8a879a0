"""A second brand: axe finds nothing in its colours, in light and in dark."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.accessibility import find_violations
from tests.browser.conftest import OpenPage
from tests.browser.looks import SCREENS
from tests.browser.page_facts import find_overflow
from tests.browser.portal_server import PortalServer, serve_folder
from tests.browser.security_policy import read_policies
from tests.browser.shared_builds import build_once
from tests.site_builder.conftest import build_all
from tests.site_builder.test_law_firm import LAW_FIRM


@pytest.fixture(scope="module")
def law_firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalServer]:
    folder = build_once(tmp_path_factory, "law-firm", lambda output: build_all(LAW_FIRM, output))
    with serve_folder(folder, read_policies(folder)) as server:
        yield server


@pytest.mark.parametrize(
    "page",
    ["index", "requests", "requests/BRIGHT-2", "new-request", "dates", "terms",
     "statement-document"],
)  # fmt: skip
def test_every_page_can_be_read_in_a_second_brand(
    page: str, law_firm: PortalServer, open_page: OpenPage
) -> None:
    visit = open_page(at=law_firm)
    visit.go(f"brightwater-mills/{page}.html")
    for name, look in SCREENS.items():
        visit.look_with(look)
        assert find_violations(visit) == [], name
        assert find_overflow(visit) == [], name


def test_the_logo_is_seen_and_the_header_has_the_colour(
    law_firm: PortalServer, open_page: OpenPage, tmp_path: Path
) -> None:
    visit = open_page(at=law_firm)
    visit.go("brightwater-mills/index.html")
    size = visit.ask("() => document.querySelector('.portal-brand img').naturalWidth")
    assert size == 300  # of the picture in the example
    ground = visit.ask("() => getComputedStyle(document.querySelector('header')).backgroundColor")
    assert ground == "rgb(122, 31, 61)"
