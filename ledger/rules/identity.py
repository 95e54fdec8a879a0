"""Rules about names: every id is used once, and a request's file bears its customer's key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ledger.errors import Problem
from ledger.files.layout import request_path
from ledger.files.organization import Organization
from ledger.models import Goodwill, Purchase, Refund, TimeEntry
from ledger.rules.rule_input import RuleInput


def check_unique_id(given: RuleInput) -> Iterator[Problem]:
    """An id is used once: among a customer's purchases and adjustments, and in a time file."""
    lot_records = [*given.records.purchases, *given.records.adjustments]
    yield from _find_repeats(given, lot_records)
    for sheet in given.records.sheets:
        yield from _find_repeats(given, sheet.entries)


def check_unique_consultants(organization: Organization) -> Iterator[Problem]:
    """A handle belongs to one consultant, and so does a Git author address."""
    handles: set[str] = set()
    owners: dict[str, str] = {}
    for consultant in organization.consultants:
        if consultant.handle in handles:
            message = f"the handle {consultant.handle!r} is another consultant's already"
            yield organization.make_problem(
                "unique-id", consultant, "handle", message, "choose another handle"
            )
        handles.add(consultant.handle)
        for index, email in enumerate(consultant.emails):
            owner = owners.setdefault(email.casefold(), consultant.handle)
            if owner != consultant.handle:
                message = f"{email} is an address of {owner!r} already"
                yield organization.make_problem(
                    "unique-id",
                    consultant,
                    ("emails", index),
                    message,
                    "delete it here or there: an address tells who made a commit",
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
    given: RuleInput, records: Sequence[Purchase | Refund | Goodwill | TimeEntry]
) -> Iterator[Problem]:
    if len({record.id for record in records}) == len(records):
        return
    seen: dict[str, Purchase | Refund | Goodwill | TimeEntry] = {}
    for record in records:
        first = seen.setdefault(record.id, record)
        if first is not record:
            yield given.folder.make_problem(
                "unique-id",
                record,
                "id",
                f"the id {record.id!r} is used already on "
                f"{given.folder.name_place(first, 'id', record)}",
                "give this record another id",
            )
