"""A part of a portal: what is made by itself, and can stay as it is while others are made again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from site_builder.pages.environment import PageRenderer
from site_builder.pages.site import SiteFile, SitePage
from site_builder.portal_view import PortalView

Renderer: TypeAlias = Callable[[PortalView, PageRenderer, str], Iterable[SitePage | SiteFile]]
CoreRenderer: TypeAlias = Callable[[PortalView, PageRenderer], str]


@dataclass(frozen=True, slots=True)
class PortalPart:
    """A part of a portal that is made by itself.

    Attributes:
        name: its name in the portal.
        view: what it is made from.
        render: makes it, given its core.
        render_core: makes what of it stays while the rest changes from week to week; may be none.
    """

    name: str
    view: PortalView
    render: Renderer
    render_core: CoreRenderer | None = None
