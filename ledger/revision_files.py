"""The files of a ledger as a commit, or the index, has them, read by object id."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from ledger.errors import LedgerError
from ledger.ledger_files import MAX_FILE_BYTES, FileKind, LedgerFile

_FILE_MODES = {"100644": FileKind.FILE, "100755": FileKind.FILE, "120000": FileKind.LINK}


class ObjectReader(Protocol):
    """Whoever can read Git's objects."""

    def read_objects(self, ids: Iterable[str]) -> Mapping[str, bytes]:
        """Return the content of blobs by their id."""
        ...


class RevisionFiles:
    """The files of a ledger as a commit has them; see ``ledger.ledger_files.LedgerFiles``.

    Attributes:
        commit: the commit's id; None for the files of the index.
        blobs: the files by their path from the ledger's folder.
    """

    def __init__(
        self, reader: ObjectReader, prefix: str, commit: str | None, blobs: Mapping[str, Blob]
    ) -> None:
        self.prefix = prefix
        self.commit = commit
        self.blobs = blobs
        self._reader = reader
        self._folder: str | None = None
        self._contents: Mapping[str, bytes] = {}

    def list_files(self, under: Sequence[str] = ()) -> list[LedgerFile]:
        """See ``LedgerFiles``."""
        return sorted(
            blob.file
            for path, blob in self.blobs.items()
            if not under or any(path == place or path.startswith(place + "/") for place in under)
        )

    def read(self, path: str) -> bytes:
        """See ``LedgerFiles``."""
        blob = self.blobs.get(path)
        if blob is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        folder = path.partition("/")[0] if "/" in path else ""
        if folder != self._folder:
            # A customer's files are asked for together: one process brings them all.
            self._contents = self._reader.read_objects(self._list_readable_ids(folder))
            self._folder = folder
        return self._contents[blob.object_id]

    def find_differences(self, other: RevisionFiles) -> set[str]:
        """Return the paths whose file is another one, or none, in ``other``."""
        mine = {(path, blob.object_id, blob.file.kind) for path, blob in self.blobs.items()}
        others = {(path, blob.object_id, blob.file.kind) for path, blob in other.blobs.items()}
        return {path for path, _id, _kind in mine ^ others}

    def select(self, paths: Iterable[str]) -> RevisionFiles:
        """Return the files at ``paths`` alone, so that no other is read along with them."""
        chosen = {path: self.blobs[path] for path in paths if path in self.blobs}
        return RevisionFiles(self._reader, self.prefix, self.commit, chosen)

    def _list_readable_ids(self, folder: str) -> Iterator[str]:
        for path, blob in self.blobs.items():
            is_inside = path.startswith(folder + "/") if folder else "/" not in path
            if is_inside and blob.file.kind is FileKind.FILE and blob.file.size <= MAX_FILE_BYTES:
                yield blob.object_id


class FetchedObjects:
    """An ``ObjectReader`` that brings many objects at once and hands them out later."""

    def __init__(self, reader: ObjectReader, ids: Iterable[str]) -> None:
        wanted = set(ids)
        self._reader = reader
        self._contents = dict(reader.read_objects(wanted)) if wanted else {}

    def read_objects(self, ids: Iterable[str]) -> Mapping[str, bytes]:
        """See ``ObjectReader``; what was not brought is read now."""
        wanted = set(ids)
        missing = wanted - self._contents.keys()
        if missing:
            self._contents.update(self._reader.read_objects(missing))
        return {item: self._contents[item] for item in wanted}


class Blob(NamedTuple):
    """A file of a commit and the id of its content."""

    file: LedgerFile
    object_id: str

    @property
    def is_file(self) -> bool:
        """Whether it is an ordinary file, no link and no submodule."""
        return self.file.kind is FileKind.FILE


def make_blob(path: str, mode: str, object_id: str, size: int = 0) -> Blob:
    """Return a file of a commit by Git's description of it."""
    return Blob(LedgerFile(path, _FILE_MODES.get(mode, FileKind.SUBMODULE), size), object_id)


def parse_tree(listing: bytes, folder: str) -> Iterator[tuple[str, Blob]]:
    """Yield the files of ``git ls-tree -r -z -l`` by their path from ``folder``."""
    for line in listing.split(b"\0"):
        if not line:
            continue
        description, _, name = line.partition(b"\t")
        mode, _kind, object_id, size = description.decode().split()
        path = os.fsdecode(name)[len(folder) :]
        yield path, make_blob(path, mode, object_id, int(size) if size.isdigit() else 0)


def parse_objects(output: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the objects of ``git cat-file --batch`` by their id.

    Raises:
        LedgerError: one is not there.
    """
    offset = 0
    while offset < len(output):
        end = output.index(b"\n", offset)
        object_id, *description = output[offset:end].split()
        if description == [b"missing"]:
            raise LedgerError(
                f"the repository has no object {object_id.decode()}",
                "it is damaged, or a partial clone: `git fetch --refetch --no-filter` mends that",
            )
        size = description[1]
        offset = end + 1 + int(size)
        yield object_id.decode(), output[end + 1 : offset]
        offset += 1
