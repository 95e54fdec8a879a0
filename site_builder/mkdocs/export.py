"""A portal as an ordinary MkDocs project: what plain ``mkdocs build`` makes the same portal of.

The project holds the finished pages in ``docs/``, the look in ``overrides/``, and ``hooks.py``,
which puts the one into the other. It needs MkDocs and its Material theme, and nothing of ours.
"""

import shutil
from collections.abc import Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from types import FunctionType
from typing import Any

import yaml
from mkdocs.utils import is_markdown_file
from mkdocs.utils.yaml import yaml_load

from ledger.errors import LedgerError
from ledger.ledger import Ledger
from site_builder import look as looks
from site_builder.errors import require_no_errors
from site_builder.make_view import view_portal
from site_builder.mkdocs import hooks, plugin
from site_builder.output import stage_folder, swap_in
from site_builder.pages.portal_site import render_portal
from site_builder.pages.site import PortalSite
from site_builder.view import STATES_WITHOUT_PORTAL

HOOKS_NAME = "hooks.py"
_FIRST_LINES = """\
# The portal as an ordinary MkDocs project. To build it into site/:
#   python -m pip install -r requirements.txt
#   NO_MKDOCS_2_WARNING=1 python -m mkdocs build
# (without the variable, the theme prints a notice in colours, into files too)
# docs/ holds the pages (those with "finished_html: true" are HTML, as hooks.py says), overrides/
# their frame and their style.
"""
_LEFT_OUT = frozenset({"site_dir", "site_url", "repo_url", "edit_uri", "watch", "dev_addr"})
_REQUIREMENTS = (
    *("mkdocs", "mkdocs-material", "jinja2", "markdown", "markupsafe", "pymdown-extensions"),
)


def export_portal(
    ledger: Ledger, slug: str, folder: Path, as_of: date, configuration: Path | None = None
) -> None:
    """Write the portal of the customer ``slug`` into ``folder`` as a MkDocs project.

    Raises:
        LedgerHasErrorsError: the ledger has errors; nothing was written.
        LedgerError: the customer has no portal, or the folder holds something already.
    """
    ledger.require_visible_files()
    folder = folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LedgerError(f"{folder} is not empty, so it is left as it is", "name another folder")
    view = view_portal(ledger, slug, as_of)
    require_no_errors(ledger, as_of)
    state = view.balance.portal.state
    if state in STATES_WITHOUT_PORTAL:
        reason = "it is closed" if state == "closed" else "there is no purchase and no service"
        raise LedgerError(f"{slug} has no portal on {as_of}: {reason}")
    look = configuration or looks.find_configuration(ledger.root)
    with stage_folder(folder) as staged:
        _write_project(render_portal(view, looks.read_style(look)), staged, look)
        swap_in(staged, folder)


def _write_project(site: PortalSite, folder: Path, configuration: Path) -> None:
    with plugin.as_ledger_errors(configuration):
        config, _plugin = plugin.read_configuration(configuration)
    sources = [Path(str(module.__file__)) for module in config["hooks"].values()]
    own_hooks = {f"hooks/{at}-{source.name}": source for at, source in enumerate(sources, start=1)}
    shutil.copytree(looks.THEME_FOLDER, folder / "overrides")
    if config.theme.custom_dir:
        # The provider's own go before ours, as they do in a build.
        shutil.copytree(config.theme.custom_dir, folder / "overrides", dirs_exist_ok=True)
    shutil.copytree(
        config.docs_dir,
        folder / "docs",
        ignore=lambda _folder, names: [name for name in names if is_markdown_file(name)],
    )
    files = {name: source.read_bytes() for name, source in own_hooks.items()}
    files |= {f"docs/{file.path}": file.content for file in site.files}
    for page in site.pages:  # A page's file has its settings, then its HTML.
        about = _dump(plugin.describe_page(page))
        files[f"docs/{plugin.source_name(page)}"] = f"---\n{about}---\n{page.body}".encode()
    files[HOOKS_NAME] = Path(hooks.__file__).read_bytes()
    files["requirements.txt"] = "".join(
        f"{name}=={version(name)}\n" for name in _REQUIREMENTS
    ).encode()
    try:
        settings = _dump(_make_settings(site, configuration, [HOOKS_NAME, *own_hooks]))
    except yaml.representer.RepresenterError as error:
        message = f"{configuration.name} has a value that cannot be written out: {error.args[-1]!r}"
        raise LedgerError(message, f"say it in another way in {configuration}") from error
    files[looks.CONFIGURATION_NAME] = (_FIRST_LINES + settings).encode()
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _make_settings(site: PortalSite, configuration: Path, hook_files: list[str]) -> dict[str, Any]:
    """Return the provider's own settings with the portal's, as plain MkDocs is to read them."""
    with configuration.open("rb") as file:
        written = yaml_load(file)
    ours, theme = plugin.list_settings(site), written.get("theme")
    outside = (plugin.source_name(page) for page in site.pages if not page.in_navigation)
    plugins = written.get("plugins") or []
    if isinstance(plugins, Mapping):
        plugins = [{name: options or {}} for name, options in plugins.items()]
    return {
        **{name: value for name, value in written.items() if name not in _LEFT_OUT},
        **ours,
        "not_in_nav": "".join(f"/{name}\n" for name in outside),
        "docs_dir": "docs",
        "theme": {
            **(theme if isinstance(theme, Mapping) else {"name": theme}),
            "language": site.language,
            "custom_dir": "overrides",
        },
        "plugins": [each for each in plugins if looks.PLUGIN_NAME not in looks.list_names([each])],
        "hooks": hook_files,
        "extra": {**written.get("extra", {}), **ours["extra"]},
    }


class _Dumper(yaml.SafeDumper):
    """Writes what ``mkdocs.yml`` may hold: plain values, and functions by their names."""


def _represent_by_name(dumper: _Dumper, value: Any) -> yaml.Node:
    return dumper.represent_scalar(
        f"tag:yaml.org,2002:python/name:{value.__module__}.{value.__qualname__}", ""
    )


_Dumper.add_representer(FunctionType, _represent_by_name)
_Dumper.add_multi_representer(type, _represent_by_name)


def _dump(values: Mapping[str, Any]) -> str:
    """Return YAML that reads back as ``values``, whatever characters are in there."""
    for allow_unicode in (True, False):
        text: str = yaml.dump(
            dict(values), Dumper=_Dumper, allow_unicode=allow_unicode, sort_keys=False, width=100
        )
        # PyYAML folds these line ends, and then reads them back as spaces.
        if not any(sign in text for sign in "\x85\u2028\u2029"):
            break
    return text
