"""Pictures say their values to the pointer and to the keyboard, and all of it without scripts."""

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.looks import DESKTOP, NARROW, PHONE, Look
from tests.browser.tab_walk import find_stop

WITHOUT_SCRIPT = Look(script=False)
OVERVIEW, LONG = "acme/index.html", "politechnika-nadmorska/index.html"
CHART, VALUES = ".course .chart", ".spots text:visible"
LOOKS = {"desktop": DESKTOP, "phone": PHONE, "narrow": NARROW}

# Texts of a picture that lie on each other, or leave its panel.
COLLISIONS = """
() => {
    const panel = document.querySelector(".course").closest(".panel").getBoundingClientRect()
    const texts = [...document.querySelectorAll(".course text")].filter(text =>
        text.getClientRects().length && getComputedStyle(text).visibility === "visible")
    const facts = []
    texts.forEach((text, number) => {
        const one = text.getBoundingClientRect()
        if (one.left < panel.left || one.right > panel.right) facts.push([text.textContent])
        for (const next of texts.slice(number + 1)) {
            const other = next.getBoundingClientRect()
            // Boxes of lines are higher than their letters.
            if (one.left < other.right && other.left < one.right
                && one.top + 4 < other.bottom && other.top + 4 < one.bottom)
                facts.push([text.textContent, next.textContent])
        }
    })
    return facts
}
"""
LEVELS_IN_THE_PLOT = """
() => [...document.querySelectorAll(".chart__levels line")].filter(line => {
    const text = line.nextElementSibling.getBoundingClientRect()
    return line.checkVisibility() && text.right > line.getBoundingClientRect().left
}).length
"""


def test_the_pointer_asks_for_a_value(open_page: OpenPage) -> None:
    page = open_page(WITHOUT_SCRIPT).go(OVERVIEW)
    assert page.locator(VALUES).count() == 0
    page.locator(f"{CHART} .spots:visible > g >> nth=4").locator("rect").hover()
    assert page.locator(VALUES).all_text_contents() == ["20 Jun 2026 · 15m"]


def test_one_stop_of_the_keyboard_shows_all_values(open_page: OpenPage) -> None:
    visit = open_page()
    page = visit.go(OVERVIEW)
    # The radios are a stop, the picture is the next one, and its table follows.
    page.locator(".ranges input:checked").focus()
    page.keyboard.press("Tab")
    stop = find_stop(visit)
    assert stop is not None
    assert (stop.tag, stop.shows_focus) == ("svg", True)
    values = page.locator(f"{CHART} {VALUES}")
    assert values.count() == 12
    assert "15m" in [text.rpartition("· ")[2] for text in values.all_text_contents()]
    assert page.locator(".spots tspan:visible").count() == 0
    page.keyboard.press("Tab")
    assert values.count() == 0
    following = find_stop(visit)
    assert following is not None
    assert following.name == "The same as a table"


@pytest.mark.parametrize("path", ["acme/punchcards.html", "politechnika-nadmorska/punchcards.html"])
def test_the_bars_of_the_months_say_their_hours(path: str, open_page: OpenPage) -> None:
    page = open_page(WITHOUT_SCRIPT).go(path)
    bar = page.locator(".chart--months .spots > g").last
    bar.locator("rect").hover()
    (shown,) = page.locator(VALUES).all_text_contents()
    assert " · " in shown
    page.mouse.move(0, 0)
    page.locator(".chart--months").focus()
    assert 3 < page.locator(VALUES).count() <= 6


@pytest.mark.parametrize(("months", "first"), [("3", "20 Aug 2026"), ("12", "20 Nov 2025")])
def test_a_part_is_chosen_without_a_script(months: str, first: str, open_page: OpenPage) -> None:
    visit = open_page(WITHOUT_SCRIPT)
    page = visit.go(LONG)
    dates = page.locator(".chart__dates text:visible")
    assert dates.first.text_content() == "22 Sep 2025"
    page.locator(".ranges input:checked").focus()
    while page.locator(".ranges input:checked").get_attribute("value") != months:
        page.keyboard.press("ArrowLeft")
    assert dates.first.text_content() == first
    assert page.locator(".window:visible").count() == 1


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
@pytest.mark.parametrize("slug", ["acme", "hoshizora", "mueller-messtechnik", "ondarra-mobility"])
def test_marks_keep_out_of_each_others_way(slug: str, look: Look, open_page: OpenPage) -> None:
    """In all parts of the picture; round hours stand beside the plot."""
    visit = open_page(look)
    page = visit.go(f"{slug}/index.html")
    for choice in page.locator(".ranges input").all():
        choice.check()
        assert visit.ask(COLLISIONS) == [], choice.get_attribute("value")
        assert visit.ask(LEVELS_IN_THE_PLOT) == 0


def test_the_largest_bar_is_as_wide_as_its_row(open_page: OpenPage) -> None:
    page = open_page().go(OVERVIEW)
    row = page.locator(".shares li").first.bounding_box()
    bar = page.locator(".shares__bar").first.bounding_box()
    assert row is not None
    assert bar is not None
    assert bar["width"] == pytest.approx(row["width"], abs=1)


def test_an_hour_of_goodwill_is_a_fifth_of_a_card(open_page: OpenPage) -> None:
    page = open_page().go(LONG)
    widths = {}
    for card in page.locator(".hero .card").all():
        slots = [slot.bounding_box() for slot in card.locator(".slot").all()]
        first, last = slots[0], slots[-1]
        assert first is not None
        assert last is not None
        widths[card.get_attribute("data-lot")] = last["x"] + last["width"] - first["x"]
    assert widths["A2"] / widths["P2/2"] == pytest.approx(0.18, abs=0.02)


def test_a_choice_is_not_printed(open_page: OpenPage) -> None:
    visit = open_page()
    choice = visit.go(LONG).locator(".ranges")
    assert choice.is_visible()
    visit.page.emulate_media(media="print")
    assert not choice.is_visible()
