"""The ids of customers' folders: those that Git would give to their trees.

For a commit Git tells them. For the work tree they are those of the last commit, but for folders
in which something differs from it: their ids are worked out from the contents. Where Git would
convert contents on their way between commit and work tree, all ids are worked out.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Thread
from typing import NamedTuple, Protocol, Self

from ledger.reading.file_layout import ORGANIZATION_FILES, is_slug

_FOLDER, _FILE, _PROGRAM, _LINK = "40000", "100644", "100755", "120000"
_HASH_OF_LENGTH = {40: "sha1", 64: "sha256"}
_ATTRIBUTES = b".gitattributes"
_CONVERTING_SETTINGS = r"^core\.(autocrlf|attributesfile)$"
_CONVERTING_WORDS = re.compile(rb"\b(text|eol|crlf|filter|ident|working-tree-encoding)\b")
_ORGANIZATION = frozenset(f"{name}.yml" for name in ORGANIZATION_FILES)


class GitRunner(Protocol):
    """Whoever can run Git; see ``ledger.git_repository.GitRepository``."""

    @property
    def root(self) -> Path | None:
        """The root of the work tree."""
        ...

    @property
    def git_folder(self) -> Path:
        """The folder of what all work trees share."""
        ...

    def find_head(self) -> str | None:
        """Return the id of the commit that is checked out."""
        ...

    def list_differing(self, commit: str, place: str) -> list[str]:
        """Return the tracked paths at a pathspec that may differ from a commit."""
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
        touched: the paths of files that may differ from those of the last commit; no other does.
    """

    customers: Mapping[str, str | None]
    has_only_known: bool
    hash_name: str
    touched: frozenset[str] = frozenset()


def list_commit_ids(git: GitRunner, commit: str, prefix: str) -> FolderIds:
    """Return what the ledger's folder holds in a commit."""
    entries = _list_tree(git, commit, prefix)
    customers, others = _sort_entries(entries)
    is_known = all(map(is_slug, customers)) and _are_known(others)
    return FolderIds(customers, is_known, _HASH_OF_LENGTH[len(commit)])


def list_work_tree_ids(git: GitRunner, prefix: str) -> FolderIds | None:
    """Return what the ledger's folder holds in the work tree; None if there is no commit yet."""
    head, root = git.find_head(), git.root
    if head is None or root is None:
        return None
    place = f":(top,literal){prefix}" if prefix else ":(top)"
    # To look for new files takes as long as to look at the known ones, and to list those.
    with _Aside(lambda: _list_files(git, place, "-o", "--exclude-standard")) as new:
        differing = git.list_differing(head, place)
        tracked = _list_files(git, place)
        committed = _list_tree(git, head, prefix)
    listing = _Listing(tracked + new.result, prefix)
    touched = {name[len(prefix) :] for name in differing}
    if _may_convert(git, root, prefix, listing):
        touched |= set(listing.list_names())
    folder_ids = _WorkTree(root / prefix, listing, touched | set(listing.unsure))
    return folder_ids.combine(committed, _HASH_OF_LENGTH[len(head)])


def hash_folder(contents: Mapping[str, bytes], hash_name: str) -> str:
    """Return the id of the tree of ordinary files, given their contents by path."""
    entries = {
        path: (_FILE, _hash_object("blob", content, hash_name))
        for path, content in contents.items()
    }
    return _hash_tree(entries, hash_name)


class _Aside:
    """Runs a function in a thread of its own, and has its result afterwards.

    What the library has for that takes 10 ms to load, in each check that finds nothing to do.
    """

    def __init__(self, work: Callable[[], bytes]) -> None:
        self._work = work
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run)
        self.result = b""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: object, *_rest: object) -> None:
        self._thread.join()
        if self._error is not None and kind is None:
            raise self._error

    def _run(self) -> None:
        try:
            self.result = self._work()
        except BaseException as error:  # noqa: BLE001 - raised where the result is asked for
            self._error = error


_Entries = dict[str, tuple[str, str]]
"""Mode and id by name."""


class _Listing:
    """The files that Git knows or does not ignore, as ``git ls-files -v`` tells them.

    Attributes:
        unsure: what may differ from the last commit without Git's noticing: files that are not
            tracked, or that it was told not to look at.
        has_attributes: there may be a file that tells Git to convert others.
    """

    def __init__(self, listed: bytes, prefix: str) -> None:
        self._listed = listed
        self._skip = len(b"H ") + len(os.fsencode(prefix))
        self.unsure: list[str] = []
        # Of a million entries all are usually like this, and counting is quick.
        usual = listed.count(b"\0H ") + listed.startswith(b"H ")
        if usual < listed.count(b"\0"):
            odd = (entry for entry in listed.split(b"\0") if not entry.startswith(b"H "))
            names = (self._read(entry) for entry in odd if entry)
            self.unsure = [name for name in names if name is not None]
        self.has_attributes = _ATTRIBUTES in listed

    def list_names(self, folders: Collection[str] | None = None) -> Iterator[str]:
        """Yield the paths of all files, or of those in some folders."""
        starts = None if folders is None else {os.fsencode(folder) for folder in folders}
        for entry in self._listed.split(b"\0"):
            if entry and (starts is None or entry[self._skip :].partition(b"/")[0] in starts):
                name = self._read(entry)
                if name is not None:
                    yield name

    def _read(self, entry: bytes) -> str | None:
        """Return the path; None if it is not tracked and its name begins with a dot."""
        name = os.fsdecode(entry[self._skip :])
        is_hidden = entry.startswith(b"? ") and (name.startswith(".") or "/." in name)
        return None if is_hidden else name


