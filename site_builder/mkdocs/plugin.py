"""Builds one portal after the other, with an ordinary MkDocs plugin that puts its pages in.

While portals are built the plugin writes the one it was given. In plain ``mkdocs serve`` and
``mkdocs build`` beside a ledger it looks for a customer to show.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from logging.handlers import BufferingHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.commands.build import build as run_mkdocs_build
from mkdocs.config import config_options, load_config
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, ConfigurationError, MkDocsException, PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.theme import Theme

from ledger.dates import today_in
from ledger.errors import LedgerError
from ledger.files.layout import DEFAULT_FOLDER
from ledger.ledger import open_ledger
from site_builder.errors import require_no_errors
from site_builder.look import (
    BRAND_FOLDER,
    PACKAGED_CONFIGURATION,
    PLUGIN_NAME,
    THEME_FOLDER,
    find_configuration,
    read_style,
)
from site_builder.make_view import view_portal
from site_builder.mkdocs import hooks
from site_builder.output import link_tree, make_readable
from site_builder.pages.portal_site import render_portal
from site_builder.pages.site import PortalSite, SitePage
from site_builder.view import STATES_WITHOUT_PORTAL

if TYPE_CHECKING:
    from mkdocs.livereload import LiveReloadServer  # A build does not need the web server.

_BEFORE_OTHER_PLUGINS = 100
_SEARCH_INDEX = "search/search_index.json"
_MOST_MESSAGES = 1000


def add_templates(theme: Theme) -> None:
    """Put our templates before the theme's, and behind those of a provider's own folder."""
    own = str(THEME_FOLDER)
    if own not in theme.dirs:
        theme.dirs.insert(1 if theme.custom_dir else 0, own)


class PluginOptions(Config):  # type: ignore[no-untyped-call]  # MkDocs is typed in part
    """What ``mkdocs.yml`` may say of our plugin."""

    # The customer that ``mkdocs serve`` shows; the first one with a portal unless said.
    preview = config_options.Optional(config_options.Type(str))
    # ``site_builder.look`` reads the others: folders of the provider's own wording and templates
    # of pages, and whether forms are sent to the service of ``punchcard intake serve``.
    texts = config_options.Optional(config_options.Type(str))
    templates = config_options.Optional(config_options.Type(str))
    intake = config_options.Type(bool, default=False)


class PortalPlugin(BasePlugin[PluginOptions]):  # type: ignore[no-untyped-call]  # as above
    """Puts the portal that is its ``site`` into the site being built."""

    def __init__(self) -> None:
        super().__init__()
        self.site: PortalSite | None = None
        self._pages: dict[str, SitePage] = {}
        self._ledger: Path | None = None

    @event_priority(_BEFORE_OTHER_PLUGINS)
    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Make the configuration this portal's: its name, its menu, our templates."""
        self.site = site = self.site or self._find_site(Path(config.config_file_path).parent)
        self._pages = {source_name(page): page for page in site.pages}
        for name, value in list_settings(site).items():
            config[name] = {**config[name], **value} if name == "extra" else value
        # Templates see an attribute of the theme before its setting of that name.
        config.theme.language = site.language  # type: ignore[attr-defined]
        add_templates(config.theme)
        return hooks.on_config(config)

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add the portal's pages; leave out pages that are not ours."""
        for file in list(files):
            if (
                file.is_documentation_page() or file.inclusion.is_excluded()  # type: ignore[no-untyped-call]  # as above
            ):
                files.remove(file)
        for name, page in self._pages.items():
            inclusion = InclusionLevel.INCLUDED if page.in_navigation else InclusionLevel.NOT_IN_NAV
            files.append(File.generated(config, name, content="", inclusion=inclusion))
        for asset in self.site.files if self.site else ():
            if asset.path.startswith("assets/"):
                files.append(File.generated(config, asset.path, content=asset.content))
        return hooks.on_files(files, config=config)

    def on_page_markdown(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Give a page the settings and the HTML that its file in an export has."""
        del markdown
        ours = self._pages[page.file.src_uri]
        page.meta = describe_page(ours)
        return hooks.on_page_markdown(str(ours.body), page=page, config=config, files=files)

    on_page_content = staticmethod(hooks.on_page_content)
    on_env = staticmethod(hooks.on_env)
    on_post_page = staticmethod(hooks.on_post_page)

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Write the downloads, one after the other: together they may be large."""
        for file in self.site.files if self.site else ():
            target = Path(config.site_dir, file.path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.content)

    def on_serve(self, server: LiveReloadServer, **_arguments: object) -> None:
        """Let ``mkdocs serve`` follow the ledger's files."""
        if self._ledger is not None:
            server.watch(str(self._ledger))

    def _find_site(self, root: Path) -> PortalSite:
        """Return today's portal of the customer to preview, or of the first one who has one."""
        self._ledger, customer = root / DEFAULT_FOLDER, self.config.preview
        try:
            with open_ledger(self._ledger) as ledger:
                # The clock is read here because plain MkDocs has no option for a date.
                as_of = today_in(ledger.organization.zone, datetime.now(UTC))
                require_no_errors(ledger, as_of)
                for slug in (customer,) if customer else ledger.slugs:
                    view = view_portal(ledger, slug, as_of)
                    if view.balance.portal.state not in STATES_WITHOUT_PORTAL:
                        return render_portal(view, read_style(find_configuration(root)))
        except LedgerError as error:
            raise PluginError(f"{error.message} ({error.hint})") from error
        raise PluginError("no customer has a portal to preview (name another in mkdocs.yml)")


def source_name(page: SitePage) -> str:
    """Return the name that MkDocs knows a page's file by."""
    return f"{page.path}.md"


def describe_page(page: SitePage) -> dict[str, Any]:
    """Return the settings of a page, as an exported page has them above its text."""
    return {
        "finished_html": True,
        "title": page.title,
        "search": {"exclude": True},  # ours is a page of its own
    }


def list_settings(site: PortalSite) -> dict[str, Any]:
    """Return what a portal sets in ``mkdocs.yml``: its name, its menu, the words around pages."""
    return {
        "site_name": site.texts["site_name"],
        "nav": [{page.title: source_name(page)} for page in site.pages if page.in_navigation],
        "extra": {"labels": dict(site.labels), "portal": dict(site.texts)},
    }


class SiteBuilder:
    """Builds portals with one configuration, which is read once.

    The theme's own files are written with the first portal and linked into the later ones, as
    long as the first one stays where it was built.
    """

    def __init__(self, configuration: Path) -> None:
        self._configuration = configuration
        self._assets: dict[Path, Path] = {}  # where each was built, by the path in a portal

    def build(self, site: PortalSite, folder: Path) -> None:
        """Write a portal into ``folder``, emptied first; a LedgerError if the look is wrong."""
        with as_ledger_errors(self._configuration):
            config, plugin = self._loaded
            config.site_dir, plugin.site = str(folder), site
            config.plugins.on_startup(command="build", dirty=False)
            try:
                run_mkdocs_build(config)
            finally:
                config.plugins.on_shutdown()
        if not self._assets:
            own = {_SEARCH_INDEX, *(f"{page.path}.html" for page in site.pages)}
            own |= {file.path for file in site.files}
            self._assets = {
                file.relative_to(folder): file
                for file in folder.rglob("*")
                if file.is_file() and file.relative_to(folder).as_posix() not in own
            }
            # The theme has 14,000 icons: its folders are listed once.
            config.theme.get_env().loader.list_templates = list  # type: ignore[union-attr,method-assign]
        for name, built in self._assets.items():
            if not (folder / name).exists():
                link_tree(built, folder / name)
        make_readable(folder)

    @cached_property
    def _loaded(self) -> tuple[MkDocsConfig, PortalPlugin]:
        config, plugin = read_configuration(self._configuration)
        add_templates(config.theme)
        environment = config.theme.get_env()
        config.theme.get_env = lambda: environment  # type: ignore[method-assign]
        return config, plugin


def read_configuration(configuration: Path) -> tuple[MkDocsConfig, PortalPlugin]:
    """Return the settings of a ``mkdocs.yml``, less those that a portal does not have."""
    docs = str(BRAND_FOLDER) if configuration == PACKAGED_CONFIGURATION else None
    config = load_config(str(configuration), docs_dir=docs, site_url="", repo_url="")
    plugin = config.plugins.get(PLUGIN_NAME)
    if not isinstance(plugin, PortalPlugin):
        raise ConfigurationError(f"its plugins do not name {PLUGIN_NAME!r}")
    return config, plugin


@contextmanager
def as_ledger_errors(configuration: Path) -> Iterator[None]:
    """Turn what MkDocs logs about a wrong configuration into one ``LedgerError``."""
    collector = BufferingHandler(_MOST_MESSAGES)
    collector.setLevel(logging.ERROR)
    logger = logging.getLogger("mkdocs")
    logger.addHandler(collector)
    propagate, logger.propagate = logger.propagate, False
    try:
        yield
    except (Abort, MkDocsException) as error:
        messages = [record.getMessage() for record in collector.buffer]
        reasons = "; ".join(messages) or str(error)
        raise LedgerError(
            f"{configuration.name} does not make a portal: {reasons}", f"mend {configuration}"
        ) from error
    finally:
        logger.removeHandler(collector)
        logger.propagate = propagate
