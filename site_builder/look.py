"""The ``mkdocs.yml`` of the portals, and what it says of their language, wording and templates.

It is parsed here as tolerantly as MkDocs parses it, so that whoever only wants to know the style
need not load MkDocs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ledger.errors import LedgerError
from site_builder.pages.environment import PageStyle
from site_builder.pages.wording import DEFAULT_LANGUAGE

PLUGIN_NAME = "punchcard"
CONFIGURATION_NAME = "mkdocs.yml"
PACKAGED_CONFIGURATION = Path(__file__).parent / CONFIGURATION_NAME
THEME_FOLDER = Path(__file__).parent / "theme"
BRAND_FOLDER = Path(__file__).parent / "brand"

_DEEPEST_INHERITANCE = 10


@dataclass(frozen=True, slots=True)
class Settings:
    """What a ``mkdocs.yml`` says.

    Attributes:
        values: by name; a value with one of MkDocs's own tags is None.
        is_plain: whether there is no such tag (environment variables, names of functions).
    """

    values: Mapping[str, Any]
    is_plain: bool


def find_configuration(root: Path | None) -> Path:
    """Return the ``mkdocs.yml`` of the work tree if it names our plugin, else the packaged one."""
    if root is not None:
        own = root / CONFIGURATION_NAME
        if own.is_file() and _names_our_plugin(own.read_bytes()):
            return own
    if PACKAGED_CONFIGURATION.is_file():
        return PACKAGED_CONFIGURATION
    # In a checkout that is not installed, the file has not been packed yet.
    return Path(__file__).parents[1] / CONFIGURATION_NAME


def read_style(configuration: Path) -> PageStyle:
    """Return the style that a ``mkdocs.yml`` asks for.

    Raises:
        LedgerError: the file cannot be read.
    """
    settings = _read_settings(configuration)
    theme, options = _as_mapping(settings.get("theme")), _find_options(settings.get("plugins"))
    texts, templates = (
        None if options.get(name) is None else (configuration.parent / str(options[name])).resolve()
        for name in ("texts", "templates")
    )
    return PageStyle(str(theme.get("language") or DEFAULT_LANGUAGE), texts, templates)


def list_style_files(style: PageStyle) -> Iterator[Path]:
    """Yield the provider's own files that a style is made of, sorted by folder."""
    for folder in (style.texts, style.templates):
        if folder is not None:
            yield from _list_files(folder)


def list_look_files(configuration: Path, settings: Settings) -> list[Path]:
    """Return all files besides ``mkdocs.yml`` that the look of the portals is made of."""
    folders = [BRAND_FOLDER]
    if configuration != PACKAGED_CONFIGURATION:
        folders = [configuration.parent / str(settings.values.get("docs_dir", "docs"))]
    custom = _as_mapping(settings.values.get("theme")).get("custom_dir")
    if custom:
        folders.append(configuration.parent / str(custom))
    own = [file for folder in folders for file in _list_files(folder)]
    return [*own, *list_style_files(read_style(configuration))]


def parse_settings(content: bytes) -> Settings:
    """Return what the content of a ``mkdocs.yml`` says.

    Raises:
        ValueError: it is not YAML.
    """
    loader = _TolerantLoader(content)
    try:
        values = loader.get_single_data()
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    finally:
        loader.dispose()
    return Settings(_as_mapping(values), not loader.has_own_tags)


def list_names(items: object) -> Iterator[str]:
    """Yield the names in a list of plugins or extensions, in a mapping of such, or in a word."""
    for item in items if isinstance(items, (list, Mapping)) else [items]:
        if isinstance(item, Mapping):
            yield from map(str, item)
        elif item is not None:
            yield str(item)


def _names_our_plugin(content: bytes) -> bool:
    if PLUGIN_NAME.encode() not in content:
        return False
    try:
        settings = parse_settings(content)
    except ValueError:
        return True  # MkDocs reports what is wrong with it.
    return PLUGIN_NAME in list_names(settings.values.get("plugins"))


def _read_settings(configuration: Path, depth: int = 0) -> Mapping[str, Any]:
    try:
        settings = parse_settings(configuration.read_bytes()).values
    except (OSError, ValueError) as error:
        raise LedgerError(f"{configuration} cannot be read: {error}", "mend it") from error
    parent = settings.get("INHERIT")
    if not isinstance(parent, str) or depth >= _DEEPEST_INHERITANCE:
        return settings
    return _merge(_read_settings(configuration.parent / parent, depth + 1), settings)


def _merge(base: Mapping[str, Any], own: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put one file's settings over those that it inherits, as MkDocs does."""
    merged = dict(base)
    for key, value in own.items():
        old = merged.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = _merge(_as_mapping(old), value) if both else value
    return merged


def _find_options(plugins: object) -> Mapping[str, Any]:
    """Return the options of our plugin; plugins are a list, or a mapping."""
    for item in plugins if isinstance(plugins, list) else [plugins]:
        if isinstance(item, Mapping) and PLUGIN_NAME in item:
            return _as_mapping(item[PLUGIN_NAME])
    return {}


def _list_files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _as_mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


class _TolerantLoader(yaml.CSafeLoader):
    """Reads a file in which MkDocs's own tags may stand, and ignores their values."""

    has_own_tags = False


def _ignore(loader: _TolerantLoader, _suffix: str, _node: yaml.Node) -> None:
    loader.has_own_tags = True


_TolerantLoader.add_multi_constructor("!", _ignore)
_TolerantLoader.add_multi_constructor("tag:yaml.org,2002:python/", _ignore)
