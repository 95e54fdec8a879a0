"""The provider's own look: another language, another wording, other templates, other colours."""

import hashlib
from pathlib import Path

import pytest

from ledger.errors import LedgerError
from site_builder.look import read_style
from site_builder.pages.environment import PageStyle
from tests.site_builder.built_pages import read_all_files, read_page
from tests.site_builder.conftest import build_all
from tests.site_builder.small_ledgers import write_ledger

GERMAN = """\
language = "de"
locale = "de_DE"
units = { hours = " Std.", minutes = " Min." }
cards = { one = "{number} Stundenkarte", other = "{number} Stundenkarten" }

[theme]
menu = "Menü"
kept_by = "Geführt von"

[overview]
title = "Überblick"
hours_left = "Reststunden"

[status]
in-progress = "In Arbeit"
"""
CONFIGURATION = """\
site_name: x
docs_dir: brand
use_directory_urls: false
theme:
  name: material
  custom_dir: look
  language: de
  font: false
  favicon: assets/images/favicon.svg
plugins:
  - search
  - punchcard:
      texts: texts
      templates: pages
markdown_extensions:
  - attr_list
  - pymdownx.emoji:
      emoji_index: !!python/name:material.extensions.emoji.twemoji
extra: {generator: false, secret: !ENV [NOTHING, x]}
extra_css: [assets/stylesheets/own.css]
"""


@pytest.fixture
def look(tmp_path: Path) -> Path:
    files = {
        "mkdocs.yml": CONFIGURATION,
        "texts/de.toml": GERMAN,
        "pages/support.html": '{% include "punchcard/support.html" %}<h2>And ours</h2>',
        "pages/terms.html": '<h1 id="top">{{ t("terms.title") }}: {{ view.provider.name }}</h1>',
        "look/partials/mark.html": '<svg aria-hidden="true" class="own-mark"></svg>',
        "look/assets/stylesheets/own.css": ":root { --portal-accent: #7a1f5c; }\n",
        "brand/assets/images/favicon.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    }
    return write_ledger(tmp_path, files) / "mkdocs.yml"


def test_the_style_is_read_and_may_be_inherited(look: Path) -> None:
    """As MkDocs has it; folders lie beside the file, tags of its own are no hindrance."""
    assert read_style(look) == PageStyle("de", look.parent / "texts", look.parent / "pages")
    own = look.with_name("own.yml")
    own.write_text("INHERIT: mkdocs.yml\ntheme: {language: pl}\n", encoding="utf-8")
    assert read_style(own) == PageStyle("pl", look.parent / "texts", look.parent / "pages")


def test_a_portal_in_the_providers_own_look(look: Path, two_customers: Path) -> None:
    """Wording, template, mark and colours are the provider's; the portal has nothing else of it."""
    output = look.parent / "site"
    build_all(two_customers, output, ("first",), look=look)
    overview = read_page(output / "first" / "index.html")
    assert overview.find("html")[0].attributes["lang"] == "de"
    assert overview.find("h1")[0].text == "Überblick"
    assert "Geführt von" in overview.find("footer")[0].text
    assert overview.find("svg", **{"class": "own-mark"})
    styles = [link.attributes["href"] for link in overview.find("link", rel="stylesheet")]
    version = hashlib.sha256((look.parent / "look/assets/stylesheets/own.css").read_bytes())
    assert styles[-1] == f"assets/stylesheets/own.css?v={version.hexdigest()[:8]}"
    terms = read_page(output / "first" / "terms.html")
    assert terms.find("h1")[0].text == "Bedingungen: Example Tools"
    support = read_page(output / "first" / "support.html")
    assert [heading.text for heading in support.find("h2")][-2:] == [
        "Nicht sicher? Fragen Sie trotzdem",
        "And ours",
    ]
    files = read_all_files(output / "first")
    assert not [path for path in files if path.endswith((".toml", ".yml")) or "pages/" in path]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("pages/terms.html", "{{ nothing }}", r"the page terms\.html cannot be made"),
        ("pages/terms.html", "{% if %}", r"the page terms\.html cannot be made"),
        ("pages/terms.html", '{% include "no.html" %}', r"the page terms\.html cannot be made"),
        ("pages/terms.html", "{{ view.nothing }}", r"the page terms\.html cannot be made"),
        ("mkdocs.yml", CONFIGURATION.replace("texts: texts", "texts: text"), "is not a folder"),
    ],
)
def test_a_look_that_does_not_work_is_explained(
    name: str, text: str, says: str, look: Path, two_customers: Path
) -> None:
    """One message, no traceback; and nothing is built."""
    (look.parent / name).write_text(text, encoding="utf-8")
    output = look.parent / "site"
    with pytest.raises(LedgerError, match=says):
        build_all(two_customers, output, ("first",), look=look)
    assert not output.exists()
