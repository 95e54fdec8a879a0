"""The check of one customer's folder, and of the organization's files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from ledger.cache.kept_checks import CustomerResult, OrganizationResult
from ledger.cache.observed_day import ObservedDay
from ledger.cache.tree_hash import hash_folder
from ledger.errors import Problem
from ledger.loader import Ledger
from ledger.reading.customer_folder import CustomerFolder
from ledger.reading.organization import Organization
from ledger.rules.catalogue import RULES
from ledger.rules.identity import check_unique_consultants, check_unique_key
from ledger.rules.rule_input import RuleInput


def prepare(ledger: Ledger) -> None:
    """Do what every customer's check needs before the work is shared out."""
    _ = ledger.organization


def check_customer(
    ledger: Ledger, slug: str, as_of: date, *, includes_future: bool, hash_name: str | None = None
) -> CustomerResult:
    """Return what is wrong with one customer's folder; another customer's key is not looked at.

    Args:
        ledger: the ledger.
        slug: which customer.
        as_of: the date the rules look from.
        includes_future: whether records dated after ``as_of`` are a problem.
        hash_name: how to hash what was read; if None, the result bears no id of it.
    """
    day = ObservedDay.observe(as_of)
    folder = ledger.read_customer(slug)
    given = RuleInput(ledger.organization, folder, day)
    problems = tuple(find_customer_problems(given, includes_future=includes_future))
    return CustomerResult(
        slug=slug,
        key=folder.records.customer.key,
        file_count=folder.file_count,
        record_count=folder.record_count,
        problems=problems,
        last_day=day.last_like_this,
        folder_id=None if hash_name is None else _find_folder_id(ledger, folder, hash_name),
    )


def check_organization(organization: Organization) -> OrganizationResult:
    """Return what is wrong with the organization's files."""
    provider = organization.provider
    return OrganizationResult(
        "" if provider is None else provider.timezone,
        organization.file_count,
        organization.record_count,
        tuple(find_organization_problems(organization)),
    )


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


def find_key_problems(
    ledger: Ledger, as_of: date, results: Iterable[CustomerResult]
) -> Iterator[Problem]:
    """Yield which customers have a key that is another one's; ``results`` are sorted by slug."""
    owners: dict[str, str] = {}
    for result in results:
        if result.key in owners:
            # Rare enough to read the folder once more for the place.
            given = RuleInput(ledger.organization, ledger.read_customer(result.slug), as_of)
            yield from check_unique_key(given, owners)
        elif result.key:
            owners[result.key] = result.slug


def _find_folder_id(ledger: Ledger, folder: CustomerFolder, hash_name: str) -> str | None:
    """Return the id of what was really read; None if some of the folder's files were not.

    It is not asked of Git: a file may have changed since Git looked.
    """
    contents = folder.list_contents()
    listed = {file.path for file in ledger.list_customer_files(folder.slug)}
    start = f"{folder.slug}/"
    is_whole = contents.keys() == listed and not any(
        problem.position.file.startswith(ledger.files.prefix + start) for problem in ledger.problems
    )
    if not is_whole:
        return None
    return hash_folder({path[len(start) :]: text for path, text in contents.items()}, hash_name)
