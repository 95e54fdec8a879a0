"""The versions that a portal's bytes depend on: what is built with others is built anew."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterator

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
_SAID = "Version: "
# https://packaging.python.org/en/latest/specifications/recording-installed-packages/
_INFO = re.compile(r"(?P<name>[^-]+)(?:-(?P<version>.+))?[.](?P<kind>dist|egg)-info")
_PUNCTUATION = re.compile(r"[-_.]+")


def list_versions() -> dict[str, str]:
    """Return the versions by the name of their distribution; and that of Python, as ``python``."""
    installed = _list_installed()
    found = {name: installed.get(name) or _ask_for_version(name) for name in _DISTRIBUTIONS}
    return {**found, "python": platform.python_version()}


def _list_installed() -> dict[str, str]:
    """Return versions by the names of folders; empty where those do not say just one.

    To ask ``importlib.metadata`` would take as long as a fifth of a build that has nothing to do.
    """
    found: dict[str, str] = {}
    for folder in reversed([path for path in sys.path if isinstance(path, str)]):
        here: dict[str, str] = {}
        for name, version in _list_in(folder):
            here[name] = "" if name in here else version
        found |= here
    return found


def _list_in(folder: str) -> Iterator[tuple[str, str]]:
    try:
        entries = os.listdir(folder or ".")  # noqa: PTH208 - a Path would take as long again
    except OSError:
        return
    for entry in entries:
        if match := _INFO.fullmatch(entry):
            name, version, kind = match["name"], match["version"] or "", match["kind"]
            is_plain = kind == "dist" and "-" not in version
            yield _PUNCTUATION.sub("-", name).lower(), version if is_plain else ""


def _ask_for_version(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        found = distribution(name)
    except PackageNotFoundError:
        return "unknown"  # used from a checkout without being installed
    # To have all that is said of a library understood takes ten times as long.
    text = found.read_text("METADATA") or ""
    line = next((line for line in text.splitlines() if line.startswith(_SAID)), "")
    return line.removeprefix(_SAID).strip() or found.version
