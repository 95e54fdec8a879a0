"""Rules about all records: ids are used once, files bear right names, no day is yet to come."""

from collections.abc import Iterator
from datetime import date

from ledger.files.layout import attachment_path, request_path
from ledger.files.yaml import Path
from ledger.models import Goodwill, Purchase, Record, Refund, TimeEntry
from ledger.rules.context import Finding, RuleContext


def check_unique_id(context: RuleContext) -> Iterator[Finding]:
    """An id is used once: among a customer's purchases and adjustments, and in a time file."""
    records, sheets = context.records, (sheet.entries for sheet in context.records.sheets)
    for named in ((*records.purchases, *records.adjustments), *sheets):
        seen: dict[str, Purchase | Refund | Goodwill | TimeEntry] = {}
        for record in named:
            first = seen.setdefault(record.id, record)
            if first is not record:
                place = context.folder.name_place(first, "id", record)
                message = f"the id {record.id!r} is used already on {place}"
                yield Finding(record, "id", message, "give this record another id")


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


def check_future_date(context: RuleContext) -> Iterator[Finding]:
    """No record is dated after the as-of date."""
    for record, key, day in _list_dates(context):
        if day > context.as_of:
            hint = "correct the date, or record it when the day has come"
            yield Finding(record, key, f"{day} is after {context.as_of}", hint)


def _list_dates(context: RuleContext) -> Iterator[tuple[Record, str | Path, date]]:
    """Yield the dates of all records."""
    records = context.records
    entries = (entry for _sheet, entry in records.sheet_entries)
    for dated in (*records.purchases, *records.adjustments, *entries):
        yield dated, "date", dated.date
    for account in records.accounts:
        yield account, "created", account.created
        if account.last_sign_in is not None:
            yield account, "last_sign_in", account.last_sign_in
        for index, day in enumerate(account.reactivated):
            yield account, ("reactivated", index), day
    for record, key, _person, day in context.list_acts():
        yield record, "opened" if key == "opened_by" else "date", day
