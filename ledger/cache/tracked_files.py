"""The files of a ledger's folder that Git tracks, as it lists them, and what is known of them.

What Git says is kept as it said it: of a large ledger nearly all names are never looked at by
themselves, and one is found by its place in the order. Where enough is known of what Git would say,
it is not asked before somebody wants a name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

ATTRIBUTES = b".gitattributes"
TRACKED = b"H "
"""How Git marks what it tracks, and looks at."""


class KnownListing(NamedTuple):
    """What is known of an index without a listing.

    Git looks at all that the index has in the ledger's folder, and no attributes are among it.

    Attributes:
        index_id: which one; see ``GitRepository.identify_index``.
        commit: one that has the same in the folder; empty if that of the look had something else.
        places: all that is listed of some entries of the folder.
    """

    index_id: str
    commit: str
    places: Mapping[str, Sequence[str]]


class TrackedFiles:
    """What ``git ls-files -z -v`` says, asked when somebody wants it."""

    def __init__(
        self, prefix: str, list_: Callable[[], bytes], known: KnownListing | None = None
    ) -> None:
        """Take what there is to ask.

        Args:
            prefix: from the root of the work tree to the ledger's folder, with a ``/`` at its end.
            list_: returns what Git says, in the order of the paths' bytes; called once, or never.
            known: what is known of that.
        """
        self.known = known
        self.prefix = os.fsencode(prefix)
        self._list = list_

    @cached_property
    def listed(self) -> bytes:
        """What Git says."""
        return self._list()

    @cached_property
    def is_plain(self) -> bool:
        """Whether Git looks at all that it tracks, and none of it tells it to convert others."""
        return self.known is not None or (self._has_only_tracked and ATTRIBUTES not in self.listed)

    def find_known(self, places: Collection[str]) -> list[str] | None:
        """Return what is listed of some entries of the folder; None if Git must be asked."""
        if not places or self.known is None or not {*places} <= self.known.places.keys():
            return None
        return [name for place in sorted(places) for name in self.known.places[place]]

    @property
    def _has_only_tracked(self) -> bool:
        """Whether every entry says so, which is seen without looking at each by itself."""
        start = TRACKED + self.prefix
        count = self.listed.count(b"\0" + start) + self.listed.startswith(start)
        return count == self.listed.count(b"\0")


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
