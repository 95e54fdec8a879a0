"""Another language is one file: with it, no English word is left on any page."""

import json
import re
import tomllib
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from babel import Locale

from ledger.ledger import open_ledger
from ledger.wording import TEXTS_FOLDER, find_missing_texts, load_wording
from site_builder.build import build_portals
from site_builder.cli.portal import warn_of_english
from site_builder.look import find_configuration
from site_builder.make_view import view_portal
from site_builder.overview.internal_site import build_overview
from site_builder.pages.environment import PageStyle
from site_builder.pages.portal_site import render_portal
from tests.site_builder.conftest import SAMPLE_DAY, SAMPLE_LEDGER
from tests.site_builder.hostile_ledger import make_hostile_customer
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger

ENGLISH = tomllib.loads((TEXTS_FOLDER / "en.toml").read_text(encoding="utf-8"))
OURS = "⟦", "⟧"
"""What stands around each text of a language that is made up to be recognized."""

MARKED = re.compile(f"{OURS[0]}[^{''.join(OURS)}]*{OURS[1]}")
DATA = re.compile(
    r"[\w-]*[ -]?Quillfeather\S*|\S+@\S+|https?://\S+|\d{4}-\d\d-[a-z]+(/\S+)?|\b[A-Z]{3}-\d+\b"
)
DATA_WORDS = {"Zephyrine", "Alice", "Moreau", "Ben", "Okafor", "Example", "Tools", "USD"}
ATTRIBUTES = {"alt", "aria-label", "label", "placeholder", "title"}
# What the theme says, it says in its own words for the language.
THEME_WORDS = {
    "Zum", "Inhalt", "springen", "Suche", "Zurücksetzen", "wird", "initialisiert",
    "Seitennavigation", "Inhaltsverzeichnis", "Navigation", "Link",
}  # fmt: skip


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in {"script", "style"}
        for name, value in attrs:
            is_shown = name in ATTRIBUTES or (name.startswith("data-") and " " in (value or ""))
            if is_shown and not name.startswith(("data-md-", "data-status")):
                self.found.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.found.append(data)


def list_said(html: str) -> list[str]:
    words = _Words()
    words.feed(html)
    words.close()
    return [" ".join(text.split()) for text in words.found if text.strip()]


def find_unmarked_words(html: str) -> set[str]:
    """Return the words on a page that come neither from the texts nor from data."""
    found = set()
    for text in list_said(html):
        rest, before = text, ""
        while rest != before:
            rest, before = MARKED.sub(" ", rest), rest
        found |= set(re.findall(r"[^\W\d_]{2,}", DATA.sub(" ", rest)))
    return found


def mark(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: mark(each) for key, each in value.items()}
    return f"{OURS[0]}{value}{OURS[1]}"


def write_toml(texts: Mapping[str, Any]) -> str:
    """Return texts as a file; a string of JSON is one of TOML, too."""
    return "".join(f"{key} = {write_inline(value)}\n" for key, value in texts.items())


def write_inline(value: Any) -> str:
    if not isinstance(value, Mapping):
        return json.dumps(value)
    return "{ " + ", ".join(f"{key} = {write_inline(text)}" for key, text in value.items()) + " }"


