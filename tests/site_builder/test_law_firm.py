"""The portal of a seller that is no software company: its own categories, and no support."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from markupsafe import escape

from ledger.ledger import open_ledger
from ledger.wording import TEXTS_FOLDER, load_wording
from site_builder.make_view import view_portal
from site_builder.pages.environment import PageStyle
from site_builder.pages.portal_site import render_portal
from tests.site_builder.built_pages import Page, read_page
from tests.site_builder.conftest import build_all

LAW_FIRM = Path(__file__).parents[1] / "example_ledgers" / "valid" / "law-firm" / "customers"
WORDS_OF_SOFTWARE = re.compile(
    "product|licen[cs]e|marketplace|support(?![-.])|software|produkt|lizenz|marktplatz|VPN"
    "|produit|place de marché|assistance technique|logiciel|licencia|soporte"
    "|製品|ライセンス|マーケットプレイス|サポート|ソフトウェア",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def portals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("law-firm") / "site"
    build_all(LAW_FIRM, output)
    return output


@pytest.mark.parametrize(
    ("customer", "names"),
    [
        ("brightwater-mills",
         ["Contract review", "Employment advice", "Court appearance", "Client intake"]),
        ("kranich-logistik",
         ["Vertragsprüfung", "Beratung im Arbeitsrecht", "Vertretung vor Gericht",
          "Mandatsaufnahme"]),
    ],
)  # fmt: skip
def test_it_speaks_of_its_own_uses_alone(portals: Path, customer: str, names: list[str]) -> None:
    for file in (portals / customer).rglob("*.html"):
        text = read_page(file).elements[0].text
        assert WORDS_OF_SOFTWARE.findall(text) == [], file
    *charged, free = names
    form = read_page(portals / customer / "new-request.html")
    [select] = form.find("select", name="category")
    options = [each.text for each in form.find("option") if each.text in select.text]
    assert options[1 : len(names)] == charged
    for page in ("terms", "support", "punchcards"):
        text = read_page(portals / customer / f"{page}.html").elements[0].text
        shown = [name for name in names if name in text]
        assert shown == names or page == "punchcards"
        assert free in shown


@pytest.mark.parametrize("language", ["fr", "es", "ja"])
def test_it_does_so_in_every_language(language: str, tmp_path: Path) -> None:
    """A category without a name in the language has its first one."""
    shutil.copytree(LAW_FIRM, tmp_path / "customers")
    with (tmp_path / "customers/brightwater-mills/customer.yml").open("a") as file:
        file.write(f"language: {language}\n")
    build_all(tmp_path / "customers", tmp_path / "site")
    pages = [*(tmp_path / "site/brightwater-mills").rglob("*.html")]
    texts = {page.stem: read_page(page).elements[0].text for page in pages}
    assert {name: WORDS_OF_SOFTWARE.findall(text) for name, text in texts.items()} == {
        name: [] for name in texts
    }
    assert load_wording(language).text("terms.fine_print") in texts["terms"]
    assert "Contract review" in texts["terms"]


@pytest.mark.parametrize("language", sorted(file.stem for file in TEXTS_FOLDER.glob("*.toml")))
def test_no_text_that_takes_the_place_of_another_speaks_of_software(language: str) -> None:
    usual = load_wording(language)
    own = load_wording(language, has_support=False)
    replaced = [*load_wording(language).section("without_support")]
    assert replaced
    for name in replaced:
        assert usual.text(name) != own.text(name)
        assert WORDS_OF_SOFTWARE.findall(own.text(name)) == [], name


def test_where_everything_is_charged_nothing_is_called_free(tmp_path: Path) -> None:
    shutil.copytree(LAW_FIRM, tmp_path / "customers")
    terms = tmp_path / "customers" / "terms.yml"
    terms.write_text(terms.read_text().replace(", charged: false", ""), encoding="utf-8")
    for file in (tmp_path / "customers").rglob("BRIGHT-4.yml"):
        text = file.read_text().replace("channel: support", "channel: punchcard")
        file.write_text(f"category: client-intake\n{text}", encoding="utf-8")
    build_all(tmp_path / "customers", tmp_path / "site")
    for page in ("support", "terms"):
        built: Page = read_page(tmp_path / "site" / "brightwater-mills" / f"{page}.html")
        assert "Client intake" in built.elements[0].text
        assert not re.search("Free of charge|Never charged", built.elements[0].text)


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "ja"])
def test_the_first_steps_promise_nothing_free(language: str) -> None:
    """Terms without support may charge for everything."""
    with open_ledger(LAW_FIRM) as ledger:
        purchases = ledger.read_customer("brightwater-mills").records.purchases
        view = view_portal(ledger, "brightwater-mills", min(each.date for each in purchases))
    view = replace(view, language=language)
    page = render_portal(view, PageStyle(language=language)).pages[0].body
    steps = page.partition('<ol class="steps">')[2].partition("</ol>")[0]
    assert steps.count("<li>") == 3
    assert escape(load_wording(language).text("first_steps.know_more")) not in steps
