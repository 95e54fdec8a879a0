"""The visits notice what they are there for: each kind of trouble, made on purpose."""

from collections.abc import Iterator

import pytest

from tests.browser.accessibility import find_violations
from tests.browser.conftest import OpenPage
from tests.browser.looks import NARROW
from tests.browser.page_facts import (
    find_clipped,
    find_overflow,
    find_squeezed,
    find_unreachable_tables,
)
from tests.browser.portal_server import PortalServer, serve_folder
from tests.browser.tab_walk import walk_with_tab

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'"
HARMLESS = '<!doctype html><html lang="en"><meta charset="utf-8"><title>x</title><h1>x</h1>'
TROUBLES = {
    "another-host": ('<img src="http://elsewhere.example/x.png" alt="">', "asks another host"),
    "inline-handler": ('<img src="missing.png" onerror="alert(1)" alt="">', "violates script-src"),
    "inline-style": ('<p style="color: red">x</p>', "violates style-src"),
    "error": ('<script src="broken.js"></script>', "error: broken"),
    "dialog": ('<script src="asking.js"></script>', "dialog: asking"),
    "worker": ('<script src="starting.js"></script>', "connect-src"),
}
SCRIPTS = {
    "broken.js": "throw new Error('broken')",
    "asking.js": "alert('asking')",
    "starting.js": "new Worker('worker.js')",
    "worker.js": "fetch('http://elsewhere.example/y')",
}


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalServer]:
    """Pages on which something is wrong, under the policy of a page on which nothing is."""
    folder = tmp_path_factory.mktemp("troubled")
    site = folder / "site"
    site.mkdir()
    (site / "harmless.html").write_text(HARMLESS, encoding="utf-8")
    for name, (markup, _) in TROUBLES.items():
        (site / f"{name}.html").write_text(HARMLESS + markup, encoding="utf-8")
    for name, script in SCRIPTS.items():
        (site / name).write_text(script, encoding="utf-8")
    (site / "layout.html").write_text(
        f"{HARMLESS}<article><div>{'W' * 200}</div><table><tr><td>x</table>"
        '<dl><dt class="thin">squeezed</dl><pre class="cut">longer than its box</pre>'
        '<link rel="stylesheet" href="layout.css">'
        '<a href="#" class="bare">x</a><a href="#" class="off">y</a><img src="data:,"></article>',
        encoding="utf-8",
    )
    (site / "layout.css").write_text(
        ".cut { width: 2em; overflow: hidden } .thin { width: 0; overflow-wrap: anywhere }"
        " .bare { outline: none } .off { margin-left: -99em }",
        encoding="utf-8",
    )
    with serve_folder(folder, {"site": POLICY}) as server:
        yield server


@pytest.mark.parametrize(("name", "noticed"), [(name, it[1]) for name, it in TROUBLES.items()])
def test_trouble_is_noticed(
    name: str, noticed: str, troubled: PortalServer, open_page: OpenPage
) -> None:
    visit = open_page(at=troubled, expects_trouble=True)
    visit.go(f"site/{name}.html")
    visit.settle()
    assert noticed in "\n".join([*visit.troubles, *troubled.violations])


def test_a_violation_is_reported_to_the_server(troubled: PortalServer, open_page: OpenPage) -> None:
    visit = open_page(at=troubled, expects_trouble=True)
    troubled.violations.clear()
    with visit.page.expect_request("**/policy-reports"):
        visit.go("site/inline-handler.html")
    visit.settle()
    assert "script-src" in "".join(troubled.violations)


def test_a_harmless_page_makes_no_trouble(troubled: PortalServer, open_page: OpenPage) -> None:
    open_page(at=troubled).go("site/harmless.html")


def test_a_bad_layout_is_noticed(troubled: PortalServer, open_page: OpenPage) -> None:
    visit = open_page(NARROW, at=troubled, expects_trouble=True)
    visit.go("site/layout.html")
    assert find_overflow(visit)
    assert find_clipped(visit) == ["pre.cut"]
    assert find_squeezed(visit) == ["squeezed"]
    assert find_unreachable_tables(visit) == ["x"]
    assert any(violation.startswith("image-alt") for violation in find_violations(visit))
    stops = {stop.name: stop for stop in walk_with_tab(visit)}
    assert not stops["x"].shows_focus
    assert not stops["y"].is_seen
