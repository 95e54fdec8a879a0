"""The rule that what a record refers to is there: requests, purchases, entries, people, terms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.errors import Problem
from ledger.file_layout import sheet_path
from ledger.models import Channel, Record, Refund
from ledger.nearest_name import suggest_name
from ledger.rules.rule_input import RuleInput

_RULE = "unknown-reference"


def check_unknown_reference(given: RuleInput) -> Iterator[Problem]:
    """Every request, purchase, entry, consultant and account that is named exists."""
    yield from _check_entries(given)
    yield from _check_refunds(given)
    yield from _check_sheets(given)
    yield from _check_people(given)
    yield from _check_terms(given)


def _check_entries(given: RuleInput) -> Iterator[Problem]:
    requests = given.records.requests
    for sheet, entry in given.records.iterate_entries():
        if entry.request not in requests and not given.is_dropped(entry.request):
            hint = suggest_name(entry.request, requests) or "open the request first"
            message = f"there is no request {entry.request!r}"
            yield given.folder.make_problem(_RULE, entry, "request", message, hint)
        if entry.corrects is None:
            continue
        name = sheet.resolve(entry.corrects)
        if name not in given.entries and not given.is_dropped(name):
            names = given.entries if "/" in entry.corrects else [item.id for item in sheet.entries]
            hint = suggest_name(entry.corrects, names) or "name an entry: 03-1, 2026-11-alice/03-1"
            message = f"there is no time entry {name!r}"
            yield given.folder.make_problem(_RULE, entry, "corrects", message, hint)


def _check_refunds(given: RuleInput) -> Iterator[Problem]:
    purchases = {purchase.id for purchase in given.records.purchases}
    if given.folder.incomplete_kinds & {"purchases"} and not purchases:
        return
    for refund in given.records.adjustments:
        if not isinstance(refund, Refund) or refund.purchase in purchases:
            continue
        if not given.is_dropped(refund.purchase):
            hint = suggest_name(refund.purchase, purchases) or "name a purchase, like P1"
            message = f"there is no purchase {refund.purchase!r}"
            yield given.folder.make_problem(_RULE, refund, "purchase", message, hint)


def _check_sheets(given: RuleInput) -> Iterator[Problem]:
    if "consultants" in given.organization.incomplete_kinds:
        return
    handles = given.organization.by_handle
    for sheet in given.records.sheets:
        if sheet.consultant not in handles:
            yield given.folder.make_file_problem(
                _RULE,
                sheet_path(given.folder.slug, sheet.name),
                f"there is no consultant {sheet.consultant!r}",
                suggest_name(sheet.consultant, handles) or "add them to consultants.yml",
            )


def _check_people(given: RuleInput) -> Iterator[Problem]:
    for request in given.records.requests.values():
        is_any_address = request.channel is Channel.SUPPORT and "@" in request.opened_by
        if not is_any_address:
            yield from _check_person(given, request, "opened_by", request.opened_by)
        for event in request.history:
            yield from _check_person(given, event, "by", event.by)


def _check_person(given: RuleInput, record: Record, key: str, person: str) -> Iterator[Problem]:
    if "@" in person:
        addresses = [account.email for account in given.records.accounts]
        is_known = any(account.is_known_as(person) for account in given.records.accounts)
        if not is_known and "accounts" not in given.folder.incomplete_kinds:
            hint = suggest_name(person, addresses) or "add the account to accounts.yml"
            message = f"there is no account {person!r}"
            yield given.folder.make_problem(_RULE, record, key, message, hint)
    elif (
        person not in given.organization.by_handle
        and "consultants" not in given.organization.incomplete_kinds
    ):
        hint = suggest_name(person, given.organization.by_handle) or (
            "name a consultant's handle or an account's address"
        )
        message = f"there is no consultant {person!r}"
        yield given.folder.make_problem(_RULE, record, key, message, hint)


def _check_terms(given: RuleInput) -> Iterator[Problem]:
    if "terms" in given.organization.incomplete_kinds:
        return
    entries = (entry for _sheet, entry in given.records.iterate_entries())
    records = (*given.records.purchases, *given.records.adjustments, *entries)
    first = given.terms.terms[0].effective if given.terms.terms else date.max
    for record in records:
        if record.date < first:
            message = f"no terms of sale are in force on {record.date}"
            hint = "add them to terms.yml, or correct the date"
            yield given.folder.make_problem(_RULE, record, "date", message, hint)
