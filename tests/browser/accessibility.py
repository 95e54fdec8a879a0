"""axe-core, run in a page: which of its rules the page breaks, and where."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.browser.visit import Visit

_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_RUN = """
({part, tags}) => axe.run(part ?? document, {
    resultTypes: ["violations"],
    runOnly: {type: "tag", values: tags},
})
"""


def find_violations(visit: Visit, part: str | None = None) -> list[str]:
    """Return the rules of WCAG 2.2 AA and of good practice that a page, or a part, breaks."""
    visit.page.evaluate(_read_axe())
    result = visit.ask(_RUN, {"part": part, "tags": _TAGS})
    return [_describe(violation) for violation in result["violations"]]


def _describe(violation: dict[str, Any]) -> str:
    places = [" ".join(map(str, node["target"])) for node in violation["nodes"]]
    return f"{violation['id']} ({violation['help']}): {', '.join(places)}"


@lru_cache(maxsize=1)
def _read_axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
