"""The part of a check that compares with a base: ``changed-history`` and ``author-mismatch``.

The base is the merge base with a revision that was named, or with the target that the variables
of a CI job name. A base that cannot be found is an error, never a reason to compare with nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from ledger.check import CheckReport, sort_problems
from ledger.errors import LedgerError, Problem, Severity
from ledger.files.layout import Place, place_file
from ledger.files.reader import make_file_problem
from ledger.git import GitRepository
from ledger.history.commits import (
    describe_commits,
    find_merge_bases,
    is_cut,
    list_commits,
    list_file_changes,
    list_parents,
)
from ledger.history.comparison import (
    Comparison,
    compare_files,
    find_history_problems,
    read_customers,
)
from ledger.history.record_story import read_records
from ledger.ledger import Ledger
from ledger.models import TimeSheet
from ledger.text import shorten_id

AUTHOR_MISMATCH = "author-mismatch"

_PULL_REQUEST_MERGE = re.compile("refs/pull/[0-9]+/merge")
_FETCH_ALL = "check out the whole history: `fetch-depth: 0` on GitHub, `GIT_DEPTH: 0` on GitLab"
_NO_HISTORY = "no history to compare"


class BaseRevision(NamedTuple):
    """What to compare with, and why that.

    ``commits`` is one; several where two histories have merged each other.
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
    if since is not None:
        return _find_base(ledger.require_repository(_NO_HISTORY), since, ledger.commit)
    head = ledger.commit
    if ledger.repository is None or head is None or head != ledger.repository.find_head():
        return None
    return _find_ci_base(ledger.repository, head, environment)


def is_ci(environment: Mapping[str, str]) -> bool:
    """Whether this runs as a job of continuous integration."""
    return environment.get("CI", "").lower() in {"true", "1", "yes"}


def check_history(ledger: Ledger, bases: Sequence[str], as_of: date) -> list[Problem]:
    """Return what is wrong with how a ledger came from the commits ``bases`` to what it is.

    Raises:
        LedgerError: the ledger is in no repository.
    """
    repository = ledger.require_repository(_NO_HISTORY)
    found: dict[tuple[object, ...], Problem] = {}
    for base in bases:
        compared = compare_files(repository, base, ledger.files)
        for problem in find_history_problems(compared, as_of):
            said = problem.message.partition("; ")[0]  # the rest names the base
            found.setdefault((problem.position, said), problem)
    if ledger.commit is None or not bases:
        return list(found.values())
    commits = list_commits(repository, ledger.commit, *(f"^{base}" for base in bases))
    return [*found.values(), *_find_author_mismatches(ledger, repository, compared, commits)]


def add_problems(report: CheckReport, problems: list[Problem]) -> CheckReport:
    """Return a report with more problems, sorted."""
    return replace(report, problems=sort_problems([*report.problems, *problems]))


def _find_base(repository: GitRepository, since: str, head: str | None) -> BaseRevision:
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


def _find_ci_base(
    repository: GitRepository, head: str, environment: Mapping[str, str]
) -> BaseRevision | None:
    """Return the base of a request, which is its target, or of a merge: what was before it."""
    if target := environment.get("GITHUB_BASE_REF"):
        is_merge = _PULL_REQUEST_MERGE.fullmatch(environment.get("GITHUB_REF", ""))
        if is_merge and environment.get("GITHUB_SHA") == head:
            # GitHub made this merge, so its first parent is the target; an author's own may lie.
            return _find_first_parent(repository, head, f"the pull request's target, {target}")
        return _find_target(repository, head, target)
    if target := environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME"):
        diff_base = environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", "")
        return _find_target(repository, head, target, diff_base)
    if is_ci(environment) and len(list_parents(repository, head)) > 1:
        return _find_first_parent(repository, head, "what was there before the merge")
    return None


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


def _find_author_mismatches(
    ledger: Ledger, repository: GitRepository, compared: Comparison, commits: Sequence[str]
) -> Iterator[Problem]:
    """Yield which of ``commits`` add time of a consultant who is not their author."""
    prefix = ledger.files.prefix
    changes = list_file_changes(repository, commits, prefix)
    authors = describe_commits(repository, changes)
    found: list[tuple[Place, str, list[str], str, str]] = []
    for author, change in ((authors[item], each) for item in changes for each in changes[item]):
        place = place_file(change.path)
        if not isinstance(place, Place) or place.kind != "time":
            continue
        consultant = ledger.organization.by_handle.get(TimeSheet(place.name, ()).consultant)
        if consultant is None or author.email.casefold() in map(str.casefold, consultant.emails):
            continue
        before = {name for blob in change.before for name in read_records(repository, blob)}
        names = (name for name in read_records(repository, change.after) if name not in before)
        if ids := [name.partition("/")[2] for name in names]:
            message = (
                f"commit {shorten_id(author.id)} by {author.author} <{author.email}> adds time of "
                f"{consultant.handle}: {', '.join(ids)}"
            )
            hint = f"let {consultant.name} commit it, or add the address to consultants.yml"
            found.append((place, change.path, ids, message, hint))
    folders = {now.slug: now for _then, now in read_customers(compared)} if found else {}
    for place, path, ids, message, hint in found:
        folder = folders.get(place.customer or "")
        for sheet, entry in () if folder is None else folder.records.sheet_entries:
            if folder is not None and sheet.name == place.name and entry.id in ids:
                yield folder.make_problem(
                    AUTHOR_MISMATCH, entry, "id", message, hint, Severity.WARNING
                )
                break
        else:
            yield make_file_problem(AUTHOR_MISMATCH, prefix + path, message, hint, Severity.WARNING)
