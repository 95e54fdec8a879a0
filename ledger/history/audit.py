"""An audit: which commits altered or removed what was recorded.

Each commit of the first-parent history is compared with the one before, and a merge with what its
other parents had added. A file that cannot be read in some commit is compared across it: with what
it held when it could be read last. What a later commit puts back is paired with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from ledger.check import sort_problems
from ledger.errors import Problem, Severity
from ledger.files.reader import make_file_problem
from ledger.files.source import Blob, RevisionFiles
from ledger.git import GitRepository
from ledger.history.changed_history import CHANGED_HISTORY
from ledger.history.commits import (
    Commit,
    MergedSide,
    find_merged_sides,
    list_commits,
    refuse_cut,
    walk_commits,
)
from ledger.history.comparison import Comparison, find_history_problems, find_unreadable
from ledger.history.history_check import find_lost, name_subject
from ledger.text import shorten_id


@dataclass(slots=True)
class Finding:
    """What a commit altered or removed.

    Attributes:
        compared: what it was found by; nothing for what no commit can put back.
        reverts: the commit whose alterations, all that this one has, it only puts back.
        reverted_by: the commit after which all is as it was before this one.
    """

    commit: Commit
    problems: tuple[Problem, ...]
    compared: tuple[Comparison, ...] = ()
    reverts: str | None = None
    reverted_by: str | None = None

    @property
    def alters_facts(self) -> bool:
        """Whether a fact is not what it was before, or was not until a later finding's commit."""
        return any(each.severity is Severity.ERROR for each in self.problems)

    def is_put_back(self, now: RevisionFiles, day: date) -> bool:
        """Whether all that was altered is as it was before."""
        return bool(self.compared) and all(
            self.subjects.isdisjoint(
                map(name_subject, find_history_problems(each._replace(head=now), day))
            )
            for each in self.compared
        )

    @property
    def paths(self) -> set[str]:
        """The files that it was found in."""
        return {path for each in self.compared for path in each.paths}

    @property
    def subjects(self) -> set[tuple[str, str]]:
        """The records that are another now, and their files."""
        return {name_subject(problem) for problem in self.problems}


def choose_commits(repository: GitRepository, head: str, start: str | None) -> list[str]:
    """Return the first-parent history up to ``head``, from after ``start`` or from the beginning.

    A LedgerError is raised if part of it was not fetched.
    """
    known = [] if start is None else [start]
    refuse_cut(repository, [head], known, ": it lacks the older history")
    return list_commits(repository, "--first-parent", head, *(f"^{item}" for item in known))


def audit(
    repository: GitRepository,
    prefix: str,
    commits: list[str],
    on_commit: Callable[[str], None] = lambda _commit: None,
) -> list[Finding]:
    """Return which of ``commits`` altered or removed something below ``prefix``, and what.

    The commits are a first-parent history, oldest first; ``on_commit`` is called after each.
    """
    findings: list[Finding] = []
    sides: dict[str, list[MergedSide]] = {}
    for side in find_merged_sides(repository, prefix, commits, 1):
        sides.setdefault(side.merge, []).append(side)
    readable: Mapping[str, Blob] | None = None  # What each file held when it could be read last.
    unreadable: set[str] = set()
    for commit, changes in walk_commits(repository, commits, prefix, first_parent=True):
        if changes or commit.id in sides:
            parent = next(iter(commit.parents), None)
            if readable is None:
                readable = {} if parent is None else repository.open_commit(parent, prefix).blobs
            after = {change.path: change.after for change in changes}
            now = {path: blob for path, blob in {**readable, **after}.items() if blob is not None}
            head = RevisionFiles(repository.read_object, prefix, commit.id, now)
            compared = Comparison(
                RevisionFiles(repository.read_object, prefix, parent, readable),
                head,
                tuple(sorted(after)),
                "nothing" if parent is None else shorten_id(parent),
            )
            broken = find_unreadable(head, compared.paths)
            kept = {path: blob for path, blob in readable.items() if path in broken}
            readable = {path: blob for path, blob in now.items() if path not in broken} | kept
            unreadable = unreadable.difference(after) | broken
            compared = compared._replace(paths=tuple(sorted(after.keys() - broken)))
            day = date.fromisoformat(commit.committed.partition("T")[0])
            found = [
                (compared, [*find_history_problems(compared, day)]),
                *(find_lost(repository, side, head, day) for side in sides.get(commit.id, ())),
            ]
            problems = sort_problems(problem for _compared, part in found for problem in part)
            finding = Finding(commit, problems, tuple(each for each, _problems in found))
            _pair(findings, finding, head, day)
            if problems:
                findings.append(finding)
        on_commit(commit.id)
    if unreadable:
        message = "it cannot be read, so what it holds now is compared with nothing"
        hint = "mend it; `punchcard check` says what is wrong"
        files = [prefix + path for path in sorted(unreadable)]
        left = (make_file_problem(CHANGED_HISTORY, file, message, hint) for file in files)
        findings.append(Finding(commit, tuple(left)))
    return findings


def _pair(findings: list[Finding], later: Finding, now: RevisionFiles, day: date) -> None:
    """Note which findings a later commit puts back, and whether it does nothing else."""
    for earlier in reversed(findings):
        if (
            later.paths & earlier.paths
            and earlier.reverted_by is None
            and earlier.is_put_back(now, day)
        ):
            earlier.reverted_by = later.commit.id
            if later.problems and later.subjects <= earlier.subjects:
                later.reverts = earlier.commit.id
