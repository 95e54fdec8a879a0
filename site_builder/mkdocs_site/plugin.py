"""Finished pages -> a static site, with MkDocs and its Material theme. Nothing else imports MkDocs.

Customers' words never pass through Markdown or a template's source. A page reaches MkDocs as its
headings, which are ours, so that MkDocs makes its title and contents; the finished body is put
in once MkDocs has rendered them. Search entries are handed over ready. And the theme's templates
run with autoescaping on, as ours do.
"""

from __future__ import annotations

import html
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from jinja2.loaders import split_template_path
from markupsafe import Markup
from mkdocs.commands.build import build as run_mkdocs_build
from mkdocs.config import config_options, load_config
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, ConfigurationError, MkDocsException, PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel

from ledger.errors import LedgerError

if TYPE_CHECKING:
    from mkdocs.structure.pages import Page
    from mkdocs.theme import Theme

    from site_builder.pages.site import PortalSite, SearchEntry, SitePage

PLUGIN_NAME = "punchcard"
SEARCH_PLUGIN_NAME = "material/search"
CONFIGURATION_NAME = "mkdocs.yml"
PACKAGED_CONFIGURATION = Path(__file__).parent / CONFIGURATION_NAME
THEME_FOLDER = Path(__file__).parent / "theme"
BRAND_FOLDER = Path(__file__).parent / "brand"

_BEFORE_OTHER_PLUGINS = 100
# A sitemap would tell the world what a private portal holds; a page "not found" needs to know
# where on its host the portal lies, and a portal works anywhere.
_UNWANTED_TEMPLATES = ("sitemap.xml", "404.html")


class SiteBuilder:
    """Builds one portal after the other with one configuration, which is read once."""

    def __init__(self, configuration: Path) -> None:
        self._configuration = configuration
        self._config: MkDocsConfig | None = None

    def build(self, site: PortalSite, folder: Path) -> None:
        """Write one portal into ``folder``, which is emptied first.

        Raises:
            LedgerError: the configuration is not one that a portal can be built with.
        """
        with _as_ledger_errors(self._configuration):
            if self._config is None:
                self._config = _read_configuration(self._configuration)
            config = self._config
            config.site_dir = str(folder)
            find_plugin(config).show(site)
            config.plugins.on_startup(command="build", dirty=False)
            try:
                run_mkdocs_build(config)
            finally:
                config.plugins.on_shutdown()


def _read_configuration(configuration: Path) -> MkDocsConfig:
    return load_config(
        str(configuration),
        docs_dir=str(BRAND_FOLDER) if configuration == PACKAGED_CONFIGURATION else None,
        site_url="",
        repo_url="",
    )


def find_plugin(config: MkDocsConfig) -> PortalPlugin:
    """Return the part of a configuration that is ours."""
    plugin = config.plugins.get(PLUGIN_NAME)
    if not isinstance(plugin, PortalPlugin):
        raise ConfigurationError(f"its plugins do not name {PLUGIN_NAME!r}")
    return plugin


class PluginOptions(Config):  # type: ignore[no-untyped-call]  # MkDocs is typed in part
    """What ``mkdocs.yml`` may say of our plugin."""

    preview = config_options.Optional(config_options.Type(str))
    """The customer that ``mkdocs serve`` shows; the first one with a portal unless said."""


