"""Where a customer's records come from: the commit that brought each, and the last that changed it.

Records are followed by their names through all versions of the customer's files, not by lines:
a record that was moved or reformatted keeps its origin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.files.layout import Misplaced, place_file
from ledger.files.reader import FileReader
from ledger.files.source import Blob, LedgerFile
from ledger.git import GitRepository
from ledger.history.commits import (
    Commit,
    describe_commits,
    is_cut_between,
    limit_to,
    list_commits,
    walk_steps,
)
from ledger.ledger import Ledger
from ledger.models import Record


class Origin(NamedTuple):
    """Where a record comes from.

    Attributes:
        brought: the commit in which it first appeared.
        changed: the last commit that changed it; None if none did.
        record: the record as that commit left it.
    """

    brought: Commit
    changed: Commit | None
    record: Record


class _Trace(NamedTuple):
    """An origin with the ids of its commits."""

    brought: str
    changed: str | None
    record: Record


def find_commits(ledger: Ledger, slug: str) -> Mapping[str, str | None]:
    """Return the commit that brought each of a customer's records, by the record's name.

    A record that is not committed yet is not among them.

    Raises:
        LedgerError: part of the history was not fetched.
    """
    repository = ledger.repository
    commit = ledger.commit
    if repository is None or commit is None:
        return {}
    prefix = ledger.files.prefix
    origins = find_origins(repository, commit, f"{prefix}{slug}/", prefix)
    return {name: origin.brought.id for name, origin in origins.items()}


def find_origins(
    repository: GitRepository, commit: str, place: str, prefix: str
) -> Mapping[str, Origin]:
    """Return the origin of each record, by its name, in the history of ``commit``.

    ``place`` is the folder or file to look at, ``prefix`` the ledger's folder, both from the root
    of the work tree.

    Raises:
        LedgerError: part of the history was not fetched.
    """
    if is_cut_between(repository, [commit], ()):
        raise LedgerError(
            "this clone is too shallow to say where records come from",
            "fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` in CI",
        )
    commits = list_commits(repository, commit, "--full-history", *limit_to(place))
    traces: dict[str, _Trace] = {}
    for step in walk_steps(repository, commits, prefix, place):
        for change in step.changes:
            before = [read_records(repository, blob) for blob in change.before]
            for name, record in read_records(repository, change.after).items():
                known = traces.get(name)
                if known is None:
                    traces[name] = _Trace(step.commit, None, record)
                elif known.record != record and all(old.get(name) != record for old in before):
                    traces[name] = known._replace(changed=step.commit, record=record)
    ids = [item for trace in traces.values() for item in trace[:2] if item is not None]
    described = describe_commits(repository, ids)
    return {
        name: Origin(
            described[trace.brought],
            None if trace.changed is None else described[trace.changed],
            trace.record,
        )
        for name, trace in traces.items()
    }


def read_records(repository: GitRepository, blob: Blob | None) -> Mapping[str, Record]:
    """Return the records of a version of a customer's file by their names.

    Names are like ``P1``, ``ACME-12`` and ``2026-11-alice/03-1``; there are none in a file that is
    not a customer's, or that was not there.
    """
    place = None if blob is None else place_file(blob.file.path)
    if blob is None or not blob.is_file or place is None or isinstance(place, Misplaced):
        return {}
    if place.kind not in {"request", "time", "purchases", "adjustments"}:
        return {}
    content = repository.read_objects([blob.object_id])[blob.object_id]
    read = FileReader(_OneFile(blob.file, content)).read(blob.file, place.kind)
    if place.kind == "request":
        return dict(zip([place.name], read.records, strict=False))
    start = f"{place.name}/" if place.kind == "time" else ""
    return {f"{start}{record.id}": record for record in read.records}


class _OneFile:
    """A file's content as the only file of a ledger; see ``ledger.files.source.LedgerFiles``."""

    prefix = ""

    def __init__(self, file: LedgerFile, content: bytes) -> None:
        self._file = file
        self._content = content

    def list_files(self, under: Sequence[str] = ()) -> list[LedgerFile]:
        del under
        return [self._file]

    def read(self, path: str) -> bytes:
        del path
        return self._content
