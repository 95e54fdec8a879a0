"""Customers with 300 requests, or 128 cards, or two years: no page is too long, nothing is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.accessibility import find_violations
from tests.browser.conftest import OpenPage
from tests.browser.large_ledgers import make_busy_customer, make_long_standing_customer
from tests.browser.looks import Look
from tests.browser.page_facts import find_overflow
from tests.browser.portal_server import PortalServer, serve_folder
from tests.browser.printed_page import print_words
from tests.browser.shared_builds import build_once
from tests.browser.visit import Visit
from tests.site_builder.conftest import build_all
from tests.site_builder.small_ledgers import ORGANIZATION, write_ledger

MOST_ELEMENTS = 4_000
MOST_PIXELS = 6_000
LOOKS = {"desktop": Look(width=1440, height=900), "phone": Look(width=390, height=844)}
on_both = pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
SIZES = "() => [document.querySelectorAll('*').length, document.documentElement.scrollHeight]"
ROWS = "[data-request-list] tbody tr"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_once(tmp_path_factory, "long-standing", _build) / "site"


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[PortalServer]:
    with serve_folder(site) as server:
        yield server


def _build(folder: Path) -> None:
    old, busy = make_long_standing_customer("old", "OLD"), make_busy_customer("busy", "BUSY", 300)
    build_all(write_ledger(folder / "customers", ORGANIZATION, old, busy), folder / "site")


@on_both
@pytest.mark.parametrize("slug", ["old", "busy"])
def test_no_page_is_too_long(
    slug: str, look: Look, site: Path, served: PortalServer, open_page: OpenPage
) -> None:
    """Of the busy one, half of the requests are open.

    But for the document, which is to be printed and filed, and holds everything.
    """
    visit = open_page(look, served)
    pages = [path.relative_to(site / slug).as_posix() for path in (site / slug).rglob("*.html")]
    pages.remove("statement-document.html")
    sizes = {}
    # One request is as long as another.
    for path in sorted(pages):
        if path.startswith("requests/") and not path.endswith("-77.html"):
            continue
        visit.go(f"{slug}/{path}")
        sizes[path] = visit.ask(SIZES)
        assert find_overflow(visit) == [], path
    assert {"index.html", "requests.html", "search.html"} < set(sizes)
    assert {path: it for path, it in sizes.items() if it[0] > MOST_ELEMENTS} == {}
    assert {path: it for path, it in sizes.items() if it[1] > MOST_PIXELS} == {}


@pytest.mark.parametrize("path", ["requests", "punchcards", "statement", "statement/2026-06"])
def test_no_rule_is_broken(path: str, served: PortalServer, open_page: OpenPage) -> None:
    visit = open_page(at=served)
    visit.go(f"old/{path}.html")
    assert find_violations(visit) == []


def _list_shown(visit: Visit) -> list[str]:
    rows = visit.page.locator(f"{ROWS}:visible .row__id")
    return [text.strip() for text in rows.all_inner_texts()]


def test_what_is_open_and_the_last_twenty_are_shown_then_years(
    served: PortalServer, open_page: OpenPage
) -> None:
    visit = open_page(at=served)
    page = visit.go("old/requests.html")
    assert len(_list_shown(visit)) == 30
    assert page.locator("[data-request-count]").inner_text() == "30 of 300 requests are shown."
    folds = page.locator("article summary")
    assert folds.all_inner_texts() == ["2026: 113 requests", "2025: 157 requests"]
    folds.first.click()
    assert len(_list_shown(visit)) == 143
    assert page.locator("[data-request-count]").inner_text() == "143 of 300 requests are shown."


def test_a_choice_finds_what_is_folded(served: PortalServer, open_page: OpenPage) -> None:
    """All that fits stands in one list; when all are shown, each is where it was."""
    visit = open_page(at=served)
    page = visit.go("old/requests.html")
    before = page.locator(ROWS).evaluate_all("rows => rows.map(row => row.dataset.id)")
    page.get_by_label("Category").select_option("product-training")
    shown = _list_shown(visit)
    assert len(shown) == 75
    assert "OLD-1" in shown
    assert page.locator("[data-request-count]").inner_text() == "75 of 300 requests are shown."
    page.get_by_label("Order", exact=True).select_option("id")
    assert _list_shown(visit)[0] == "OLD-1"
    page.get_by_role("button", name="Show all").click()
    assert page.locator(ROWS).evaluate_all("rows => rows.map(row => row.dataset.id)") == before
    assert len(_list_shown(visit)) == 30


def test_without_a_script_every_request_can_be_reached(
    served: PortalServer, open_page: OpenPage
) -> None:
    visit = open_page(Look(script=False), served)
    page = visit.go("old/requests.html")
    for fold in page.locator("article summary").all():
        fold.click()
    assert len(set(_list_shown(visit))) == 300
    page.locator("[href='requests/OLD-1.html']").click()
    assert "OLD-1" in page.locator("h1").inner_text()


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("punchcards.html#purchase-P3", "P3/8"),
        ("punchcards.html#lot-30", "P3/6"),
        ("statement.html#month-2026-09", "Movements in September 2026"),
    ],
)
def test_a_link_opens_the_fold_that_it_leads_into(
    link: str, shown: str, served: PortalServer, open_page: OpenPage
) -> None:
    page = open_page(at=served).go(f"old/{link}")
    wanted = page.get_by_role("region", name=shown).or_(page.get_by_text(shown, exact=True))
    assert wanted.is_visible()


def test_each_earlier_month_has_a_page(served: PortalServer, open_page: OpenPage) -> None:
    """Its row says the same sums, and all months together have every movement."""
    visit = open_page(at=served)
    page = visit.go("old/statement.html")
    assert page.locator("details[open] .fold__name").all_inner_texts() == ["November 2026"]
    listed = page.locator("[id^=month-]").all_inner_texts()
    assert len(listed) == 23
    movements = page.locator("table.moves tbody tr:not(.balance-row)").count()
    links = page.locator("[id^=month-] a").evaluate_all("all => all.map(each => each.href)")
    assert len(links) > 15
    for link in links:
        page.goto(link)
        movements += page.locator("table.moves tbody tr:not(.balance-row)").count()
    assert movements == 600 + 16
    assert page.locator("h1").inner_text() == "Statement, January 2025"
    page.get_by_role("link", name="OLD-1", exact=True).first.click()
    assert "OLD-1" in page.locator("h1").inner_text()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("requests", ["OLD-1 ", "OLD-150 ", "OLD-300 "]),
        ("punchcards", ["P0/1", "P15/8", "INV-0"]),
        ("statement", ["Worked on number 264.", "Worked on number 300.", "January 2025"]),
        ("statement-document", ["Worked on number 1.", "Worked on number 300."]),
    ],
)
def test_paper_has_what_is_folded(
    path: str, words: list[str], served: PortalServer, open_page: OpenPage
) -> None:
    printed = print_words(open_page(at=served).go(f"old/{path}.html"))
    assert [each for each in words if each not in printed] == []
