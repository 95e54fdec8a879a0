"""Rules about time entries: steps, files, dates, people, corrections, technical support."""

from collections.abc import Iterator
from datetime import date
from functools import cache

from ledger.duration import find_nearest_multiples
from ledger.errors import Severity
from ledger.models import Channel, Goodwill, Refund, Request, Status, TimeEntry, TimeSheet
from ledger.rules.context import Finding, RuleContext
from ledger.uses import SYSTEM_ACCESS, TECHNICAL_SUPPORT

_EFFECTS = {"refund": "takes them back by itself", "goodwill": "adds them"}


def check_time_increment(context: RuleContext) -> Iterator[Finding]:
    """Minutes are multiples of the increment of the terms, and of the right sign."""
    for _sheet, entry in context.records.sheet_entries:
        if entry.minutes > 0 and entry.corrects is not None:
            message = f"{entry.minutes} minutes: a correction takes minutes back"
            hint = f"write -{entry.minutes}, or delete `corrects:`"
            yield Finding(entry, "minutes", message, hint)
        elif entry.minutes == 0:
            hint = "write the minutes, or delete the entry"
            yield Finding(entry, "minutes", "0 minutes are no time", hint)
        else:
            yield from _check_step(context, entry, "log")
    for adjustment in context.records.adjustments:
        if adjustment.minutes <= 0:
            kind = adjustment.type
            message = f"a {kind} of {adjustment.minutes} minutes"
            hint = f"write minutes above 0; a {kind} {_EFFECTS[kind]}"
            yield Finding(adjustment, "minutes", message, hint)
        else:
            yield from _check_step(context, adjustment, "write")


def check_entry_file(context: RuleContext) -> Iterator[Finding]:
    """An entry stands in the file of its month."""
    for sheet in context.records.sheets:
        year, month = map(int, sheet.month.split("-"))
        for entry in sheet.entries:
            if (entry.date.year, entry.date.month) != (year, month):
                message = f"{entry.date} is not in {sheet.month}, the month of this file"
                file = f"{entry.date.isoformat()[:7]}-{sheet.consultant}.yml"
                yield Finding(entry, "date", message, f"move the entry to {file}")


def check_before_request(context: RuleContext) -> Iterator[Finding]:
    """Time is spent on a request while it is there: not before it was opened or after it closed."""
    requests = context.records.requests

    @cache
    def find_closing(name: str, day: date) -> date | None:
        return find_closing_before(requests[name], day)

    for _sheet, entry in context.records.sheet_entries:
        request = requests.get(entry.request)
        if request is None or entry.is_correction:
            continue
        if entry.date < request.opened:
            message = f"{entry.date} is before {entry.request} was opened on {request.opened}"
            yield Finding(entry, "date", message, "correct the date or the request")
        elif closed_on := find_closing(entry.request, entry.date):
            message = f"{entry.date} is after {entry.request} was closed on {closed_on}"
            hint = "reopen it with an in-progress event, or correct the date or the request"
            yield Finding(entry, "date", message, hint)


def check_consultant_inactive(context: RuleContext) -> Iterator[Finding]:
    """Nobody logs time after their last working day."""
    for sheet in context.records.sheets:
        consultant = context.organization.by_handle.get(sheet.consultant)
        for entry in sheet.entries:
            if consultant is not None and not consultant.works_on(entry.date):
                until, handle = consultant.until, consultant.handle
                message = f"{entry.date} is after {until}, the last working day of {handle}"
                hint = "correct the date, or log it in the file of who did the work"
                yield Finding(entry, "date", message, hint)


def check_correction(context: RuleContext) -> Iterator[Finding]:
    """A correction names an earlier entry of the same request and takes back what is left of it."""
    for sheet, entry in context.records.sheet_corrections:
        yield from _check_correction(context, sheet, entry)
    for excess in context.drawn.excesses:
        correction, left = context.entries.get(excess.reference), excess.available_minutes
        if correction is not None:
            message = (
                f"takes back {excess.minutes} minutes, but {left or 'none'} are left of "
                f"{correction.corrects}"
            )
            hint = f"write -{left}" if left else "delete the correction"
            yield Finding(correction, "minutes", message, hint)


