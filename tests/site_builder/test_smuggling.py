"""Whatever is written into a free text is shown as text: nothing runs, nothing looks like ours.

In a browser the same is tested in ``tests/browser/test_smuggling.py``.
"""

import re
from pathlib import Path

import pytest

from tests.browser.hostile_texts import HOSTILE_TEXTS, NAMES, expect_shown
from tests.site_builder.built_pages import Page, list_pages, read_all_files
from tests.site_builder.conftest import build_all
from tests.site_builder.hostile_ledger import make_hostile_customer, make_organization
from tests.site_builder.small_ledgers import write_ledger

SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
ALLOWED_SCHEMES = ("http://", "https://", "mailto:")
MARKDOWN = {"p", "ul", "ol", "li", "code", "pre", "em", "strong", "br", "hr", "blockquote"}


@pytest.fixture(scope="module")
def portals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portal with every hostile text, and one with as many plain words."""
    folder, plain = tmp_path_factory.mktemp("smuggling"), ["Plain words"] * len(HOSTILE_TEXTS)
    customers = (
        make_hostile_customer("hostile", "BAD", NAMES[0], HOSTILE_TEXTS),
        make_hostile_customer("plain", "OK", plain[0], plain),
    )
    ledger = write_ledger(folder / "customers", make_organization(NAMES[1]), *customers)
    build_all(ledger, folder / "site")
    return folder / "site"


def outline(page: Page) -> list[tuple[str, tuple[str, ...]]]:
    """Return the elements and the names of their attributes, without the customer's Markdown."""
    return [
        (element.tag, tuple(sorted(element.attributes)))
        for element in page.elements
        if element.tag not in MARKDOWN and "nofollow" not in element.attributes.get("rel", "")
    ]


def test_pages_have_the_same_elements_as_with_plain_words(portals: Path) -> None:
    """What was smuggled in makes no element and no attribute, on any page."""
    plain = {path.replace("/OK-", "/BAD-"): page for path, page in list_pages(portals / "plain")}
    hostile = dict(list_pages(portals / "hostile"))
    assert hostile.keys() == plain.keys()
    for path, page in hostile.items():
        assert outline(page) == outline(plain[path]), path


def test_nothing_can_run(portals: Path) -> None:
    for path, page in list_pages(portals / "hostile"):
        for element in page.elements:
            for name, value in element.attributes.items():
                assert not name.startswith("on"), (path, element)
                assert name != "style", (path, element)
                if name in {"href", "src", "action", "formaction", "data"}:
                    assert leads_somewhere(value, portals / "hostile" / path), (path, element)
                if name == "src":
                    assert "//" not in value, (path, element)


def leads_somewhere(link: str, page: Path) -> bool:
    """Whether a link leads to another host as a link may, or to a file of this portal."""
    if SCHEME.match(link):
        return link.startswith(ALLOWED_SCHEMES)
    target = link.partition("#")[0].partition("?")[0]
    return not target or (page.parent / target).is_file()


def test_every_text_is_shown_as_text(portals: Path) -> None:
    """A note reads as it was written, but for the characters that would disturb it."""
    pages = dict(list_pages(portals / "hostile"))
    for number, text in enumerate(HOSTILE_TEXTS, start=1):
        notes = pages[f"requests/BAD-{number}.html"].find("p", dir="auto", **{"class": "note"})
        assert {" ".join(note.text.split()) for note in notes} == {expect_shown(text)}


def test_no_page_can_turn_its_direction(portals: Path) -> None:
    """No embedding, override or isolate is left anywhere."""
    disturbing = re.compile("[\u202a-\u202e\u2066-\u2069]")
    for path, content in read_all_files(portals / "hostile").items():
        if path.endswith(".html"):
            assert not disturbing.search(content.decode("utf-8")), path
