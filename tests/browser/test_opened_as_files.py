"""A portal works when it lies in a folder and its pages are opened as files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.looks import DESKTOP, PAGES, PHONE, Look
from tests.browser.portal_server import PortalServer
from tests.browser.search_box import search_for
from tests.browser.visit import Visit

OpenFiles = Callable[..., Visit]


@pytest.fixture
def files(portals: Path) -> PortalServer:
    """The portals' folder in the place of a server."""
    return PortalServer(portals.as_uri())


@pytest.fixture
def open_files(files: PortalServer, open_page: OpenPage) -> OpenFiles:
    """Begin visits that may meet no trouble."""
    return lambda look=DESKTOP: open_page(look, at=files)


def test_every_page_looks_as_it_does_from_a_server(
    open_files: OpenFiles, open_page: OpenPage
) -> None:
    from_disk, from_server = open_files(), open_page()
    height = "() => document.querySelector('article').scrollHeight"
    for path in PAGES.values():
        from_disk.go(path)
        from_server.go(path)
        assert from_disk.page.locator("h1").is_visible()
        assert from_disk.ask(height) == from_server.ask(height)


def test_every_link_leads_to_a_file(portals: Path, open_files: OpenFiles) -> None:
    visit = open_files()
    links = set()
    for path in PAGES.values():
        visit.go(path)
        links.update(visit.ask("() => [...document.links].map(link => link.href)"))
    inside = {link.partition("#")[0] for link in links if link.startswith("file:")}
    existing = {file.as_uri() for file in portals.rglob("*") if file.is_file()}
    assert inside - existing == set()
    assert len(inside) > 20


def test_links_are_followed(files: PortalServer, open_files: OpenFiles) -> None:
    page = open_files().go(PAGES["overview"])
    page.locator(".portal-menu--row a", has_text="Requests").click()
    page.locator("article a", has_text="ACME-12").click()
    assert "ACME-12" in page.locator("h1").inner_text()
    page.locator(".portal-brand").click()
    assert page.url == files.url(PAGES["overview"])


@pytest.mark.parametrize("look", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_search_works(look: Look, open_files: OpenFiles) -> None:
    visit = open_files(look)
    visit.go(PAGES["overview"])
    assert "ACME-14" in search_for(visit, "evidence pack").first.inner_text()
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url("**/requests/ACME-14.html")
