"""Puts finished pages into the site that MkDocs builds.

A page in docs/ that says ``finished_html: true`` is HTML from its first line to its last: nothing
of it is read as Markdown. Its sections and what the search finds of it stand above the text.
Pages that do not say so are ordinary Markdown, as MkDocs has it.

This file needs nothing but MkDocs, and stands on its own: a portal that was written out as an
ordinary MkDocs project carries it along.
"""

from __future__ import annotations

import html
import re
import string
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    import jinja2
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page
    from mkdocs.structure.toc import AnchorLink

# A sitemap would tell the world what a private portal holds; a page "not found" needs to know
# where on its host the portal lies, and a portal works anywhere.
UNWANTED_TEMPLATES = ("sitemap.xml", "404.html")
SEARCH_PLUGIN_NAME = "material/search"
_PUNCTUATION = re.compile(f"[{re.escape(string.punctuation)}]")

_bodies: dict[str, str] = {}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Leave out what a private portal does not want."""
    config.theme.static_templates.difference_update(UNWANTED_TEMPLATES)
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Leave out, as a file, what is left out as a template."""
    del config
    for file in list(files):
        if file.src_uri in UNWANTED_TEMPLATES:
            files.remove(file)
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put a finished page aside, and give MkDocs its headings to make title and contents of."""
    del config, files
    if not page.meta.get("finished_html"):
        return markdown
    _bodies[page.file.src_uri] = markdown
    sections = page.meta.get("sections", ())
    return write_headings((section["anchor"], section["text"]) for section in sections)


def on_page_content(html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the finished page where MkDocs has the headings."""
    del config, files
    escape_titles(page.toc)
    body = _bodies.pop(page.file.src_uri, None)
    return html if body is None else Markup(body)  # noqa: S704 - finished HTML: that is the point


def on_env(env: jinja2.Environment, *, config: MkDocsConfig, files: Files) -> jinja2.Environment:
    """Escape what the theme puts into pages, and fill the search index with the ready entries."""
    env.autoescape = True
    pages = [file.page for file in files.documentation_pages() if file.page is not None]
    entries = [
        make_search_entry(page.url, entry)
        # The pages of the menu come first.
        for page in sorted(pages, key=lambda page: (page.url.count("/"), page.url))
        for entry in page.meta.get("search_entries", ())
    ]
    search: Any = config.plugins.get(SEARCH_PLUGIN_NAME)
    index = getattr(search, "search_index", None)
    if index is not None:
        index.entries = [*entries, *index.entries]
    return env


def write_headings(sections: Iterable[tuple[str, str]]) -> str:
    """Return the Markdown of a page's headings: pairs of anchor and text."""
    lines = [f"## {_write_literally(text)} {{ #{anchor} }}\n" for anchor, text in sections]
    return "\n".join(["# Top { #top }\n", *lines])


def escape_titles(contents: Iterable[AnchorLink]) -> None:
    """Have the titles in a table of contents escaped once.

    MkDocs hands them over as HTML in a plain text, which a template with autoescaping on would
    escape again.
    """
    for link in contents:
        link.title = escape(html.unescape(link.title))
        escape_titles(link.children)


def make_search_entry(url: str, entry: Mapping[str, str]) -> dict[str, str]:
    """Return what the search keeps of a piece of a page."""
    # The theme's search shows title and text as HTML, so both go in escaped.
    anchor = entry.get("anchor")
    return {
        "location": f"{url}#{anchor}" if anchor else url,
        "title": html.escape(entry["title"]),
        "text": html.escape(entry.get("text", "")),
    }


def _write_literally(text: str) -> str:
    """Return words in which Markdown, with whatever extensions, sees nothing but words."""
    return _PUNCTUATION.sub(lambda found: f"&#{ord(found[0])};", " ".join(text.split()))
