"""Rules about time entries: steps, files, dates, people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.duration import find_nearest_multiples
from ledger.models import Goodwill, Refund, Request, Status, TimeEntry
from ledger.rules.context import Finding, RuleContext

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
    for _sheet, entry in context.records.sheet_entries:
        request = context.records.requests.get(entry.request)
        if request is None or entry.is_correction:
            continue
        if entry.date < request.opened:
            message = f"{entry.date} is before {entry.request} was opened on {request.opened}"
            yield Finding(entry, "date", message, "correct the date or the request")
        elif closed_on := _find_closing_before(request, entry.date):
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


def _find_closing_before(request: Request, day: date) -> date | None:
    """Return when a request was closed that is closed all day long on ``day``, else None."""
    if request.first_closed is None or request.first_closed >= day:
        return None
    closed_on: date | None = None
    for event in request.events_until(day):
        if event.status is Status.CLOSED:
            closed_on = closed_on or event.date
        elif event.status is not None:
            closed_on = None
            if event.date == day:
                return None
    return closed_on if closed_on is not None and closed_on < day else None
