"""The audit of the history: which commits altered or removed what was recorded.

Each commit is compared with its first parent. A file that cannot be read in some commit is
compared across it: with what it held when it could be read last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from ledger.check import sort_problems
from ledger.errors import LedgerError, Problem, Severity, SourcePosition
from ledger.files.customer import CustomerFolder
from ledger.files.source import Blob, RevisionFiles
from ledger.git import GitRepository
from ledger.history.changed_history import CHANGED_HISTORY, find_changed_records
from ledger.history.commits import (
    Commit,
    Step,
    describe_commits,
    is_cut_between,
    list_commits,
    walk_steps,
)
from ledger.history.comparison import (
    Comparison,
    find_terms_problems,
    read_customers,
    read_organizations,
)
from ledger.text import make_printable, shorten_id


@dataclass(frozen=True, slots=True)
class Finding:
    """A commit that altered or removed recorded facts, or the text of a record."""

    commit: Commit
    problems: tuple[Problem, ...]

    @property
    def is_error(self) -> bool:
        """Whether it altered more than free text."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


class AuditedRange(NamedTuple):
    """The commits of an audit, oldest first, and the one that they lead to."""

    commits: tuple[str, ...]
    head: str


def choose_commits(repository: GitRepository, head: str, start: str | None) -> AuditedRange:
    """Return the first-parent history up to ``head``, from after ``start`` or from the beginning.

    Raises:
        LedgerError: part of it was not fetched.
    """
    known = [] if start is None else [start]
    if is_cut_between(repository, [head], known):
        raise LedgerError(
            "this clone is too shallow: it lacks the older history",
            "fetch all of it: `git fetch --unshallow`, or `fetch-depth: 0` in CI",
        )
    commits = list_commits(repository, "--first-parent", head, *(f"^{item}" for item in known))
    return AuditedRange(tuple(commits), head)


def audit(
    repository: GitRepository,
    prefix: str,
    audited: AuditedRange,
    on_commit: Callable[[str], None] | None = None,
) -> Iterator[Finding]:
    """Yield the commits that altered or removed something below ``prefix``, oldest first.

    ``on_commit`` is called after each commit with its id, to show progress.
    """
    auditor = _Auditor(repository, prefix)
    walked = walk_steps(repository, audited.commits, prefix, first_parent=True)
    steps = {step.commit: step for step in walked}
    commits = describe_commits(repository, steps)
    for commit in audited.commits:
        if commit in steps:
            problems = auditor.compare(steps[commit], commits[commit])
            if problems:
                yield Finding(commits[commit], problems)
        if on_commit is not None:
            on_commit(commit)
    yield from auditor.report_unreadable(audited.head)


class _Auditor:
    """Compares commit after commit and remembers which files could not be read."""

    def __init__(self, repository: GitRepository, prefix: str) -> None:
        self._repository = repository
        self._prefix = prefix
        self._last_readable: dict[str, Blob | None] = {}

    def compare(self, step: Step, commit: Commit) -> tuple[Problem, ...]:
        """Return what a commit altered or removed."""
        before = {
            change.path: self._last_readable.pop(change.path, change.before[0])
            for change in step.changes
        }
        compared = self._open(commit, before, {each.path: each.after for each in step.changes})
        customers = list(read_customers(compared))
        if unreadable := _find_unreadable(compared, customers):
            self._last_readable.update((path, before[path]) for path in unreadable)
            readable = tuple(path for path in compared.paths if path not in unreadable)
            compared = compared._replace(paths=readable)
            customers = list(read_customers(compared))
        day = date.fromisoformat(commit.committed.partition("T")[0])
        problems = list(find_terms_problems(compared, day))
        for then, now in customers:
            problems += find_changed_records(then, now, compared.base_name)
        return sort_problems(problems)

    def report_unreadable(self, head: str) -> Iterator[Finding]:
        """Yield the files that are unreadable up to the last commit, so were not compared."""
        problems = [
            Problem(
                CHANGED_HISTORY,
                SourcePosition(make_printable(self._prefix + path)),
                "it cannot be read, so what it holds now is compared with nothing",
                "mend it; `punchcard check` says what is wrong",
            )
            for path in sorted(self._last_readable)
        ]
        if problems:
            yield Finding(describe_commits(self._repository, [head])[head], tuple(problems))

    def _open(
        self, commit: Commit, before: Mapping[str, Blob | None], after: Mapping[str, Blob | None]
    ) -> Comparison:
        parent = commit.parents[0] if commit.parents else None
        sides = ((parent, before), (commit.id, after))

        def open_side(commit_id: str | None, blobs: Mapping[str, Blob | None]) -> RevisionFiles:
            present = {path: blob for path, blob in blobs.items() if blob is not None}
            return RevisionFiles(self._repository, self._prefix, commit_id, present)

        def open_whole() -> Comparison:
            base, head = (
                open_side(item, {**self._list_blobs(item), **blobs}) for item, blobs in sides
            )
            return compared._replace(base=base, head=head, open_whole=None)

        compared = Comparison(
            base=open_side(*sides[0]),
            head=open_side(*sides[1]),
            paths=tuple(sorted(before)),
            base_name="nothing" if parent is None else shorten_id(parent),
            open_whole=open_whole,
        )
        return compared

    def _list_blobs(self, commit: str | None) -> Mapping[str, Blob]:
        return {} if commit is None else self._repository.open_commit(commit, self._prefix).blobs


def _find_unreadable(
    compared: Comparison, customers: Sequence[tuple[CustomerFolder, CustomerFolder]]
) -> set[str]:
    unreadable = {path for _then, now in customers for path in now.partial_files}
    if "terms.yml" in compared.paths:
        _base, head = read_organizations(compared)
        if "terms" in head.incomplete_kinds:
            unreadable.add("terms.yml")
    return unreadable
