"""A new ledger's repository: the files that it starts with."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from datetime import date
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from ledger.dates import ONE_DAY
from ledger.errors import LedgerError
from ledger.files.json_schema import make_editor_settings, make_schemas
from ledger.files.layout import DEFAULT_FOLDER
from ledger.git import find_identity, start_repository
from ledger.writing.field_text import format_flow

_DISTRIBUTION = "service-punchcards"
_TEMPLATES = "init_templates"
_SCHEMAS = ".vscode/schemas"
_MARK = re.compile("@@([A-Z_]+)@@")
# Names that begin with a dot would work in the package's own folder, too.
_HIDDEN = {"gitattributes", "gitignore", "pre-commit-config.yaml", "github", "vscode"}
_UNUSABLE_IN_HANDLE = re.compile("[^a-z0-9._-]+")


class FirstConsultant(NamedTuple):
    """Who is in ``consultants.yml`` to begin with."""

    handle: str
    name: str
    email: str


EXAMPLE_CONSULTANT = FirstConsultant("alex", "Alex Example", "alex@tools.example")


def make_first_consultant(name: str | None, email: str | None) -> FirstConsultant:
    """Return the consultant whom Git knows, or an example if it knows nobody."""
    if not name or not email or "@" not in email:
        return EXAMPLE_CONSULTANT
    handle = _UNUSABLE_IN_HANDLE.sub("-", email.partition("@")[0].casefold()).strip("._-")
    return FirstConsultant(handle[:39] or EXAMPLE_CONSULTANT.handle, name, email)


def start_ledger(folder: Path, today: date, install: str | None) -> tuple[int, FirstConsultant]:
    """Make a new ledger's repository in ``folder``; return the number of files, and who is in it.

    ``install``: what the workflows give to pip; None is this version of the program.

    Raises:
        LedgerError: a file is there already, or they cannot be written; then none is.
    """
    existing = next(place for place in (folder, *folder.absolute().parents) if place.is_dir())
    consultant = make_first_consultant(*find_identity(existing))
    files = _make_files(today, consultant, install or _find_this_version())
    _write(folder, files)
    if not (folder / ".git").exists():
        start_repository(folder)
    return len(files), consultant


def _find_this_version() -> str:
    try:
        return f"{_DISTRIBUTION}=={metadata.version(_DISTRIBUTION)}"
    except metadata.PackageNotFoundError:
        return _DISTRIBUTION


def _make_files(today: date, consultant: FirstConsultant, install: str) -> dict[str, str]:
    """Return the files of a new ledger's repository by their path."""
    yesterday = today - ONE_DAY  # The example's records are of a day that is past everywhere.
    sheet = f"{yesterday:%Y-%m}-{consultant.handle}"
    words = {
        "FIRST_OF_YEAR": f"{yesterday:%Y}-01-01",
        "YESTERDAY": yesterday.isoformat(),
        "DAY": f"{yesterday:%d}",
        "SHEET": sheet,
        "HANDLE": consultant.handle,
        "NAME": format_flow(consultant.name),
        "EMAIL": format_flow(consultant.email),
        "INSTALL": json.dumps(install),
        "INSTALL_SHELL": shlex.quote(install),
    }
    files = {}
    for path, text in _read_templates(resources.files("ledger") / _TEMPLATES):
        named = path.replace("time/sheet.yml", f"time/{sheet}.yml")
        files[named] = _MARK.sub(lambda mark: words[mark[1]], text)
    editor = {".vscode/settings.json": make_editor_settings(f"./{_SCHEMAS}", DEFAULT_FOLDER)}
    editor |= {f"{_SCHEMAS}/{kind}.json": schema for kind, schema in make_schemas().items()}
    for path, content in editor.items():
        files[path] = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    return files


def _write(folder: Path, files: Mapping[str, str]) -> None:
    there = next((name for name in files if (folder / name).exists()), None)
    if there is not None:
        raise LedgerError(
            f"{folder / there} is there already", "name a folder that is new or empty"
        )
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LedgerError(f"cannot write to {folder}: {error.strerror}") from error


def _read_templates(folder: Traversable, below: str = "") -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda found: found.name):
        name = f"{below}{'.' if entry.name in _HIDDEN else ''}{entry.name}"
        if entry.is_dir():
            yield from _read_templates(entry, f"{name}/")
        else:
            yield name, entry.read_text(encoding="utf-8")
