"""A portal as finished pages and files: the interface between the pages and MkDocs.

MkDocs gets plain text, HTML that is already safe, and bytes to copy, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True)
class SitePage:
    """One page.

    Attributes:
        path: its path in the portal without ``.html``: ``requests/ACME-12``.
        title: plain text, for the window.
        body: finished HTML, without header and footer.
        in_navigation: whether it is in the menu.
    """

    path: str
    title: str
    body: Markup
    in_navigation: bool = True


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
    """A whole portal: pages in the order of the menu, then files.

    ``texts`` are the words around every page: ``site_name``, ``customer_name``, ``provider_name``
    and ``language``; ``language`` is the one that the theme is to speak, and ``labels`` are its own
    words by name.
    """

    texts: Mapping[str, str]
    language: str
    labels: Mapping[str, str]
    pages: tuple[SitePage, ...]
    files: tuple[SiteFile, ...] = ()
