"""Builds one portal after the other with one configuration."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from mkdocs.commands.build import build as run_mkdocs_build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, MkDocsException

from ledger.errors import LedgerError
from site_builder.configuration import BRAND_FOLDER, PACKAGED_CONFIGURATION, PLUGIN_NAME
from site_builder.file_links import share_file
from site_builder.mkdocs_site import hooks
from site_builder.mkdocs_site.plugin import find_plugin
from site_builder.mkdocs_site.theme import keep_compiled, without_assets
from site_builder.search_index import SEARCH_INDEX_PATH

if TYPE_CHECKING:
    from site_builder.pages.site import PortalSite


class SiteBuilder:
    """Builds one portal after the other with one configuration, which is read once.

    What all portals have in common, the theme's own files, is written with the first one; the
    later ones share it, as long as that first one is where it was.
    """

    def __init__(self, configuration: Path, *, shares_assets: bool = False) -> None:
        self._configuration = configuration
        self._config: MkDocsConfig | None = None
        self._shares_assets = shares_assets
        self.first: Path | None = None
        self.assets: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether pages are made by MkDocs, the theme and us alone: no template, no plugin more."""
        config = self._config
        return (
            config is not None
            and config.theme.name == "material"
            and not config.theme.custom_dir
            and not config["hooks"]
            and set(config.plugins) <= {PLUGIN_NAME, hooks.SEARCH_PLUGIN_NAME}
        )

    def build(
        self,
        site: PortalSite,
        folder: Path,
        ready: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Write one portal into ``folder``, which is emptied first.

        Args:
            site: the portal.
            folder: where to write it.
            ready: pages that are known to the last byte, by their path.

        Raises:
            LedgerError: the configuration is not one that a portal can be built with.
        """
        with as_ledger_errors(self._configuration):
            if self._config is None:
                self._config = read_configuration(self._configuration)
            config = self._config
            config.site_dir = str(folder)
            find_plugin(config).show(site, ready)
            config.plugins.on_startup(command="build", dirty=False)
            try:
                self._run(config)
            finally:
                config.plugins.on_shutdown()
        _write_ready_pages(site, ready, folder)
        if self.first is not None:
            self.share_assets(folder)
        elif self._shares_assets:
            self.first = folder
            self.assets = tuple(_list_assets(site, folder))

    def share_assets(self, folder: Path) -> None:
        """Put the theme's own files into a portal's folder."""
        if self.first is None:
            raise RuntimeError("no portal has been built yet that has them")
        for name in self.assets:
            share_file(self.first / name, folder / name)

    def _run(self, config: MkDocsConfig) -> None:
        if self.is_plain:
            keep_compiled(config.theme)
        if self.first is None:
            run_mkdocs_build(config)
            return
        with without_assets(config.theme):
            run_mkdocs_build(config)


def _write_ready_pages(site: PortalSite, ready: Mapping[str, str], folder: Path) -> None:
    """Write the pages that MkDocs has left out."""
    for page in site.pages:
        if page.path in ready:
            file = folder / f"{page.path}.html"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(ready[page.path].encode())


def _list_assets(site: PortalSite, folder: Path) -> Iterator[str]:
    ours = {f"{page.path}.html" for page in site.pages} | {file.path for file in site.files}
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_file() and name not in ours and name != SEARCH_INDEX_PATH:
            yield name


def read_configuration(configuration: Path) -> MkDocsConfig:
    """Return the settings of a ``mkdocs.yml``, less those that a portal does not have."""
    return load_config(
        str(configuration),
        docs_dir=str(BRAND_FOLDER) if configuration == PACKAGED_CONFIGURATION else None,
        site_url="",
        repo_url="",
    )


@contextmanager
def as_ledger_errors(configuration: Path) -> Iterator[None]:
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
