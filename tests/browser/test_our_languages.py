"""Portals of other customers in each of our languages: nothing is too long for them."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ledger.ledger import open_ledger
from ledger.wording import TEXTS_FOLDER
from site_builder.build import build_portals
from tests.browser.conftest import OpenPage
from tests.browser.looks import NARROW, PHONE
from tests.browser.portal_server import PortalServer, serve_folder
from tests.browser.security_policy import read_policies
from tests.browser.shared_builds import build_once
from tests.conftest import SAMPLE_AS_OF, SAMPLE_LEDGER

CUSTOMERS = {
    "de": "mueller-messtechnik",
    "fr": "politechnika-nadmorska",
    "es": "acme",
    "ja": "hoshizora",
}


def test_none_is_left_out() -> None:
    assert {file.stem for file in TEXTS_FOLDER.glob("*.toml")} == {"en", *CUSTOMERS}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_once(tmp_path_factory, "languages", _build) / "site"


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[PortalServer]:
    with serve_folder(site, read_policies(site)) as server:
        yield server


def _build(root: Path) -> None:
    shutil.copytree(SAMPLE_LEDGER, root / "customers")
    for language, slug in CUSTOMERS.items():
        file = root / "customers" / slug / "customer.yml"
        lines = [line for line in file.read_text().splitlines() if not line.startswith("language")]
        file.write_text("\n".join([*lines, f"language: {language}\n"]))
    with open_ledger(root / "customers") as ledger:
        build_portals(
            ledger, root / "site", date.fromisoformat(SAMPLE_AS_OF), [*CUSTOMERS.values()]
        )


@pytest.mark.parametrize("language", CUSTOMERS)
def test_every_page_fits_the_narrowest_screen(
    language: str, site: Path, served: PortalServer, open_page: OpenPage
) -> None:
    visit = open_page(NARROW, served)
    for path in sorted((site / CUSTOMERS[language]).glob("*.html")):
        page = visit.go(path.relative_to(site).as_posix())
        assert page.locator("html").get_attribute("lang") == language
        assert visit.ask("() => document.documentElement.scrollWidth") == NARROW.width, path


_BROKEN_WORDS = """() => {
  const found = [];
  const page = document.querySelector("article") || document.body;
  const walker = document.createTreeWalker(page, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, range = document.createRange();
    if (text.parentElement.closest("svg, bdi, a")) continue;
    for (const word of text.data.matchAll(/[a-zäöüß]{6,}/giu)) {
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map((box) => box.top)).size > 1) found.push(word[0]);
    }
  }
  return found;
}"""


def test_long_words_stay_whole(site: Path, served: PortalServer, open_page: OpenPage) -> None:
    """Also where a browser knows no hyphenation."""
    visit, folder = open_page(PHONE, served), site / CUSTOMERS["de"]
    for path in [*sorted(folder.glob("*.html")), *sorted(folder.glob("requests/*.html"))]:
        visit.go(path.relative_to(site).as_posix())
        assert visit.ask(_BROKEN_WORDS) == [], path
