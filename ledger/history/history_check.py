"""The part of a check that needs two revisions: ``changed-history`` and ``author-mismatch``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from ledger.check import CheckReport, sort_problems
from ledger.errors import LedgerError, Problem
from ledger.history.authorship import find_author_mismatches
from ledger.history.base_revision import BaseRevision, find_base, find_ci_base
from ledger.history.comparison import compare_files, find_history_problems
from ledger.history.git_history import list_commits
from ledger.ledger import Ledger


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
    return CheckReport(
        report.as_of,
        report.file_count,
        report.record_count,
        sort_problems([*report.problems, *problems]),
    )
