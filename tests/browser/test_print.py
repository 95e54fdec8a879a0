"""Every page prints as a clean document: nothing to click, nothing cut off, nothing missing."""

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.looks import DOCUMENT, PAGES, Look
from tests.browser.page_facts import find_clipped, find_overflow, find_squeezed
from tests.browser.printed_page import print_sheets, print_words

# What fits between the margins of a sheet: A4 is 794 pixels wide, Letter 816.
PAPER = Look(width=680, height=1000)
# Politechnika has seven cards and credits with some forty entries; it was five sheets when set.
MOST_SHEETS_OF_PUNCHCARDS = 7
SCREEN_ONLY = ".portal-search, .portal-menu, .downloads, .md-skip, .ranges"
SCREEN_ONLY += ", .page-head__actions, .waiting .button"

WORDS = """
article => {
    const words = []
    const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT)
    while (walker.nextNode())
        if (!walker.currentNode.parentElement.closest(
            "svg, .visually-hidden, .downloads, .back, .answer-fold, .ranges,"
            + ".page-head__actions, .waiting .button"))
            words.push(...walker.currentNode.data.split(/\\s+/).filter(Boolean))
    return words
}
"""
"""What is to be read on a page: without its pictures, which print as pictures, and its forms."""


@pytest.mark.parametrize("path", [*PAGES.values(), DOCUMENT], ids=[*PAGES, "document"])
def test_a_sheet_has_nothing_to_click_and_nothing_cut_off(path: str, open_page: OpenPage) -> None:
    visit = open_page(PAPER)
    visit.page.emulate_media(media="print")
    page = visit.go(path)
    shown = [item for item in page.locator(SCREEN_ONLY).all() if item.is_visible()]
    assert [item.get_attribute("class") for item in shown] == []
    assert find_overflow(visit) == []
    assert find_clipped(visit) == []
    assert find_squeezed(visit) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_sheet_is_black_on_white(scheme: str, open_page: OpenPage) -> None:
    visit = open_page(Look(width=680, scheme="dark" if scheme == "dark" else "light"))
    visit.page.emulate_media(media="print")
    visit.go(PAGES["statement"])
    facts = visit.ask(
        """() => [".md-typeset", ".note", ".entry__category"].map(
            name => getComputedStyle(document.querySelector(name)).color)"""
    )
    assert facts == ["rgb(0, 0, 0)", "rgb(0, 0, 0)", "rgb(51, 51, 51)"]
    assert visit.ask("() => getComputedStyle(document.body).backgroundColor") in {
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    }


@pytest.mark.parametrize("kind", ["overview", "statement", "punchcards", "request"])
def test_a_printed_page_has_all_its_words(kind: str, open_page: OpenPage) -> None:
    """What is folded on the screen too: nobody unfolds paper."""
    page = open_page().go(PAGES[kind])
    # What a telephone says instead of what paper has room for.
    page.locator(".only-narrow").evaluate_all("all => all.forEach(each => each.remove())")
    words = set(page.locator("article").evaluate(WORDS))
    printed = print_words(page).replace(" ", "")
    assert {word for word in words if word not in printed} == set()
    assert len(words) > 50


def test_a_printed_statement_says_whose_it_is(open_page: OpenPage) -> None:
    page = open_page().go(PAGES["statement"])
    printed = print_words(page)
    for words in ("Politechnika Nadmorska", "Tracewell Tools", "Opening balance", "1,900.00 EUR"):
        assert words in printed


@pytest.mark.parametrize("path", [PAGES["statement"], DOCUMENT], ids=["page", "document"])
def test_printed_sheets_are_numbered(path: str, open_page: OpenPage) -> None:
    """Sheets that fell apart can be put together, and it is seen when one is missing."""
    sheets = print_sheets(open_page().go(path))
    assert len(sheets) > 2
    for number, sheet in enumerate(sheets, start=1):
        assert f"{number} / {len(sheets)}" in " ".join(sheet.split())


@pytest.mark.parametrize("path", [PAGES["statement"], DOCUMENT], ids=["page", "document"])
def test_a_closing_balance_never_stands_alone_on_a_sheet(path: str, open_page: OpenPage) -> None:
    for sheet in print_sheets(open_page().go(path)):
        words = " ".join(sheet.split()).removeprefix("Date Movement Time Balance").strip()
        assert not words.startswith("Closing balance")


def test_a_sheet_is_filled(open_page: OpenPage) -> None:
    """What was used of a card may go on on the next sheet: no half of one is left empty for it."""
    page = open_page().go(PAGES["punchcards"])
    assert len(print_sheets(page)) <= MOST_SHEETS_OF_PUNCHCARDS


def test_an_address_that_is_no_address_keeps_no_fold_shut(open_page: OpenPage) -> None:
    page = open_page().go(f"{PAGES['overview']}#%E0%A4%A")
    folds = page.locator("details")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert folds.count() == page.locator("details[open]").count() > 0
