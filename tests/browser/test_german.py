"""A portal in another language: it fits the narrowest screen, and the search knows its words."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ledger.ledger import open_ledger
from site_builder.build import build_portals
from site_builder.look import find_configuration
from tests.browser.conftest import OpenPage
from tests.browser.looks import DESKTOP
from tests.browser.portal_server import PortalServer, serve_folder
from tests.browser.search_box import search_for
from tests.browser.security_policy import read_policies
from tests.browser.shared_builds import build_once
from tests.conftest import SAMPLE_AS_OF, SAMPLE_LEDGER


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalServer]:
    """A web server for a German portal, set up as the guide says."""
    root = build_once(tmp_path_factory, "german", _build)
    with serve_folder(root / "site", read_policies(root / "site")) as server:
        yield server


def _build(root: Path) -> None:
    ours = find_configuration(None)
    settings = ours.read_text(encoding="utf-8").replace("language: en", "language: de")
    settings = settings.replace("lang: en", "lang: de")
    settings = re.sub("docs_dir: .*", "docs_dir: files", settings)
    settings = re.sub(".*/lunr/\n", "", settings)
    (root / "mkdocs.yml").write_text(settings, encoding="utf-8")
    icon = root / "files" / "assets" / "images" / "favicon.svg"
    icon.parent.mkdir(parents=True)
    icon.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    with open_ledger(SAMPLE_LEDGER) as ledger:
        day = date.fromisoformat(SAMPLE_AS_OF)
        build_portals(ledger, root / "site", day, ["acme"], configuration=root / "mkdocs.yml")


def test_the_search_finds_german_words(german: PortalServer, open_page: OpenPage) -> None:
    """Under the strict policy."""
    visit = open_page(DESKTOP, german)
    page = visit.go("acme/index.html")
    assert page.locator("html").get_attribute("lang") == "de"
    search_for(visit, "Stundenkarte")
    titles = page.locator(".found a").all_inner_texts()
    assert titles[:2] == ["Stundenkarten", "Support oder Stundenkarte?"]
    assert german.violations == []
