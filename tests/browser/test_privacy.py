"""A portal asks nobody but its own host, and its strict policy has nothing to object to.

What a visit meets (other hosts, errors, violations) fails every test of this folder; the tests
here go everywhere and use everything, so that there is something to meet.
"""

import re
from pathlib import Path

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.looks import DESKTOP, DOCUMENT, PAGES, PHONE, Look
from tests.browser.portal_server import PortalServer
from tests.browser.search_box import search_for
from tests.browser.security_policy import parse_policy, read_policies


@pytest.mark.parametrize("look", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_asks_only_its_own_host(
    look: Look, server: PortalServer, open_page: OpenPage
) -> None:
    server.answers.clear()
    visits = [(open_page(look), path) for path in (*PAGES.values(), DOCUMENT)]
    for visit, path in visits:
        visit.go(path)
    for visit, _ in visits:
        visit.settle()
    assert {answer.status for answer in server.answers} == {200}


@pytest.mark.parametrize("look", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("start", [PAGES["overview"], PAGES["request"]], ids=["top", "request"])
def test_the_search_finds_a_request_and_leads_to_it(
    start: str, look: Look, open_page: OpenPage
) -> None:
    visit = open_page(look)
    page = visit.go(start)
    results = search_for(visit, "evidence pack")
    assert "ACME-14" in results.first.inner_text()
    results.first.locator("a").first.click()
    page.wait_for_url("**/acme/requests/ACME-14.html*")
    assert "Evidence pack" in page.locator("h1").inner_text()
    visit.settle()


def test_the_search_finds_only_this_customers_requests(open_page: OpenPage) -> None:
    visit = open_page()
    page = visit.go("savanna-sky/index.html")
    search_for(visit, "requirements")
    links = page.locator(".found a").all_inner_texts()
    keys = {link.partition("-")[0] for link in links if re.match("[A-Z]+-[0-9]", link)}
    assert len(keys) == 1
    assert "ACME" not in keys


def test_a_page_of_every_kind_is_looked_at(portals: Path) -> None:
    """A page that is new belongs into ``looks.py``."""
    built = {file.name for file in (portals / "acme").glob("*.html")}
    known = {path.partition("/")[2] for path in (*PAGES.values(), DOCUMENT)}
    assert built == {name for name in known if "/" not in name}


def test_the_policy_allows_only_the_portals_own_files(portals: Path) -> None:
    policies = read_policies(portals)
    assert set(policies) == {folder.name for folder in portals.iterdir() if folder.is_dir()}
    for policy in policies.values():
        rules = parse_policy(policy)
        assert rules["default-src"] == {"'none'"}
        for name in ("base-uri", "form-action", "frame-ancestors"):
            assert rules.pop(name) == {"'none'"}, name
        for name in ("style-src", "connect-src"):
            assert rules.pop(name) == {"'self'"}, name
        allowed = {source for sources in rules.values() for source in sources}
        hashes = {source for source in allowed if source.startswith("'sha256-")}
        assert allowed - hashes <= {"'none'", "'self'", "data:"}
        assert hashes <= rules["script-src"]
        assert "data:" not in rules["script-src"]
