"""The audit of the history: which commits altered or removed what was recorded.

Each commit is compared with its first parent. A file that cannot be read in some commit is
compared across it: with what it held when it could be read last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ledger.check import sort_problems
from ledger.errors import LedgerError, Problem, Severity, SourcePosition
from ledger.git import Blob, GitRepository, RevisionFiles
from ledger.history.changed_history import CHANGED_HISTORY
from ledger.history.commits import (
    Commit,
    describe_commits,
    is_cut_between,
    list_commits,
    list_file_changes,
)
from ledger.history.comparison import (
    Comparison,
    find_history_problems,
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


def choose_commits(repository: GitRepository, head: str, start: str | None) -> list[str]:
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
    return list_commits(repository, "--first-parent", head, *(f"^{item}" for item in known))


def audit(
    repository: GitRepository,
    prefix: str,
    commits: list[str],
    on_commit: Callable[[str], None] | None = None,
) -> Iterator[Finding]:
    """Yield which of ``commits`` altered or removed something below ``prefix``, oldest first.

    The commits are a first-parent history. ``on_commit`` is called after each with its id, to show
    progress.
    """
    changes = list_file_changes(repository, commits, prefix, first_parent=True)
    described = describe_commits(repository, [*changes, *commits[-1:]])
    readable: Mapping[str, Blob] | None = None  # What each file held when it could be read last.
    unreadable: set[str] = set()
    for commit_id in commits:
        if commit_id in changes:
            commit = described[commit_id]
            parent = next(iter(commit.parents), None)
            if readable is None:
                readable = {} if parent is None else repository.open_commit(parent, prefix).blobs
            after = {change.path: change.after for change in changes[commit_id]}
            now = {path: blob for path, blob in {**readable, **after}.items() if blob is not None}
            compared = Comparison(
                RevisionFiles(repository, prefix, parent, readable),
                RevisionFiles(repository, prefix, commit_id, now),
                tuple(sorted(after)),
                "nothing" if parent is None else shorten_id(parent),
            )
            broken = _find_unreadable(compared)
            kept = {path: blob for path, blob in readable.items() if path in broken}
            readable = {path: blob for path, blob in now.items() if path not in broken} | kept
            unreadable = unreadable.difference(after) | broken
            compared = compared._replace(paths=tuple(sorted(after.keys() - broken)))
            day = date.fromisoformat(commit.committed.partition("T")[0])
            if problems := sort_problems(find_history_problems(compared, day)):
                yield Finding(commit, problems)
        if on_commit is not None:
            on_commit(commit_id)
    if unreadable:
        message = "it cannot be read, so what it holds now is compared with nothing"
        hint = "mend it; `punchcard check` says what is wrong"
        places = [SourcePosition(make_printable(prefix + path)) for path in sorted(unreadable)]
        yield Finding(
            described[commits[-1]],
            tuple(Problem(CHANGED_HISTORY, place, message, hint) for place in places),
        )


def _find_unreadable(compared: Comparison) -> set[str]:
    """Return which of the files that differ cannot be read, or not all of them."""
    found = {path for _then, now in read_customers(compared) for path in now.partial_files}
    if (
        "terms.yml" in compared.paths
        and "terms" in read_organizations(compared)[1].incomplete_kinds
    ):
        found.add("terms.yml")
    return found.intersection(compared.paths)
