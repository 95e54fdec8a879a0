"""Where the files of a ledger come from: a folder on disk; or Git, see ``ledger.git``."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import NamedTuple, Protocol

from ledger.errors import LedgerError

MAX_FILE_BYTES = 256 * 1024
# Nobody can put a link or a pipe there between the listing and the reading.
_OPEN_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class FileKind(Enum):
    """What stands at a path."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "symbolic link"
    SUBMODULE = "submodule"
    OTHER = "special file"


_KIND_OF_FORMAT = {
    stat.S_IFDIR: FileKind.SUBMODULE,  # Git lists files, so a folder is a repository of its own.
    stat.S_IFREG: FileKind.FILE,
    stat.S_IFLNK: FileKind.LINK,
}


class LedgerFile(NamedTuple):
    """A file of a ledger; ``path`` is relative to the ledger's folder, ``size`` in bytes."""

    path: str
    kind: FileKind
    size: int


class LedgerFiles(Protocol):
    """The files of a ledger; ``prefix`` is its folder from the work tree's root, with a ``/``."""

    prefix: str

    def list_files(self, under: Sequence[str] = ()) -> list[LedgerFile]:
        """Return the files, sorted by path; only those at or below ``under`` if any are given."""

    def read(self, path: str) -> bytes:
        """Return a file's first bytes, one more than a ledger file may have.

        Raises:
            OSError: it cannot be read, or is not there any more.
        """

    def select(self, paths: Iterable[str]) -> LedgerFiles:
        """Return the files at ``paths`` alone."""


class FolderFiles:
    """The files of a ledger in a folder on disk.

    They are those called ``names``, paths relative to the folder; or those that ``names`` lists at
    or below some places; or all that are there.
    """

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

    def read(self, path: str) -> bytes:
        """See ``LedgerFiles``."""
        with os.fdopen(os.open(self.folder / path, _OPEN_FLAGS), "rb") as file:
            return file.read(MAX_FILE_BYTES + 1)

    def select(self, paths: Iterable[str]) -> FolderFiles:
        """See ``LedgerFiles``."""
        return FolderFiles(self.folder, self.prefix, paths)

    def _look_at(self, name: str) -> LedgerFile | None:
        try:
            status = os.lstat(f"{self.folder}/{name}")
        except FileNotFoundError:
            return None
        except OSError:
            return LedgerFile(name, FileKind.FILE, 0)  # Reading it says what is wrong.
        kind = _KIND_OF_FORMAT.get(stat.S_IFMT(status.st_mode), FileKind.OTHER)
        return LedgerFile(name.rstrip("/"), kind, status.st_size if kind is FileKind.FILE else 0)

    def _walk(self, below: str) -> Iterator[str]:
        try:
            entries = sorted(os.scandir(self.folder / below), key=lambda entry: entry.name)
        except OSError as error:
            path = self.folder / below
            raise LedgerError(f"cannot list {path}: {error.strerror}") from error
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(f"{below}{entry.name}/")
            else:
                yield f"{below}{entry.name}"


def is_under(path: str, places: Sequence[str]) -> bool:
    """Whether a path is at or below one of some places; always if there are none."""
    return not places or any(path == place or path.startswith(f"{place}/") for place in places)
