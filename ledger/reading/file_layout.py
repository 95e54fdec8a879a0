"""Where each file of a ledger belongs, and what is wrong with the name of one that does not.

Paths are relative to the ledger's folder, with ``/`` between the parts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from ledger.files.source import FileKind, LedgerFile
from ledger.models.fields import HANDLE_PATTERN, KEY_PATTERN, SLUG_PATTERN
from ledger.text import suggest_name

DEFAULT_FOLDER = "customers"
"""Where a ledger is in its repository."""

ORGANIZATION_FILES = ("provider", "terms", "consultants")
CUSTOMER_FILES = ("customer", "accounts", "purchases", "adjustments")
CUSTOMER_FOLDERS = ("requests", "time")

_SLUG = re.compile(SLUG_PATTERN)
_REQUEST_ID = re.compile(KEY_PATTERN.removesuffix("$") + "-[1-9][0-9]{0,8}$")
_SHEET = re.compile("^[0-9]{4}-(0[1-9]|1[0-2])-" + HANDLE_PATTERN.removeprefix("^"))
_LOOSE_SHEET = re.compile("([0-9]{4})[-_ ]?([0-9]{1,2})[-_ ](.+)")
_SUFFIX = ".yml"
_NAMED_KINDS = {
    "requests": ("request", _REQUEST_ID, "KEY-NUMBER.yml, like ACME-12.yml"),
    "time": ("time", _SHEET, "YYYY-MM-consultant.yml, like 2026-11-alice.yml"),
}
_ORGANIZATION_NAMES = tuple(name + _SUFFIX for name in ORGANIZATION_FILES)
_CUSTOMER_NAMES = tuple(name + _SUFFIX for name in CUSTOMER_FILES)


class Place(NamedTuple):
    """Where a file belongs.

    Attributes:
        kind: what it holds, a key of ``models.FILE_TYPES``.
        customer: the folder it is in; None for a file of the organization.
        name: the request's id or the time sheet's name; empty for other kinds.
    """

    kind: str
    customer: str | None = None
    name: str = ""


class Misplaced(NamedTuple):
    """A file or folder that is not where it belongs; ``path`` is the part that is wrong."""

    path: str
    message: str
    hint: str


def sort_into_places(
    files: Iterable[LedgerFile],
) -> tuple[list[tuple[LedgerFile, Place]], list[Misplaced]]:
    """Return the files that are where they belong, and what is wrong with the others, once each."""
    listed = list(files)
    placed: list[tuple[LedgerFile, Place]] = []
    paths = [file.path for file in listed]
    clashes = _find_clashes(paths) if _may_clash(paths) else ()
    misplaced = {wrong.path: wrong for wrong in clashes}
    for file in listed:
        place = place_file(file.path)
        if isinstance(place, Place):
            placed.append((file, place))
        elif file.kind is FileKind.FILE:
            misplaced.setdefault(place.path, place)
        else:
            misplaced.setdefault(file.path, describe_special_file(file))
    return placed, list(misplaced.values())


def is_organization_file(name: str) -> bool:
    """Whether a path is that of one of the organization's files."""
    return name in _ORGANIZATION_NAMES


def are_plain_names(paths: Sequence[str]) -> bool:
    """Whether all paths are those of customers' files in the right places.

    Then no two of them are nearly the same: what may be written in more than one way, or in
    letters that look like others, is in no such name.
    """
    text = "\n".join(paths)
    return len(_compile_plain_name().findall(text)) == len(paths) == text.count("\n") + 1


def find_plain_place(path: str) -> Place:
    """Return where a customer's file belongs that is in the right place."""
    customer, first, *rest = path.removesuffix(_SUFFIX).split("/")
    return Place(_NAMED_KINDS[first][0], customer, rest[0]) if rest else Place(first, customer)


@cache
def _compile_plain_name() -> re.Pattern[str]:
    slug, request, sheet = (
        form.pattern.removeprefix("^").removesuffix("$") for form in (_SLUG, _REQUEST_ID, _SHEET)
    )
    named = f"(?:{'|'.join(CUSTOMER_FILES)})|requests/{request}|time/{sheet}"
    return re.compile(f"^{slug}/(?:{named})[.]yml$", re.MULTILINE)


def place_file(path: str) -> Place | Misplaced:
    """Return where a file belongs, or what is wrong with its path."""
    parts = path.split("/")
    customer = parts[0]
    if len(parts) == 1:
        return _place_organization_file(path)
    if customer in _ORGANIZATION_NAMES:
        return _refuse_folder(customer)
    if not is_slug(customer):
        return Misplaced(
            customer,
            f"{customer!r} is no name for a customer's folder",
            "use up to 39 of a-z, 0-9 and -, beginning with a letter or digit",
        )
    return _place_customer_file(path, customer, parts[1:])


