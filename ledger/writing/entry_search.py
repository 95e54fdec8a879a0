"""Time entries and requests of the whole ledger, found without reading all of it.

The names of files say which customer has a request, and whose time of which month a file has.
"""

import re
from collections.abc import Iterator
from fnmatch import filter as select_names
from itertools import groupby
from typing import NamedTuple

from ledger.errors import UnknownNameError
from ledger.files.layout import Place, is_request_id, place_file, request_path, sheet_path
from ledger.files.reader import ReadFiles
from ledger.files.source import FolderFiles, LedgerFile, RevisionFiles
from ledger.history.commits import find_branch_with, find_protected
from ledger.ledger import Ledger
from ledger.models import TimeEntry


class FoundEntry(NamedTuple):
    """A time entry, with the customer and the name of the time file that have it."""

    slug: str
    sheet: str
    entry: TimeEntry

    @property
    def name(self) -> str:
        """The entry's full name."""
        return f"{self.sheet}/{self.entry.id}"


def find_customer(ledger: Ledger, request: str) -> str | None:
    """Return who has a request, None if it is no request's id; UnknownNameError if nobody has."""
    wanted = request.upper()
    if not is_request_id(wanted) or find_paths(ledger, f"{request}/customer.yml"):
        return None
    for path in find_paths(ledger, request_path("*", wanted)):
        return path.partition("/")[0]
    hint = "punchcard request list shows them, punchcard request open makes one"
    raise UnknownNameError(f"no customer has a request {wanted}", hint)


def search_entry(ledger: Ledger, wanted: str, handle: str) -> FoundEntry:
    """Return the entry that somebody named: 03-1-kfm, 2026-11-alice/03-1 or with acme/ before it.

    Without a file it is the consultant's, of the latest month that has one. For the id, see
    ``is_named``.

    Raises:
        UnknownNameError: there is none, or there are several.
    """
    slug, sheet, entry_id = ("", "", *wanted.rsplit("/", 2))[-3:]
    is_possible = isinstance(
        place_file(sheet_path(slug or "a", sheet or f"2026-01-{handle}")), Place
    )
    pattern = sheet_path(slug or "*", sheet or f"*-{handle}")
    paths = find_paths(ledger, pattern) if is_possible else []
    for _month, group in groupby(sorted(paths, key=_month_of, reverse=True), _month_of):
        found = [each for path in group for each in read_sheet(ledger, path, entry_id)]
        found = [each for each in found if is_named(each.entry.id, entry_id)]
        found = [each for each in found if each.entry.id == entry_id] or found
        if len(found) > 1:
            names = " or ".join(f"{each.slug}/{each.name}" for each in found)
            raise UnknownNameError(f"{len(found)} entries are called {wanted}", f"say {names}")
        if found:
            return found[0]
    hint = "name it like 03-1-kfm, 2026-11-alice/03-1-kfm or acme/2026-11-alice/03-1-kfm"
    raise UnknownNameError(f"there is no time entry {wanted!r}", hint)


def search_last_entry(ledger: Ledger, handle: str) -> FoundEntry:
    """Return the consultant's last entry that no protected branch has; or an UnknownNameError."""
    repository, prefix = ledger.repository, ledger.files.prefix
    protected = {} if repository is None else find_protected(repository)
    for path in dict.fromkeys(_list_recent_sheets(ledger, handle, protected)):
        for found in reversed([*read_sheet(ledger, path)]):
            place = f"{prefix}{path}"
            if not repository or not find_branch_with(repository, protected, place, found.entry.id):
                return found
    known = f"all that {handle} logged is on {' or '.join(protected)}"
    hint = "punchcard correct takes it back; what is on a branch is found with --branch NAME"
    raise UnknownNameError(known if protected else f"{handle} has logged nothing", hint)


def _list_recent_sheets(ledger: Ledger, handle: str, protected: dict[str, str]) -> Iterator[str]:
    """Yield the consultant's time files that were changed since, the latest first."""
    pattern, prefix = sheet_path("*", f"*-{handle}"), ledger.files.prefix
    list_paths = find_paths if ledger.repository is None else list_uncommitted
    paths = list_paths(ledger, pattern)
    if isinstance(ledger.files, FolderFiles):
        folder = ledger.files.folder
        yield from sorted(paths, key=lambda path: -(folder / path).stat().st_mtime_ns)
    if ledger.repository is not None and ledger.commit is not None:
        bases = [f"^{commit}" for commit in protected.values()]
        how = ("-z", "--format=", "--name-only", "--no-renames", ledger.commit, *bases)
        place = f":(top,glob){prefix}{pattern}"
        changed = ledger.repository.run("log", *how, "--", place).decode().split("\0")
        there = {*find_paths(ledger, pattern)}
        names = (name.strip("\n").removeprefix(prefix) for name in changed)
        yield from (name for name in names if name in there)


def list_uncommitted(ledger: Ledger, pattern: str) -> list[str]:
    """Return the paths of files like ``pattern`` that are there and differ from the last commit."""
    if ledger.repository is None or not isinstance(ledger.files, FolderFiles):
        return []
    how = ("status", "--porcelain", "--no-renames", "--untracked-files=all", "-z")
    prefix = ledger.files.prefix
    listed = ledger.repository.run(*how, "--", f":(top,glob){prefix}{pattern}")
    names = (entry[3 + len(prefix) :] for entry in listed.decode().split("\0") if entry)
    return [name for name in names if (ledger.files.folder / name).is_file()]


def is_named(entry_id: str, wanted: str) -> bool:
    """Whether an entry is called so; the letters of its id, or what is before, may be left out."""
    name = re.escape(wanted)
    return re.fullmatch(rf"{name}|{name}-[a-z]+|[0-9-]+-{name}", entry_id) is not None


def find_paths(ledger: Ledger, pattern: str) -> list[str]:
    """Return the paths of files, from the ledger's folder, that are like ``*/time/*-alice.yml``."""
    files = ledger.files
    if isinstance(files, FolderFiles):
        found = (path for path in files.folder.glob(pattern) if not path.is_symlink())
        return sorted(path.relative_to(files.folder).as_posix() for path in found)
    return select_names(files.blobs if isinstance(files, RevisionFiles) else (), pattern)


def read_sheet(ledger: Ledger, path: str, word: str = "") -> Iterator[FoundEntry]:
    """Yield the good entries of a time file, none if the word is nowhere in it."""
    place = place_file(path)
    if not isinstance(place, Place) or word.encode() not in ledger.files.read(path):
        return
    records = ReadFiles(ledger.files).read(LedgerFile(path), "time").records
    yield from (FoundEntry(place.customer or "", place.name, entry) for entry in records)


def _month_of(path: str) -> str:
    return path.rpartition("/")[2][: len("2026-11")]
