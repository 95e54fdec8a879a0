"""The parts of one portal, each made anew only if a value that it shows has changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from markupsafe import Markup

from site_builder.input_digests import digest
from site_builder.pages.environment import make_renderer
from site_builder.pages.portal_part import PortalPart
from site_builder.pages.portal_site import assemble_portal, list_parts, render_portal
from site_builder.pages.site import Heading, PortalSite, SearchEntry, SiteFile, SitePage
from site_builder.pages.style import PageStyle
from site_builder.portal_cache import NOTHING_KEPT, KeptPortal, StoredPart
from site_builder.portal_view import PortalView
from site_builder.tracked_view import NeedsRecorder, ViewDigests


@dataclass(frozen=True, slots=True)
class MadePortal:
    """A portal whose parts were made, or found as they are to be.

    Attributes:
        site: all of it; the pages that are ready have no body.
        ready: the finished pages that need not be made again, by their path.
        taken: the paths of all files that are as they were built last.
        frame: the digest of what stands around the pages.
        parts: what to keep of the parts.
        cores: what parts are made around, by name, to be kept too.
    """

    site: PortalSite
    ready: Mapping[str, str]
    taken: frozenset[str]
    frame: str
    parts: Mapping[str, StoredPart]
    cores: Mapping[str, bytes]

    @property
    def is_ready(self) -> bool:
        """Whether every page is."""
        return len(self.ready) == len(self.site.pages)


def make_portal(
    view: PortalView,
    style: PageStyle,
    look: str,
    kept: KeptPortal | None = None,
) -> MadePortal:
    """Return the portal of ``view``.

    Args:
        view: what the customer may see.
        style: how the pages are written.
        look: the digest of all that makes the look.
        kept: the portal as it was built last, to take from what is still right; None if
            nothing is to be taken, nor remembered.
    """
    if kept is None:
        site = render_portal(view, style)
        return MadePortal(site, {}, frozenset(), "", {}, {})
    if kept.portal.look != look:
        # Another version may even have kept its parts in another form.
        kept = NOTHING_KEPT
    maker = _PartMaker(view, style, kept)
    site = maker.make_all()
    frame = _digest_frame(site)
    if maker.ready and kept.portal.frame != frame:
        # The bodies would do, but what stands around them has changed.
        return make_portal(view, style, look, NOTHING_KEPT)
    taken = frozenset(maker.taken)
    return MadePortal(site, maker.ready, taken, frame, maker.parts, maker.cores)


class _PartMaker:
    """Makes the parts of one portal, or takes them from what is kept."""

    def __init__(self, view: PortalView, style: PageStyle, kept: KeptPortal) -> None:
        self._view = view
        self._renderer = make_renderer(style)
        self._kept = kept
        self._digests = ViewDigests(view)
        self._items: list[SitePage | SiteFile] = []
        self.ready: dict[str, str] = {}
        self.taken: list[str] = []
        self.parts: dict[str, StoredPart] = {}
        self.cores: dict[str, bytes] = {}

    def make_all(self) -> PortalSite:
        """Make the portal."""
        for part in list_parts(self._view):
            is_whole = part.view is self._view
            digests = self._digests if is_whole else ViewDigests(part.view, self._digests)
            if not self._take_part(part, digests):
                self._make_part(part, digests)
        return assemble_portal(self._view, self._renderer, self._items)

    def _take_part(self, part: PortalPart, digests: ViewDigests) -> bool:
        """Take a part as it was made last, if it would be made the same; return whether it was."""
        stored = self._find_valid(part.name, digests)
        if stored is None:
            return False
        pages = [restore_page(page) for page in stored.pages]
        texts = {page.path: self._kept.get(f"{page.path}.html") for page in pages}
        files = {path: self._kept.get(path) for path in stored.files}
        if None in texts.values() or None in files.values():
            return False
        if part.render_core is not None and self._take_core(part, digests) is None:
            return False
        self._items += pages
        self._items += [SiteFile(path, content or b"") for path, content in files.items()]
        self.ready.update((path, (text or b"").decode()) for path, text in texts.items())
        self.taken += [*(f"{path}.html" for path in texts), *files]
        self.parts[part.name] = stored
        return True

    def _make_part(self, part: PortalPart, digests: ViewDigests) -> None:
        core, needs = "", {}
        if part.render_core is not None:
            core = self._take_core(part, digests) or self._make_core(part, digests)
            needs = dict(self.parts[name_core(part.name)].needs)
        recorder = NeedsRecorder(part.view)
        items = list(part.render(recorder.view, self._renderer, core))
        self._items += items
        self.parts[part.name] = _keep({**needs, **recorder.list_needs(digests)}, items)

    def _take_core(self, part: PortalPart, digests: ViewDigests) -> str | None:
        name = name_core(part.name)
        stored = self._find_valid(name, digests)
        core = None if stored is None else self._kept.get(name)
        if stored is None or core is None:
            return None
        self.parts[name] = stored
        self.cores[name] = core
        return core.decode()

    def _make_core(self, part: PortalPart, digests: ViewDigests) -> str:
        if part.render_core is None:
            return ""
        recorder = NeedsRecorder(part.view)
        core = part.render_core(recorder.view, self._renderer)
        self.parts[name_core(part.name)] = _keep(recorder.list_needs(digests), ())
        self.cores[name_core(part.name)] = core.encode()
        return core

    def _find_valid(self, name: str, digests: ViewDigests) -> StoredPart | None:
        stored = self._kept.portal.parts.get(name)
        return stored if stored is not None and digests.still_hold(stored.needs) else None


def name_core(name: str) -> str:
    """Return what the core of a part is called."""
    return f"core of {name}"


def _keep(needs: Mapping[str, str], items: Iterable[SitePage | SiteFile]) -> StoredPart:
    items = list(items)
    return StoredPart(
        needs=needs,
        pages=tuple(_describe_page(item) for item in items if isinstance(item, SitePage)),
        files=tuple(item.path for item in items if isinstance(item, SiteFile)),
    )


def _describe_page(page: SitePage) -> Mapping[str, Any]:
    return {**asdict(page), "body": ""}


def restore_page(page: Mapping[str, Any]) -> SitePage:
    """Return a page without its body, from what is kept of it."""
    return SitePage(
        path=page["path"],
        title=page["title"],
        body=Markup(),
        headings=tuple(Heading(**each) for each in page["headings"]),
        search_entries=tuple(SearchEntry(**each) for each in page["search_entries"]),
        in_navigation=page["in_navigation"],
        show_contents=page["show_contents"],
    )


def _digest_frame(site: PortalSite) -> str:
    menu = [(page.path, page.title) for page in site.pages if page.in_navigation]
    return digest(json.dumps([asdict(site.texts), menu]))
