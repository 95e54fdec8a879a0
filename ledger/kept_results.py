"""Which results of earlier checks are for a ledger as it is: those for its organization's files."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path

from ledger.cache.folder_ids import FolderIds
from ledger.cache.kept_checks import KeptChecks
from ledger.cache.kept_files import KeptFiles
from ledger.cache.known_names import KnownNames
from ledger.cache.program_digest import digest_program
from ledger.ledger_files import FolderFiles
from ledger.loader import ORGANIZATION_PLACES, Ledger

_FOLDER = "checks"
_NAMES = "names"


def open_kept_checks(ledger: Ledger, cache_folder: Path, now_ns: int) -> KeptChecks | None:
    """Return what is known of a ledger's customers, which may be nothing.

    None if nothing can be: the ledger is in no repository, or something stands beside the
    customers' folders that does not belong there.

    Args:
        ledger: the ledger.
        cache_folder: where it is kept.
        now_ns: the time, in nanoseconds since the epoch.
    """
    digest_program()  # Here, because Git may be at work already, and the ids wait for it.
    if isinstance(ledger.files, FolderFiles):
        ledger.known_names = KnownNames(
            KeptFiles(cache_folder / _NAMES), ledger.files.folder, now_ns
        )
    ids = ledger.folder_ids
    if ids is None or not ids.has_only_known:
        return None
    contents: dict[str, bytes] = {}
    for place in _list_organization(ids):
        try:
            contents[place] = ledger.files.read(place)
        except FileNotFoundError:
            continue
        except OSError:
            return None
    name = _name(contents, ledger.files.prefix, ids.hash_name)
    return KeptChecks(KeptFiles(cache_folder / _FOLDER), name)


def _list_organization(ids: FolderIds) -> Collection[str]:
    """Return the organization's files that may be there: of those on disk Git may ignore some."""
    places = ORGANIZATION_PLACES
    return places if ids.listing is None else {*places}.intersection(ids.listing.list_names(places))


def is_kept_for(kept: KeptChecks, ledger: Ledger) -> bool:
    """Whether the organization's files, as they were read, are still those of ``kept``."""
    ids = ledger.folder_ids
    if ids is None:
        return False
    if not ledger.has_read_organization:
        return True
    contents = ledger.organization.list_contents()
    return kept.name == _name(contents, ledger.files.prefix, ids.hash_name)


def _name(contents: Mapping[str, bytes], prefix: str, hash_name: str) -> str:
    hashed = hashlib.sha256(f"{digest_program()}\0{hash_name}\0{prefix}\0".encode())
    for place in ORGANIZATION_PLACES:
        content = contents.get(place)
        hashed.update(b"-" if content is None else f"{len(content)}\0".encode() + content)
    return hashed.hexdigest()[:40]
