"""The rule ``changed-history``: what was recorded at the base stays as it was.

Records are compared, not lines: by their identity, as models, so that comments, layout and the
order in a file are no change. Events of a request have no ids: one that is in both histories as it
was is the same event, wherever it stands; of the rest, the likeliest one now is taken for each that
was there before. Pure: it is given what was read of the files that differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from ledger.errors import Problem, Severity
from ledger.files.layout import record_path, request_path, sheet_path
from ledger.files.reader import CustomerFolder, Organization, ReadFiles
from ledger.models import CustomerRecords, Record, Request, RequestEvent, TimeEntry, TimeSheet
from ledger.models.fields import FREE_TEXT, KNOWN_LATER
from ledger.text import cut_text, format_money

CHANGED_HISTORY = "changed-history"

_HINTS = {
    "entry": "put it back; take time back with a correction",
    "purchase": "put it back; record a refund or goodwill for what is different",
    "adjustment": "put it back; record another adjustment for what is different",
    "request": "put it back; append an event that says what is different",
    "terms": "put them back; new terms apply from a day to come",
}
_FREE_TEXT_FIELDS = Record.list_marked(FREE_TEXT)
_LATER_KNOWN_FIELDS = Record.list_marked(KNOWN_LATER)
# The fields in which two events may differ and still be the same one, likeliest first.
_LIKENESS = (
    _FREE_TEXT_FIELDS | _LATER_KNOWN_FIELDS,
    {"note", "status", "moved_to", "category", "ticket"},
    {"date"},
    {"by"},
)
_LONGEST_VALUE = 40


class NamedRecord(NamedTuple):
    """A record with what makes it the same in two revisions.

    Attributes:
        kind: a key of the hints above.
        name: unique within the kind.
        file: its path in the ledger.
    """

    kind: str
    name: str
    record: Record
    file: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def list_named_records(records: CustomerRecords) -> Iterator[NamedRecord]:
    """Yield everything of a customer that stays as it was once it is recorded."""
    slug = records.slug
    for purchase in records.purchases:
        yield NamedRecord("purchase", purchase.id, purchase, record_path(slug, "purchases"))
    for item in records.adjustments:
        yield NamedRecord("adjustment", item.id, item, record_path(slug, "adjustments"))
    for request_id, request in records.requests.items():
        yield NamedRecord("request", request_id, request, request_path(slug, request_id))
    for sheet, entry in records.sheet_entries:
        yield NamedRecord("entry", sheet.full_name(entry.id), entry, sheet_path(slug, sheet.name))


def find_changed_records(
    base: CustomerFolder, head: CustomerFolder, base_name: str
) -> Iterator[Problem]:
    """Yield what was altered or removed of a customer's records; messages call the base so."""
    sides = _Sides(base, head, base_name)
    then, now = _index(base.records), _index(head.records)
    for key, item in then.items():
        if key in now:
            yield from _compare(sides, item, now[key].record)
        elif not _is_unreadable(head, item):
            message = f"{item} was removed; it {sides.tell_old_place(item.record)}"
            yield head.make_file_problem(CHANGED_HISTORY, item.file, message, _HINTS[item.kind])
    for key, item in then.items():
        charge = _find_charge(item.record)
        if charge is not None and key in now and charge == _find_charge(now[key].record):
            name, day = charge
            requests = base.records.requests.get(name), head.records.requests.get(name)
            yield from _compare_charges(sides, item, *requests, day)
    for file in base.partial_files:
        message = f"not all of it could be read in {base_name}, so not all of it is compared"
        yield head.make_file_problem(CHANGED_HISTORY, file, message, severity=Severity.WARNING)


