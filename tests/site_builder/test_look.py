"""The provider's own look: another language, another wording, other templates, other colours."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ledger.errors import LedgerError
from ledger.ledger import open_ledger
from site_builder.build import build_portals
from site_builder.look import list_style_files, read_style
from site_builder.pages.environment import PageStyle
from site_builder.pages.wording import TEXTS_FOLDER, load_wording
from tests.site_builder.built_pages import read_all_files, read_page
from tests.site_builder.conftest import SAMPLE_DAY

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
POLISH = """\
language = "pl"
locale = "pl"
days = { one = "{count} dzień", few = "{count} dni", many = "{count} dni", other = "{count} dnia" }
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

WriteTexts = Callable[[str, str], Path]


@pytest.fixture
def write_texts(tmp_path: Path) -> WriteTexts:
    """Write a file of texts into a folder, and return the folder."""

    def write(name: str, texts: str) -> Path:
        (tmp_path / name).write_text(texts, encoding="utf-8")
        return tmp_path

    return write


def test_another_language_is_one_file(write_texts: WriteTexts) -> None:
    """Dates, numbers and plurals follow its locale; what it leaves out is as in our own file."""
    wording = load_wording("de", write_texts("de.toml", GERMAN))
    assert wording.language == "de"
    assert wording.day(date(2026, 3, 1)) == "1. März 2026"
    assert wording.month(date(2026, 3, 1)) == "März 2026"
    assert wording.short_day(date(2026, 12, 31)) == "31.12.2026"
    assert wording.minutes(90) == "1 Std. 30 Min."
    assert wording.money(Decimal(12000), "EUR") == "12.000,00 EUR"
    assert wording.cards(450, 300) == "1,5 Stundenkarten"
    assert wording.label("status", "in-progress") == "In Arbeit"
    assert wording.label("status", "closed") == "Geschlossen"
    assert wording.text("turn.nobody") == "Erledigt"


@pytest.mark.parametrize(
    ("count", "text"), [(1, "1 dzień"), (3, "3 dni"), (5, "5 dni"), (22, "22 dni")]
)
def test_plurals_are_those_of_the_language(count: int, text: str, write_texts: WriteTexts) -> None:
    """Not every language has two."""
    assert load_wording("pl", write_texts("pl.toml", POLISH)).text("days", count=count) == text


def test_what_a_language_leaves_out_stays_english(write_texts: WriteTexts) -> None:
    """A language of which we have no file can be begun with a few words."""
    wording = load_wording("pl", write_texts("pl.toml", POLISH))
    assert wording.text("overview.hours_left") == "Hours left"
    assert wording.day(date(2026, 3, 1)) == "1 marca 2026"


def test_a_provider_changes_single_words(write_texts: WriteTexts) -> None:
    """In English, too; everything else stays as it is."""
    wording = load_wording("en", write_texts("en.toml", '[turn]\nprovider = "We are on it"\n'))
    assert wording.label("turn", "provider") == "We are on it"
    assert wording.label("turn", "customer") == load_wording().label("turn", "customer")


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ('[overview]\ntitel = "x"\n', r"no text called overview\.titel"),
        ('[site]\nname = "{customer} {nobody}"\n', r"site\.name has no value nobody"),
        ('[site]\nname = "{customer.__class__}"\n', r"site\.name has no value customer\.__class__"),
        ('[site]\nname = "{0}"\n', r"site\.name has no value 0"),
        ('[site]\nname = "{customer"\n', r"site\.name is no text to fill in"),
        ('days = "{number}"\n', r"days has no value number"),
        ("[site\n", "cannot be read"),
        ('locale = "nowhere"\n', "no locale 'nowhere'"),
        ('overview = "x"\n', "no text called overview"),
        ('[site.name]\nlong = "x"\n', r"no text called site\.name\.long"),
    ],
)
def test_a_text_that_does_not_fit_is_refused(
    texts: str, message: str, write_texts: WriteTexts
) -> None:
    """By its name, before any page is made; and no text reaches into a value."""
    with pytest.raises(LedgerError, match=message):
        load_wording("en", write_texts("en.toml", texts))


def test_an_unknown_language_is_refused(tmp_path: Path) -> None:
    """It says which file is missing."""
    with pytest.raises(LedgerError, match="no texts for the language 'xx'"):
        load_wording("xx", tmp_path)


