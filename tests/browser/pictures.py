"""Takes the pictures of the README and the guides, from the sample ledger.

``python -m tests.browser.pictures FOLDER`` builds a portal, and checks a copy with two mistakes.
"""

import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.conftest import SAMPLE_AS_OF, SAMPLE_LEDGER

PAGES = {
    # name: page, scheme, width, height, scale
    "overview": ("acme/index.html", "light", 1280, 860, 1.0),
    "request": ("acme/requests/ACME-12.html", "light", 1280, 860, 1.0),
    "phone": ("acme/index.html", "dark", 390, 844, 2.0),
}
_TERMINAL = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; padding: 18px 24px; background: #14212b; color: #dfe8ee;
       font: 15px/1.5 'DejaVu Sans Mono', monospace; white-space: pre-wrap }
.error { color: #ff9d8a } .mend { color: #7fd6c2 }
</style>"""


def take_pictures(site: Path, printed: str, folder: Path) -> None:
    """Write a PNG of each page, and one of a terminal, into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    program = CHROMIUM or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        for name, (page, scheme, width, height, scale) in PAGES.items():
            target = (site / page).resolve().as_uri()
            _take(browser, target, folder / f"{name}.png", scheme, (width, height), scale)
        terminal = folder / "terminal.html"
        terminal.write_text(_TERMINAL + _colour(printed), "utf-8")
        lines = printed.count("\n")
        size = (1000, 36 + round(22.5 * lines))
        _take(browser, terminal.resolve().as_uri(), folder / "check.png", "dark", size, 1.0)
        terminal.unlink()
        browser.close()


def _colour(printed: str) -> str:
    """Return HTML of what was printed, with the mistake in red and the mend in green."""
    text = html.escape(printed)
    text = re.sub(r"(error\[[a-z-]+\])", r'<b class="error">\1</b>', text)
    return re.sub(r"(\^+ .*)", r'<span class="mend">\1</span>', text)


def _take(
    browser: Browser, url: str, file: Path, scheme: str, size: tuple[int, int], scale: float
) -> None:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=scale,
    )
    page = context.new_page()
    page.goto(url)
    page.screenshot(path=file)
    context.close()


def check_with_mistakes(folder: Path) -> str:
    """Return what `punchcard check` prints of a copy of the sample with two mistakes."""
    sheet = shutil.copytree(SAMPLE_LEDGER, folder / "customers") / "acme/time/2026-11-alice.yml"
    text = sheet.read_text("utf-8").replace("minutes: 45", "minutes: 20", 1)
    sheet.write_text(text.replace("request: ACME-13", "request: ACME-31", 1), "utf-8")
    done = run_punchcard("--ledger", "customers", "check", "--no-since", folder=folder)
    return "$ punchcard check\n" + done


def run_punchcard(*arguments: str, folder: Path) -> str:
    """Run the program in a folder, as of the day of the sample's story; return what it printed."""
    code = "from site_builder.punchcard import main; main()"
    command = [sys.executable, "-c", code, *arguments, "--as-of", SAMPLE_AS_OF]
    environment = {**os.environ, "PYTHONPATH": str(SAMPLE_LEDGER.parent)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        site = Path(scratch, "site")
        run_punchcard("portal", "build", "acme", f"--output={site}", folder=SAMPLE_LEDGER.parent)
        take_pictures(site, check_with_mistakes(Path(scratch)), Path(sys.argv[1]))
