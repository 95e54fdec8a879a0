"""A page whose frame was learnt is, to the byte, the page that MkDocs makes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from markupsafe import Markup

from site_builder.mkdocs_site.builder import SiteBuilder
from site_builder.page_frames import FrameBook
from site_builder.pages.site import Heading, PortalSite, SearchEntry, SiteFile, SitePage, ThemeTexts
from site_builder.pages.wording import load_wording
from site_builder.portal_cache import PortalCache
from site_builder.portal_parts import MadePortal
from site_builder.portal_writer import PortalWriter
from tests.site_builder.built_pages import read_all_files

CONFIGURATION = Path(__file__).parents[2] / "mkdocs.yml"
NAMES = (
    "Acme Robotics",
    "Borealis",
    "Müller & Söhne",
    "d'Artagnan – Ñandú 株式会社",
    "Statement",
    "a",
    "Requests at Provider",
    "AT&T",
    "<b>bold</b>",
    'say "hi"',
    "two  blanks",
    "back\\slash \\g<0> \\1",
    "{{ 7 * 7 }} {% if %}",
    "&amp; is no ampersand",
    "title",
    "\ufdd0 \ufdd2",
    "C",
)


def make_site(name: str, months: int = 3) -> PortalSite:
    """Return a small portal in which a name stands wherever a customer's words can."""
    headings = tuple(Heading(f"month-{at}", f"Month {at}") for at in range(months))
    return PortalSite(
        texts=ThemeTexts(
            site_name=f"{name}: punchcards at Provider",
            customer_name=name,
            provider_name="Provider",
            language="en",
            labels=load_wording().section("theme"),
        ),
        pages=(
            SitePage("index", "Overview", make_body(name)),
            SitePage(
                "statement",
                "Statement",
                make_body(name, "month"),
                headings=headings,
                search_entries=(SearchEntry("Statement", name, "month-0"),),
                show_contents=months > 1,
            ),
            SitePage(
                "requests/A-1",
                f"A-1 {name} wants help",
                make_body(name, "request"),
                search_entries=(SearchEntry(f"A-1 {name}", name),),
                in_navigation=False,
            ),
            SitePage("requests/A-2", name, make_body(name, "too"), in_navigation=False),
        ),
        files=(SiteFile("statement.csv", name.encode()),),
    )


def make_body(name: str, more: str = "") -> Markup:
    return Markup('<h1 id="top">{}</h1>\n<p>{} $1 \\1</p>').format(name, more)


def made(site: PortalSite) -> MadePortal:
    return MadePortal(site, {}, frozenset(), "", {}, {})


def fill_in(text: str, _page: SitePage) -> str:
    return text


