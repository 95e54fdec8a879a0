"""The files of a ledger, wherever they come from: the work tree, or a revision of it.

``LedgerFiles`` is what the readers of the floors above know; ``ledger.git_repository`` makes one
of a revision, this file one of a folder on disk.
"""

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
_CHUNK_BYTES = 16 * 1024


class FileKind(Enum):
    """What stands at a path."""

    FILE = "file"
    LINK = "symbolic link"
    SUBMODULE = "submodule"
    OTHER = "special file"


# Python looks a member of an enumeration up by its name each time; there are many files.
_FILE = FileKind.FILE


class LedgerFile(NamedTuple):
    """A file of a ledger; ``path`` is relative to the ledger's folder, ``size`` in bytes."""

    path: str
    kind: FileKind
    size: int


class LedgerFiles(Protocol):
    """The files of a ledger.

    Attributes:
        prefix: from the root of the work tree to the ledger's folder, with a ``/`` at its end.
    """

    prefix: str

    def list_files(self, under: Sequence[str] = ()) -> list[LedgerFile]:
        """Return the files, sorted by path; only those at or below ``under`` if any are given."""
        ...

    def read(self, path: str) -> bytes:
        """Return a file's first bytes, one more than a ledger file may have.

        Raises:
            OSError: it cannot be read, or is not there any more.
        """
        ...


class FolderFiles:
    """The files of a ledger in a folder on disk."""

    def __init__(
        self,
        folder: Path,
        prefix: str,
        names: Iterable[str] | Callable[[Sequence[str]], Iterable[str]] | None = None,
    ) -> None:
        """Take the files called ``names``, or all that are there if None.

        Args:
            folder: the ledger's folder.
            prefix: see ``LedgerFiles``.
            names: paths relative to the folder, as Git lists them; or what lists those at or
                below some places when they are asked for.
        """
        self.folder = folder
        self.prefix = prefix
        self._names = names
        self._start = f"{os.fspath(folder)}/"

    def list_files(self, under: Sequence[str] = ()) -> list[LedgerFile]:
        """See ``LedgerFiles``."""
        return self.look_at(self.list_names(under))

    def list_names(self, under: Sequence[str] = ()) -> Iterator[str]:
        """Return the paths at which something may stand, in any order; see ``list_files``."""
        names = self._names(under) if callable(self._names) else self._names
        if names is None:
            names = self._walk("")
        return (name for name in names if _is_under(name, under)) if under else iter(names)

    def has(self, name: str) -> bool:
        """Whether something stands at a path."""
        return self._look_at(name) is not None

    def look_at(self, names: Iterable[str]) -> list[LedgerFile]:
        """Return what stands at some paths, sorted by path; what is not there is left out."""
        found = map(self._look_at, sorted({*names}))
        return [file for file in found if file is not None]

    def read(self, path: str) -> bytes:
        """See ``LedgerFiles``."""
        descriptor = os.open(f"{self._start}{path}", _OPEN_FLAGS)
        try:
            content = chunk = os.read(descriptor, _CHUNK_BYTES)
            # Most files are small: room for the largest would cost more than reading does.
            while len(chunk) == _CHUNK_BYTES and len(content) <= MAX_FILE_BYTES:
                chunk = os.read(descriptor, _CHUNK_BYTES)
                content += chunk
            return content[: MAX_FILE_BYTES + 1]
        finally:
            os.close(descriptor)

    def _look_at(self, name: str) -> LedgerFile | None:
        try:
            status = os.lstat(f"{self._start}{name}")
        except FileNotFoundError:
            return None
        except OSError:
            return LedgerFile(name, FileKind.FILE, 0)
        if stat.S_ISREG(status.st_mode):
            return LedgerFile(name, _FILE, status.st_size)
        if stat.S_ISLNK(status.st_mode):
            return LedgerFile(name, FileKind.LINK, 0)
        is_folder = stat.S_ISDIR(status.st_mode)
        return LedgerFile(name.rstrip("/"), FileKind.SUBMODULE if is_folder else FileKind.OTHER, 0)

    def _walk(self, below: str) -> Iterator[str]:
        try:
            entries = sorted(os.scandir(self.folder / below), key=lambda entry: entry.name)
        except OSError as error:
            path = self.folder / below
            raise LedgerError(f"cannot list {path}: {error.strerror}") from error
        for entry in entries:
            name = f"{below}{entry.name}"
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(name + "/")
            else:
                yield name


def _is_under(name: str, places: Sequence[str]) -> bool:
    return any(name == place or name.startswith(place + "/") for place in places)
