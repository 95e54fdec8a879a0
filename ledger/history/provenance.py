"""Where a customer's records come from: the commit that brought each, and the last that changed it.

Records are followed by their identity through all versions of the customer's files, not by lines:
a record that was moved or reformatted keeps its origin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.git import GitRepository
from ledger.history.git_history import (
    Commit,
    FileChange,
    Step,
    describe_commits,
    is_cut_between,
    limit_to,
    list_commits,
    walk_steps,
)
from ledger.history.record_versions import RecordVersions
from ledger.ledger import Ledger
from ledger.models import Record

_STEPS_AT_ONCE = 500


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


class _Trace(NamedTuple):
    brought: str
    changed: str | None
    record: Record


def find_origins(
    repository: GitRepository, commit: str, place: str, prefix: str
) -> Mapping[str, Origin]:
    """Return the origin of each record, by its name, in the history of ``commit``.

    Args:
        repository: whose history.
        commit: the commit to begin at.
        place: a folder or file to look at, from the root of the work tree.
        prefix: the ledger's folder.

    Raises:
        LedgerError: part of the history was not fetched.
    """
    if is_cut_between(repository, [commit], ()):
        raise LedgerError(
            "this clone is too shallow to say where records come from",
            "fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` in CI",
        )
    commits = list_commits(repository, commit, "--full-history", *limit_to(place))
    steps = list(walk_steps(repository, commits, prefix, place))
    traces = _trace(steps, RecordVersions(repository))
    described = describe_commits(repository, _list_commits(traces.values()))
    return {
        name: Origin(
            described[trace.brought],
            None if trace.changed is None else described[trace.changed],
            trace.record,
        )
        for name, trace in traces.items()
    }


def _trace(steps: list[Step], versions: RecordVersions) -> dict[str, _Trace]:
    traces: dict[str, _Trace] = {}
    for start in range(0, len(steps), _STEPS_AT_ONCE):
        chunk = steps[start : start + _STEPS_AT_ONCE]
        versions.fetch(
            blob
            for step in chunk
            for change in step.changes
            for blob in (*change.before, change.after)
        )
        for step in chunk:
            for change in step.changes:
                _follow(traces, step.commit, change, versions)
        versions.forget()
    return traces


def _follow(
    traces: dict[str, _Trace], commit: str, change: FileChange, versions: RecordVersions
) -> None:
    before = [versions.read(blob).records for blob in change.before]
    for name, record in versions.read(change.after).records.items():
        known = traces.get(name)
        if known is None:
            traces[name] = _Trace(commit, None, record)
        elif known.record != record and all(parent.get(name) != record for parent in before):
            traces[name] = known._replace(changed=commit, record=record)


def _list_commits(traces: Iterable[_Trace]) -> list[str]:
    return [item for trace in traces for item in (trace.brought, trace.changed) if item is not None]
