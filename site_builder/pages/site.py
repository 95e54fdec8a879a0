"""A portal as finished pages and files: the interface between the pages and MkDocs.

MkDocs gets plain text, HTML that is already safe, and bytes to copy, and nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True)
class SitePage:
    """One page."""

    path: str  # in the portal, without ``.html``: ``requests/ACME-12``
    title: str  # plain text, for the window
    body: Markup  # finished HTML, without header and footer
    in_navigation: bool = True  # whether it is in the menu


@dataclass(frozen=True)
class SiteFile:
    """A download; it is copied as it is. A large one is read when it is written."""

    path: str
    source: bytes | Callable[[], bytes]

    @property
    def content(self) -> bytes:
        """Its bytes."""
        return self.source if isinstance(self.source, bytes) else self.source()


@dataclass(frozen=True)
class PortalSite:
    """A whole portal: pages in the order of the menu, then files."""

    texts: Mapping[str, str]  # around every page: ``site_name``, ``customer_name``, and the like
    language: str  # the one that the theme is to speak
    labels: Mapping[str, str]  # its own words, by name
    pages: tuple[SitePage, ...]
    files: tuple[SiteFile, ...] = ()
