"""The check of a whole ledger: every problem of every file, at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ledger.errors import Problem, Severity
from ledger.loader import Ledger
from ledger.reading.customer_folder import CustomerFolder
from ledger.reading.organization import Organization
from ledger.rules.catalogue import RULES
from ledger.rules.identity import check_unique_consultants, check_unique_key
from ledger.rules.rule_input import RuleInput


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
    on_customer: Callable[[str], None] | None = None,
) -> CheckReport:
    """Check the whole ledger, or the organization's files and some customers.

    Args:
        ledger: the ledger.
        as_of: the date the rules look from.
        customers: the customers to check; all if none are named.
        includes_future: whether records dated after ``as_of`` are a problem.
        on_customer: called after each customer with its name, to show progress.
    """
    organization = ledger.organization
    problems = [*ledger.problems, *find_organization_problems(organization)]
    files, records = organization.file_count, organization.record_count
    key_owners: dict[str, str] = {}
    for folder in ledger.read_customers(customers):
        given = RuleInput(organization, folder, as_of)
        problems += find_customer_problems(given, includes_future=includes_future)
        problems += check_unique_key(given, key_owners)
        if key := folder.records.customer.key:
            key_owners.setdefault(key, folder.slug)
        files += folder.file_count
        records += folder.record_count
        if on_customer is not None:
            on_customer(folder.slug)
    return CheckReport(as_of, files, records, sort_problems(problems))


def find_organization_problems(organization: Organization) -> Iterator[Problem]:
    """Yield what is wrong with the organization's files."""
    yield from organization.problems
    yield from check_unique_consultants(organization)


def find_customer_problems(given: RuleInput, *, includes_future: bool) -> Iterator[Problem]:
    """Yield what is wrong with one customer's folder."""
    yield from given.folder.problems
    for rule in RULES:
        if rule.find_problems is not None and (includes_future or not rule.is_for_check_alone):
            yield from rule.find_problems(given)


def find_problems_of(
    organization: Organization, folder: CustomerFolder, as_of: date
) -> tuple[Problem, ...]:
    """Return what makes one customer's figures doubtful, sorted; the future does not."""
    given = RuleInput(organization, folder, as_of)
    return sort_problems(find_customer_problems(given, includes_future=False))


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems by file and line."""
    return tuple(sorted(problems, key=lambda problem: problem.sort_key))