def build_plainly(site: PortalSite, folder: Path) -> dict[str, bytes]:
    SiteBuilder(CONFIGURATION).build(site, folder)
    return read_all_files(folder)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The portals that MkDocs has built from here on."""
    seen: list[str] = []
    build = SiteBuilder.build

    def note(self: SiteBuilder, site: PortalSite, folder: Path, *ready: object) -> None:
        seen.append(site.texts.customer_name)
        build(self, site, folder, *ready)  # type: ignore[arg-type]

    monkeypatch.setattr(SiteBuilder, "build", note)
    return seen


def test_whatever_a_customer_is_called(tmp_path: Path, runs: list[str]) -> None:
    """Plain names need no MkDocs once two portals are there; those it may change do."""
    writer = PortalWriter(CONFIGURATION)
    for at, name in enumerate(NAMES):
        site = make_site(name, months=2 + at % 3)
        writer.write(made(site), tmp_path / f"written-{at}", None)
    needed = list(runs)
    assert needed[:2] == list(NAMES[:2])
    assert {"Müller & Söhne", "d'Artagnan – Ñandú 株式会社", "title"}.isdisjoint(needed)
    assert {"<b>bold</b>", 'say "hi"', "two  blanks", "&amp; is no ampersand"} <= set(needed)
    for at, name in enumerate(NAMES):
        expected = build_plainly(make_site(name, months=2 + at % 3), tmp_path / f"plain-{at}")
        assert read_all_files(tmp_path / f"written-{at}") == expected, name


def test_a_page_with_another_menu_or_fewer_sections(tmp_path: Path, runs: list[str]) -> None:
    """Has another frame, which is not known yet."""
    writer = PortalWriter(CONFIGURATION)
    for at, name in enumerate(NAMES[:3]):
        writer.write(made(make_site(name)), tmp_path / str(at), None)
    site = make_site("Corvus")
    stripped = SitePage("index", "Overview", Markup('<h1 data-search-exclude="yes">x</h1>'))
    marked = (Heading("a", "A *bold* one"), Heading("b", "Yours & mine"))
    others = {
        "stripped": replace(site, pages=(stripped, *site.pages[1:])),
        "marked": replace(site, pages=tuple(replace(each, headings=marked) for each in site.pages)),
        "menu": replace(site, pages=(*site.pages, SitePage("terms", "Terms", make_body("x")))),
        "none": make_site("Corvus", months=0),
        "one": make_site("Corvus", months=1),
        "labels": replace(site, texts=replace(site.texts, provider_name="Another & Co")),
    }
    for name, other in others.items():
        runs.clear()
        writer.write(made(other), tmp_path / name, None)
        assert runs == ["Corvus"]
        assert read_all_files(tmp_path / name) == build_plainly(other, tmp_path / f"{name}-plain")


def test_what_was_learnt_is_kept(tmp_path: Path, runs: list[str]) -> None:
    """The next run needs no MkDocs; of another look, or damaged, it is as if it were not there."""
    cache = PortalCache(tmp_path / "cache", "Provider")
    writer = PortalWriter(CONFIGURATION, cache, "look")
    for at, name in enumerate(NAMES[:2]):
        writer.write(made(make_site(name)), tmp_path / str(at), None)
    expected = build_plainly(make_site("Corvus"), tmp_path / "plain")
    runs.clear()
    for name, look, count in (("same", "look", 0), ("other", "other look", 1)):
        PortalWriter(CONFIGURATION, cache, look).write(
            made(make_site("Corvus")), tmp_path / name, None
        )
        assert (len(runs), read_all_files(tmp_path / name)) == (count, expected)
    for file in (tmp_path / "cache" / "portals").iterdir():
        content = bytearray(file.read_bytes())
        content[-len(content) // 3] ^= 0xFF
        file.write_bytes(bytes(content))
    PortalWriter(CONFIGURATION, cache, "look").write(
        made(make_site("Corvus")), tmp_path / "damaged", None
    )
    assert (len(runs), read_all_files(tmp_path / "damaged")) == (2, expected)


def test_two_pages_that_differ_in_more_than_words_teach_nothing() -> None:
    """Nor do two of customers with the same name."""
    sites = [make_site("Acme"), make_site("Borealis")]
    for first, second, texts in (
        (sites[0], sites[1], ("<p>1</p>{}<p>Acme</p>", "<p>2</p>{}<p>Borealis</p>")),
        (sites[0], sites[0], ("<p>1</p>{}<p>Acme</p>", "<p>1</p>{}<p>Acme</p>")),
        (sites[0], sites[1], ("<p>A</p>{}<p>Acme</p>{}", "<p>A</p>{}<p>Borealis</p>{}")),
    ):
        book = FrameBook()
        for site, text in zip((first, second), texts, strict=True):
            body = site.pages[0].body
            book.learn(site, partial(fill_in, text.format(body, body)), {"index"})
        assert book.fill(sites[0], sites[0].pages) == {}
    book = FrameBook()
    for site in sites:
        name, body = site.texts.customer_name, site.pages[0].body
        book.learn(site, partial(fill_in, f"<i>{name}</i>{body}!"), {"index"})
    site = make_site("Corvus & Co")
    assert book.fill(site, site.pages) == {"index": f"<i>Corvus &amp; Co</i>{site.pages[0].body}!"}
