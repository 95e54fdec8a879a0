"""Which customers' data keep their portals from being published, and what stops everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TypeAlias

from ledger.check import find_organization_problems, find_problems_of, sort_problems
from ledger.errors import Problem, Severity
from ledger.git import GitRepository
from ledger.history.changed_history import CHANGED_HISTORY
from ledger.history.comparison import compare_files, find_history_problems
from ledger.history.publications import Publication
from ledger.ledger import Ledger
from ledger.rules.catalogue import check_unique_key
from site_builder.errors import LedgerHasErrorsError
from site_builder.publish.editions import Edition

Published: TypeAlias = Publication | Edition


def find_problems(
    ledger: Ledger,
    repository: GitRepository,
    publications: Sequence[Published],
    as_of: date,
    since: str | None = None,
) -> Mapping[str, Sequence[Problem]]:
    """Return the errors that are known before a portal is built, by customer.

    They are misplaced files, and facts that were altered or removed although they were published.
    Each customer is compared with what was published of it last; of one that was held back, that
    is an earlier publication. ``publications`` are all that there were, oldest first; with
    ``since`` everybody is compared with that commit instead.

    Raises:
        LedgerHasErrorsError: something is wrong that concerns everybody.
    """
    misplaced = [*ledger.problems, *find_organization_problems(ledger.organization)]
    found = _sort_by_customer(ledger, misplaced)
    newest = since or (publications[-1].commit if publications else None)
    for base, slugs in _choose_bases(ledger, publications, newest, since).items():
        compared = compare_files(repository, base, ledger.files)
        problems = list(find_history_problems(compared, as_of))
        if base != newest:
            # The terms of sale are compared with what was published last.
            problems = [each for each in problems if _find_slug(ledger, each) in slugs]
        altered = _sort_by_customer(ledger, problems)
        for slug in altered.keys() & slugs:
            found.setdefault(slug, []).extend(altered[slug])
    return found


def find_errors(ledger: Ledger, slug: str, as_of: date) -> tuple[Problem, ...]:
    """Return the errors in one customer's files."""
    found = find_problems_of(ledger.organization, ledger.read_customer(slug), as_of)
    return tuple(problem for problem in found if problem.severity is Severity.ERROR)


def find_double_key(ledger: Ledger, slug: str, owners: Mapping[str, str]) -> tuple[Problem, ...]:
    """Return what is wrong with a customer's key if another one has it, too."""
    return tuple(check_unique_key(ledger.read_customer(slug), owners))


def _sort_by_customer(ledger: Ledger, problems: Iterable[Problem]) -> dict[str, list[Problem]]:
    """Return the errors by the customer in whose folder they are.

    Of customers who are not in the ledger any more nothing is said: they get no portal.

    Raises:
        LedgerHasErrorsError: one is in no customer's folder, so it may concern all of them.
    """
    found: dict[str, list[Problem]] = {}
    general = []
    for problem in problems:
        if problem.severity is Severity.ERROR:
            slug = _find_slug(ledger, problem)
            if slug in ledger.slugs:
                found.setdefault(slug, []).append(problem)
            elif not slug or problem.rule != CHANGED_HISTORY:
                general.append(problem)
    if general:
        raise LedgerHasErrorsError(sort_problems(general))
    return found


def _choose_bases(
    ledger: Ledger, publications: Sequence[Published], newest: str | None, since: str | None
) -> Mapping[str, set[str]]:
    """Return which customers to compare with which commit; the newest is always among them."""
    bases: dict[str, set[str]] = {} if newest is None else {newest: set()}
    for slug in ledger.slugs:
        shown = (each.commit for each in reversed(publications) if slug not in each.held_back)
        base = since or next(shown, None)
        if base is not None:
            bases.setdefault(base, set()).add(slug)
    return bases


def _find_slug(ledger: Ledger, problem: Problem) -> str:
    """Return the customer in whose folder a problem is; empty if it is in nobody's."""
    path = problem.position.file.removeprefix(ledger.files.prefix)
    slug, slash, _rest = path.partition("/")
    return slug if slash else ""
