"""Rules about time entries and corrections: steps, files, dates, people, support."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import lcm

from ledger.duration import find_nearest_multiples
from ledger.errors import Problem, Severity
from ledger.models import Category, Channel, Goodwill, Refund, Request, Status, TimeEntry
from ledger.models.customer_records import TimeSheet
from ledger.rules.rule_input import RuleInput

_AT_ANY_TIME = (date.min, date.max)
_EFFECTS = {"refund": "takes them back by itself", "goodwill": "adds them"}


def check_time_increment(given: RuleInput) -> Iterator[Problem]:
    """Minutes are multiples of the increment of the terms, and of the right sign."""
    # What is a multiple of every increment there ever was is one of that day's.
    common = lcm(*(terms.increment_minutes for terms in given.terms.terms))
    for _sheet, entry in given.records.sheet_entries:
        if entry.minutes % common == 0 and entry.corrects is None and entry.minutes != 0:
            continue
        if entry.minutes > 0 and entry.corrects is not None:
            message = f"{entry.minutes} minutes: a correction takes minutes back"
            hint = f"write -{entry.minutes}, or delete `corrects:`"
            yield given.folder.make_problem("time-increment", entry, "minutes", message, hint)
        elif entry.minutes == 0:
            message, hint = "0 minutes are no time", "write the minutes, or delete the entry"
            yield given.folder.make_problem("time-increment", entry, "minutes", message, hint)
        elif step := _find_missed_step(given, entry):
            yield _explain_step(given, entry, step, "log")
    for adjustment in given.records.adjustments:
        if adjustment.minutes <= 0:
            yield given.folder.make_problem(
                "time-increment",
                adjustment,
                "minutes",
                f"a {adjustment.type} of {adjustment.minutes} minutes",
                f"write minutes above 0; a {adjustment.type} {_EFFECTS[adjustment.type]}",
            )
        elif step := _find_missed_step(given, adjustment):
            yield _explain_step(given, adjustment, step, "write")


def check_entry_file(given: RuleInput) -> Iterator[Problem]:
    """An entry stands in the file of its month."""
    for sheet in given.records.sheets:
        year, month = map(int, sheet.month.split("-"))
        for entry in sheet.entries:
            if entry.date.month == month and entry.date.year == year:
                continue
            yield given.folder.make_problem(
                "entry-file",
                entry,
                "date",
                f"{entry.date} is not in {sheet.month}, the month of this file",
                f"move the entry to {entry.date.isoformat()[:7]}-{sheet.consultant}.yml",
            )


def check_before_request(given: RuleInput) -> Iterator[Problem]:
    """Time is spent on a request while it is there: not before it was opened or after it closed."""
    requests = given.records.requests
    spans = {
        name: (request.opened, request.first_closed or date.max)
        for name, request in requests.items()
    }
    for _sheet, entry in given.records.sheet_entries:
        opened, first_closed = spans.get(entry.request, _AT_ANY_TIME)
        if opened <= entry.date <= first_closed or entry.is_correction:
            continue
        request = requests[entry.request]
        if entry.date < opened:
            yield given.folder.make_problem(
                "before-request",
                entry,
                "date",
                f"{entry.date} is before {entry.request} was opened on {opened}",
                "correct the date or the request",
            )
        elif closed_on := _find_closing_before(request, entry.date):
            yield given.folder.make_problem(
                "before-request",
                entry,
                "date",
                f"{entry.date} is after {entry.request} was closed on {closed_on}",
                "reopen it with an in-progress event, or correct the date or the request",
            )


def check_consultant_inactive(given: RuleInput) -> Iterator[Problem]:
    """Nobody logs time after their last working day."""
    for sheet in given.records.sheets:
        consultant = given.organization.by_handle.get(sheet.consultant)
        if consultant is None or consultant.until is None:
            continue
        for entry in sheet.entries:
            if not consultant.works_on(entry.date):
                yield given.folder.make_problem(
                    "consultant-inactive",
                    entry,
                    "date",
                    f"{entry.date} is after {consultant.until}, the last working day of "
                    f"{consultant.handle}",
                    "correct the date, or log it in the file of who did the work",
                )


def check_correction(given: RuleInput) -> Iterator[Problem]:
    """A correction names an earlier entry of the same request and takes back what is left of it."""
    for sheet, entry in given.records.sheet_corrections:
        yield from _check_correction(given, sheet, entry)
    for excess in given.drawn.excesses:
        correction, left = given.find_entry(excess.reference), excess.available_minutes
        if correction is not None:
            yield given.folder.make_problem(
                "correction",
                correction,
                "minutes",
                f"takes back {excess.minutes} minutes, but {left or 'none'} are left of "
                f"{correction.corrects}",
                f"write -{left}" if left else "delete the correction",
            )


def check_support_charged(given: RuleInput) -> Iterator[Problem]:
    """Technical support is never charged; gaining access to the customer's systems is."""
    for sheet, entry in given.records.sheet_entries:
        category = entry.category
        if category is None or not category.is_charged or category is Category.SYSTEM_ACCESS:
            continue
        request = given.records.requests.get(entry.request)
        if request is None or entry.is_correction:
            continue
        if request.channel_on(entry.date) is not Channel.SUPPORT:
            continue
        if not given.is_wholly_corrected(sheet, entry):
            yield given.folder.make_problem(
                "support-charged",
                entry,
                "category",
                f"{entry.request} is in the support channel on {entry.date}, "
                f"but the entry is charged as {category}",
                "leave the category out or move the request; once merged, correct the entry",
            )


