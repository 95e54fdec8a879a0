"""Our part of a build: an ordinary MkDocs plugin that puts one portal's pages into the site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup
from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import ConfigurationError, PluginError
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel

from ledger.errors import LedgerError
from site_builder.configuration import PLUGIN_NAME
from site_builder.mkdocs_site import hooks
from site_builder.mkdocs_site.theme import READY_TEMPLATE, prepare_theme
from site_builder.search_index import make_search_entries

if TYPE_CHECKING:
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page
    from mkdocs.structure.toc import TableOfContents
    from mkdocs.utils.templates import TemplateContext

    from site_builder.pages.site import PortalSite, SitePage

_BEFORE_OTHER_PLUGINS = 100
_AFTER_OTHER_PLUGINS = -100
_SEARCH_ATTRIBUTE = "data-search-"


def find_plugin(config: MkDocsConfig) -> PortalPlugin:
    """Return the part of a configuration that is ours."""
    plugin = config.plugins.get(PLUGIN_NAME)
    if not isinstance(plugin, PortalPlugin):
        raise ConfigurationError(f"its plugins do not name {PLUGIN_NAME!r}")
    return plugin


def describe_page(page: SitePage) -> dict[str, Any]:
    """Return what MkDocs and the search are told of a page, as it may stand above its text."""
    return {
        "title": page.title,
        "search": {"exclude": True},  # the entries below are all that it finds
        "hide": [] if page.show_contents else ["toc"],
    }


class PluginOptions(Config):  # type: ignore[no-untyped-call]  # MkDocs is typed in part
    """What ``mkdocs.yml`` may say of our plugin."""

    preview = config_options.Optional(config_options.Type(str))
    """The customer that ``mkdocs serve`` shows; the first one with a portal unless said."""

    texts = config_options.Optional(config_options.Type(str))
    """The folder of the provider's own wording; ``site_builder.look`` reads it."""

    templates = config_options.Optional(config_options.Type(str))
    """The folder of the provider's own templates of pages; read there, too."""


