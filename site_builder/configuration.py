"""The ``mkdocs.yml`` that portals are built with, and the folders that their look comes from.

Known without MkDocs, so that a build that has nothing to do need not load it.
"""

from __future__ import annotations

import re
from pathlib import Path

PLUGIN_NAME = "punchcard"
CONFIGURATION_NAME = "mkdocs.yml"
PACKAGED_CONFIGURATION = Path(__file__).parent / CONFIGURATION_NAME
THEME_FOLDER = Path(__file__).parent / "theme"
BRAND_FOLDER = Path(__file__).parent / "brand"

_NAMES_OUR_PLUGIN = re.compile(rf"^\s*-\s*{PLUGIN_NAME}\s*(?::|#|$)", re.MULTILINE)


def find_configuration(root: Path | None) -> Path:
    """Return the ``mkdocs.yml`` that portals are built with: the work tree's, if it is for us."""
    if root is not None:
        own = root / CONFIGURATION_NAME
        if own.is_file() and _NAMES_OUR_PLUGIN.search(own.read_text(encoding="utf-8")):
            return own
    if PACKAGED_CONFIGURATION.is_file():
        return PACKAGED_CONFIGURATION
    # Not installed, but used from a checkout: there the file has not been packed yet.
    return Path(__file__).parents[1] / CONFIGURATION_NAME
