"""Rules about what is there twice, or too much, in all customers' files together.

Of each customer a few facts are kept; a folder is read once more only where they point at it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from ledger.duration import format_minutes
from ledger.errors import Severity
from ledger.files.reader import CustomerFolder
from ledger.models import Purchase, Request, RequestEvent, TimeEntry
from ledger.rules.context import Finding, RuleContext

_LONGEST_DAY = 16 * 60


class SharedFacts(NamedTuple):
    """What of a customer is held against all others.

    ``names`` are invoice numbers, ids of messages and rows of time trackers: the key, the value,
    and whose it is.
    ``minutes`` are those of a consultant on a day, less what was corrected: ``alice 2026-11-03``.
    """

    names: tuple[tuple[str, str, str], ...] = ()
    minutes: dict[str, int] = {}  # noqa: RUF012  # a named tuple's field, never changed


def collect_shared_facts(context: RuleContext) -> SharedFacts:
    """Return what of a customer is held against all others."""
    minutes: dict[str, int] = defaultdict(int)
    for day, entry, left in _list_days(context):
        if left and entry.date <= context.as_of:
            minutes[day] += left
    names = ((key, value, owner) for _record, key, value, owner in _list_named(context))
    return SharedFacts(tuple(names), dict(minutes))


def find_shared(
    facts: Mapping[str, SharedFacts], make_context: Callable[[str], RuleContext]
) -> Iterator[tuple[str, CustomerFolder, Finding]]:
    """Yield the rule, the folder and what breaks it, over all customers of ``facts``."""
    first: dict[tuple[str, str], str] = {}
    repeats: dict[str, set[tuple[str, str]]] = defaultdict(set)
    days: dict[str, list[str]] = defaultdict(list)
    sums: dict[str, int] = defaultdict(int)
    for slug, shared in facts.items():
        for key, value, owner in shared.names:
            place = f"{owner} of {slug}"
            if first.setdefault((key, value), place) != place:
                repeats[slug].add((key, value))
        for day, minutes in shared.minutes.items():
            sums[day] += minutes
            days[day].append(slug)
    long_days: dict[str, list[str]] = defaultdict(list)
    for day in (day for day, total in sums.items() if total > _LONGEST_DAY):
        long_days[days[day][-1]].append(day)
    for slug in sorted({*repeats, *long_days}):
        context = make_context(slug)
        for finding in _find_repeated_names(context, repeats[slug], first):
            yield "duplicate", context.folder, finding
        last = {day: entry for day, entry, left in _list_days(context) if left}
        for day in long_days[slug]:
            consultant, date = day.split()
            where = ", ".join(days[day])
            message = (
                f"{consultant} has {format_minutes(sums[day])} on {date}, for {where}; "
                f"more than {format_minutes(_LONGEST_DAY)} are no day's work"
            )
            hint = "correct what was logged twice, or with too many minutes"
            finding = Finding(last[day], "minutes", message, hint, Severity.WARNING)
            yield "long-day", context.folder, finding


def check_duplicate(context: RuleContext) -> Iterator[Finding]:
    """No two entries of a consultant are alike in date, request, minutes and note."""
    for sheet in context.records.sheets:
        seen: dict[tuple[object, ...], TimeEntry] = {}
        for entry in sheet.entries:
            if not entry.is_correction and context.is_wholly_corrected(sheet, entry):
                continue
            said = (entry.date, entry.request, entry.minutes, entry.note, entry.corrects)
            first = seen.setdefault(said, entry)
            if first is not entry and not (first.source and entry.source):
                place = context.folder.name_place(first, "id", entry)
                message = f"the entry {first.id} on {place} says the same already"
                hint = "delete one of the two, or say in the note what is different"
                yield Finding(entry, "id", message, hint, Severity.WARNING)


def _find_repeated_names(
    context: RuleContext, repeats: set[tuple[str, str]], first: Mapping[tuple[str, str], str]
) -> Iterator[Finding]:
    for record, key, value, owner in _list_named(context):
        place = first.get((key, value))
        if (key, value) not in repeats or place == f"{owner} of {context.folder.slug}":
            continue
        if key == "invoice":
            message = f"the invoice number {value} is that of {place} already"
            yield Finding(record, key, message, "correct one of the two", Severity.WARNING)
        elif key == "source":
            message = f"the row {value.partition(' ')[0]} of a time tracker is {place} already"
            yield Finding(record, key, message, "delete what was imported twice")
        else:
            message = f"the message {value} came in already, as {place}"
            yield Finding(record, key, message, "delete what is there twice, or its message_id")


def _list_named(
    context: RuleContext,
) -> Iterator[tuple[Purchase | Request | RequestEvent | TimeEntry, str, str, str]]:
    """Yield what has a name that is used once: the record, the key, the name, and whose it is."""
    records = context.records
    for purchase in records.purchases:
        if purchase.invoice:
            yield purchase, "invoice", purchase.invoice, purchase.id
    for name, request in records.requests.items():
        if request.message_id:
            yield request, "message_id", request.message_id, name
        for number, event in enumerate(request.history, start=1):
            if event.message_id:
                yield event, "message_id", event.message_id, f"event {number} of {name}"
    for sheet, entry in records.sheet_entries:
        if entry.source and not context.is_wholly_corrected(sheet, entry):
            for source in entry.source:  # A row over midnight is an entry on each of its days.
                row = f"{source.partition('@')[0]} {entry.date}"
                yield entry, "source", row, sheet.full_name(entry.id)


def _list_days(context: RuleContext) -> Iterator[tuple[str, TimeEntry, int]]:
    """Yield the consultant and day of each entry, the entry, and what corrections left of it."""
    for sheet, entry in context.records.sheet_entries:
        if not entry.is_correction:
            corrected = context.corrected_minutes.get(sheet.full_name(entry.id), 0)
            yield f"{sheet.consultant} {entry.date}", entry, max(0, entry.minutes - corrected)
