"""What a check finds in the history since a base.

The base is the merge base with a revision that was named, or with the target that the variables
of a CI job name. A base that cannot be found is an error, never a reason to compare with nothing.
A merge is also held against each of its parents: what they had added is still there.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from ledger.check import CheckReport, check_ledger, sort_problems
from ledger.errors import LedgerError, Problem, Severity
from ledger.files.layout import Place, place_file
from ledger.files.reader import ReadFiles
from ledger.files.source import LedgerFiles
from ledger.git import GitRepository
from ledger.history.commits import (
    MergedSide,
    find_merge_bases,
    find_merged_sides,
    is_cut,
    list_commits,
    list_parents,
    walk_commits,
)
from ledger.history.comparison import Comparison, compare_files, find_history_problems
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
    problems: list[Problem] = []
    for base in bases:
        problems += find_history_problems(compare_files(repository, base, ledger.files), as_of)
    mismatches: list[Problem] = []
    if ledger.commit is not None and bases:
        commits = list_commits(repository, ledger.commit, *(f"^{base}" for base in bases))
        for side in find_merged_sides(repository, ledger.files.prefix, commits):
            problems += find_lost(repository, side, ledger.files, as_of)[1]
        mismatches += _find_author_mismatches(ledger, repository, commits)
    found: dict[tuple[object, ...], Problem] = {}
    for problem in problems:
        said = problem.message.partition("; ")[0]  # the rest names the base
        found.setdefault((problem.position, said), problem)
    return [*found.values(), *mismatches]


def add_problems(report: CheckReport, problems: list[Problem]) -> CheckReport:
    """Return a report with more problems, sorted."""
    return replace(report, problems=sort_problems([*report.problems, *problems]))


def leave_out_standing(
    report: CheckReport, ledger: Ledger, bases: Sequence[str], **how: Any
) -> CheckReport:
    """Leave out, and count, warnings that were there at the bases; ``how`` goes to the check."""
    repository, known = ledger.require_repository(_NO_HISTORY), set[tuple[str, str, str]]()
    for base in bases if report.warning_count else ():
        then = Ledger(repository.open_commit(base, ledger.files.prefix), repository)
        found = check_ledger(then, report.as_of, **how).problems
        known |= {_identify(each) for each in found if each.severity is Severity.WARNING}
    new = tuple(
        each
        for each in report.problems
        if each.severity is Severity.ERROR or _identify(each) not in known
    )
    return replace(report, problems=new, standing_count=len(report.problems) - len(new))


def _identify(problem: Problem) -> tuple[str, str, str]:
    """Return what a problem has in common with the same one in another commit."""
    return problem.rule, problem.position.file, problem.message


def find_staged_losses(ledger: Ledger, as_of: date) -> list[Problem]:
    """Return what a merge, staged and not committed yet, lost of what its sides had added."""
    repository, problems = ledger.require_repository(_NO_HISTORY), list[Problem]()
    found = repository.ask("rev-parse", "--verify", "--quiet", "MERGE_HEAD")
    head = repository.find_head()
    if found is None or head is None:
        return problems
    heads = (head, found.strip().decode())
    bases = find_merge_bases(repository, *heads)
    before = [repository.open_commit(base, ledger.files.prefix) for base in bases]
    for parent in heads:
        compared = compare_files(repository, parent, ledger.files)
        own = (each.find_differences(compared.base) for each in before)
        side = MergedSide("", parent, bases, frozenset(compared.paths).intersection(*own))
        problems += find_lost(repository, side, ledger.files, as_of, ledger.files)[1]
    return problems


def find_lost(
    repository: GitRepository,
    side: MergedSide,
    now: LedgerFiles,
    as_of: date,
    merged: LedgerFiles | None = None,
) -> tuple[Comparison, list[Problem]]:
    """Return what a merge lost of what a side had added, and the comparison that shows it.

    What the side had from the common base may be altered on the other side: then it is that side's
    change. What is there ``now`` is not lost.
    """
    files = merged or repository.open_commit(side.merge, now.prefix)

    def compare(commit: str) -> Comparison:
        found = compare_files(repository, commit, files)
        return found._replace(paths=tuple(sorted(side.paths)))

    known = {
        name_subject(problem)
        for base in side.bases
        for problem in find_history_problems(compare(base), as_of)
    }
    name = f"{shorten_id(side.parent)}, which {shorten_id(side.merge) or 'this'} merged"
    compared = compare(side.parent)._replace(base_name=name)
    lost = {name_subject(each) for each in find_history_problems(compared, as_of)} - known
    compared = compared._replace(head=now)
    found = find_history_problems(compared, as_of) if lost else ()
    return compared, [each for each in found if name_subject(each) in lost]


def name_subject(problem: Problem) -> tuple[str, str]:
    """Return the file and the record that a problem of the rule ``changed-history`` is about."""
    return problem.position.file, _VERB.split(problem.message)[0]


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
