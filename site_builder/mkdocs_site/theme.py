"""The theme's templates, with ours before them, in one environment for all portals."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import jinja2
from jinja2.loaders import split_template_path
from mkdocs.theme import Theme

from site_builder.configuration import THEME_FOLDER
from site_builder.pages.template_bytecode import TemplateBytecode

READY_TEMPLATE = "punchcard-ready-page.html"
"""What a page is made with that is ready already: an empty template."""


def prepare_theme(theme: Theme) -> None:
    """Put our templates before the theme's, and let all portals share one environment."""
    own = str(THEME_FOLDER)
    if own not in theme.dirs:
        # Behind a provider's own folder, before the theme's.
        theme.dirs.insert(1 if theme.custom_dir else 0, own)
    environment = _share_environment(_ThemeKey(theme))
    theme.get_env = lambda: environment  # type: ignore[method-assign]  # it would make a new one


def forget_templates() -> None:
    """Read the templates anew at the next build: somebody may have edited them."""
    _share_environment.cache_clear()


def keep_compiled(theme: Theme) -> None:
    """Let what Jinja compiles of a theme be kept: one in which nobody else has a hand."""
    prepare_theme(theme)
    theme.get_env().bytecode_cache = TemplateBytecode(map(Path, theme.dirs))


@contextmanager
def without_assets(theme: Theme) -> Iterator[None]:
    """Keep MkDocs from copying the theme's own files, where they are there already."""
    prepare_theme(theme)
    loader = theme.get_env().loader
    if not isinstance(loader, _ThemeLoader):
        raise TypeError("the environment of prepare_theme has our loader")
    loader.lists_files = False
    try:
        yield
    finally:
        loader.lists_files = True


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
    environment.loader = _ThemeLoader([str(folder) for folder in key.theme.dirs])
    environment.autoescape = True
    return environment


class _ThemeLoader(jinja2.FileSystemLoader):
    """Templates of the theme; its 14,000 icons can be included, but are not listed each time."""

    _names: list[str] | None = None
    lists_files = True

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        if template == READY_TEMPLATE:
            return "", template, lambda: True
        return super().get_source(environment, template)

    def list_templates(self) -> list[str]:
        if not self.lists_files:
            return []
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
