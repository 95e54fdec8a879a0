"""Rules about names: every id is used once, and a request's file bears its customer's key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ledger.files.layout import attachment_path, request_path
from ledger.files.reader import CustomerFolder
from ledger.models import Consultant, Goodwill, Purchase, Refund, TimeEntry
from ledger.rules.context import Finding, RuleContext


def check_unique_id(context: RuleContext) -> Iterator[Finding]:
    """An id is used once: among a customer's purchases and adjustments, and in a time file."""
    records = context.records
    yield from _find_repeats(context.folder, [*records.purchases, *records.adjustments])
    for sheet in records.sheets:
        yield from _find_repeats(context.folder, sheet.entries)


def find_repeated_consultants(consultants: Iterable[Consultant]) -> Iterator[Finding]:
    """A handle belongs to one consultant, and so does a Git author address."""
    handles: set[str] = set()
    owners: dict[str, str] = {}
    for consultant in consultants:
        if consultant.handle in handles:
            message = f"the handle {consultant.handle!r} is another consultant's already"
            yield Finding(consultant, "handle", message, "choose another handle")
        handles.add(consultant.handle)
        for index, email in enumerate(consultant.emails):
            owner = owners.setdefault(email.casefold(), consultant.handle)
            if owner != consultant.handle:
                message = f"{email} is an address of {owner!r} already"
                hint = "delete it here or there: an address tells who made a commit"
                yield Finding(consultant, ("emails", index), message, hint)


def find_taken_key(folder: CustomerFolder, owners: Mapping[str, str]) -> Iterator[Finding]:
    """A customer's key, the prefix of request ids, is no other customer's."""
    customer = folder.records.customer
    if owner := owners.get(customer.key):
        message = f"the key {customer.key} is {owner}'s already"
        yield Finding(customer, "key", message, "choose another key")


def check_file_name(context: RuleContext) -> Iterator[Finding]:
    """A request's file is named after its customer's key, what came with it after the request."""
    for request, names in context.folder.attachments.items():
        known = context.records.requests.get(request)
        for name in sorted(names.difference(() if known is None else known.attachments)):
            if known is not None or not context.is_dropped(request):
                file = attachment_path(context.folder.slug, request, name)
                message = f"{request} does not list {name} under its attachments"
                yield Finding(file, None, message, "add it there, or delete it")
    if not context.has_customer:
        return
    key = context.records.customer.key
    for request_id in context.records.requests:
        prefix, _, number = request_id.rpartition("-")
        if prefix != key:
            file = request_path(context.folder.slug, request_id)
            message = f"{request_id} does not begin with the customer's key {key}"
            hint = f"name the file {key}-{number}.yml, or move it to its customer"
            yield Finding(file, None, message, hint)


def _find_repeats(
    folder: CustomerFolder, records: Sequence[Purchase | Refund | Goodwill | TimeEntry]
) -> Iterator[Finding]:
    seen: dict[str, Purchase | Refund | Goodwill | TimeEntry] = {}
    for record in records:
        first = seen.setdefault(record.id, record)
        if first is not record:
            place = folder.name_place(first, "id", record)
            message = f"the id {record.id!r} is used already on {place}"
            yield Finding(record, "id", message, "give this record another id")
