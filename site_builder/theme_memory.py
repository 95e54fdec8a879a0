"""The theme as portals show it, kept from one build to the next: its files, and its frames.

With these, a build in which little has changed writes its pages without MkDocs, which needs
longer to load than most of such builds take. They are of one look: another template, setting or
version, and they are learnt anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from site_builder.page_frames import FrameBook
from site_builder.portal_cache import PortalCache, StoredPortal, pack
from site_builder.search_index import SearchIndexWriter

_NOBODY = ""  # no customer is called that


@dataclass(frozen=True, slots=True)
class ThemeMemory:
    """What was learnt of a look.

    Attributes:
        frames: what stands around pages.
        index: how the search index is written.
        assets: the theme's own files, by path.
    """

    frames: FrameBook
    index: SearchIndexWriter
    assets: Mapping[str, bytes]


def recall_theme(cache: PortalCache, look: str) -> ThemeMemory | None:
    """Return what is known of a look; None if that is nothing, or not whole."""
    kept = cache.read(_NOBODY)
    if kept.portal.context != look:
        return None
    assets = {path: kept.get(path) for path in kept.portal.digests}
    whole = {path: content for path, content in assets.items() if content is not None}
    try:
        frames = FrameBook.from_plain(kept.portal.facts["frames"])
        index = SearchIndexWriter(kept.portal.facts["index"])
    except (KeyError, TypeError, ValueError):
        return None
    if len(whole) != len(assets):
        return None
    cache.touch(_NOBODY)
    return ThemeMemory(frames, index, whole)


def remember_theme(
    cache: PortalCache, look: str, theme: ThemeMemory, digests: Mapping[str, str]
) -> None:
    """Keep what was learnt of a look."""
    facts: dict[str, Any] = {"frames": theme.frames.to_plain(), "index": theme.index.settings}
    stored = StoredPortal(context=look, content="", facts=facts, digests=digests)
    cache.write(_NOBODY, stored, {path: pack(content) for path, content in theme.assets.items()})
