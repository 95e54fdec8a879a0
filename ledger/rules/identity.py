"""Rules about names: every id is used once, and a request's file bears its customer's key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ledger.errors import Problem
from ledger.file_layout import request_path
from ledger.models import Goodwill, Purchase, Refund, TimeEntry
from ledger.organization import Organization
from ledger.rules.rule_input import RuleInput


def check_unique_id(given: RuleInput) -> Iterator[Problem]:
    """An id is used once: among a customer's purchases and adjustments, and in a time file."""
    lot_records = [*given.records.purchases, *given.records.adjustments]
    yield from _find_repeats(given, lot_records, "the purchases and adjustments")
    for sheet in given.records.sheets:
        yield from _find_repeats(given, sheet.entries, "this file")


def check_unique_consultants(organization: Organization) -> Iterator[Problem]:
    """A handle belongs to one consultant, and so does a Git author address."""
    handles: set[str] = set()
    owners: dict[str, str] = {}
    for consultant in organization.consultants:
        if consultant.handle in handles:
            message = f"the handle {consultant.handle!r} is used twice"
            yield organization.make_consultant_problem(
                "unique-id", consultant, "handle", message, "give one of them another handle"
            )
        handles.add(consultant.handle)
        for email in consultant.emails:
            owner = owners.setdefault(email.casefold(), consultant.handle)
            if owner != consultant.handle:
                message = f"{email} is an address of {owner} already"
                yield organization.make_consultant_problem(
                    "unique-id", consultant, "emails", message, "an address names one consultant"
                )


def check_unique_key(given: RuleInput, owners: Mapping[str, str]) -> Iterator[Problem]:
    """A customer's key, the prefix of request ids, is no other customer's."""
    customer = given.records.customer
    owner = owners.get(customer.key)
    if owner is not None and "customer" not in given.folder.incomplete_kinds:
        yield given.folder.make_problem(
            "unique-id",
            customer,
            "key",
            f"the key {customer.key} is {owner}'s already",
            "choose another key",
        )


def check_file_name(given: RuleInput) -> Iterator[Problem]:
    """A request's file is named after its customer's key."""
    if "customer" in given.folder.incomplete_kinds:
        return
    key = given.records.customer.key
    for request_id in given.records.requests:
        prefix, _, number = request_id.rpartition("-")
        if prefix != key:
            yield given.folder.make_file_problem(
                "file-name",
                request_path(given.folder.slug, request_id),
                f"{request_id} does not begin with the customer's key {key}",
                f"name the file {key}-{number}.yml, or move it to its customer",
            )


def _find_repeats(
    given: RuleInput,
    records: list[Purchase | Refund | Goodwill] | tuple[TimeEntry, ...],
    scope: str,
) -> Iterator[Problem]:
    seen: set[str] = set()
    for record in records:
        if record.id in seen:
            yield given.folder.make_problem(
                "unique-id",
                record,
                "id",
                f"the id {record.id!r} is used twice in {scope}",
                "give one of them another id",
            )
        seen.add(record.id)
