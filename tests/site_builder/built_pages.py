"""Reading built pages back, as a browser would: tags, attributes and text."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from pypdf import PdfReader

from site_builder.pages.downloads import DOCUMENT_PATH
from site_builder.pages.environment import DEFAULT_STYLE, PageStyle
from site_builder.pages.portal_site import render_portal
from site_builder.view import PortalView


@dataclass
class Element:
    """A start tag and the text up to its end."""

    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Page(HTMLParser):
    """The elements of a page in the order of their start tags."""

    elements: list[Element] = field(default_factory=list)
    _open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in {"meta", "link", "br", "input", "hr", "img"}:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """Close the latest element of that name."""
        for position in range(len(self._open) - 1, -1, -1):
            if self._open[position].tag == tag:
                del self._open[position:]
                return

    def handle_data(self, data: str) -> None:
        """Add text to all elements that are open."""
        for element in self._open:
            element.text += data

    def find(self, tag: str, **attributes: str) -> list[Element]:
        """Return the elements with this tag and these attributes; ``data_figure`` for dashes."""
        wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.elements
            if element.tag == tag and wanted.items() <= element.attributes.items()
        ]


def parse_page(html: str) -> Page:
    """Return a page."""
    page = Page()
    page.feed(html)
    page.close()
    return page


def read_page(file: Path) -> Page:
    """Return a built page."""
    return parse_page(file.read_text(encoding="utf-8"))


def render_bodies(view: PortalView, style: PageStyle = DEFAULT_STYLE) -> dict[str, str]:
    """Return the HTML of each page of a portal, and of the document, by its path."""
    site = render_portal(view, style)
    (document,) = (file.content.decode() for file in site.files if file.path == DOCUMENT_PATH)
    return {DOCUMENT_PATH: document, **{page.path: str(page.body) for page in site.pages}}


def list_pages(portal: Path) -> Iterator[tuple[str, Page]]:
    """Yield every page of a portal with its path."""
    for file in sorted(portal.rglob("*.html")):
        yield file.relative_to(portal).as_posix(), read_page(file)


def list_framed_pages(portal: Path) -> Iterator[tuple[str, Page]]:
    """Yield the pages with header, menu and footer: all but the document that is to be printed."""
    for path, page in list_pages(portal):
        if path != DOCUMENT_PATH:
            yield path, page


def read_pdf(content: bytes) -> str:
    """Return the text of a PDF and of what it says of itself."""
    document = PdfReader(io.BytesIO(content))
    pages = (page.extract_text() for page in document.pages)
    return "\n".join((*pages, str(dict(document.metadata or {}))))


def read_all_files(folder: Path) -> dict[str, bytes]:
    """Return every file below ``folder`` by its path."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
