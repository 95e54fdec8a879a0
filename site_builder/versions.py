"""The versions that a portal's bytes depend on: what is built with others is built anew."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, distribution

_DISTRIBUTIONS = (
    "service-punchcards",
    "mkdocs",
    "mkdocs-material",
    "babel",
    "icalendar",
    "jinja2",
    "markdown",
    "markupsafe",
    "mkdocs-material-extensions",
    "nh3",
    "pydantic",
    "pymdown-extensions",
    "pyyaml",
    "tzdata",
)
_VERSION = "Version: "


def list_versions() -> dict[str, str]:
    """Return the versions by the name of their distribution; and that of Python, as ``python``."""
    found = {name: _find_version(name) for name in _DISTRIBUTIONS}
    return {**found, "python": platform.python_version()}


def _find_version(name: str) -> str:
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return "unknown"  # used from a checkout without being installed
    # To have all that is said of a library understood takes ten times as long.
    text = found.read_text("METADATA") or ""
    line = next((line for line in text.splitlines() if line.startswith(_VERSION)), "")
    return line.removeprefix(_VERSION).strip() or found.version
