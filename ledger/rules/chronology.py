"""Rules about the order of days: nothing from the future, and no history that goes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import chain

from ledger.errors import Problem
from ledger.files.yaml import Path
from ledger.models import Record
from ledger.rules.rule_input import RuleInput


def check_future_date(given: RuleInput) -> Iterator[Problem]:
    """No record is dated after the as-of date."""
    entries = [entry for _sheet, entry in given.records.sheet_entries]
    days = [day for _record, _key, day in _list_dates(given)]
    days += [entry.date for entry in entries]
    if max(days, default=date.min) <= given.as_of:
        return
    for record, key, day in chain(
        _list_dates(given), ((each, "date", each.date) for each in entries)
    ):
        if day > given.as_of:
            yield given.folder.make_problem(
                "future-date",
                record,
                key,
                f"{day} is after {given.as_of}",
                "correct the date, or record it when the day has come",
            )


def check_history_order(given: RuleInput) -> Iterator[Problem]:
    """A request's events do not go back in time."""
    for request in given.records.requests.values():
        before, what = request.opened, "the request was opened"
        for event in request.history:
            if event.date < before:
                yield given.folder.make_problem(
                    "history-order",
                    event,
                    "date",
                    f"{event.date} is before {before}, when {what}",
                    "events are appended: correct the date, or move the event up",
                )
            else:
                before, what = event.date, "the event above it happened"


def _list_dates(given: RuleInput) -> Iterator[tuple[Record, str | Path, date]]:
    """Yield the dates of all records but the time entries, of which there are many."""
    records = given.records
    for purchase in records.purchases:
        yield purchase, "date", purchase.date
    for adjustment in records.adjustments:
        yield adjustment, "date", adjustment.date
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