def find_changed_terms(
    base: Organization, head: Organization, as_of: date, base_name: str
) -> Iterator[Problem]:
    """Yield what was altered or removed of terms in force on ``as_of``, or put in behind it."""
    if "terms" in head.incomplete_kinds:
        return
    sides = _Sides(base, head, base_name)
    then, now = ({each.effective: each for each in side.terms.terms} for side in (base, head))
    for effective, terms in then.items():
        what = f"the terms of {effective}, already in force,"
        if effective <= as_of and effective in now:
            yield from sides.report_altered("terms", what, terms, now[effective])
        elif effective <= as_of:
            message = f"{what} were removed; they {sides.tell_old_place(terms)}"
            yield head.make_file_problem(CHANGED_HISTORY, "terms.yml", message, _HINTS["terms"])
    for effective, terms in now.items():
        replaced = base.terms.in_force_on(effective)
        if effective not in then and replaced is not None and effective < as_of:
            message = (
                f"new terms from {effective}, a day that has passed, take the place of those of "
                f"{replaced.effective}"
            )
            yield head.make_problem(CHANGED_HISTORY, terms, "effective", message, _HINTS["terms"])


def list_added_events(base: Request | None, head: Request) -> list[RequestEvent]:
    """Return the events that came in; an altered one is none of them."""
    added = list(head.history)
    if base is not None:
        altered = [after for _number, _before, after in _find_changed_events(base, head)]
        for event in (*base.history, *filter(None, altered)):
            _take(event, added)
    return added


def is_recharged(base: Request, head: Request) -> bool:
    """Whether an entry without a category is charged as something else now on some day."""
    days = {date.min, *(event.date for event in (*base.history, *head.history))}
    return any(base.charge_category_on(day) is not head.charge_category_on(day) for day in days)


class _Sides(NamedTuple):
    """What was read of the files that differ, then and now, and how messages call then."""

    base: ReadFiles
    head: ReadFiles
    base_name: str

    def tell_old_place(self, record: Record) -> str:
        """Return where a record stood, for the end of a message."""
        place = self.base.make_problem(CHANGED_HISTORY, record, None, "").position
        return f"stood at {place.file}:{place.line} in {self.base_name}"

    def report_altered(
        self, kind: str, what: str, then: Record, now: Record, leave_out: Iterable[str] = ()
    ) -> Iterator[Problem]:
        """Yield the problem of a record whose fields are others now; it points at the first."""
        changes = _list_field_changes(then, now, leave_out)
        if not changes:
            return
        facts = [name for name, (before, _after) in changes.items() if _is_fact(name, before)]
        was, it = ("were", "they") if kind == "terms" else ("was", "it")
        said = ", ".join(
            f"{name} {_format_value(before)} -> {_format_value(after)}"
            for name, (before, after) in changes.items()
        )
        yield self.head.make_problem(
            CHANGED_HISTORY,
            now,
            next(iter(facts or changes)),
            f"{what} {was} altered: {said}; {it} {self.tell_old_place(then)}",
            _HINTS[kind] if facts else "only the text is different",
            Severity.ERROR if facts else Severity.WARNING,
        )


def _index(records: CustomerRecords) -> dict[tuple[str, str], NamedRecord]:
    """Return the records by what identifies them; of two with the same name the first."""
    found: dict[tuple[str, str], NamedRecord] = {}
    for item in list_named_records(records):
        found.setdefault((item.kind, item.name), item)
    return found


def _is_unreadable(head: CustomerFolder, then: NamedRecord) -> bool:
    """Whether a record that seems gone may stand where something cannot be read."""
    if not head.dropped_names.isdisjoint({then.name, then.name.partition("/")[0]}):
        return True
    if then.kind not in {"purchase", "adjustment"} or then.file not in head.partial_files:
        return False
    return all(item.file != then.file for item in list_named_records(head.records))


def _compare(sides: _Sides, item: NamedRecord, now: Record) -> Iterator[Problem]:
    then, leave_out = item.record, {"history"}
    if (
        isinstance(then, TimeEntry)
        and isinstance(now, TimeEntry)
        and then.corrects
        and now.corrects
    ):
        sheet = TimeSheet(item.name.partition("/")[0], ())
        if sheet.resolve(then.corrects) == sheet.resolve(now.corrects):
            leave_out = {"corrects"}
    yield from sides.report_altered(item.kind, str(item), then, now, leave_out)
    if not isinstance(then, Request) or not isinstance(now, Request):
        return
    hint = _HINTS["request"]
    for number, event, successor in _find_changed_events(then, now):
        what = f"event {number} of {item.name}, of {event.date},"
        if successor is not None:
            yield from sides.report_altered("request", what, event, successor)
        else:
            message = f"{what} was removed; it {sides.tell_old_place(event)}"
            yield sides.head.make_problem(CHANGED_HISTORY, now, "history", message, hint)
    day = _find_reordered_day(then, now)
    if day is not None:
        message = (
            f"the events of {item.name} of {day} stand in another order than in "
            f"{sides.base_name}, and the last of a day decides"
        )
        yield sides.head.make_problem(CHANGED_HISTORY, now, "history", message, hint)


