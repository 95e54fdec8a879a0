"""What the reader's system asks for is respected: less motion, forced colours, light or dark."""

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.looks import DESKTOP, DOCUMENT, OVERVIEWS, PAGES, PHONE, Look
from tests.browser.page_facts import lay_out_everything

MOVING = """
() => [...document.querySelectorAll("*")].filter(element => {
    const style = getComputedStyle(element)
    const lasts = times => times.split(",").some(time => parseFloat(time) > 0)
    return style.scrollBehavior === "smooth" || lasts(style.transitionDuration)
        || (style.animationName !== "none" && lasts(style.animationDuration))
}).map(element => `${element.tagName.toLowerCase()}.${element.className}`)
"""

# The contrast of each text with what lies behind it, of each bar's border and of what fills it.
CONTRASTS = """
() => {
    const parse = color => {
        const [r, g, b, a = 1] = color.match(/^rgba?\\((.*)\\)$/)[1].split(",").map(parseFloat)
        return {r, g, b, a}
    }
    const luminance = ({r, g, b}) => [[r, .2126], [g, .7152], [b, .0722]].reduce(
        (sum, [value, weight]) => {
            const part = value / 255
            return sum + weight * (part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
        }, 0)
    const contrast = (one, other) => {
        const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b)
        return (high + .05) / (low + .05)
    }
    const background = element => {
        for (; element; element = element.parentElement) {
            const color = parse(getComputedStyle(element).backgroundColor)
            if (color.a === 1) return color
        }
        return parse(getComputedStyle(document.body).backgroundColor)
    }
    const facts = []
    const note = (kind, element, color) => facts.push([
        kind, (element.textContent || element.getAttribute("class")).trim().slice(0, 40),
        color === "none" ? 0
            : contrast(parse(color), background(element.closest("svg") || element)),
    ])
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement
        if (walker.currentNode.data.trim() && element.checkVisibility()
            && !element.closest("svg, script, .visually-hidden"))
            note("text", element, getComputedStyle(element).color)
    }
    for (const text of document.querySelectorAll(".chart text"))
        if (text.getClientRects().length) note("text", text, getComputedStyle(text).fill)
    for (const slot of document.querySelectorAll(".slot, .slot__cross, .course__line"))
        note("border", slot, getComputedStyle(slot).stroke)
    for (const slot of document.querySelectorAll(".slot--left"))
        note("filling", slot, getComputedStyle(slot).fill)
    return facts
}
"""
# Borders that are not seen, and those of them that forced colours show where others have no border.
UNSEEN = """
() => {
    const sides = ["Top", "Right", "Bottom", "Left"]
    window.unseen = [...document.querySelectorAll("body *")].flatMap(element => {
        const style = getComputedStyle(element)
        return sides.filter(side => parseFloat(style[`border${side}Width`])
            && style[`border${side}Color`] === "rgba(0, 0, 0, 0)").map(side => [element, side])
    })
    return window.unseen.length
}
"""
SHOWN = """
() => {
    const canvas = getComputedStyle(document.body).backgroundColor
    return window.unseen.filter(([element, side]) =>
        getComputedStyle(element)[`border${side}Color`] !== canvas
    ).map(([element]) => element.getAttribute("class"))
}
"""
MEANT = ("md-header", "pill", "turn")  # a line between, and a frame around what is filled
ENOUGH = {"text": 4.5, "border": 3.0, "filling": 3.0}
# The theme's script moves this and that a moment after a page is there.
BOXES = """
async () => {
    for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame)
    const seen = element => element.checkVisibility({visibilityProperty: true})
    return [...document.querySelectorAll("body *")].filter(seen).map(element => {
        const {x, y, width, height} = element.getBoundingClientRect()
        return [element.localName, x, y, width, height].join(" ")
    })
}
"""


def test_nothing_moves_for_those_who_ask_for_less_motion(open_page: OpenPage) -> None:
    visit = open_page(Look(calm=True))
    visit.go(PAGES["overview"])
    assert visit.ask(MOVING) == []