def check_support_charged(context: RuleContext) -> Iterator[Finding]:
    """Technical support is never charged; gaining access to the customer's systems is."""
    for sheet, entry in context.records.sheet_entries:
        category = entry.category
        if category in {None, SYSTEM_ACCESS}:
            continue
        request = context.records.requests.get(entry.request)
        if request is None or request.channel_on(entry.date) is not Channel.SUPPORT:
            continue
        if category not in context.terms.uses_on(entry.date).charged:
            continue
        if not context.is_wholly_corrected(sheet, entry):
            message = (
                f"{entry.request} is in the support channel on {entry.date}, "
                f"but the entry is charged as {category}"
            )
            hint = "leave the category out or move the request; once merged, correct the entry"
            yield Finding(entry, "category", message, hint)


def check_support_entitlement(context: RuleContext) -> Iterator[Finding]:
    """Technical support is for holders of a commercial or academic licence."""
    if not context.has_customer:
        return
    customer = context.records.customer
    has_support_on = cache(customer.has_support_on)
    for sheet, entry in context.records.sheet_entries:
        if has_support_on(entry.date) or context.is_wholly_corrected(sheet, entry):
            continue
        if context.records.find_category(entry, context.terms) == TECHNICAL_SUPPORT:
            message = (
                f"technical support on {entry.date}, but {customer.name} had no commercial or "
                "academic licence on that day"
            )
            hint = "record the licence in customer.yml, or move the request to punchcard"
            yield Finding(entry, "request", message, hint, Severity.WARNING)


def _check_step(
    context: RuleContext, record: TimeEntry | Refund | Goodwill, verb: str
) -> Iterator[Finding]:
    terms = context.terms.in_force_on(record.date)
    if terms is None or record.minutes % terms.increment_minutes == 0:
        return
    sign = -1 if record.minutes < 0 else 1
    nearest = find_nearest_multiples(abs(record.minutes), terms.increment_minutes)
    choices = " or ".join(str(sign * minutes) for minutes in nearest if minutes)
    message = f"{record.minutes} minutes is not a multiple of {terms.increment_minutes}"
    yield Finding(record, "minutes", message, f"{verb} {choices}")


def find_closing_before(request: Request, day: date) -> date | None:
    """Return when a request was closed that is closed all day long on ``day``, else None."""
    if request.first_closed is None or request.first_closed >= day:
        return None
    closed_on: date | None = None
    for event in request.events_until(day):
        if event.status is Status.CLOSED:
            closed_on = closed_on or event.date
        elif event.status is Status.IN_PROGRESS:
            closed_on = None
            if event.date == day:
                return None
    return closed_on if closed_on is not None and closed_on < day else None


def _check_correction(
    context: RuleContext, sheet: TimeSheet, entry: TimeEntry
) -> Iterator[Finding]:
    if entry.corrects is None:
        message = f"{entry.minutes} minutes, but nothing says which entry they correct"
        yield Finding(entry, "minutes", message, "add `corrects:` with the id of that entry")
        return
    corrected = context.entries.get(sheet.resolve(entry.corrects))
    if corrected is None:
        return
    if corrected.is_correction:
        message = f"{entry.corrects} is a correction itself"
        hint = "correct the entry, or log time to undo a correction"
        yield Finding(entry, "corrects", message, hint)
    elif corrected.request != entry.request:
        message = f"{entry.corrects} is time on {corrected.request}, not on {entry.request}"
        hint = f"write {corrected.request}, or name another entry"
        yield Finding(entry, "request", message, hint)
    elif entry.date < corrected.date:
        message = f"{entry.date} is before the entry it corrects, of {corrected.date}"
        yield Finding(entry, "date", message, f"date it {corrected.date} or later")
    category = context.records.find_category(corrected, context.terms)
    if entry.category is not None and category is not None and entry.category != category:
        message = f"the category of a correction is that of its entry: {category}"
        yield Finding(entry, "category", message, "leave the category out", Severity.WARNING)
