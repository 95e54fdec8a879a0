"""The files of a ledger's folder as Git lists them.

What Git says is kept as it said it: of a large ledger nearly all names are never looked at by
themselves, and one is found by its place in the order.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from functools import cached_property

_ATTRIBUTES = b".gitattributes"
TRACKED = b"H "
"""How Git marks what it knows, and looks at."""
_NEW = "? "
_FEW = 8


class FileListing:
    """The files that Git knows or does not ignore, as ``git ls-files -z -v`` tells them."""

    def __init__(self, prefix: str, *listed: bytes) -> None:
        """Take what Git said, once or more often.

        Args:
            prefix: from the root of the work tree to the ledger's folder, with a ``/`` at its end.
            listed: each in the order of the paths' bytes, as Git lists them.
        """
        self._listed = listed
        self._prefix = os.fsencode(prefix)
        self._skip = len(TRACKED) + len(self._prefix)

    @cached_property
    def unsure(self) -> tuple[str, ...]:
        """What may differ from the last commit without Git's noticing.

        That are files that are not tracked, and those that it was told not to look at.
        """
        if self._has_only_tracked:
            return ()
        odd = (entry for entry in self._split() if not entry.startswith(TRACKED))
        names = map(self._read, odd)
        return tuple(name for name in names if name is not None)

    @property
    def _has_only_tracked(self) -> bool:
        """Whether every entry says so, which is seen without looking at each by itself."""
        start = TRACKED + self._prefix
        return all(
            listed.count(b"\0" + start) + listed.startswith(start) == listed.count(b"\0")
            for listed in self._listed
        )

    @cached_property
    def has_attributes(self) -> bool:
        """Whether there may be a file that tells Git to convert others."""
        return any(_ATTRIBUTES in listed for listed in self._listed)

    def add(self, listed: bytes) -> FileListing:
        """Return a listing with more files."""
        return FileListing(os.fsdecode(self._prefix), *self._listed, listed)

    def list_names(self, places: Collection[str] = ()) -> Iterator[str]:
        """Yield the paths of all files, or of those that are or are in some entries of the folder.

        They are relative to the ledger's folder; what is not tracked and begins with a dot, or is
        in a folder that does, is left out.
        """
        for entry in self._list_entries({os.fsencode(place) for place in places}):
            name = self._read(entry)
            if name is not None:
                yield name

    def _list_entries(self, places: Collection[bytes]) -> Iterator[bytes]:
        if 0 < len(places) <= _FEW:
            for place in sorted(places):
                yield from self._find_entries(self._prefix + place)
            return
        for entry in self._split():
            if not places or entry[self._skip :].partition(b"/")[0] in places:
                yield entry

    def _split(self) -> Iterator[bytes]:
        return (entry for listed in self._listed for entry in listed.split(b"\0") if entry)

    def _find_entries(self, path: bytes) -> Iterator[bytes]:
        for listed in self._listed:
            for wanted in (path + b"\0", path + b"/"):
                start = find_path(listed, wanted.removesuffix(b"\0"))
                while listed.startswith(wanted, start + len(TRACKED)):
                    end = listed.index(b"\0", start)
                    yield listed[start:end]
                    start = end + 1

    def _read(self, entry: bytes) -> str | None:
        """Return the path; None if it is not tracked and its name begins with a dot."""
        name = os.fsdecode(entry[self._skip :])
        is_hidden = entry.startswith(_NEW.encode()) and (name.startswith(".") or "/." in name)
        return None if is_hidden else name


def find_path(listed: bytes, path: bytes) -> int:
    """Return where a path begins in what Git listed, or what comes after it."""
    low, high = 0, len(listed)
    while low < high:
        start = listed.rfind(b"\0", low, (low + high) // 2) + 1 or low
        end = listed.index(b"\0", start)
        if listed[start + len(TRACKED) : end] < path:
            low = end + 1
        else:
            high = start
    return low
