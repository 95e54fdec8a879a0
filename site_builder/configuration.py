"""The ``mkdocs.yml`` that portals are built with, and the folders that their look comes from.

Known without MkDocs, so that a build that has nothing to do need not load it. Whoever here wants to
know something of the file has it parsed by this one parser, which is as tolerant as MkDocs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PLUGIN_NAME = "punchcard"
CONFIGURATION_NAME = "mkdocs.yml"
PACKAGED_CONFIGURATION = Path(__file__).parent / CONFIGURATION_NAME
THEME_FOLDER = Path(__file__).parent / "theme"
BRAND_FOLDER = Path(__file__).parent / "brand"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a ``mkdocs.yml`` says.

    Attributes:
        values: by name; what has a tag of MkDocs's own is None.
        is_plain: whether there is no such tag: variables of the environment, names of functions.
    """

    values: Mapping[str, Any]
    is_plain: bool


def find_configuration(root: Path | None) -> Path:
    """Return the ``mkdocs.yml`` that portals are built with: the work tree's, if it is for us."""
    if root is not None:
        own = root / CONFIGURATION_NAME
        if own.is_file() and _names_our_plugin(own.read_bytes()):
            return own
    if PACKAGED_CONFIGURATION.is_file():
        return PACKAGED_CONFIGURATION
    # Not installed, but used from a checkout: there the file has not been packed yet.
    return Path(__file__).parents[1] / CONFIGURATION_NAME


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
    return Settings(values if isinstance(values, Mapping) else {}, not loader.has_own_tags)


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
        return True  # MkDocs says what is wrong with it.
    return PLUGIN_NAME in list_names(settings.values.get("plugins"))


class _TolerantLoader(yaml.CSafeLoader):
    """Reads what MkDocs may be told with tags of its own, and takes nothing from them."""

    has_own_tags = False


def _ignore(loader: _TolerantLoader, _suffix: str, _node: yaml.Node) -> None:
    loader.has_own_tags = True


_TolerantLoader.add_multi_constructor("!", _ignore)
_TolerantLoader.add_multi_constructor("tag:yaml.org,2002:python/", _ignore)
