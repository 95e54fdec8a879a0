"""Where the files of a ledger come from: a folder on disk, a commit, or Git's index."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import reduce
from itertools import islice
from operator import or_
from pathlib import Path
from typing import NamedTuple, Protocol

from ledger.errors import LedgerError, naming_failure
from ledger.text import make_printable

MAX_FILE_BYTES = 256 * 1024
CONVERSIONS = ("filter", "ident", "working-tree-encoding")
"""The attributes by which Git makes other bytes of a file than the commit has."""

MAX_FILES = 250_000
"""How many files a folder of a commit may have, and how many one commit may change."""
_UNUSABLE_NAMES = {"", ".", "..", ".git"}


def combine_flags(*names: str) -> int:
    """Return flags of ``os.open``, those that this system has; bytes are taken as they are."""
    always = ("O_BINARY", "O_CLOEXEC", "O_NOFOLLOW")
    return reduce(or_, (getattr(os, name, 0) for name in (*always, *names)))


# Nobody can put a link or a pipe there between the listing and the reading.
READING = combine_flags("O_RDONLY", "O_NONBLOCK")


class FileKind(Enum):
    """What stands at a path."""

    FILE = "file"
    LINK = "symbolic link"
    SUBMODULE = "submodule"
    OTHER = "special file"


_KIND_OF_FORMAT = {
    stat.S_IFDIR: FileKind.SUBMODULE,  # Git lists files, so a folder is a repository of its own.
    stat.S_IFREG: FileKind.FILE,
    stat.S_IFLNK: FileKind.LINK,
}


class LedgerFile(NamedTuple):
    """A file of a ledger; ``path`` is relative to its folder, the id that of a commit's content."""

    path: str
    kind: FileKind = FileKind.FILE
    object_id: str = ""

    @property
    def is_file(self) -> bool:
        """Whether it is an ordinary file, no link and no submodule."""
        return self.kind is FileKind.FILE


class LedgerFiles(Protocol):
    """The files of a ledger; ``prefix`` is its folder from the work tree's root, with a ``/``."""

    prefix: str

    def list_files(self, under: Sequence[str] = ()) -> list[LedgerFile]:
        """Return the files, sorted by path; only those at or below ``under`` if any are given."""

    def read(self, path: str, limit: int = MAX_FILE_BYTES) -> bytes:
        """Return a file's first bytes, at most one more than ``limit``; an OSError if none."""

    def select(self, paths: Iterable[str]) -> LedgerFiles:
        """Return the files at ``paths`` alone."""


class FolderFiles:
    """Files in a folder on disk: those called ``names``, or that it lists below places, or all."""

    def __init__(
        self,
        folder: Path,
        prefix: str,
        names: Iterable[str] | Callable[[Sequence[str]], Iterable[str]] | None = None,
    ) -> None:
        self.folder = folder
        self.prefix = prefix
        self._names = names

    def list_files(self, under: Sequence[str] = ()) -> list[LedgerFile]:
        """See ``LedgerFiles``."""
        names = self._names(under) if callable(self._names) else self._names
        if names is None:
            names = self._walk("")
        found = (self._look_at(name) for name in sorted({*names}) if is_under(name, under))
        return [file for file in found if file is not None]

    def read(self, path: str, limit: int = MAX_FILE_BYTES) -> bytes:
        """See ``LedgerFiles``."""
        with os.fdopen(os.open(f"{self.folder}/{path}", READING), "rb") as file:
            return file.read(limit + 1)

    def select(self, paths: Iterable[str]) -> FolderFiles:
        """See ``LedgerFiles``."""
        return FolderFiles(self.folder, self.prefix, paths)

    def _look_at(self, name: str) -> LedgerFile | None:
        try:
            status = os.lstat(f"{self.folder}/{name}")
        except FileNotFoundError:
            return None
        except OSError:
            return LedgerFile(name)  # Reading it says what is wrong.
        kind = _KIND_OF_FORMAT.get(stat.S_IFMT(status.st_mode), FileKind.OTHER)
        return LedgerFile(name.rstrip("/"), kind)

    def _walk(self, below: str) -> Iterator[str]:
        with naming_failure(f"cannot list {self.folder / below}"):
            entries = sorted(os.scandir(self.folder / below), key=lambda entry: entry.name)
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(f"{below}{entry.name}/")
            else:
                yield f"{below}{entry.name}"