@pytest.mark.parametrize("file", sorted(TEXTS_FOLDER.glob("*.toml")), ids=lambda file: file.stem)
def test_our_own_languages_are_complete(file: Path) -> None:
    """Each says everything that English says, and is named by its language."""

    def list_names(table: dict[str, object], prefix: str = "") -> set[str]:
        names: set[str] = set()
        for key, value in table.items():
            if isinstance(value, dict) and "other" not in value:
                names |= list_names(value, f"{prefix}{key}.")
            else:
                names.add(f"{prefix}{key}")
        return names

    texts, english = (
        tomllib.loads(each.read_text(encoding="utf-8")) for each in (file, TEXTS_FOLDER / "en.toml")
    )
    assert list_names(texts) == list_names(english)
    assert texts["language"] == file.stem


@pytest.fixture
def look(tmp_path: Path) -> Path:
    """A provider's own ``mkdocs.yml`` with everything that it may name."""
    files = {
        "mkdocs.yml": CONFIGURATION,
        "texts/de.toml": GERMAN,
        "pages/support.html": '{% include "punchcard/support.html" %}<h2>And ours</h2>',
        "pages/terms.html": '<h1 id="top">{{ t("terms.title") }}: {{ view.provider.name }}</h1>',
        "look/partials/mark.html": '<svg aria-hidden="true" class="own-mark"></svg>',
        "look/assets/stylesheets/own.css": ":root { --portal-accent: #7a1f5c; }\n",
        "brand/assets/images/favicon.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path / "mkdocs.yml"


def test_the_style_is_read_without_mkdocs(look: Path) -> None:
    """Tags that MkDocs knows are no hindrance; folders lie beside the file."""
    style = read_style(look)
    assert style == PageStyle("de", look.parent / "texts", look.parent / "pages")
    assert [file.name for file in list_style_files(style)] == [
        "de.toml",
        "support.html",
        "terms.html",
    ]


def test_the_style_may_be_inherited(look: Path) -> None:
    """As MkDocs has it."""
    own = look.with_name("own.yml")
    own.write_text("INHERIT: mkdocs.yml\ntheme: {language: pl}\n", encoding="utf-8")
    assert read_style(own) == PageStyle("pl", look.parent / "texts", look.parent / "pages")


def test_a_portal_in_the_providers_own_look(look: Path, two_customers: Path) -> None:
    """Wording, template, mark and colours are the provider's; the portal has nothing else of it."""
    output = look.parent / "site"
    with open_ledger(two_customers) as ledger:
        build_portals(ledger, output, SAMPLE_DAY, ["first"], configuration=look)
    overview = read_page(output / "first" / "index.html")
    assert overview.find("html")[0].attributes["lang"] == "de"
    assert overview.find("h1")[0].text == "Überblick"
    assert "Geführt von" in overview.find("footer")[0].text
    assert overview.find("svg", **{"class": "own-mark"})
    styles = [link.attributes["href"] for link in overview.find("link", rel="stylesheet")]
    assert styles[-1] == "assets/stylesheets/own.css"
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
    "template", ["{{ nothing }}", "{% if %}", '{% include "missing.html" %}', "{{ view.nothing }}"]
)
def test_a_template_that_does_not_work_is_explained(
    template: str, look: Path, two_customers: Path
) -> None:
    """One message, no traceback; and nothing is built."""
    (look.parent / "pages" / "terms.html").write_text(template, encoding="utf-8")
    output = look.parent / "site"
    with (
        open_ledger(two_customers) as ledger,
        pytest.raises(LedgerError, match=r"the page terms\.html cannot be made"),
    ):
        build_portals(ledger, output, SAMPLE_DAY, ["first"], configuration=look)
    assert not output.exists()


def test_a_folder_that_is_missing_is_named(look: Path, two_customers: Path) -> None:
    """Nobody wonders why the portal says what it says."""
    look.write_text(CONFIGURATION.replace("texts: texts", "texts: text"), encoding="utf-8")
    with open_ledger(two_customers) as ledger, pytest.raises(LedgerError, match="is not a folder"):
        build_portals(ledger, look.parent / "site", SAMPLE_DAY, ["first"], configuration=look)
