"""The ids of customers' folders: those that Git would give to their trees.

For a commit Git tells them. For the work tree they are those of the last commit, but for folders
in which something differs from it: their ids are worked out from the contents. Where Git would
convert contents on their way between commit and work tree, all ids are worked out.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, Protocol

from ledger.cache.file_listing import FileListing
from ledger.cache.known_names import KnownNames
from ledger.cache.tracked_files import ATTRIBUTES, KnownListing, TrackedFiles
from ledger.cache.tree_hash import FILE, FOLDER, LINK, PROGRAM, hash_work_tree_folder
from ledger.cache.work_tree_names import WorkTreeNames
from ledger.git_process import RunningGit, literal_path, split_names
from ledger.reading.file_layout import ORGANIZATION_FILES, is_slug
from ledger.work_tree_look import WorkTreeGit, WorkTreeLook, start_look

_HASH_OF_LENGTH = {40: "sha1", 64: "sha256"}
_CONVERTING_SETTINGS = r"^core\.(autocrlf|attributesfile)$"
_CONVERTING_WORDS = re.compile(rb"\b(text|eol|crlf|filter|ident|working-tree-encoding)\b")
# By the index alone: in a sparse checkout Git would take back, for files that are there, that it
# was told not to look at them; and look away again when they are not.
_LIST_FILES = ("-c", "core.sparseCheckout=false", "ls-files", "-z", "-v")
_FEW_PLACES = 8
_ORGANIZATION = frozenset(f"{name}.yml" for name in ORGANIZATION_FILES)


class GitRunner(WorkTreeGit, Protocol):
    """Whoever can run Git; see ``ledger.git_repository.GitRepository``."""

    @property
    def git_folder(self) -> Path:
        """The folder of what all work trees share."""
        ...

    def start_staged(self, commit: str, place: str) -> RunningGit:
        """Start to print the paths at a pathspec of which the index has something else."""
        ...

    def start(self, *arguments: str) -> RunningGit:
        """As ``run``, but go on while Git is at work."""
        ...

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run Git and return what it prints."""
        ...

    def ask(self, *arguments: str, stdin: bytes = b"") -> bytes | None:
        """Run Git; None where it says no without a word."""
        ...


class FolderIds(NamedTuple):
    """What is in a ledger's folder.

    Attributes:
        customers: the ids of the customers' folders by slug; None where it is not known.
        has_only_known: nothing else is in there but files of the organization.
        hash_name: how Git hashes in this repository.
        commit: which one this is of, or the one that the work tree was made from.
        touched: the paths of files that may differ from those of the commit; no other does.
        listing: the files of the work tree; None for those of a commit.
    """

    customers: Mapping[str, str | None]
    has_only_known: bool
    hash_name: str
    commit: str
    touched: frozenset[str] = frozenset()
    listing: FileListing | None = None


def list_commit_ids(git: GitRunner, commit: str, prefix: str) -> FolderIds:
    """Return what the ledger's folder holds in a commit."""
    customers, others = _sort_entries(_strip(_list_tree(git, commit, prefix), prefix))
    is_known = all(map(is_slug, customers)) and _are_known(others)
    return FolderIds(customers, is_known, _HASH_OF_LENGTH[len(commit)], commit)


def list_work_tree_ids(
    git: GitRunner, prefix: str, known_names: KnownNames | None = None
) -> FolderIds | None:
    """Return what the ledger's folder holds in the work tree; None if there is no commit yet.

    Args:
        git: the repository.
        prefix: from the root of the work tree to the ledger's folder, with a ``/`` at its end.
        known_names: what was seen of the names in it before; what is seen now is kept there.
    """
    root = git.root
    look = None if root is None else start_look(git, prefix, by_index=known_names is not None)
    if look is None or root is None:
        return None
    found = _look_through(git, root, prefix, look, known_names)
    if look.index_id and look.index_id != git.identify_index():
        # It changed meanwhile, so what was held against it may not fit together.
        look = start_look(git, prefix)
        if look is None:
            return None
        found = _look_through(git, root, prefix, look, known_names)
    if known_names is not None:
        known_names.save(found.known)
    return found.work_tree.combine(_strip(found.committed, prefix), look.head)


_Entries = dict[str, tuple[str, str]]
"""Mode and id by name."""


class _Found(NamedTuple):
    """What a look at the work tree found.

    Attributes:
        committed: what the last commit has.
        known: what the next look need not ask Git for; None if that is not certain.
    """

    work_tree: _WorkTree
    committed: _Entries
    known: KnownListing | None


