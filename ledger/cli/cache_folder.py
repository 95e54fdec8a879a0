"""Where what can be used again is kept on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_VARIABLE = "PUNCHCARD_CACHE_DIR"
_NAME = "service-punchcards"


def find_cache_folder() -> Path:
    """Return the folder that the environment names, or the usual one of this user."""
    named = os.environ.get(_VARIABLE)
    if named:
        return Path(named)
    system: str = sys.platform
    if system.startswith("linux"):
        # What platformdirs says, without the time that importing it takes.
        usual = os.environ.get("XDG_CACHE_HOME", "").strip()
        return (Path(usual) if usual else Path.home() / ".cache") / _NAME
    import platformdirs

    return Path(platformdirs.user_cache_dir(_NAME))
