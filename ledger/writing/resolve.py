"""Merges the files that Git has left in conflict, from what its index knows of both sides."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from ledger.git import GitRepository, literal_path
from ledger.writing.commit import update_index
from ledger.writing.files import LOCK_NAME, hold_lock, replace_file
from ledger.writing.merge import merge_files

_BY_HAND = "it has no marker lines any more; `git add` it if it is right"
_NO_RECORDS = "it holds no records; merge it by hand, and `git add` it"
_REMOVED = "one side removed this file, and the other changed it; `git add` or `git rm` it"


class Resolved(NamedTuple):
    """What became of a file in conflict; it is merged if there are no ``conflicts`` any more."""

    path: str
    conflicts: tuple[str, ...]


def resolve_conflicts(repository: GitRepository, root: Path, folder: str) -> list[Resolved]:
    """Merge the files in conflict at or below a folder, record by record; stage what is merged.

    A file of which both sides' records stay in conflict gets them whole, between marker lines.

    Raises:
        LedgerError: a file cannot be written.
    """
    with hold_lock(repository.git_folder / LOCK_NAME):
        listing = repository.run("ls-files", "-z", "--unmerged", "--", literal_path(folder))
        sides: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
        for line in filter(None, os.fsdecode(listing).split("\0")):
            description, _tab, path = line.partition("\t")
            mode, object_id, stage = description.split()
            sides[path][stage] = mode, object_id
        return [
            Resolved(path, _resolve(repository, root, path, stages))
            for path, stages in sorted(sides.items())
        ]


def _resolve(
    repository: GitRepository, root: Path, path: str, stages: dict[str, tuple[str, str]]
) -> tuple[str, ...]:
    if not path.endswith(".yml"):
        return (_NO_RECORDS,)
    if not {"2", "3"} <= stages.keys() or any(mode[:3] != "100" for mode, _ in stages.values()):
        return (_REMOVED,)
    there = (root / path).read_bytes() if (root / path).is_file() else None
    if there is not None and not any(line.startswith(b"<<<<<<<") for line in there.splitlines()):
        return (_BY_HAND,)
    contents = [
        repository.read_object(stages[stage][1]) if stage in stages else b"" for stage in "123"
    ]
    merged = merge_files(*contents)
    replace_file(root / path, merged.content, there)
    if not merged.conflicts:
        blob = repository.run("hash-object", "-w", "--stdin", stdin=merged.content).decode().strip()
        entry = f"{stages['2'][0]} {blob}\t{path}\0"
        update_index(repository.run, f"0 {'0' * len(blob)}\t{path}\0{entry}")
    return merged.conflicts