def _look_through(
    git: GitRunner, root: Path, prefix: str, look: WorkTreeLook, known_names: KnownNames | None
) -> _Found:
    # While Git looks at the files that it knows, all else that takes long is done beside it.
    with ExitStack() as stack:
        differing = stack.enter_context(look.differing)
        known = None if known_names is None else known_names.find_listing(look.index_id)
        list_staged = _start_staged(git, prefix, look, known, stack)
        tracked = _start_listing(git, prefix, known, stack)
        attributes = _list_attributes_above(prefix)
        committed = _list_tree(git, look.head, prefix, *attributes)
        settings = _list_converting_settings(git)
        others = _find_others(WorkTreeNames(tracked, root, known_names))
        listing = _add_new(git, FileListing(tracked), prefix, others)
        may_convert = (
            _may_convert(git, root, prefix, settings)
            or listing.has_attributes
            or _have_attributes(root / prefix, others)
            or _lack_attributes(root, committed.keys() & {*attributes})
        )
        touched = {*listing.unsure}
        staged = split_names(list_staged())
        paths = (*staged, *split_names(differing.finish()))
        touched |= {path[len(prefix) :] for path in paths}
    folders = _find_folders(root / prefix, touched)
    if folders:
        listing = _add_new(git, listing, prefix, folders)
        touched |= {*listing.unsure}
    if may_convert or listing.has_attributes:
        touched |= set(listing.list_names())
    to_keep = _summarize(tracked, look.index_id, "" if staged else look.head)
    return _Found(_WorkTree(root / prefix, listing, touched), committed, to_keep)


def _start_staged(
    git: GitRunner, prefix: str, look: WorkTreeLook, known: KnownListing | None, stack: ExitStack
) -> Callable[[], bytes]:
    """Let Git look how its index differs from the commit; return what waits for the answer."""
    if not look.index_id or (known is not None and known.commit == look.head):
        # The files are held against the commit itself, or it is known to have what the index has.
        return lambda: b""
    return stack.enter_context(git.start_staged(look.head, literal_path(prefix))).finish


def _start_listing(
    git: GitRunner, prefix: str, known: KnownListing | None, stack: ExitStack
) -> TrackedFiles:
    question = (*_LIST_FILES, "--cached", "--", literal_path(prefix))
    if known is not None:
        return TrackedFiles(prefix, lambda: git.run(*question), known)
    return TrackedFiles(prefix, stack.enter_context(git.start(*question)).finish)


def _summarize(tracked: TrackedFiles, index_id: str, commit: str) -> KnownListing | None:
    """Return what the next look need not ask Git for; None if that is not certain."""
    if not index_id or not tracked.is_plain:
        return None
    listing = FileListing(tracked)
    places = {name: [*listing.list_names([name])] for name in _ORGANIZATION}
    return KnownListing(index_id, commit, places)


def _list_tree(git: GitRunner, commit: str, *places: str) -> _Entries:
    """Return what is in some folders, and some files, by the path from the root."""
    wanted = [place or "." for place in places]
    listing = git.run("ls-tree", "-z", "--full-tree", commit, "--", *wanted)
    entries: _Entries = {}
    for line in filter(None, listing.split(b"\0")):
        description, _, name = line.partition(b"\t")
        mode, _kind, object_id = description.decode().split()
        entries[os.fsdecode(name)] = mode.lstrip("0"), object_id
    return entries


def _strip(entries: _Entries, prefix: str) -> _Entries:
    """Return the entries of a folder alone, by their names in it."""
    return {path[len(prefix) :]: each for path, each in entries.items() if path.startswith(prefix)}


def _list_attributes_above(prefix: str) -> list[str]:
    """Return where files that tell Git to convert others may be, above a folder."""
    folders = prefix.split("/")[:-1]
    return ["/".join([*folders[:depth], os.fsdecode(ATTRIBUTES)]) for depth in range(len(folders))]


def _have_attributes(folder: Path, places: Iterable[str]) -> bool:
    """Whether there is such a file in one of the places: Git heeds also those that it ignores."""
    folders = (folder / place for place in places)
    return any(
        ATTRIBUTES in files
        for place in folders
        if not place.is_symlink()
        for _folder, _folders, files in os.walk(os.fsencode(place))
    )


def _lack_attributes(root: Path, files: Iterable[str]) -> bool:
    """Whether one of the files is not in the work tree: Git takes that of the index then."""
    return not all((root / file).is_file() for file in files)


