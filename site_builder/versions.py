"""The versions that a portal's bytes depend on: what is built with others is built anew."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

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


def list_versions() -> dict[str, str]:
    """Return the versions by the name of their distribution; and that of Python, as ``python``."""
    found = {name: _find_version(name) for name in _DISTRIBUTIONS}
    return {**found, "python": platform.python_version()}


def _find_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"  # used from a checkout without being installed