class PortalPlugin(BasePlugin[PluginOptions]):  # type: ignore[no-untyped-call]  # as above
    """An ordinary MkDocs plugin that puts one portal's pages into the site being built."""

    def __init__(self) -> None:
        super().__init__()
        self._site: PortalSite | None = None
        self._pages: dict[str, SitePage] = {}

    def show(self, site: PortalSite) -> None:
        """Choose the portal that the next build writes."""
        self._site = site

    def find_site(self, root: Path) -> PortalSite:
        """Return the portal to write when none was chosen; ``root`` holds the configuration."""
        raise PluginError(f"no portal of {root} was chosen; use: punchcard portal build")

    @event_priority(_BEFORE_OTHER_PLUGINS)
    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Make the configuration this portal's: its name, its menu, our look."""
        site = self._site or self._find_site_for_plain_mkdocs(config)
        self._site = site
        self._pages = {_source_name(page): page for page in site.pages}
        config.site_name = site.texts.site_name
        config.extra["portal"] = site.texts
        config.extra["labels"] = dict(site.texts.labels)
        config.nav = [
            {page.title: name} for name, page in self._pages.items() if page.in_navigation
        ]
        _prepare_theme(config.theme)
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add the portal's pages and downloads; leave out pages that are not ours."""
        for file in list(files):
            if (
                file.is_documentation_page()
                or file.inclusion.is_excluded()  # type: ignore[no-untyped-call]  # as above
                or file.src_uri in _UNWANTED_TEMPLATES
            ):
                files.remove(file)
        for name, page in self._pages.items():
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
        return files

    def on_page_markdown(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Give MkDocs a page's headings, which are fixed words, and its title."""
        del markdown, config, files
        ours = self._pages[page.file.src_uri]
        page.meta = {"title": ours.title, "search": {"exclude": True}, "hide": []}
        if not ours.show_contents:
            page.meta["hide"].append("toc")
        lines = [f"## {heading.text} {{ #{heading.anchor} }}\n" for heading in ours.headings]
        return "\n".join(["# Top { #top }\n", *lines])

    def on_page_content(
        self, html: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> Markup:
        """Put the finished page where MkDocs has the headings."""
        del html, config, files
        return self._pages[page.file.src_uri].body

    def on_env(
        self, env: jinja2.Environment, *, config: MkDocsConfig, files: Files
    ) -> jinja2.Environment:
        """Hand the search plugin its entries, now that it has an index and before it writes it."""
        del files
        search = config.plugins.get(SEARCH_PLUGIN_NAME)
        index = getattr(search, "search_index", None)
        if index is not None:
            index.entries = list(self._make_search_entries())
        return env

    def _find_site_for_plain_mkdocs(self, config: MkDocsConfig) -> PortalSite:
        try:
            return self.find_site(Path(config.config_file_path).parent)
        except LedgerError as error:
            raise PluginError(f"{error.message} ({error.hint})") from error

    def _require_site(self) -> PortalSite:
        if self._site is None:
            raise PluginError("the portal is chosen when the configuration is read")
        return self._site

    def _make_search_entries(self) -> Iterator[dict[str, str]]:
        for page in self._require_site().pages:
            for entry in page.search_entries:
                yield _make_search_entry(page, entry)


def _make_search_entry(page: SitePage, entry: SearchEntry) -> dict[str, str]:
    # The theme's search shows title and text as HTML, so both go in escaped.
    location = f"{page.path}.html" + (f"#{entry.anchor}" if entry.anchor else "")
    return {
        "location": location,
        "title": html.escape(entry.title),
        "text": html.escape(entry.text),
    }


def _source_name(page: SitePage) -> str:
    return f"{page.path}.md"


def _prepare_theme(theme: Theme) -> None:
    """Put our templates before the theme's, and let all portals share one environment."""
    own = str(THEME_FOLDER)
    if own not in theme.dirs:
        # Behind a provider's own folder, before the theme's.
        theme.dirs.insert(1 if theme.custom_dir else 0, own)
    theme.static_templates.difference_update(_UNWANTED_TEMPLATES)
    environment = _share_environment(_ThemeKey(theme))
    theme.get_env = lambda: environment  # type: ignore[method-assign]  # it would make a new one


class _ThemeKey:
    """A theme that equals another if its templates come from the same folders."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self._identity = (tuple(theme.dirs), str(theme.locale))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ThemeKey) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)


@lru_cache(maxsize=4)
def _share_environment(key: _ThemeKey) -> jinja2.Environment:
    environment = key.theme.get_env()
    environment.loader = _VisibleFilesLoader([str(folder) for folder in key.theme.dirs])
    environment.autoescape = True
    return environment


class _VisibleFilesLoader(jinja2.FileSystemLoader):
    """Templates of the theme; its 14,000 icons can be included, but are not listed each time."""

    _names: list[str] | None = None

    def list_templates(self) -> list[str]:
        if self._names is None:
            self._names = sorted(self._find_names())
        return self._names

    def _find_names(self) -> set[str]:
        names: set[str] = set()
        for root in self.searchpath:
            for folder, subfolders, files in os.walk(root):
                subfolders[:] = [name for name in subfolders if not name.startswith(".")]
                relative = Path(folder).relative_to(root).as_posix()
                for name in files:
                    path = name if relative == "." else f"{relative}/{name}"
                    names.add("/".join(split_template_path(path)))
        return names


@contextmanager
def _as_ledger_errors(configuration: Path) -> Iterator[None]:
    """Say what is wrong with a configuration in one message, as MkDocs only logs it."""
    collector = _MessageCollector()
    logger = logging.getLogger("mkdocs")
    logger.addHandler(collector)
    propagate, logger.propagate = logger.propagate, False
    try:
        yield
    except (Abort, MkDocsException) as error:
        reasons = "; ".join(collector.messages) or str(error)
        raise LedgerError(
            f"{configuration.name} does not make a portal: {reasons}", f"mend {configuration}"
        ) from error
    finally:
        logger.removeHandler(collector)
        logger.propagate = propagate


class _MessageCollector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(level=logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())