def _find_others(names: WorkTreeNames) -> list[str]:
    """Return where the ledger's folder may hold new files; the empty path is all of it."""
    try:
        return names.find_others()
    except OSError:
        return [""]


def _find_folders(folder: Path, touched: Iterable[str]) -> list[str]:
    """Return the paths of files, as Git knows them, at which there are folders."""
    start = f"{folder}/"
    return [path for path in touched if _is_folder(start + path)]


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _add_new(
    git: GitRunner, listing: FileListing, prefix: str, places: Sequence[str]
) -> FileListing:
    """Return a listing with the new files at some places, as Git tells them."""
    if not places:
        return listing
    # Git looks for the place of each path: it is as quick to look everywhere.
    paths = [f"{prefix}{place}" for place in places] if len(places) <= _FEW_PLACES else [prefix]
    options = ("--others", "--exclude-standard")
    new = git.run(*_LIST_FILES, *options, "--", *map(literal_path, paths))
    return listing.add(new) if new else listing


def _sort_entries(entries: _Entries) -> tuple[dict[str, str], dict[str, str]]:
    """Return the ids of folders, and the modes of all else."""
    folders = {name: entry for name, (mode, entry) in entries.items() if mode == FOLDER}
    return folders, {name: mode for name, (mode, _id) in entries.items() if mode != FOLDER}


def _are_known(others: Mapping[str, str]) -> bool:
    return others.keys() <= _ORGANIZATION and set(others.values()) <= {FILE, PROGRAM}


def _list_converting_settings(git: GitRunner) -> list[tuple[str, str]]:
    output = git.ask("config", "-z", "--get-regexp", _CONVERTING_SETTINGS) or b""
    settings = (setting.partition("\n") for setting in split_names(output))
    return [(key, value) for key, _, value in settings]


def _may_convert(
    git: GitRunner, root: Path, prefix: str, settings: Sequence[tuple[str, str]]
) -> bool:
    """Whether files of the work tree may hold something else than the commit that they equal."""
    if any(key == "core.autocrlf" and value.lower() != "false" for key, value in settings):
        return True
    named = [Path(value).expanduser() for key, value in settings if "attributesfile" in key]
    return any(map(_has_conversion, (*_list_attribute_files(git, root, prefix), *named)))


def _list_attribute_files(git: GitRunner, root: Path, prefix: str) -> Iterator[Path]:
    folder = root / prefix
    yield from (place / os.fsdecode(ATTRIBUTES) for place in (folder, *folder.parents))
    yield git.git_folder / "info" / "attributes"
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    yield settings / "git" / "attributes"
    yield Path("/etc/gitattributes")


def _has_conversion(file: Path) -> bool:
    try:
        return _CONVERTING_WORDS.search(file.read_bytes()) is not None
    except FileNotFoundError:
        return False
    except OSError:
        return True


class _WorkTree:
    """A ledger's folder in the work tree, and the paths in it that may not be as committed."""

    def __init__(self, folder: Path, listing: FileListing, touched: Collection[str]) -> None:
        self._folder = folder
        self._listing = listing
        self._touched = touched

    def combine(self, committed: _Entries, commit: str) -> FolderIds:
        """Return what is in the folder, given what the last commit has there."""
        hash_name = _HASH_OF_LENGTH[len(commit)]
        customers: dict[str, str | None]
        folders, others = _sort_entries(committed)
        dirty = {path.partition("/")[0] for path in self._touched if "/" in path}
        customers = {name: found for name, found in folders.items() if name not in dirty}
        for name, paths in self._list_by_folder(dirty).items():
            found = hash_work_tree_folder(self._folder, name, paths, hash_name)
            if found != "":
                customers[name] = found
        others |= {path: self._find_mode(path) for path in self._touched if "/" not in path}
        there = {name: mode for name, mode in others.items() if mode}
        is_known = all(map(is_slug, customers)) and _are_known(there)
        touched = frozenset(self._touched)
        return FolderIds(customers, is_known, hash_name, commit, touched, self._listing)

    def _list_by_folder(self, folders: Collection[str]) -> dict[str, list[str]]:
        paths: dict[str, list[str]] = {folder: [] for folder in folders}
        if folders:
            for path in self._listing.list_names(folders):
                paths[path.partition("/")[0]].append(path)
        return paths

    def _find_mode(self, path: str) -> str:
        try:
            status = os.lstat(self._folder / path)
        except FileNotFoundError:
            return ""
        return FILE if stat.S_ISREG(status.st_mode) else LINK
