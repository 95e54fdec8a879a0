"""Where what can be used again is kept on this machine."""

from __future__ import annotations

import os
from pathlib import Path

_VARIABLE = "PUNCHCARD_CACHE_DIR"
_NAME = "service-punchcards"


def find_cache_folder() -> Path:
    """Return the folder that the environment names, or the usual one of this user."""
    named = os.environ.get(_VARIABLE)
    if named:
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_cache_dir(_NAME))
