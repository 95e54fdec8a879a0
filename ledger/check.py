"""The check of a whole ledger: every problem of every file, at once.

What was found before in the same contents is taken from the cache, if there is one; then nothing
is read but ids. The rest is read on all cores, a customer at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from ledger.cache.kept_checks import CustomerResult, KeptChecks, OrganizationResult
from ledger.errors import Problem, Severity
from ledger.kept_results import is_kept_for
from ledger.loader import ORGANIZATION_PLACES, Ledger

if TYPE_CHECKING:
    # What is not in the cache needs the records; what is does without.
    from ledger.figures.draw_down import DrawDown
    from ledger.reading.customer_folder import CustomerFolder
    from ledger.reading.organization import Organization

StartProgress = Callable[[int], Callable[[str], None]]

_CHUNK = 8
_MANY = 4


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found, sorted by file and line."""

    as_of: date
    file_count: int
    record_count: int
    problems: tuple[Problem, ...]

    @property
    def error_count(self) -> int:
        """How many problems are errors."""
        return sum(problem.severity is Severity.ERROR for problem in self.problems)

    @property
    def warning_count(self) -> int:
        """How many problems are warnings."""
        return len(self.problems) - self.error_count


def check_ledger(
    ledger: Ledger,
    as_of: date,
    customers: Sequence[str] = (),
    *,
    includes_future: bool = True,
    start_progress: StartProgress | None = None,
    jobs: int = 1,
    kept: KeptChecks | None = None,
) -> CheckReport:
    """Check the whole ledger, or the organization's files and some customers.

    Args:
        ledger: the ledger.
        as_of: the date the rules look from.
        customers: the customers to check; all if none are named.
        includes_future: whether records dated after ``as_of`` are a problem.
        start_progress: called with the number of customers to read; what it returns is called
            after each with its name.
        jobs: how many processes to use.
        kept: what was found before, for the organization's files as they are; see
            ``ledger.kept_results``. What is found now is added, and all of it saved. Only for a
            check of the whole ledger that includes the future.
    """
    todo = _divide(ledger, as_of, customers, kept)
    found = [*todo.known]
    organization = None if kept is None else kept.organization
    if organization is None or todo.slugs:
        organization = _check_organization(ledger, kept)
        found += _check_customers(todo, includes_future, start_progress, jobs)
    if kept is not None and is_kept_for(kept, ledger):
        for result in found[len(todo.known) :]:
            kept.add(result, as_of)
        kept.save()
    found.sort(key=lambda result: result.slug)
    listing_problems = todo.ledger.problems if todo.is_listed else ()
    return CheckReport(
        as_of,
        organization.file_count + sum(result.file_count for result in found),
        organization.record_count + sum(result.record_count for result in found),
        sort_problems(
            [
                *organization.problems,
                *listing_problems,
                *(problem for result in found for problem in result.problems),
                *_find_key_problems(ledger, as_of, found),
            ]
        ),
    )


def find_organization_problems(organization: Organization) -> Iterator[Problem]:
    """Yield what is wrong with the organization's files."""
    from ledger import customer_check

    return customer_check.find_organization_problems(organization)


def find_problems_of(
    organization: Organization,
    folder: CustomerFolder,
    as_of: date,
    known_draw_down: DrawDown | None = None,
) -> tuple[Problem, ...]:
    """Return what makes one customer's figures doubtful, sorted; the future does not.

    Args:
        organization: the organization's files.
        folder: the customer's.
        as_of: the date the rules look from.
        known_draw_down: the draw-down as of that date, for whoever has it.
    """
    from ledger.customer_check import find_customer_problems
    from ledger.rules.rule_input import RuleInput

    given = RuleInput(organization, folder, as_of, known_draw_down)
    return sort_problems(find_customer_problems(given, includes_future=False))


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems by file and line."""
    return tuple(sorted(problems, key=lambda problem: problem.sort_key))


class _Todo(NamedTuple):
    """What is known already, and what must be checked.

    Attributes:
        ledger: lists at least the files of ``slugs``.
        is_listed: whether its files had to be listed; else nothing is misplaced.
        hash_name: how to hash what is read; None if nothing is kept of it.
    """

    ledger: Ledger
    as_of: date
    slugs: Sequence[str]
    known: Sequence[CustomerResult] = ()
    is_listed: bool = True
    hash_name: str | None = None


def _divide(
    ledger: Ledger, as_of: date, customers: Sequence[str], kept: KeptChecks | None
) -> _Todo:
    ids = None if kept is None else ledger.folder_ids
    if kept is None or ids is None:
        return _Todo(ledger, as_of, tuple(customers) or ledger.slugs)
    results = {
        slug: folder_id and kept.find(slug, folder_id, as_of)
        for slug, folder_id in ids.customers.items()
    }
    known = [result for result in results.values() if isinstance(result, CustomerResult)]
    missing = [slug for slug, result in results.items() if not result]
    if missing and len(missing) < len(results) // _MANY:
        ledger = ledger.select((*ORGANIZATION_PLACES, *missing))
    slugs = sorted({*missing} & {*ledger.slugs}) if missing else ()
    return _Todo(ledger, as_of, slugs, known, bool(missing), ids.hash_name)


def _check_organization(ledger: Ledger, kept: KeptChecks | None) -> OrganizationResult:
    from ledger.customer_check import check_organization

    result = check_organization(ledger.organization)
    if kept is not None:
        kept.set_organization(result)
    return result


def _check_customers(
    todo: _Todo, includes_future: bool, start_progress: StartProgress | None, jobs: int
) -> Iterator[CustomerResult]:
    from ledger.customer_check import check_customer, prepare
    from ledger.workers import run_on_all_cores

    def check(slug: str) -> CustomerResult:
        return check_customer(
            todo.ledger,
            slug,
            todo.as_of,
            includes_future=includes_future,
            hash_name=todo.hash_name,
        )

    prepare(todo.ledger)
    on_customer = None if start_progress is None else start_progress(len(todo.slugs))
    for result in run_on_all_cores(check, todo.slugs, jobs, _CHUNK):
        yield result
        if on_customer is not None:
            on_customer(result.slug)


def _find_key_problems(
    ledger: Ledger, as_of: date, results: Sequence[CustomerResult]
) -> Iterator[Problem]:
    keys = [result.key for result in results if result.key]
    if len(set(keys)) < len(keys):
        from ledger.customer_check import find_key_problems

        yield from find_key_problems(ledger, as_of, results)
