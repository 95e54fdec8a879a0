"""The plugin under the name that installations from before know it by."""

from __future__ import annotations

from site_builder.mkdocs.plugin import PortalPlugin as PreviewPlugin

__all__ = ["PreviewPlugin"]
