"""The rule that what a record refers to is there: requests, purchases, entries, people, terms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.errors import Problem
from ledger.files.layout import sheet_path
from ledger.models import Channel, Record, Refund
from ledger.rules.rule_input import RuleInput
from ledger.text import NameGuesser, quote_value, suggest_name

_RULE = "unknown-reference"
_FEW = 5
_ENTRY_HINT = "name an entry of this file, like 03-1, or of another, like 2026-11-alice/03-1"


def check_unknown_reference(given: RuleInput) -> Iterator[Problem]:
    """Every request, purchase, entry, consultant and account that is named exists."""
    yield from _check_entries(given)
    yield from _check_refunds(given)
    yield from _check_sheets(given)
    yield from _check_people(given)
    yield from _check_terms(given)


def _check_entries(given: RuleInput) -> Iterator[Problem]:
    requests = given.records.requests
    guesser = NameGuesser()
    for sheet, entry in given.records.sheet_entries:
        if entry.request not in requests and not given.is_dropped(entry.request):
            hint = (
                guesser.suggest(entry.request, requests)
                or "open the request first, in a file of its own"
            )
            message = f"there is no request {quote_value(entry.request)}"
            yield given.folder.make_problem(_RULE, entry, "request", message, hint)
        if entry.corrects is None:
            continue
        name = sheet.resolve(entry.corrects)
        if given.find_entry(name) is None and not given.is_dropped(name):
            of_sheet = [item.id for item in sheet.entries]
            names = given.list_entry_names() if "/" in entry.corrects else of_sheet
            hint = guesser.suggest(entry.corrects, names) or _ENTRY_HINT
            message = f"there is no time entry {quote_value(name)}"
            yield given.folder.make_problem(_RULE, entry, "corrects", message, hint)


def _check_refunds(given: RuleInput) -> Iterator[Problem]:
    purchases = {purchase.id for purchase in given.records.purchases}
    if given.folder.incomplete_kinds & {"purchases"} and not purchases:
        return
    guesser = NameGuesser()
    for refund in given.records.adjustments:
        if not isinstance(refund, Refund) or refund.purchase in purchases:
            continue
        if not given.is_dropped(refund.purchase):
            known = f"the purchases are {', '.join(sorted(purchases)[:_FEW])}" if purchases else ""
            hint = guesser.suggest(refund.purchase, purchases) or known or "record it first"
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
    accounts, handles = given.records.accounts, given.organization.by_handle
    has_accounts = "accounts" not in given.folder.incomplete_kinds
    has_consultants = "consultants" not in given.organization.incomplete_kinds
    guesser = NameGuesser()
    for record, key, person in _list_people(given):
        if person in handles and "@" not in person:
            continue
        if "@" in person:
            is_known = any(account.is_known_as(person) for account in accounts)
            is_complete, what = has_accounts, "account"
            names = [account.email for account in accounts]
            hint = "name one of accounts.yml, or add the account there first"
        else:
            is_known, is_complete, what = False, has_consultants, "consultant"
            names = list(handles)
            hint = "name a consultant's handle or an account's address"
        if not is_known and is_complete:
            message = f"there is no {what} {quote_value(person)}"
            hint = guesser.suggest(person, names) or hint
            yield given.folder.make_problem(_RULE, record, key, message, hint)


def _list_people(given: RuleInput) -> Iterator[tuple[Record, str, str]]:
    for request in given.records.requests.values():
        # Whoever writes to support needs no account.
        if request.channel is not Channel.SUPPORT or "@" not in request.opened_by:
            yield request, "opened_by", request.opened_by
        for event in request.history:
            yield event, "by", event.by


def _check_terms(given: RuleInput) -> Iterator[Problem]:
    if "terms" in given.organization.incomplete_kinds:
        return
    entries = (entry for _sheet, entry in given.records.sheet_entries)
    records = (*given.records.purchases, *given.records.adjustments, *entries)
    first = given.terms.terms[0].effective if given.terms.terms else date.max
    for record in records:
        if record.date < first:
            message = f"no terms of sale are in force on {record.date}"
            hint = "add them to terms.yml, or correct the date"
            yield given.folder.make_problem(_RULE, record, "date", message, hint)
