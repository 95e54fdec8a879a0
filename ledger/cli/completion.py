"""What the shell completes: customers, requests, accounts, entries, consultants.

It looks at names of files, and at a few lines of two files, without reading the ledger: the person
is waiting with a finger on the key. Whatever cannot be read completes to nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click
from click.shell_completion import CompletionItem

_FOLDER = "customers"
_LISTED_IN = re.compile(r"^\s*(?:-\s+)?\{?\s*(handle|email|name):\s*(.+?)\s*$")
_ENTRY_ID = re.compile(r"^\s*-\s+\{?\s*id:\s*([A-Za-z0-9._-]+)")
_TITLE = re.compile(r"^title:\s*(.+?)\s*$", re.MULTILINE)
_READ_LIMIT = 64 * 1024


def complete_customer(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the name of a customer's folder."""
    folder = _find_ledger(context)
    names = [] if folder is None else _list_names(folder, wants_folders=True)
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def complete_request(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the id of a request of the customer that was typed before."""
    folder = _find_customer(context)
    files = [] if folder is None else _list_names(folder / "requests", wants_folders=False)
    ids = sorted((name.removesuffix(".yml") for name in files), key=_by_number)
    return [
        CompletionItem(name, help=_read_title(folder / "requests" / f"{name}.yml"))
        for name in ids
        if folder is not None and name.casefold().startswith(incomplete.casefold())
    ]


def complete_account(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the address of an account of the customer that was typed before."""
    folder = _find_customer(context)
    people = [] if folder is None else _list_people(folder / "accounts.yml", "email")
    return [item for item in people if item.value.casefold().startswith(incomplete.casefold())]


def complete_consultant(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete a consultant's handle."""
    folder = _find_ledger(context)
    people = [] if folder is None else _list_people(folder / "consultants.yml", "handle")
    return [item for item in people if item.value.startswith(incomplete)]


def complete_entry(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the full name of a time entry; the newest month comes first."""
    folder = _find_customer(context)
    if folder is None:
        return []
    files = reversed(_list_names(folder / "time", wants_folders=False))
    names = (name for file in files for name in _list_entries(folder / "time" / file))
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _find_ledger(context: click.Context) -> Path | None:
    """Return the ledger's folder: the one named, or ``customers/`` of the work tree around us."""
    named = context.find_root().params.get("ledger") or os.environ.get("PUNCHCARD_LEDGER")
    if named is not None:
        folder = Path(named)
        is_inside = (folder / "provider.yml").exists() or not (folder / _FOLDER).is_dir()
        return folder if is_inside else folder / _FOLDER
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / ".git").exists():
            return folder / _FOLDER
    return None


def _find_customer(context: click.Context) -> Path | None:
    folder, name = _find_ledger(context), context.params.get("customer")
    return folder / name if folder is not None and isinstance(name, str) else None


def _list_names(folder: Path, *, wants_folders: bool) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(
                entry.name
                for entry in entries
                if not entry.name.startswith(".") and entry.is_dir() == wants_folders
            )
    except OSError:
        return []


def _list_people(file: Path, key: str) -> list[CompletionItem]:
    """Return the people that a file lists, each by the value of ``key``, with their names."""
    people: list[CompletionItem] = []
    for line in _read(file).splitlines():
        for part in line.split(", ") if "{" in line else [line]:
            found = _LISTED_IN.match(part)
            if found and found[1] == key:
                people.append(CompletionItem(_unquote(found[2])))
            elif found and found[1] == "name" and people and people[-1].help is None:
                people[-1].help = _unquote(found[2])
    return people


def _list_entries(file: Path) -> Iterator[str]:
    sheet = file.name.removesuffix(".yml")
    for line in _read(file).splitlines():
        if found := _ENTRY_ID.match(line):
            yield f"{sheet}/{found[1]}"


def _read_title(file: Path) -> str | None:
    found = _TITLE.search(_read(file))
    return _unquote(found[1]) if found else None


def _read(file: Path) -> str:
    with suppress(OSError), file.open(encoding="utf-8", errors="replace") as stream:
        return stream.read(_READ_LIMIT)
    return ""


def _unquote(value: str) -> str:
    return value.partition(" #")[0].strip().rstrip("}").strip("\"'")


def _by_number(name: str) -> list[tuple[int, str]]:
    return [(len(part), part) for part in name.split("-")]
