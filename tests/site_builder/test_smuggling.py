"""Whatever is written into a free text is shown as text: nothing runs, nothing looks like ours."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.site_builder.built_pages import Page, list_pages, read_all_files
from tests.site_builder.conftest import build_all
from tests.site_builder.hostile_ledger import make_hostile_customer, make_organization
from tests.site_builder.small_ledgers import write_ledger

PAYLOADS = {
    "script": "<script>alert(1)</script>",
    "closing": "</title></p></td></table></svg></textarea></style><script>alert(1)</script>",
    "handler": "<img src=x onerror=alert(1)><svg/onload=alert(1)>",
    "attribute": '" onmouseover="alert(1)" x=\'" \'><b autofocus onfocus=alert(1)>',
    "jinja": "{{ 7*7 }} {% raw %} {# c #} {{ ''.__class__.__mro__ }} ${7*7} #{7*7}",
    "format": "{count} {0.__class__} {customer} %s %(x)s",
    "markdown": "# Head\n\n[ours](javascript:alert(1)) ![i](https://evil.example/i.png) `code`",
    "links": "[a](data:text/html,x) [b](../second/index.html) [c](//evil.example) <JaVaScRiPt:x>",
    "attributes": "text {: onclick=alert(1) .hero } { #top onclick=alert(1) }",
    "snippet": '--8<-- "/etc/passwd"\n!!! note\n[TOC]\n[[toc]]\n$$x$$ :smile:',
    "html": "<div class='hero'><h1 id='top'>999h left</h1></div><!-- --><style>*{}</style>",
    "entities": "&lt;script&gt; &#60;script&#62; &amp;lt; &",
    "bidi": "abc\u202edef\u2066ghi\u2067\u202a end",
    "lines": "a\u2028b\u2029c",
    "meta": "---\ntitle: x\ntemplate: 404.html\nhide: [toc]\n---\n# y",
    "long": "W" * 3_000,
}
SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
ALLOWED_SCHEMES = ("http://", "https://", "mailto:")
PLAIN = "Plain words"


@pytest.fixture(scope="module")
def portals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portal for each payload, and one with plain words."""
    folder = tmp_path_factory.mktemp("smuggling")
    customers = [
        make_hostile_customer(slug, f"K{number}", text, [text])
        for number, (slug, text) in enumerate({"plain": PLAIN, **PAYLOADS}.items())
    ]
    organization = make_organization("<b>{{ 7*7 }}</b>")
    build_all(write_ledger(folder / "customers", organization, *customers), folder / "site")
    return folder / "site"


def _outline(page: Page) -> list[tuple[str, tuple[str, ...]]]:
    """Return the elements and the names of their attributes, without the customer's Markdown."""
    allowed_in_markdown = {"p", "ul", "ol", "li", "code", "pre", "em", "strong", "br", "hr"}
    return [
        (element.tag, tuple(sorted(element.attributes)))
        for element in page.elements
        if element.tag not in allowed_in_markdown
        and "nofollow" not in element.attributes.get("rel", "")
    ]


@pytest.mark.parametrize("slug", PAYLOADS)
def test_pages_have_the_same_elements_as_with_plain_words(slug: str, portals: Path) -> None:
    """What was smuggled in makes no element and no attribute, on any page."""
    plain = [_outline(page) for _, page in list_pages(portals / "plain")]
    hostile = [_outline(page) for _, page in list_pages(portals / slug)]
    assert [len(outline) for outline in hostile] == [len(outline) for outline in plain]
    assert hostile == plain


@pytest.mark.parametrize("slug", PAYLOADS)
def test_nothing_can_run(slug: str, portals: Path) -> None:
    """No handler, no foreign source, and every link leads where links of ours lead."""
    for path, page in list_pages(portals / slug):
        for element in page.elements:
            for name, value in element.attributes.items():
                assert not name.startswith("on"), (path, element)
                assert name != "style", (path, element)
                if name in {"href", "src", "action", "formaction", "data"}:
                    assert _leads_somewhere(value, portals / slug / path), (path, element)
                if name == "src":
                    assert "//" not in value, (path, element)


def _leads_somewhere(link: str, page: Path) -> bool:
    """Whether a link leads to another host as a link may, or to a file of this portal."""
    if SCHEME.match(link):
        return link.startswith(ALLOWED_SCHEMES)
    target = link.partition("#")[0].partition("?")[0]
    return not target or (page.parent / target).is_file()


@pytest.mark.parametrize("slug", PAYLOADS)
def test_the_text_is_shown_as_text(slug: str, portals: Path) -> None:
    """A note reads as it was written, but for the characters that would disturb it."""
    (request,) = [page for path, page in list_pages(portals / slug) if path.startswith("requests/")]
    shown = [
        " ".join(note.text.split()) for note in request.find("p", dir="auto", **{"class": "note"})
    ]
    expected = PAYLOADS[slug]
    for character in "\u202e\u2066\u2067\u202a":
        expected = expected.replace(character, f"[U+{ord(character):04X}]")
    assert " ".join(expected.split()) in shown


def test_search_entries_are_text_and_no_page_can_turn_its_direction(portals: Path) -> None:
    """The theme shows entries as HTML; no embedding, override or isolate is left anywhere."""
    disturbing = re.compile("[\u202a-\u202e\u2066-\u2069]")
    for path, content in read_all_files(portals).items():
        if path.endswith((".html", "search_index.json")):
            assert not disturbing.search(content.decode("utf-8")), path
        if path.endswith("search_index.json"):
            for entry in json.loads(content)["docs"]:
                assert not {"<", '"'} & {*entry["title"], *entry["text"]}, path


def test_templates_are_not_run(portals: Path) -> None:
    """The sum in the payload is never worked out."""
    for path, content in read_all_files(portals / "jinja").items():
        if path.endswith(".html"):
            assert b"{{ 7*7 }}" in content, path
            assert b"49 {" not in content, path