class PortalPlugin(BasePlugin[PluginOptions]):  # type: ignore[no-untyped-call]  # as above
    """Puts one portal after the other into the site being built."""

    def __init__(self) -> None:
        super().__init__()
        self._site: PortalSite | None = None
        self._pages: dict[str, SitePage] = {}
        self._ready: Mapping[str, str] = {}
        self._hidden: str | None = None
        self._contents: dict[str, tuple[str | None, TableOfContents]] = {}

    def show(self, site: PortalSite, ready: Mapping[str, str] = MappingProxyType({})) -> None:
        """Choose the portal that the next build writes.

        Args:
            site: the portal.
            ready: pages that are known to the last byte, by their path. They are left to whoever
                has them.
        """
        self._site = site
        self._ready = ready

    def find_site(self, root: Path) -> PortalSite:
        """Return the portal to write when none was chosen; ``root`` holds the configuration."""
        raise PluginError(f"no portal of {root} was chosen; use: punchcard portal build")

    @event_priority(_BEFORE_OTHER_PLUGINS)
    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Make the configuration this portal's: its name, its menu, our look."""
        site = self._site or self._find_site_for_plain_mkdocs(config)
        self._site = site
        self._pages = {source_name(page): page for page in site.pages}
        configure_site(config, site)
        prepare_theme(config.theme)
        return hooks.on_config(config)

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add the portal's pages and downloads; leave out pages that are not ours."""
        for file in list(files):
            if (
                file.is_documentation_page() or file.inclusion.is_excluded()  # type: ignore[no-untyped-call]  # as above
            ):
                files.remove(file)
        for name, page in self._pages.items():
            if page.path in self._ready and not page.in_navigation:
                continue
            inclusion = InclusionLevel.INCLUDED if page.in_navigation else InclusionLevel.NOT_IN_NAV
            files.append(File.generated(config, name, content="", inclusion=inclusion))
        for download in self._require_site().files:
            files.append(
                File.generated(
                    config,
                    download.path,
                    content=download.content,
                    inclusion=InclusionLevel.INCLUDED,
                )
            )
        return hooks.on_files(files, config=config)

    def on_pre_page(self, page: Page, *, config: MkDocsConfig, files: Files) -> Page:
        """Let pages with the same headings share what MkDocs makes of them."""
        del config, files
        page.render = partial(self._render_headings, page)  # type: ignore[method-assign]  # it costs milliseconds
        return page

    def on_page_markdown(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Give MkDocs a page's headings, which are fixed words, and its title."""
        del markdown, config, files
        ours = self._pages[page.file.src_uri]
        page.meta = describe_page(ours)
        if ours.path in self._ready:
            page.meta["template"] = READY_TEMPLATE
            return ""
        return hooks.write_headings((heading.anchor, heading.text) for heading in ours.headings)

    def on_page_content(
        self, html: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> Markup:
        """Put the finished page where MkDocs has the headings."""
        del html, config, files
        ours = self._pages[page.file.src_uri]
        # MkDocs writes no page that turns out empty: one that is ready is written by who has it.
        return Markup() if ours.path in self._ready else ours.body

    @event_priority(_BEFORE_OTHER_PLUGINS)
    def _hide_content(
        self, context: TemplateContext, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        """Spare the search plugin the long search for attributes of its own that are not there."""
        del nav
        content = page.content or ""
        self._hidden = None
        if _is_search_alone(config) and _SEARCH_ATTRIBUTE not in content:
            self._hidden, page.content = content, ""
        return context

    @event_priority(_AFTER_OTHER_PLUGINS)
    def _show_content(
        self, context: TemplateContext, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        del config, nav
        if self._hidden is not None:
            page.content = self._hidden
        return context

    on_page_context = CombinedEvent(_hide_content, _show_content)

    def on_env(
        self, env: jinja2.Environment, *, config: MkDocsConfig, files: Files
    ) -> jinja2.Environment:
        """Hand the search plugin its entries."""
        del files
        hooks.hand_to_search(config, list(make_search_entries(self._require_site())))
        return env

    def _find_site_for_plain_mkdocs(self, config: MkDocsConfig) -> PortalSite:
        try:
            return self.find_site(Path(config.config_file_path).parent)
        except LedgerError as error:
            raise PluginError(f"{error.message} ({error.hint})") from error

    def _render_headings(self, page: Page, config: MkDocsConfig, files: Files) -> None:
        headings = page.markdown or ""
        if headings in self._contents:
            page.content, page.toc = self._contents[headings]
            return
        type(page).render(page, config, files)
        hooks.escape_titles(page.toc)
        self._contents[headings] = (page.content, page.toc)

    def _require_site(self) -> PortalSite:
        if self._site is None:
            raise PluginError("the portal is chosen when the configuration is read")
        return self._site


def _is_search_alone(config: MkDocsConfig) -> bool:
    return set(config.plugins) <= {PLUGIN_NAME, hooks.SEARCH_PLUGIN_NAME}


def configure_site(config: MkDocsConfig, site: PortalSite) -> None:
    """Make a configuration one portal's."""
    for name, value in list_settings(site).items():
        config[name] = {**config[name], **value} if name == "extra" else value


def list_settings(site: PortalSite) -> dict[str, Any]:
    """Return what a portal sets in ``mkdocs.yml``: its name, its menu, the words around pages."""
    texts = asdict(site.texts)
    return {
        "site_name": site.texts.site_name,
        "nav": [{page.title: source_name(page)} for page in site.pages if page.in_navigation],
        "extra": {"labels": dict(texts.pop("labels")), "portal": texts},
    }


def source_name(page: SitePage) -> str:
    """Return the name that MkDocs knows a page's file by."""
    return f"{page.path}.md"
