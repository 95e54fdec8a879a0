"""The search finds what customers look for, in their own words."""

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.search_box import FIELD, search_for

FINDS = {
    # What stands first, or all that is found.
    "invoice": ["Punchcards", "Statement", "Purchase P2", "Purchase P1"],
    "INV-2026-163": ["Purchase P2"],
    "po-7902": ["Purchase P2"],
    "p2/4": ["Purchase P2"],
    "acme-1": ["ACME-1 "],
    "ACME-12": ["ACME-12 "],
    "price": ["Buy hours", "Terms"],
    "buy": ["Buy hours"],
    "refund": ["Punchcards", "Statement", "Terms"],
    "remaining": ["Overview"],
    "calendar": ["Accounts and dates"],
    "Tomas herrera": ["Tomás Herrera"],
    "license": ["Accounts and dates"],
    "licence": ["Accounts and dates", "Tracewell"],
    "csv": ["Statement"],
    "  evidence   PACK ": ["ACME-14 "],
    "correction": ["Statement", "ACME-11 "],
}


def test_it_finds_the_words_of_customers(open_page: OpenPage) -> None:
    visit = open_page()
    page = visit.go("acme/search.html")
    for words, expected in FINDS.items():
        page.locator(FIELD).fill(words)
        titles = page.locator(".found a").all_inner_texts()
        for title, start in zip(titles, expected, strict=False):
            assert title.startswith(start), (words, titles)
        assert len(titles) >= len(expected), (words, titles)


def test_all_words_have_to_be_there(open_page: OpenPage) -> None:
    visit = open_page()
    page = visit.go("acme/search.html")
    results = page.locator(".found")
    pages = results.count()

    def count(words: str) -> int:
        page.locator(FIELD).fill(words)
        return results.count()

    assert 0 < count("single sign on") < count("single")
    assert count("alice") > 5
    assert count("single wombat") == pages
    assert page.locator("[data-search-count]").inner_text() == "Nothing has all of these words."


@pytest.mark.parametrize("word", ["agreed", "Tomás"])
def test_the_place_is_shown_where_the_word_stands(word: str, open_page: OpenPage) -> None:
    visit = open_page()
    visit.go("acme/index.html")
    result = search_for(visit, word).last
    assert word.casefold() in result.inner_text().casefold()
    ranges = visit.ask("() => [...CSS.highlights.get('found')].map(range => range.toString())")
    assert word in ranges or word.title() in ranges
