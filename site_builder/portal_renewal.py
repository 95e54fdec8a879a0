"""A portal of which nothing but the day is another: only what says the day is made again.

What was asked for when a part was made tells whether the day shows in it. A part that asked for
no dated value would ask for the same ones again, and come out the same: its files need not even
be unpacked. Whatever a renewal cannot do is left to the long way, from the records.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from markupsafe import Markup

from site_builder.kept_view import DamagedViewError, KeptValues
from site_builder.last_update import LastUpdate
from site_builder.pages.environment import PageRenderer, make_renderer
from site_builder.pages.portal_part import PortalPart
from site_builder.pages.portal_site import find_part, make_theme_texts
from site_builder.pages.site import PortalSite, SiteFile, SitePage
from site_builder.pages.style import PageStyle
from site_builder.portal_cache import KeptPortal, StoredPart, StoredPortal
from site_builder.portal_parts import name_core, restore_page
from site_builder.portal_view import PortalView
from site_builder.shown_day import DATED_FIELDS


@dataclass(frozen=True, slots=True)
class RenewedPortal:
    """A portal for another day.

    Attributes:
        site: what stands around its pages; these have no bodies.
        pages: those that were made again.
        files: the other files that were made again.
        lasting: the digests of the files that stay, by path.
    """

    site: PortalSite
    pages: tuple[SitePage, ...]
    files: tuple[SiteFile, ...]
    lasting: Mapping[str, str]


class _CannotRenewError(Exception):
    """Something has to be made from the records."""


def renew_portal(
    kept: KeptPortal,
    style: PageStyle,
    as_of: date,
    revision: str | None,
    last_update: LastUpdate | None,
) -> RenewedPortal | None:
    """Return a portal as it is on a day; None if it has to be made from the records.

    Args:
        kept: the portal as it was built last, from the same records in the same look.
        style: how the pages are written.
        as_of: the day.
        revision: the commit, if any.
        last_update: what the customer saw before, if anything.
    """
    renderer = make_renderer(style)
    try:
        view = KeptValues(kept.get).show(as_of, revision, last_update)
        made = [*_renew_parts(view, renderer, kept)]
        texts = make_theme_texts(view, renderer.wording)
    except (_CannotRenewError, DamagedViewError):
        return None
    pages = tuple(item for item in made if isinstance(item, SitePage))
    files = tuple(item for item in made if isinstance(item, SiteFile))
    renewed = {_place(item) for item in made}
    stored = kept.portal
    return RenewedPortal(
        site=PortalSite(texts, tuple(_list_outlines(stored))),
        pages=pages,
        files=files,
        lasting={path: each for path, each in stored.digests.items() if path not in renewed},
    )


def _renew_parts(
    view: PortalView, renderer: PageRenderer, kept: KeptPortal
) -> Iterator[SitePage | SiteFile]:
    for name, stored in kept.portal.parts.items():
        if not _is_dated(stored) or not (stored.pages or stored.files):
            continue
        part = find_part(name, view)
        if part is None:
            raise _CannotRenewError
        items = list(part.render(view, renderer, _find_core(part, renderer, kept)))
        _require_same_shape(stored, items)
        yield from items


def _is_dated(part: StoredPart) -> bool:
    return not DATED_FIELDS.isdisjoint(part.needs)


def _find_core(part: PortalPart, renderer: PageRenderer, kept: KeptPortal) -> str:
    """Return what a part is made around, as it is kept, if the day does not show in that, too."""
    if part.render_core is None:
        return ""
    name = name_core(part.name)
    if _is_dated(kept.portal.parts[name]):
        return part.render_core(part.view, renderer)
    core = kept.get(name)
    if core is None:
        raise _CannotRenewError
    return core.decode()


def _require_same_shape(stored: StoredPart, items: list[SitePage | SiteFile]) -> None:
    """See that the menu, the search and the list of files stay as they are.

    Raises:
        _CannotRenewError: they do not.
    """
    pages = [replace(item, body=Markup()) for item in items if isinstance(item, SitePage)]
    files = [item.path for item in items if isinstance(item, SiteFile)]
    if pages != [*map(restore_page, stored.pages)] or files != [*stored.files]:
        raise _CannotRenewError


def _list_outlines(stored: StoredPortal) -> Iterator[SitePage]:
    """Yield of each page what the others say of it: where it stands in the menu."""
    for part in stored.parts.values():
        for page in part.pages:
            yield SitePage(
                page["path"], page["title"], Markup(), in_navigation=page["in_navigation"]
            )


def _place(item: SitePage | SiteFile) -> str:
    return f"{item.path}.html" if isinstance(item, SitePage) else item.path