def _list_tree(git: GitRunner, commit: str, prefix: str) -> _Entries:
    listing = git.run("ls-tree", "-z", "--full-tree", commit, "--", prefix or ".")
    entries: _Entries = {}
    for line in filter(None, listing.split(b"\0")):
        description, _, name = line.partition(b"\t")
        mode, _kind, object_id = description.decode().split()
        entries[os.fsdecode(name)[len(prefix) :]] = mode.lstrip("0"), object_id
    return entries


def _list_files(git: GitRunner, place: str, *options: str) -> bytes:
    return git.run("ls-files", "-z", "-v", *(options or ("-c",)), "--", place)


def _sort_entries(entries: _Entries) -> tuple[dict[str, str], dict[str, str]]:
    """Return the ids of folders, and the modes of all else."""
    folders = {name: entry for name, (mode, entry) in entries.items() if mode == _FOLDER}
    return folders, {name: mode for name, (mode, _id) in entries.items() if mode != _FOLDER}


def _are_known(others: Mapping[str, str]) -> bool:
    return others.keys() <= _ORGANIZATION and set(others.values()) <= {_FILE, _PROGRAM}


def _may_convert(git: GitRunner, root: Path, prefix: str, listing: _Listing) -> bool:
    """Whether files of the work tree may hold something else than the commit that they equal."""
    output = git.ask("config", "-z", "--get-regexp", _CONVERTING_SETTINGS) or b""
    settings = [os.fsdecode(item).partition("\n") for item in output.split(b"\0") if item]
    if listing.has_attributes or any(
        key == "core.autocrlf" and value.lower() != "false" for key, _, value in settings
    ):
        return True
    named = [Path(value).expanduser() for key, _, value in settings if "attributesfile" in key]
    return any(map(_has_conversion, (*_list_attribute_files(git, root, prefix), *named)))


def _list_attribute_files(git: GitRunner, root: Path, prefix: str) -> Iterator[Path]:
    folder = root / prefix
    yield from (place / os.fsdecode(_ATTRIBUTES) for place in (folder, *folder.parents))
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

    def __init__(self, folder: Path, listing: _Listing, touched: Collection[str]) -> None:
        self._folder = folder
        self._listing = listing
        self._touched = touched

    def combine(self, committed: _Entries, hash_name: str) -> FolderIds:
        """Return what is in the folder, given what the last commit has there."""
        customers: dict[str, str | None]
        folders, others = _sort_entries(committed)
        dirty = {path.partition("/")[0] for path in self._touched if "/" in path}
        customers = {name: found for name, found in folders.items() if name not in dirty}
        for name, paths in self._list_by_folder(dirty).items():
            found = _hash_work_tree_folder(self._folder, name, paths, hash_name)
            if found != "":
                customers[name] = found
        others |= {path: self._find_mode(path) for path in self._touched if "/" not in path}
        there = {name: mode for name, mode in others.items() if mode}
        is_known = all(map(is_slug, customers)) and _are_known(there)
        return FolderIds(customers, is_known, hash_name, frozenset(self._touched))

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
        return _FILE if stat.S_ISREG(status.st_mode) else _LINK


def _hash_work_tree_folder(
    folder: Path, name: str, paths: Sequence[str], hash_name: str
) -> str | None:
    """Return the id of a folder by its contents; None if it has none, empty if it is empty."""
    entries: dict[str, tuple[str, str]] = {}
    for path in paths:
        try:
            status = os.lstat(folder / path)
            if stat.S_ISREG(status.st_mode):
                mode = _PROGRAM if status.st_mode & stat.S_IXUSR else _FILE
                content = (folder / path).read_bytes()
            elif stat.S_ISLNK(status.st_mode):
                mode, content = _LINK, os.fsencode((folder / path).readlink())
            else:
                return None
        except FileNotFoundError:
            continue
        except OSError:
            return None
        entries[path[len(name) + 1 :]] = mode, _hash_object("blob", content, hash_name)
    return _hash_tree(entries, hash_name) if entries else ""


def _hash_object(kind: str, content: bytes, hash_name: str) -> str:
    # Git's own choice of hash: this finds what is the same, it guards nothing.
    hashed = hashlib.new(hash_name, f"{kind} {len(content)}\0".encode(), usedforsecurity=False)
    hashed.update(content)
    return hashed.hexdigest()


def _hash_tree(entries: Mapping[str, tuple[str, str]], hash_name: str) -> str:
    """Return the id of a tree, given mode and id of each file by path."""
    here: dict[str, tuple[str, str]] = {}
    below: dict[str, dict[str, tuple[str, str]]] = {}
    for path, entry in entries.items():
        name, slash, rest = path.partition("/")
        if slash:
            below.setdefault(name, {})[rest] = entry
        else:
            here[name] = entry
    for name, inside in below.items():
        here[name] = _FOLDER, _hash_tree(inside, hash_name)
    lines = (
        f"{mode} ".encode() + os.fsencode(name) + b"\0" + bytes.fromhex(object_id)
        for name, (mode, object_id) in sorted(here.items(), key=_as_git_sorts)
    )
    return _hash_object("tree", b"".join(lines), hash_name)


def _as_git_sorts(entry: tuple[str, tuple[str, str]]) -> bytes:
    name, (mode, _id) = entry
    return os.fsencode(f"{name}/" if mode == _FOLDER else name)
