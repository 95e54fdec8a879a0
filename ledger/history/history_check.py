"""The part of a check that compares with a base: ``changed-history`` and ``author-mismatch``.

The base is the merge base with a revision that was named, or with the target that the variables
of a CI job name. A base that cannot be found is an error, never a reason to compare with nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from ledger.check import CheckReport, sort_problems
from ledger.errors import LedgerError, Problem
from ledger.git import GitRepository
from ledger.history.authorship import find_author_mismatches
from ledger.history.commits import find_merge_bases, is_cut, list_commits, list_parents
from ledger.history.comparison import compare_files, find_history_problems
from ledger.ledger import Ledger

_TARGET_VARIABLES = ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
_PULL_REQUEST_MERGE = re.compile("refs/pull/[0-9]+/merge")
_FETCH_ALL = "check out the whole history: `fetch-depth: 0` on GitHub, `GIT_DEPTH: 0` on GitLab"


class BaseRevision(NamedTuple):
    """What to compare with, and why that.

    Attributes:
        commits: one; several where two histories have merged each other.
    """

    commits: tuple[str, ...]
    reason: str

    @property
    def commit(self) -> str:
        """The commit that stands for all."""
        return self.commits[0]


def choose_base(
    ledger: Ledger, since: str | None, environment: Mapping[str, str]
) -> BaseRevision | None:
    """Return what to compare a ledger with: by ``since``, or by the variables of a CI job.

    Raises:
        LedgerError: it cannot be found, or the ledger is in no repository.
    """
    repository = ledger.repository
    if repository is None:
        if since is None:
            return None
        raise LedgerError("the ledger is in no Git repository, so it has no history to compare")
    head = ledger.commit
    if since is not None:
        return find_base(repository, since, head)
    if head != repository.find_head():
        return None
    return find_ci_base(repository, head, environment)


def check_history(ledger: Ledger, bases: Sequence[str], as_of: date) -> list[Problem]:
    """Return what is wrong with how a ledger came from the commits ``bases`` to what it is.

    Raises:
        LedgerError: the ledger is in no repository.
    """
    repository = ledger.repository
    if repository is None:
        raise LedgerError("the ledger is in no Git repository, so it has no history to compare")
    found: dict[tuple[object, ...], Problem] = {}
    head = ledger.commit
    for base in bases:
        compared = compare_files(repository, base, ledger.files)
        for problem in find_history_problems(compared, as_of):
            said = problem.message.partition("; ")[0]  # the rest names the base
            found.setdefault((problem.position, said), problem)
    problems = list(found.values())
    if head is not None and bases:
        commits = list_commits(repository, head, *(f"^{base}" for base in bases))
        problems += find_author_mismatches(repository, compared, commits, ledger.organization)
    return problems


def add_problems(report: CheckReport, problems: list[Problem]) -> CheckReport:
    """Return a report with more problems, sorted."""
    return replace(report, problems=sort_problems([*report.problems, *problems]))


def find_base(repository: GitRepository, since: str, head: str | None) -> BaseRevision:
    """Return where ``head`` parted from the revision ``since``.

    Raises:
        LedgerError: there is no such revision, no commit to compare, or nothing in common.
    """
    tip = repository.resolve_commit(since)
    if head is None:
        raise LedgerError(
            "nothing is committed on the current branch, so it has no history to compare",
            "commit first, or leave out --since",
        )
    bases = find_merge_bases(repository, tip, head)
    if not bases:
        raise LedgerError(
            f"{since} and what is checked have no history in common",
            "name a revision that it was made from",
        )
    return BaseRevision(bases, f"where this parted from {since}")


def find_ci_base(
    repository: GitRepository, head: str | None, environment: Mapping[str, str]
) -> BaseRevision | None:
    """Return the base that a CI job's variables name; None if they name none.

    For a request it is its target; else, for a merge, what was there before it.

    Raises:
        LedgerError: it was not fetched.
    """
    if head is None:
        return None
    if target := environment.get("GITHUB_BASE_REF"):
        return _find_github_base(repository, head, target, environment)
    if target := environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME"):
        diff_base = environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", "")
        return _find_target(repository, head, target, diff_base)
    if is_ci(environment) and len(list_parents(repository, head)) > 1:
        return _find_first_parent(repository, head, "what was there before the merge")
    return None


def may_name_base(environment: Mapping[str, str]) -> bool:
    """Whether it is worth looking for a base at all: this is a job, or names a target."""
    return is_ci(environment) or any(environment.get(name) for name in _TARGET_VARIABLES)


def is_ci(environment: Mapping[str, str]) -> bool:
    """Whether this runs as a job of continuous integration."""
    return environment.get("CI", "").lower() in {"true", "1", "yes"}


def _find_github_base(
    repository: GitRepository, head: str, target: str, environment: Mapping[str, str]
) -> BaseRevision:
    is_merge = _PULL_REQUEST_MERGE.fullmatch(environment.get("GITHUB_REF", ""))
    if is_merge and environment.get("GITHUB_SHA") == head:
        # GitHub made this merge, so its first parent is the target; an author's own may lie.
        return _find_first_parent(repository, head, f"the pull request's target, {target}")
    return _find_target(repository, head, target)


def _find_first_parent(repository: GitRepository, head: str, reason: str) -> BaseRevision:
    if is_cut(repository, head):
        raise LedgerError(f"this clone is too shallow: it lacks {reason}", _FETCH_ALL)
    return BaseRevision(list_parents(repository, head)[:1], reason)


def _find_target(
    repository: GitRepository, head: str, target: str, otherwise: str = ""
) -> BaseRevision:
    for name in filter(None, (f"refs/remotes/origin/{target}", otherwise)):
        try:
            commit = repository.resolve_commit(name)
        except LedgerError:
            continue
        bases = find_merge_bases(repository, commit, head)
        if not bases:
            break
        return BaseRevision(bases, f"where this parted from {target}, the request's target")
    raise LedgerError(f"the request's target {target} was not fetched", _FETCH_ALL)
