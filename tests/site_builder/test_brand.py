"""The provider's brand: a logo, a colour that can be read, lines at the foot, terms in full."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.colour import LEAST_CONTRAST, WHITE, find_contrast
from ledger.ledger import open_ledger
from ledger.models import NoticeChoice
from ledger.notices.facts import Notice, NoticeKind
from ledger.notices.letters import Letter
from site_builder.errors import LedgerHasErrorsError
from site_builder.pages.brand import make_palette
from site_builder.pages.environment import DEFAULT_STYLE
from site_builder.pages.mails import MailWriter
from site_builder.pages.untrusted import render_markdown
from tests.site_builder.built_pages import read_page
from tests.site_builder.conftest import build_all
from tests.site_builder.test_law_firm import LAW_FIRM

_GROUNDS = ("page", "panel", "sunken", "accent-soft", "good-soft", "warn-soft", "bad-soft")


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("brand") / "site"
    build_all(LAW_FIRM, output)
    return output / "brightwater-mills"


@given(st.integers(0, 0xFFFFFF).map("#{:06x}".format))
def test_words_can_be_read_in_every_colour_that_is_accepted(colour: str) -> None:
    """On each ground of the pages, in light and in dark; so can words on it."""
    assume(find_contrast(colour, WHITE) >= LEAST_CONTRAST)
    for mode in make_palette(colour):
        for word, grounds in (
            ("accent", _GROUNDS), ("link", _GROUNDS), ("on-button", ["accent"]),
            ("on-ink", ["ink"]), ("text", _GROUNDS),
        ):  # fmt: skip
            for ground in grounds:
                assert find_contrast(mode[word], mode[ground]) >= LEAST_CONTRAST, (word, ground)
    assert make_palette(colour).light["ink"] == colour


def test_our_own_colours_can_be_read() -> None:
    for mode in make_palette(None):
        for ground in _GROUNDS:
            assert find_contrast(mode["link"], mode[ground]) >= LEAST_CONTRAST
            assert find_contrast(mode["accent"], mode[ground]) >= LEAST_CONTRAST


def test_each_page_shows_the_brand(portal: Path) -> None:
    logo = (LAW_FIRM / "brand/logo.png").read_bytes()
    assert (portal / "assets/images/logo.png").read_bytes() == logo
    assert "--portal-ink:#7a1f3d" in (portal / "assets/stylesheets/brand.css").read_text()
    for name, up in (("index", ""), ("requests/BRIGHT-2", "../")):
        page = read_page(portal / f"{name}.html")
        assert page.find("img", src=f"{up}assets/images/logo.png", alt="")
        styles = [each.attributes["href"] for each in page.find("link", rel="stylesheet")]
        address, _, fingerprint = str(styles[-1]).partition("?v=")
        assert address == f"{up}assets/stylesheets/brand.css"
        assert fingerprint, "a browser keeps a style for good: another one has another address"
        assert "Regulated by the Law Society of Ireland" in page.find("footer")[0].text
    document = read_page(portal / "statement-document.html")
    assert document.find("img", src="assets/images/logo.png", alt="Harbour & Lind")


def test_without_a_brand_there_is_nothing_of_one(two_portals: Path) -> None:
    assert not list((two_portals / "first").rglob("brand.css"))
    assert not list((two_portals / "first").rglob("logo.*"))
    assert not read_page(two_portals / "first/index.html").find("img")


def test_the_terms_in_full_are_in_the_customers_language(portal: Path) -> None:
    english = read_page(portal / "terms.html")
    german = read_page(portal.parent / "kranich-logistik" / "terms.html")
    assert [each.text for each in english.find("h2")][2] == "The terms in full"
    assert [each.text for each in english.find("h3")][:2] == [
        "Engagement",
        "Hours bought in advance",
    ]
    assert "nur Ihre Zugänge" in [each.text for each in german.find("strong")]


def test_terms_are_cleaned_however_long_they_are() -> None:
    text = (
        "# One\n\n<script>a()</script>\n\n### Two\n\n[x](javascript:a())\n\n" + "word \n\n" * 9_000
    )
    shown = render_markdown(text, is_own=True)
    assert shown.startswith("<h3>One</h3>")
    assert "<h3>Two</h3>" in shown
    assert "&lt;script&gt;" in shown
    assert "<script" not in shown
    assert "javascript" not in shown


def test_a_ledger_whose_colour_is_too_light_is_not_built(tmp_path: Path) -> None:
    folder = shutil.copytree(LAW_FIRM, tmp_path / "customers")
    provider = folder / "provider.yml"
    provider.write_text(provider.read_text().replace("#7a1f3d", "#ff8800"))
    with pytest.raises(LedgerHasErrorsError) as caught:
        build_all(folder, tmp_path / "site")
    (problem,) = caught.value.problems
    assert "#ff8800 has a contrast of 2.39 to 1 with white, but words need 4.5" in problem.message
    assert "#b25f00 would be enough" in problem.hint
    assert not (tmp_path / "site").exists()


def test_mails_have_the_colour_and_a_logo_that_mail_programs_show() -> None:
    with open_ledger(LAW_FIRM) as ledger:
        provider, files = ledger.organization.provider, ledger.organization.brand_files
    assert provider is not None
    logo, day = files["brand/logo.png"], date(2026, 11, 20)
    about = Notice("x", "X", NoticeKind.WAITING, "X-1", day, None, None, "Call", days=1)
    letter = Letter("x", "d@x.example", "D", None, NoticeChoice.ALL, day, "published/x", (about,))
    writer = MailWriter(provider, "clerk@harbour-lind.example", DEFAULT_STYLE, None, logo)
    mail = writer.write(letter, datetime.now(UTC))
    [picture] = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert (picture["Content-ID"], picture.get_content()) == ("<logo>", logo)
    html = mail.get_body(("html",))
    assert html is not None
    text = html.get_content()
    assert 'src="cid:logo"' in text
    palette = make_palette("#7a1f3d")
    for colour in (palette.light["accent"], palette.dark["accent"], palette.light["link"]):
        assert colour in text
