"""What a record refers to is there: requests, purchases, entries, people, terms, categories."""

from collections.abc import Iterator
from datetime import date

from ledger.files.layout import sheet_path
from ledger.models import Channel, Refund, Request, RequestEvent, TimeEntry
from ledger.rules.context import Finding, RuleContext
from ledger.text import NameGuesser, quote_value

_FEW = 5
_CATEGORY_HINT = "say what it is: `punchcard request update CUSTOMER REQUEST --category …`"
_ENTRY_HINT = "name an entry of this file, like 03-1, or of another, like 2026-11-alice/03-1"


def check_unknown_reference(context: RuleContext) -> Iterator[Finding]:
    """Every request, purchase, entry, consultant and account that is named exists."""
    yield from _check_entries(context)
    yield from _check_refunds(context)
    yield from _check_sheets(context)
    yield from _check_people(context)
    for name, request in context.records.requests.items():
        there = context.folder.attachments.get(name, ())
        for index, attachment in enumerate(request.attachments):
            if attachment not in there:
                message = f"there is no file {name}/{attachment} beside the request"
                yield Finding(request, ("attachments", index), message, "put it there")
    yield from _check_terms(context)


def check_categories(context: RuleContext) -> Iterator[Finding]:
    """A category is one of the terms in force on its day; that of a request is charged."""
    if "terms" in context.organization.incomplete_kinds:
        return
    guesser, ever = NameGuesser(), {name for each in context.terms.terms for name in each.uses.all}
    for record, name, day in _list_named(context):
        uses = context.terms.uses_on(day)
        is_entry = isinstance(record, TimeEntry)
        known = uses.all if is_entry else uses.charged
        if name in known:
            continue
        if isinstance(record, TimeEntry) and record.category is None:
            if name in ever:  # Else it is said of the request.
                message = f"{record.request} is charged as {name}, which is no category on {day}"
                yield Finding(record, "request", message, _CATEGORY_HINT)
        elif name in uses.free:
            message = f"a request is never charged as {name}"
            hint = "leave the category out, and have the request in the support channel"
            yield Finding(record, "category", message, hint)
        else:
            message = f"{quote_value(name)} is no category{f' on {day}' if name in ever else ''}"
            hint = guesser.suggest(name, known) or f"write one of {', '.join(known)}"
            yield Finding(record, "category", message, hint)


def _check_entries(context: RuleContext) -> Iterator[Finding]:
    requests, guesser = context.records.requests, NameGuesser()
    for sheet, entry in context.records.sheet_entries:
        if entry.request not in requests and not context.is_dropped(entry.request):
            message = f"there is no request {quote_value(entry.request)}"
            guess = guesser.suggest(entry.request, requests)
            hint = guess or "open the request first, in a file of its own"
            yield Finding(entry, "request", message, hint)
        elif (
            not entry.is_correction
            and entry.request in requests
            and context.records.find_category(entry, context.terms) is None
        ):
            message = f"{entry.request} has no category yet, and the entry names none"
            hint = _CATEGORY_HINT
            if requests[entry.request].channel_on(entry.date) is Channel.SUPPORT:
                message = f"{entry.request} is in the support channel, but no category is free"
                hint = "move it to punchcard, or add a category with `charged: false` to the terms"
            yield Finding(entry, "request", message, hint)
        if entry.corrects is None:
            continue
        name = sheet.resolve(entry.corrects)
        if name not in context.entries and not context.is_dropped(name):
            of_sheet = [item.id for item in sheet.entries]
            names = context.entries if "/" in entry.corrects else of_sheet
            message = f"there is no time entry {quote_value(name)}"
            hint = guesser.suggest(entry.corrects, names) or _ENTRY_HINT
            yield Finding(entry, "corrects", message, hint)


def _check_refunds(context: RuleContext) -> Iterator[Finding]:
    purchases = {purchase.id for purchase in context.records.purchases}
    if "purchases" in context.folder.incomplete_kinds and not purchases:
        return
    known = f"the purchases are {', '.join(sorted(purchases)[:_FEW])}" if purchases else ""
    guesser = NameGuesser()
    for refund in context.records.adjustments:
        if not isinstance(refund, Refund) or refund.purchase in purchases:
            continue
        if not context.is_dropped(refund.purchase):
            message = f"there is no purchase {refund.purchase!r}"
            hint = guesser.suggest(refund.purchase, purchases) or known or "record it first"
            yield Finding(refund, "purchase", message, hint)


def _check_sheets(context: RuleContext) -> Iterator[Finding]:
    handles, guesser = context.organization.by_handle, NameGuesser()
    if "consultants" in context.organization.incomplete_kinds:
        return
    for sheet in context.records.sheets:
        if sheet.consultant not in handles:
            file = sheet_path(context.folder.slug, sheet.name)
            message = f"there is no consultant {sheet.consultant!r}"
            hint = guesser.suggest(sheet.consultant, handles) or "add them to consultants.yml"
            yield Finding(file, None, message, hint)


def _check_people(context: RuleContext) -> Iterator[Finding]:
    handles = context.organization.by_handle
    addresses = [account.email for account in context.records.accounts]
    known = {address.casefold() for address in addresses}
    has_accounts = "accounts" not in context.folder.incomplete_kinds
    has_consultants = "consultants" not in context.organization.incomplete_kinds
    guesser = NameGuesser()
    for record, key, person, _day in context.list_acts():
        if isinstance(record, Request) and record.channel is Channel.SUPPORT and "@" in person:
            continue  # Whoever writes to support needs no account.
        if "@" in person and person.casefold() not in known and has_accounts:
            message = f"there is no account {quote_value(person)}"
            guess = guesser.suggest(person, addresses)
            hint = guess or "name one of accounts.yml, or add the account there first"
            yield Finding(record, key, message, hint)
        elif "@" not in person and person not in handles and has_consultants:
            message = f"there is no consultant {quote_value(person)}"
            guess = guesser.suggest(person, handles)
            hint = guess or "name a consultant's handle or an account's address"
            yield Finding(record, key, message, hint)


def _check_terms(context: RuleContext) -> Iterator[Finding]:
    if "terms" in context.organization.incomplete_kinds:
        return
    entries = (entry for _sheet, entry in context.records.sheet_entries)
    first = context.terms.terms[0].effective if context.terms.terms else date.max
    for record in (*context.records.purchases, *context.records.adjustments, *entries):
        if record.date < first:
            message = f"no terms of sale are in force on {record.date}"
            yield Finding(record, "date", message, "add them to terms.yml, or correct the date")


def _list_named(
    context: RuleContext,
) -> Iterator[tuple[Request | RequestEvent | TimeEntry, str, date]]:
    """Yield the category of each request, event and entry, and the day on which it has to be."""
    records = context.records
    for request in records.requests.values():
        if request.category is not None:
            yield request, request.category, request.opened
        for event in request.history:
            if event.category is not None:
                yield event, event.category, event.date
    for sheet, entry in records.sheet_entries:
        if entry.is_correction and entry.category is None:
            continue
        # A correction has the category of its entry.
        corrected = context.entries.get(sheet.resolve(entry.corrects or ""), entry)
        if (name := records.find_category(entry, context.terms)) is not None:
            yield entry, name, corrected.date
