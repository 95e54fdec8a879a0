"""Rules about the order of days: nothing from the future, and no history that goes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.files.yaml import Path
from ledger.models import Record
from ledger.rules.context import Finding, RuleContext


def check_future_date(context: RuleContext) -> Iterator[Finding]:
    """No record is dated after the as-of date."""
    for record, key, day in _list_dates(context):
        if day > context.as_of:
            message = f"{day} is after {context.as_of}"
            hint = "correct the date, or record it when the day has come"
            yield Finding(record, key, message, hint)


def check_history_order(context: RuleContext) -> Iterator[Finding]:
    """A request's events do not go back in time."""
    for request in context.records.requests.values():
        before, what = request.opened, "the request was opened"
        for event in request.history:
            if event.date < before:
                message = f"{event.date} is before {before}, when {what}"
                hint = "events are appended: correct the date, or move the event up"
                yield Finding(event, "date", message, hint)
            else:
                before, what = event.date, "the event above it happened"


def _list_dates(context: RuleContext) -> Iterator[tuple[Record, str | Path, date]]:
    """Yield the dates of all records."""
    records = context.records
    for record in (*records.purchases, *records.adjustments):
        yield record, "date", record.date
    for account in records.accounts:
        yield account, "created", account.created
        if account.last_sign_in is not None:
            yield account, "last_sign_in", account.last_sign_in
        for index, day in enumerate(account.reactivated):
            yield account, ("reactivated", index), day
    for request in records.requests.values():
        yield request, "opened", request.opened
        for event in request.history:
            yield event, "date", event.date
    for _sheet, entry in records.sheet_entries:
        yield entry, "date", entry.date
