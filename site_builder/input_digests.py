"""Digests of everything that can change a portal: found from contents, never from time stamps."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import ledger as ledger_package
import site_builder as site_builder_package
from ledger.ledger_files import LedgerFile, LedgerFiles
from ledger.loader import Ledger
from ledger.revision_files import RevisionFiles
from site_builder.configuration import (
    BRAND_FOLDER,
    PACKAGED_CONFIGURATION,
    PLUGIN_NAME,
    list_names,
    parse_settings,
)
from site_builder.look import list_style_files, read_style
from site_builder.versions import list_versions

_KNOWN_THEMES = frozenset({"material", "mkdocs", "readthedocs"})
_KNOWN_PLUGINS = frozenset({PLUGIN_NAME, "search", "material/search"})
_KNOWN_EXTENSIONS = frozenset(
    {"abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "tables", "toc"}
)
_KNOWN_EXTENSION_PACKAGES = ("pymdownx.", "markdown.extensions.")


def digest(*parts: str | bytes) -> str:
    """Return the digest of several texts, which are not confused with one another."""
    joined: list[bytes] = []
    for part in parts:
        content = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        joined += (len(content).to_bytes(8, "big"), content)
    # At once: most are many short texts, and each call takes longer than one of them.
    return hashlib.blake2b(b"".join(joined), digest_size=20).hexdigest()


def digest_content(content: bytes) -> str:
    """Return what ``digest`` does of one text, of which no copy is made."""
    hashed = hashlib.blake2b(len(content).to_bytes(8, "big"), digest_size=20)
    hashed.update(content)
    return hashed.hexdigest()


def digest_look(configuration: Path) -> str | None:
    """Return the digest of all that makes the look: settings, templates, code, libraries.

    None if other code takes part in the build: nobody knows what that looks at, so nothing that
    was built with it can be used again.
    """
    settings = _read_plain_settings(configuration)
    if settings is None or not _is_all_ours(settings):
        return None
    theme = settings.get("theme")
    folders = [BRAND_FOLDER] if configuration == PACKAGED_CONFIGURATION else []
    if configuration != PACKAGED_CONFIGURATION:
        folders.append(configuration.parent / str(settings.get("docs_dir", "docs")))
    if isinstance(theme, Mapping) and theme.get("custom_dir"):
        folders.append(configuration.parent / str(theme["custom_dir"]))
    files = [file for folder in folders for file in _list_files(folder)]
    files += list_style_files(read_style(configuration))
    return digest(
        configuration.read_bytes(),
        digest_program(),
        os.environ.get("SOURCE_DATE_EPOCH", ""),
        # A look that is checked out for a publication lies in another folder each time.
        *(os.path.relpath(file, configuration.parent) for file in files),
        *(file.read_bytes() for file in files),
    )


def digest_context(ledger: Ledger, look: str) -> str:
    """Return the digest of what all customers' portals have in common, on whatever day."""
    return digest(look, digest_files(ledger.files, ledger.list_organization_files()))


def digest_day(ledger: Ledger, as_of: date, last_updates: str) -> str:
    """Return the digest of what all customers' portals say of their day."""
    return digest(as_of.isoformat(), ledger.revision or "", last_updates)


def digest_files(files: LedgerFiles, listed: Iterable[LedgerFile]) -> str:
    """Return the digest of some files of a ledger; at a revision, Git knows those of contents."""
    if isinstance(files, RevisionFiles):
        known = ((file, files.blobs[file.path].object_id) for file in listed)
        return digest(
            "git", *(part for file, id_ in known for part in (file.path, str(file.kind), id_))
        )
    return digest(
        "content",
        *(
            part
            for file in listed
            for part in (file.path, str(file.kind), _read_or_empty(files, file.path))
        ),
    )


@lru_cache(maxsize=1)
def digest_program() -> str:
    """Return the digest of our own code and templates, and of the libraries' versions."""
    parts: list[str | bytes] = [
        sys.version,
        *(f"{name} {is_}" for name, is_ in list_versions().items()),
    ]
    for package in (ledger_package, site_builder_package):
        folder = str(Path(str(package.__file__)).parent)
        for name in sorted(_list_code(folder)):
            parts += [name, _read_file(f"{folder}/{name}")]
    return digest(*parts)


def _read_or_empty(files: LedgerFiles, path: str) -> bytes:
    try:
        return files.read(path)
    except OSError:
        # The check says what is wrong with it; nothing is kept of a ledger with errors.
        return b""


def _read_plain_settings(configuration: Path) -> Mapping[str, Any] | None:
    try:
        settings = parse_settings(configuration.read_bytes())
    except ValueError:
        return None  # MkDocs says what is wrong with it.
    return settings.values if settings.is_plain else None


def _is_all_ours(settings: Mapping[str, Any]) -> bool:
    return (
        not settings.get("hooks")
        and "INHERIT" not in settings
        and _find_theme(settings.get("theme")) in _KNOWN_THEMES
        and set(list_names(settings.get("plugins"))) <= _KNOWN_PLUGINS
        and all(map(_is_known_extension, list_names(settings.get("markdown_extensions"))))
    )


def _find_theme(theme: object) -> str:
    return str(theme.get("name", "") if isinstance(theme, Mapping) else theme)


def _is_known_extension(name: str) -> bool:
    return name in _KNOWN_EXTENSIONS or name.startswith(_KNOWN_EXTENSION_PACKAGES)


def _list_code(folder: str, start: str = "") -> Iterator[str]:
    """Yield the paths in a folder, of what Python has not put there itself."""
    with os.scandir(f"{folder}/{start}") as entries:
        for entry in entries:
            if not entry.is_dir():
                yield f"{start}{entry.name}"
            elif entry.name != "__pycache__" and not entry.is_symlink():
                yield from _list_code(folder, f"{start}{entry.name}/")


def _read_file(path: str) -> bytes:
    # Unbuffered: of hundreds of small files, what stands around the reading is most of the work.
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a Path would take as long again
        return file.read()


def _list_files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())
