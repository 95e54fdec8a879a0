"""The search index of a portal, written as the search plugin writes it.

The plugin writes its settings and the entries that it is given; the entries are ours. How it does
that is learnt from an index that it has written, and used only if ours is then the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from site_builder.mkdocs_site import hooks
from site_builder.pages.site import PortalSite, SitePage

SEARCH_INDEX_PATH = "search/search_index.json"

_SEPARATORS = (",", ":")


def list_search_entries(page: SitePage) -> list[dict[str, str]]:
    """Return the pieces of a page that the search finds."""
    return [
        {
            "title": entry.title,
            **({"text": entry.text} if entry.text else {}),
            **({"anchor": entry.anchor} if entry.anchor else {}),
        }
        for entry in page.search_entries
    ]


def make_search_entries(site: PortalSite) -> Iterator[dict[str, str]]:
    """Yield what the search index holds of a portal, in its order."""
    for page in sorted(site.pages, key=lambda page: hooks.search_order(_address(page))):
        for entry in list_search_entries(page):
            yield hooks.make_search_entry(_address(page), entry)


class SearchIndexWriter:
    """Writes indexes once it has seen one."""

    def __init__(self, settings: dict[str, Any] | None = None) -> None:
        """Begin with the ``settings`` of an index, if they are known."""
        self.settings = settings

    def learn(self, index: bytes, site: PortalSite) -> None:
        """Learn from the index that the plugin has written of a portal."""
        try:
            settings = {**json.loads(index), "docs": None}
        except (ValueError, TypeError):
            return
        is_same = _write(settings, list(make_search_entries(site))) == index
        self.settings = settings if is_same else None

    def write(self, site: PortalSite) -> bytes | None:
        """Return the index of a portal; None if it is not known how it is written."""
        return (
            None if self.settings is None else _write(self.settings, [*make_search_entries(site)])
        )


def _write(settings: dict[str, Any], entries: Sequence[dict[str, str]]) -> bytes:
    document = {**settings, "docs": list(entries)}
    return json.dumps(document, separators=_SEPARATORS).encode()


def _address(page: SitePage) -> str:
    return f"{page.path}.html"
