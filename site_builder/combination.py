"""Puts the parts of the portals together: the folder that one build of all would have made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from ledger.errors import LedgerError
from ledger.reading.file_layout import is_slug
from ledger.workers import run_on_all_cores
from site_builder.file_digests import digest_portal, list_digests
from site_builder.file_links import share_file
from site_builder.output_folder import (
    MANIFEST_NAME,
    Manifest,
    PortalRecord,
    carry_over,
    explaining_write_errors,
    read_manifest,
    refuse_foreign_entries,
    refuse_published,
    stage_folder,
    swap_in,
)
from site_builder.output_lock import lock_output
from site_builder.part_record import PartRecord, require_whole

_PORTALS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts that make a whole.

    Attributes:
        places: where each portal lies, by customer.
        digests: of each portal, by customer.
        whole: the manifest of all.
    """

    places: Mapping[str, Path]
    digests: Mapping[str, str]
    whole: Manifest


def read_parts(folders: Sequence[Path]) -> Parts:
    """Return the parts that builds with a shard have made in ``folders``.

    Raises:
        LedgerError: a folder is no part, or they do not make a whole.
    """
    places, digests = {}, {}
    portals: dict[str, PortalRecord] = {}
    records: dict[str, PartRecord] = {}
    for folder in folders:
        manifest = read_manifest(folder)
        records[str(folder)] = part = _require_part(folder, manifest)
        portals.update(manifest.portals)
        places.update({slug: folder.resolve() / slug for slug in manifest.portals})
        digests.update({slug: each.digest for slug, each in part.customers.items()})
    require_whole(records)
    return Parts(places, digests, Manifest(MappingProxyType(portals)))


def combine_parts(
    parts: Parts,
    output: Path,
    jobs: int = 1,
    on_customer: Callable[[str], None] | None = None,
) -> None:
    """Put the portals of all parts into ``output``, or leave that as it was.

    Args:
        parts: what to put there.
        output: a folder that is missing, empty or ours.
        jobs: how many processes to use.
        on_customer: called after each portal with its customer's name, to show progress.

    Raises:
        LedgerError: a portal is not as it was built, or the output folder is somebody else's.
    """
    output, slugs = output.resolve(), tuple(parts.places)
    refuse_published(output)
    with lock_output(output):
        before = read_manifest(output)
        _refuse_part(output, before)
        refuse_foreign_entries(output, before, slugs)
        with explaining_write_errors(output), stage_folder(output) as staged:
            bring = _Carrier(parts, staged).bring
            for slug in run_on_all_cores(bring, slugs, jobs, _PORTALS_AT_ONCE):
                if on_customer is not None:
                    on_customer(slug)
            (staged / MANIFEST_NAME).write_text(parts.whole.to_json(), encoding="utf-8")
            carry_over(output, staged, set(slugs), dropped=set(before.portals))
            swap_in(staged, output)


def _require_part(folder: Path, manifest: Manifest) -> PartRecord:
    part = manifest.part
    if part is None:
        raise LedgerError(
            f"{folder} is no part of the portals",
            "`punchcard portal build --shard 1/8` builds one",
        )
    with_portal = {slug for slug, each in part.customers.items() if each.digest}
    if with_portal != manifest.portals.keys() or not all(map(is_slug, part.customers)):
        raise LedgerError(f"the manifest of {folder} does not agree with itself", "build it again")
    return part


def _refuse_part(output: Path, before: Manifest) -> None:
    if before.part is not None:
        raise LedgerError(
            f"{output} holds part {before.part.shard} of the portals",
            "choose another folder with --output",
        )


class _Carrier:
    """Puts portals where they belong, one after the other."""

    def __init__(self, parts: Parts, staged: Path) -> None:
        self._parts = parts
        self._staged = staged
        self._first_places: dict[str, Path] = {}

    def bring(self, slug: str) -> str:
        """Bring one portal, if it is as it was built.

        Raises:
            LedgerError: it is not.
        """
        source = self._parts.places[slug]
        found = list_digests(source)
        if digest_portal(found) != self._parts.digests[slug]:
            raise LedgerError(f"{source} is not as it was built", "bring or build this part again")
        for name, digest in found.items():
            target = self._staged / slug / name
            first = self._first_places.setdefault(digest, target) if _is_shared(name) else target
            # What all portals share may have come as a copy each; here it lies only once.
            share_file(source / name if first is target else first, target)
        return slug


def _is_shared(name: str) -> bool:
    return name.startswith("assets/")