def test_something_may_move_for_others(open_page: OpenPage) -> None:
    """Otherwise the test above would say nothing."""
    visit = open_page(Look(calm=False))
    visit.go(PAGES["overview"])
    assert visit.ask(MOVING) != []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("is_forced", [True, False], ids=["forced", "own"])
def test_texts_and_bars_stand_out(is_forced: bool, scheme: str, open_page: OpenPage) -> None:
    visit = open_page(Look(scheme="dark" if scheme == "dark" else "light", forced_colors=is_forced))
    kinds: set[str] = set()
    for path in (PAGES["overview"], OVERVIEWS["used-up"], PAGES["punchcards"], PAGES["requests"]):
        visit.go(path)
        assert visit.ask("() => matchMedia('(forced-colors: active)').matches") == is_forced
        facts = visit.ask(CONTRASTS)
        kinds.update(kind for kind, _, _ in facts)
        assert [fact for fact in facts if fact[2] < ENOUGH[fact[0]]] == [], path
    assert kinds == set(ENOUGH)


def test_with_forced_colours_what_is_left_differs_from_what_is_used(open_page: OpenPage) -> None:
    visit = open_page(Look(forced_colors=True))
    page = visit.go(PAGES["overview"])
    fills = {
        state: page.locator(f".slot--{state}").first.evaluate("slot => getComputedStyle(slot).fill")
        for state in ("left", "used")
    }
    assert fills["used"] == "none"
    assert fills["left"] != "none"


def test_with_forced_colours_all_words_of_a_picture_have_the_colour_of_text(
    open_page: OpenPage,
) -> None:
    """Browsers force nothing inside a picture."""
    page = open_page(Look(forced_colors=True)).go(PAGES["overview"])
    texts = page.locator(".chart text")
    fills = {text.evaluate("text => getComputedStyle(text).fill") for text in texts.all()}
    color = page.locator(".panel p").first.evaluate("text => getComputedStyle(text).color")
    assert fills == {color}


def test_with_forced_colours_one_item_of_the_menu_is_the_current_one(open_page: OpenPage) -> None:
    """And whatever else has a border that is not to be seen, it is not seen then either."""
    visit = open_page(Look(height=800 - 3))
    for path in (PAGES["overview"], PAGES["request"], PAGES["search"], PAGES["buy-hours"]):
        visit.page.emulate_media(forced_colors="none")
        visit.go(path)
        assert visit.ask(UNSEEN) > 8
        visit.page.emulate_media(forced_colors="active")
        shown = [name for name in visit.ask(SHOWN) if name and not name.startswith(MEANT)]
        assert shown == [], path
        current = visit.page.locator(".portal-menu--row [aria-current]")
        if current.count():
            colors = [
                link.evaluate("link => getComputedStyle(link).borderBottomColor")
                for link in visit.page.locator(".portal-menu--row a").all()
            ]
            assert sorted(map(colors.count, colors)) == [1] + [len(colors) - 1] * (len(colors) - 1)


def test_light_and_dark_follow_the_system(open_page: OpenPage) -> None:
    colors = set()
    for look in (DESKTOP, Look(scheme="dark")):
        visit = open_page(look)
        visit.go(PAGES["overview"])
        colors.add(visit.ask("() => getComputedStyle(document.body).backgroundColor"))
    assert len(colors) == 2


@pytest.mark.parametrize("look", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_but_colours_differs_in_the_dark(look: Look, open_page: OpenPage) -> None:
    """So what has been looked at in the light need not be looked at once more but for them."""
    visit = open_page(look)
    for path in (*PAGES.values(), *OVERVIEWS.values(), DOCUMENT):
        visit.go(path)
        lay_out_everything(visit)
        in_light = visit.ask(BOXES)
        visit.page.emulate_media(color_scheme="dark")
        assert visit.ask("() => matchMedia('(prefers-color-scheme: dark)').matches")
        assert visit.ask(BOXES) == in_light, path
        visit.page.emulate_media(color_scheme="light")
