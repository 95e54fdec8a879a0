"""The files of a ledger's folder as Git lists them.

What Git says is kept as it said it: of a large ledger nearly all names are never looked at by
themselves, and one is found by its place in the order. Where enough is known of what Git would say,
it is not asked before somebody wants a name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

_ATTRIBUTES = b".gitattributes"
TRACKED = b"H "
"""How Git marks what it knows, and looks at."""
_NEW = "? "
_FEW = 8


class KnownListing(NamedTuple):
    """What is known of an index without a listing.

    Git looks at all that the index has in the ledger's folder, and no attributes are among it.

    Attributes:
        index_id: which one; see ``GitRepository.identify_index``.
        commit: one that has the same in the folder; empty if none is known.
        places: all that is listed of some entries of the folder.
    """

    index_id: str
    commit: str
    places: Mapping[str, Sequence[str]]


class FileListing:
    """The files that Git knows or does not ignore, as ``git ls-files -z -v`` tells them."""

    def __init__(
        self,
        prefix: str,
        list_tracked: Callable[[], bytes],
        known: KnownListing | None = None,
        new: Sequence[bytes] = (),
    ) -> None:
        """Take what Git says.

        Args:
            prefix: from the root of the work tree to the ledger's folder, with a ``/`` at its end.
            list_tracked: returns what Git tracks, in the order of the paths' bytes; called once, or
                never.
            known: what is known of that.
            new: what it does not track; each in the same order.
        """
        self.known = known
        self._list_tracked = list_tracked
        self._new = new
        self._prefix = os.fsencode(prefix)
        self._skip = len(TRACKED) + len(self._prefix)

    @cached_property
    def tracked(self) -> bytes:
        """What Git tracks, as it says it."""
        return self._list_tracked()

    @cached_property
    def is_plain(self) -> bool:
        """Whether Git looks at all that it tracks, and none of it tells it to convert others."""
        if self.known is not None:
            return True
        return _has_only_tracked(self.tracked, self._prefix) and _ATTRIBUTES not in self.tracked

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
        return any(_ATTRIBUTES in listed for listed in self._odd)

    def add(self, listed: bytes) -> FileListing:
        """Return a listing with more files that are not tracked."""
        prefix = os.fsdecode(self._prefix)
        return FileListing(prefix, lambda: self.tracked, self.known, (*self._new, listed))

    def list_names(self, places: Collection[str] = ()) -> Iterator[str]:
        """Yield the paths of all files, or of those that are or are in some entries of the folder.

        They are relative to the ledger's folder; what is not tracked and begins with a dot, or is
        in a folder that does, is left out.
        """
        known = self._find_known(places)
        yield from known or ()
        parts = self._new if known is not None else (self.tracked, *self._new)
        wanted = {os.fsencode(place) for place in places}
        for listed in parts:
            for entry in self._find_entries(listed, wanted):
                name = self._read(entry)
                if name is not None:
                    yield name

    def _find_known(self, places: Collection[str]) -> list[str] | None:
        """Return what is tracked at some places, if that is known without asking Git."""
        if not places or self.known is None or not {*places} <= self.known.places.keys():
            return None
        return [name for place in sorted(places) for name in self.known.places[place]]

    @property
    def _odd(self) -> Sequence[bytes]:
        """What may hold files that are not as most are."""
        return self._new if self.is_plain else (self.tracked, *self._new)

    def _find_entries(self, listed: bytes, places: Collection[bytes]) -> Iterator[bytes]:
        if 0 < len(places) <= _FEW:
            for place in sorted(places):
                yield from _find_place(listed, self._prefix + place)
            return
        for entry in _split(listed):
            if not places or entry[self._skip :].partition(b"/")[0] in places:
                yield entry

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


def _has_only_tracked(listed: bytes, prefix: bytes) -> bool:
    """Whether every entry says so, which is seen without looking at each by itself."""
    start = TRACKED + prefix
    return listed.count(b"\0" + start) + listed.startswith(start) == listed.count(b"\0")


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
