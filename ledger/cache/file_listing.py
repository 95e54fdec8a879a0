"""The files of a ledger's folder: those that Git tracks, and new ones that it does not ignore."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

from ledger.cache.tracked_files import ATTRIBUTES, TRACKED, TrackedFiles, find_path

_NEW = b"? "
_FEW = 8


class FileListing:
    """The files that Git tracks or does not ignore, as ``git ls-files -z -v`` tells them."""

    def __init__(self, tracked: TrackedFiles, new: Sequence[bytes] = ()) -> None:
        """Take what Git says.

        Args:
            tracked: what it tracks.
            new: what it does not; each in the order of the paths' bytes.
        """
        self._tracked = tracked
        self._new = new
        self._skip = len(TRACKED) + len(tracked.prefix)

    @cached_property
    def unsure(self) -> tuple[str, ...]:
        """What may differ from the last commit without Git's noticing.

        That are files that are not tracked, and those that it was told not to look at.
        """
        entries = (entry for listed in self._odd for entry in _split(listed))
        names = (self._read(entry) for entry in entries if not entry.startswith(TRACKED))
        return tuple(name for name in names if name is not None)

    @cached_property
    def has_attributes(self) -> bool:
        """Whether there may be a file that tells Git to convert others."""
        return any(ATTRIBUTES in listed for listed in self._odd)

    def add(self, listed: bytes) -> FileListing:
        """Return a listing with more files that are not tracked."""
        return FileListing(self._tracked, (*self._new, listed))

    def list_names(self, places: Collection[str] = ()) -> Iterator[str]:
        """Yield the paths of all files, or of those that are or are in some entries of the folder.

        They are relative to the ledger's folder; what is not tracked and begins with a dot, or is
        in a folder that does, is left out.
        """
        known = self._tracked.find_known(places)
        yield from known or ()
        parts = self._new if known is not None else (self._tracked.listed, *self._new)
        wanted = {os.fsencode(place) for place in places}
        for listed in parts:
            for entry in self._find_entries(listed, wanted):
                name = self._read(entry)
                if name is not None:
                    yield name

    @property
    def _odd(self) -> Sequence[bytes]:
        """What may hold files that are not as most are."""
        return self._new if self._tracked.is_plain else (self._tracked.listed, *self._new)

    def _find_entries(self, listed: bytes, places: Collection[bytes]) -> Iterator[bytes]:
        if 0 < len(places) <= _FEW:
            for place in sorted(places):
                yield from _find_place(listed, self._tracked.prefix + place)
            return
        for entry in _split(listed):
            if not places or entry[self._skip :].partition(b"/")[0] in places:
                yield entry

    def _read(self, entry: bytes) -> str | None:
        """Return the path; None if it is not tracked and its name begins with a dot."""
        name = os.fsdecode(entry[self._skip :])
        is_hidden = entry.startswith(_NEW) and (name.startswith(".") or "/." in name)
        return None if is_hidden else name


def _find_place(listed: bytes, path: bytes) -> Iterator[bytes]:
    """Yield the entries of a path, a file or a folder, and those in it."""
    for wanted in (path + b"\0", path + b"/"):
        start = find_path(listed, wanted.removesuffix(b"\0"))
        while listed.startswith(wanted, start + len(TRACKED)):
            end = listed.index(b"\0", start)
            yield listed[start:end]
            start = end + 1


def _split(listed: bytes) -> Iterator[bytes]:
    return (entry for entry in listed.split(b"\0") if entry)
