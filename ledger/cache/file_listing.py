"""The files of a ledger's folder as Git lists them, and where the folder on disk holds others.

To look for new files takes Git as long as to look at all that it knows: it looks up every name by
itself. Whether a folder holds just the files that are known is seen sooner by its names in a row:
those on disk, put together as Git lists them, are the bytes of the listing, or they are not. Only
where they are not need Git be asked, and its answer alone counts.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

_ATTRIBUTES = b".gitattributes"
_GIT_FOLDER = b".git"
_KNOWN = b"H "
_NEW = "? "
_FEW = 8


class OtherNames(NamedTuple):
    """Where a folder on disk does not have the names that are listed.

    Attributes:
        places: the entries of the folder that have other names, or more.
        is_none: everything that is listed is there, and nothing else.
    """

    places: list[str]
    is_none: bool = False


class FileListing:
    """The files that Git knows or does not ignore, as ``git ls-files -v`` tells them.

    Attributes:
        listed: what Git said.
    """

    def __init__(self, listed: bytes, prefix: str) -> None:
        self.listed = listed
        self._prefix = os.fsencode(prefix)
        self._skip = len(_KNOWN) + len(self._prefix)

    @cached_property
    def unsure(self) -> tuple[str, ...]:
        """What may differ from the last commit without Git's noticing.

        That are files that are not tracked, and those that it was told not to look at.
        """
        odd = (entry for entry in self.listed.split(b"\0") if not entry.startswith(_KNOWN))
        names = (self._read(entry) for entry in odd if entry)
        return tuple(name for name in names if name is not None)

    @property
    def has_attributes(self) -> bool:
        """Whether there may be a file that tells Git to convert others."""
        return _ATTRIBUTES in self.listed

    def list_names(self, places: Collection[str] = ()) -> Iterator[str]:
        """Yield the paths of all files, or of those that are or are in some entries of the folder.

        They are relative to the ledger's folder; what is not tracked and begins with a dot, or is
        in a folder that does, is left out.
        """
        for entry in self._list_entries({os.fsencode(place) for place in places}):
            name = self._read(entry)
            if name is not None:
                yield name

    def compare(self, root: Path) -> OtherNames:
        """Compare the names with those on disk, as if all that is listed were ordinary files.

        A folder in the place of a listed file is not always noticed.

        Args:
            root: of the work tree.

        Raises:
            OSError: the folder cannot be listed.
        """
        return _Comparison(self.listed, root).find_others(self._prefix)

    def _list_entries(self, places: Collection[bytes]) -> Iterator[bytes]:
        if 0 < len(places) <= _FEW:
            for place in sorted(places):
                yield from self._find_entries(place)
            return
        for entry in self.listed.split(b"\0"):
            if entry and (not places or entry[self._skip :].partition(b"/")[0] in places):
                yield entry

    def _find_entries(self, place: bytes) -> Iterator[bytes]:
        listed, wanted = self.listed, b" " + self._prefix + place
        at = listed.find(wanted)
        while at >= 0:
            after = at + len(wanted)
            # The same may stand in the middle of a name that has a space in it.
            is_start = at == 1 or listed[at - 2 : at - 1] == b"\0"
            if is_start and listed[after : after + 1] in {b"/", b"\0"}:
                yield listed[at - 1 : listed.index(b"\0", after)]
            at = listed.find(wanted, after)

    def _read(self, entry: bytes) -> str | None:
        """Return the path; None if it is not tracked and its name begins with a dot."""
        name = os.fsdecode(entry[self._skip :])
        is_hidden = entry.startswith(_NEW.encode()) and (name.startswith(".") or "/." in name)
        return None if is_hidden else name


class _Comparison:
    """Walks folders on disk along a listing; offsets are into the listing.

    What is listed is in the order of its bytes, so a folder's name counts with the ``/`` after it.
    """

    def __init__(self, listed: bytes, root: Path) -> None:
        self._listed = listed
        self._root = os.fsencode(root) + b"/"

    def find_others(self, folder: bytes) -> OtherNames:
        """Return where a folder on disk differs from the whole listing."""
        places: list[str] = []
        offset = matched = 0
        for name in self._list_in_order(folder):
            if (folder + name).removesuffix(b"/") == _GIT_FOLDER:
                continue
            offset = self._skip_to(folder + name, offset)
            end = self._match(folder + name, offset)
            if end is None:
                places.append(os.fsdecode(name.removesuffix(b"/")))
            else:
                matched += end - offset
                offset = end
        return OtherNames(places, not places and matched == len(self._listed))

    def _list_in_order(self, folder: bytes) -> list[bytes]:
        """Return the names in a folder, those of folders with a ``/`` at the end."""
        with os.scandir(self._root + folder) as entries:
            return sorted(
                entry.name + b"/" if entry.is_dir(follow_symlinks=False) else entry.name
                for entry in entries
            )

    def _skip_to(self, path: bytes, offset: int) -> int:
        """Return where the listing has come to ``path``: what is listed before it is not there."""
        while offset < len(self._listed):
            end = self._listed.index(b"\0", offset)
            if self._listed[offset + len(_KNOWN) : end] >= path:
                break
            offset = end + 1
        return offset

    def _match(self, path: bytes, offset: int) -> int | None:
        """Return the end of what is listed of a path; None if there is something else on disk."""
        if not path.endswith(b"/"):
            line = _KNOWN + path + b"\0"
            return offset + len(line) if self._listed.startswith(line, offset) else None
        if not self._listed.startswith(_KNOWN + path, offset):
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
            names = sorted(os.listdir(self._root + folder))  # noqa: PTH208 - as bytes, and fast
        except OSError:
            return None
        start = _KNOWN + folder
        lines = start + (b"\0" + start).join(names) + b"\0"
        return offset + len(lines) if self._listed.startswith(lines, offset) else None