def _find_charge(record: Record) -> tuple[str, date] | None:
    """Return the request and the day that say what an entry is charged as; None for all else."""
    if isinstance(record, TimeEntry) and record.category is None and not record.is_correction:
        return record.request, record.date
    return None


def _compare_charges(
    sides: _Sides, item: NamedRecord, before: Request | None, after: Request | None, day: date
) -> Iterator[Problem]:
    """Yield the problem of an entry that is charged otherwise because its request is another."""
    if before is None or after is None:
        return
    was, is_now = before.charge_category_on(day), after.charge_category_on(day)
    if was is is_now:
        return
    cause: Record = after
    key = "category" if before.category is not after.category else "channel"
    for event in list_added_events(before, after):
        if event.date <= day and (event.moved_to or event.category):
            cause, key = event, "moved_to" if event.moved_to else "category"
            break
    yield sides.head.make_problem(
        CHANGED_HISTORY,
        cause,
        key,
        f"{item} of {day} was charged as {_format_value(was)} and is {_format_value(is_now)} now; "
        f"it {sides.tell_old_place(item.record)}",
        "let it apply from a later day, or correct the entry and log it anew",
    )


def _list_field_changes(
    base: Record, head: Record, leave_out: Iterable[str] = ()
) -> dict[str, tuple[Any, Any]]:
    """Return the values then and now of the fields that differ, in the order of the files."""
    names = dict.fromkeys([*type(base).model_fields, *type(head).model_fields])
    pairs = {
        name: (getattr(base, name, None), getattr(head, name, None))
        for name in names
        if name not in leave_out
    }
    return {name: (before, after) for name, (before, after) in pairs.items() if before != after}


def _is_fact(name: str, before: Any) -> bool:
    """Whether a field that changed is more than free text."""
    return before is not None if name in _LATER_KNOWN_FIELDS else name not in _FREE_TEXT_FIELDS


def _format_value(value: Any) -> str:
    """Return a value for one line of a message."""
    match value:
        case None:
            return "nothing"
        case Enum():
            return str(value.value)
        case Decimal():
            return format_money(value)
        case dict():
            return ", ".join(f"{key} {_format_value(item)}" for key, item in value.items())
        case int() | date():
            return str(value)
        case _:
            return f"'{cut_text(' '.join(str(value).split()), _LONGEST_VALUE)}'"


def _find_changed_events(
    base: Request, head: Request
) -> Iterator[tuple[int, RequestEvent, RequestEvent | None]]:
    """Yield the events that were altered or removed: the number in the file, then, and now."""
    added = list(head.history)
    numbered = list(enumerate(base.history, start=1))
    for number, event in [pair for pair in numbered if not _take(pair[1], added)]:
        alike = (
            each
            for fields in _LIKENESS
            for each in added
            if not _list_field_changes(event, each, fields)
        )
        successor = next(alike, None)
        if successor is not None:
            added.remove(successor)
        yield number, event, successor


def _find_reordered_day(base: Request, head: Request) -> date | None:
    """Return the first day whose outcome differs because its events stand in another order."""
    lost = list(base.history)
    kept = [event for event in head.history if _take(event, lost)]
    before = [event for event in base.history if not _take(event, lost)]
    then, now = (base.model_copy(update={"history": tuple(each)}) for each in (before, kept))
    for day in sorted({event.date for event in kept}):
        outcomes = [
            (each.status_on(day), each.channel_on(day), each.category_on(day))
            for each in (then, now)
        ]
        if outcomes[0] != outcomes[1]:
            return day
    return None


def _take(event: RequestEvent, left: list[RequestEvent]) -> bool:
    """Take an event out of a list; False if it is not in there."""
    is_there = event in left
    if is_there:
        left.remove(event)
    return is_there
