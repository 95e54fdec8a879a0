"""Every kind of page of one customer, in each language and in each way it can be looked at.

The narrowest and a wide screen are looked at in all languages, the other settings each in one
language a page, in turn; with PUNCHCARD_BROWSER_LARGE all are in all.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from ledger.wording import TEXTS_FOLDER
from tests.browser.accessibility import find_violations
from tests.browser.conftest import OpenPage
from tests.browser.looks import DESKTOP, NARROW, Look
from tests.browser.page_facts import find_overflow, leave_one_of_each_kind
from tests.browser.portal_server import PortalServer, serve_folder
from tests.browser.security_policy import read_policies
from tests.browser.shared_builds import build_once
from tests.conftest import SAMPLE_AS_OF, SAMPLE_LEDGER
from tests.site_builder.conftest import build_all

# Read here, because tests are run without the surroundings' variables.
IS_LARGE = bool(os.environ.get("PUNCHCARD_BROWSER_LARGE"))
SLUG = "acme"
PAGES = (
    *("index", "requests", "requests/ACME-12", "requests/ACME-13", "punchcards", "statement"),
    *("statement-document", "new-request", "buy-hours", "support", "dates", "terms", "search"),
)
LANGUAGES = tuple(sorted(file.stem for file in TEXTS_FOLDER.glob("*.toml")))


@dataclass(frozen=True)
class Setting:
    """A way to look at a page.

    Attributes:
        prepare: what is done in the page before anybody looks.
        media: what it is shown on.
        is_file: whether it lies in a folder, without a server.
        script: whether the page's scripts are run.
    """

    look: Look = DESKTOP
    prepare: str = ""
    media: str = "screen"
    is_file: bool = False
    script: bool = True


IN_ALL_LANGUAGES = {"320-pixels": Setting(NARROW), "1440-pixels": Setting(Look(width=1440))}
SETTINGS = {
    **IN_ALL_LANGUAGES,
    "light": Setting(),
    "dark": Setting(Look(scheme="dark")),
    "forced-colours": Setting(Look(forced_colors=True)),
    "large-text": Setting(prepare="() => { document.documentElement.style.fontSize = '200%' }"),
    "no-script": Setting(script=False),
    "print": Setting(Look(width=680, height=1000), media="print"),
    "file": Setting(is_file=True),
}
_UNFOLD = "() => document.querySelectorAll('details').forEach(it => { it.open = true; })"


def _choose() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield settings and languages, and the pages that are looked at in both."""
    for at, (name, language) in enumerate(product(SETTINGS, LANGUAGES)):
        if IS_LARGE or name in IN_ALL_LANGUAGES:
            yield name, language, PAGES
        else:
            turn = (at + at // len(LANGUAGES)) % len(LANGUAGES)
            yield name, language, PAGES[turn :: len(LANGUAGES)]


CHOSEN = tuple(_choose())


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The customer's portal in each language."""
    return build_once(tmp_path_factory, "settings", _build)


@pytest.fixture(scope="module")
def served(sites: Path) -> Iterator[PortalServer]:
    policies = {name: read_policies(sites / "built" / name)[SLUG] for name in LANGUAGES}
    with serve_folder(sites, policies) as server:
        yield server


def _build(root: Path) -> None:
    for language in LANGUAGES:
        ledger = shutil.copytree(SAMPLE_LEDGER, root / "ledgers" / language)
        file = ledger / SLUG / "customer.yml"
        file.write_text(f"{file.read_text('utf-8')}\nlanguage: {language}\n", "utf-8")
        built = root / "built" / language
        build_all(ledger, built, (SLUG,), date.fromisoformat(SAMPLE_AS_OF))
        (root / language).symlink_to(built / SLUG)


def test_every_page_is_looked_at_in_every_setting_and_language() -> None:
    assert len(LANGUAGES) == 5
    for setting in SETTINGS:
        pages = [page for name, _, chosen in CHOSEN if name == setting for page in chosen]
        assert set(pages) == set(PAGES)
    for language in LANGUAGES:
        assert {page for _, name, chosen in CHOSEN if name == language for page in chosen} == {
            *PAGES
        }


@pytest.mark.parametrize(
    ("name", "language", "pages"),
    CHOSEN,
    ids=[f"{name}-{language}" for name, language, _ in CHOSEN],
)
def test_nothing_is_wrong_with_any_page(
    name: str,
    language: str,
    pages: tuple[str, ...],
    sites: Path,
    served: PortalServer,
    open_page: OpenPage,
) -> None:
    """No rule of accessibility is broken, nothing is too wide; the visit meets no trouble."""
    setting = SETTINGS[name]
    visit = open_page(setting.look, PortalServer(sites.as_uri()) if setting.is_file else served)
    visit.page.emulate_media(media="print" if setting.media == "print" else "screen")
    browser = visit.page.context.new_cdp_session(visit.page)
    for path in pages:
        browser.send("Emulation.setScriptExecutionDisabled", {"value": not setting.script})
        page = visit.go(f"{language}/{path}.html")
        # axe is a script, too.
        browser.send("Emulation.setScriptExecutionDisabled", {"value": False})
        assert page.locator("html").get_attribute("lang") == language
        if path == "search" and setting.media == "screen":
            assert page.locator("[data-search]").is_visible() == setting.script
        if setting.prepare:
            visit.ask(setting.prepare)
        visit.ask(_UNFOLD)
        assert find_overflow(visit) == [], path
        leave_one_of_each_kind(visit)
        assert find_violations(visit) == [], path
