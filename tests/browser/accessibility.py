"""axe-core, run in a page: which of its rules the page breaks, and where."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from tests.browser.page_facts import lay_out_everything

if TYPE_CHECKING:
    from tests.browser.visit import Visit

_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_COLOR_RULES = ("color-contrast", "link-in-text-block")
_IS_THERE = "() => typeof axe !== 'undefined'"
# What it would load beforehand (styles, sounds) is for rules that find nothing here.
_RUN = """
({part, type, values}) => axe.run(part ?? document, {
    preload: false,
    resultTypes: ["violations"],
    runOnly: {type, values},
})
"""


def find_violations(
    visit: Visit, part: str | None = None, *, only_colors: bool = False
) -> list[str]:
    """Return the rules of WCAG 2.2 AA and of good practice that a page, or a part, breaks.

    Those of colours are enough where nothing else differs from what has been looked at already.
    """
    lay_out_everything(visit)
    if not visit.ask(_IS_THERE):
        visit.page.evaluate(_read_axe())
    rules = (
        {"type": "rule", "values": _COLOR_RULES}
        if only_colors
        else {"type": "tag", "values": _TAGS}
    )
    result = visit.ask(_RUN, {"part": part, **rules})
    return [_describe(violation) for violation in result["violations"]]


def _describe(violation: dict[str, Any]) -> str:
    places = [" ".join(map(str, node["target"])) for node in violation["nodes"]]
    return f"{violation['id']} ({violation['help']}): {', '.join(places)}"


@lru_cache(maxsize=1)
def _read_axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
