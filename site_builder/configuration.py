"""The ``mkdocs.yml`` that portals are built with, and the folders that their look comes from.

Known without MkDocs, so that a build that has nothing to do need not load it.
"""

from __future__ import annotations

from pathlib import Path

import yaml

PLUGIN_NAME = "punchcard"
CONFIGURATION_NAME = "mkdocs.yml"
PACKAGED_CONFIGURATION = Path(__file__).parent / CONFIGURATION_NAME
THEME_FOLDER = Path(__file__).parent / "theme"
BRAND_FOLDER = Path(__file__).parent / "brand"


def find_configuration(root: Path | None) -> Path:
    """Return the ``mkdocs.yml`` that portals are built with: the work tree's, if it is for us."""
    if root is not None:
        own = root / CONFIGURATION_NAME
        if own.is_file() and _names_our_plugin(own.read_text(encoding="utf-8")):
            return own
    if PACKAGED_CONFIGURATION.is_file():
        return PACKAGED_CONFIGURATION
    # Not installed, but used from a checkout: there the file has not been packed yet.
    return Path(__file__).parents[1] / CONFIGURATION_NAME


def _names_our_plugin(text: str) -> bool:
    if PLUGIN_NAME not in text:
        return False
    try:
        top = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return True  # MkDocs says what is wrong with it.
    plugins = _list_pairs(top).get("plugins")
    items = plugins.value if isinstance(plugins, yaml.SequenceNode) else [plugins]
    return any(
        getattr(item, "value", None) == PLUGIN_NAME or PLUGIN_NAME in _list_pairs(item)
        for item in items
    )


def _list_pairs(node: yaml.Node | None) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}
