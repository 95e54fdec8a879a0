"""What the shell completes: customers, requests, accounts, entries, consultants, categories.

It looks at names of files, and at a few lines of two files, without reading the ledger: the person
is waiting with a finger on the key. Whatever cannot be read completes to nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from ledger.text import natural_key
from ledger.uses import DEFAULT_USES

_FOLDER = "customers"
_LISTED_IN = re.compile(r"^\s*(?:-\s+)?\{?\s*(handle|email|name):\s*(.+?)\s*$")
_SETTING = re.compile(r'^\[punchcard\][^[]*^\s*ledger\s*=\s*"?([^"\n]+?)"?\s*$', re.MULTILINE)
_ENTRY_ID = re.compile(r"^\s*-\s+\{?\s*id:\s*([A-Za-z0-9._-]+)")
_ITEM = re.compile(r"^( *)- ", re.MULTILINE)
_EFFECTIVE = re.compile(r"\beffective:\s*([0-9-]{10})")
_CATEGORY = re.compile(r"\bid:\s*([a-z0-9-]+)")
_TITLE = re.compile(r"^title:\s*(.+?)\s*$", re.MULTILINE)
_READ_LIMIT = 64 * 1024


def complete(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete an argument or an option by its name."""
    list_items, is_of_customer, fold = _LISTS[str(parameter.name)]
    folder, customer = _find_ledger(context), context.params.get("customer")
    is_of_any = is_of_customer and customer is None
    if folder is None or (is_of_any and parameter.name != "request"):
        return []
    if is_of_any or (parameter.name == "customer" and incomplete[:1].isupper()):
        files = folder.glob(f"*/requests/{incomplete.upper()}*.yml")
        return [*map(_describe_request, sorted(files))]
    items = list_items(folder / str(customer) if is_of_customer else folder)
    return [item for item in items if fold(item.value).startswith(fold(incomplete))]


def complete_rule(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the names of rules that begin so, with what the rules say."""
    from ledger.rules.explain import load_rule_texts

    rules = load_rule_texts().values()
    found = (CompletionItem(rule.name, help=rule.says) for rule in rules)
    return [item for item in found if item.value.startswith(incomplete)]


def _list_customers(ledger: Path) -> Iterator[CompletionItem]:
    return map(CompletionItem, _list_names(ledger, wants_folders=True))


def _list_requests(customer: Path) -> Iterator[CompletionItem]:
    files = (customer / "requests").glob("[!.]*.yml")
    return map(_describe_request, sorted(files, key=lambda file: natural_key(file.stem)))


def _describe_request(file: Path) -> CompletionItem:
    title = _TITLE.search(_read(file))
    return CompletionItem(file.stem, help=_unquote(title[1]) if title else None)


def _list_entries(customer: Path) -> Iterator[CompletionItem]:
    """Yield the full names of time entries; the newest month comes first."""
    for file in reversed(_list_names(customer / "time", wants_folders=False)):
        for line in _read(customer / "time" / file).splitlines():
            if found := _ENTRY_ID.match(line):
                yield CompletionItem(f"{file.removesuffix('.yml')}/{found[1]}")


def _find_ledger(context: click.Context) -> Path | None:
    """Return the ledger's folder: the one named, or that of the work tree around us."""
    named = context.find_root().params.get("ledger") or os.environ.get("PUNCHCARD_LEDGER")
    if named is not None:
        folder = Path(named)
        is_inside = (folder / "provider.yml").exists() or not (folder / _FOLDER).is_dir()
        return folder if is_inside else folder / _FOLDER
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / ".git").exists():
            setting = _SETTING.search(_read(folder / ".git" / "config"))
            return folder / (setting[1] if setting else _FOLDER)
    return None


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


def _list_people(name: str, key: str, folder: Path) -> list[CompletionItem]:
    """Return the people that a file lists, each by the value of ``key``, with their names."""
    people: list[CompletionItem] = []
    for line in _read(folder / name).splitlines():
        for part in line.split(", ") if "{" in line else [line]:
            found = _LISTED_IN.match(part)
            if found and found[1] == key:
                people.append(CompletionItem(_unquote(found[2])))
            elif found and found[1] == "name" and people and people[-1].help is None:
                people[-1].help = _unquote(found[2])
    return people


def _list_categories(ledger: Path) -> Iterable[CompletionItem]:
    """Return the categories of the terms in force."""
    text, today = _read(ledger / "terms.yml"), f"{datetime.now(UTC):%Y-%m-%d}"
    first = _ITEM.search(text)
    terms = re.split(rf"^{first[1]}- ", text, flags=re.MULTILINE) if first else []
    dated = [(day[1], each) for each in terms if (day := _EFFECTIVE.search(each))]
    in_force = max((each for each in dated if each[0] <= today), default=("", ""))[1]
    return map(CompletionItem, _CATEGORY.findall(in_force) or DEFAULT_USES.all)


def _read(file: Path) -> str:
    with suppress(OSError), file.open(encoding="utf-8", errors="replace") as stream:
        return stream.read(_READ_LIMIT)
    return ""


def _unquote(value: str) -> str:
    return value.partition(" #")[0].strip().rstrip("}").strip("\"'")


_LISTS: dict[str, tuple[Callable[[Path], Iterable[CompletionItem]], bool, Callable[[str], str]]] = {
    "customer": (_list_customers, False, str),
    "customers": (_list_customers, False, str),
    "request": (_list_requests, True, str.casefold),
    "email": (partial(_list_people, "accounts.yml", "email"), True, str.casefold),
    "consultant": (partial(_list_people, "consultants.yml", "handle"), False, str),
    "by": (partial(_list_people, "consultants.yml", "handle"), False, str),
    "entry": (_list_entries, True, str),
    "category": (_list_categories, False, str),
}
"""By parameter: what lists its values, whether of the customer typed before, how they compare."""
