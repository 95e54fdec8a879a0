"""Where a ledger's folder on disk has other names than Git lists.

To look for new files takes Git as long as to look at all that it knows: it looks up every name by
itself. Whether a folder holds just the files that are known is seen sooner by its names in a row:
those on disk, put together as Git lists them, are the bytes of the listing, or they are not. Only
where they are not need Git be asked, and its answer alone counts. Where they were the same before,
and nothing was added or removed since, they need not even be read; see ``KnownNames``. And where
Git's index is the one that they were held against then, no listing is needed.
"""

from __future__ import annotations

import os
from pathlib import Path

from ledger.cache.known_names import KnownNames
from ledger.cache.tracked_files import TRACKED, TrackedFiles, find_path

_GIT_FOLDER = b".git"


class WorkTreeNames:
    """The names in a ledger's folder on disk, held against a listing.

    All that is listed is taken for ordinary files: a folder in the place of one is not always
    noticed. Offsets are into the listing; what is listed is in the order of its bytes, so a
    folder's name counts with the ``/`` after it.
    """

    def __init__(self, tracked: TrackedFiles, root: Path, known: KnownNames | None = None) -> None:
        """Take what there is to compare.

        Args:
            tracked: what Git lists.
            root: of the work tree.
            known: what was seen before; what is seen now is added.
        """
        self._tracked = tracked
        self._root = os.fsencode(root) + b"/"
        self._prefix = tracked.prefix
        self._known = known

    def find_others(self) -> list[str]:
        """Return the entries of the folder that have other names than are listed, or more.

        Raises:
            OSError: the folder cannot be listed.
        """
        others: list[str] = []
        offset = 0
        for name in self._list_in_order(self._prefix):
            path = self._prefix + name
            if path.removesuffix(b"/") == _GIT_FOLDER or self._is_known(name):
                continue
            if not self._listed.startswith(TRACKED + path, offset):
                offset = find_path(self._listed, path)
            entry = os.fsdecode(name.removesuffix(b"/"))
            end = self._match_entry(entry, path, offset)
            if end is None:
                others.append(entry)
            else:
                offset = end
        return others

    @property
    def _listed(self) -> bytes:
        return self._tracked.listed

    def _is_known(self, name: bytes) -> bool:
        """Whether an entry is known to be as listed, without the listing."""
        listing = self._tracked.known
        if listing is None or self._known is None:
            return False
        entry = os.fsdecode(name.removesuffix(b"/"))
        if name.endswith(b"/"):
            return self._known.is_unchanged(entry)
        return entry in listing.places.get(entry, ())

    def _match_entry(self, entry: str, path: bytes, offset: int) -> int | None:
        """As ``_match``, with the help of what is known."""
        if self._known is None:
            return self._match(path, offset)
        end = self._known.match(entry, self._listed, offset)
        if end is None:
            end = self._match(path, offset)
            if end is not None:
                self._known.note(entry, self._listed[offset:end])
        return end

    def _list_in_order(self, folder: bytes) -> list[bytes]:
        """Return the names in a folder, those of folders with a ``/`` at the end."""
        self._see(folder)
        with os.scandir(self._root + folder) as entries:
            return sorted(
                entry.name + b"/" if entry.is_dir(follow_symlinks=False) else entry.name
                for entry in entries
            )

    def _see(self, folder: bytes) -> None:
        path = os.fsdecode(folder[len(self._prefix) : -1])
        if self._known is not None and path:
            self._known.see(path.partition("/")[0], path)

    def _match(self, path: bytes, offset: int) -> int | None:
        """Return the end of what is listed of a path; None if there is something else on disk."""
        if not path.endswith(b"/"):
            line = TRACKED + path + b"\0"
            return offset + len(line) if self._listed.startswith(line, offset) else None
        if not self._listed.startswith(TRACKED + path, offset):
            return None
        try:
            return self._match_names(path, offset)
        except OSError:
            return None

    def _match_names(self, folder: bytes, offset: int) -> int | None:
        for name in self._list_in_order(folder):
            path = folder + name
            end = self._match_files(path, offset) if name.endswith(b"/") else None
            end = self._match(path, offset) if end is None else end
            if end is None:
                return None
            offset = end
        return offset

    def _match_files(self, folder: bytes, offset: int) -> int | None:
        """As ``_match`` for a folder in which all are files, at once; None if they are not.

        A folder that took the place of one of those files is not noticed.
        """
        try:
            self._see(folder)
            names = sorted(os.listdir(self._root + folder))  # noqa: PTH208 - as bytes, and fast
        except OSError:
            return None
        start = TRACKED + folder
        lines = start + (b"\0" + start).join(names) + b"\0"
        return offset + len(lines) if self._listed.startswith(lines, offset) else None