@pytest.fixture(scope="module")
def marked_look(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ``mkdocs.yml`` with a German of which every text can be recognized."""
    root = tmp_path_factory.mktemp("marked")
    (root / "texts").mkdir()
    texts = {**mark(ENGLISH), "language": "de", "locale": "de_DE"}
    (root / "texts" / "de.toml").write_text(write_toml(texts), encoding="utf-8")
    ours = find_configuration(None)
    settings = ours.read_text(encoding="utf-8")
    settings = settings.replace("language: en", "language: de").replace("lang: en", "lang: de")
    settings = settings.replace("  - punchcard\n", "  - punchcard: {texts: texts}\n")
    settings = re.sub("docs_dir: .*", "docs_dir: files", settings)
    (root / "files" / "assets" / "images").mkdir(parents=True)
    favicon = "<svg xmlns='http://www.w3.org/2000/svg'/>"
    (root / "files" / "assets" / "images" / "favicon.svg").write_text(favicon, encoding="utf-8")
    (root / "mkdocs.yml").write_text(settings, encoding="utf-8")
    return root / "mkdocs.yml"


@pytest.fixture(scope="module")
def marked_pages(marked_look: Path) -> dict[str, str]:
    """Every page of two portals and of the overview, in that language."""
    root = marked_look.parent
    ledger = write_ledger(
        root / "customers",
        ORGANIZATION,
        make_hostile_customer("first", "ONE", "Zephyrine", ["Zephyrine"]),
        make_customer("second", "TWO", "Quillfeather", consultant="ben"),
    )
    with open_ledger(ledger) as opened:
        build_portals(opened, root / "site", SAMPLE_DAY, configuration=marked_look)
        build_overview(opened, root / "overview", SAMPLE_DAY, configuration=marked_look)
    return {
        file.relative_to(root).as_posix(): file.read_text(encoding="utf-8")
        for folder in ("site", "overview")
        for file in sorted((root / folder).rglob("*.html"))
    }


def test_every_word_of_every_page_comes_from_the_texts(marked_pages: dict[str, str]) -> None:
    """Templates and code have none; what is left is data, dates, and the theme's own German."""
    dates, locale = set(), Locale("de")
    for width in ("wide", "abbreviated"):
        for context in ("format", "stand-alone"):
            names = (*locale.months[context][width].values(), *locale.days[context][width].values())
            dates |= {name.rstrip(".") for name in names}
    allowed = DATA_WORDS | THEME_WORDS | dates
    left = {path: find_unmarked_words(html) - allowed for path, html in marked_pages.items()}
    assert {path: words for path, words in left.items() if words} == {}
    assert len(left) >= 2 * 10 + 5


def test_that_an_unmarked_word_would_be_found() -> None:
    html = '<p title="Left over">⟦Fine ⟦inside⟧ too⟧ and plain Zephyrine</p><script>no</script>'
    assert find_unmarked_words(html) == {"Left", "over", "and", "plain", "Zephyrine"}


def test_our_german_is_german() -> None:
    """No sentence is the English one, and figures and dates are written as Germans do."""
    wordings = (load_wording("en"), load_wording("de"))
    english, german = (wording.section("overview") for wording in wordings)
    assert [key for key, text in german.items() if " " in text and text == english[key]] == []
    with open_ledger(SAMPLE_LEDGER) as ledger:
        site = render_portal(view_portal(ledger, "acme", SAMPLE_DAY), PageStyle("de"))
    said = {page.path: " ".join(list_said(page.body)) for page in site.pages}
    left = "Verbleibende Zeit 5 h 30 min von 10 h auf 2 Karten, Gegenwert 1.100,00 USD"
    assert left in said["index"]
    assert "Stand 20.11.2026" in said["index"]
    assert "11.000,00 USD" in said["statement"]
    assert "12.01.2026" in said["statement"]
    assert "jeden Montag aktualisiert" in said["terms"]


def test_our_german_lacks_nothing_and_another_language_says_what_it_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert find_missing_texts("en") == find_missing_texts("de") == ()
    (tmp_path / "texts").mkdir()
    texts = 'language = "nl"\nlocale = "nl"\n[overview]\ntitle = "Overzicht"\n'
    (tmp_path / "texts" / "nl.toml").write_text(texts, encoding="utf-8")
    missing = find_missing_texts("nl", tmp_path / "texts")
    assert "overview.title" not in missing
    assert missing[:2] == ("units.hours", "units.minutes")
    (tmp_path / "mkdocs.yml").write_text(
        "theme: {name: material, language: nl}\nplugins:\n  - punchcard:\n      texts: texts\n",
        encoding="utf-8",
    )
    warn_of_english(tmp_path)
    said = capsys.readouterr()
    assert said.out == ""
    assert f"{len(missing)} texts stay English in the language 'nl': units.hours, " in said.err
    warn_of_english(None)
    assert capsys.readouterr().err == ""