def describe_special_file(file: LedgerFile) -> Misplaced:
    """Return what to say of a symbolic link, a submodule or a special file."""
    return Misplaced(
        file.path, f"a {file.kind.value}, not a file", "put the file itself here, or delete it"
    )


@lru_cache(maxsize=4096)
def is_slug(name: str) -> bool:
    """Whether ``name`` can be the name of a customer's folder."""
    return _SLUG.fullmatch(name) is not None


def request_path(customer: str, request: str) -> str:
    """Return the path of a request's file."""
    return f"{customer}/requests/{request}{_SUFFIX}"


def sheet_path(customer: str, sheet: str) -> str:
    """Return the path of a time file."""
    return f"{customer}/time/{sheet}{_SUFFIX}"


def record_path(customer: str, kind: str) -> str:
    """Return the path of a customer's file of the given kind."""
    return f"{customer}/{kind}{_SUFFIX}"


def _place_organization_file(name: str) -> Place | Misplaced:
    if name in _ORGANIZATION_NAMES:
        return Place(name.removesuffix(_SUFFIX))
    return Misplaced(
        name,
        f"{name} does not belong beside the customers' folders",
        _suggest_file(name, _ORGANIZATION_NAMES),
    )


def _place_customer_file(path: str, customer: str, rest: list[str]) -> Place | Misplaced:
    first, name = rest[0], rest[-1]
    if len(rest) == 1:
        if name in _CUSTOMER_NAMES:
            return Place(name.removesuffix(_SUFFIX), customer)
        message = f"{name} does not belong in a customer's folder"
        return Misplaced(path, message, _suggest_file(name, _CUSTOMER_NAMES))
    if first in _CUSTOMER_NAMES:
        return _refuse_folder(f"{customer}/{first}")
    if first not in CUSTOMER_FOLDERS:
        message = f"the folder {first!r} does not belong in a customer's folder"
        return Misplaced(f"{customer}/{first}", message, _suggest_file(first, CUSTOMER_FOLDERS))
    return _place_named_file(path, customer, rest)


def _place_named_file(path: str, customer: str, rest: list[str]) -> Place | Misplaced:
    folder, name = rest[0], rest[1]
    if len(rest) > 2:  # noqa: PLR2004  # folder and file
        message = f"the folder {name!r} does not belong in {folder}/"
        return Misplaced(f"{customer}/{folder}/{name}", message, f"move its files to {folder}/")
    kind, form, example = _NAMED_KINDS[folder]
    stem = name.removesuffix(_SUFFIX)
    if name.endswith(_SUFFIX) and form.fullmatch(stem):
        return Place(kind, customer, stem)
    meant = _find_meant_stem(name, kind)
    hint = f"name it {meant}{_SUFFIX}" if form.fullmatch(meant) else f"name it {example}"
    return Misplaced(path, f"{name} is no name for a {kind} file", hint)


def _find_meant_stem(name: str, kind: str) -> str:
    """Return the stem that a file's name nearly has: its case, zeros and suffix put right."""
    stem = re.sub("[.](ya?ml|txt)$", "", name, flags=re.IGNORECASE)
    if kind == "request":
        return re.sub("[-_ ]?0*([0-9]+)$", r"-\1", stem.upper())
    match = _LOOSE_SHEET.fullmatch(stem.lower())
    return f"{match[1]}-{match[2]:0>2}-{match[3]}" if match else stem


def _refuse_folder(path: str) -> Misplaced:
    name = path.rpartition("/")[2]
    return Misplaced(path, f"{name} is a folder, but must be a file", "put the file itself here")


def _may_clash(paths: Iterable[str]) -> bool:
    """Whether two files or folders have nearly the same name, which is seldom."""
    names = set(paths)
    folders = {path.rpartition("/")[0] for path in names}
    while folders:
        names |= folders
        folders = {path.rpartition("/")[0] for path in folders} - names
    return len({_fold(name) for name in names}) < len(names)


def _find_clashes(paths: Iterable[str]) -> Iterator[Misplaced]:
    """Yield each file or folder that some computers cannot keep beside an earlier one."""
    seen: dict[str, str] = {}
    for path in paths:
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            partial = "/".join(parts[:depth])
            earlier = seen.setdefault(_fold(partial), partial)
            if earlier != partial:
                yield _describe_clash(partial, earlier)
                break


def _fold(path: str) -> str:
    return (path if path.isascii() else unicodedata.normalize("NFKC", path)).casefold()


def _describe_clash(path: str, earlier: str) -> Misplaced:
    other = earlier.rpartition("/")[2]
    how = "only in case" if path.casefold() == earlier.casefold() else "in no letter that one sees"
    return Misplaced(path, f"the name differs from {other!r} {how}", "rename one of the two")


def _suggest_file(wrong: str, names: tuple[str, ...]) -> str:
    return suggest_name(wrong, names) or f"here may stand {', '.join(names)}"