class RevisionFiles:
    """The files of a ledger as a commit, or the index, has them; see ``LedgerFiles``.

    ``blobs`` are by their path from the ledger's folder; ``commit`` is None for Git's index.
    """

    def __init__(
        self,
        read_object: Callable[[str, int], bytes],
        prefix: str,
        commit: str | None,
        blobs: Mapping[str, LedgerFile],
    ) -> None:
        self.prefix = prefix
        self.commit = commit
        self.blobs = blobs
        self._read_object = read_object

    def list_files(self, under: Sequence[str] = ()) -> list[LedgerFile]:
        """See ``LedgerFiles``."""
        return sorted(file for path, file in self.blobs.items() if is_under(path, under))

    def read(self, path: str, limit: int = MAX_FILE_BYTES) -> bytes:
        """See ``LedgerFiles``."""
        blob = self.blobs.get(path)
        if blob is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return self._read_object(blob.object_id, limit + 1)

    def find_differences(self, other: RevisionFiles) -> set[str]:
        """Return the paths whose file is another one, or none, in ``other``."""
        return {path for path, _blob in self.blobs.items() ^ other.blobs.items()}

    def select(self, paths: Iterable[str]) -> RevisionFiles:
        """See ``LedgerFiles``."""
        chosen = {path: self.blobs[path] for path in paths if path in self.blobs}
        return RevisionFiles(self._read_object, self.prefix, self.commit, chosen)


def make_blob(path: str, mode: str, object_id: str) -> LedgerFile:
    """Return a file of a commit by Git's description of it."""
    kind = _KIND_OF_FORMAT.get(stat.S_IFMT(int(mode, 8)), FileKind.SUBMODULE)
    return LedgerFile(path, kind, object_id)


def parse_attributes(output: bytes) -> dict[str, tuple[str, str]]:
    """Return which files Git converts, by what ``git check-attr -z`` printed of these attributes.

    By path: what Git does with the file, and how to stop that.
    """
    parts, found = iter(os.fsdecode(output).split("\0")), {}
    for path, attribute, value in zip(parts, parts, parts, strict=False):
        if value not in {"unspecified", "unset"}:
            what = f"is converted by its attribute {attribute}"
            found[path] = (what, f"take {attribute} off in .gitattributes")
    return found


def parse_tree(listing: Iterable[str], folder: str) -> dict[str, LedgerFile]:
    """Return what ``git ls-tree -z`` printed, by path from ``folder``."""
    blobs: dict[str, LedgerFile] = {}
    lines = list(islice(listing, MAX_FILES + 1))
    check_count(len(lines))
    for line in lines:
        description, _tab, name = line.partition("\t")
        mode, _kind, object_id = description.split()
        path = name[len(folder) :]
        if path in blobs or not _UNUSABLE_NAMES.isdisjoint(name.casefold().split("/")):
            raise LedgerError(
                f"the commit has a file with a name no file can have: {make_printable(name)!r}",
                "it was not made by Git, but to mislead it; do not take it over",
            )
        blobs[path] = make_blob(path, mode, object_id)
    return blobs


def check_count(files: int) -> None:
    """Raise a LedgerError if they are more files than anything is done with."""
    if files > MAX_FILES:
        raise LedgerError(
            f"there are more than {MAX_FILES:,} files in one commit",
            "no ledger has so many; leave out what is not the ledger's",
        )


def is_under(path: str, places: Sequence[str]) -> bool:
    """Whether a path is at or below one of some places; always if there are none."""
    return not places or any(path == place or path.startswith(f"{place}/") for place in places)
