"""Builds one portal after the other with one configuration and one Jinja environment."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from logging.handlers import BufferingHandler
from pathlib import Path

from mkdocs.commands.build import build as run_mkdocs_build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, MkDocsException

from ledger.errors import LedgerError
from site_builder.look import BRAND_FOLDER, PACKAGED_CONFIGURATION
from site_builder.mkdocs.plugin import add_templates, find_plugin
from site_builder.output import link_tree, make_readable
from site_builder.pages.site import PortalSite

_SEARCH_INDEX = "search/search_index.json"
_MOST_MESSAGES = 1000


class SiteBuilder:
    """Builds portals with one configuration, which is read once.

    The theme's own files are written with the first portal and linked into the later ones, as
    long as the first one stays where it was built.
    """

    def __init__(self, configuration: Path) -> None:
        self._configuration = configuration
        self._assets: dict[Path, Path] = {}  # where each was built, by the path in a portal

    def build(self, site: PortalSite, folder: Path) -> None:
        """Write one portal into ``folder``, which is emptied first.

        Raises:
            LedgerError: the configuration is not one that a portal can be built with.
        """
        with as_ledger_errors(self._configuration):
            config = self._config
            config.site_dir = str(folder)
            find_plugin(config).show(site)
            config.plugins.on_startup(command="build", dirty=False)
            try:
                run_mkdocs_build(config)
            finally:
                config.plugins.on_shutdown()
        if not self._assets:
            own = {f"{page.path}.html" for page in site.pages} | {file.path for file in site.files}
            self._assets = {
                file.relative_to(folder): file
                for file in folder.rglob("*")
                if file.is_file()
                and file.relative_to(folder).as_posix() not in {*own, _SEARCH_INDEX}
            }
            # The theme has 14,000 icons: its folders are listed once.
            config.theme.get_env().loader.list_templates = list  # type: ignore[union-attr,method-assign]
        for name, built in self._assets.items():
            if not (folder / name).exists():
                link_tree(built, folder / name)
        make_readable(folder)

    @cached_property
    def _config(self) -> MkDocsConfig:
        config = read_configuration(self._configuration)
        add_templates(config.theme)
        environment = config.theme.get_env()
        config.theme.get_env = lambda: environment  # type: ignore[method-assign]
        return config


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
