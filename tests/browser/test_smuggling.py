"""Whatever is written into a free text, in a browser nothing of it runs or looks like ours.

These portals are served without a Content-Security-Policy: it would hide what the pages let in.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.hostile_texts import HOSTILE_TEXTS, NAMES, RUN, expect_shown
from tests.browser.portal_server import PortalServer, serve_folder
from tests.browser.search_box import search_for
from tests.browser.shared_builds import build_once
from tests.browser.visit import Visit
from tests.site_builder.conftest import build_all
from tests.site_builder.hostile_ledger import make_hostile_customer, make_organization
from tests.site_builder.small_ledgers import write_ledger

KEY = "BAD"
PARTS = 6
"""In how many tests the many pages of requests are opened, so that they run side by side."""
MENU_PAGES = (
    "index",
    "requests",
    "punchcards",
    "statement",
    "statement-document",
    "new-request",
    "dates",
    "terms",
    "support",
)
LINKS_OF_OURS = {"provider.example", "links.provider.example"}

# What ran, what could still run, and what looks like a part of the page.
FINDINGS = """
() => {
    const findings = []
    if (window.smuggled !== undefined) findings.push("something ran")
    const describe = element => element.outerHTML.slice(0, 200)
    const every = selector => [...document.querySelectorAll(selector)]
    for (const element of every("body *, head *"))
        for (const {name} of element.attributes)
            if (name.startsWith("on") || ["srcdoc", "formaction"].includes(name)
                || (name === "style" && !element.closest(".md-header")))
                findings.push(`${name}: ${describe(element)}`)
    for (const element of every(".note *, .customer-text *, bdi *"))
        for (const {name, value} of element.attributes)
            if (!["dir", "href", "rel", "start"].includes(name) && !value.startsWith("__code_"))
                findings.push(describe(element))
    for (const link of document.links) {
        const ours = link.host === location.host
        if (!["http:", "https:", "mailto:"].includes(link.protocol)) findings.push(describe(link))
        if (ours && link.closest(".note, .customer-text, bdi")) findings.push(describe(link))
        if (link.host && !ours && !link.rel.includes("noopener")) findings.push(describe(link))
    }
    return findings
}
"""


# How many elements of each kind a page has, without what Markdown and line breaks may add.
OUTLINE = """
() => {
    const counts = {}
    for (const element of document.querySelectorAll("html *"))
        if (element.localName !== "br" && !element.parentElement.closest(".customer-text"))
            counts[element.localName] = (counts[element.localName] ?? 0) + 1
    return counts
}
"""
PLAIN = "Plain words"

Outlines = dict[str, dict[str, int]]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalServer]:
    """A portal with every hostile text, one for each hostile name, and both with plain words."""
    folder = build_once(tmp_path_factory, "hostile", _build)
    with serve_folder(folder / "site") as server:
        yield server


def _build(folder: Path) -> None:
    customers = [
        make_hostile_customer("all", KEY, "All of them", HOSTILE_TEXTS),
        *(
            make_hostile_customer(f"name-{number}", f"N{number}", name, [name])
            for number, name in enumerate(NAMES)
        ),
        make_hostile_customer("all-plain", "OK", PLAIN, [PLAIN] * len(HOSTILE_TEXTS)),
        make_hostile_customer("name-plain", "FINE", PLAIN, [PLAIN]),
    ]
    ledger = write_ledger(folder / "customers", make_organization(NAMES[1]), *customers)
    build_all(ledger, folder / "site")


@pytest.fixture(scope="module")
def outlines() -> Outlines:
    """What was counted on the pages with plain words, so that each is opened once."""
    return {}


def _check(visit: Visit, path: str, plain_path: str, outlines: Outlines) -> None:
    """Expect nothing on a page that is not on the same page with plain words."""
    if plain_path not in outlines:
        visit.go(plain_path)
        outlines[plain_path] = visit.ask(OUTLINE)
    visit.go(path)
    assert visit.ask(FINDINGS) == [], path
    assert visit.ask(OUTLINE) == outlines[plain_path], path
    assert visit.troubles == [], path


def test_there_are_a_hundred_of_them() -> None:
    assert len(set(HOSTILE_TEXTS)) == len(HOSTILE_TEXTS) >= 100
    assert sum(RUN in text for text in HOSTILE_TEXTS) > 60


@pytest.mark.parametrize("page", MENU_PAGES)
def test_nothing_runs_on_pages_with_all_of_them(
    page: str, hostile: PortalServer, open_page: OpenPage, outlines: Outlines
) -> None:
    _check(open_page(at=hostile), f"all/{page}.html", f"all-plain/{page}.html", outlines)


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_runs_on_the_requests_pages(
    part: int, hostile: PortalServer, open_page: OpenPage, outlines: Outlines
) -> None:
    """And each text is there to be read, as it was written."""
    visit = open_page(at=hostile)
    for number, text in list(enumerate(HOSTILE_TEXTS, start=1))[part::PARTS]:
        path = f"all/requests/{KEY}-{number}.html"
        _check(visit, path, "all-plain/requests/OK-1.html", outlines)
        shown = visit.ask(
            "() => [...document.querySelectorAll('h1 bdi, .note')].map(it => it.textContent)"
        )
        assert {" ".join(note.split()) for note in shown} == {expect_shown(text)}
        assert len(shown) == 4


@pytest.mark.parametrize("number", range(len(NAMES)))
def test_nothing_runs_where_a_name_is_hostile(
    number: int, hostile: PortalServer, open_page: OpenPage, outlines: Outlines
) -> None:
    visit = open_page(at=hostile)
    expected = expect_shown(NAMES[number])
    for page in MENU_PAGES:
        _check(visit, f"name-{number}/{page}.html", f"name-plain/{page}.html", outlines)
        assert expected in " ".join(visit.page.title().split())
        assert expected in " ".join(visit.page.locator("body").inner_text().split())


@pytest.mark.parametrize("word", ["script", "smuggled", "onerror", "img", "javascript", "x"])
def test_nothing_runs_in_the_results_of_a_search(
    word: str, hostile: PortalServer, open_page: OpenPage
) -> None:
    visit = open_page(at=hostile)
    visit.go("all/index.html")
    search_for(visit, word)
    assert visit.ask(FINDINGS) == []
    in_results = ".found :is(img, script, svg, iframe, style, form)"
    assert visit.page.locator(in_results).count() == 0
    assert visit.troubles == []


def test_nothing_runs_when_everything_is_touched(
    hostile: PortalServer, open_page: OpenPage
) -> None:
    visit = open_page(at=hostile)
    page = visit.go(f"all/requests/{KEY}-1.html")
    visit.ask(
        """() => {
            for (const element of document.querySelectorAll("article *"))
                for (const type of ["mouseover", "focus", "pointerdown", "animationstart"])
                    element.dispatchEvent(new Event(type, {bubbles: true}))
        }"""
    )
    page.keyboard.press("Tab")
    assert visit.ask(FINDINGS) == []


def test_what_runs_is_noticed(tmp_path: Path, open_page: OpenPage) -> None:
    """A page that lets a text through, so that the tests above can fail."""
    markup = "<!doctype html><title>x</title><article><p class=note><b class=hero>x</b></article>"
    (tmp_path / "leaky.html").write_text(
        f"{markup}<script>{RUN}</script><img src=x onerror=y><a href='javascript:x'>x</a>", "utf-8"
    )
    with serve_folder(tmp_path) as server:
        visit = open_page(at=server, expects_trouble=True)
        visit.go("leaky.html")
        findings = visit.ask(FINDINGS)
    assert findings[0] == "something ran"
    assert any("onerror" in finding for finding in findings)
    assert any("hero" in finding for finding in findings)
    assert any("javascript:" in finding for finding in findings)
