"""A browser, the portals of the sample ledger, and visits to them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from tests.browser.looks import DESKTOP, Look
from tests.browser.portal_server import PortalServer, serve_folder
from tests.browser.security_policy import read_policies
from tests.browser.shared_builds import build_once
from tests.browser.visit import Visit
from tests.conftest import SAMPLE_AS_OF, SAMPLE_LEDGER
from tests.site_builder.conftest import build_all

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

# Read here, because tests are run without the surroundings' variables.
IN_CI = os.environ.get("CI") == "true"
# The shell has the same engine, without the windows and services of a desktop that take half the
# time of a test.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)

# How long a busy machine may take for what happens at once on a free one.
PATIENCE_MS = 20_000

FLAGS = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--hide-scrollbars",
    # Whatever asks for another host finds none, even if a test does not notice it.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]

OpenPage = Callable[..., Visit]
Windows = Callable[[Look], "BrowserContext"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; without it the tests are skipped, but in CI that is a failure."""
    try:
        from playwright.sync_api import expect, sync_playwright
    except ImportError:
        do_without("Playwright is not installed: install the dependency group 'browser'")
    if CHROMIUM is None:
        do_without("no Chromium found: install it, or name the program in CHROMIUM")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        # As root, Chromium's sandbox cannot start; everywhere else it stays on.
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, chromium_sandbox=os.geteuid() != 0, args=FLAGS
        )
        yield browser
        browser.close()


def do_without(reason: str) -> NoReturn:
    """Skip the test for want of a program; but in CI that is a failure."""
    if IN_CI:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def portals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The portals of the sample ledger."""
    as_of = date.fromisoformat(SAMPLE_AS_OF)
    return build_once(
        tmp_path_factory, "sample", lambda folder: build_all(SAMPLE_LEDGER, folder, as_of=as_of)
    )


@pytest.fixture(scope="session")
def server(portals: Path) -> Iterator[PortalServer]:
    """A web server for all portals, each under its strict policy."""
    with serve_folder(portals, read_policies(portals)) as server:
        yield server


@pytest.fixture(scope="session")
def windows(browser: Browser) -> Windows:
    """A browser window for each look, opened when it is first needed and kept."""
    opened: dict[Look, BrowserContext] = {}

    def find(look: Look) -> BrowserContext:
        if look not in opened:
            opened[look] = browser.new_context(
                viewport={"width": look.width, "height": look.height},
                device_scale_factor=look.scale,
                color_scheme=look.scheme,
                reduced_motion="reduce" if look.calm else "no-preference",
                forced_colors="active" if look.forced_colors else "none",
                java_script_enabled=look.script,
                locale="en-GB",
            )
        return opened[look]

    return find


@pytest.fixture
def open_page(windows: Windows, server: PortalServer) -> Iterator[OpenPage]:
    """Begin visits; at the end of the test none may have met trouble."""
    visits: list[Visit] = []
    troubles: list[str] = []

    def begin(
        look: Look = DESKTOP, at: PortalServer = server, *, expects_trouble: bool = False
    ) -> Visit:
        visit = Visit.begin(windows(look), at)
        visits.append(visit)
        if not expects_trouble:
            visit.troubles = troubles
        return visit

    server.violations.clear()
    yield begin
    for visit in visits:
        visit.page.close()
    assert troubles == []
    assert server.violations == []
