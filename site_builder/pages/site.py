"""A portal as finished pages and files, before anything puts a theme around it.

This is all that the site generator gets to know: text to show, HTML that is already safe, and
bytes to copy. It could be replaced without touching a page.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Heading:
    """A section of a page, as the table of contents shows it. ``text`` is ours, never data."""

    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """A piece of a page that the search finds; title and text are plain text."""

    title: str
    text: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class SitePage:
    """One page.

    Attributes:
        path: where it stands in the portal, without its ending: ``requests/ACME-12``.
        title: plain text, for the window and the search.
        body: what stands between header and footer: finished HTML.
        in_navigation: whether the menu leads to it.
        show_contents: whether its sections are listed beside it.
    """

    path: str
    title: str
    body: Markup
    headings: tuple[Heading, ...] = ()
    search_entries: tuple[SearchEntry, ...] = ()
    in_navigation: bool = True
    show_contents: bool = False


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A file that stands beside the pages as it is: a download."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ThemeTexts:
    """The words that stand around every page."""

    site_name: str
    customer_name: str
    provider_name: str
    language: str
    labels: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PortalSite:
    """A whole portal: pages in the order of the menu, then files."""

    texts: ThemeTexts
    pages: tuple[SitePage, ...]
    files: tuple[SiteFile, ...] = ()
