"""The rule ``changed-history``: what was recorded at the base stays as it was.

Records are compared, not lines: by their identity, as models, so that comments, layout and the
order in a file are no change. Pure: it is given what was read of the files that differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from ledger.errors import Problem, Severity
from ledger.files.layout import record_path, request_path, sheet_path
from ledger.files.reader import CustomerFolder, Organization, ReadFiles
from ledger.history.record_changes import (
    find_changed_events,
    find_reordered_day,
    format_value,
    list_added_events,
    list_field_changes,
)
from ledger.models import CustomerRecords, Record, Request, TimeEntry, TimeSheet

CHANGED_HISTORY = "changed-history"

_HINTS = {
    "entry": "put it back; take time back with a correction",
    "purchase": "put it back; record a refund or goodwill for what is different",
    "adjustment": "put it back; record another adjustment for what is different",
    "request": "put it back; append an event that says what is different",
    "terms": "put them back; new terms apply from a day to come",
}


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
        changes = list_field_changes(then, now, leave_out)
        if not changes:
            return
        facts = [change for change in changes if change.is_fact]
        was, it = ("were", "they") if kind == "terms" else ("was", "it")
        said = ", ".join(map(str, changes))
        yield self.head.make_problem(
            CHANGED_HISTORY,
            now,
            (facts or changes)[0].name,
            f"{what} {was} altered: {said}; {it} {self.tell_old_place(then)}",
            _HINTS[kind] if facts else "only the text is different",
            Severity.ERROR if facts else Severity.WARNING,
        )


def find_changed_records(
    base: CustomerFolder, head: CustomerFolder, base_name: str
) -> Iterator[Problem]:
    """Yield what was altered or removed of a customer's records, given the files that differ."""
    sides = _Sides(base, head, base_name)
    then, now = _index(base.records), _index(head.records)
    for key, item in then.items():
        if key in now:
            yield from _compare(sides, item, now[key].record)
        elif not _is_unreadable(head, item):
            message = f"{item} was removed; it {sides.tell_old_place(item.record)}"
            yield head.make_file_problem(CHANGED_HISTORY, item.file, message, _HINTS[item.kind])
    requests = base.records.requests, head.records.requests
    for key, item in then.items():
        charge = _find_charge_key(item.record)
        if key in now and charge is not None and charge == _find_charge_key(now[key].record):
            before, after = (each.get(charge[0]) for each in requests)
            if before is not None and after is not None:
                yield from _report_recharged(sides, item, before, after, charge[1])
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
    now = {terms.effective: terms for terms in head.terms.terms}
    then = {terms.effective: terms for terms in base.terms.terms}
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
    if isinstance(then, Request) and isinstance(now, Request):
        yield from _compare_histories(sides, item.name, then, now)


def _compare_histories(
    sides: _Sides, name: str, before: Request, after: Request
) -> Iterator[Problem]:
    hint = _HINTS["request"]
    for number, event, successor in find_changed_events(before, after):
        what = f"event {number} of {name}, of {event.date},"
        if successor is not None:
            yield from sides.report_altered("request", what, event, successor)
        else:
            message = f"{what} was removed; it {sides.tell_old_place(event)}"
            yield sides.head.make_problem(CHANGED_HISTORY, after, "history", message, hint)
    day = find_reordered_day(before, after)
    if day is not None:
        message = (
            f"the events of {name} of {day} stand in another order than in {sides.base_name}, "
            "and the last of a day decides"
        )
        yield sides.head.make_problem(CHANGED_HISTORY, after, "history", message, hint)


def _find_charge_key(record: Record) -> tuple[str, date] | None:
    """Return the request and the day that say what an entry is charged as; else None."""
    if isinstance(record, TimeEntry) and record.category is None and not record.is_correction:
        return record.request, record.date
    return None


def _report_recharged(
    sides: _Sides, item: NamedRecord, before: Request, after: Request, day: date
) -> Iterator[Problem]:
    """Yield the problem of an entry that is charged otherwise because its request is another."""
    was, is_now = before.charge_category_on(day), after.charge_category_on(day)
    if was is not is_now:
        record, key = _find_cause(before, after, day)
        yield sides.head.make_problem(
            CHANGED_HISTORY,
            record,
            key,
            f"{item} of {day} was charged as {format_value(was)} and is {format_value(is_now)} "
            f"now; it {sides.tell_old_place(item.record)}",
            "let it apply from a later day, or correct the entry and log it anew",
        )


def _find_cause(before: Request, after: Request, day: date) -> tuple[Record, str]:
    """Return what made a request another on ``day``: an event that came in, or a field."""
    for event in list_added_events(before, after):
        if event.date <= day and (event.moved_to or event.category):
            return event, "moved_to" if event.moved_to else "category"
    return after, "category" if before.category is not after.category else "channel"
