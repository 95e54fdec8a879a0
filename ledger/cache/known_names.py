"""The names in customers' folders that were compared before, so that they need not be read again.

Whoever adds, removes or renames a file changes the times of the folder that it is in; and that of
a folder's last change (ctime) nobody can set. So where folders are the same and have the same times
as when their names were those of a listing, the names are still those. Git's untracked cache rests
on the same (gitformat-index(5), "Untracked cache"). Of what is in the files it is no proof.

The listing itself is known where Git's index is the one that it was told from: then Git need not be
asked for it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ledger.cache.folder_times import tells_of_changes
from ledger.cache.kept_files import KeptFiles
from ledger.cache.tracked_files import KnownListing

_SETTLED_NS = 2_000_000_000
"""Times go in steps: a folder may change again within the step of its last change."""
_DIGEST_BYTES = 16

_Stamp = list[int]
"""What tells a folder from others, and from itself before a change."""

_Stamps = dict[str, _Stamp]
"""The stamps of folders by path."""


class KnownNames:
    """What was listed of each customer's folder when its names on disk were those."""

    def __init__(self, files: KeptFiles, folder: Path, now_ns: int) -> None:
        """Load what is known.

        Args:
            files: where it is kept.
            folder: the ledger's folder.
            now_ns: a time before any of it is looked at, in nanoseconds since the epoch.
        """
        self._files = files
        self._folder = f"{os.path.realpath(folder)}/"
        self._settled = now_ns - _SETTLED_NS
        self._name = hashlib.sha256(os.fsencode(self._folder)).hexdigest()[:40]
        self._device = _find_device(self._folder)
        self._tells = tells_of_changes(self._device)
        self._listing, self._known = self._load() if self._tells else (None, {})
        self._still_known: dict[str, Any] = {}
        self._seen: dict[str, _Stamps] = {}
        self._found: dict[str, Any] = {}

    def find_listing(self, index_id: str) -> KnownListing | None:
        """Return what is known of an index; None if it was another at the last check.

        Args:
            index_id: see ``GitRepository.identify_index``.
        """
        known = self._listing
        return known if known is not None and index_id and known.index_id == index_id else None

    def is_unchanged(self, slug: str) -> bool:
        """Whether a customer's names are as they were listed from the index of the last check."""
        try:
            _length, _digest, stamps = self._known[slug]
            is_same = slug in stamps and self._have_stamps(stamps)
        except (KeyError, TypeError, ValueError, AttributeError, OSError):
            return False
        if is_same:
            self._still_known[slug] = self._known[slug]
        return is_same

    def match(self, slug: str, listed: bytes, start: int) -> int | None:
        """Return the end of what is listed of a customer if the names on disk are known to be that.

        Args:
            slug: the customer.
            listed: what Git listed.
            start: where the customer begins there.
        """
        try:
            length, digest, stamps = self._known[slug]
            end: int = start + length
            is_listed = slug in stamps and digest == _digest(listed[start:end])
            if is_listed and self._have_stamps(stamps):
                self._still_known[slug] = self._known[slug]
                return end
        except (KeyError, TypeError, ValueError, AttributeError, OSError):
            pass
        return None

    def see(self, slug: str, folder: str) -> None:
        """Take the stamp of a folder of which the names are read next.

        Args:
            slug: whose it is.
            folder: its path in the ledger's folder.

        Raises:
            OSError: it is not there.
        """
        if self._tells:
            self._seen.setdefault(slug, {})[folder] = self._stamp(folder)

    def note(self, slug: str, listed: bytes) -> None:
        """Take in that the names that were read of a customer are those listed."""
        stamps = self._seen.get(slug, {})
        if slug in stamps and all(map(self._is_sure, stamps.values())):
            self._found[slug] = [len(listed), _digest(listed), stamps]

    def save(self, listing: KnownListing | None) -> None:
        """Keep what came in.

        Args:
            listing: that of the index which all names were held against; None if it is not certain
                which one that was, or not all that it must be.
        """
        if not self._tells:
            return
        if self._found or listing != self._listing:
            customers = self._still_known | self._found
            self._files.write(self._name, {"listing": listing, "customers": customers})
        else:
            self._files.touch(self._name)

    def _load(self) -> tuple[KnownListing | None, Mapping[str, Any]]:
        data = self._files.read(self._name)
        customers = data.get("customers") if isinstance(data, dict) else None
        if not isinstance(customers, dict):
            return None, {}
        return _read_listing(data.get("listing")), customers

    def _have_stamps(self, stamps: _Stamps) -> bool:
        return all(self._stamp(place) == each for place, each in stamps.items())

    def _stamp(self, folder: str) -> _Stamp:
        status = os.lstat(self._folder + folder)
        return [status.st_ctime_ns, status.st_mtime_ns, status.st_dev, status.st_ino]

    def _is_sure(self, stamp: _Stamp) -> bool:
        """Whether a folder is one whose times tell, and will be others after its next change."""
        changed, _modified, device, _inode = stamp
        return changed < self._settled and device == self._device


def _find_device(folder: str) -> int:
    try:
        return os.lstat(folder).st_dev
    except OSError:
        return 0


def _read_listing(data: Any) -> KnownListing | None:
    try:
        index_id, commit, places = data
        is_whole = all(type(name) is str for names in places.values() for name in names)
    except (TypeError, ValueError, AttributeError):
        return None
    is_whole = is_whole and type(index_id) is str and type(commit) is str
    return KnownListing(index_id, commit, places) if is_whole else None


def _digest(listed: bytes) -> str:
    return hashlib.blake2b(listed, digest_size=_DIGEST_BYTES).hexdigest()
