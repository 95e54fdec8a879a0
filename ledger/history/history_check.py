"""What a check finds in the history since a base.

The base is the merge base with a revision that was named, or with the target that the variables
of a CI job name. A base that cannot be found is an error, never a reason to compare with nothing.
A merge is also held against each of its parents: what they had added is still there.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from ledger.check import CheckReport, check_ledger, sort_problems
from ledger.errors import LedgerError, Problem, Severity
from ledger.files.layout import Place, place_file
from ledger.files.reader import ReadFiles
from ledger.files.source import LedgerFiles
from ledger.git import GitRepository
from ledger.history.commits import (
    Commit,
    FileChange,
    find_merge_bases,
    is_cut,
    list_commits,
    list_differences,
    list_parents,
    walk_commits,
)
from ledger.history.comparison import Comparison, compare_files
from ledger.history.record_story import read_records
from ledger.ledger import Ledger
from ledger.models import TimeSheet
from ledger.text import shorten_id

AUTHOR_MISMATCH = "author-mismatch"

_PULL_REQUEST_MERGE = re.compile("refs/pull/[0-9]+/merge")
_FETCH_ALL = "check out the whole history: `fetch-depth: 0` on GitHub, `GIT_DEPTH: 0` on GitLab"
_VERB = re.compile(" (?:was|were) ")
_NO_HISTORY = "no history to compare"
_Bases = tuple[Sequence[str], str]


def choose_bases(ledger: Ledger, since: str | None, environment: Mapping[str, str]) -> _Bases:
    """Return what to compare a ledger with, by ``since`` or the variables of a CI job, and why.

    There are several commits where two histories have merged each other, and none where nothing
    says what to compare with. A LedgerError is raised if they cannot be found.
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
    """Return what is wrong with how a ledger came from the commits ``bases`` to what it is.

    A LedgerError is raised if its commit has a file, in whatever folder, that no file can be.
    """
    repository = ledger.require_repository(_NO_HISTORY)
    if ledger.commit is not None:
        repository.open_commit(ledger.commit, "")
    problems, mismatches = list[Problem](), list[Problem]()
    for base in bases:
        problems += compare_files(repository, base, ledger.files).find_problems(as_of)
    if ledger.commit is not None and bases:
        commits = list_commits(repository, ledger.commit, *(f"^{base}" for base in bases))
        for commit, changes in walk_commits(repository, commits, ledger.files.prefix):
            how = (commit.id, commit.parents, as_of, shorten_id(commit.id))
            for _compared, lost in find_lost(ledger.files, repository, *how):
                problems += lost
            mismatches += _find_author_mismatches(ledger, commit, changes)
    found: dict[tuple[object, ...], Problem] = {}
    for problem in problems:
        said = problem.message.partition("; ")[0]  # the rest names the base
        found.setdefault((problem.position, said), problem)
    return [*found.values(), *mismatches]


def add_history(
    report: CheckReport,
    ledger: Ledger,
    bases: Sequence[str],
    problems: Sequence[Problem],
    **how: Any,
) -> CheckReport:
    """Return a report with problems of the history.

    Warnings of the check that were there at the bases are left out, and counted; ``how`` goes to
    the check of these.
    """
    repository = ledger.require_repository(_NO_HISTORY)

    def identify(problem: Problem) -> tuple[str, str, str]:
        return problem.rule, problem.position.file, problem.message

    known = set()
    for base in bases if report.warning_count else ():
        then = Ledger(repository.open_commit(base, ledger.files.prefix), repository)
        found = check_ledger(then, report.as_of, **how).problems
        known |= {identify(each) for each in found if each.severity is Severity.WARNING}
    new = [
        each
        for each in report.problems
        if each.severity is Severity.ERROR or identify(each) not in known
    ]
    standing = len(report.problems) - len(new)
    return replace(report, problems=sort_problems([*new, *problems]), standing_count=standing)


