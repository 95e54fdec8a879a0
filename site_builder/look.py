"""The ``mkdocs.yml`` of the portals, and what it says of their language, wording and templates.

It is parsed here without MkDocs, which would load all code that the file names.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from ledger.errors import LedgerError
from ledger.wording import DEFAULT_LANGUAGE
from site_builder.pages.environment import PageStyle

PLUGIN_NAME = "punchcard"
CONFIGURATION_NAME = "mkdocs.yml"
PACKAGED_CONFIGURATION = Path(__file__).parent / CONFIGURATION_NAME
THEME_FOLDER = Path(__file__).parent / "theme"
BRAND_FOLDER = Path(__file__).parent / "brand"

_DEEPEST_INHERITANCE = 10
_UNREADABLE = (ValueError, yaml.YAMLError)
_KNOWN_THEMES = ("material", "mkdocs", "readthedocs")
_KNOWN_PLUGINS = (PLUGIN_NAME, "search", "material/search")
_KNOWN_EXTENSIONS = frozenset(
    {"abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "tables", "toc"}
)
_KNOWN_EXTENSION_PACKAGES = ("pymdownx.", "markdown.extensions.")


def find_configuration(root: Path | None) -> Path:
    """Return the ``mkdocs.yml`` of the work tree if it names our plugin, else the packaged one."""
    if root is not None and (own := root / CONFIGURATION_NAME).is_file():
        content = own.read_bytes()
        try:
            is_ours = PLUGIN_NAME in list_names(_parse_settings(content).get("plugins"))
        except _UNREADABLE:
            is_ours = PLUGIN_NAME.encode() in content  # MkDocs reports what is wrong with it.
        if is_ours:
            return own
    # In a checkout that is not installed, the file has not been packed yet.
    packaged = PACKAGED_CONFIGURATION
    return packaged if packaged.is_file() else Path(__file__).parents[1] / CONFIGURATION_NAME


def read_style(configuration: Path) -> PageStyle:
    """Return the style that a ``mkdocs.yml`` asks for; ``LedgerError`` if it cannot be read."""
    settings = _read_settings(configuration)
    theme, plugins = _as_mapping(settings.get("theme")), settings.get("plugins")
    options: Mapping[str, Any] = {}
    for item in plugins if isinstance(plugins, list) else [plugins]:
        options = _as_mapping(_as_mapping(item).get(PLUGIN_NAME)) or options
    texts, templates = (
        None if name is None else (configuration.parent / str(name)).resolve()
        for name in (options.get("texts"), options.get("templates"))
    )
    language = str(theme.get("language") or DEFAULT_LANGUAGE)
    return PageStyle(language, texts, templates, options.get("intake") is True)


def list_style_files(style: PageStyle) -> list[Path]:
    """Return the provider's own files that a style is made of, sorted by folder."""
    folders = (folder for folder in (style.texts, style.templates) if folder is not None)
    return [file for folder in folders for file in _list_files(folder)]


def list_look_files(configuration: Path) -> list[Path] | None:
    """Return all files that the look is made of; None if unknown code takes part in a build."""
    content = configuration.read_bytes()
    try:
        settings = _parse_settings(content)
    except _UNREADABLE:
        return None  # MkDocs reports what is wrong with the file.
    theme, custom = settings.get("theme"), _as_mapping(settings.get("theme")).get("custom_dir")
    is_known = (
        # Tags stand for values of MkDocs's own: environment variables, names of functions.
        not any(isinstance(token, yaml.TagToken) for token in yaml.scan(content))
        and not settings.get("hooks")
        and "INHERIT" not in settings
        and str(theme.get("name", "") if isinstance(theme, Mapping) else theme) in _KNOWN_THEMES
        and all(name in _KNOWN_PLUGINS for name in list_names(settings.get("plugins")))
        and all(
            name in _KNOWN_EXTENSIONS or name.startswith(_KNOWN_EXTENSION_PACKAGES)
            for name in list_names(settings.get("markdown_extensions"))
        )
    )
    if not is_known:
        return None
    docs = configuration.parent / str(settings.get("docs_dir", "docs"))
    return [
        configuration,
        *_list_files(BRAND_FOLDER if configuration == PACKAGED_CONFIGURATION else docs),
        *(_list_files(configuration.parent / str(custom)) if custom else ()),
        *list_style_files(read_style(configuration)),
    ]


def _parse_settings(content: bytes) -> Mapping[str, Any]:
    """Return the settings by name; a value with a tag of MkDocs's own is None."""
    return _as_mapping(yaml.load(content, _TolerantLoader))  # noqa: S506  # a safe loader


def list_names(items: object) -> Iterator[str]:
    """Yield the names in a list of plugins or extensions, in a mapping of such, or in a word."""
    for item in items if isinstance(items, (list, Mapping)) else [items]:
        if isinstance(item, Mapping):
            yield from map(str, item)
        elif item is not None:
            yield str(item)


def _read_settings(configuration: Path, depth: int = 0) -> Mapping[str, Any]:
    """Return the settings of a file over those of the file that it inherits from."""
    try:
        settings = _parse_settings(configuration.read_bytes())
    except (OSError, *_UNREADABLE) as error:
        raise LedgerError(f"{configuration} cannot be read: {error}", "mend it") from error
    parent = settings.get("INHERIT")
    if not isinstance(parent, str) or depth >= _DEEPEST_INHERITANCE:
        return settings
    return _merge(_read_settings(configuration.parent / parent, depth + 1), settings)


def _merge(base: Mapping[str, Any], own: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put settings over inherited ones, as MkDocs does: mappings are merged, lists replaced."""
    merged = {**base, **own}
    for key in base.keys() & own.keys():
        if isinstance(base[key], Mapping) and isinstance(own[key], Mapping):
            merged[key] = _merge(base[key], own[key])
    return merged


def _list_files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _as_mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


class _TolerantLoader(yaml.CSafeLoader):
    """Reads a file in which MkDocs's own tags may stand, and ignores their values."""


for _prefix in ("!", "tag:yaml.org,2002:python/"):
    _TolerantLoader.add_multi_constructor(_prefix, lambda _loader, _suffix, _node: None)
