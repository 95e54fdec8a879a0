"""The fingerprint of a portal: one hash of everything that its files are made from.

Contents are hashed, never time stamps. A portal whose fingerprint and files are those that the
manifest names is kept; any other is built anew.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import ledger as ledger_package
import site_builder as site_builder_package
from ledger.files.source import LedgerFile
from ledger.ledger import Ledger
from site_builder.look import PLUGIN_NAME, Settings, list_look_files, list_names, parse_settings
from site_builder.versions import list_versions

_KNOWN_THEMES = frozenset({"material", "mkdocs", "readthedocs"})
_KNOWN_PLUGINS = frozenset({PLUGIN_NAME, "search", "material/search"})
_KNOWN_EXTENSIONS = frozenset(
    {"abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "tables", "toc"}
)
_KNOWN_EXTENSION_PACKAGES = ("pymdownx.", "markdown.extensions.")


class Fingerprints:
    """The fingerprints of a ledger's portals in one look on one day."""

    def __init__(self, ledger: Ledger, as_of: date, configuration: Path, previous: str) -> None:
        """Hash what all portals have in common; ``previous`` says what was published before."""
        self._ledger = ledger
        look = _hash_look(configuration)
        organization = self._hash_files(ledger.list_organization_files())
        day = (as_of.isoformat(), ledger.revision or "", previous)
        self._common = look and hash_parts(look, hash_program(), organization, *day)

    def find(self, slug: str) -> str:
        """Return the fingerprint of a customer's portal; empty if it cannot be known."""
        files = self._ledger.list_customer_files(slug)
        return self._common and hash_parts(self._common, self._hash_files(files))

    def _hash_files(self, listed: Iterable[LedgerFile]) -> str:
        parts = ((file.path, str(file.kind), self._read(file.path)) for file in listed)
        return hash_parts(*(part for file in parts for part in file))

    def _read(self, path: str) -> bytes:
        try:
            return self._ledger.files.read(path)
        except OSError:
            return b""  # The check reports a file that cannot be read.


def hash_parts(*parts: str | bytes) -> str:
    """Return the BLAKE2 hash of several texts, each with its length before it."""
    hashed = hashlib.blake2b(digest_size=20)
    for part in parts:
        content = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        hashed.update(len(content).to_bytes(8, "big"))
        hashed.update(content)
    return hashed.hexdigest()


@lru_cache(maxsize=1)
def hash_program() -> str:
    """Return the hash of our own packages and of the versions of Python and the libraries."""
    parts: list[str | bytes] = [
        sys.version,
        *(f"{name} {v}" for name, v in list_versions().items()),
    ]
    for package in (ledger_package, site_builder_package):
        folder = Path(str(package.__file__)).parent
        for file in sorted(folder.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                parts += [file.relative_to(folder).as_posix(), file.read_bytes()]
    return hash_parts(*parts)


def _hash_look(configuration: Path) -> str:
    """Return the hash of settings, templates, wording and pictures.

    It is empty if code that is not ours takes part in the build: its inputs are unknown.
    """
    try:
        settings = parse_settings(configuration.read_bytes())
    except ValueError:
        return ""  # MkDocs reports what is wrong with the file.
    if not _is_all_known(settings):
        return ""
    files = list_look_files(configuration, settings)
    return hash_parts(
        configuration.read_bytes(),
        os.environ.get("SOURCE_DATE_EPOCH", ""),
        # Relative paths: a publication checks the look out into another folder each time.
        *(os.path.relpath(file, configuration.parent) for file in files),
        *(file.read_bytes() for file in files),
    )


def _is_all_known(settings: Settings) -> bool:
    values: Mapping[str, Any] = settings.values
    theme = values.get("theme")
    name = str(theme.get("name", "") if isinstance(theme, Mapping) else theme)
    return (
        settings.is_plain
        and not values.get("hooks")
        and "INHERIT" not in values
        and name in _KNOWN_THEMES
        and set(list_names(values.get("plugins"))) <= _KNOWN_PLUGINS
        and all(
            name in _KNOWN_EXTENSIONS or name.startswith(_KNOWN_EXTENSION_PACKAGES)
            for name in list_names(values.get("markdown_extensions"))
        )
    )