def find_staged_losses(ledger: Ledger, as_of: date, index: Path | None) -> list[Problem]:
    """Return what a merge, staged and not committed yet, lost of what its sides had added."""
    repository = ledger.require_repository(_NO_HISTORY)
    head, other = map(repository.find_commit, ("HEAD", "MERGE_HEAD"))
    if head is None or other is None:
        return []
    find_merge_bases(repository, head, other)  # or it is said that the clone is too shallow
    tree = repository.write_tree(index)
    lost = find_lost(ledger.files, repository, tree, (head, other), as_of)
    return [problem for _compared, problems in lost for problem in problems]


def find_lost(
    now: LedgerFiles,
    repository: GitRepository,
    merge: str,
    parents: Sequence[str],
    as_of: date,
    merge_name: str = "this",
    first: int = 0,
) -> Iterator[tuple[Comparison, list[Problem]]]:
    """Yield what a merge lost of what each parent had added, and the comparison that shows it.

    What a parent has from the common base may be altered on the other side: then it is that side's
    change. What is there ``now`` is not lost. ``merge`` is a commit or a tree; what has one parent
    is no merge and loses nothing. ``first`` is the number of the first parent to look at.
    """
    for parent in parents[first:] if len(parents) > 1 else ():
        others = [each for each in parents if each != parent]
        bases = (repository.ask("merge-base", "--all", parent, *others) or b"").decode().split()
        if not bases and repository.is_shallow():
            continue
        pairs = [(merge, parent), *((parent, base) for base in bases)]
        differing = (list_differences(repository, now.prefix, *pair) for pair in pairs)
        if not (paths := set.intersection(*differing)):
            continue
        name = f"{shorten_id(parent)}, which {merge_name} merged"
        merged, *before = (
            repository.open_commit(each, now.prefix) for each in (merge, parent, *bases)
        )
        compared, *earlier = (
            Comparison(each, merged, tuple(sorted(paths)), name) for each in before
        )
        in_earlier = (problem for each in earlier for problem in each.find_problems(as_of))
        known = set(map(name_subject, in_earlier))
        lost = set(map(name_subject, compared.find_problems(as_of))) - known
        compared = compared._replace(head=now)
        found = compared.find_problems(as_of) if lost else ()
        yield compared, [each for each in found if name_subject(each) in lost]


def name_subject(problem: Problem) -> tuple[str, str]:
    """Return the file and the record that a problem of the rule ``changed-history`` is about."""
    return problem.position.file, _VERB.split(problem.message)[0]


def _find_ci_bases(repository: GitRepository, head: str, environment: Mapping[str, str]) -> _Bases:
    """Return the base of a request, which is its target, or of a merge: what was before it."""
    github = environment.get("GITHUB_BASE_REF")
    target = github or environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
    is_merge = _PULL_REQUEST_MERGE.fullmatch(environment.get("GITHUB_REF", ""))
    if github and is_merge and environment.get("GITHUB_SHA") == head:
        # GitHub made this merge, so its first parent is the target; an author's own may lie.
        reason = f"the pull request's target, {target}"
    elif target:
        diff_base = "" if github else environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", "")
        return _find_target(repository, head, target, diff_base)
    elif is_ci(environment) and len(list_parents(repository, head)) > 1:
        reason = "what was there before the merge"
    else:
        return (), ""
    if is_cut(repository, head):
        raise LedgerError(f"this clone is too shallow: it lacks {reason}", _FETCH_ALL)
    return list_parents(repository, head)[:1], reason


def _find_target(repository: GitRepository, head: str, target: str, otherwise: str) -> _Bases:
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
    ledger: Ledger, author: Commit, changes: Sequence[FileChange]
) -> Iterator[Problem]:
    """Yield where a commit adds time of a consultant who is not its author."""
    repository = ledger.require_repository(_NO_HISTORY)
    for change in changes:
        place = place_file(change.path)
        if not isinstance(place, Place) or place.kind != "time":
            continue
        consultant = ledger.organization.by_handle.get(TimeSheet(place.name, ()).consultant)
        if consultant is None or author.email.casefold() in map(str.casefold, consultant.emails):
            continue
        before = {name for blob in change.before for name in read_records(repository, blob)}
        after = read_records(repository, change.after)
        ids = [name.partition("/")[2] for name in after if name not in before]
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
            yield now.make_problem(AUTHOR_MISMATCH, change.path, None, *said)
