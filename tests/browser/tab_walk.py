"""Walking through a page with the Tab key, and what is seen at each stop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.browser.visit import Visit

_MOST_STOPS = 400
_STOP = """
() => {
    const element = document.activeElement
    if (!element || element === document.body) return null
    const style = getComputedStyle(element)
    // A few points in each line of it: at one of them, at least, it has to be on top.
    const points = [...element.getClientRects()].flatMap(box => [.1, .5, .9].flatMap(
        across => [.1, .3, .5, .7, .9].map(
            down => [box.x + box.width * across, box.y + box.height * down])))
    const on_top = points.some(([x, y]) => element.contains(document.elementFromPoint(x, y)))
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1
    return {
        name: (element.getAttribute("aria-label") || element.textContent).trim()
            .replace(/\\s+/g, " "),
        tag: element.tagName.toLowerCase(),
        in_article: !!element.closest("article"),
        is_seen: on_top,
        shows_focus: outlined,
    }
}
"""


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the focus is: whether it can be seen, and whether it shows."""

    name: str
    tag: str
    in_article: bool
    is_seen: bool
    shows_focus: bool


def walk_with_tab(visit: Visit) -> Iterator[Stop]:
    """Press Tab until the focus leaves the page, and yield every stop."""
    for _ in range(_MOST_STOPS):
        visit.page.keyboard.press("Tab")
        stop = find_stop(visit)
        if stop is None:
            return
        yield stop
    raise AssertionError(f"the focus does not leave the page in {_MOST_STOPS} steps")


def tab_to(visit: Visit, name: str) -> Stop:
    """Press Tab until the focus is on what has this name."""
    for stop in walk_with_tab(visit):
        if stop.name.startswith(name):
            return stop
    raise AssertionError(f"Tab never comes to {name!r}")


def find_stop(visit: Visit) -> Stop | None:
    """Return where the focus is, if it is on something."""
    facts = visit.ask(_STOP)
    return Stop(**facts) if facts else None
