"""What ``mkdocs.yml`` says of the pages themselves: their language, wording and templates.

MkDocs reads the same file for everything else. Here it is read without MkDocs, because a build
that finds nothing to do has to know the style, and need not load MkDocs for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ledger.errors import LedgerError
from site_builder.configuration import PLUGIN_NAME, parse_settings
from site_builder.pages.style import DEFAULT_LANGUAGE, PageStyle

_DEEPEST_INHERITANCE = 10


def read_style(configuration: Path) -> PageStyle:
    """Return the style that a ``mkdocs.yml`` asks for.

    Raises:
        LedgerError: the file cannot be read, or names something that is no language or folder.
    """
    settings = _read_settings(configuration)
    theme, options = _as_mapping(settings.get("theme")), _find_options(settings.get("plugins"))
    return PageStyle(
        language=str(theme.get("language") or DEFAULT_LANGUAGE),
        texts=_find_folder(options, "texts", configuration),
        templates=_find_folder(options, "templates", configuration),
    )


def list_style_files(style: PageStyle) -> Iterator[Path]:
    """Yield the provider's own files that a style is made of, in a fixed order."""
    for folder in (style.texts, style.templates):
        if folder is not None:
            yield from sorted(file for file in folder.rglob("*") if file.is_file())


def _read_settings(configuration: Path, depth: int = 0) -> Mapping[str, Any]:
    try:
        settings = parse_settings(configuration.read_bytes()).values
    except (OSError, ValueError) as error:
        raise LedgerError(f"{configuration} cannot be read: {error}", "mend it") from error
    parent = settings.get("INHERIT")
    if not isinstance(parent, str) or depth >= _DEEPEST_INHERITANCE:
        return settings
    return _merge(_read_settings(configuration.parent / parent, depth + 1), settings)


def _merge(base: Mapping[str, Any], own: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put one file's settings over those that it inherits, as MkDocs does."""
    merged = dict(base)
    for key, value in own.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[key] = _merge(old, value)
        else:
            merged[key] = value
    return merged


def _find_options(plugins: object) -> Mapping[str, Any]:
    """Return the options of our plugin; plugins are a list, or a mapping."""
    items = plugins if isinstance(plugins, list) else [plugins]
    for item in items:
        if isinstance(item, Mapping) and PLUGIN_NAME in item:
            return _as_mapping(item[PLUGIN_NAME])
    return {}


def _find_folder(options: Mapping[str, Any], name: str, configuration: Path) -> Path | None:
    value = options.get(name)
    return None if value is None else (configuration.parent / str(value)).resolve()


def _as_mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
