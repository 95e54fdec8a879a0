"""Which customers' data keep their portals from being published, and what stops everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

from ledger.check import find_organization_problems, find_problems_of, sort_problems
from ledger.errors import Problem, Severity
from ledger.git import GitRepository
from ledger.history.changed_history import CHANGED_HISTORY
from ledger.history.comparison import compare_files, find_history_problems
from ledger.loader import Ledger
from ledger.rules.identity import check_unique_key
from ledger.rules.rule_input import RuleInput
from site_builder.errors import LedgerHasErrorsError


class Published(Protocol):
    """Something that was published once: a publication's tag, or an edition."""

    @property
    def commit(self) -> str:
        """The commit that it was built from."""
        ...

    @property
    def held_back(self) -> tuple[str, ...]:
        """The customers whose portal stayed as it was."""
        ...


ProblemsOf = Mapping[str, Sequence[Problem]]
"""The errors in the data of some customers."""


def sort_by_customer(ledger: Ledger, problems: Iterable[Problem]) -> ProblemsOf:
    """Return the errors by the customer in whose folder they are.

    Of customers who are not in the ledger any more nothing is said: they get no portal.

    Raises:
        LedgerHasErrorsError: one is in no customer's folder, so it may concern all of them.
    """
    found: dict[str, list[Problem]] = {}
    general = []
    for problem in problems:
        if problem.severity is not Severity.ERROR:
            continue
        slug = _find_slug(ledger, problem)
        if slug in ledger.slugs:
            found.setdefault(slug, []).append(problem)
        elif not slug or problem.rule != CHANGED_HISTORY:
            general.append(problem)
    if general:
        raise LedgerHasErrorsError(sort_problems(general))
    return found


def find_misplaced(ledger: Ledger) -> ProblemsOf:
    """Return the errors that are known without reading customers' files.

    Raises:
        LedgerHasErrorsError: the organization's files have errors, or a file belongs to nobody.
    """
    return sort_by_customer(
        ledger, [*ledger.problems, *find_organization_problems(ledger.organization)]
    )


def find_altered(
    ledger: Ledger,
    repository: GitRepository,
    publications: Sequence[Published],
    as_of: date,
    since: str | None = None,
) -> ProblemsOf:
    """Return where facts were altered or removed that were published before.

    Each customer is compared with what was published of it last; of one that was held back, that
    is an earlier publication.

    Args:
        ledger: what is to be published.
        repository: of the ledger.
        publications: all that there were, oldest first.
        as_of: the day from which it is looked.
        since: compare everybody with this commit instead.

    Raises:
        LedgerHasErrorsError: terms of sale were altered that were in force.
    """
    newest = since or (publications[-1].commit if publications else None)
    found: dict[str, Sequence[Problem]] = {}
    for base, slugs in _choose_bases(ledger, publications, newest, since).items():
        compared = compare_files(repository, base, ledger.files)
        problems = list(find_history_problems(compared, as_of))
        if base != newest:
            # The terms of sale are compared with what was published last.
            problems = [each for each in problems if _find_slug(ledger, each) in slugs]
        altered = sort_by_customer(ledger, problems)
        found.update((slug, altered[slug]) for slug in altered.keys() & slugs)
    return found


def find_errors(ledger: Ledger, slug: str, as_of: date) -> tuple[Problem, ...]:
    """Return the errors in one customer's files."""
    found = find_problems_of(ledger.organization, ledger.read_customer(slug), as_of)
    return tuple(problem for problem in found if problem.severity is Severity.ERROR)


def find_double_key(
    ledger: Ledger, slug: str, as_of: date, owners: Mapping[str, str]
) -> tuple[Problem, ...]:
    """Return what is wrong with a customer's key if another one has it, too."""
    given = RuleInput(ledger.organization, ledger.read_customer(slug), as_of)
    return tuple(check_unique_key(given, dict(owners)))


def _choose_bases(
    ledger: Ledger, publications: Sequence[Published], newest: str | None, since: str | None
) -> Mapping[str, set[str]]:
    """Return which customers to compare with which commit; the newest is always among them."""
    if newest is None:
        return {}
    bases: dict[str, set[str]] = {newest: set()}
    for slug in ledger.slugs:
        base = since or _find_last_commit(publications, slug)
        if base is not None:
            bases.setdefault(base, set()).add(slug)
    return bases


def _find_last_commit(publications: Sequence[Published], slug: str) -> str | None:
    """Return what was published of a customer last."""
    published = (each.commit for each in reversed(publications) if slug not in each.held_back)
    return next(published, None)


def _find_slug(ledger: Ledger, problem: Problem) -> str:
    """Return the customer in whose folder a problem is; empty if it is in nobody's."""
    path = problem.position.file.removeprefix(ledger.files.prefix)
    slug, slash, _rest = path.partition("/")
    return slug if slash else ""
