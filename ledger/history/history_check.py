"""What a check finds in the history since a base, and an audit in all of it.

The base is the merge base with a revision that was named, or with the target that the variables
of a CI job name. A base that cannot be found is an error, never a reason to compare with nothing.
An audit compares each commit with its first parent. A file that cannot be read in some commit is
compared across it: with what it held when it could be read last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from ledger.check import CheckReport, sort_problems
from ledger.errors import LedgerError, Problem, Severity
from ledger.files.layout import Place, place_file
from ledger.files.reader import ReadFiles, make_file_problem
from ledger.files.source import Blob, RevisionFiles
from ledger.git import GitRepository
from ledger.history.changed_history import CHANGED_HISTORY
from ledger.history.commits import (
    Commit,
    find_merge_bases,
    is_cut,
    is_cut_between,
    list_commits,
    list_parents,
    walk_commits,
)
from ledger.history.comparison import (
    Comparison,
    compare_files,
    find_history_problems,
    find_unreadable,
)
from ledger.history.record_story import read_records
from ledger.ledger import Ledger
from ledger.models import TimeSheet
from ledger.text import shorten_id

AUTHOR_MISMATCH = "author-mismatch"

_PULL_REQUEST_MERGE = re.compile("refs/pull/[0-9]+/merge")
_FETCH_ALL = "check out the whole history: `fetch-depth: 0` on GitHub, `GIT_DEPTH: 0` on GitLab"
_NO_HISTORY = "no history to compare"
_Bases = tuple[Sequence[str], str]


def choose_bases(ledger: Ledger, since: str | None, environment: Mapping[str, str]) -> _Bases:
    """Return what to compare a ledger with, by ``since`` or the variables of a CI job, and why.

    There are several commits where two histories have merged each other, and none where nothing
    says what to compare with.

    Raises:
        LedgerError: they cannot be found, or the ledger is in no repository.
    """
    head = ledger.commit
    if since is not None:
        repository = ledger.require_repository(_NO_HISTORY)
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
        return bases, f"where this parted from {since}"
    if ledger.repository is None or head is None or head != ledger.repository.find_head():
        return (), ""
    return _find_ci_bases(ledger.repository, head, environment)


def is_ci(environment: Mapping[str, str]) -> bool:
    """Whether this runs as a job of continuous integration."""
    return environment.get("CI", "").lower() in {"true", "1", "yes"}


def check_history(ledger: Ledger, bases: Sequence[str], as_of: date) -> list[Problem]:
    """Return what is wrong with how a ledger came from the commits ``bases`` to what it is."""
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
    return [*found.values(), *_find_author_mismatches(ledger, repository, commits)]


def add_problems(report: CheckReport, problems: list[Problem]) -> CheckReport:
    """Return a report with more problems, sorted."""
    return replace(report, problems=sort_problems([*report.problems, *problems]))


def choose_commits(repository: GitRepository, head: str, start: str | None) -> list[str]:
    """Return the first-parent history up to ``head``, from after ``start`` or from the beginning.

    A LedgerError is raised if part of it was not fetched.
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
    on_commit: Callable[[str], None] = lambda _commit: None,
) -> Iterator[tuple[Commit, tuple[Problem, ...]]]:
    """Yield which of ``commits`` altered or removed something below ``prefix``, and what.

    The commits are a first-parent history, oldest first; ``on_commit`` is called after each.
    """
    readable: Mapping[str, Blob] | None = None  # What each file held when it could be read last.
    unreadable: set[str] = set()
    for commit, changes in walk_commits(repository, commits, prefix, first_parent=True):
        if changes:
            parent = next(iter(commit.parents), None)
            if readable is None:
                readable = {} if parent is None else repository.open_commit(parent, prefix).blobs
            after = {change.path: change.after for change in changes}
            now = {path: blob for path, blob in {**readable, **after}.items() if blob is not None}
            compared = Comparison(
                RevisionFiles(repository.read_object, prefix, parent, readable),
                RevisionFiles(repository.read_object, prefix, commit.id, now),
                tuple(sorted(after)),
                "nothing" if parent is None else shorten_id(parent),
            )
            broken = find_unreadable(compared.head, compared.paths)
            kept = {path: blob for path, blob in readable.items() if path in broken}
            readable = {path: blob for path, blob in now.items() if path not in broken} | kept
            unreadable = unreadable.difference(after) | broken
            compared = compared._replace(paths=tuple(sorted(after.keys() - broken)))
            day = date.fromisoformat(commit.committed.partition("T")[0])
            if problems := sort_problems(find_history_problems(compared, day)):
                yield commit, problems
        on_commit(commit.id)
    if unreadable:
        message = "it cannot be read, so what it holds now is compared with nothing"
        hint = "mend it; `punchcard check` says what is wrong"
        files = [prefix + path for path in sorted(unreadable)]
        yield (
            commit,
            tuple(make_file_problem(CHANGED_HISTORY, file, message, hint) for file in files),
        )


def _find_ci_bases(repository: GitRepository, head: str, environment: Mapping[str, str]) -> _Bases:
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
    return (), ""


def _find_first_parent(repository: GitRepository, head: str, reason: str) -> _Bases:
    if is_cut(repository, head):
        raise LedgerError(f"this clone is too shallow: it lacks {reason}", _FETCH_ALL)
    return list_parents(repository, head)[:1], reason


def _find_target(repository: GitRepository, head: str, target: str, otherwise: str = "") -> _Bases:
    for name in filter(None, (f"refs/remotes/origin/{target}", otherwise)):
        try:
            commit = repository.resolve_commit(name)
        except LedgerError:
            continue
        if bases := find_merge_bases(repository, commit, head):
            return bases, f"where this parted from {target}, the request's target"
        break
    raise LedgerError(f"the request's target {target} was not fetched", _FETCH_ALL)


def _find_author_mismatches(
    ledger: Ledger, repository: GitRepository, commits: Sequence[str]
) -> Iterator[Problem]:
    """Yield which of ``commits`` add time of a consultant who is not their author."""
    walked = walk_commits(repository, commits, ledger.files.prefix)
    for author, change in ((commit, each) for commit, changes in walked for each in changes):
        place = place_file(change.path)
        if not isinstance(place, Place) or place.kind != "time":
            continue
        consultant = ledger.organization.by_handle.get(TimeSheet(place.name, ()).consultant)
        if consultant is None or author.email.casefold() in map(str.casefold, consultant.emails):
            continue
        before = {name for blob in change.before for name in read_records(repository, blob)}
        names = (name for name in read_records(repository, change.after) if name not in before)
        ids = [name.partition("/")[2] for name in names]
        if not ids:
            continue
        message = (
            f"commit {shorten_id(author.id)} by {author.author} <{author.email}> adds time of "
            f"{consultant.handle}: {', '.join(ids)}"
        )
        hint = f"let {consultant.name} commit it, or add the address to consultants.yml"
        said = (message, hint, Severity.WARNING)
        files, now = ledger.files.select([change.path]).list_files(), ReadFiles(ledger.files)
        entries = (entry for file in files for entry in now.read(file, "time").records)
        entry = next((each for each in entries if each.id in ids), None)
        if entry is not None:
            yield now.make_problem(AUTHOR_MISMATCH, entry, "id", *said)
        else:
            yield now.make_file_problem(AUTHOR_MISMATCH, change.path, *said)