def check_support_entitlement(given: RuleInput) -> Iterator[Problem]:
    """Technical support is for holders of a commercial or academic licence."""
    if "customer" in given.folder.incomplete_kinds:
        return
    customer, requests = given.records.customer, given.records.requests
    in_support = {name for name, request in requests.items() if request.was_in_support}
    for sheet, entry in given.records.sheet_entries:
        if entry.category is None and entry.request not in in_support:
            continue
        if given.records.find_category(entry) is not Category.TECHNICAL_SUPPORT:
            continue
        if entry.is_correction or customer.has_support_on(entry.date):
            continue
        if not given.is_wholly_corrected(sheet, entry):
            yield given.folder.make_problem(
                "support-entitlement",
                entry,
                "request",
                f"technical support on {entry.date}, but {customer.name} had no commercial or "
                "academic licence on that day",
                "record the licence in customer.yml, or move the request to punchcard",
                Severity.WARNING,
            )


def _find_missed_step(given: RuleInput, record: TimeEntry | Refund | Goodwill) -> int:
    """Return the minutes of which a record's are to be a multiple, if they are none; else 0."""
    terms = given.terms.in_force_on(record.date)
    if terms is None or record.minutes % terms.increment_minutes == 0:
        return 0
    return terms.increment_minutes


def _explain_step(
    given: RuleInput, record: TimeEntry | Refund | Goodwill, step: int, verb: str
) -> Problem:
    sign = -1 if record.minutes < 0 else 1
    nearest = find_nearest_multiples(abs(record.minutes), step)
    choices = " or ".join(str(sign * minutes) for minutes in nearest if minutes)
    return given.folder.make_problem(
        "time-increment",
        record,
        "minutes",
        f"{record.minutes} minutes is not a multiple of {step}",
        f"{verb} {choices}",
    )


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


def _check_correction(given: RuleInput, sheet: TimeSheet, entry: TimeEntry) -> Iterator[Problem]:
    if entry.corrects is None:
        yield given.folder.make_problem(
            "correction",
            entry,
            "minutes",
            f"{entry.minutes} minutes, but nothing says which entry they correct",
            "add `corrects:` with the id of that entry",
        )
        return
    corrected = given.find_entry(sheet.resolve(entry.corrects))
    if corrected is None:
        return
    wrong = _find_wrong_correction(entry, corrected)
    if wrong is not None:
        key, message, hint = wrong
        yield given.folder.make_problem("correction", entry, key, message, hint)
    category = given.records.find_category(corrected)
    if entry.category is not None and category is not None and entry.category is not category:
        yield given.folder.make_problem(
            "correction",
            entry,
            "category",
            f"the category of a correction is that of its entry: {category}",
            "leave the category out",
            Severity.WARNING,
        )


def _find_wrong_correction(entry: TimeEntry, corrected: TimeEntry) -> tuple[str, str, str] | None:
    if corrected.is_correction:
        return (
            "corrects",
            f"{entry.corrects} is a correction itself",
            "correct the entry, or log time to undo a correction",
        )
    if corrected.request != entry.request:
        return (
            "request",
            f"{entry.corrects} is time on {corrected.request}, not on {entry.request}",
            f"write {corrected.request}, or name another entry",
        )
    if entry.date < corrected.date:
        return (
            "date",
            f"{entry.date} is before the entry it corrects, of {corrected.date}",
            f"date it {corrected.date} or later",
        )
    return None
